import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import * as v from 'valibot';
import { GobDecoder } from '../../../src/cf-plugin/gob/gob-decoder.ts';
import { GobEncoder } from '../../../src/cf-plugin/gob/gob-encoder.ts';
import {
  gobField,
  gobString,
  gobStruct,
  gobUint,
  type GobType,
} from '../../../src/cf-plugin/gob/gob-type.ts';
import { MessageSplitter } from '../../../src/cf-plugin/gob/message-splitter.ts';
import { connectToCli, type CliConnection } from '../../../src/cf-plugin/rpc/cli-connection.ts';

interface Response {
  readonly sequence: number;
  readonly error: string;
}

const rpcResponse = gobStruct<Response>('Response', [
  gobField('ServiceMethod', gobString, () => 'CliRpcCmd.Any'),
  gobField('Seq', gobUint, (response) => response.sequence),
  gobField('Error', gobString, (response) => response.error),
]);

/** A connection of the plugin, as cf sees it. */
export interface Caller {
  readonly reply: <T>(response: Response, type: GobType<T>, body: T) => void;
  readonly socket: Socket;
}

const request = v.object({ ServiceMethod: v.string(), Seq: v.optional(v.number(), 0) });

/** As long as a test may take: on a real clock it never passes. */
export const DEADLINE_MILLISECONDS = 60_000;

/** Calls a cf that answers each request as the test says: also as Go never would. */
export async function callingStandIn<T>(
  answer: (sequence: number, caller: Caller) => void,
  use: (cf: CliConnection) => Promise<T>,
): Promise<T> {
  const server = createServer((socket) => {
    const encoder = new GobEncoder();
    const decoder = new GobDecoder();
    const splitter = new MessageSplitter();
    const reply: Caller['reply'] = (response, type, body) =>
      socket.write(
        Buffer.concat([encoder.encode(rpcResponse, response), encoder.encode(type, body)]),
      );
    socket.on('error', () => undefined);
    socket.on('data', (piece) => {
      for (const content of splitter.push(piece)) {
        const message = decoder.read(content);
        const parsed = v.safeParse(request, message.kind === 'value' ? message.value : null);
        if (parsed.success) answer(parsed.output.Seq, { reply, socket });
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cf = await connectToCli(address.port, { deadlineMilliseconds: DEADLINE_MILLISECONDS });
  try {
    return await use(cf);
  } finally {
    cf.close();
    server.close();
    await once(server, 'close');
  }
}
