import { connect, type Socket } from 'node:net';
import { KnownFailure } from '../../model/failure.ts';

/**
 * Connects to a port of this machine, where cf listens for its plugin. Each write goes out at once: waiting for more to
 * send (Nagle) costs 40 ms a call.
 * @throws (as a rejection) KnownFailure CF_UNREACHABLE
 */
export function connectLocally(port: number, deadlineMilliseconds: number): Promise<Socket> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return Promise.reject(unreachable(port, 'that is no port'));
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: Error) => {
      clearTimeout(timer);
      socket.destroy();
      reject(unreachable(port, why, cause));
    };
    const timer = setTimeout(() => fail('no answer'), deadlineMilliseconds);
    const failed = (error: Error) => fail(error.message, error);
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

function unreachable(port: number, why: string, cause?: Error): KnownFailure {
  return new KnownFailure(
    'CF_UNREACHABLE',
    `cannot connect to cf on port ${port} of this machine (${why}): this plugin is started by cf, as in \`cf rollcall-status\``,
    { cause },
  );
}
