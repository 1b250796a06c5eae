const MAX_UINT64 = 2n ** 64n - 1n;

/** Collects the bytes of gob's basic values (encoding/gob, "Encoding Details"). Numbers out of range are a RangeError. */
export class GobWriter {
  readonly #bytes: Buffer[] = [];

  /** Below 128 the number itself; else the negated count of the bytes that follow, the highest first, no zeros in front. */
  uint(value: number | bigint): void {
    const wide = BigInt(value);
    if (wide < 0n || wide > MAX_UINT64) throw new RangeError(`${wide} is no uint64`);
    if (wide < 128n) {
      this.#bytes.push(Buffer.of(Number(wide)));
      return;
    }
    const digits = wide.toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
    this.#bytes.push(Buffer.of(256 - magnitude.length), magnitude);
  }

  /** The sign goes into the lowest bit, so that small negative numbers stay small. */
  int(value: number | bigint): void {
    const wide = BigInt(value);
    if (BigInt.asIntN(64, wide) !== wide) throw new RangeError(`${wide} is no int64`);
    this.uint(wide < 0n ? (~wide << 1n) | 1n : wide << 1n);
  }

  bool(value: boolean): void {
    this.uint(value ? 1 : 0);
  }

  /** The bytes of the IEEE number reversed: a round number ends in zero bytes, which then are in front and cost nothing. */
  float(value: number): void {
    const bits = Buffer.alloc(8);
    bits.writeDoubleLE(value);
    this.uint(bits.readBigUInt64BE());
  }

  bytes(value: Uint8Array): void {
    this.uint(value.length);
    this.#bytes.push(Buffer.from(value));
  }

  /** As UTF-8; half a surrogate pair becomes U+FFFD. */
  string(value: string): void {
    this.bytes(Buffer.from(value, 'utf8'));
  }

  /** What was written so far. */
  take(): Buffer {
    return Buffer.concat(this.#bytes);
  }

  /** The same as a message: its length in front. */
  takeMessage(): Buffer {
    const content = this.take();
    const length = new GobWriter();
    length.uint(content.length);
    return Buffer.concat([length.take(), content]);
  }
}
