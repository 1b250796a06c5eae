import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { GARDEN_SOCKET } from '../../src/demo-cell/gdn/config.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import { checkSettings, completePass } from '../../src/pass/complete-pass.ts';
import { takeSnapshot } from '../../src/pass/take-snapshot.ts';
import { shownCommand } from '../../src/parse/shown-command.ts';
import { probeCell } from '../../src/probe/cell-probe.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import type { SettledPass } from '../../src/reconcile/unchanged.ts';
import { measure, type Measured } from './cell.ts';
import { goalOf, type Section } from './section.ts';

const PASSES = 2000;
const EVERY = 250;
const CHURNED = 20;
const MAX_GROWTH = 1.05;

/**
 * Makes many passes while containers come and go: memory must not grow, and there must be no
 * findings.
 */
export async function soakSection(cell: Cell): Promise<Section> {
  const soak = { isOver: false };
  const measured = measure(cell, ['soak']).finally(() => {
    soak.isOver = true;
  });
  let churned = 0;
  while (!soak.isOver) {
    await cell.churn(CHURNED, { parallel: 2 });
    churned += CHURNED;
  }
  const of = await measured;
  const [heap, remembered, found] = [of('heap'), of('remembered'), of('findings')];
  const growth = (heap.at(-1) ?? Number.NaN) / (heap[1] ?? Number.NaN);
  return {
    title: 'Many passes in one process',
    about: `${PASSES} passes, while ${churned} containers were created and destroyed. The heap is measured after a garbage collection.`,
    columns: ['passes', 'heap, kB', 'remembered', 'findings'],
    rows: heap.map((kilobytes, n) =>
      [(n + 1) * EVERY, kilobytes, remembered[n], found[n]].map(String),
    ),
    goals: [
      goalOf(`heap after ${PASSES} passes, compared with ${2 * EVERY}`, growth, MAX_GROWTH, '×'),
      goalOf(`findings in ${PASSES} passes`, found.at(-1) ?? Number.NaN, 0, ''),
    ],
  };
}

/**
 * Makes passes as the agent does, and reports at intervals how much memory is held after a garbage
 * collection.
 */
export async function measureSoak(): Promise<Measured> {
  setFlagsFromString('--expose-gc');
  // A new context is necessary, because the flag was set too late for this one.
  const collect = (): unknown => runInNewContext('gc()');
  const probe = probeCell({
    root: '/',
    gardenSocket: GARDEN_SOCKET,
    gardenTimeoutMilliseconds: 10_000,
    bosh: null,
    showsCommand: shownCommand,
  });
  const settings = checkSettings(gracePeriodsOfCheck(30_000));
  const heap: number[] = [];
  const remembered: number[] = [];
  const findings: number[] = [];
  let memory: Memory = EMPTY_MEMORY;
  let settled: SettledPass | null = null;
  let found = 0;
  for (let made = 1; made <= PASSES; made++) {
    const pass = await takeSnapshot(probe, memory, {
      allHierarchies: false,
      sweepsAll: false,
      sensors: settings.sensors,
      mustRead: 'everything',
      settled,
      isAnnounced: false,
    });
    const completed = completePass(pass, settings);
    ({ memory, settled } = completed);
    found += completed.report.containers.filter(({ status }) => status === 'untracked').length;
    if (made % EVERY !== 0) continue;
    collect();
    heap.push(Math.round(process.memoryUsage().heapUsed / 1024));
    remembered.push(memory.containers.size);
    findings.push(found);
  }
  probe.close();
  return { heap, remembered, findings };
}
