import { connect, type Socket } from 'node:net';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import {
  basicValue,
  GobCursor,
  int,
  malformed,
  gobMessage,
  MessageSplitter,
  RUN_AGAIN,
  struct,
  text,
  uint,
} from './gob.ts';

/** Go's definition of net/rpc's Request{ServiceMethod string; Seq uint64}, as type 65. */
const REQUEST_TYPE = Buffer.from(
  '2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c0001035365710106000000',
  'hex',
);
const REQUEST_ID = 65;
/** The fields in each definition of Response, whatever its id: the header is read by them. */
const RESPONSE_FIELDS = Buffer.from(
  '0103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c000000',
  'hex',
);

/** The bytes of one call, which travel in one write: in two the second would wait 40 ms. */
export const requestBytes = (method: string, sequence: number, argument: Buffer): Buffer =>
  Buffer.concat([
    ...(sequence === 0 ? [REQUEST_TYPE] : []),
    gobMessage(int(REQUEST_ID), struct(text(method), sequence === 0 ? null : uint(sequence))),
    argument,
  ]);

interface Header {
  readonly sequence: number;
  /** Empty where cf answers without an error. */
  readonly error: string;
}

export interface Reply extends Header {
  /** Null where it is neither a boolean nor a text, as after an error. */
  readonly body: boolean | string | null;
}

/** Puts the replies together from what arrives on a connection. */
export class ReplyReader {
  readonly #splitter = new MessageSplitter();
  #isDefined = false;
  /** A header whose body has not come yet. */
  #header: Header | null = null;

  /** @throws KnownFailure GOB_MALFORMED, GOB_TOO_LARGE, CF_ANSWER; then nothing more can be read */
  push(piece: Buffer): readonly Reply[] {
    return this.#splitter.push(piece).flatMap((content) => this.#take(content) ?? []);
  }

  #take(content: Buffer): Reply | null {
    const cursor = new GobCursor(content);
    const id = cursor.int();
    if (id < 0) {
      // Before the first header comes its type; the types of bodies that are not read are skipped.
      if (!this.#isDefined && !content.includes(RESPONSE_FIELDS)) throw notAResponse();
      this.#isDefined = true;
      return null;
    }
    const header = this.#header;
    if (header !== null) {
      this.#header = null;
      return { ...header, body: basicValue(id, cursor) };
    }
    if (!this.#isDefined) throw notAResponse();
    this.#header = headerOf(cursor);
    return null;
  }
}

const notAResponse = (): KnownFailure =>
  new KnownFailure('CF_ANSWER', `cf sent something else than a response of net/rpc: ${RUN_AGAIN}`);

/** ServiceMethod, Seq and Error, of which those with a zero value are left out. */
function headerOf(cursor: GobCursor): Header {
  let sequence = 0;
  let error = '';
  let field = -1;
  for (let step = cursor.uint(); step !== 0; step = cursor.uint()) {
    field += step;
    if (field === 0) cursor.text();
    else if (field === 1) sequence = cursor.uint();
    else if (field === 2) error = cursor.text();
    else throw malformed(`field ${field} of a response`);
  }
  cursor.end();
  return { sequence, error };
}

/** cf answered a call with an error. */
export class CallRefused extends KnownFailure {
  /** In cf's own words, one line. */
  readonly said: string;
  constructor(method: string, said: string) {
    super('CF_REFUSED', `cf refused ${method} (${said}): ${RUN_AGAIN}`);
    this.said = said;
  }
}

interface PendingCall {
  readonly method: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (body: Reply['body']) => void;
  readonly reject: (why: KnownFailure) => void;
}

/** A client of Go's net/rpc over one connection. Calls may overlap: answers have their number. */
export class RpcClient {
  readonly #socket: Socket;
  readonly #deadline: number;
  readonly #reader = new ReplyReader();
  readonly #pending = new Map<number, PendingCall>();
  /** Calls that timed out: their answers may still come. */
  readonly #abandoned = new Set<number>();
  #next = 0;
  /** Why nothing can be asked any more. */
  #ended: KnownFailure | null = null;

