import { createServer, type RequestListener } from 'node:http';

/** An HTTP server for programs of this machine, for a short time. */
export interface LocalServer {
  /** With a slash at its end. */
  readonly url: string;
  readonly port: number;
  /** Ends it, and every connection. */
  readonly stop: () => Promise<void>;
}

/** Serves on 127.0.0.1, on a port that is free. */
export async function serveLocally(listener: RequestListener): Promise<LocalServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A TCP port of 127.0.0.1 that nobody listened on just now: for a program that cannot choose one itself. */
export async function freePort(): Promise<number> {
  const { port, stop } = await serveLocally(() => undefined);
  await stop();
  return port;
}
