import http from 'node:http';
import { KnownFailure } from '../model/failure.ts';
import { localHosts } from './host-rule.ts';
import { serve } from './http.ts';
import { keepTrying, type RetriedServer, type ServerOptions } from './retried-server.ts';
import { SERVER_OPTIONS } from './server-limits.ts';
import { statusRoutes, type StatusViews } from './status-routes.ts';
import { ListeningSocket } from './unix-socket.ts';

export interface StatusOptions extends StatusViews, ServerOptions {
  readonly socketPath: string;
}

const HOSTS = localHosts('agent', 'rollcall');

/**
 * The status socket: report, events, drill and page. If somebody removes the socket or its
 * directory, the socket is created again as soon as possible.
 * @throws KnownFailure STATUS_SOCKET at the start; later failures go to `onChange`
 */
export async function serveStatus(options: StatusOptions): Promise<RetriedServer> {
  const { socketPath } = options;
  const socket = new ListeningSocket({
    path: socketPath,
    makeServer: () => {
      const server = http.createServer(SERVER_OPTIONS);
      return { server, close: serve(server, { routes: statusRoutes(options), hosts: HOSTS }) };
    },
    failure: (why, cause) =>
      new KnownFailure(
        'STATUS_SOCKET',
        `Cannot serve the status socket ${socketPath} (${why}), or set status.socketPath to another place.`,
        { cause },
      ),
  });
  await socket.attempt();
  return keepTrying({
    ...options,
    attempt: () => socket.attempt(),
    close: () => socket.close(),
  });
}
