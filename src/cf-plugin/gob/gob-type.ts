import type { GobWriter } from './gob-writer.ts';
import { BASIC_IDS } from './type-ids.ts';

/** How a type is described on the wire. The name is for people: Go matches fields by name and ignores those of types. */
export type TypeShape =
  | { readonly kind: 'basic'; readonly id: number }
  | { readonly kind: 'slice'; readonly name: string; readonly element: TypeShape }
  | {
      readonly kind: 'map';
      readonly name: string;
      readonly key: TypeShape;
      readonly element: TypeShape;
    }
  | {
      readonly kind: 'struct';
      readonly name: string;
      readonly fields: readonly { readonly name: string; readonly shape: TypeShape }[];
    };

/** A Go type that values of T are sent as. */
export interface GobType<T> {
  readonly shape: TypeShape;
  readonly write: (out: GobWriter, value: T) => void;
  /** Go's zero value: left out where it is a field of a struct. */
  readonly isZero: (value: T) => boolean;
}

/** A field of a struct, and how it is taken from a T. */
export interface GobField<T> {
  readonly name: string;
  readonly shape: TypeShape;
  readonly isZero: (whole: T) => boolean;
  readonly write: (out: GobWriter, whole: T) => void;
}

const basic = (kind: keyof typeof BASIC_IDS): TypeShape => ({ kind: 'basic', id: BASIC_IDS[kind] });

export const gobBool: GobType<boolean> = {
  shape: basic('bool'),
  write: (out, value) => out.bool(value),
  isZero: (value) => !value,
};

/** int of any size: on the wire they are one. */
export const gobInt: GobType<number | bigint> = {
  shape: basic('int'),
  write: (out, value) => out.int(value),
  isZero: (value) => BigInt(value) === 0n,
};

export const gobUint: GobType<number | bigint> = {
  shape: basic('uint'),
  write: (out, value) => out.uint(value),
  isZero: (value) => BigInt(value) === 0n,
};

export const gobFloat: GobType<number> = {
  shape: basic('float'),
  write: (out, value) => out.float(value),
  isZero: (value) => value === 0,
};

export const gobBytes: GobType<Uint8Array> = {
  shape: basic('bytes'),
  write: (out, value) => out.bytes(value),
  isZero: (value) => value.length === 0,
};

export const gobString: GobType<string> = {
  shape: basic('string'),
  write: (out, value) => out.string(value),
  isZero: (value) => value === '',
};

export function gobSlice<T>(name: string, element: GobType<T>): GobType<readonly T[]> {
  return {
    shape: { kind: 'slice', name, element: element.shape },
    write: (out, values) => {
      out.uint(values.length);
      for (const value of values) element.write(out, value);
    },
    isZero: (values) => values.length === 0,
  };
}

export function gobMap<K, V>(
  name: string,
  key: GobType<K>,
  element: GobType<V>,
): GobType<ReadonlyMap<K, V>> {
  return {
    shape: { kind: 'map', name, key: key.shape, element: element.shape },
    write: (out, map) => {
      out.uint(map.size);
      for (const [mapKey, value] of map) {
        key.write(out, mapKey);
        element.write(out, value);
      }
    },
    isZero: (map) => map.size === 0,
  };
}

export function gobField<T, V>(name: string, type: GobType<V>, of: (whole: T) => V): GobField<T> {
  return {
    name,
    shape: type.shape,
    isZero: (whole) => type.isZero(of(whole)),
    write: (out, whole) => type.write(out, of(whole)),
  };
}

export function gobStruct<T>(name: string, fields: readonly GobField<T>[]): GobType<T> {
  return {
    shape: {
      kind: 'struct',
      name,
      fields: fields.map((field) => ({ name: field.name, shape: field.shape })),
    },
    write: (out, whole) => {
      // A field is announced by its distance to the one sent before it, the first by that to −1.
      let last = -1;
      for (const [index, field] of fields.entries()) {
        if (field.isZero(whole)) continue;
        out.uint(index - last);
        field.write(out, whole);
        last = index;
      }
      out.uint(0);
    },
    // Go sends a struct within a struct even where nothing is set in it.
    isZero: () => false,
  };
}
