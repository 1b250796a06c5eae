import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { atEndOfTest } from './at-end-of-test.ts';

const LIST = '/runtime.v1.RuntimeService/ListContainers';

/** A message of gRPC: not compressed, its length, its bytes. */
export const framed = (bytes: Buffer, length = bytes.length): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
};

/** A session without a client that keeps to gRPC, until the end of the test. */
export async function sessionOn(path: string): Promise<http2.ClientHttp2Session> {
  const session = http2.connect('http://localhost', {
    createConnection: () => net.connect(path),
  });
  session.on('error', () => undefined);
  atEndOfTest(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

export function callOf(session: http2.ClientHttp2Session, path = LIST): http2.ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.resume();
  return stream;
}

/** The gRPC status with which a call ends; null: it has none. */
export async function endOf(stream: http2.ClientHttp2Stream): Promise<number | null> {
  let code: number | null = null;
  const note = (headers: http2.IncomingHttpHeaders): void => {
    if (headers['grpc-status'] !== undefined) code = Number(headers['grpc-status']);
  };
  stream.on('response', note).on('trailers', note);
  // An error of the stream comes before its end, and is none of the session.
  await new Promise((resolve) => stream.once('close', resolve));
  return code;
}
