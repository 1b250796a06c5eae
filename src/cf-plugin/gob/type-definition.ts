import { gobField, gobInt, gobSlice, gobString, gobStruct } from './gob-type.ts';

/*
 * A type is defined by a value of Go's own type `wireType`, a struct of which exactly one field is there
 * (encoding/gob, "Types and Values"). The field numbers below are part of the format.
 */

/** A type as the wire describes it; ids are those of one connection and direction. */
export type TypeDefinition =
  | {
      readonly kind: 'array';
      readonly name: string;
      readonly element: number;
      readonly length: number;
    }
  | { readonly kind: 'slice'; readonly name: string; readonly element: number }
  | { readonly kind: 'map'; readonly name: string; readonly key: number; readonly element: number }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: readonly FieldDefinition[] }
  /** A type that encodes itself (GobEncoder, BinaryMarshaler, TextMarshaler): bytes whose meaning only it knows. */
  | { readonly kind: 'opaque'; readonly name: string };

export interface FieldDefinition {
  readonly name: string;
  readonly id: number;
}

/** What can be sent: this plugin has no arrays and no types that encode themselves. */
export type SentDefinition = Exclude<TypeDefinition, { kind: 'array' | 'opaque' }> & {
  readonly id: number;
};

type Sent<K extends SentDefinition['kind']> = Extract<SentDefinition, { kind: K }>;

const commonType = gobStruct<SentDefinition>('CommonType', [
  gobField('Name', gobString, (type) => type.name),
  gobField('Id', gobInt, (type) => type.id),
]);

const fieldType = gobStruct<FieldDefinition>('fieldType', [
  gobField('Name', gobString, (field) => field.name),
  gobField('Id', gobInt, (field) => field.id),
]);

const common = <T extends SentDefinition>() =>
  gobField('CommonType', commonType, (type: T) => type);

export const sliceType = gobStruct<Sent<'slice'>>('sliceType', [
  common(),
  gobField('Elem', gobInt, (type) => type.element),
]);

export const structType = gobStruct<Sent<'struct'>>('structType', [
  common(),
  gobField('Field', gobSlice('', fieldType), (type) => type.fields),
]);

export const mapType = gobStruct<Sent<'map'>>('mapType', [
  common(),
  gobField('Key', gobInt, (type) => type.key),
  gobField('Elem', gobInt, (type) => type.element),
]);
