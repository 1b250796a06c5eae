import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { expect } from 'chai';
import { execa } from 'execa';
import * as v from 'valibot';
import { makePluginScript } from '../../tools/packaging/scripts.ts';
import { startLoggedInCf } from './cf/stand-in-cf.ts';
import { fleet, seriesOf } from './standin/fleet.ts';
import { foundationWith } from './standin/foundation.ts';
import { TOKEN } from './standin/tokens.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const keptCells = v.pipe(v.string(), v.parseJson(), v.object({ cells: v.array(v.unknown()) }));

let folder: string;
let file: string;

/**
 * The plugin as a script beside a foundation of three cells, and a cf that somebody has logged in
 * with.
 */
async function startPlugin() {
  const foundation = await foundationWith({ series: seriesOf(...fleet(3)) });
  const { port, close } = await startLoggedInCf(foundation.origin);
  atEndOfTest(close);
  const home = temporaryFolder();
  const runWith = (env: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    execa(process.execPath, [file, String(port), ...args], { reject: false, env });
  const run = (...args: readonly string[]) => runWith({ CF_HOME: home }, ...args);
  return { port, foundation, run, runWith, home };
}

describe('the plugin script beside a stand-in for cf', () => {
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rollcall-'));
    ({ file } = await makePluginScript(path.join(folder, 'plugin')));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('is installed, shows the cells with the token of cf, and is uninstalled', async () => {
    const { foundation, run } = await startPlugin();
    expect(await run('SendMetadata')).to.include({ exitCode: 0, stdout: '', stderr: '' });
    const shown = await run('rollcall-status', '--output', 'json');
    expect(shown).to.include({ exitCode: 0, stderr: '' });
    expect(JSON.parse(shown.stdout)).to.include({ verdict: 'all-tracked' });
    expect(await run('CLI-MESSAGE-UNINSTALL')).to.include({ exitCode: 0, stdout: '' });
    expect(new Set(foundation.tokens)).to.deep.equal(new Set([TOKEN]));
  });

  it('keeps a whole file where several runs write it at once', async () => {
    const { run, home } = await startPlugin();
    const runs = await Promise.all(Array.from({ length: 4 }, () => run('rollcall-status')));
    expect(runs.map(({ exitCode }) => exitCode)).to.deep.equal([0, 0, 0, 0]);
    const folderOfCells = path.join(home, '.cf/rollcall');
    const [kept = expect.fail('nothing was kept'), ...more] = readdirSync(folderOfCells);
    expect(more).to.deep.equal([]);
    const { cells } = v.parse(keptCells, readFileSync(path.join(folderOfCells, kept), 'utf8'));
    expect(cells).to.have.length(3);
  });

  it("keeps the cells in the user's home where cf has no other", async () => {
    const { runWith, home } = await startPlugin();
    await runWith({ CF_HOME: '', HOME: home }, 'rollcall-status');
    expect(readdirSync(path.join(home, '.cf/rollcall'))).to.have.length(1);
  });

  it('fails where its output cannot be written', async () => {
    const { port, home } = await startPlugin();
    const command = 'exec "$0" "$@" > /dev/full';
    const args = ['-c', command, process.execPath, file, String(port), 'rollcall-status'];
    const env = { CF_HOME: home };
    const { exitCode, stderr } = await execa('sh', args, { reject: false, env });
    expect(exitCode).to.not.equal(0);
    expect(stderr).to.match(/cannot be written/);
  });
});
