import path from 'node:path';
import process from 'node:process';
import { expect } from 'chai';
import { execa } from 'execa';
import { makePluginScript } from '../../tools/packaging/plugin-script.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { withLoggedInCf } from './cf/stand-in-cf.ts';
import { fleet, seriesOf } from './standin/fleet.ts';
import { startStandIn } from './standin/foundation.ts';
import { waitFor } from '../wait-for.ts';

describe('the plugin script beside a stand-in for cf', () => {
  it('is installed, shows the cells with the token of cf, and is uninstalled', () =>
    inTemporaryFolder(async (folder) => {
      const { file } = await makePluginScript(path.join(folder, 'plugin'));
      const foundation = await startStandIn({ series: fleet(3).flatMap(seriesOf) });
      try {
        await withLoggedInCf(foundation.origin, async (port) => {
          const run = (...args: readonly string[]) =>
            execa(process.execPath, [file, String(port), ...args], { reject: false });
          expect(await run('SendMetadata')).to.include({ exitCode: 0, stdout: '', stderr: '' });
          const shown = await run('rollcall-status', '--output', 'json');
          expect(shown).to.include({ exitCode: 0, stderr: '' });
          expect(JSON.parse(shown.stdout)).to.include({ verdict: 'all-tracked' });
          expect(await run('CLI-MESSAGE-UNINSTALL')).to.include({ exitCode: 0, stdout: '' });
        });
        expect(new Set(foundation.tokens)).to.deep.equal(new Set(['bearer of-cf']));
      } finally {
        await foundation.close();
      }
    })).timeout(30_000);

  for (const hanging of ['/', '/api/v1/read/rep', 'CliRpcCmd.AccessToken'])
    it(`ends at Ctrl-C in --watch, while ${hanging} is not answered`, () =>
      inTemporaryFolder(async (folder) => {
        const { file } = await makePluginScript(path.join(folder, 'plugin'));
        let hangs = false;
        const isHanging = (asked: string): boolean => {
          hangs ||= asked === hanging;
          return asked === hanging;
        };
        const foundation = await startStandIn({
          series: fleet(3).flatMap(seriesOf),
          fault: ({ pathname }) => (isHanging(pathname) ? { kind: 'hang' } : null),
        });
        const use = async (port: number): Promise<void> => {
          const args = [file, String(port), 'rollcall-status', '--watch', '--timeout=600'];
          const plugin = execa(process.execPath, args, { reject: false, timeout: 20_000 });
          await waitFor(`a request for ${hanging}`, () => hangs);
          plugin.kill('SIGINT');
          expect(await plugin).to.include({ exitCode: 1, timedOut: false, stdout: '', stderr: '' });
        };
        try {
          await withLoggedInCf(foundation.origin, use, isHanging);
        } finally {
          await foundation.close();
        }
      })).timeout(30_000);

  it('fails where its output cannot be written', () =>
    inTemporaryFolder(async (folder) => {
      const { file } = await makePluginScript(path.join(folder, 'plugin'));
      const foundation = await startStandIn({ series: fleet(3).flatMap(seriesOf) });
      try {
        await withLoggedInCf(foundation.origin, async (port) => {
          const command = 'exec "$0" "$@" > /dev/full';
          const args = ['-c', command, process.execPath, file, String(port), 'rollcall-status'];
          const { exitCode, stderr } = await execa('sh', args, { reject: false });
          expect(exitCode).to.not.equal(0);
          expect(stderr).to.match(/cannot be written/);
        });
      } finally {
        await foundation.close();
      }
    })).timeout(30_000);
});
