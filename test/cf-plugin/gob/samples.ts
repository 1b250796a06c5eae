import fc from 'fast-check';
import {
  gobBool,
  gobBytes,
  gobField,
  gobFloat,
  gobInt,
  gobMap,
  gobSlice,
  gobString,
  gobStruct,
  gobUint,
  type GobType,
} from '../../../src/cf-plugin/gob/gob-type.ts';
import type { GobValue } from '../../../src/cf-plugin/gob/gob-value.ts';

/** A type, one value of it, and what comes out when that was sent. */
export interface Sample {
  readonly type: GobType<null>;
  readonly read: GobValue;
}

/** The type whose only value is this one, so that samples of all types have one type here. */
function sample<T>(type: GobType<T>, value: T, read: GobValue): Sample {
  const write: GobType<null>['write'] = (out) => type.write(out, value);
  return { type: { shape: type.shape, write, isZero: () => type.isZero(value) }, read };
}

const narrow = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

const int64 = fc.oneof(
  fc.bigInt({ min: -200n, max: 200n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const text = fc.string({ unit: 'binary', maxLength: 200 });
const bytes = fc.uint8Array({ maxLength: 200 });

const texts = gobSlice('', gobString);
const numbers = gobMap('', gobString, gobInt);
const blobs = gobMap('', gobInt, gobBytes);
const lists = gobSlice('', texts);

const simple: fc.Arbitrary<Sample> = fc.oneof(
  fc.boolean().map((value) => sample(gobBool, value, value)),
  int64.map((value) => sample(gobInt, value, narrow(value))),
  uint64.map((value) => sample(gobUint, value, narrow(value))),
  fc.double().map((value) => sample(gobFloat, value, value)),
  text.map((value) => sample(gobString, value, value)),
  bytes.map((value) => sample(gobBytes, value, value)),
  fc.array(text).map((value) => sample(texts, value, value)),
  fc.array(fc.array(text)).map((value) => sample(lists, value, value)),
  fc.array(fc.tuple(text, int64)).map((entries) => {
    const map = new Map(entries);
    return sample(numbers, map, new Map([...map].map(([key, value]) => [key, narrow(value)])));
  }),
  fc.array(fc.tuple(fc.integer(), bytes)).map((entries) => {
    const map = new Map(entries);
    return sample(blobs, map, map);
  }),
);

function struct(parts: readonly Sample[]): Sample {
  const fields = parts.map((part, index) => gobField(`F${index}`, part.type, () => null));
  const sent = parts.flatMap((part, index) =>
    part.type.isZero(null) ? [] : [[`F${index}`, part.read] as const],
  );
  return { type: gobStruct('sample', fields), read: Object.fromEntries(sent) };
}

export const anySample: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    simple,
    fc.array(tie('sample'), { maxLength: 5 }).map(struct),
  ),
})).sample;
