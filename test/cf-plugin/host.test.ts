import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { execa } from 'execa';
import fc from 'fast-check';
import * as v from 'valibot';
import { anyText } from '../any-text.ts';
import { connectToCli } from '../../src/cf-plugin/cf/cli-connection.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { fleet, seriesOf } from './standin/fleet.ts';
import { foundationWith } from './standin/foundation.ts';
import {
  goHost,
  pluginScript,
  runHost,
  portOfGoHost,
  type Fixture,
  type HostRun,
} from './host/go-host.ts';

const VECTORS = new URL('cf/go-vectors.json', import.meta.url);

// One file, so that only one process compiles Go's library in a new clone.
let host: string;
let plugin: string;

const play = (args: readonly string[], fixture: Fixture = {}): Promise<HostRun> => {
  const [command = '', ...more] = args;
  return runHost(host, [command, plugin, ...more], fixture);
};

const status = (fixture: Fixture, ...args: readonly string[]): Promise<HostRun> =>
  play(['run', 'rollcall-status', ...args], fixture);

const sentMetadata = v.object({
  Name: v.string(),
  LibraryVersion: v.object({ Major: v.number() }),
  Commands: v.array(v.object({ Name: v.string(), Alias: v.string() })),
});

describe('the plugin, started as cf starts it', () => {
  before(async function () {
    host = await goHost(this);
    plugin = await pluginScript();
  });

  it('can be installed', async () => {
    const { exitCode, stdout, stderr, calls } = await play(['install']);
    expect(stderr).to.equal('');
    expect(exitCode).to.equal(0);
    expect(calls).to.deep.equal(['SetPluginMetadata']);
    const printed = stdout.slice(0, stdout.lastIndexOf('}') + 1);
    const metadata = v.parse(v.pipe(v.string(), v.parseJson(), sentMetadata), printed);
    expect(metadata.Name).to.equal('rollcall');
    expect(metadata.LibraryVersion.Major).to.equal(1);
    expect(metadata.Commands).to.deep.equal([{ Name: 'rollcall-status', Alias: 'rcs' }]);
    expect(stdout).to.match(/Plugin rollcall \d+\.\d+\.\d+ successfully installed\.$/);
  });

  it('has a help that cf prints, by its name and by its alias', async () => {
    const [byName, byAlias] = await Promise.all([
      play(['help', 'rollcall-status']),
      play(['help', 'rcs']),
    ]);
    expect(byName.stdout).to.equal(byAlias.stdout);
    const [name, usage, examples, alias, options] = byName.stdout.split('\n\n');
    expect(name).to.match(/^NAME:\n {3}rollcall-status - \S/);
    expect(usage).to.match(/^USAGE:\n {3}cf rollcall-status/);
    expect(usage?.match(/USAGE/g)).to.have.length(1);
    expect(examples).to.match(/^EXAMPLES:\n {3}cf rollcall-status --untracked\n/);
    expect(alias).to.equal('ALIAS:\n   rcs');
    const lines = options?.split('\n') ?? [];
    expect(lines.shift()).to.equal('OPTIONS:');
    for (const option of ['cell', 'deployment', 'untracked', 'output', 'expect-cells'])
      expect(lines.filter((line) => line.startsWith(`   --${option} `))).to.have.length(1);
  });

  for (const [name, fixture, said] of [
    ['nobody is logged in', { loggedOut: true }, /log in/i],
    ['cf fails at the first question', { errors: { IsMinCliVersion: 'boom' } }, /boom/],
  ] as const)
    it(`fails as cf does where ${name}`, async () => {
      const { exitCode, stdout, stderr } = await status(fixture);
      expect(stderr).to.match(said);
      expect(stdout).to.match(/FAILED$/);
      expect(exitCode).to.equal(1);
    });

  it('shows every cell of a foundation, with the token that cf gives', async () => {
    const { origin, tokens } = await foundationWith({ series: seriesOf(...fleet(3)) });
    const fixture = { apiEndpoint: origin, accessToken: 'bearer of-cf' };
    const { exitCode, stdout, stderr, calls } = await status(fixture);
    expect(stderr).to.equal('');
    expect(stdout.match(/\bdiego[-_]cell\b/g)).to.have.length(3);
    expect(stdout).to.not.include('FAILED');
    expect(exitCode).to.equal(0);
    expect(calls).to.include.members(['IsMinCliVersion', 'IsLoggedIn', 'AccessToken']);
    expect(new Set(tokens)).to.deep.equal(new Set(['bearer of-cf']));
  });

  it('fails as cf does where cf goes away within its answers', async () => {
    // The answer to SendMetadata has 95 bytes, on another connection; those to a command have 250.
    const transport = { closeAfterAnsweredBytes: 150 };
    const { exitCode, stdout, stderr } = await status({ transport });
    expect(stdout).to.match(/FAILED$/);
    expect(stderr).to.include('cf closed its connection to this plugin');
    expect(exitCode).to.equal(1);
  });
});

const metadata = {
  name: 'n',
  version: [1, 2, 3],
  libraryVersion: [1, 0, 0],
  minCliVersion: [6, 53, 0],
  command: { name: 'c', alias: 'a', helpText: 'h', usage: 'u', options: { '-k': 'v' } },
} as const;

describe('the connection to cf, where Go answers', () => {
  before(async function () {
    host = await goHost(this);
  });

  it('has its values encoded as in the recorded vectors', async () => {
    const { stdout } = await execa(host, ['vectors']);
    expect(`${stdout}\n`).to.equal(readFileSync(VECTORS, 'utf8'));
  });

  it('reads all answers, long ones that are not ASCII too, also where they come byte by byte', async () => {
    const accessToken = `Zoë 細胞 🙂${'é'.repeat(70_000)}`;
    for (const transport of [{}, { pieceBytes: 1 }, { pieceBytes: 1000, pauseMilliseconds: 1 }]) {
      const port = await portOfGoHost(host, { accessToken, skipSsl: true, transport });
      const cf = await connectToCli(port, { deadlineMilliseconds: 10_000 });
      atEndOfTest(() => cf.close());
      expect([
        await cf.isLoggedIn(),
        await cf.hasApiEndpoint(),
        await cf.apiEndpoint(),
        await cf.accessToken(),
        await cf.isSslDisabled(),
        await cf.isMinCliVersion('6.53.0'),
      ]).to.deep.equal([true, true, 'https://api.example.com', accessToken, true, true]);
    }
  });

  it('sends metadata of any text', async () => {
    const port = await portOfGoHost(host, {});
    await fc.assert(
      fc.asyncProperty(anyText(), async (name) => {
        // As cf has it: a connection for each start of the plugin.
        const cf = await connectToCli(port, { deadlineMilliseconds: 10_000 });
        expect(await cf.setPluginMetadata({ ...metadata, name })).to.equal(true);
        cf.close();
      }),
      { numRuns: 50 },
    );
  });
});
