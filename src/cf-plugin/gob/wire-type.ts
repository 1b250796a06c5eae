import * as v from 'valibot';
import { malformed } from './gob-failure.ts';
import type { GobValue } from './gob-value.ts';
import type { TypeDefinition } from './type-definition.ts';
import { BASIC_IDS } from './type-ids.ts';

export const WIRE_TYPE_ID = 16;

const { int, string } = BASIC_IDS;

const struct = (name: string, fields: Readonly<Record<string, number>>): TypeDefinition => ({
  kind: 'struct',
  name,
  fields: Object.entries(fields).map(([fieldName, id]) => ({ name: fieldName, id })),
});

/** Go's types of definitions, which are read like any other struct (encoding/gob, "Types and Values"); 24 is ours. */
export const WIRE_TYPES: ReadonlyMap<number, TypeDefinition> = new Map([
  [
    WIRE_TYPE_ID,
    struct('wireType', {
      ArrayT: 17,
      SliceT: 19,
      StructT: 20,
      MapT: 23,
      GobEncoderT: 24,
      BinaryMarshalerT: 24,
      TextMarshalerT: 24,
    }),
  ],
  [17, struct('arrayType', { CommonType: 18, Elem: int, Len: int })],
  [18, struct('CommonType', { Name: string, Id: int })],
  [19, struct('sliceType', { CommonType: 18, Elem: int })],
  [20, struct('structType', { CommonType: 18, Field: 22 })],
  [21, struct('fieldType', { Name: string, Id: int })],
  [22, { kind: 'slice', name: '[]fieldType', element: 21 }],
  [23, struct('mapType', { CommonType: 18, Key: int, Elem: int })],
  [24, struct('gobEncoderType', { CommonType: 18 })],
]);

// The sender leaves out what is zero.
const name = v.optional(v.string(), '');
const id = v.optional(v.number(), 0);
const length = v.optional(v.pipe(v.number(), v.minValue(0)), 0);

const common = v.object({ Name: name, Id: id });
const opaque = v.object({ CommonType: common });
const wireType = v.object({
  ArrayT: v.optional(v.object({ CommonType: common, Elem: id, Len: length })),
  SliceT: v.optional(v.object({ CommonType: common, Elem: id })),
  StructT: v.optional(
    v.object({
      CommonType: common,
      Field: v.optional(v.array(v.object({ Name: name, Id: id })), []),
    }),
  ),
  MapT: v.optional(v.object({ CommonType: common, Key: id, Elem: id })),
  GobEncoderT: v.optional(opaque),
  BinaryMarshalerT: v.optional(opaque),
  TextMarshalerT: v.optional(opaque),
});

/**
 * @param value what was read as a wireType
 * @param announced the id that stood in front of it
 * @throws KnownFailure GOB_MALFORMED
 */
export function definitionOf(value: GobValue, announced: number): TypeDefinition {
  const parsed = v.safeParse(wireType, value);
  const [wire, ...others] = parsed.success ? Object.values(parsed.output).filter(isThere) : [];
  if (!parsed.success || wire === undefined || others.length > 0)
    throw malformed(`the definition of type ${announced} is not one of a type`);
  if (wire.CommonType.Id !== announced)
    throw malformed(`the definition of type ${announced} is about type ${wire.CommonType.Id}`);
  return named(parsed.output, wire.CommonType.Name);
}

function named(wire: v.InferOutput<typeof wireType>, typeName: string): TypeDefinition {
  const { ArrayT, SliceT, StructT, MapT } = wire;
  if (ArrayT !== undefined)
    return { kind: 'array', name: typeName, element: ArrayT.Elem, length: ArrayT.Len };
  if (SliceT !== undefined) return { kind: 'slice', name: typeName, element: SliceT.Elem };
  if (MapT !== undefined) return { kind: 'map', name: typeName, key: MapT.Key, element: MapT.Elem };
  if (StructT === undefined) return { kind: 'opaque', name: typeName };
  const fields = StructT.Field.map((field) => ({ name: field.Name, id: field.Id }));
  if (new Set(fields.map((field) => field.name)).size < fields.length)
    throw malformed(`type "${typeName}" has two fields of one name`);
  return { kind: 'struct', name: typeName, fields };
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;
