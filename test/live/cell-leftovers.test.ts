import { once } from 'node:events';
import { readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { CellProcess } from '../../tools/demo-cell/cell/cell-process.ts';
import { cover } from '../../tools/demo-cell/cell/mounts.ts';
import { baseOf, removeLeftovers } from '../../tools/demo-cell/cell/runs.ts';
import { hostHierarchies } from '../../tools/demo-cell/cgroups/hierarchies.ts';
import { failureOf } from '../failure-of.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { commOf } from '../../tools/demo-cell/cgroups/processes.ts';
import {
  handlesOf,
  cellFor,
  needsCell,
  ancestryOf,
  startersWith,
  tracesOf,
  untilEnded,
  untilGone,
} from './cells.ts';

const DRIVER = fileURLToPath(new URL('./driver-to-kill.ts', import.meta.url));

/** A driver in a process of its own, with a cell up. */
async function startDriver(...args: string[]) {
  const driver = execa(process.execPath, [DRIVER, ...args], { reject: false });
  const [line] = (await once(driver.stdout, 'data')) as [Buffer];
  const [runId = '', rootPid = ''] = line.toString().trim().split(' ');
  return { driver, runId, rootPid: Number(rootPid) };
}

/** The shells between a driver and the pid 1 of its cell, the nearest to that one first. */
function shellsAbove(rootPid: number, driverPid: number): readonly number[] {
  const shells: number[] = [];
  let pid = ancestryOf(rootPid).parent;
  while (pid !== driverPid && pid > 1) {
    shells.push(pid);
    pid = ancestryOf(pid).parent;
  }
  return shells;
}

/** As if its cgroups had been made long ago. */
function makeOld(runId: string): void {
  for (const hierarchy of hostHierarchies()) utimesSync(baseOf(hierarchy, runId), 0, 0);
}

const HOST = { cgroupNamespace: 'host', network: 'host' } as const;

describe('A cell in a box', function () {
  before(function () {
    needsCell(this);
  });

  it('takes itself down, with every trace, when its driver is killed', async () => {
    const { driver, runId } = await startDriver();
    expect(tracesOf(runId)).not.to.deep.equal([]);
    driver.kill('SIGKILL');
    await untilGone(runId);
  });

  it('is removed by a later run, and nothing else is, when its driver and its helpers are killed', async function () {
    const { driver, runId, rootPid } = await startDriver();
    const shells = shellsAbove(rootPid, driver.pid ?? 0);
    expect(shells.map(commOf)).to.deep.equal(['sh', 'sh']);
    const live = await cellFor(this);
    await live.create({ handle: 'stays', kind: 'app' });
    makeOld(live.runId);
    for (const pid of shells) process.kill(pid, 'SIGKILL');
    driver.kill('SIGKILL');
    await driver;
    await untilEnded(runId);
    await removeLeftovers();
    expect(tracesOf(runId), 'while it may only be starting').not.to.deep.equal([]);
    makeOld(runId);
    // Another run of these tests may do it first, when it starts a cell.
    await Promise.all([removeLeftovers(), removeLeftovers(), removeLeftovers()]);
    await untilGone(runId);
    expect(await handlesOf(live)).to.deep.equal(['stays']);
    expect(live.pids('stays')).to.have.lengthOf(2);
  });

  it('outlives its driver and the next run where it is kept, until its pid 1 is killed', async () => {
    const { driver, runId, rootPid } = await startDriver('keep');
    expect((await driver).exitCode, 'the driver ends by itself').to.equal(0);
    makeOld(runId);
    await removeLeftovers();
    expect(readFileSync(`/proc/${rootPid}/mountinfo`, 'utf8')).to.include('/left-alone/rootfs');
    process.kill(rootPid, 'SIGKILL');
    await untilGone(runId);
  });

  it('fails to start at a deadline where a mount hangs, and leaves no process', async () => {
    const folder = temporaryFolder();
    // It hangs while it opens the pipe, which nobody writes to.
    const pipe = path.join(folder, 'pipe');
    await execa('mkfifo', [pipe]);
    const start = CellProcess.start(cover('/tmp', [pipe]), HOST, [], 1);
    const failure = await failureOf(start);
    expect(failure).to.deep.equal(['DEMO_FAILED', 'the cell did not start within 1 seconds']);
    await waitFor('the end of its processes', () => startersWith(pipe).length === 0);
  });
});
