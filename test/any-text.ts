import fc, { type Arbitrary, type StringConstraints } from 'fast-check';

const SURROGATES = { first: 0xd800, count: 0x800 };

const character = fc.nat(0x10_ffff - SURROGATES.count).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (text) => {
    const point = typeof text === 'string' ? (text.codePointAt(0) ?? -1) : -1;
    if (point < 0 || text !== String.fromCodePoint(point)) throw new TypeError('no character');
    return point < SURROGATES.first ? point : point - SURROGATES.count;
  },
);

/**
 * As `fc.string({ unit: 'binary' })`, for whose table of all characters each process needs a
 * second.
 */
export const anyText = (constraints: Omit<StringConstraints, 'unit'> = {}): Arbitrary<string> =>
  fc.string({ ...constraints, unit: character });
