import { connect } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { connectToCli, type CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { codeOf, failureOf } from '../../failure-of.ts';
import { goHost, withGoHost, type Fixture } from '../host/go-host.ts';

let host: string;

/** Asks Go's own net/rpc server, which plays cf. */
function asking<T>(fixture: Fixture, ask: (cf: CliConnection) => Promise<T>): Promise<T> {
  return withGoHost(host, fixture, async (port) => {
    const cf = await connectToCli(port, { deadlineMilliseconds: 10_000 });
    try {
      return await ask(cf);
    } finally {
      cf.close();
    }
  });
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
    this.timeout(120_000);
    host = await goHost(this);
  });

  const fixture: Fixture = { accessToken: 'Zoë 細胞 🙂', skipSsl: true };
  const answers = [true, true, 'https://api.example.com', 'Zoë 細胞 🙂', true, true];

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
    await withGoHost(host, {}, async (port) => {
      const ping = connect({ host: '127.0.0.1', port });
      await once(ping, 'connect');
      ping.destroy();
      const cf = await connectToCli(port);
      expect(await cf.isLoggedIn()).to.equal(true);
      cf.close();
    });
  });

  for (const bytes of [1, 30, 60, 80])
    it(`says so where cf closes the connection after ${bytes} bytes of its answers`, async () => {
      const transport = { closeAfterAnsweredBytes: bytes };
      const code = await asking({ transport }, (cf) => codeOf(cf.accessToken()));
      expect(code).to.equal('CF_CLOSED');
    });

  it('sends metadata of any text', async () => {
    await withGoHost(host, {}, (port) =>
      fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary' }), async (name) => {
          // As cf has it: a connection for each start of the plugin.
          const cf = await connectToCli(port, { deadlineMilliseconds: 10_000 });
          expect(await cf.setPluginMetadata({ ...metadata, name })).to.equal(true);
          cf.close();
        }),
        { numRuns: 50 },
      ),
    );
  });
});
