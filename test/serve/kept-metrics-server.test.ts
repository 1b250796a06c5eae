import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { keepServingMetrics } from '../../src/serve/kept-metrics-server.ts';
import { state } from '../present/agent-state-builder.ts';

/** Somebody else on a port of their own. */
async function squatter(): Promise<{ port: number; leave: () => Promise<unknown> }> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('no port');
  return {
    port: bound.port,
    leave: () => {
      server.close();
      return once(server, 'close');
    },
  };
}

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
    const other = await squatter();
    const told: (string | null)[] = [];
    const kept = await keepServingMetrics(options(other.port, (trouble) => told.push(trouble)));
    try {
      expect(kept.trouble()).to.contain(`port ${other.port} of 127.0.0.1 is in use`);
      await sleep(100);
      expect(told).to.deep.equal([kept.trouble()]);
      await other.leave();
      while (kept.trouble() !== null) await sleep(10);
      expect(told).to.have.length(2);
      expect((await fetch(`http://127.0.0.1:${other.port}/healthz`)).status).to.equal(200);
    } finally {
      await kept.close();
    }
  });

  it('says nothing of a port that it gets at once, and ends while it still waits for one', async () => {
    const told: (string | null)[] = [];
    const kept = await keepServingMetrics(options(0, (trouble) => told.push(trouble)));
    await kept.close();
    expect(told).to.deep.equal([]);
    const other = await squatter();
    const waiting = await keepServingMetrics(options(other.port, () => undefined));
    await waiting.close();
    await other.leave();
  });
});
