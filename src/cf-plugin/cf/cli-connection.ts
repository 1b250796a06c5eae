import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { RUN_AGAIN, textMessage } from './gob.ts';
import { metadataMessages, type PluginMetadata } from './plugin-metadata.ts';
import { answerFailure, repliesIn, requestBytes, type Reply } from './replies.ts';

/**
 * The calls that a plugin can make to cf, one at a time. Every call may fail with a KnownFailure: CF_REFUSED (cf
 * answered with an error: CallRefused), CF_CLOSED, CF_TIMEOUT, and CF_ANSWER or GOB_* if cf
 * violates the protocol. Only after CF_REFUSED can another call succeed.
 */
export type CliConnection = Awaited<ReturnType<typeof connectToCli>>;

interface CliConnectionOptions {
  readonly deadlineMilliseconds?: number;
  readonly stop?: AbortSignal;
}

export class CallRefused extends KnownFailure {
  /** In cf's own words, one line. */
  readonly said: string;
  constructor(method: string, said: string) {
    super('CF_REFUSED', `cf refused ${method} (${said}): ${RUN_AGAIN}`);
    this.said = said;
  }
}

/**
 * Connects to the cf that started this plugin.
 * @param port the first argument that cf gives a plugin
 * @param options `deadlineMilliseconds`: for the connection and for each call; if the token is about
 * to expire, cf requests another one from UAA. `stop` closes the connection.
 * @throws KnownFailure CF_UNREACHABLE
 */
export async function connectToCli(
  port: number,
  { deadlineMilliseconds = 30_000, stop }: CliConnectionOptions = {},
) {
  const socket = await connected(port, deadlineMilliseconds, stop);
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
      const what = `cf closed its connection to this plugin before it had answered: ${RUN_AGAIN}`;
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
  const flag = (method: string, argument = textMessage('')): Promise<boolean> =>
    typed(method, (body) => typeof body === 'boolean', argument);
  const line = (method: string): Promise<string> =>
    typed(method, (body) => typeof body === 'string', textMessage(''));
  return {
    isLoggedIn: () => flag('IsLoggedIn'),
    hasApiEndpoint: () => flag('HasAPIEndpoint'),
    apiEndpoint: () => line('ApiEndpoint'),
    /** Includes the "bearer ". cf refreshes it in the last minute before it expires. */
    accessToken: () => line('AccessToken'),
    isSslDisabled: () => flag('IsSSLDisabled'),
    isMinCliVersion: (version: string) => flag('IsMinCliVersion', textMessage(version)),
    /** Only once per connection: it defines its types, and Go rejects a second definition. */
    setPluginMetadata: (metadata: PluginMetadata) =>
      flag('SetPluginMetadata', metadataMessages(metadata)),
    close: (): void => {
      socket.destroy();
    },
  };
}

async function connected(
  port: number,
  deadlineMilliseconds: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  let socket: Socket | null = null;
  try {
    // Send each write at once: waiting for more data costs 40 ms per call.
    socket = connect({ host: '127.0.0.1', port, noDelay: true, signal });
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
