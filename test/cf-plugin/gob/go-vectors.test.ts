import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { execa } from 'execa';
import * as v from 'valibot';
import { GobEncoder } from '../../../src/cf-plugin/gob/gob-encoder.ts';
import { recording } from '../../recordings.ts';
import { goHost } from '../host/go-host.ts';
import { decoded } from './decoded.ts';
import { goValues } from './go-values.ts';
import { encodings, recordedEncodings } from './same-values.ts';

/** Made by Go: test/cf-plugin/host/vectors.go. */
const shipped = readFileSync(new URL('go-vectors.json', import.meta.url), 'utf8');

const vectors = v
  .parse(v.array(v.object({ name: v.string(), hex: v.string() })), JSON.parse(shipped))
  .map(({ name, hex }) => [name, hex] as const);

/** The lowest of the ids that are defined: Go gives a struct its id before its parts, but a map after them. */
function firstId(hex: string): number {
  const ids = decoded(hex).flatMap((message) => (message.kind === 'definition' ? message.id : []));
  return Math.min(...ids, 65_535);
}

describe('what Go encodes', () => {
  for (const [name, hex] of vectors.filter(([known]) => known in goValues))
    it(`is read: ${name}`, () => {
      const read = decoded(hex).flatMap((message) =>
        message.kind === 'value' ? [message.value] : [],
      );
      expect(read).to.deep.equal(goValues[name]);
    });

  for (const [name, hex] of vectors.filter(([known]) => known in encodings))
    it(`is encoded here to the same bytes: ${name}`, () => {
      const bytes = encodings[name]?.(new GobEncoder(firstId(hex)));
      expect(bytes?.toString('hex')).to.equal(hex);
    });

  it('is the same today', async function () {
    this.timeout(180_000);
    const { stdout } = await execa(await goHost(this), ['vectors']);
    expect(JSON.parse(stdout)).to.deep.equal(JSON.parse(shipped));
  });

  it('is not read as text where it is not UTF-8', () => {
    const hex = vectors.find(([name]) => name === 'text, not UTF-8')?.[1] ?? '';
    expect(() => decoded(hex))
      .to.throw('not UTF-8')
      .with.property('code', 'GOB_MALFORMED');
  });
});

describe('what Go encoded for a real cf', () => {
  it('is encoded here to the same bytes, all of it', () => {
    const golden = v.parse(
      v.record(v.string(), v.string()),
      JSON.parse(readFileSync(recording('cf-plugin/gob-golden.json'), 'utf8')),
    );
    const here = Object.entries(golden).map(([name, hex]) => [
      name,
      recordedEncodings[name]?.(new GobEncoder(firstId(hex))).toString('hex'),
    ]);
    expect(Object.fromEntries(here)).to.deep.equal(golden);
    expect(here).to.have.length(18);
  });
});
