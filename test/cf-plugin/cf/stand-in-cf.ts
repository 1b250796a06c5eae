import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connectToCli, type CliConnection } from '../../../src/cf-plugin/cf/cli-connection.ts';
import {
  GobCursor,
  int,
  gobMessage,
  MessageSplitter,
  struct,
  text,
  textMessage,
  uint,
} from '../../../src/cf-plugin/cf/gob.ts';

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
}

/** As long as a test may take: on a real clock it never passes. */
export const DEADLINE_MILLISECONDS = 60_000;

/** Calls a cf that answers each request as the test says: also as Go never would. */
export async function callingStandIn<T>(
  answer: (sequence: number, caller: Caller) => void,
  use: (cf: CliConnection) => Promise<T>,
): Promise<T> {
  const server = createServer((socket) => {
    const splitter = new MessageSplitter();
    let isFirst = true;
    const reply: Caller['reply'] = (response, body) => {
      const bytes = typeof body === 'string' ? textMessage(body) : body;
      socket.write(Buffer.concat([headerBytes(response, isFirst), bytes]));
      isFirst = false;
    };
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      for (const content of splitter.push(piece)) {
        const sequence = sequenceOf(content);
        if (sequence !== null) answer(sequence, { reply, socket });
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cf = await connectToCli(address.port, DEADLINE_MILLISECONDS);
  try {
    return await use(cf);
  } finally {
    cf.close();
    server.close();
    await once(server, 'close');
  }
}

/** Of a request, which is of type 65; null for a definition or an argument. */
function sequenceOf(content: Buffer): number | null {
  const cursor = new GobCursor(content);
  if (cursor.int() !== 65) return null;
  cursor.uint();
  cursor.text();
  return cursor.uint() === 0 ? 0 : cursor.uint();
}