  /** @throws (as a rejection) KnownFailure CF_UNREACHABLE */
  static async connect(port: number, deadlineMilliseconds: number): Promise<RpcClient> {
    return new RpcClient(await connectLocally(port, deadlineMilliseconds), deadlineMilliseconds);
  }

  private constructor(socket: Socket, deadlineMilliseconds: number) {
    this.#socket = socket;
    this.#deadline = deadlineMilliseconds;
    socket.on('data', (piece) => this.#receive(piece));
    socket.on('error', (error) => this.#end(closed(error)));
    socket.on('close', () => this.#end(closed()));
  }

  /**
   * @param argument as gob messages
   * @throws (as a rejection) KnownFailure CF_REFUSED with what cf says; CF_TIMEOUT; CF_CLOSED;
   *   GOB_* and CF_ANSWER where cf breaks the protocol
   */
  call(method: string, argument: Buffer): Promise<Reply['body']> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const sequence = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#abandon(sequence), this.#deadline);
      this.#pending.set(sequence, { method, timer, resolve, reject });
      this.#socket.write(requestBytes(method, sequence, argument));
    });
  }

  /** Pending calls fail with CF_CLOSED. */
  close(): void {
    this.#end(new KnownFailure('CF_CLOSED', 'the plugin has closed its connection to cf'));
  }

  #receive(piece: Buffer): void {
    if (this.#ended !== null) return;
    try {
      for (const reply of this.#reader.push(piece)) this.#settle(reply);
    } catch (error) {
      if (!(error instanceof KnownFailure)) throw error;
      this.#end(error);
    }
  }

  #settle({ sequence, error, body }: Reply): void {
    if (this.#abandoned.delete(sequence)) return;
    const call = this.#take(sequence);
    if (call === null) {
      throw new KnownFailure(
        'CF_ANSWER',
        `cf answered call ${sequence}, which nobody made: ${RUN_AGAIN}`,
      );
    }
    if (error === '') call.resolve(body);
    else call.reject(new CallRefused(call.method, oneLine(error, 500)));
  }

  #abandon(sequence: number): void {
    this.#abandoned.add(sequence);
    const call = this.#take(sequence);
    call?.reject(
      new KnownFailure(
        'CF_TIMEOUT',
        `cf did not answer ${call.method} within ${this.#deadline / 1000} s: run the command again, with CF_TRACE=true to see what cf waits for`,
      ),
    );
  }

  #take(sequence: number): PendingCall | null {
    const call = this.#pending.get(sequence) ?? null;
    this.#pending.delete(sequence);
    clearTimeout(call?.timer);
    return call;
  }

  #end(why: KnownFailure): void {
    if (this.#ended !== null) return;
    this.#ended = why;
    this.#socket.destroy();
    for (const sequence of this.#pending.keys()) this.#take(sequence)?.reject(why);
  }
}

const closed = (cause?: Error): KnownFailure =>
  new KnownFailure(
    'CF_CLOSED',
    `cf closed its connection to this plugin before it had answered: ${RUN_AGAIN}`,
    { cause },
  );

/** cf listens on this machine. Each write goes out at once: waiting for more costs 40 ms a call. */
function connectLocally(port: number, deadlineMilliseconds: number): Promise<Socket> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return Promise.reject(unreachable(port, 'that is not a port'));
  }
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(unreachable(port, why, cause));
    };
    const timer = setTimeout(() => fail('no answer'), deadlineMilliseconds);
    const failed = (error: Error): void => fail(error.message, error);
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

const unreachable = (port: number, why: string, cause?: Error): KnownFailure =>
  new KnownFailure(
    'CF_UNREACHABLE',
    `cannot connect to cf on port ${port} of this machine (${why}): this plugin is started by cf, as in \`cf rollcall-status\``,
    { cause },
  );
