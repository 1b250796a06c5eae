import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import * as v from 'valibot';
import { KnownFailure } from '../../../src/model/failure.ts';
import { decoded } from './decoded.ts';

const vectors = v
  .parse(
    v.array(v.object({ hex: v.string() })),
    JSON.parse(readFileSync(new URL('go-vectors.json', import.meta.url), 'utf8')),
  )
  .map(({ hex }) => Buffer.from(hex, 'hex'));

/** Bytes may be read or refused, and nothing else. */
function survives(bytes: Uint8Array): void {
  try {
    decoded(bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(KnownFailure);
    expect(error).to.have.property('code').that.matches(/^GOB_/);
  }
}

const change = fc.record({
  at: fc.nat(1_000),
  removed: fc.nat(3),
  added: fc.uint8Array({ maxLength: 3 }),
});

describe('bytes from anywhere', () => {
  it('are read or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 2_000 });
  });

  it('are read or refused, where their length is right', () => {
    const framed = fc
      .uint8Array({ minLength: 1, maxLength: 127 })
      .map((content) => Buffer.from([content.length, ...content]));
    fc.assert(fc.property(framed, survives), { numRuns: 2_000 });
  });

  it('are read or refused, where Go made them and something changed them', () => {
    const changed = fc
      .tuple(fc.constantFrom(...vectors), fc.array(change, { minLength: 1, maxLength: 3 }))
      .map(([bytes, changes]) =>
        changes.reduce((so, { at, removed, added }) => {
          const from = at % so.length;
          return Buffer.concat([so.subarray(0, from), added, so.subarray(from + removed)]);
        }, bytes),
      );
    fc.assert(fc.property(changed, survives), { numRuns: 5_000 });
  });

  it('are read or refused, where Go made them and they were cut', () => {
    for (const bytes of vectors)
      for (let end = 0; end < bytes.length; end++) survives(bytes.subarray(0, end));
  });
});
