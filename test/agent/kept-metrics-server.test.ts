import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  keepServingMetrics,
  type KeptMetricsOptions,
  type KeptMetricsServer,
} from '../../src/agent/kept-metrics-server.ts';
import { serveLocally } from '../../tools/local-server.ts';
import { state } from '../present/agent-state-builder.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

const OPTIONS = {
  address: '127.0.0.1',
  port: 0,
  tls: null,
  state: () => state(),
  health: () => null,
  againAfterMilliseconds: 20,
} as const;

/** The server for the time of `use`, and what is changes of it. */
async function keptFor(
  some: Partial<KeptMetricsOptions>,
  use: (kept: KeptMetricsServer, changes: readonly (string | null)[]) => void | Promise<void>,
): Promise<void> {
  const changes: (string | null)[] = [];
  const kept = await keepServingMetrics({
    ...OPTIONS,
    onChange: (error) => changes.push(error),
    ...some,
  });
  try {
    await use(kept, changes);
  } finally {
    await kept.close();
  }
}

describe('the metrics server that is kept', () => {
  it('is tried again while another job has its port, and says so once', async () => {
    const other = await serveLocally(() => undefined);
    try {
      await keptFor({ port: other.port }, async (kept, changes) => {
        expect(kept.error()).to.contain(`port ${other.port} of 127.0.0.1 is in use`);
        await sleep(100);
        expect(changes).to.deep.equal([kept.error()]);
        await other.stop();
        await waitFor('the port', () => kept.error() === null);
        expect(changes).to.have.length(2);
        expect((await fetch(`http://127.0.0.1:${other.port}/healthz`)).status).to.equal(200);
      });
    } finally {
      await other.stop();
    }
  });

  it('goes on whatever is wrong with its certificate: a file that cannot even be looked for, too', () =>
    inTemporaryFolder(async (folder) => {
      const loop = join(folder, 'loop');
      symlinkSync(loop, loop);
      const tls = { certPath: loop, keyPath: loop, caPath: loop };
      await keptFor({ tls }, async (kept, changes) => {
        await sleep(100);
        expect(changes).to.deep.equal([kept.error()]);
        expect(kept.error()).to.contain(`Cannot read ${loop} (ELOOP)`);
      });
    }));

  it('says nothing of a port that it gets at once, and ends while it still waits for one', async () => {
    await keptFor({}, (_kept, changes) => {
      expect(changes).to.deep.equal([]);
    });
    const other = await serveLocally(() => undefined);
    try {
      await keptFor({ port: other.port }, ({ error }) => {
        expect(error()).not.to.equal(null);
      });
    } finally {
      await other.stop();
    }
  });
});
