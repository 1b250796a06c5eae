import { malformed } from './gob-failure.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads gob's basic values from the bytes of one message, never past its end.
 * @throws KnownFailure GOB_MALFORMED
 */
export class GobCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  uint(): number | bigint {
    const first = this.#take(1).readUInt8();
    if (first < 128) return first;
    const size = 256 - first;
    if (size > 8) throw malformed(`a number of ${size} bytes`);
    const magnitude = this.#take(size);
    const value = BigInt(`0x${magnitude.toString('hex')}`);
    // Go writes every number the shortest way; another one is a sign that this is no number.
    if (magnitude[0] === 0 || value < 128n)
      throw malformed('a number that is longer than it must be');
    return narrow(value);
  }

  int(): number | bigint {
    const wide = BigInt(this.uint());
    return narrow((wide & 1n) === 1n ? ~(wide >> 1n) : wide >> 1n);
  }

  bool(): boolean {
    const value = this.uint();
    if (value !== 0 && value !== 1) throw malformed(`the boolean ${value}`);
    return value === 1;
  }

  float(): number {
    const bits = Buffer.alloc(8);
    bits.writeBigUInt64BE(BigInt(this.uint()));
    return bits.readDoubleLE();
  }

  /** A number that says how many of something follow, each of a byte at least. */
  count(): number {
    const count = this.uint();
    if (typeof count === 'bigint' || count > this.remaining)
      throw malformed(`a length of ${count} where ${this.remaining} bytes are left`);
    return count;
  }

  /** A copy: a view would keep the whole message in memory. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#take(this.count()));
  }

  string(): string {
    const bytes = this.#take(this.count());
    try {
      return utf8.decode(bytes);
    } catch {
      throw malformed('a text that is not UTF-8');
    }
  }

  #take(size: number): Buffer {
    if (size > this.remaining) throw malformed('it ends in the middle of a value');
    const taken = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += size;
    return taken;
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
