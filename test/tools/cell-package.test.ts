import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { execa } from 'execa';
import { AGENT_FLAGS, makeCellPackage } from '../../tools/cell-package.ts';
import { root } from '../../tools/bootstrap/place.mjs';
import { bundleFor } from '../../tools/bundle.ts';
import { freePort } from '../../tools/free-port.ts';
import { capturedCell } from '../cli/captured-cell.ts';
import { rollcall } from '../cli/rollcall.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { CriClient } from '../cri-client.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { MAX_WAIT, waitFor } from '../wait-for.ts';

/** Says whether V8 took the code that was kept; `undefined`: there was none. */
const SAYS = `const vm = require('node:vm');
  vm.Script = class extends vm.Script {
    constructor(...args) { super(...args); process.stderr.write('rejected: ' + this.cachedDataRejected); }
  };`;

describe('the package of a cell', () => {
  let folder = '';
  const at = (name: string): string => path.join(folder, name);
  const run = (...args: readonly string[]) =>
    execa(process.execPath, args, { reject: false, stdin: 'ignore', timeout: MAX_WAIT });
  /** The folder of a copy of the package that a test may change. */
  const changeable = (): string => {
    const temporary = temporaryFolder();
    fs.cpSync(at('package'), path.join(temporary, 'package'), { recursive: true });
    return temporary;
  };

  before(async () => {
    folder = fs.mkdtempSync(path.join(tmpdir(), 'rollcall-'));
    await makeCellPackage(at('package'));
    fs.writeFileSync(at('says.cjs'), SAYS);
    const keys = { garden: { socketPath: at('garden.sock') } };
    fs.writeFileSync(at('agent.json'), JSON.stringify(keys));
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  it('holds nothing of the demo, of the cf plugin and of execa, and imports nothing later', async () => {
    const inputs = await bundleFor('src/cli/main.ts', at('again.cjs'));
    expect(inputs).to.include.members(['src/cli/check-command.ts', 'src/agent/run-agent.ts']);
    expect(inputs.some((file) => file.startsWith('node_modules/yargs/'))).to.equal(true);
    expect(
      inputs.filter((file) => /^src\/cf-plugin\/|^tools\/|\/execa\//.test(file)),
    ).to.deep.equal([]);
    expect(fs.readFileSync(at('again.cjs'), 'utf8')).not.to.match(/[^.\w]import\(/);
  });

  it('copies the names of no built-in module, which would take a tenth of a start', async () => {
    await bundleFor('src/cli/main.ts', at('again.cjs'));
    const bundle = fs.readFileSync(at('again.cjs'), 'utf8');
    expect(bundle).to.contain('{default:require("node:fs")}');
    expect(bundle).not.to.contain('__toESM(require("node:');
  });

  it('is the same, byte for byte, from another checkout, in another time zone and language', async () => {
    const elsewhere = temporaryFolder();
    const built = 'src/dist/rollcall';
    const inputs = await bundleFor('src/cli/main.ts', at('again.cjs'));
    const bundled = inputs.flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
    const copied = ['src', 'tools', 'docs', 'package.json', 'tsconfig.json', ...new Set(bundled)];
    for (const name of copied)
      fs.cpSync(path.join(root, name), path.join(elsewhere, name), { recursive: true });
    fs.rmSync(path.join(elsewhere, built), { recursive: true });
    const esbuild = 'node_modules/esbuild';
    fs.symlinkSync(path.join(root, esbuild), path.join(elsewhere, esbuild));
    const env = { TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8' };
    await execa(process.execPath, [path.join(elsewhere, 'tools/build.ts')], { env });
    expect(fs.readdirSync(path.join(elsewhere, built))).to.include('rollcall.cjs');
    await execa('diff', ['-r', path.join(root, built), path.join(elsewhere, built)]);
  });

  it('serves names from a file that no other agent reads', async () => {
    const temporary = temporaryFolder();
    const program = fs.readFileSync(at('package/rollcall.cjs'), 'utf8');
    expect(program).to.contain('require("./names-socket.cjs")');
    expect(program).not.to.contain('grpc-status');
    const criSocketPath = path.join(temporary, 'cri', 'cri.sock');
    const config = path.join(temporary, 'agent.json');
    const keys = {
      garden: { socketPath: path.join(temporary, 'garden.sock') },
      metrics: { port: await freePort() },
      status: { socketPath: path.join(temporary, 'status.sock') },
      memory: { path: path.join(temporary, 'memory.json') },
      names: { criSocketPath },
    };
    fs.writeFileSync(config, JSON.stringify(keys));
    const command = [...AGENT_FLAGS, at('package/start.cjs'), 'agent', '--config', config];
    const agent = execa(process.execPath, command, { reject: false, stdin: 'ignore' });
    atEndOfTest(() => agent.kill('SIGKILL'));
    await waitFor('the socket', () => fs.existsSync(criSocketPath));
    const { runtime_name: name } = await new CriClient(criSocketPath).ask('Version');
    expect(name).to.equal('garden');
    agent.kill('SIGTERM');
    const { exitCode, stderr } = await agent;
    expect([exitCode, stderr]).to.deep.equal([0, '']);
  });

  it('holds one file that is the whole program but for names', async () => {
    fs.copyFileSync(at('package/rollcall.cjs'), at('elsewhere.cjs'));
    const checked = ['agent', '--config', at('agent.json'), '--check-config'];
    const ran = await run(at('elsewhere.cjs'), ...checked);
    expect([ran.exitCode, ran.stderr]).to.deep.equal([0, '']);
    expect((await run(at('elsewhere.cjs'), 'demo')).stderr).to.match(
      /^rollcall: The demo runs from a clone/,
    );
  });

  it('writes the characters of a page as its source has them', async () => {
    const checked = ['check', '--format', 'html', '--capture', capturedCell()];
    const { stdout } = await run(at('package/start.cjs'), ...checked);
    expect(stdout).to.include(' – rollcall</title>');
  });

  it('holds the runbook', () => {
    const kept = fs.readFileSync(path.join(root, 'docs/runbook.md'), 'utf8');
    expect(fs.readFileSync(at('package/runbook.md'), 'utf8')).to.equal(kept);
  });

  it('starts with the code that V8 compiled when it was made', async () => {
    const says = ['--require', at('says.cjs'), at('package/start.cjs')];
    expect((await run(...says, '--version')).stderr).to.equal('rejected: false');
    // limits.memory sets the size of the heap.
    const flags = AGENT_FLAGS.map((flag) => flag.replace(/(?<=old-space-size=).*/, '48'));
    const checked = ['agent', '--config', at('agent.json'), '--check-config'];
    expect((await run(...flags, ...says, ...checked)).stderr).to.equal('rejected: false');
    const ran = await run(...says, ...checked);
    expect([ran.exitCode, ran.stderr]).to.deep.equal([0, 'rejected: true']);
  });

  it('lets vcap read that code, and write none', () => {
    const modes = ['code', 'code/agent', 'code/commands'].map((name) =>
      (fs.statSync(at(`package/${name}`)).mode & 0o777).toString(8),
    );
    expect(modes).to.deep.equal(['755', '644', '644']);
  });

  it('starts without that code too', async () => {
    const copy = changeable();
    const start = path.join(copy, 'package/start.cjs');
    fs.writeFileSync(path.join(copy, 'package/code/commands'), 'not code');
    const damaged = await run('--require', at('says.cjs'), start, '--version');
    expect([damaged.exitCode, damaged.stderr]).to.deep.equal([0, 'rejected: true']);
    fs.rmSync(path.join(copy, 'package/code'), { recursive: true });
    const bare = await run('--require', at('says.cjs'), start, '--version');
    expect([bare.exitCode, bare.stderr]).to.deep.equal([0, 'rejected: undefined']);
    expect(bare.stdout).to.equal(damaged.stdout);
  });

  it('compiles for the flags that the job starts the agent with', () => {
    const packaging = fs.readFileSync(path.join(root, 'packages/rollcall/packaging'), 'utf8');
    const counted = AGENT_FLAGS.filter((flag) => !flag.startsWith('--max-old-space-size='));
    expect(packaging).to.include(`\nkeep_code agent ${counted.join(' ')}\n`);
  });

  it('may be replaced while its agent runs', async () => {
    const copy = changeable();
    const port = await freePort();
    const socketPath = path.join(copy, 's');
    const config = path.join(copy, 'agent.json');
    const keys = {
      garden: { socketPath: path.join(copy, 'garden.sock') },
      metrics: { port },
      status: { socketPath },
      memory: { path: path.join(copy, 'memory.json') },
    };
    fs.writeFileSync(config, JSON.stringify(keys));
    const start = path.join(copy, 'package/start.cjs');
    const agent = execa(process.execPath, [...AGENT_FLAGS, start, 'agent', '--config', config], {
      reject: false,
      stdin: 'ignore',
      timeout: MAX_WAIT,
    });
    await Promise.race([once(agent.stdout, 'data'), agent]);
    fs.rmSync(path.join(copy, 'package'), { recursive: true });
    const get = async (request: http.RequestOptions): Promise<string> => {
      const [answer] = (await once(http.get(request), 'response')) as [http.IncomingMessage];
      return text(answer);
    };
    await waitFor('the metrics', () =>
      get({ host: '127.0.0.1', port, path: '/metrics' }).then(
        (metrics) => metrics.includes('rollcall_build_info'),
        () => false,
      ),
    );
    expect(await get({ socketPath, path: '/' })).to.match(/^<!doctype html>/i);
    const drill = await rollcall(['drill', '--status-socket', socketPath]);
    expect([drill.code, drill.stderr]).to.deep.equal([0, '']);
    agent.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await agent;
    expect([exitCode, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/"rollcall\.container\.untracked".*"rollcall\.stopping"/s);
  });
});
