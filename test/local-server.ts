import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

export type LocalServer = Awaited<ReturnType<typeof serveLocally>>;

/**
 * A short-lived HTTP server for programs on this machine, on a port of 127.0.0.1 that is free by
 * default.
 */
export async function serveLocally(listener: RequestListener, port = 0) {
  const server = createServer(listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    /** Ends with a slash. */
    url: `http://127.0.0.1:${address.port}/`,
    port: address.port,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
