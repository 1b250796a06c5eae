import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { inTemporaryFolder } from '../temporary-folder.ts';

/**
 * A Unix socket on which each connection is handed to `serve`, for the time of `use`. What a client does to a connection
 * is no error of the server's.
 */
export function onSocket<T>(
  serve: (socket: Socket) => void,
  use: (socketPath: string) => Promise<T>,
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const open = new Set<Socket>();
    const server = createServer((socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
      serve(socket);
    });
    const socketPath = join(folder, 'garden.sock');
    server.listen(socketPath);
    await once(server, 'listening');
    try {
      return await use(socketPath);
    } finally {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    }
  });
}

/** Answers the bytes of a request with bytes, whatever the request says. */
export const answering =
  (answer: string | Buffer) =>
  (socket: Socket): void => {
    socket.on('data', () => socket.write(answer));
  };

export const withLength = (body: string, head = 'HTTP/1.1 200 OK'): string =>
  `${head}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
