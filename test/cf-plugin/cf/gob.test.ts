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

const hexOf = (message: string): string => gobMessage(Buffer.from(message, 'hex')).toString('hex');
/** A message after the header of a response. */
const answered = (message: string): string => header + hexOf(message);

interface Malformed {
  /** The bytes, in hexadecimal. */
  readonly hex: string;
  readonly code: 'GOB_MALFORMED' | 'GOB_TOO_LARGE' | 'CF_ANSWER';
  readonly said: string;
}

const MALFORMED: Readonly<Record<string, Malformed>> = {
  'an empty message': { hex: '00', code: 'GOB_MALFORMED', said: 'an empty message' },
  'a length of nine bytes': { hex: 'f7', code: 'GOB_MALFORMED', said: 'a number of 9 bytes' },
  'a message of 4 MiB and a byte': {
    hex: 'fd400001',
    code: 'GOB_TOO_LARGE',
    said: 'a message of 4194305 bytes',
  },
  'a message of 2^64 - 1 bytes': {
    hex: 'f8ffffffffffffffff',
    code: 'GOB_TOO_LARGE',
    said: 'a message of 1844674',
  },
  'a text in place of a response': {
    hex: '040c000161',
    code: 'CF_ANSWER',
    said: 'something other than',
  },
  'another type than Response': {
    hex: hexOf('ff8103'),
    code: 'CF_ANSWER',
    said: 'something other',
  },
  'a text with the fields of a Response': {
    hex: hexOf(
      '0c00280103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c000000',
    ),
    code: 'CF_ANSWER',
    said: 'something other',
  },
  'a message that ends in its type': {
    hex: hexOf('ff'),
    code: 'GOB_MALFORMED',
    said: 'where 0 are left',
  },
  'a value without the 0': {
    hex: answered('0c0161'),
    code: 'GOB_MALFORMED',
    said: 'without the 0',
  },
  'a boolean that is 2': {
    hex: answered('020002'),
    code: 'GOB_MALFORMED',
    said: 'the boolean 2',
  },
  'a text that is longer than its message': {
    hex: answered('0c000561'),
    code: 'GOB_MALFORMED',
    said: 'a value of 5 bytes',
  },
  'a text of 2^63 bytes': {
    hex: answered('0c00f88000000000000000'),
    code: 'GOB_MALFORMED',
    said: 'a value of 9223',
  },
  'a text that is not UTF-8': {
    hex: header + vector('text, not UTF-8'),
    code: 'GOB_MALFORMED',
    said: 'not UTF-8',
  },
  'half a surrogate pair': {
    hex: answered('0c0003eda080'),
    code: 'GOB_MALFORMED',
    said: 'not UTF-8',
  },
  'a byte after the value': {
    hex: answered('0c00016100'),
    code: 'GOB_MALFORMED',
    said: '1 bytes after',
  },
  'a message that ends early': {
    hex: answered('0c00'),
    code: 'GOB_MALFORMED',
    said: 'where 0 are left',
  },
  'a field that a response does not have': {
    hex: header + vector('true') + hexOf('ff84040100'),
    code: 'GOB_MALFORMED',
    said: 'field 3 of a response',
  },
  'a number of nine bytes': {
    hex: header + vector('true') + hexOf('ff8402f7010101010101010101'),
    code: 'GOB_MALFORMED',
    said: '9 bytes',
  },
};

describe('what is not an answer of cf', () => {
  for (const [name, { hex, code, said }] of Object.entries(MALFORMED))
    it(`is refused: ${name}`, async () => {
      const [failureCode, message] = await failureOf(replies(hex));
      expect(failureCode).to.equal(code);
      expect(message).to.contain(said);
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
