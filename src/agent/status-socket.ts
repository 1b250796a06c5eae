import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { errnoOf, KnownFailure } from '../model/failure.ts';
import { localHosts } from './host-rule.ts';
import { serve } from './http.ts';
import { keepTrying, type KeptServer, type ServerOptions } from './kept-server.ts';
import { SERVER_OPTIONS } from './server-limits.ts';
import { statusRoutes, type StatusViews } from './status-routes.ts';

export interface StatusOptions extends StatusViews, ServerOptions {
  readonly socketPath: string;
}

const SOCKET_MODE = 0o660;
const HOSTS = localHosts('agent', 'rollcall');

/**
 * The status socket: report, events, drill and page. If somebody removes the socket or its
 * directory, the socket is created again as soon as possible.
 * @throws KnownFailure STATUS_SOCKET at the start; later failures go to `onChange`
 */
export async function serveStatus(options: StatusOptions): Promise<KeptServer> {
  const { socketPath } = options;
  let closeServer = await listen(options);
  /** The inode of the socket; null if the server is closed and no new one could be opened. */
  let own = inodeOf(placeAt(socketPath));
  const renew = async (): Promise<void> => {
    // Before the new one listens, because closing a server removes the file at its path.
    await closeServer();
    own = null;
    closeServer = await listen(options);
    own = inodeOf(placeAt(socketPath));
  };
  /** Closes a listening server only if its socket is certainly gone. */
  const attempt = async (): Promise<void> => {
    const place = placeAt(socketPath);
    if (place.kind === 'taken' && place.inode === own) return;
    if (own === null || place.kind === 'free') await renew();
    else if (place.kind === 'hidden') throw hidden(socketPath, place.errno);
    else if (place.isSocket && (await connectionErrno(socketPath)) === 'ECONNREFUSED')
      await renew();
    else throw failure(socketPath, 'something else is in its place: remove it');
  };
  return keepTrying({ ...options, attempt, close: () => closeServer() });
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

const inodeOf = (place: Place): number | null => (place.kind === 'taken' ? place.inode : null);

const hidden = (socketPath: string, errno: string): KnownFailure =>
  failure(socketPath, `${errno}: its directory must be open to this user`);

/** @returns closes the server */
async function listen(options: StatusOptions): Promise<() => Promise<void>> {
  const { socketPath } = options;
  await makeRoom(socketPath);
  const routes = statusRoutes(options);
  const server = http.createServer(SERVER_OPTIONS);
  const close = serve(server, { routes, hosts: HOSTS });
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
    const why = `${errnoOf(cause)}: its directory must be writable for this user`;
    throw failure(socketPath, why, cause);
  }
  return close;
}

/** Removes the socket of a killed agent, but never one that answers or another kind of file. */
async function makeRoom(socketPath: string): Promise<void> {
  const directory = path.dirname(socketPath);
  // libuv turns the ENOENT of bind(2) into EACCES.
  if (!fs.existsSync(directory)) {
    const why = `there is no directory ${directory}: make it, writable for this user`;
    throw failure(socketPath, why);
  }
  const place = placeAt(socketPath);
  if (place.kind === 'free') return;
  if (place.kind === 'hidden') throw hidden(socketPath, place.errno);
  if (!place.isSocket) throw failure(socketPath, 'a file that is not a socket is in its place');
  const errno = await connectionErrno(socketPath);
  if (errno === null) throw failure(socketPath, 'another agent answers there: stop it first');
  if (errno !== 'ECONNREFUSED' && errno !== 'ENOENT') {
    throw failure(socketPath, `${errno}: the socket there may belong to another agent`);
  }
  try {
    fs.rmSync(socketPath, { force: true });
  } catch (cause) {
    const why = `${errnoOf(cause)}: the stale socket there cannot be removed`;
    throw failure(socketPath, why, cause);
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

const failure = (socketPath: string, why: string, cause?: unknown): KnownFailure =>
  new KnownFailure(
    'STATUS_SOCKET',
    `Cannot serve the status socket ${socketPath} (${why}), or set status.socketPath to another place.`,
    { cause },
  );
