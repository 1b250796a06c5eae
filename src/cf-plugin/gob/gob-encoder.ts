import type { GobType, TypeShape } from './gob-type.ts';
import { GobWriter } from './gob-writer.ts';
import { mapType, sliceType, structType, type SentDefinition } from './type-definition.ts';

/** Where each kind of definition stands among the fields of wireType, counted from 1: distances count from −1. */
const WIRE_TYPE_FIELD = { slice: 2, struct: 3, map: 4 } as const;

type DefinedShape = Exclude<TypeShape, { kind: 'basic' }>;

/**
 * One direction of one connection: a type is defined before its first value, and only once. Shapes are told apart by
 * identity, so make each GobType once.
 */
export class GobEncoder {
  readonly #ids = new Map<TypeShape, number>();
  readonly #defined = new Set<TypeShape>();
  #nextId: number;

  constructor(firstId = 65) {
    this.#nextId = firstId;
  }

  /** The messages for one value: the definitions that the receiver lacks, then the value. */
  encode<T>(type: GobType<T>, value: T): Buffer {
    const definitions = this.#define(type.shape);
    const out = new GobWriter();
    out.int(this.#idOf(type.shape));
    // A value that is not a struct is sent as the only field of one.
    if (type.shape.kind !== 'struct') out.uint(0);
    type.write(out, value);
    return Buffer.concat([...definitions, out.takeMessage()]);
  }

  #define(shape: TypeShape): readonly Buffer[] {
    if (shape.kind === 'basic' || this.#defined.has(shape)) return [];
    // Before the parts are looked at: a definition may name ids that are defined after it.
    this.#defined.add(shape);
    const own = this.#definition(shape);
    return [own, ...partsOf(shape).flatMap((part) => this.#define(part))];
  }

  #definition(shape: DefinedShape): Buffer {
    const out = new GobWriter();
    const definition = this.#describe(shape);
    out.int(-definition.id);
    out.uint(WIRE_TYPE_FIELD[definition.kind]);
    if (definition.kind === 'slice') sliceType.write(out, definition);
    else if (definition.kind === 'map') mapType.write(out, definition);
    else structType.write(out, definition);
    out.uint(0);
    return out.takeMessage();
  }

  #describe(shape: DefinedShape): SentDefinition {
    const { name } = shape;
    const id = this.#idOf(shape);
    switch (shape.kind) {
      case 'slice':
        return { kind: 'slice', id, name, element: this.#idOf(shape.element) };
      case 'map':
        return {
          kind: 'map',
          id,
          name,
          key: this.#idOf(shape.key),
          element: this.#idOf(shape.element),
        };
      case 'struct':
        return {
          kind: 'struct',
          id,
          name,
          fields: shape.fields.map((field) => ({
            name: field.name,
            id: this.#idOf(field.shape),
          })),
        };
    }
  }

  /** Ids in the order in which Go gives them, so that the bytes are Go's: a struct before its parts, the others after. */
  #idOf(shape: TypeShape): number {
    if (shape.kind === 'basic') return shape.id;
    const known = this.#ids.get(shape);
    if (known !== undefined) return known;
    if (shape.kind === 'struct') this.#giveId(shape);
    for (const part of partsOf(shape)) this.#idOf(part);
    return this.#ids.get(shape) ?? this.#giveId(shape);
  }

  #giveId(shape: TypeShape): number {
    const id = this.#nextId++;
    this.#ids.set(shape, id);
    return id;
  }
}

function partsOf(shape: DefinedShape): readonly TypeShape[] {
  switch (shape.kind) {
    case 'slice':
      return [shape.element];
    case 'map':
      return [shape.key, shape.element];
    case 'struct':
      return shape.fields.map((field) => field.shape);
  }
}
