import { once } from 'node:events';
import net from 'node:net';

/** Everything that a server sends on a connection until it closes it. */
export async function sent(
  address: net.NetConnectOpts,
  ...pieces: readonly (string | Buffer)[]
): Promise<string> {
  const socket = net.connect(address);
  // What cannot be written any more is not what is asked here.
  socket.on('error', () => undefined);
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return text;
}

/** A connection that is open, and when it is closed. */
export async function connected(address: net.NetConnectOpts) {
  const socket = net.connect(address);
  socket.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  return { socket, closed };
}
