import type { Duplex } from 'node:stream';

const LINGER = 500;

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * Answers what is no request that can be read: too large a head, too slow, or no HTTP. The connection is closed for
 * writing and lingers a moment, because closing it with bytes unread would reset it, and the client that is still
 * sending would never see the answer.
 */
export function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The same head that is too large is an error anew with each piece of it.
  if (!socket.writable) {
    if (error.code === 'ECONNRESET') socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? '400 Bad Request';
  const body = `${JSON.stringify({ error: status.slice(4).toLowerCase() })}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      '',
      body,
    ].join('\r\n'),
  );
  const timer = setTimeout(() => {
    socket.destroy();
  }, LINGER);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}
