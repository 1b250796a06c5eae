import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_WAITING } from './server-limits.ts';

/** What ends the head of a request. */
const HEAD_END = Buffer.from('\r\n\r\n');

/**
 * The answers of a server that wait to be written. A client that does not read them would make us
 * keep as many as it asks for.
 */
export class UnreadAnswers {
  /** By connection, the request that is being answered; the longest waiting first. */
  readonly #asked = new Map<Socket, IncomingMessage>();

  /**
   * Gives Node's parser one request at a time, and closes a connection on which more comes before
   * the answer is written. Otherwise the parser makes objects of all requests in 64 KiB, up to 3,600,
   * before anything can close the connection.
   * @param socket one that Node's server has begun to parse
   */
  oneAtATime(socket: Socket): void {
    const parsers = socket.listeners('data');
    // Below TLS nothing is parsed.
    if (parsers.length === 0) return;
    socket.removeAllListeners('data');
    // With a listener of ours, Node's parser no longer reads the socket by itself.
    socket.on('data', (chunk: Buffer) => {
      for (let start = 0; start < chunk.length && !socket.destroyed;) {
        if (this.#asked.get(socket)?.complete === true) {
          socket.destroy();
          return;
        }
        const end = chunk.indexOf(HEAD_END, start);
        const next = end === -1 ? chunk.length : end + HEAD_END.length;
        for (const parse of parsers) Reflect.apply(parse, socket, [chunk.subarray(start, next)]);
        start = next;
      }
    });
  }

  asked(request: IncomingMessage): void {
    this.#asked.set(request.socket, request);
  }

  written({ socket }: IncomingMessage): void {
    this.#asked.delete(socket);
  }

  /** Closes connections whose answers wait, the longest waiting first, until few enough bytes wait. */
  closeBeyondLimit(): void {
    const sockets = [...this.#asked.keys()];
    let waiting = sockets.reduce((sum, { writableLength }) => sum + writableLength, 0);
    for (const socket of sockets) {
      if (waiting <= MAX_WAITING) return;
      waiting -= socket.writableLength;
      socket.destroy();
    }
  }
}
