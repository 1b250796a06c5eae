/**
 * A value as it was read. Gob describes itself, so reading needs no schema.
 * Integers beyond 2^53 are bigint. Slices and arrays are arrays, maps are Maps, []byte and the bytes of a type that encodes
 * itself (GobEncoder and its kin) are Uint8Array. A struct is an object without the fields that had Go's zero value: the
 * sender leaves them out.
 */
export type GobValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly GobValue[]
  | ReadonlyMap<GobValue, GobValue>
  | GobStruct;

interface GobStruct {
  readonly [field: string]: GobValue;
}
