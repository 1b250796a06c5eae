import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connectToCli, type CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import {
  GobCursor,
  int,
  gobMessage,
  struct,
  text,
  textMessage,
  uint,
} from '../../../src/cf-plugin/cf/gob.ts';
import { atEndOfTest } from '../../at-end-of-test.ts';
import { TOKEN } from '../standin/tokens.ts';

/** Go's definition of Response as type 65, and a body as after an error: made by Go. */
const RESPONSE_TYPE = Buffer.from(
  '3aff8303010108526573706f6e736501ff84000103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c000000',
  'hex',
);
const RESPONSE_ID = 66;
export const EMPTY_BODY = Buffer.from('0aff85030102ff8600000003ff8600', 'hex');

interface Response {
  readonly sequence: number;
  readonly error: string;
}

/** The header of a reply, with its type before the first one of a stream. */
export const headerBytes = ({ sequence, error }: Response, isFirst: boolean): Buffer =>
  Buffer.concat([
    ...(isFirst ? [RESPONSE_TYPE] : []),
    gobMessage(
      int(RESPONSE_ID),
      struct(
        text('CliRpcCmd.Any'),
        sequence === 0 ? null : uint(sequence),
        error === '' ? null : text(error),
      ),
    ),
  ]);

export const booleanMessage = (value: boolean): Buffer =>
  gobMessage(int(1), uint(0), uint(Number(value)));

/** A connection of the plugin, as cf sees it. */
export interface Caller {
  /** `body`: gob messages. */
  readonly reply: (response: Response, body: Buffer | string) => void;
  readonly socket: Socket;
  readonly method: string;
}

/** A cf that answers each request as the test says: also as Go never would. */
async function startCf(
  answer: (sequence: number, caller: Caller) => void,
): Promise<{ readonly port: number; readonly close: () => Promise<unknown> }> {
  const server = createServer((socket) => {
    let isFirst = true;
    const reply: Caller['reply'] = (response, body) => {
      const bytes = typeof body === 'string' ? textMessage(body) : body;
      socket.write(Buffer.concat([headerBytes(response, isFirst), bytes]));
      isFirst = false;
    };
    socket.on('error', () => undefined);
    // The plugin writes a request with its argument at once, and the kernel keeps them together.
    socket.on('data', (piece) => {
      const request = requestOf(piece);
      if (request !== null) answer(request.sequence, { reply, socket, method: request.method });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = (): Promise<unknown> => {
    server.close();
    return once(server, 'close');
  };
  return { port: address.port, close };
}

/**
 * A connection to such a cf until the end of the test: by default without a deadline that passes in
 * a test.
 */
export async function connectionTo(
  answer: (sequence: number, caller: Caller) => void,
  options: Parameters<typeof connectToCli>[1] = { deadlineMilliseconds: 60_000 },
): Promise<CliConnection> {
  const { port, close } = await startCf(answer);
  atEndOfTest(close);
  const cf = await connectToCli(port, options);
  atEndOfTest(() => cf.close());
  return cf;
}

/** A cf with which somebody has logged in to this API, for a plugin that runs as a process. */
export function startLoggedInCf(apiEndpoint: string): ReturnType<typeof startCf> {
  const answers: Readonly<Record<string, string | boolean>> = {
    'CliRpcCmd.ApiEndpoint': apiEndpoint,
    'CliRpcCmd.AccessToken': TOKEN,
    'CliRpcCmd.IsSSLDisabled': false,
  };
  return startCf((sequence, { reply, method }) => {
    const body = answers[method] ?? true;
    reply({ sequence, error: '' }, typeof body === 'string' ? body : booleanMessage(body));
  });
}

/** A request, which is of type 65; null for anything else. */
function requestOf(piece: Buffer): { readonly method: string; readonly sequence: number } | null {
  // A first request comes after its type.
  const definition = piece.subarray(0, 2).equals(Buffer.from('2fff', 'hex')) ? 48 : 0;
  const cursor = new GobCursor(piece.subarray(definition));
  cursor.uint();
  if (cursor.int() !== 65) return null;
  cursor.uint();
  const method = cursor.text();
  return { method, sequence: cursor.uint() === 0 ? 0 : cursor.uint() };
}
