import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { commOf } from '../../tools/demo-cell/cgroups/processes.ts';
import { DEPOT } from '../../tools/demo-cell/gdn/config.ts';
import { waitFor } from '../wait-for.ts';
import { ancestryOf, cellFor, childrenOf, processesNamed } from './cells.ts';
import { compiled } from './compiled.ts';
import { listsOf, moveTo, processOf, rootOf, startProcess } from './container-processes.ts';
import { passTaker } from './passes.ts';
import { check, containerOf, inside, SHORT, statuses } from './rollcall.ts';
import { startAgent } from './running-agent.ts';

const SOURCE = 'changing-names.c';
const PROGRAM = 'names';
/** The name that the child of each keeps. */
const CHILD = 'child-of-names';
const A = 'aaaaaaaa-0000-4000-8000-0012';
const B = 'bbbbbbbb-0000-4000-8000-0012';
const D = 'dddddddd-0000-4000-8000-0012';
const TRACKED = { [A]: 'tracked', [B]: 'tracked', [D]: 'tracked' };
/** Each list is one process's names. The first is gdn half of the time. */
const NAMES = ['gdn other', 'gdn rep falco dadoo containerd-shim other'];
const PASSES = 50;
const PASSES_OF_AGENT = 6;

/** A cell with two apps and a privileged container. */
async function cellOfThree(context: Mocha.Context): Promise<Cell> {
  const cell = await cellFor(context, {}, A, B);
  await cell.create({ handle: D, kind: 'app', privileged: true });
  return cell;
}

/** Those that change their names, and their children. */
const changing = (cell: Cell): readonly number[] =>
  processesNamed(CHILD, cell.rootPid).flatMap((child) => [ancestryOf(child).parent, child]);

/** Starts one process for each list of names; their pids, and those of their children. */
async function startAll(
  cell: Cell,
  start: (command: string) => Promise<unknown>,
): Promise<readonly number[]> {
  const before = changing(cell);
  for (const names of NAMES) await start(`/${PROGRAM} ${names} ${DEPOT}/${B}/processes/0b1c`);
  let pids: readonly number[] = [];
  await waitFor('their start', () => {
    pids = changing(cell).filter((pid) => !before.includes(pid));
    return pids.length === 2 * NAMES.length;
  });
  for (const pid of pids.filter((one) => childrenOf(one).length > 0)) {
    const seen = new Set<string>();
    await waitFor('another name', () => seen.add(commOf(pid) ?? '').size > 1);
  }
  return pids;
}

/** In a container, posing as what started another one. */
async function startIn(
  cell: Cell,
  handle: string,
  { program, root }: { readonly program: string; readonly root: string },
): Promise<readonly number[]> {
  copyFileSync(program, cell.outside(`${root}/${PROGRAM}`));
  writeFileSync(join(cell.outside(root), 'dev/null'), '');
  const home = listsOf(cell, processOf(cell, handle, 'garden-init'));
  const sleeping: number[] = [];
  const pids = await startAll(cell, async (command) => {
    const start = { by: 'dadoo', root, inside: handle };
    sleeping.push(await startProcess(cell, start, `${command} & :`));
  });
  for (const list of home) for (const pid of [...sleeping, ...pids]) writeFileSync(list, `${pid}`);
  return pids;
}

/** By the root of the cell, in a cgroup of their own. */
async function startOnHost(cell: Cell, program: string): Promise<void> {
  const folder = '/var/vcap/data';
  copyFileSync(program, cell.outside(`${folder}/${PROGRAM}`));
  const script = (command: string): string => `${folder}${command} </dev/null >/dev/null 2>&1 &`;
  const pids = await startAll(cell, (command) => inside(cell, ['sh', '-c', script(command)]));
  for (const pid of pids) moveTo(cell, pid, '/other.slice');
}

describe('processes that change their names all the time', () => {
  it('in a container change nothing in a check or the passes of an agent', async function () {
    const program = await compiled(this, SOURCE);
    const cell = await cellOfThree(this);
    await startIn(cell, A, { program, root: rootOf(A) });
    await startIn(cell, D, { program, root: rootOf(D, 'privileged') });
    await expectEachPass(cell, TRACKED);
  });

  // Only then a pass looks for rep, and a younger rep delays the finding.
  it('in a container are not rep for one without an owner', async function () {
    const program = await compiled(this, SOURCE);
    const cell = await cellFor(this, {}, A, B);
    await cell.loseOwner(B);
    await startIn(cell, A, { program, root: rootOf(A) });
    await expectEachPass(cell, { [A]: 'tracked', [B]: 'untracked unowned' });
  });

  it('of root on the cell change nothing either', async function () {
    const program = await compiled(this, SOURCE);
    const cell = await cellOfThree(this);
    await startOnHost(cell, program);
    await expectEachPass(cell, TRACKED);
  });

  it('of a privileged container that moved them are reported as escaped, always', async function () {
    const program = await compiled(this, SOURCE);
    const cell = await cellOfThree(this);
    const pids = await startIn(cell, D, { program, root: rootOf(D, 'privileged') });
    for (const pid of pids) moveTo(cell, pid, '/other.slice');
    const { report } = await check(cell, SHORT);
    expect(containerOf(report, D)).to.include({ severity: 'critical' });
    await expectEachPass(cell, { ...TRACKED, [D]: 'untracked escaped' });
  });
});

/** In many passes in a row, in a check, and in an agent, none of whose passes fails. */
async function expectEachPass(cell: Cell, wanted: Readonly<Record<string, string>>): Promise<void> {
  const verdict = Object.values(wanted).every((one) => one === 'tracked')
    ? 'all-tracked'
    : 'untracked';
  const takePass = passTaker(cell);
  const { report: first } = await takePass({ sweepsAll: true });
  const gdn = first.cgroups.anchor?.pid;
  for (let pass = 0; pass < PASSES; pass++) {
    const { report } = await takePass({ sweepsAll: true });
    expect(report.cgroups.anchor?.pid, `gdn in pass ${pass}`).to.equal(gdn);
    expect(statuses(report), `pass ${pass}`).to.deep.equal(wanted);
    expect(report.verdict).to.equal(verdict);
    expect(report.cell.warnings).to.deep.equal([]);
  }
  const { report, exitCode } = await check(cell, SHORT);
  expect(statuses(report), 'in a check').to.deep.equal(wanted);
  expect(exitCode).to.equal(verdict === 'all-tracked' ? 0 : 1);
  const agent = await startAgent(cell);
  await agent.untilShown(wanted);
  for (let pass = 0; pass < PASSES_OF_AGENT; pass++) {
    await agent.afterPass();
    expect(statuses(await agent.report()), 'in an agent').to.deep.equal(wanted);
  }
  expect(await agent.metrics()).to.match(/^rollcall_reconciles_total\{.*result="failed".*\} 0$/m);
  expect(agent.timeline().join()).not.to.match(/could-not-tell|anchor/);
}
