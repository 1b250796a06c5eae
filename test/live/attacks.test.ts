import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { childrenOf, lendingCells } from './cells.ts';
import { traced, type TraceEvent } from './cgroup-trace.ts';
import { moveTo, rootOf, startProcess } from './container-processes.ts';
import { check, statuses } from './rollcall.ts';
import { startAgent } from './running-agent.ts';
import { waitFor } from '../wait-for.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const SETTLE = ['--settle', '6s'];

describe('an attack on the time of a finding', function () {
  const cellFor = lendingCells();

  it('does not hide a lost container whose processes alternate between two cgroups', async function () {
    const cell = await cellFor(this);
    for (const handle of [A, B]) await cell.create({ handle, kind: 'app' });
    const pids = cell.pids(A);
    const garden = cell.mode === 'v2' ? '/garden' : '/system.slice/garden.service/garden';
    const home = `${garden}/${A}`;
    await cell.forget(A);
    let turns = 0;
    const alternating = setInterval(() => {
      for (const pid of pids) moveTo(cell, pid, turns % 2 === 0 ? '/cron.service' : home);
      turns += 1;
    }, 900);
    const moves = await whileAttacked(['cgroup/cgroup_attach_task'], async () => {
      await isFound(cell, /^untracked (?:escaped|unknown-to-garden)$/);
      // On a busy machine, a move through all hierarchies can take seconds.
      await waitFor('four turns', () => turns >= 4);
    }).finally(() => {
      clearInterval(alternating);
    });
    if (moves !== null) expect(moves, 'moves that the kernel saw').to.be.at.least(4);
  });

  it('does not hide an escaped process that forks itself and exits all the time', async function () {
    const cell = await cellFor(this);
    await cell.create({ handle: A, kind: 'app' });
    // A shell in the background opens it, and a container of the cell has no devices.
    const root = cell.outside(rootOf(A));
    fs.writeFileSync(join(root, 'dev/null'), '');
    const forks = 'f() { (sleep 1; f) & }; (while [ ! -e /go ]; do sleep 0.1; done; f) & :';
    const pid = await startProcess(cell, { by: 'app', root: rootOf(A), inside: A }, forks);
    const shells = childrenOf(pid);
    expect(shells).to.have.lengthOf(1);
    for (const shell of shells) moveTo(cell, shell, '/cron.service');
    process.kill(pid, 'SIGKILL');
    fs.writeFileSync(join(root, 'go'), '');
    const escaped = (): readonly number[] => membersOf(cell, '/cron.service');
    const first = escaped();
    await isFound(cell, /^untracked escaped$/);
    expect(escaped(), 'it forks on').to.not.be.empty;
    expect(escaped()).to.not.include.members([...first]);
  });
});

/** How many of these events the kernel saw; null if it cannot be asked. */
const whileAttacked = async (
  events: readonly TraceEvent[],
  use: () => Promise<void>,
): Promise<number | null> => (await traced(events, use))?.lines.length ?? null;

/**
 * By an agent, and by one of three checks: what comes home between the walk and the sweep of a pass,
 * or ends before the sweep reads it, is in neither, and a busy machine makes a pass long.
 */
async function isFound(cell: Cell, status: RegExp): Promise<void> {
  let checked = await check(cell, SETTLE);
  const found = (): string => statuses(checked.report)[A] ?? '';
  for (let left = 2; left > 0 && !status.test(found()); left--) checked = await check(cell, SETTLE);
  expect(found()).to.match(status);
  expect(checked.exitCode).to.equal(1);
  const agent = await startAgent(cell);
  await agent.until('container.untracked');
  expect(agent.timeline().join()).to.contain(`container.untracked ${A}`);
}

const membersOf = ({ hierarchies }: Cell, path: string): readonly number[] =>
  fs
    .readFileSync(`${hierarchies[0]?.root ?? ''}${path}/cgroup.procs`, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
