import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { execa } from 'execa';
import fc from 'fast-check';
import * as v from 'valibot';
import { anyText } from '../any-text.ts';
import { connectToCli, type CliConnection } from '../../src/cf-plugin/cf/cli-connection.ts';
import { codeOf, failureOf } from '../failure-of.ts';
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

/** Nothing answers there, and it answers so at once. */
const NOWHERE = 'https://127.0.0.1:9';

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

  it('cannot be installed where its alias is another command', async () => {
    const { exitCode, stdout, stderr } = await play(['install'], { commands: ['rcs'] });
    expect(exitCode).to.equal(1);
    expect(stdout).to.equal('FAILED');
    expect(stderr).to.match(/as it contains commands with names that are already used: rcs\.$/);
  });

  it('cannot be installed where cf closes the connection', async () => {
    const transport = { closeAfterAnsweredBytes: 10 };
    const { exitCode, stdout, stderr } = await play(['install'], { transport });
    expect(exitCode).to.equal(1);
    expect(stdout).to.equal('FAILED');
    expect(stderr).to.include('cf closed its connection to this plugin');
    expect(stderr).to.include('not a valid cf CLI plugin binary');
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
    for (const option of ['cell', 'deployment', 'untracked', 'output', 'watch', 'expect-cells'])
      expect(lines.filter((line) => line.startsWith(`   --${option} `))).to.have.length(1);
  });

  it('is not run for --help: cf prints the help itself', async () => {
    const { stdout, exitCode, calls } = await status({}, '--help');
    expect(exitCode).to.equal(0);
    expect(stdout).to.match(/^NAME:/);
    expect(calls).to.deep.equal(['SetPluginMetadata']);
  });

  it('can be uninstalled, and asks cf nothing for that', async () => {
    const { exitCode, stdout, stderr, calls } = await play(['uninstall']);
    expect(stderr).to.equal('');
    expect(stdout).to.equal('Plugin rollcall successfully uninstalled.');
    expect(exitCode).to.equal(0);
    expect(calls).to.deep.equal(['SetPluginMetadata']);
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
    const { origin, tokens } = await foundationWith({ series: fleet(3).flatMap(seriesOf) });
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

  it('reads slow answers of one byte each, and long ones that are not ASCII', async () => {
    const username = `Zoë 細胞 🙂 ${'ü'.repeat(200)}`;
    const accessToken = `bearer ${'t'.repeat(70_000)}`;
    const transport = { pieceBytes: 1_000, pauseMilliseconds: 1 };
    const fixture = { username, accessToken, transport, apiEndpoint: NOWHERE };
    const whole = await status(fixture);
    expect(whole.stderr).to.match(/127\.0\.0\.1/);
    const pieces = await status({ ...fixture, transport: { pieceBytes: 1 } });
    expect(pieces).to.deep.equal(whole);
  });
});

/** Asks Go's own net/rpc server, which plays cf. */
async function asking<T>(fixture: Fixture, ask: (cf: CliConnection) => Promise<T>): Promise<T> {
  const port = await portOfGoHost(host, fixture);
  const cf = await connectToCli(port, { deadlineMilliseconds: 10_000 });
  try {
    return await ask(cf);
  } finally {
    cf.close();
  }
}

const everything = async (cf: CliConnection) => [
  await cf.isLoggedIn(),
  await cf.hasApiEndpoint(),
  await cf.apiEndpoint(),
  await cf.accessToken(),
  await cf.isSslDisabled(),
  await cf.isMinCliVersion('6.53.0'),
];

const metadata = {
  name: 'n',
  version: [1, 2, 3],
  libraryVersion: [1, 0, 0],
  minCliVersion: [6, 53, 0],
  commands: [],
} as const;

describe('the connection to cf, where Go answers', () => {
  before(async function () {
    host = await goHost(this);
  });

  const fixture: Fixture = { accessToken: 'Zoë 細胞 🙂', skipSsl: true };
  const answers = [true, true, 'https://api.example.com', 'Zoë 細胞 🙂', true, true];

  it('has its values encoded as in the recorded vectors', async () => {
    const recorded = JSON.parse(readFileSync(VECTORS, 'utf8')) as readonly { name: string }[];
    const names = new Set(recorded.map(({ name }) => name));
    const { stdout } = await execa(host, ['vectors']);
    const made = JSON.parse(stdout) as typeof recorded;
    expect(made.filter(({ name }) => names.has(name))).to.deep.equal(recorded);
  });

  it('asks for everything', async () =>
    expect(await asking(fixture, everything)).to.deep.equal(answers));

  it('reads answers that come slowly and byte by byte', async () => {
    const transport = { pieceBytes: 1, pauseMilliseconds: 1 };
    expect(await asking({ ...fixture, transport }, everything)).to.deep.equal(answers);
  });

  for (const length of [127, 128, 65_535, 65_536, 300_000])
    it(`reads a token of ${length} characters`, async () => {
      const accessToken = 'é'.repeat(length);
      expect(await asking({ accessToken }, (cf) => cf.accessToken())).to.equal(accessToken);
    });

  it("reports a refusal in cf's words, and continues", async () => {
    const errors = { AccessToken: 'Invalid Auth Token' };
    await asking({ errors }, async (cf) => {
      expect(await failureOf(cf.accessToken())).to.deep.equal([
        'CF_REFUSED',
        'cf refused AccessToken (Invalid Auth Token): run the command again, with CF_TRACE=true if that repeats',
      ]);
      expect(await cf.apiEndpoint()).to.equal('https://api.example.com');
    });
  });

  it('ignores an earlier connection that sent nothing', async () => {
    const port = await portOfGoHost(host, {});
    const ping = connect({ host: '127.0.0.1', port });
    await once(ping, 'connect');
    ping.destroy();
    const cf = await connectToCli(port);
    expect(await cf.isLoggedIn()).to.equal(true);
    cf.close();
  });

  for (const bytes of [1, 30, 60, 80])
    it(`says so where cf closes the connection after ${bytes} bytes of its answers`, async () => {
      const transport = { closeAfterAnsweredBytes: bytes };
      const code = await asking({ transport }, (cf) => codeOf(cf.accessToken()));
      expect(code).to.equal('CF_CLOSED');
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
