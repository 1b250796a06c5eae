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

/** What it does | its status, or what ends the connection | the body | what is said. */
const ANSWERS = `
a failing query | 500 | {"error":"deadline\u001b[31m exceeded"} | answers 500: {"error":"deadline\\u{1b}[31m exceeded"}. See the log of log-cache.
no route | 502 | | answers 502 with an empty body. See the log of log-cache.
a redirect, which the token does not follow | 302 | | answers 302 with an empty body. See the log of log-cache.
a page in its place | 200 | <html>sign in</html> | sent an answer that is not JSON. Check for a proxy between here and log-cache.
other JSON | 200 | {"envelopes":{"batch":[{}]}} | sent an answer of an unexpected form (at envelopes.batch.0.timestamp). Check for a proxy between here and log-cache.
half an answer | cut | | closed the connection in the middle of its answer. Check for a proxy between here and log-cache.
a connection that ends | reset | | cannot be reached (ECONNRESET). Check that log-cache runs (bosh instances), and try again.
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
  it('says what cf lacks', async () => {
    const no = () => Promise.resolve(false);
    expect(await failed({}, { cf: { isMinCliVersion: no } })).to.equal(
      'This needs cf 6.53.0 or newer.',
    );
    expect(await failed({}, { cf: { hasApiEndpoint: no } })).to.equal(
      "No API endpoint set. Use 'cf login' or 'cf api' to target an endpoint.",
    );
    const login = "Not logged in. Use 'cf login' or 'cf login --sso' to log in.";
    expect(await failed({}, { cf: { isLoggedIn: no } })).to.equal(login);
    for (const token of ['', 'bearer ', 'bearer a\r\nX-Injected: b']) {
      const accessToken = () => Promise.resolve(token);
      expect(await failed({}, { cf: { accessToken } }), token).to.equal(login);
    }
    const refusing = (said: string) => {
      const accessToken = () => Promise.reject(new CallRefused('AccessToken', said));
      return failed({}, { cf: { accessToken } });
    };
    expect(await refusing('{"error":"invalid_token","error_description":"..."}')).to.equal(
      "The login has expired. Use 'cf login' or 'cf login --sso' to log in.",
    );
    expect(await refusing('Server error, status code: 503, <html><body>Unavailable')).to.equal(
      'UAA gives cf no new token (503): try again in a minute, then run cf login.',
    );
    expect(await refusing('dial tcp: i/o timeout\u001b[2J {"x"}')).to.equal(
      'UAA gives cf no new token (dial tcp: i/o timeout\\u{1b}[2J): try again in a minute, then run cf login.',
    );
  });

  it('says that nobody has installed it', async () => {
    expect(await failed({ series: seriesIn('0 windows') })).to.equal(
      'No cell has reported to Log Cache. Install the rollcall release on the Diego cells as an add-on (bosh update-runtime-config, then bosh deploy), and try again a minute later. If it is installed, check that prom_scraper runs on the cells.',
    );
    expect(await failed({}, {}, ['--cell', 'x\u001b]0;', '--deployment', 'cf'])).to.equal(
      'Log Cache knows no cell x\\u{1b}]0; in deployment cf: cf rollcall-status lists all known cells.',
    );
  });

  it('names the missing scope if Log Cache answers 404 without a body', async () => {
    expect(await failed({ fault: ofLogCache(answer(404, '')) })).to.equal(
      'Log Cache shows this user nothing (an empty 404). The user needs the scope doppler.firehose or logs.admin (uaac member add doppler.firehose USER, then cf login again). If the user has it: log in again, and check that the Cloud Controller works.',
    );
    expect(await failed({ fault: ofLogCache(answer(401, '{"error":"invalid_token"}')) })).to.equal(
      'Log Cache ORIGIN answers 401: {"error":"invalid_token"}. The user needs the scope doppler.firehose or logs.admin (uaac member add doppler.firehose USER, then cf login again).',
    );
  });

  for (const [what = '', kind = '', body = '', said = ''] of rowsOf(ANSWERS))
    it(`says what Log Cache does: ${what}`, async () => {
      const fault = /^\d/.test(kind) ? answer(Number(kind), body) : ({ kind } as Fault);
      expect(await failed({ fault: ofLogCache(fault) })).to.equal(`Log Cache ORIGIN ${said}`);
    });

  it('says what Log Cache does: silence', () =>
    withHeldDeadlines(async (deadlines) => {
      expect(await failed(hanging(deadlines))).to.equal(
        'Log Cache ORIGIN does not answer in time (--timeout 60). Check that log-cache runs (bosh instances), and try again.',
      );
      expect(deadlines.set()).to.deep.equal([60_000]);
    }));

  it('says what the API root does', async () => {
    expect(await failed({ fault: ofApiRoot(answer(200, 'x')) })).to.equal(
      'The API ORIGIN sent an answer that is not JSON. Check that cf api works and that https_proxy is right.',
    );
    expect(await failed({ fault: ofApiRoot({ kind: 'reset' }) })).to.equal(
      'The API ORIGIN cannot be reached (ECONNRESET). Check that cf api works and that https_proxy is right.',
    );
    for (const log_cache of [null, { href: 'ftp://x' }, { href: 'nonsense' }]) {
      expect(await failed({ links: { log_cache } })).to.equal(
        'The API ORIGIN names no Log Cache (links.log_cache) that may be given the token: this needs a foundation with Log Cache.',
      );
    }
    const at = (endpoint: string) =>
      failed({}, { cf: { apiEndpoint: () => Promise.resolve(endpoint) } });
    expect(await at('nonsense')).to.equal(
      'The API endpoint nonsense is not a web address: set it with cf api.',
    );
    // Nothing listens on port 9.
    expect(await at('http://127.0.0.1:9')).to.match(
      /^The API http:\/\/127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\)\./,
    );
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
        /^The API ORIGIN has a certificate that is not trusted \(\w+\)\. Set SSL_CERT_FILE or NODE_EXTRA_CA_CERTS to its CA, or skip the check as cf does: cf api ORIGIN --skip-ssl-validation\.$/,
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
          const { signal: stop } = new AbortController();
          const client = openClient({ skipsVerification: false, env: {}, trace: null, stop });
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
