import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { makeCertificates } from '../../agent/made-certificates.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { CallRefused } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { rowsOf } from '../../rows.ts';
import { seriesIn } from '../standin/fleet.ts';
import { foundationWith, type Fault, type StandInOptions } from '../standin/foundation.ts';
import { hanging, withHeldDeadlines } from '../standin/held-deadlines.ts';
import { ranPlugin, type RanOptions } from '../standin/ran-plugin.ts';

const CLIENT = fileURLToPath(new URL('../../../src/cf-plugin/http/client.ts', import.meta.url));
const SERIES = seriesIn('0-1');
const answer = (status: number, body: string): Fault => ({ kind: 'answer', status, body });
const ofLogCache = (fault: Fault) => (url: URL) =>
  url.pathname.startsWith('/api/') ? fault : null;
const ofApiRoot = (fault: Fault) => (url: URL) => (url.pathname === '/' ? fault : null);

const SCOPE =
  'The user needs the scope doppler.firehose or logs.admin (uaac member add doppler.firehose USER, then cf login again).';
const CHECK = 'Check that cf api works and that https_proxy is right.';
/** What does what | its status, or what ends the connection | the body | what is said. */
const ANSWERS = `
Log Cache: a failing query | 500 | {"error":"deadline\u001b[31m exceeded"} | Log Cache ORIGIN answers 500: {"error":"deadline\\u{1b}[31m exceeded"}. See the log of log-cache.
Log Cache: no route | 502 | | Log Cache ORIGIN answers 502 with an empty body. See the log of log-cache.
Log Cache: a redirect, which the token does not follow | 302 | | Log Cache ORIGIN answers 302 with an empty body. See the log of log-cache.
Log Cache: the missing scope | 404 | | Log Cache shows this user nothing (an empty 404). ${SCOPE} If the user has it: log in again, and check that the Cloud Controller works.
Log Cache: a token that it does not take | 401 | {"error":"invalid_token"} | Log Cache ORIGIN answers 401: {"error":"invalid_token"}. ${SCOPE}
Log Cache: a page in its place | 200 | <html>sign in</html> | Log Cache ORIGIN sent an answer that is not JSON. Check for a proxy between here and log-cache.
Log Cache: other JSON | 200 | {"envelopes":{"batch":[{}]}} | Log Cache ORIGIN sent an answer of an unexpected form (at envelopes.batch.0.timestamp). Check for a proxy between here and log-cache.
Log Cache: half an answer | cut | | Log Cache ORIGIN closed the connection in the middle of its answer. Check for a proxy between here and log-cache.
Log Cache: a connection that ends | reset | | Log Cache ORIGIN cannot be reached (ECONNRESET). Check that log-cache runs (bosh instances), and try again.
the API: no JSON | 200 | x | The API ORIGIN sent an answer that is not JSON. ${CHECK}
the API: a connection that ends | reset | | The API ORIGIN cannot be reached (ECONNRESET). ${CHECK}
`;

const LOGIN = "Use 'cf login' or 'cf login --sso' to log in.";
/** A call to cf | what it answers, or refuses with | what is said. Nothing listens on port 9. */
const CALLS = `
isMinCliVersion | no | This needs cf 6.53.0 or newer.
hasApiEndpoint | no | No API endpoint set. Use 'cf login' or 'cf api' to target an endpoint.
isLoggedIn | no | Not logged in. ${LOGIN}
accessToken | {"error":"invalid_token","error_description":"..."} | The login has expired. ${LOGIN}
accessToken | Server error, status code: 503, <html><body>Unavailable | UAA gives cf no new token (503): try again in a minute, then run cf login.
accessToken | dial tcp: i/o timeout\u001b[2J {"x"} | UAA gives cf no new token (dial tcp: i/o timeout\\u{1b}[2J): try again in a minute, then run cf login.
apiEndpoint | nonsense | The API endpoint nonsense is not a web address: set it with cf api.
apiEndpoint | http://127.0.0.1:9 | The API http://127.0.0.1:9 cannot be reached (ECONNREFUSED). ${CHECK}
`;

