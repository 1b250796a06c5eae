import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { errnoOf, type KnownFailure } from '../model/failure.ts';

export interface UnixSocket {
  readonly path: string;
  /** A server that does not listen yet. */
  readonly makeServer: () => MadeServer;
  /** @param why half a sentence: what is wrong, and what to do */
  readonly failure: (why: string, cause?: unknown) => KnownFailure;
}

interface MadeServer {
  readonly server: net.Server;
  /** Closes it with its connections. */
  readonly close: () => Promise<void>;
}

const SOCKET_MODE = 0o660;

/**
 * Listens at a path. If somebody removes the socket or its directory, the next attempt creates the
 * socket again.
 */
export class ListeningSocket {
  readonly #socket: UnixSocket;
  /** The server, the inode of its socket, and since when it listens; null: none listens. */
  #open: {
    readonly close: () => Promise<void>;
    readonly inode: number | null;
    readonly since: number;
  } | null = null;

  constructor(socket: UnixSocket) {
    this.#socket = socket;
  }

  /**
   * Listens, unless it does. A listening server is closed only if its socket is certainly gone.
   * @throws KnownFailure as `failure` makes it
   */
  async attempt(): Promise<void> {
    const { path: socketPath, failure } = this.#socket;
    const place = placeAt(socketPath);
    if (this.#open === null || place.kind === 'free') return this.#renew();
    if (place.kind === 'hidden') throw this.#hidden(place.errno);
    if (place.inode === this.#open.inode) return undefined;
    if (place.isSocket && (await connectionErrno(socketPath)) === 'ECONNREFUSED')
      return this.#renew();
    throw failure('something else is in its place: remove it');
  }

  /** Since when it listens, Unix time in milliseconds; null: it does not. */
  since(): number | null {
    return this.#open?.since ?? null;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.close();
  }

  async #renew(): Promise<void> {
    // Before the new one listens, because closing a server removes the file at its path.
    await this.close();
    const { path: socketPath } = this.#socket;
    const close = await this.#listen();
    const place = placeAt(socketPath);
    this.#open = {
      close,
      inode: place.kind === 'taken' ? place.inode : null,
      since: Date.now(),
    };
  }

  /** @returns closes the server */
  async #listen(): Promise<() => Promise<void>> {
    const { path: socketPath, makeServer, failure } = this.#socket;
    await this.#makeRoom();
    const { server, close } = makeServer();
    // bind(2) sets the mode, so other users can never connect; listen() binds before it returns.
    const umask = process.umask(0o777 & ~SOCKET_MODE);
    try {
      server.listen(socketPath);
    } finally {
      process.umask(umask);
    }
    try {
      await once(server, 'listening');
    } catch (cause) {
      throw failure(`${errnoOf(cause)}: its directory must be writable for this user`, cause);
    }
    return close;
  }

  /** Removes the socket of a killed agent, but never one that answers or another kind of file. */
  async #makeRoom(): Promise<void> {
    const { path: socketPath, failure } = this.#socket;
    const directory = path.dirname(socketPath);
    // libuv turns the ENOENT of bind(2) into EACCES.
    if (!fs.existsSync(directory)) {
      throw failure(`there is no directory ${directory}: make it, writable for this user`);
    }
    const place = placeAt(socketPath);
    if (place.kind === 'free') return;
    if (place.kind === 'hidden') throw this.#hidden(place.errno);
    if (!place.isSocket) throw failure('a file that is not a socket is in its place');
    const errno = await connectionErrno(socketPath);
    if (errno === null) throw failure('another agent answers there: stop it first');
    if (errno !== 'ECONNREFUSED' && errno !== 'ENOENT') {
      throw failure(`${errno}: the socket there may belong to another agent`);
    }
    try {
      fs.rmSync(socketPath, { force: true });
    } catch (cause) {
      throw failure(`${errnoOf(cause)}: the stale socket there cannot be removed`, cause);
    }
  }

  #hidden(errno: string): KnownFailure {
    return this.#socket.failure(`${errno}: its directory must be open to this user`);
  }
}

type Place =
  | { readonly kind: 'free' }
  | { readonly kind: 'taken'; readonly inode: number; readonly isSocket: boolean }
  /** Nothing shows whether the socket is there. */
  | { readonly kind: 'hidden'; readonly errno: string };

function placeAt(socketPath: string): Place {
  try {
    const stat = fs.lstatSync(socketPath);
    return { kind: 'taken', inode: stat.ino, isSocket: stat.isSocket() };
  } catch (error) {
    const errno = errnoOf(error);
    return errno === 'ENOENT' || errno === 'ENOTDIR' ? { kind: 'free' } : { kind: 'hidden', errno };
  }
}

/** Null if somebody answers. */
const connectionErrno = (socketPath: string): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', (error) => resolve(errnoOf(error)));
  });
