import { malformed, tooLarge, unsupported } from './gob-failure.ts';
import type { GobCursor } from './gob-cursor.ts';
import { MAX_DEPTH, MAX_VALUES } from './gob-limits.ts';
import type { GobValue } from './gob-value.ts';
import type { FieldDefinition, TypeDefinition } from './type-definition.ts';
import { BASIC_IDS } from './type-ids.ts';

/**
 * Reads the value of one message.
 * @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE, GOB_TYPE
 */
export class ValueReader {
  readonly #cursor: GobCursor;
  readonly #types: ReadonlyMap<number, TypeDefinition>;
  #values = 0;
  #depth = 0;

  constructor(cursor: GobCursor, types: ReadonlyMap<number, TypeDefinition>) {
    this.#cursor = cursor;
    this.#types = types;
  }

  read(id: number): GobValue {
    this.#values += 1;
    if (this.#values > MAX_VALUES) throw tooLarge(`more than ${MAX_VALUES} values in one message`);
    switch (id) {
      case BASIC_IDS.bool:
        return this.#cursor.bool();
      case BASIC_IDS.int:
        return this.#cursor.int();
      case BASIC_IDS.uint:
        return this.#cursor.uint();
      case BASIC_IDS.float:
        return this.#cursor.float();
      case BASIC_IDS.bytes:
        return this.#cursor.bytes();
      case BASIC_IDS.string:
        return this.#cursor.string();
      case BASIC_IDS.complex:
      case BASIC_IDS.interface:
        throw unsupported('a complex number or an interface');
      default:
        return this.#defined(id);
    }
  }

  #defined(id: number): GobValue {
    const type = this.#types.get(id);
    // Said when a value needs it: a definition may come after another one that names it.
    if (type === undefined) throw malformed(`a value of type ${id}, which was never defined`);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw tooLarge(`values within values, deeper than ${MAX_DEPTH}`);
    const value = this.#composed(type);
    this.#depth -= 1;
    return value;
  }

  #composed(type: TypeDefinition): GobValue {
    switch (type.kind) {
      case 'opaque':
        return this.#cursor.bytes();
      case 'slice':
        return this.#elements(this.#cursor.count(), type.element);
      case 'array':
        return this.#elements(this.#arrayLength(type.length), type.element);
      case 'map':
        return new Map(this.#entries(this.#cursor.count(), type.key, type.element));
      case 'struct':
        return Object.fromEntries(this.#fields(type.name, type.fields));
    }
  }

  #arrayLength(defined: number): number {
    const count = this.#cursor.count();
    if (count !== defined) throw malformed(`an array of ${count} elements where ${defined} belong`);
    return count;
  }

  #elements(count: number, element: number): readonly GobValue[] {
    const elements: GobValue[] = [];
    for (let index = 0; index < count; index++) elements.push(this.read(element));
    return elements;
  }

  #entries(count: number, key: number, element: number): readonly [GobValue, GobValue][] {
    const entries: [GobValue, GobValue][] = [];
    for (let index = 0; index < count; index++) entries.push([this.read(key), this.read(element)]);
    return entries;
  }

  #fields(name: string, fields: readonly FieldDefinition[]): readonly [string, GobValue][] {
    const read: [string, GobValue][] = [];
    let index = -1;
    for (;;) {
      const distance = this.#cursor.uint();
      if (distance === 0) return read;
      index += Number(distance);
      const field = fields[index];
      if (field === undefined)
        throw malformed(`field ${index} of "${name}", which has ${fields.length}`);
      read.push([field.name, this.read(field.id)]);
    }
  }
}
