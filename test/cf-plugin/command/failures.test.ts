import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { makeCertificates } from '../../agent/made-certificates.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { CallRefused, type CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { cell, fleet, ON_WINDOWS, seriesOf } from '../standin/fleet.ts';
import { foundationWith, type Fault, type StandInOptions } from '../standin/foundation.ts';
import { hanging, withStoppedDeadlines } from '../standin/stopped-deadlines.ts';
import { ranPlugin, type RanOptions } from '../standin/ran-plugin.ts';

const CLIENT = fileURLToPath(new URL('../../../src/cf-plugin/http/client.ts', import.meta.url));
const SERIES = seriesOf(...fleet(2));
const answer = (status: number, body: string): Fault => ({ kind: 'answer', status, body });
const ofLogCache = (fault: Fault) => (url: URL) =>
  url.pathname.startsWith('/api/') ? fault : null;
const ofApiRoot = (fault: Fault) => (url: URL) => (url.pathname === '/' ? fault : null);

const SCOPE =
  'The user needs the scope doppler.firehose or logs.admin ' +
  '(uaac member add doppler.firehose USER, then cf login again).';
const PROXY_TO_LOG_CACHE = 'Check for a proxy between here and log-cache.';
const LOG_OF_LOG_CACHE = 'See the log of log-cache.';
const CHECK = 'Check that cf api works and that https_proxy is right.';

/** A server that answers wrongly, and what is said about it. */
interface WrongAnswer {
  readonly fault: Fault;
  readonly said: string;
}

const FROM_LOG_CACHE: Readonly<Record<string, WrongAnswer>> = {
  'a query that fails': {
    fault: answer(500, '{"error":"deadline\u001b[31m exceeded"}'),
    said:
      `Log Cache ORIGIN answers 500: {"error":"deadline\\u{1b}[31m exceeded"}. ` + LOG_OF_LOG_CACHE,
  },
  'a missing route': {
    fault: answer(502, ''),
    said: `Log Cache ORIGIN answers 502 with an empty body. ${LOG_OF_LOG_CACHE}`,
  },
  'a redirect, which the token does not follow': {
    fault: answer(302, ''),
    said: `Log Cache ORIGIN answers 302 with an empty body. ${LOG_OF_LOG_CACHE}`,
  },
  'the missing scope': {
    fault: answer(404, ''),
    said:
      `Log Cache shows this user nothing (an empty 404). ${SCOPE} ` +
      'If the user has it: log in again, and check that the Cloud Controller works.',
  },
  'a token that it does not accept': {
    fault: answer(401, '{"error":"invalid_token"}'),
    said: `Log Cache ORIGIN answers 401: {"error":"invalid_token"}. ${SCOPE}`,
  },
  'a web page in place of its answer': {
    fault: answer(200, '<html>sign in</html>'),
    said: `Log Cache ORIGIN sent an answer that is not JSON. ${PROXY_TO_LOG_CACHE}`,
  },
  'JSON of another form': {
    fault: answer(200, '{"envelopes":{"batch":[{}]}}'),
    said:
      'Log Cache ORIGIN sent an answer of an unexpected form ' +
      `(at envelopes.batch.0.timestamp). ${PROXY_TO_LOG_CACHE}`,
  },
  'half an answer': {
    fault: { kind: 'cut' },
    said:
      'Log Cache ORIGIN closed the connection in the middle of its answer. ' + PROXY_TO_LOG_CACHE,
  },
  'a connection that ends': {
    fault: { kind: 'reset' },
    said:
      'Log Cache ORIGIN cannot be reached (ECONNRESET). ' +
      'Check that log-cache runs (bosh instances), and try again.',
  },
};

const FROM_THE_API: Readonly<Record<string, WrongAnswer>> = {
  'text that is not JSON': {
    fault: answer(200, 'x'),
    said: `The API ORIGIN sent an answer that is not JSON. ${CHECK}`,
  },
  'a connection that ends': {
    fault: { kind: 'reset' },
    said: `The API ORIGIN cannot be reached (ECONNRESET). ${CHECK}`,
  },
};

const LOGIN = "Use 'cf login' or 'cf login --sso' to log in.";
const refusing = (message: string): Partial<CliConnection> => ({
  accessToken: () => Promise.reject(new CallRefused('accessToken', message)),
});

/** A cf that cannot give what the plugin needs, and what is said about it. */
const CONNECTIONS: Readonly<
  Record<string, { readonly cf: Partial<CliConnection>; readonly said: string }>
