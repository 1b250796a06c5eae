import { expect } from 'chai';
import { GobEncoder } from '../../../src/cf-plugin/gob/gob-encoder.ts';
import { gobBool, gobSlice } from '../../../src/cf-plugin/gob/gob-type.ts';
import { GobWriter } from '../../../src/cf-plugin/gob/gob-writer.ts';
import { decoded } from './decoded.ts';

/** A message with these bytes after its length. */
const message = (hex: string): string =>
  (hex.length / 2)
    .toString(16)
    .padStart(2, '0')
    .replace(/^(?=[89a-f])/, 'ff') + hex;

/** Type 65 is a slice of type 6, which is text. */
const slice = message('ff81020102ff8200010c0000');

const table: readonly (readonly [name: string, hex: string, code: string, said: string])[] = [
  ['a message of no bytes', '00', 'GOB_MALFORMED', 'an empty message'],
  ['a length of nine bytes', 'f7010101010101010101', 'GOB_MALFORMED', 'a length of 9 bytes'],
  ['a length that need not be so long', 'ff05', 'GOB_MALFORMED', 'longer than it must be'],
  ['a message of 4 MiB and a byte', 'fd400001', 'GOB_TOO_LARGE', 'a message of 4194305 bytes'],
  ['a message of 2^64 − 1 bytes', 'f8ffffffffffffffff', 'GOB_TOO_LARGE', 'a message of 1844674'],
  ['a value of type 0', message('0000'), 'GOB_MALFORMED', 'type 0'],
  ['a value of a type that was never defined', message('ff820000'), 'GOB_MALFORMED', 'type 65'],
  ['a value of one of Go’s types of definitions', message('200000'), 'GOB_MALFORMED', 'type 16'],
  ['a complex number', message('0e00ff01'), 'GOB_TYPE', 'a complex number'],
  ['an interface', message('100000'), 'GOB_TYPE', 'an interface'],
  ['a value without the 0 in front', message('0c0161'), 'GOB_MALFORMED', 'without the 0'],
  ['a boolean that is 2', message('020002'), 'GOB_MALFORMED', 'the boolean 2'],
  ['a number of nine bytes', message('0400f7010101010101010101'), 'GOB_MALFORMED', '9 bytes'],
  ['a number with a zero in front', message('0400fe0080'), 'GOB_MALFORMED', 'longer than'],
  ['a small number in two bytes', message('0400ff05'), 'GOB_MALFORMED', 'longer than'],
  ['a text that is longer than its message', message('0c000561'), 'GOB_MALFORMED', 'a length of 5'],
  ['a text of 2^63 bytes', message('0c00f88000000000000000'), 'GOB_MALFORMED', 'a length of 9223'],
  ['a text that is not UTF-8', message('0c0002c328'), 'GOB_MALFORMED', 'not UTF-8'],
  ['half a surrogate pair as UTF-8', message('0c0003eda080'), 'GOB_MALFORMED', 'not UTF-8'],
  ['a byte after the value', message('0c00016100'), 'GOB_MALFORMED', '1 bytes after the end'],
  ['a message that ends in its type', message('ff'), 'GOB_MALFORMED', 'in the middle of a value'],
  ['a message that ends before the value', message('0c00'), 'GOB_MALFORMED', 'in the middle'],
  [
    'a definition of a type of Go',
    message('0b020102ff8200010c0000'),
    'GOB_MALFORMED',
    'which Go defines',
  ],
  ['a type that is defined twice', slice + slice, 'GOB_MALFORMED', 'a second definition'],
  [
    'a definition about another type',
    message('ff81020102ff8400010c0000'),
    'GOB_MALFORMED',
    'is about type 66',
  ],
  ['a definition that defines nothing', message('ff8100'), 'GOB_MALFORMED', 'is not one of a type'],
  [
    'a definition that defines a slice and a map',
    message('ff81020102ff8200010c00020102ff8200010c010c0000'),
    'GOB_MALFORMED',
    'is not one of a type',
  ],
  [
    'a definition with a byte after it',
    message('ff81020102ff8200010c000000'),
    'GOB_MALFORMED',
    '1 bytes after',
  ],
  [
    'a definition with a field that Go has not',
    message('ff811f00'),
    'GOB_MALFORMED',
    'field 30 of "wireType"',
  ],
  [
    'two fields of one name',
    message('ff81030102ff820001020101410104000101410104000000'),
    'GOB_MALFORMED',
    'two fields of one name',
  ],
  [
    'a slice of more elements than bytes',
    slice + message('ff8200ffff'),
    'GOB_MALFORMED',
    'a length of 255',
  ],
  [
    'a field that the struct has not',
    message('ff81030102ff820001010101410104000000') + message('ff82020200'),
    'GOB_MALFORMED',
    'field 1 of ""',
  ],
  [
    'an array of another length',
    message('ff81010102ff8200010401060000') + message('ff8200020202'),
    'GOB_MALFORMED',
    'an array of 2 elements where 3 belong',
  ],
];

describe('what is not gob', () => {
  for (const [name, hex, code, said] of table)
    it(`is refused: ${name}`, () =>
      expect(() => decoded(hex))
        .to.throw(said)
        .with.property('code', code));
});

describe('what would need too much memory', () => {
  it('is refused: values without end', () => {
    const many = Array.from({ length: 100_001 }, () => true);
    const bytes = new GobEncoder().encode(gobSlice('', gobBool), many);
    expect(() => decoded(bytes)).to.throw('more than 100000 values');
  });

  it('is refused: structs within structs', () => {
    // Type 65 is a struct whose only field is of type 65; each level says "the first field".
    const recursive = message('ff81030102ff8200010101014101ff82000000');
    const value = (levels: number) =>
      message(`ff82${'01'.repeat(levels)}${'00'.repeat(levels + 1)}`);
    expect(decoded(recursive + value(50))).to.have.length(2);
    const deep = new GobWriter();
    deep.int(65);
    for (let level = 0; level < 100_000; level++) deep.uint(1);
    const bytes = Buffer.concat([Buffer.from(recursive, 'hex'), deep.takeMessage()]);
    expect(() => decoded(bytes))
      .to.throw('deeper than 64')
      .with.property('code', 'GOB_TOO_LARGE');
  });

  it('counts what is within each other, not what is beside each other', () => {
    const rows = Array.from({ length: 1_000 }, () => [true]);
    expect(
      decoded(new GobEncoder().encode(gobSlice('', gobSlice('', gobBool)), rows)),
    ).to.have.length(3);
  });

  it('is refused: types without end', () => {
    const types = Array.from({ length: 257 }, () => gobSlice('', gobBool));
    const encoder = new GobEncoder();
    const bytes = Buffer.concat(types.map((type) => encoder.encode(type, [])));
    expect(() => decoded(bytes)).to.throw('more than 256 types');
  });

  it('is refused: a definition of 64 KiB', () => {
    const encoder = new GobEncoder();
    const bytes = encoder.encode(gobSlice('n'.repeat(65_536), gobBool), []);
    expect(() => decoded(bytes)).to.throw('a definition of 655');
  });
});
