import net, { type Socket } from 'node:net';
import path from 'node:path';
import { KnownFailure } from '../model/failure.ts';
import type { NamesSocket } from '../model/names-socket.ts';
import type { CriCalls } from './cri/cri-calls.ts';
import type { OnRequest } from './cri/grpc-server.ts';
import { keepTrying, type RetriedServer, type ServerOptions } from './retried-server.ts';
import { ownFolderProblem, ownPlaceProblem } from './own-folder.ts';
import { ListeningSocket } from './unix-socket.ts';

/**
 * One more is refused. An old one is never closed for being idle, because Falco does not open its
 * stream of events again.
 */
const MAX_SESSIONS = 8;
/** For the first bytes of a client. */
const MAX_SILENCE_MILLISECONDS = 5000;

export interface CriSocketOptions extends Pick<ServerOptions, 'onChange' | 'retryMilliseconds'> {
  readonly socketPath: string;
  readonly calls: CriCalls;
  readonly onRequest: OnRequest;
}

export interface CriServer extends RetriedServer {
  readonly shown: () => NamesSocket;
}

/**
 * The names of the cell's containers for sensors that ask a container runtime (CRI). The socket and
 * its folder are created again if somebody removes them.
 */
export async function serveCri(options: CriSocketOptions): Promise<CriServer> {
  const { socketPath, calls, onRequest } = options;
  // Loaded only if needed, from a file of its own (tools/bundle.ts): it is a third of the program.
  const { grpcServer } = await import('./cri/grpc-server.ts');
  const grpc = grpcServer(calls, onRequest);
  const failure = (why: string, cause?: unknown): KnownFailure =>
    new KnownFailure('CRI_SOCKET', `Cannot serve the names' socket ${socketPath} (${why}).`, {
      cause,
    });
  const socket = new ListeningSocket({
    path: socketPath,
    makeServer: () => serverOfSessions(grpc.serve),
    failure,
  });
  const kept = keepTrying({
    ...options,
    attempt: async () => {
      const problem =
        ownFolderProblem(path.dirname(socketPath)) ?? ownPlaceProblem(socketPath, 'socket');
      if (problem !== null) throw failure(problem);
      await socket.attempt();
    },
    close: async () => {
      await socket.close();
      grpc.close();
    },
  });
  await kept.retry();
  const listeningSince = (): string | null => {
    const since = kept.error() === null ? socket.since() : null;
    return since === null ? null : new Date(since).toISOString();
  };
  return {
    ...kept,
    shown: () => ({
      path: socketPath,
      listeningSince: listeningSince(),
      eventStreams: calls.eventStreams(),
      asked: calls.asked(),
    }),
  };
}

function serverOfSessions(serve: (session: Socket) => void) {
  const sessions = new Set<Socket>();
  const server = net.createServer((session) => {
    // An error of a session ends that session, and not the server.
    session.on('error', () => session.destroy());
    if (sessions.size >= MAX_SESSIONS) {
      session.destroy();
      return;
    }
    sessions.add(session);
    const timer = setTimeout(() => {
      if (session.bytesRead === 0) session.destroy();
    }, MAX_SILENCE_MILLISECONDS);
    session.once('close', () => {
      clearTimeout(timer);
      sessions.delete(session);
    });
    serve(session);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const session of sessions) session.destroy();
    });
  return { server, close };
}
