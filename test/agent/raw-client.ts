import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** Also after an error, which `once` of node:events would reject with. */
const closing = (socket: net.Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve();
    });
  });

/** Of a server; with `ca`, one with TLS. */
export type Address = net.NetConnectOpts | (tls.ConnectionOptions & { readonly ca: Buffer });

/** Everything that a server sends on a connection until it closes it. */
export async function sent(
  address: Address,
  ...pieces: readonly (string | Buffer)[]
): Promise<string> {
  const socket = 'ca' in address ? tls.connect(address) : net.connect(address);
  const closed = closing(socket);
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  for (const piece of pieces) socket.write(piece);
  await closed;
  return text;
}

/** A connection that is open, and when it is closed. */
export async function connected(address: net.NetConnectOpts) {
  const socket = net.connect(address);
  const closed = closing(socket);
  socket.resume();
  await once(socket, 'connect');
  return { socket, closed };
}
