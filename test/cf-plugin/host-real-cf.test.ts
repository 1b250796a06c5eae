import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { goHost, pluginScript, runHost } from './host/go-host.ts';
import { fleet, seriesOf } from './standin/fleet.ts';
import { foundationWith } from './standin/foundation.ts';

interface Cf {
  readonly run: (...args: readonly string[]) => Promise<CfRun>;
  /** Points cf at an API, as somebody who is logged in until 2100. */
  readonly logIn: (api: string) => void;
}

interface CfRun {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token as cf wants them: it reads who it is for and until when, and checks no signature. */
const token = [
  encoded({ alg: 'HS256', typ: 'JWT' }),
  encoded({ user_name: 'admin', user_id: 'u', sub: 'u', exp: 4_102_444_800 }),
  encoded({}),
].join('.');

function realCf(): Cf {
  const home = temporaryFolder();
  const env = { CF_HOME: home, CF_PLUGIN_HOME: home };
  return {
    run: async (...args) => {
      const { exitCode, stdout, stderr } = await execa('cf', args, {
        env,
        reject: false,
        stdin: 'ignore',
        timeout: 30_000,
      });
      return { exitCode, stdout, stderr };
    },
    logIn: (api) => {
      mkdirSync(join(home, '.cf'), { recursive: true });
      const config = { ConfigVersion: 4, Target: api, APIVersion: '3.190.0', SSLDisabled: true };
      const tokens = { AccessToken: `bearer ${token}`, RefreshToken: 'r', UAAOAuthClient: 'cf' };
      writeFileSync(join(home, '.cf/config.json'), JSON.stringify({ ...config, ...tokens }));
    },
  };
}

describe('the plugin in a real cf', () => {
  let plugin: string;

  before(async function () {
    const { failed } = await execa('cf', ['version'], { reject: false });
    if (failed) skip(this, 'no cf on the PATH');
    plugin = await pluginScript();
  });

  it('is installed, listed and uninstalled', async () => {
    const cf = realCf();
    expect(await cf.run('install-plugin', '-f', plugin)).to.deep.include({ exitCode: 0 });
    const { stdout } = await cf.run('plugins');
    expect(stdout).to.match(/^rollcall +\d+\.\d+\.\d+ +rollcall-status, rcs /m);
    expect(await cf.run('uninstall-plugin', 'rollcall')).to.deep.include({ exitCode: 0 });
    expect((await cf.run('plugins')).stdout).to.not.include('rollcall');
  });

  it('has the help that the stand-in host prints', async function () {
    const host = await goHost(this);
    const cf = realCf();
    await cf.run('install-plugin', '-f', plugin);
    const { stdout } = await cf.run('help', 'rcs');
    expect(stdout).to.equal((await runHost(host, ['help', plugin, 'rcs'])).stdout);
    expect((await cf.run('rollcall-status', '--help')).stdout).to.equal(stdout);
  });

  it('asks cf for the API and for a token', async () => {
    const { origin, tokens } = await foundationWith({ series: seriesOf(...fleet(3)) });
    const cf = realCf();
    cf.logIn(origin);
    await cf.run('install-plugin', '-f', plugin);
    const { exitCode, stdout, stderr } = await cf.run('rcs');
    expect(stderr).to.equal('');
    expect(stdout.match(/\bdiego[-_]cell\b/g)).to.have.length(3);
    expect(exitCode).to.equal(0);
    expect(new Set(tokens)).to.deep.equal(new Set([`bearer ${token}`]));
  });

  it('says that nobody is logged in, as cf does', async () => {
    const cf = realCf();
    await cf.run('install-plugin', '-f', plugin);
    const { exitCode, stdout } = await cf.run('rollcall-status');
    expect(stdout).to.match(/FAILED$/);
    expect(exitCode).to.equal(1);
  });
});
