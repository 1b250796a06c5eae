// Serves the page of a kept cell to a browser: its agent has only a unix socket.
import { renameSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import process from 'node:process';

const [socketPath = '', addressFile = ''] = process.argv.slice(2);

/** Only for reading, because whoever is on this machine can reach it. */
const server = createServer(({ url, method, headers }, response) => {
  if (method !== 'GET') {
    response.writeHead(405).end();
    return;
  }
  request({ socketPath, path: url, headers: { host: headers.host ?? '' } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  })
    .on('error', () => response.writeHead(502).end('The agent does not answer.\n'))
    .end();
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the page has no address');
  writeFileSync(`${addressFile}.new`, `http://127.0.0.1:${address.port}/`);
  renameSync(`${addressFile}.new`, addressFile);
});
