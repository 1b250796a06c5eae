import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { MAX_WAITING } from './server-limits.ts';

/** Bytes that Node's parser gets at once: the requests of most clients are shorter. */
const PIECE = 512;

/**
 * The answers of a server that wait to be written. A client that does not read them would make us
 * keep as many as it asks for.
 */
export class UnreadAnswers {
  /** By connection, the request that is being answered; the longest waiting first. */
  readonly #asked = new Map<Socket, IncomingMessage>();

  /**
   * Gives Node's parser small pieces, and closes a connection on which more comes before the answer
   * is written. Otherwise the parser makes objects of all requests in 64 KiB, up to 3,600, before
   * anything can close the connection.
   * @param socket one that Node's server has begun to parse
   */
  inPieces(socket: Socket): void {
    const parsers = socket.listeners('data');
    // Below TLS nothing is parsed.
    if (parsers.length === 0) return;
    socket.removeAllListeners('data');
    // With a listener of ours, Node's parser no longer reads the socket by itself.
    socket.on('data', (chunk: Buffer) => {
      // Nothing can be answered any more on a connection that was refused.
      for (let start = 0; start < chunk.length && socket.writable; start += PIECE) {
        if (this.#asked.get(socket)?.complete === true) {
          socket.destroy();
          return;
        }
        const piece = chunk.subarray(start, start + PIECE);
        for (const parse of parsers) Reflect.apply(parse, socket, [piece]);
      }
    });
  }

  /** Whether it is answered: a second one, in the same piece, closes the connection. */
  asked(request: IncomingMessage): boolean {
    const { socket } = request;
    if (this.#asked.has(socket)) socket.destroy();
    if (socket.destroyed) return false;
    this.#asked.set(socket, request);
    return true;
  }

  written({ socket }: IncomingMessage): void {
    this.#asked.delete(socket);
  }

  /**
   * Closes connections whose answers wait, the longest waiting first, until few enough bytes wait.
   * The last one is kept: a report may be larger, and its client may read it.
   */
  closeBeyondLimit(): void {
    const sockets = [...this.#asked.keys()];
    let waiting = sockets.reduce((sum, { writableLength }) => sum + writableLength, 0);
    for (const socket of sockets.slice(0, -1)) {
      if (waiting <= MAX_WAITING) return;
      waiting -= socket.writableLength;
      socket.destroy();
    }
  }
}
