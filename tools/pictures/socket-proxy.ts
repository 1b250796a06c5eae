import { request } from 'node:http';
import { serveLocally, type LocalServer } from '../local-server.ts';

/** Lets a browser, which knows no unix sockets, see what is served on one; `bosh ssh -L` does the same for people. */
export const proxyTo = (socketPath: string): Promise<LocalServer> =>
  serveLocally((asked, response) => {
    request({ socketPath, path: asked.url, method: asked.method }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    })
      .on('error', () => response.destroy())
      .end();
  });
