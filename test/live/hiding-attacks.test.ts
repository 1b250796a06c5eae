import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import { MANY_PROCESSES, startMany } from '../../tools/bench/many-processes.ts';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { childrenOf, cellFor } from './cells.ts';
import { traced } from './cgroup-trace.ts';
import { compiled } from './compiled.ts';
import {
  listsOf,
  moveTo,
  pidInCell,
  processOf,
  rootOf,
  startAtPid,
  startProcess,
} from './container-processes.ts';
import { needsOpenGuard, startOpenGuard } from './open-guard.ts';
import { passTaker } from './passes.ts';
import { check, containerOf, SHORT, statuses } from './rollcall.ts';
import { startAgent } from './running-agent.ts';

const SOURCE = fileURLToPath(new URL('hiding-attacks.c', import.meta.url));
const VFORK_SOURCE = 'vfork.c';
const CLONE_SOURCE = 'clone-into-cgroup.c';
const ENDED_LEADER_SOURCE = 'ended-leader.c';
const A = 'aaaaaaaa-0000-4000-8000-000e';
const B = 'bbbbbbbb-0000-4000-8000-000e';
const C = 'cccccccc-0000-4000-8000-000e';
const D = 'dddddddd-0000-4000-8000-000e';
const E = 'eeeeeeee-0000-4000-8000-000e';
const GDN = '/system.slice/garden.service';
/** Of a container on v1. */
const home = (handle: string): string => `${GDN}/garden/${handle}`;

/** More than any pass keeps. */
const DECOYS = 1300;

/** The hierarchy that an attacker with one of v1 chooses. */
function memoryOf(cell: Cell): string {
  const memory = cell.hierarchies.find(({ controllers }) => controllers.includes('memory'));
  if (memory === undefined) throw new Error('the cell has no memory hierarchy');
  return memory.root;
}

/** In every hierarchy, with what is below it. */
function removeEmpty(cell: Cell, path: string): void {
  for (const { root } of cell.hierarchies) {
    const directory = `${root}${path}`;
    if (!fs.existsSync(directory)) continue;
    for (const entry of fs.readdirSync(directory, { withFileTypes: true }))
      if (entry.isDirectory()) fs.rmdirSync(`${directory}/${entry.name}`);
    fs.rmdirSync(directory);
  }
}

/** The letter of proc_pid_stat(5) of a process's first thread. */
const stateOf = (pid: number): string =>
  /\) (.) /.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';

/** The only child of a process. */
async function childOf(parent: number): Promise<number> {
  await waitFor(`a child of ${parent}`, () => childrenOf(parent).length > 0);
  return childrenOf(parent)[0] ?? 0;
}

/**
 * Renames a cgroup while `use` runs; the renames that the kernel saw, null if it cannot be asked.
 */
async function whileRenamed(
  parent: string,
  prefix: string,
  use: () => Promise<void>,
): Promise<number | null> {
  const program = join(temporaryFolder(), 'rename');
  await execa('gcc', ['-O1', '-o', program, SOURCE]);
  const renames = await traced(['cgroup/cgroup_rename'], async () => {
    const renamer = spawn(program, [parent, prefix], { stdio: 'ignore' });
    try {
      await waitFor('the first rename', () => !fs.existsSync(join(parent, `${prefix}0`)));
      await use();
      expect(renamer.exitCode, 'the renamer runs').to.equal(null);
    } finally {
      renamer.kill('SIGKILL');
    }
  });
  return renames === null ? null : renames.lines.length;
}

