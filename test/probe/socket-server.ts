import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../temporary-folder.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

/** Hands each connection to `serve`, until the end of the test. A client causes no error. */
export async function socketServing(serve: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  const socketPath = join(temporaryFolder(), 'garden.sock');
  server.listen(socketPath);
  await once(server, 'listening');
  atEndOfTest(async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return socketPath;
}

/** Answers the bytes of a request with bytes, whatever the request says. */
export const answering =
  (answer: string | Buffer) =>
  (socket: Socket): void => {
    socket.on('data', () => socket.write(answer));
  };

export const withLength = (body: string, head = 'HTTP/1.1 200 OK'): string =>
  `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
