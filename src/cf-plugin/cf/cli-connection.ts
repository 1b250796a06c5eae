import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { KnownFailure, type FailureCode } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import * as gob from './gob.ts';
import { LEAST_CF } from './options.ts';
import { metadataMessages, type PluginMetadata } from './plugin-metadata.ts';

/**
 * The calls that a plugin can make to cf, one at a time. Every call may fail with a KnownFailure: CF_REFUSED (cf
 * answered with an error: CallRefused), CF_CLOSED, CF_TIMEOUT, and CF_ANSWER or GOB_* if cf
 * violates the protocol. Only after CF_REFUSED can another call succeed.
 */
export type CliConnection = Awaited<ReturnType<typeof connectToCli>>;

export class CallRefused extends KnownFailure {
  /** In cf's own words, one line. */
  readonly said: string;
  constructor(method: string, said: string) {
    super('CF_REFUSED', `cf refused ${method} (${said}): ${gob.RUN_AGAIN}`);
    this.said = said;
  }
}

/**
 * Connects to the cf that started this plugin.
 * @param port the first argument that cf gives a plugin
 * @param options `deadlineMilliseconds`: for the connection and for each call; if the token is about
 * to expire, cf requests another one from UAA
 * @throws KnownFailure CF_UNREACHABLE
 */
