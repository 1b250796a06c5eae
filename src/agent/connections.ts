import type { Socket } from 'node:net';

const MAX_CONNECTIONS = 64;

/**
 * The open connections of a server, least recently used first. A connection beyond the limit closes
 * the first of them: if it were refused instead, idle clients could keep Prometheus out for as long
 * as they may stay idle.
 */
export class Connections {
  /** In the order of their last use, each with its peer. */
  readonly #peers = new Map<Socket, string | null>();

  opened(socket: Socket): void {
    this.#peers.set(socket, peerOf(socket));
    socket.once('close', () => this.#peers.delete(socket));
    const [longestIdle] = this.#peers.keys();
    if (this.#peers.size > MAX_CONNECTIONS) longestIdle?.destroy();
  }

  /** Called when a request arrives on a connection, and when its answer ends. */
  used(socket: Socket): void {
    const connection = this.#peers.has(socket) ? socket : this.#below(socket);
    const peer = connection === null ? undefined : this.#peers.get(connection);
    if (connection === null || peer === undefined) return;
    this.#peers.delete(connection);
    this.#peers.set(connection, peer);
  }

  closeAll(): void {
    for (const socket of this.#peers.keys()) socket.destroy();
  }

  /** A request has the TLS socket, the server has the socket below it; both have the same peer. */
  #below(secured: Socket): Socket | null {
    const wanted = peerOf(secured);
    if (wanted === null) return null;
    for (const [socket, peer] of this.#peers) if (peer === wanted) return socket;
    return null;
  }
}

/** Null for a Unix socket and for a closed one. */
const peerOf = ({ remoteAddress, remotePort }: Socket): string | null =>
  remotePort === undefined ? null : `${remoteAddress ?? ''} ${remotePort}`;
