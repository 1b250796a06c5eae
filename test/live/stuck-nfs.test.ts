import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { installProgram } from '../../tools/demo-cell/kept-cell.ts';
import { membershipOf } from '../../tools/demo-cell/cgroups/processes.ts';
import { waitFor } from '../wait-for.ts';
import { handlesOf } from './cells.ts';
import { processOf } from './container-processes.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { mountVolume, needsNfsServer, startServer, writeWithoutServer } from './nfs-volume.ts';
import { containerOf } from './rollcall.ts';
import { startAgent, type RunningAgent } from './running-agent.ts';
import { inSystemdCell, needsSystemd } from './systemd-cell.ts';
import { IDENTITY, take } from './typed-steps.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
/** Where Diego's volume services mount what containers then get. */
const VOLUME = '/var/vcap/data/volumes/nfs/rollcall-test';

describe('a container whose processes wait for an NFS server that does not answer', () => {
  before(function () {
    needsSystemd(this);
    needsNfsServer(this);
  });

  it('is stuck until the server answers again, as its first step says', async () => {
    await inSystemdCell({}, async (cell) => {
      const agent = await untilStuck(cell);
      const [bringBack, , remove] = await stepsOf(agent);
      expect(await take(cell, bringBack?.command ?? '')).to.contain(' - nfs4 127.0.0.1:/ ');
      expect(bringBack?.result).to.equal('It answers again → the processes end within seconds.');
      await startServer();
      await untilItsProcessesEnd(cell);
      expect(await take(cell, remove?.command ?? '')).to.equal('{}\n');
      expect(await handlesOf(cell)).to.deep.equal([]);
      await agent.endIfRunning();
    });
  });

  it('is stuck until its volume is given up, as its second step says', async () => {
    await inSystemdCell({}, async (cell) => {
      const agent = await untilStuck(cell);
      const [, giveUp, remove] = await stepsOf(agent);
      expect(giveUp?.command).to.match(/^echo 1 \| sudo tee \/sys\/fs\/nfs\/0:\d+\/shutdown$/);
      await take(cell, giveUp?.command ?? '');
      await untilItsProcessesEnd(cell);
      expect(await take(cell, remove?.command ?? '')).to.equal('{}\n');
      expect(await handlesOf(cell)).to.deep.equal([]);
      await agent.endIfRunning();
    });
  });
});

/** An agent that reports the container, whose destroy has failed. */
async function untilStuck(cell: Cell): Promise<RunningAgent> {
  installProgram(cell);
  await cell.create({ handle: A, kind: 'app' });
  await mountVolume(VOLUME);
  const reconcile = { intervalSeconds: 60, gracePeriodSeconds: 2 };
  const agent = await startAgent(cell, { cell: IDENTITY, reconcile }, MOVABLE_CLOCK);
  await agent.until('started');
  await writeWithoutServer(cgroupOf(cell), VOLUME);
  await agent.afterPass();
  const destroy = await cell.destroy(A).then(() => 'done', String);
  expect(destroy).to.contain('do not die');
  for (const _ of [1, 2, 3, 4]) {
    await agent.afterPass();
    await agent.moveClock();
  }
  await agent.afterPass();
  await agent.until(`container.untracked ${A} stuck`);
  return agent;
}

const cgroupOf = (cell: Cell): string =>
  `/sys/fs/cgroup${membershipOf(processOf(cell, A, 'garden-init'))['v2'] ?? ''}`;

async function stepsOf(agent: RunningAgent) {
  const { sentence, pids, advice } = containerOf(await agent.report(), A);
  expect(pids).to.equal(2);
  expect(sentence).to.contain('SIGKILL is pending in each');
  expect(sentence).to.match(/The container has mounts of NFS \(device 0:\d+\)\./);
  return advice?.steps ?? [];
}

const untilItsProcessesEnd = (cell: Cell): Promise<void> =>
  waitFor('the end of its processes', () => cell.pids(A).length === 0);
