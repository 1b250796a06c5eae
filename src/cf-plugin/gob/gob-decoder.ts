import { malformed, tooLarge } from './gob-failure.ts';
import { GobCursor } from './gob-cursor.ts';
import { MAX_DEFINITION_BYTES, MAX_TYPES } from './gob-limits.ts';
import type { GobValue } from './gob-value.ts';
import type { TypeDefinition } from './type-definition.ts';
import { FIRST_DEFINED_ID } from './type-ids.ts';
import { ValueReader } from './value-reader.ts';
import { definitionOf, WIRE_TYPES, WIRE_TYPE_ID } from './wire-type.ts';

export type GobMessage =
  | { readonly kind: 'definition'; readonly id: number }
  | { readonly kind: 'value'; readonly value: GobValue };

/** One direction of one connection: remembers the types that were defined on it. */
export class GobDecoder {
  readonly #types = new Map<number, TypeDefinition>();

  /**
   * @param content one message without its length
   * @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE, GOB_TYPE; then nothing more can be read from this stream
   */
  read(content: Uint8Array): GobMessage {
    const cursor = new GobCursor(content);
    const id = Number(cursor.int());
    const message = id < 0 ? this.#define(cursor, -id, content.length) : this.#value(cursor, id);
    if (cursor.remaining > 0) throw malformed(`${cursor.remaining} bytes after the end of a value`);
    return message;
  }

  #define(cursor: GobCursor, id: number, size: number): GobMessage {
    if (id < FIRST_DEFINED_ID) throw malformed(`a definition of type ${id}, which Go defines`);
    if (this.#types.has(id)) throw malformed(`a second definition of type ${id}`);
    if (size > MAX_DEFINITION_BYTES) throw tooLarge(`a definition of ${size} bytes`);
    if (this.#types.size >= MAX_TYPES) throw tooLarge(`more than ${MAX_TYPES} types`);
    const wireType = new ValueReader(cursor, WIRE_TYPES).read(WIRE_TYPE_ID);
    this.#types.set(id, definitionOf(wireType, id));
    return { kind: 'definition', id };
  }

  #value(cursor: GobCursor, id: number): GobMessage {
    const isStruct = this.#types.get(id)?.kind === 'struct';
    if (!isStruct && cursor.uint() !== 0) throw malformed('a value without the 0 in front of it');
    return { kind: 'value', value: new ValueReader(cursor, this.#types).read(id) };
  }
}
