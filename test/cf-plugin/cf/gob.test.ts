import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import * as v from 'valibot';
import { gobMessage, textMessage } from '../../../src/cf-plugin/cf/gob.ts';
import { metadataMessages } from '../../../src/cf-plugin/cf/plugin-metadata.ts';
import { repliesIn, requestBytes, type Reply } from '../../../src/cf-plugin/cf/cli-connection.ts';
import { failureOf } from '../../failure-of.ts';
import { recording } from '../../recordings.ts';
import { rowsOf } from '../../rows.ts';
import { booleanMessage, EMPTY_BODY, headerBytes } from './stand-in-cf.ts';

/** Made by Go, and compared with it in host.test.ts: test/cf-plugin/host/vectors.go. */
const shipped = v.parse(
  v.array(v.object({ name: v.string(), hex: v.string() })),
  JSON.parse(readFileSync(new URL('go-vectors.json', import.meta.url), 'utf8')),
);
const vectors = new Map(shipped.map(({ name, hex }) => [name, hex]));
const vector = (name: string): string => vectors.get(name) ?? expect.fail(name);

const golden = v.parse(
  v.record(v.string(), v.string()),
  JSON.parse(readFileSync(recording('cf-plugin/gob-golden.json'), 'utf8')),
);

const header = headerBytes({ sequence: 0, error: '' }, true).toString('hex');

async function read(pieces: readonly Buffer[]): Promise<readonly Reply[]> {
  const found: Reply[] = [];
  for await (const reply of repliesIn(Readable.from(pieces))) found.push(reply);
  return found;
}
const replies = (...hex: readonly string[]): Promise<readonly Reply[]> =>
  read([Buffer.from(hex.join(''), 'hex')]);
const valueOf = async (hex: string): Promise<Reply['body'] | undefined> =>
  (await replies(header, hex))[0]?.body;

const TEXTS: Readonly<Record<string, string>> = {
  'text, empty': '',
  'text, not ASCII': 'Zelle 細胞 🙂',
  'text of 127 bytes': 'a'.repeat(127),
  'text of 128 bytes': 'a'.repeat(128),
  'text of 300 bytes': 'b'.repeat(300),
};

describe('what Go encodes', () => {
  it('is read: booleans and texts', async () => {
    expect(await valueOf(vector('true'))).to.equal(true);
    expect(await valueOf(vector('false'))).to.equal(false);
    for (const [name, text] of Object.entries(TEXTS)) {
      expect(await valueOf(vector(name)), name).to.equal(text);
      expect(textMessage(text).toString('hex'), name).to.equal(vector(name));
    }
  });

  it('is read: replies, also with an error', async () => {
    expect(await replies(vector('response'))).to.deep.equal([
      { sequence: 1, error: '', body: 'bearer token' },
    ]);
    expect(await replies(vector('response with an error'))).to.deep.equal([
      { sequence: 0, error: 'expired', body: null },
    ]);
  });

  it('is encoded here to the same bytes: a request', () => {
    const request = (name: string): string =>
      requestBytes(name, 0, textMessage('')).toString('hex');
    expect(request('CliRpcCmd.AccessToken')).to.equal(
      golden['Request{CliRpcCmd.AccessToken,0}+""'],
    );
    expect(request('CliRpcCmd.AccessToken')).to.equal(vector('request'));
    const later = [300, 301].map((sequence, index) =>
      requestBytes(`CliRpcCmd.${['IsLoggedIn', 'Username'][index]}`, sequence, textMessage('')),
    );
    expect(Buffer.concat(later).toString('hex')).to.equal(
      vector('two requests').replace(/^.*?(?=1dff82)/, ''),
    );
  });

  it('is encoded here to the same bytes: the metadata', () => {
    const sample = metadataMessages({
      name: 'p',
      version: [1, 2, 3],
      libraryVersion: [0, 0, 0],
      minCliVersion: [6, 7, 0],
      command: { name: 'c', alias: 'a', helpText: 'h', usage: 'u', options: { '-k': 'v' } },
    }).toString('hex');
    // A real cf accepted these bytes; the id of the type is the only difference to Go's.
    const recorded = (golden['PluginMetadata'] ?? '').replace('2eff8c0101700', '2eff840101700');
    expect(sample.slice(sample.indexOf('2eff84'))).to.equal(
      recorded.slice(recorded.indexOf('2eff84')),
    );
  });
});

/** What it is | its bytes, or the recorded ones of a name, after a HEADER | what it is refused with. */
const MALFORMED = `
an empty message | 00 | GOB_MALFORMED an empty message
a length of nine bytes | f7 | GOB_MALFORMED a number of 9 bytes
a message of 4 MiB and a byte | fd400001 | GOB_TOO_LARGE a message of 4194305 bytes
a message of 2^64 - 1 bytes | f8ffffffffffffffff | GOB_TOO_LARGE a message of 1844674
a text in place of a response | 040c000161 | CF_ANSWER something other than
another type than Response | (ff8103) | CF_ANSWER something other
a text with the fields of a Response | (0c00280103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c000000) | CF_ANSWER something other
a message that ends in its type | (ff) | GOB_MALFORMED where 0 are left
a value without the 0 | HEADER(0c0161) | GOB_MALFORMED without the 0
a boolean that is 2 | HEADER(020002) | GOB_MALFORMED the boolean 2
a text that is longer than its message | HEADER(0c000561) | GOB_MALFORMED a value of 5 bytes
a text of 2^63 bytes | HEADER(0c00f88000000000000000) | GOB_MALFORMED a value of 9223
a text that is not UTF-8 | HEADER[text, not UTF-8] | GOB_MALFORMED not UTF-8
half a surrogate pair | HEADER(0c0003eda080) | GOB_MALFORMED not UTF-8
a byte after the value | HEADER(0c00016100) | GOB_MALFORMED 1 bytes after
a message that ends early | HEADER(0c00) | GOB_MALFORMED where 0 are left
a field that a response has not | HEADER[true](ff84040100) | GOB_MALFORMED field 3 of a response
a number of nine bytes | HEADER[true](ff8402f7010101010101010101) | GOB_MALFORMED 9 bytes
`;
const bytesOf = (text: string): string =>
  text
    .replace('HEADER', header)
    .replace(/\[(.+)\]/, (_, name: string) => vector(name))
    .replace(/\((\w+)\)/, (_, hex: string) => gobMessage(Buffer.from(hex, 'hex')).toString('hex'));

describe('what is not an answer of cf', () => {
  for (const [name, text = '', says = ''] of rowsOf(MALFORMED))
    it(`is refused: ${name}`, async () => {
      const [code, message] = await failureOf(replies(bytesOf(text)));
      const [expected = '', ...said] = says.split(' ');
      expect(code).to.equal(expected);
      expect(message).to.contain(said.join(' '));
    });
});

const good = Buffer.concat([
  headerBytes({ sequence: 0, error: '' }, true),
  textMessage('https://api.example.com'),
  headerBytes({ sequence: 1, error: 'no' }, false),
  EMPTY_BODY,
  headerBytes({ sequence: 300, error: '' }, false),
  booleanMessage(true),
]);
describe('a stream of replies', () => {
  it('is the same however it is cut', async () => {
    const whole = await read([good]);
    expect(whole.map(({ sequence, body }) => [sequence, body])).to.deep.equal([
      [0, 'https://api.example.com'],
      [1, null],
      [300, true],
    ]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(good.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), good.length];
        const pieces = at.slice(1).map((end, index) => good.subarray(at[index], end));
        expect(await read(pieces)).to.deep.equal(whole);
      }),
    );
  });
});
