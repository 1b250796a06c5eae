import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import type { NetConnectOpts } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import * as v from 'valibot';
import { atEndOfTest } from '../at-end-of-test.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { MAX_WAIT, waitFor } from '../wait-for.ts';
import type { MadeCertificates } from './made-certificates.ts';
import { sent, type Address } from './raw-client.ts';

/** As bpm.yml limits the job. Without `--lite-mode`, with which Node cannot strip types. */
const MAX_MEGABYTES = 256;
const LIMITS = [
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  `--max-old-space-size=${MAX_MEGABYTES / 2}`,
];

export const requestFor = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

export interface LimitedServers {
  readonly metrics: NetConnectOpts;
  readonly status: NetConnectOpts;
  /** Fails unless both still answer /healthz, within the memory of the job and this CPU time. */
  readonly stillAnswer: (cpuSeconds: number) => Promise<void>;
}

/**
 * Both servers of an agent, in a process with the limits of the job, until the end of the test.
 * @param tls of the metrics; null: they have none
 */
export async function limitedServers(tls: MadeCertificates | null = null): Promise<LimitedServers> {
  const path = join(temporaryFolder(), 'rollcall.sock');
  const script = fileURLToPath(new URL('serving-process.ts', import.meta.url));
  const files = tls === null ? [] : [JSON.stringify(tls.server)];
  const serving = fork(script, [path, ...files], { execArgv: LIMITS, silent: true });
  atEndOfTest(() => serving.kill('SIGKILL'));
  const message = async (): Promise<unknown> => {
    const signal = AbortSignal.timeout(MAX_WAIT);
    return ((await once(serving, 'message', { signal })) as unknown[])[0];
  };
  const used = async () => {
    serving.send('how much?');
    return v.parse(v.object({ rss: v.number(), cpuSeconds: v.number() }), await message());
  };
  const { port } = v.parse(v.object({ port: v.number() }), await message());
  const before = await used();
  const metrics = { host: '127.0.0.1', port };
  const scraped: Address = tls === null ? metrics : { ...metrics, ...certificatesIn(tls) };
  const status = { path };
  return {
    metrics,
    status,
    stillAnswer: async (cpuSeconds) => {
      for (const address of [scraped, status])
        // A connection may be closed for 64 newer ones before its request is read.
        await waitFor('an answer', async () => {
          const answer = await sent(address, requestFor('/healthz', 'Connection: close\r\n'));
          return answer.startsWith('HTTP/1.1 200 ');
        });
      const after = await used();
      expect(after.rss / 1e6).to.be.below(MAX_MEGABYTES);
      expect(after.cpuSeconds - before.cpuSeconds).to.be.below(cpuSeconds);
      expect(serving.exitCode).to.equal(null);
    },
  };
}

const certificatesIn = ({ server, client }: MadeCertificates) => ({
  ca: fs.readFileSync(server.caPath),
  cert: fs.readFileSync(client.certPath),
  key: fs.readFileSync(client.keyPath),
});