> = {
  'that it is too old': {
    cf: { isMinCliVersion: () => Promise.resolve(false) },
    said: 'This needs cf 6.53.0 or newer.',
  },
  'that no API is set': {
    cf: { hasApiEndpoint: () => Promise.resolve(false) },
    said: "No API endpoint set. Use 'cf login' or 'cf api' to target an endpoint.",
  },
  'that nobody is logged in': {
    cf: { isLoggedIn: () => Promise.resolve(false) },
    said: `Not logged in. ${LOGIN}`,
  },
  'that the login has expired': {
    cf: refusing('{"error":"invalid_token","error_description":"..."}'),
    said: `The login has expired. ${LOGIN}`,
  },
  'that UAA is unavailable': {
    cf: refusing('Server error, status code: 503, <html><body>Unavailable'),
    said: 'UAA gives cf no new token (503): try again in a minute, then run cf login.',
  },
  'that UAA cannot be reached, in escaped text': {
    cf: refusing('dial tcp: i/o timeout\u001b[2J {"x"}'),
    said:
      'UAA gives cf no new token (dial tcp: i/o timeout\\u{1b}[2J): ' +
      'try again in a minute, then run cf login.',
  },
  'that its API is not an address': {
    cf: { apiEndpoint: () => Promise.resolve('nonsense') },
    said: 'The API endpoint nonsense is not a web address: set it with cf api.',
  },
  'that its API cannot be reached': {
    // Nothing listens on port 9.
    cf: { apiEndpoint: () => Promise.resolve('http://127.0.0.1:9') },
    said: `The API http://127.0.0.1:9 cannot be reached (ECONNREFUSED). ${CHECK}`,
  },
};

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

describe('cf rollcall-status, when it cannot answer,', () => {
  for (const [what, { cf, said }] of Object.entries(CONNECTIONS))
    it(`says of cf ${what}`, async () => {
      expect(await failed({}, { cf })).to.equal(said);
    });

  it('does not use a text that is not a token', async () => {
    for (const token of ['', 'bearer ', 'bearer a\r\nX-Injected: b']) {
      const accessToken = () => Promise.resolve(token);
      expect(await failed({}, { cf: { accessToken } }), token).to.equal(`Not logged in. ${LOGIN}`);
    }
  });

  it('says that no cell has it installed, or not the one that is asked for', async () => {
    expect(await failed({ series: seriesOf(cell(0, ON_WINDOWS)) })).to.equal(
      'No cell has reported to Log Cache. Install the rollcall release on the Diego cells as an ' +
        'add-on (bosh update-runtime-config, then bosh deploy), and try again a minute later. ' +
        'If it is installed, check that prom_scraper runs on the cells.',
    );
    expect(await failed({}, {}, ['--cell', 'x\u001b]0;', '--deployment', 'cf'])).to.equal(
      'Log Cache knows no cell x\\u{1b}]0; in deployment cf: ' +
        'cf rollcall-status lists all known cells.',
    );
  });

  for (const [what, { fault, said }] of Object.entries(FROM_LOG_CACHE))
    it(`says that Log Cache sends ${what}`, async () => {
      expect(await failed({ fault: ofLogCache(fault) })).to.equal(said);
    });

  for (const [what, { fault, said }] of Object.entries(FROM_THE_API))
    it(`says that the API sends ${what}`, async () => {
      expect(await failed({ fault: ofApiRoot(fault) })).to.equal(said);
    });

  it('says that Log Cache does not answer in time', () =>
    withStoppedDeadlines(async (deadlines) => {
      expect(await failed(hanging(deadlines))).to.equal(
        'Log Cache ORIGIN does not answer in time (--timeout 60). ' +
          'Check that log-cache runs (bosh instances), and try again.',
      );
      expect(deadlines.set()).to.deep.equal([60_000]);
    }));

  it('says that the API names no Log Cache', async () => {
    for (const log_cache of [null, { href: 'ftp://x' }, { href: 'nonsense' }]) {
      expect(await failed({ links: { log_cache } })).to.equal(
        'The API ORIGIN names no Log Cache (links.log_cache) that may be given the token: ' +
          'this needs a foundation with Log Cache.',
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
      const said = await failed({ tls });
      expect(said.replace(/\(\w+\)/, '(CODE)')).to.equal(
        'The API ORIGIN has a certificate that is not trusted (CODE). Set SSL_CERT_FILE or ' +
          'NODE_EXTRA_CA_CERTS to the CA of the certificate, or skip the check as cf does: ' +
          'cf api ORIGIN --skip-ssl-validation.',
      );
    });

    it('does not trust one of Log Cache either, and says what to do', async function () {
      const { tls } = certificates(this);
      const { origin } = await foundationWith({ series: SERIES, tls });
      const said = await failed(
        { links: { log_cache: { href: origin } } },
        { cf: { isSslDisabled: () => Promise.resolve(false) } },
      );
      expect(said).to.match(
        /^Log Cache https:\S+ has a certificate that is not trusted \(\w+\)\. Set SSL_CERT_FILE /,
      );
      expect(said).to.match(/ cf api ORIGIN --skip-ssl-validation\.$/);
    });

    it('trusts any where cf skips the check', async function () {
      const { tls } = certificates(this);
      const isSslDisabled = () => Promise.resolve(true);
      const { code } = await ranPlugin({ series: SERIES, tls }, [], { cf: { isSslDisabled } });
      expect(code).to.equal(0);
    });

    it('trusts one whose authority is given in the environment, as cf does', async function () {
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
