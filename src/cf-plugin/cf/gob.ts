import { KnownFailure } from '../../model/failure.ts';

// The part of Go's encoding/gob that cf's plugin methods need;
// see docs/decisions/cf-plugin-protocol.md.

/** What to do if cf violates its plugin protocol; completes a sentence. */
export const RUN_AGAIN = 'run the command again, with CF_TRACE=true if that repeats';

/** cf's answers have a few kilobytes; the token is the longest. Go's own limit is 1 GiB. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const BOOL_ID = 1;
const TEXT_ID = 6;

/** The failure for bytes that no Go program sends as gob. */
export const malformed = (what: string): KnownFailure =>
  new KnownFailure('GOB_MALFORMED', `cf's answer is not valid gob: ${what}; ${RUN_AGAIN}`);

/** A value below 128 is one byte. For others, one byte gives the number of bytes that follow. */
export function uint(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const hex = value.toString(16);
  const magnitude = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([256 - magnitude.length]), magnitude]);
}

/** A non-negative number, encoded as gob encodes signed numbers. */
export const int = (value: number): Buffer => uint(value * 2);

export const text = (value: string): Buffer =>
  Buffer.concat([uint(Buffer.byteLength(value)), Buffer.from(value)]);

/**
 * A struct from its fields in order, each preceded by its distance from the previous one. Null: the
 * field has its zero value and is not sent.
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

export function gobMessage(...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint(content.length), content]);
}

/** A value that is not a struct has a 0 in place of the first field's distance. */
export const textMessage = (value: string): Buffer =>
  gobMessage(int(TEXT_ID), uint(0), text(value));

export class GobCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** A number above 2^53 loses digits, but no valid answer contains one that large. */
  uint(): number {
    const first = this.#take(1).readUInt8();
    if (first < 128) return first;
    const size = 256 - first;
    if (size > 8) throw malformed(`a number of ${size} bytes`);
    return Number(`0x${this.#take(size).toString('hex')}`);
  }

  int(): number {
    const wide = this.uint();
    return wide % 2 === 1 ? -(wide + 1) / 2 : wide / 2;
  }

  text(): string {
    const bytes = this.#take(this.uint());
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw malformed('a text that is not UTF-8');
    }
  }

  end(): void {
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw malformed(`${rest} bytes after the end of a value`);
  }

  /** The value of a message of a basic type; null for another type. */
  basicValue(id: number): boolean | string | null {
    if (id !== BOOL_ID && id !== TEXT_ID) return null;
    if (this.uint() !== 0) throw malformed('a value without the 0 in front');
    const value = id === BOOL_ID ? this.uint() : this.text();
    this.end();
    if (typeof value === 'string') return value;
    if (value > 1) throw malformed(`the boolean ${value}`);
    return value === 1;
  }

  #take(size: number): Buffer {
    const rest = this.#bytes.length - this.#at;
    if (size > rest) throw malformed(`a value of ${size} bytes where ${rest} are left`);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }
}