describe('an attack that hides a container, or makes one up', function () {
  it('finds an escape into a cgroup that is renamed all the time', async function () {
    const { exitCode: hasGcc } = await execa('gcc', ['--version'], { reject: false });
    if (hasGcc !== 0) skip(this, 'needs gcc');
    const cell = await cellFor(this, { mode: 'v1' }, A, B);
    const pid = processOf(cell, A, 'launcher');
    moveTo(cell, pid, '');
    const parent = memoryOf(cell);
    fs.mkdirSync(join(parent, 'renamed0'));
    fs.writeFileSync(join(parent, 'renamed0/cgroup.procs'), `${pid}`);
    const renames = await whileRenamed(parent, 'renamed', async () => {
      const { report, exitCode } = await check(cell, ['--settle', '2s']);
      expect(statuses(report)).to.deep.equal({ [A]: 'untracked escaped', [B]: 'tracked' });
      expect(containerOf(report, A)).to.include({ severity: 'critical' });
      expect(exitCode).to.equal(1);
      const agent = await startAgent(cell);
      await agent.until('container.untracked');
      expect(agent.timeline()).to.include(`container.untracked ${A} escaped`);
      expect(agent.timeline().join()).not.to.contain('could-not-tell');
    });
    if (renames !== null) expect(renames, 'renames that the kernel saw').to.be.above(1000);
  });

  // clone3 with CLONE_INTO_CGROUP and CLONE_NEWCGROUP: the child is outside from its first moment.
  it('finds a process that started outside its container, in a cgroup namespace of its own', async function () {
    const cell = await cellFor(this, { mode: 'v2' });
    const program = await compiled(this, CLONE_SOURCE);
    await cell.create({ handle: A, kind: 'app' });
    await cell.create({ handle: D, kind: 'app', privileged: true });
    const root = rootOf(D, 'privileged');
    fs.copyFileSync(program, cell.outside(`${root}/program`));
    const own = cell.hierarchies.map((one) => one.root.slice(one.root.lastIndexOf('/')))[0];
    const at = '/mnt/own';
    const attack = `mkdir -p ${at} && mount -t cgroup2 none ${at} && /program ${at}${own ?? ''}`;
    const pid = await startProcess(cell, { by: 'dadoo', root, inside: D }, attack);
    moveTo(cell, pid, `/system.slice/${D}`);
    const { report } = await check(cell, SHORT);
    expect(statuses(report)).to.deep.equal({ [A]: 'tracked', [D]: 'untracked escaped' });
    expect(containerOf(report, D)).to.include({ severity: 'critical' });
  });

  // Until the child of vfork ends or executes a program, its parent stands still, and they share
  // their memory.
  it('finds the child, or the parent, of a vfork outside its container', async function () {
    const cell = await cellFor(this, { mode: 'v1' });
    const program = await compiled(this, VFORK_SOURCE);
    for (const handle of [A, B]) {
      await cell.create({ handle, kind: 'app' });
      fs.copyFileSync(program, cell.outside(`${rootOf(handle)}/program`));
      fs.writeFileSync(join(cell.outside(rootOf(handle)), 'dev/null'), '');
      const start = { by: 'dadoo', root: rootOf(handle), inside: handle };
      const pid = await startProcess(cell, start, '/program & :');
      const parent = await childOf(pid);
      const child = await childOf(parent);
      for (const one of [pid, parent, child]) moveTo(cell, one, home(handle));
      moveTo(cell, handle === A ? child : parent, '/cron.service');
    }
    const { report, exitCode } = await check(cell, SHORT);
    expect(statuses(report)).to.deep.equal({ [A]: 'untracked escaped', [B]: 'untracked escaped' });
    for (const handle of [A, B]) {
      expect(containerOf(report, handle).processes).to.have.lengthOf(1);
      expect(containerOf(report, handle)).to.include({ severity: 'critical' });
    }
    expect(exitCode).to.equal(1);
  });

  for (const mode of ['v1', 'hybrid', 'v2'] as const)
    it(`finds an escape into a cgroup that is called like the container, where Garden makes none (${mode})`, async function () {
      const cell = await cellFor(this, { mode }, A, B, C, E);
      await cell.create({ handle: D, kind: 'app', privileged: true });
      const takePass = passTaker(cell);
      for (let pass = 0; pass < 3; pass++) await takePass();
      const garden = mode === 'v2' ? '' : GDN;
      moveTo(cell, processOf(cell, A, 'launcher'), `/x.slice/${A}`);
      moveTo(cell, processOf(cell, B, 'launcher'), `${garden}/garden-x/${B}`);
      moveTo(cell, processOf(cell, C, 'launcher'), `/x.slice/${C}-envoy`);
      moveTo(cell, processOf(cell, D, 'launcher'), `/x.slice/${D}`);
      // Everything that it has, and Garden's directory goes.
      for (const pid of cell.pids(E)) moveTo(cell, pid, `/x.slice/${E}`);
      removeEmpty(cell, `${garden}/garden/${E}`);
      const found = {
        [A]: 'untracked escaped',
        [B]: 'untracked escaped',
        [C]: 'untracked escaped',
        [D]: 'untracked escaped',
        [E]: 'untracked escaped',
      };
      let seen: Readonly<Record<string, string>> = {};
      for (let pass = 0; pass < 21; pass++) seen = statuses((await takePass()).report);
      expect(seen, 'in the passes of an agent').to.deep.equal(found);
      const { report, exitCode } = await check(cell, SHORT);
      // No earlier pass of this check saw where Garden had made it.
      expect(statuses(report)).to.deep.equal({ ...found, [E]: 'tracked' });
      expect(exitCode).to.equal(1);
    });

  // Each is then limited by the other one's cgroup, which Garden knows as its own.
  it('finds two containers that swapped the names of their cgroups in one hierarchy', async function () {
    const cell = await cellFor(this, { mode: 'v1' }, A, B, C);
    const takePass = passTaker(cell);
    for (let pass = 0; pass < 3; pass++) await takePass();
    const pids = cell.hierarchies.find(({ controllers }) => controllers.includes('pids'));
    const at = (name: string): string => `${pids?.root ?? ''}${GDN}/garden/${name}`;
    fs.renameSync(at(A), at('between'));
    fs.renameSync(at(B), at(A));
    fs.renameSync(at('between'), at(B));
    const found = { [A]: 'untracked partial', [B]: 'untracked partial', [C]: 'tracked' };
    const { report, exitCode } = await check(cell, SHORT);
    expect(statuses(report)).to.deep.equal(found);
    expect(containerOf(report, A).sentence).to.contain('pids');
    expect(exitCode).to.equal(1);
    let seen: Readonly<Record<string, string>> = {};
    for (let pass = 0; pass < 8; pass++) seen = statuses((await takePass()).report);
    expect(seen, 'in the passes of an agent').to.deep.equal(found);
  });

  for (const mode of ['v1', 'v2'] as const)
    it(`finds an escaped process whose first thread has ended, also one that was at home before (${mode})`, async function () {
      const cell = await cellFor(this, { mode }, A, B);
      const program = await compiled(this, ENDED_LEADER_SOURCE);
      fs.copyFileSync(program, cell.outside(`${rootOf(A)}/program`));
      fs.writeFileSync(join(cell.outside(rootOf(A)), 'dev/null'), '');
      const start = { by: 'dadoo', root: rootOf(A), inside: A };
      const parent = await startProcess(cell, start, '/program & :');
      const pid = await childOf(parent);
      const own = mode === 'v1' ? home(A) : `/garden/${A}`;
      for (const one of [parent, pid]) moveTo(cell, one, own);
      const takePass = passTaker(cell);
      for (let pass = 0; pass < 11; pass++) await takePass();
      process.kill(pid, 'SIGUSR1');
      await waitFor('the end of its first thread', () => stateOf(pid) === 'Z');
      moveTo(cell, pid, '/cron.service');
      const { report, exitCode } = await check(cell, SHORT);
      expect(statuses(report)).to.deep.equal({ [A]: 'untracked escaped', [B]: 'tracked' });
      expect(containerOf(report, A).processes[0]).to.include({ pid: pidInCell(pid), ended: false });
      expect(exitCode).to.equal(1);
      let seen: Readonly<Record<string, string>> = {};
      for (let pass = 0; pass < 21 && seen[A] !== 'untracked escaped'; pass++)
        seen = statuses((await takePass()).report);
      expect(seen).to.deep.equal({ [A]: 'untracked escaped', [B]: 'tracked' });
    });

  it('finds a process that took the pid of one in the cgroup where that was, within two sweeps', async function () {
    const cell = await cellFor(this, { mode: 'v1' }, A, B);
    const first = await startProcess(cell, { by: 'dadoo', root: rootOf(A), inside: A });
    moveTo(cell, first, home(A));
    const pid = pidInCell(first);
    const takePass = passTaker(cell);
    for (let pass = 0; pass < 11; pass++) await takePass();
    process.kill(first, 'SIGKILL');
    await waitFor('its end', () => !fs.existsSync(`/proc/${first}`));
    const second = await startAtPid(cell, pid, B);
    moveTo(cell, second, home(A));
    let seen: Readonly<Record<string, string>> = {};
    for (let pass = 0; pass < 21 && seen[B] !== 'untracked escaped'; pass++)
      seen = statuses((await takePass()).report);
    expect(seen).to.deep.equal({ [A]: 'tracked', [B]: 'untracked escaped' });
  });

  for (const mode of ['v1', 'v2'] as const)
    for (const [title, images] of [
      ['that name images of no container', 'decoy'],
      ['that name images of its peas', `${A}-decoy`],
    ] as const)
      it(`finds an escape beside 1,300 processes of another container, at home, ${title} (${mode})`, async function () {
        const program = await compiled(this, MANY_PROCESSES);
        const cell = await cellFor(this, { mode }, B);
        await startMany(cell, B, { program, name: 'decoy', count: DECOYS + 1, images });
        await cell.create({ handle: A, kind: 'app' });
        // So deep that a sweep comes to the decoys first.
        moveTo(cell, processOf(cell, A, 'launcher'), '/z.slice/z/z/z/z');
        const { report, exitCode } = await check(cell, SHORT);
        expect(statuses(report)).to.deep.equal({ [A]: 'untracked escaped', [B]: 'tracked' });
        expect(report.cell.warnings.map(({ reason }) => reason)).to.include('cut-sweep');
        expect(exitCode).to.equal(1);
        const agent = await startAgent(cell);
        await agent.until('container.untracked');
        expect(agent.timeline()).to.include(`container.untracked ${A} escaped`);
      });

  // Who lets nobody open a cgroup of its own before its process is back knows when a pass comes.
  for (const mode of ['v1', 'v2'] as const)
    it(`finds a process that is at home only while somebody opens its cgroup (${mode})`, async function () {
      const cell = await cellFor(this, { mode }, A, B);
      const program = await needsOpenGuard(this);
      const pid = processOf(cell, A, 'launcher');
      const primary = mode === 'v1' ? memoryOf(cell) : (cell.hierarchies[0]?.root ?? '');
      const own = listsOf(cell, pid).find((list) => list.startsWith(primary)) ?? '';
      const outside = join(primary, 'outside');
      fs.mkdirSync(outside);
      const out = join(outside, 'cgroup.procs');
      await startOpenGuard(program, ['home', String(pid), own, out, dirname(own)]);
      const membership = (): string => fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8');
      await waitFor('its escape', () => membership().includes('/outside'));
      const { report } = await check(cell, ['--settle', '1s']);
      expect(statuses(report), 'a check, for which it comes home').to.deep.equal({
        [A]: 'tracked',
        [B]: 'tracked',
      });
      const agent = await startAgent(cell, {
        reconcile: { intervalSeconds: 5, gracePeriodSeconds: 6 },
      });
      await agent.until('started');
      await agent.withinPasses(25, 'container.untracked');
      const reason = mode === 'v1' ? 'partial' : 'escaped';
      expect(agent.timeline()).to.include(`container.untracked ${A} ${reason}`);
      expect(agent.timeline().join()).not.to.contain(B);
    });
});
