import { KnownFailure } from '../../model/failure.ts';
import * as gob from './gob.ts';

/** Go's definition of net/rpc's Request{ServiceMethod string; Seq uint64}, as type 65. */
const REQUEST_TYPE = Buffer.from(
  '2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c0001035365710106000000',
  'hex',
);
const REQUEST_ID = 65;
/** The fields in every definition of Response, whatever its id; they identify the header's type. */
const RESPONSE_FIELDS = Buffer.from(
  '0103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c000000',
  'hex',
);

/** The bytes of one call, sent in one write: with two writes the second would wait 40 ms. */
export const requestBytes = (method: string, sequence: number, argument: Buffer): Buffer =>
  Buffer.concat([
    ...(sequence === 0 ? [REQUEST_TYPE] : []),
    gob.gobMessage(
      gob.int(REQUEST_ID),
      gob.struct(gob.text(method), sequence === 0 ? null : gob.uint(sequence)),
    ),
    argument,
  ]);

export interface Reply {
  readonly sequence: number;
  /** Empty if cf answers without an error. */
  readonly error: string;
  /** Null if it is neither a boolean nor a text, for example after an error. */
  readonly body: boolean | string | null;
}

export const answerFailure = (what: string): KnownFailure =>
  new KnownFailure('CF_ANSWER', `${what}: ${gob.RUN_AGAIN}`);

/**
 * The replies in the bytes from a connection, however they are split. Holds at most one message in
 * memory.
 * @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE, CF_ANSWER
 */
export async function* repliesIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<Reply, undefined> {
  let isDefined = false;
  let header: Reply | null = null;
  for await (const content of messagesIn(pieces)) {
    const cursor = new gob.GobCursor(content);
    const id = cursor.int();
    // The first type is that of the header. The types of bodies that are not read do not matter.
    if (!isDefined && !(id < 0 && content.includes(RESPONSE_FIELDS))) {
      throw answerFailure('cf sent something other than a net/rpc response');
    }
    isDefined = true;
    if (id < 0) continue;
    if (header === null) {
      header = headerOf(cursor);
    } else {
      yield { ...header, body: cursor.basicValue(id) };
      header = null;
    }
  }
}

async function* messagesIn(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const piece of pieces) {
    held = Buffer.concat([held, piece]);
    for (let first = held[0]; first !== undefined; first = held[0]) {
      const at = first < 128 ? 1 : 257 - first;
      // Reject a malformed length before all of it has arrived.
      if (at <= 9 && held.length < at) break;
      const length = new gob.GobCursor(held).uint();
      if (length === 0) throw gob.malformed('an empty message');
      if (length > gob.MAX_MESSAGE_BYTES) {
        const what = `cf's answer is too large: a message of ${length} bytes; ${gob.RUN_AGAIN}`;
        throw new KnownFailure('GOB_TOO_LARGE', what);
      }
      if (held.length < at + length) break;
      yield held.subarray(at, at + length);
      held = held.subarray(at + length);
    }
  }
}

/** ServiceMethod, Seq and Error; those with a zero value are omitted. */
function headerOf(cursor: gob.GobCursor): Reply {
  let sequence = 0;
  let error = '';
  let field = -1;
  for (let step = cursor.uint(); step !== 0; step = cursor.uint()) {
    field += step;
    if (field === 0) cursor.text();
    else if (field === 1) sequence = cursor.uint();
    else if (field === 2) error = cursor.text();
    else throw gob.malformed(`field ${field} of a response`);
  }
  cursor.end();
  return { sequence, error, body: null };
}