export async function connectToCli(
  port: number,
  { deadlineMilliseconds = 30_000 }: { readonly deadlineMilliseconds?: number } = {},
) {
  const socket = await connected(port, deadlineMilliseconds);
  const replies = repliesIn(socket);
  let sequence = 0;
  const call = async (method: string, argument: Buffer): Promise<Reply['body']> => {
    const late = new KnownFailure(
      'CF_TIMEOUT',
      `cf did not answer ${method} within ${deadlineMilliseconds / 1000} s: run the command again, with CF_TRACE=true to see what cf waits for`,
    );
    const timer = setTimeout(() => socket.destroy(late), deadlineMilliseconds);
    try {
      socket.write(requestBytes(`CliRpcCmd.${method}`, sequence, argument));
      const next: IteratorResult<Reply, undefined> = await replies.next();
      if (next.value === undefined) throw new Error('closed');
      const { sequence: answered, error, body } = next.value;
      if (answered !== sequence++) throw answerFailure('cf answered a call that nobody made');
      if (error !== '') throw new CallRefused(method, oneLine(error, 500));
      return body;
    } catch (cause) {
      if (!(cause instanceof CallRefused)) socket.destroy();
      if (cause instanceof KnownFailure) throw cause;
      const what = `cf closed its connection to this plugin before it had answered: ${gob.RUN_AGAIN}`;
      throw new KnownFailure('CF_CLOSED', what, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
  const typed = async <T extends Reply['body']>(
    method: string,
    is: (body: Reply['body']) => body is T,
    argument: Buffer,
  ): Promise<T> => {
    const body = await call(method, argument);
    if (is(body)) return body;
    throw answerFailure(`cf answered ${method} with a value of another type`);
  };
  // Most methods ignore their argument; net/rpc requires one.
  const flag = (method: string, argument = gob.textMessage('')): Promise<boolean> =>
    typed(method, (body) => typeof body === 'boolean', argument);
  const line = (method: string): Promise<string> =>
    typed(method, (body) => typeof body === 'string', gob.textMessage(''));
  return {
    isLoggedIn: () => flag('IsLoggedIn'),
    hasApiEndpoint: () => flag('HasAPIEndpoint'),
    apiEndpoint: () => line('ApiEndpoint'),
    /** Includes the "bearer ". cf refreshes it in the last minute before it expires. */
    accessToken: () => line('AccessToken'),
    isSslDisabled: () => flag('IsSSLDisabled'),
    isMinCliVersion: (version: string) => flag('IsMinCliVersion', gob.textMessage(version)),
    /** Only once per connection: it defines its types, and Go rejects a second definition. */
    setPluginMetadata: (metadata: PluginMetadata) =>
      flag('SetPluginMetadata', metadataMessages(metadata)),
    close: (): void => {
      socket.destroy();
    },
  };
}

interface CfTarget {
  readonly endpoint: string;
  readonly skipsVerification: boolean;
  /** Valid for at least a minute; includes the "bearer ". */
  readonly token: string;
}

/**
 * Gets the target and a token from cf. The messages are cf's own.
 * @throws KnownFailure CF_TOO_OLD, CF_NO_API, CF_NOT_LOGGED_IN, and those of the connection
 */
export async function cfTarget(cf: CliConnection): Promise<CfTarget> {
  const need = (is: boolean, code: FailureCode, message: string): void => {
    if (!is) throw new KnownFailure(code, message);
  };
  const least = LEAST_CF.join('.');
  need(await cf.isMinCliVersion(least), 'CF_TOO_OLD', `This needs cf ${least} or newer.`);
  const noApi = "No API endpoint set. Use 'cf login' or 'cf api' to target an endpoint.";
  need(await cf.hasApiEndpoint(), 'CF_NO_API', noApi);
  const login = "Use 'cf login' or 'cf login --sso' to log in.";
  need(await cf.isLoggedIn(), 'CF_NOT_LOGGED_IN', `Not logged in. ${login}`);
  const token = await cf.accessToken().catch((error: unknown) => {
    throw error instanceof CallRefused ? tokenFailure(error.said, login) : error;
  });
  // The token is sent as a header, and a header has only printable ASCII.
  const isToken = /^[\x21-\x7e]+ [\x21-\x7e]+$/.test(token);
  need(isToken, 'CF_NOT_LOGGED_IN', `Not logged in. ${login}`);
  return { endpoint: await cf.apiEndpoint(), skipsVerification: await cf.isSslDisabled(), token };
}

/** If a refresh is refused or fails, cf passes on the answer of UAA: a sentence, JSON or a page. */
function tokenFailure(said: string, login: string): KnownFailure {
  const isExpired = /expired|revoked|invalid.?(token|grant)|log back in|not logged in/i;
  const why = /\b50[0-9]\b/.exec(said)?.[0] ?? oneLine(said.replace(/\s*[<{].*$/s, ''), 100);
  return new KnownFailure(
    'CF_NOT_LOGGED_IN',
    isExpired.test(said)
      ? `The login has expired. ${login}`
      : `UAA gives cf no new token (${why}): try again in a minute, then run cf login.`,
  );
}

async function connected(port: number, deadlineMilliseconds: number): Promise<Socket> {
  let socket: Socket | null = null;
  try {
    // Send each write at once: waiting for more data costs 40 ms per call.
    socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect', { signal: AbortSignal.timeout(deadlineMilliseconds) });
    return socket;
  } catch (cause) {
    socket?.destroy();
    const why = cause instanceof Error ? oneLine(cause.message, 200) : 'no answer';
    throw new KnownFailure(
      'CF_UNREACHABLE',
      `cannot connect to cf on port ${port} of this machine (${why}): this plugin is started by cf, as in \`cf rollcall-status\``,
      { cause },
    );
  }
}

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

const answerFailure = (what: string): KnownFailure =>
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
  let received = Buffer.alloc(0);
  for await (const piece of pieces) {
    received = Buffer.concat([received, piece]);
    for (let first = received[0]; first !== undefined; first = received[0]) {
      const at = first < 128 ? 1 : 257 - first;
      // Reject a malformed length before all of it has arrived.
      if (at <= 9 && received.length < at) break;
      const length = new gob.GobCursor(received).uint();
      if (length === 0) throw gob.malformed('an empty message');
      if (length > gob.MAX_MESSAGE_BYTES) {
        const what = `cf's answer is too large: a message of ${length} bytes; ${gob.RUN_AGAIN}`;
        throw new KnownFailure('GOB_TOO_LARGE', what);
      }
      if (received.length < at + length) break;
      yield received.subarray(at, at + length);
      received = received.subarray(at + length);
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
