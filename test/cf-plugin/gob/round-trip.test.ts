import { expect } from 'chai';
import fc from 'fast-check';
import { GobDecoder } from '../../../src/cf-plugin/gob/gob-decoder.ts';
import { GobEncoder } from '../../../src/cf-plugin/gob/gob-encoder.ts';
import { gobInt, gobString, gobUint } from '../../../src/cf-plugin/gob/gob-type.ts';
import type { GobValue } from '../../../src/cf-plugin/gob/gob-value.ts';
import { MessageSplitter } from '../../../src/cf-plugin/gob/message-splitter.ts';
import { decoded } from './decoded.ts';
import { anySample, type Sample } from './samples.ts';

/** One value after the other on one connection. */
function encoded(samples: readonly Sample[]): Buffer {
  const encoder = new GobEncoder();
  return Buffer.concat(samples.map(({ type }) => encoder.encode(type, null)));
}

/** What is read from a stream that arrives in these pieces. */
function readFrom(pieces: readonly Uint8Array[]): readonly GobValue[] {
  const splitter = new MessageSplitter();
  const decoder = new GobDecoder();
  return pieces
    .flatMap((piece) => splitter.push(piece))
    .map((content) => decoder.read(content))
    .flatMap((message) => (message.kind === 'value' ? [message.value] : []));
}

const someSamples = fc.array(anySample, { minLength: 1, maxLength: 3 });

describe('a value that is encoded and read again', () => {
  it('is the same, but for fields of structs that have the zero value', () => {
    fc.assert(
      fc.property(someSamples, (samples) => {
        expect(readFrom([encoded(samples)])).to.deep.equal(samples.map(({ read }) => read));
      }),
    );
  });

  it('is the same wherever its bytes are cut', () => {
    fc.assert(
      fc.property(someSamples, (samples) => {
        const bytes = encoded(samples).subarray(0, 2_000);
        const whole = readFrom([bytes]);
        for (let cut = 0; cut <= bytes.length; cut++)
          expect(readFrom([bytes.subarray(0, cut), bytes.subarray(cut)])).to.deep.equal(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('is the same when its bytes arrive one by one', () => {
    fc.assert(
      fc.property(someSamples, (samples) => {
        const pieces = [...encoded(samples)].map((byte) => Uint8Array.of(byte));
        expect(readFrom(pieces)).to.deep.equal(samples.map(({ read }) => read));
      }),
    );
  });

  for (const length of [127, 128, 255, 256, 65_535, 65_536, 1_000_000])
    it(`is the same for a text of ${length} bytes`, () => {
      const text = 'x'.repeat(length);
      expect(decoded(new GobEncoder().encode(gobString, text))).to.deep.equal([
        { kind: 'value', value: text },
      ]);
    });

  it('is defined once on a connection', () => {
    fc.assert(
      fc.property(anySample, (one) => {
        const encoder = new GobEncoder();
        encoder.encode(one.type, null);
        expect(decoded(encoder.encode(gobString, ''))).to.have.length(1);
        const again = new MessageSplitter().push(encoder.encode(one.type, null));
        expect(again).to.have.length(1);
      }),
    );
  });
});

describe('a number that Go has no room for', () => {
  for (const [name, type, value] of [
    ['int64 + 1', gobInt, 2n ** 63n],
    ['int64 − 1', gobInt, -(2n ** 63n) - 1n],
    ['uint64 + 1', gobUint, 2n ** 64n],
    ['−1 as uint', gobUint, -1],
    ['a fraction', gobInt, 1.5],
  ] as const)
    it(`is a defect of the caller: ${name}`, () =>
      expect(() => new GobEncoder().encode(type, value)).to.throw(RangeError));
});
