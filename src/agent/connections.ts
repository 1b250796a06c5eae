import type { Socket } from 'node:net';
import { MAX_CONNECTIONS } from './server-limits.ts';

/**
 * The open connections of a server, least recently used first. A connection beyond the limit closes
 * the first of them: if it were refused instead, idle clients could keep Prometheus out for as long
 * as they may stay idle.
 */
export class Connections {
  readonly #open = new Map<string | Socket, Socket>();

  opened(socket: Socket): void {
    const key = keyOf(socket);
    this.#open.set(key, socket);
    // A client that comes back from the same port may be accepted before its old connection is closed.
    socket.once('close', () => {
      if (this.#open.get(key) === socket) this.#open.delete(key);
    });
    const [longestIdle] = this.#open.values();
    if (this.#open.size > MAX_CONNECTIONS) longestIdle?.destroy();
  }

  /** Called when a request arrives on a connection, and when its answer ends. */
  used(socket: Socket): void {
    const key = keyOf(socket);
    const connection = this.#open.get(key);
    if (connection === undefined) return;
    this.#open.delete(key);
    this.#open.set(key, connection);
  }

  closeAll(): void {
    for (const socket of this.#open.values()) socket.destroy();
  }
}

/**
 * The address and port of the peer: a request has the TLS socket, the server the socket below it, and
 * both have the same peer. A Unix socket, or a closed one, has none and is its own key.
 */
const keyOf = (socket: Socket): string | Socket =>
  socket.remotePort === undefined ? socket : `${socket.remoteAddress ?? ''} ${socket.remotePort}`;
