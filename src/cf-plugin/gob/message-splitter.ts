import { malformed, tooLarge } from './gob-failure.ts';
import { GobCursor } from './gob-cursor.ts';
import { MAX_MESSAGE_BYTES } from './gob-limits.ts';

/** The length of a message: one byte that says how many follow, and at most eight. */
const MAX_LENGTH_BYTES = 9;

/** Cuts a stream into messages, however it arrives. Holds no more than one message and one piece of the stream. */
export class MessageSplitter {
  #pieces: Buffer[] = [];
  #held = 0;
  /** How many bytes must be there before it is worth looking again. */
  #wanted = 1;

  /**
   * @returns the contents of the messages that are complete now, without their lengths
   * @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE; then the stream cannot be read on
   */
  push(piece: Uint8Array): readonly Buffer[] {
    if (piece.length === 0) return [];
    this.#pieces.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    this.#held += piece.length;
    const messages: Buffer[] = [];
    // Pieces are joined only when something is complete: a message in a thousand pieces is copied once, not a thousand times.
    while (this.#held >= this.#wanted) {
      const [only, ...more] = this.#pieces;
      const joined = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#pieces);
      const start = messageStart(joined);
      const end = start === null ? joined.length + 1 : start.at + start.length;
      this.#wanted = end;
      this.#pieces = [joined];
      if (start === null || end > joined.length) break;
      messages.push(joined.subarray(start.at, end));
      this.#hold(joined.subarray(end));
    }
    return messages;
  }

  #hold(rest: Buffer): void {
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
    this.#wanted = 1;
  }
}

/** Where the first message begins and how long it is; null while its length is not there in full. */
function messageStart(bytes: Buffer): { readonly at: number; readonly length: number } | null {
  const first = bytes.readUInt8();
  const size = first < 128 ? 1 : 257 - first;
  if (size > MAX_LENGTH_BYTES) throw malformed(`a length of ${size - 1} bytes`);
  if (bytes.length < size) return null;
  const length = new GobCursor(bytes.subarray(0, size)).uint();
  if (length > MAX_MESSAGE_BYTES)
    throw tooLarge(`a message of ${length} bytes, the most is ${MAX_MESSAGE_BYTES}`);
  if (length === 0) throw malformed('an empty message');
  return { at: size, length: Number(length) };
}