/** What a person sees: the message on stderr, FAILED on stdout, exit 1. */
async function failed(
  foundation: Partial<StandInOptions>,
  options: RanOptions = {},
  typed: readonly string[] = [],
): Promise<string> {
  const { code, stdout, stderr, standIn } = await ranPlugin(
    { series: SERIES, ...foundation },
    typed,
    options,
  );
  expect({ code, stdout }).to.deep.equal({ code: 1, stdout: 'FAILED\n' });
  expect(stderr.endsWith('\n')).to.equal(true);
  return stderr.slice(0, -1).replaceAll(standIn.origin, 'ORIGIN');
}

describe('cf rollcall-status when it cannot', () => {
  for (const [call = '', answers = '', said = ''] of rowsOf(CALLS))
    it(`says what cf lacks: ${call} ${answers}`, async () => {
      const answered = (): Promise<string | boolean> =>
        call === 'accessToken'
          ? Promise.reject(new CallRefused(call, answers))
          : Promise.resolve(answers !== 'no' && answers);
      expect(await failed({}, { cf: { [call]: answered } })).to.equal(said);
    });

  it('does not take what is no token', async () => {
    for (const token of ['', 'bearer ', 'bearer a\r\nX-Injected: b']) {
      const accessToken = () => Promise.resolve(token);
      expect(await failed({}, { cf: { accessToken } }), token).to.equal(`Not logged in. ${LOGIN}`);
    }
  });

  it('says that nobody has installed it', async () => {
    expect(await failed({ series: seriesIn('0 windows') })).to.equal(
      'No cell has reported to Log Cache. Install the rollcall release on the Diego cells as an add-on (bosh update-runtime-config, then bosh deploy), and try again a minute later. If it is installed, check that prom_scraper runs on the cells.',
    );
    expect(await failed({}, {}, ['--cell', 'x\u001b]0;', '--deployment', 'cf'])).to.equal(
      'Log Cache knows no cell x\\u{1b}]0; in deployment cf: cf rollcall-status lists all known cells.',
    );
  });

  for (const [what = '', kind = '', body = '', said = ''] of rowsOf(ANSWERS))
    it(`says what ${what}`, async () => {
      const fault = /^\d/.test(kind) ? answer(Number(kind), body) : ({ kind } as Fault);
      const by = what.startsWith('the API') ? ofApiRoot : ofLogCache;
      expect(await failed({ fault: by(fault) })).to.equal(said);
    });

  it('says what Log Cache does: silence', () =>
    withHeldDeadlines(async (deadlines) => {
      expect(await failed(hanging(deadlines))).to.equal(
        'Log Cache ORIGIN does not answer in time (--timeout 60). Check that log-cache runs (bosh instances), and try again.',
      );
      expect(deadlines.set()).to.deep.equal([60_000]);
    }));

  it('says that the API names no Log Cache', async () => {
    for (const log_cache of [null, { href: 'ftp://x' }, { href: 'nonsense' }]) {
      expect(await failed({ links: { log_cache } })).to.equal(
        'The API ORIGIN names no Log Cache (links.log_cache) that may be given the token: this needs a foundation with Log Cache.',
      );
    }
  });

  it('writes JSON with the verdict unknown where JSON was asked for', async () => {
    const { code, stdout, stderr } = await ranPlugin(
      { series: SERIES, fault: ofLogCache(answer(404, '')) },
      ['--output', 'json'],
    );
    expect(code).to.equal(1);
    expect(stderr).to.match(/^Log Cache shows this user nothing/);
    const json = JSON.parse(stdout) as Record<string, unknown>;
    expect(json).to.include({ schemaVersion: 1, verdict: 'unknown', complete: false });
    // `jq -s` joins what several foundations say.
    expect(json['api']).to.match(/^http:/);
    expect(json['error']).to.include({ code: 'LOG_CACHE_SCOPE' });
  });

  it('writes JSON for a wrong option too, and nothing else', async () => {
    const wrong = ['10.0.4.11', '--expect-cells=x', '--nothing'];
    for (const typed of wrong.flatMap((word) => [
      ['--output', 'json', word],
      [word, '--output=json'],
    ])) {
      const { code, stdout, stderr, standIn } = await ranPlugin({ series: SERIES }, typed);
      expect(code).to.equal(1);
      const json = JSON.parse(stdout) as { verdict: string; error: { code: string } };
      expect(json).to.include({ schemaVersion: 1, verdict: 'unknown', complete: false });
      expect(json.error).to.deep.equal({ code: 'USAGE', message: stderr.trimEnd() });
      expect(standIn.requests).to.deep.equal([]);
    }
    expect(await failed({}, {}, ['--nothing'])).to.match(/^Incorrect Usage: /);
  });

  it('calls a bug of its own a bug', async () => {
    const isLoggedIn = () => Promise.reject(new TypeError('boom'));
    expect(await failed({}, { cf: { isLoggedIn } })).to.match(
      /^This is a bug in rollcall\.\nTypeError: boom\n/,
    );
  });

  describe('with a certificate', () => {
    /** A server's key and certificate, and the file of the authority behind it. */
    const certificates = (context: Mocha.Context) => {
      const { server } = makeCertificates(context, temporaryFolder(), 'cf');
      const read = (file: string): string => readFileSync(file, 'utf8');
      const tls = { key: read(server.keyPath), cert: read(server.certPath) };
      return { tls, caPath: server.caPath };
    };

    it('does not trust one of an unknown authority, and says what to do', async function () {
      const { tls } = certificates(this);
      expect(await failed({ tls })).to.match(
        /^The API ORIGIN has a certificate that is not trusted \(\w+\)\. Set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS to the CA of the certificate, or skip the check as cf does: cf api ORIGIN --skip-ssl-validation\.$/,
      );
    });

    it('says so of Log Cache, too', async function () {
      const { tls } = certificates(this);
      const { origin } = await foundationWith({ series: SERIES, tls });
      const said = await failed(
        { links: { log_cache: { href: origin } } },
        { cf: { isSslDisabled: () => Promise.resolve(false) } },
      );
      expect(said).to.match(
        /^Log Cache https:\S+ has a certificate that is not trusted \(\w+\)\. Set SSL_CERT_FILE .* cf api ORIGIN --skip-ssl-validation\.$/,
      );
    });

    it('takes it where cf skips the check', async function () {
      const { tls } = certificates(this);
      const isSslDisabled = () => Promise.resolve(true);
      const { code } = await ranPlugin({ series: SERIES, tls }, [], { cf: { isSslDisabled } });
      expect(code).to.equal(0);
    });

    it('takes it where its authority is given in the environment, as cf does', async function () {
      const { tls, caPath } = certificates(this);
      const askOf = (origin: string) => `
          import { openClient, getJson } from ${JSON.stringify(CLIENT)};
          import * as v from 'valibot';
          const client = openClient({ skipsVerification: false, env: {}, trace: null });
          const url = new URL(${JSON.stringify(origin)});
          console.log((await getJson(client, url, v.unknown(), null)).ok);
          process.exit();`;
      const { origin } = await foundationWith({ series: SERIES, tls });
      const asked = async (env: Record<string, string>): Promise<string> => {
        const args = ['--input-type=module', '--eval', askOf(origin)];
        return (await execa(process.execPath, args, { env, cwd: import.meta.dirname })).stdout;
      };
      expect(await asked({})).to.equal('false');
      for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])
        expect(await asked({ [name]: caPath }), name).to.equal('true');
    });

    it('gives no token to a Log Cache without TLS when the API has it', async function () {
      const { tls } = certificates(this);
      const isSslDisabled = () => Promise.resolve(true);
      const links = { log_cache: { href: 'http://127.0.0.1:9' } };
      expect(await failed({ tls, links }, { cf: { isSslDisabled } })).to.match(
        /names no Log Cache/,
      );
    });
  });
});
