import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { keepServingMetrics } from '../../src/serve/kept-metrics-server.ts';
import { serveLocally } from '../../src/tooling/local-server.ts';
import { state } from '../present/agent-state-builder.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

const options = (port: number, told: (trouble: string | null) => void) => ({
  address: '127.0.0.1',
  port,
  tls: null,
  state: () => state(),
  health: () => null,
  told,
  againAfterMilliseconds: 20,
});

describe('the metrics server that is kept', () => {
  it('is tried again while another job has its port, and says so once', async () => {
    const other = await serveLocally(() => undefined);
    const told: (string | null)[] = [];
    const kept = await keepServingMetrics(options(other.port, (trouble) => told.push(trouble)));
    try {
      expect(kept.trouble()).to.contain(`port ${other.port} of 127.0.0.1 is in use`);
      await sleep(100);
      expect(told).to.deep.equal([kept.trouble()]);
      await other.stop();
      while (kept.trouble() !== null) await sleep(10);
      expect(told).to.have.length(2);
      expect((await fetch(`http://127.0.0.1:${other.port}/healthz`)).status).to.equal(200);
    } finally {
      await kept.close();
    }
  });

  it('goes on whatever is wrong with its certificate: a file that cannot even be looked for, too', () =>
    inTemporaryFolder(async (folder) => {
      const loop = join(folder, 'loop');
      symlinkSync(loop, loop);
      const tls = { certPath: loop, keyPath: loop, caPath: loop };
      const told: (string | null)[] = [];
      const kept = await keepServingMetrics({
        ...options(0, (trouble) => told.push(trouble)),
        tls,
      });
      await sleep(100);
      await kept.close();
      expect(told).to.deep.equal([kept.trouble()]);
      expect(kept.trouble()).to.contain(`Cannot read ${loop} (ELOOP)`);
    }));

  it('says nothing of a port that it gets at once, and ends while it still waits for one', async () => {
    const told: (string | null)[] = [];
    const kept = await keepServingMetrics(options(0, (trouble) => told.push(trouble)));
    await kept.close();
    expect(told).to.deep.equal([]);
    const other = await serveLocally(() => undefined);
    const waiting = await keepServingMetrics(options(other.port, () => undefined));
    await waiting.close();
    await other.stop();
  });
});
