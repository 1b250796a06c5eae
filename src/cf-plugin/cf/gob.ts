import { KnownFailure } from '../../model/failure.ts';

// The part of Go's encoding/gob that cf's methods for plugins need. Types travel as definitions
// before their first value; what the plugin sends has constant ones, and of what cf sends only a
// boolean, a text and the header of a reply are read. docs/cf-plugin-protocol.md has the format.

/** What to do where cf breaks the protocol of its plugins: the end of a sentence. */
export const RUN_AGAIN = 'run the command again, with CF_TRACE=true if that repeats';

/** cf's answers have some kilobytes: a token is the longest. Go itself stops at 1 GiB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** A length is one byte that says how many follow, and at most eight. */
const MAX_LENGTH_BYTES = 9;

/** Bytes that no Go program sends as gob. */
export const malformed = (what: string): KnownFailure =>
  new KnownFailure('GOB_MALFORMED', `cf's answer is not valid gob: ${what}; ${RUN_AGAIN}`);

const tooLarge = (what: string): KnownFailure =>
  new KnownFailure('GOB_TOO_LARGE', `cf's answer is too large: ${what}; ${RUN_AGAIN}`);

export function uint(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const hex = value.toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([256 - magnitude.length]), magnitude]);
}

/** A number that is not negative, as gob writes a signed one. */
export const int = (value: number): Buffer => uint(value * 2);

export function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint(bytes.length), bytes]);
}

/**
 * A struct from its fields in order. Null: the field has its zero value and is not sent; a field
 * begins with its distance from the one before.
 */
export function struct(...fields: readonly (Buffer | null)[]): Buffer {
  const parts: Buffer[] = [];
  let last = -1;
  for (const [index, field] of fields.entries()) {
    if (field === null) continue;
    parts.push(uint(index - last), field);
    last = index;
  }
  return Buffer.concat([...parts, uint(0)]);
}

export const gobMessage = (...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint(content.length), content]);
};

const TEXT_ID = 6;
const BOOL_ID = 1;

/** A value of a basic type has a 0 where a struct has its first field. */
export const textMessage = (value: string): Buffer =>
  gobMessage(int(TEXT_ID), uint(0), text(value));

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads values from the bytes of one message, never past its end. */
export class GobCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Numbers above 2^53 lose digits; no answer has a valid one so large. */
  uint(): number {
    const first = this.#take(1).readUInt8();
    if (first < 128) return first;
    const size = 256 - first;
    if (size > 8) throw malformed(`a number of ${size} bytes`);
    const magnitude = this.#take(size);
    const value = Number(BigInt(`0x${magnitude.toString('hex')}`));
    // Go writes each number the shortest way; another form is a sign that this is not a number.
    if (magnitude[0] === 0 || value < 128) throw malformed('a number that is longer than needed');
    return value;
  }

  int(): number {
    const wide = this.uint();
    return wide % 2 === 1 ? -(wide + 1) / 2 : wide / 2;
  }

  bool(): boolean {
    const value = this.uint();
    if (value > 1) throw malformed(`the boolean ${value}`);
    return value === 1;
  }

  text(): string {
    const length = this.uint();
    if (length > this.remaining) {
      throw malformed(`a length of ${length} where ${this.remaining} bytes are left`);
    }
    try {
      return utf8.decode(this.#take(length));
    } catch {
      throw malformed('a text that is not UTF-8');
    }
  }

  end(): void {
    if (this.remaining > 0) throw malformed(`${this.remaining} bytes after the end of a value`);
  }

  #take(size: number): Buffer {
    if (size > this.remaining) throw malformed('it ends in the middle of a value');
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return taken;
  }
}

/** The value of a message of a basic type; null where it is of another type. */
export function basicValue(id: number, cursor: GobCursor): boolean | string | null {
  if (id !== BOOL_ID && id !== TEXT_ID) return null;
  if (cursor.uint() !== 0) throw malformed('a value without the 0 in front');
  const value = id === BOOL_ID ? cursor.bool() : cursor.text();
  cursor.end();
  return value;
}

/** Cuts a stream into messages, in whatever pieces it arrives, and holds one message at most. */
export class MessageSplitter {
  #pieces: Buffer[] = [];
  #held = 0;
  /** How many bytes must be there before it is worth looking again. */
  #wanted = 1;

  /**
   * @returns the contents of the messages that are complete now, without their lengths
   * @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE; then the stream cannot be read on
   */
  push(piece: Buffer): readonly Buffer[] {
    this.#pieces.push(piece);
    this.#held += piece.length;
    const messages: Buffer[] = [];
    // A message in a thousand pieces is copied once, not a thousand times.
    while (this.#held >= this.#wanted) {
      const joined = Buffer.concat(this.#pieces);
      const start = messageStart(joined);
      this.#wanted = start === null ? joined.length + 1 : start.at + start.length;
      this.#pieces = [joined];
      if (start === null || this.#wanted > joined.length) break;
      messages.push(joined.subarray(start.at, this.#wanted));
      this.#pieces = [joined.subarray(this.#wanted)];
      this.#held -= this.#wanted;
      this.#wanted = 1;
    }
    return messages;
  }
}

/** Where the first message begins and its length; null while that is not there in full. */
function messageStart(bytes: Buffer): { readonly at: number; readonly length: number } | null {
  const first = bytes.readUInt8();
  const at = first < 128 ? 1 : 257 - first;
  if (at > MAX_LENGTH_BYTES) throw malformed(`a length of ${at - 1} bytes`);
  if (bytes.length < at) return null;
  const length = new GobCursor(bytes.subarray(0, at)).uint();
  if (length > MAX_MESSAGE_BYTES) throw tooLarge(`a message of ${length} bytes`);
  if (length === 0) throw malformed('an empty message');
  return { at, length };
}
