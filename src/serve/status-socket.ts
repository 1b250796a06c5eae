import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { KnownFailure } from '../model/failure.ts';
import { errnoOf } from '../probe/kernel-reader.ts';
import { closeServer, serve, SERVER_OPTIONS } from './http.ts';
import { statusRoutes, type StatusViews } from './status-routes.ts';

export interface StatusOptions extends StatusViews {
  readonly socketPath: string;
  /** Told why the socket cannot be served any more, and null when it can again. */
  readonly told: (trouble: string | null) => void;
}

export interface StatusServer {
  /** Why the socket cannot be reached, or null. */
  readonly trouble: () => string | null;
  close(): Promise<void>;
}

const SOCKET_MODE = 0o660;
const RENEWED_EVERY = 2000;

/**
 * The status socket: report, events, drill and page. If somebody removes the socket or its directory it is made anew as
 * soon as it can be.
 * @throws KnownFailure STATUS_SOCKET at the beginning; later it is told
 */
export async function serveStatus(options: StatusOptions): Promise<StatusServer> {
  const { socketPath } = options;
  let server = await listen(options);
  let own = inodeAt(socketPath);
  let renewal: Promise<void> | null = null;
  let trouble: string | null = null;
  const tell = (now: string | null): void => {
    if (now !== trouble) options.told(now);
    trouble = now;
  };
  const renew = async (): Promise<void> => {
    // First, because closing a server removes what is at its path, and that would be the new socket.
    await closeServer(server);
    server = await listen(options);
    own = inodeAt(socketPath);
  };
  const timer = setInterval(() => {
    if (renewal !== null) return;
    const there = inodeAt(socketPath);
    if (there !== null && there === own) tell(null);
    // Closing our server would remove what somebody else has put there.
    else if (there !== null) tell(failure(socketPath, TAKEN).message);
    else {
      renewal = renew()
        .then(
          () => tell(null),
          // Its directory is still missing, say: the next time will do.
          (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
        )
        .finally(() => {
          renewal = null;
        });
    }
  }, RENEWED_EVERY).unref();
  return {
    trouble: () => trouble,
    close: async () => {
      clearInterval(timer);
      await renewal;
      await closeServer(server);
    },
  };
}

const TAKEN = 'something else is in its place: remove it';

/** Null: nothing is there, or nobody can tell. */
function inodeAt(file: string): number | null {
  try {
    return fs.lstatSync(file).ino;
  } catch {
    return null;
  }
}

async function listen(options: StatusOptions): Promise<http.Server> {
  const { socketPath } = options;
  await makeRoom(socketPath);
  const server = serve(http.createServer(SERVER_OPTIONS), statusRoutes(options));
  // bind(2) gives the mode, so there is no window in which others could connect; listen() binds before it returns.
  const umask = process.umask(0o777 & ~SOCKET_MODE);
  try {
    server.listen(socketPath);
  } finally {
    process.umask(umask);
  }
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw failure(
      socketPath,
      `${errnoOf(cause)}: its directory must be writable for this user`,
      cause,
    );
  }
  return server;
}

/** Removes the socket of a killed agent; never that of one that answers, and never a file that is no socket. */
async function makeRoom(socketPath: string): Promise<void> {
  const directory = path.dirname(socketPath);
  // libuv makes EACCES of the ENOENT of bind(2).
  if (!fs.existsSync(directory)) {
    throw failure(
      socketPath,
      `there is no directory ${directory}: make it, writable for this user`,
    );
  }
  const stat = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw failure(socketPath, 'a file that is no socket is in its place');
  const errno = await connectionErrno(socketPath);
  if (errno === null) throw failure(socketPath, 'another agent answers there: stop it first');
  if (errno !== 'ECONNREFUSED' && errno !== 'ENOENT') {
    throw failure(socketPath, `${errno}: a socket is there that may be another agent's`);
  }
  try {
    fs.rmSync(socketPath, { force: true });
  } catch (cause) {
    const why = `${errnoOf(cause)}: the socket of an agent that is gone cannot be removed`;
    throw failure(socketPath, why, cause);
  }
}

/** Null: somebody answers. */
const connectionErrno = (socketPath: string): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = net.connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', (error) => {
      resolve(errnoOf(error));
    });
  });

const failure = (socketPath: string, why: string, cause?: unknown): KnownFailure =>
  new KnownFailure(
    'STATUS_SOCKET',
    `Cannot serve the status socket ${socketPath} (${why}), or set status.socketPath to another place.`,
    { cause },
  );
