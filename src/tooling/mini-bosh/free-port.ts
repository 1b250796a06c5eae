import { once } from 'node:events';
import { createServer } from 'node:net';
import { expected } from './expected.ts';

/** A TCP port of 127.0.0.1 that nobody listened on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  expected(address !== null && typeof address !== 'string', 'a TCP server has no port');
  return address.port;
}
