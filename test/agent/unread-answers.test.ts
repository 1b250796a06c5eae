import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as v from 'valibot';
import { temporaryFolder } from '../temporary-folder.ts';
import { MAX_WAIT } from '../wait-for.ts';
import { connected, sent } from './raw-client.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

const CONNECTIONS = 60;
/** As bpm.yml limits the job. Without `--lite-mode`, with which Node cannot strip types. */
const MAX_MEGABYTES = 256;
const LIMITS = [
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  `--max-old-space-size=${MAX_MEGABYTES / 2}`,
];

const requestFor = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

/** Sends many requests on each of its connections, and reads no answer. */
async function flood(address: NetConnectOpts, path: string, count: number) {
  const requests = requestFor(path).repeat(count);
  const all = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(address)));
  for (const { socket } of all) {
    socket.pause();
    socket.write(requests);
    atEndOfTest(() => socket.destroy());
  }
}

describe('answers that nobody reads', () => {
  // 60 local connections with 3,000 requests each took 721 MB, which ended the agent.
  for (const count of [300, 3000])
    it(`leave both servers answering, and the process within its limit: ${count} requests each`, async function () {
      this.timeout(3 * MAX_WAIT);
      const folder = temporaryFolder();
      const path = join(folder, 'rollcall.sock');
      const script = fileURLToPath(new URL('serving-process.ts', import.meta.url));
      const serving = fork(script, [path], { execArgv: LIMITS, silent: true });
      atEndOfTest(() => serving.kill('SIGKILL'));
      const message = async (): Promise<unknown> => {
        const signal = AbortSignal.timeout(MAX_WAIT);
        return ((await once(serving, 'message', { signal })) as unknown[])[0];
      };
      const { port } = v.parse(v.object({ port: v.number() }), await message());
      const metrics = { host: '127.0.0.1', port };
      await flood(metrics, '/metrics', count);
      await flood({ path }, '/v1/report', count);
      for (const address of [metrics, { path }]) {
        const answer = await sent(address, requestFor('/healthz', 'Connection: close\r\n'));
        expect(answer).to.match(/^HTTP\/1\.1 200 /);
      }
      serving.send('how much?');
      const { rss } = v.parse(v.object({ rss: v.number() }), await message());
      expect(rss / 1e6).to.be.below(MAX_MEGABYTES);
      expect(serving.exitCode).to.equal(null);
    });
});
