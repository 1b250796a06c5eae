import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { check, containerOf, SHORT, statuses, type ReportJson } from './rollcall.ts';
import { RunningAgent } from './running-agent.ts';
import { inSystemdCell, needsSystemd } from './systemd-cell.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const MiB = 1024 * 1024;
const MEMORY = 16 * MiB;
const PIDS = 10;
const TREE = '/sys/fs/cgroup';
/** Memory that outlives who wrote it, as a file of a tmpfs: it stays charged to the cgroup. */
const HELD = '/dev/shm/rollcall-held';

type Runtime = 'runc' | 'containerd';
const RUNTIMES: readonly Runtime[] = ['runc', 'containerd'];

const write = (file: string, text: string): void => writeFileSync(`${TREE}${file}`, text);
const number = (file: string): number => Number(readFileSync(`${TREE}${file}`, 'utf8'));

/** A container with the limits that runc gives it, throttled by gdn: moved without them. */
async function createLimited(cell: Cell, handle: string, runtime: Runtime): Promise<void> {
  await cell.create({ handle, kind: 'app' });
  const hasLeaf = runtime === 'containerd';
  const good = `/garden/good/${handle}`;
  const parents = ['', '/garden', '/garden/good', '/garden/bad', ...(hasLeaf ? [good] : [])];
  for (const parent of parents) write(`${parent}/cgroup.subtree_control`, '+memory +pids');
  write(`${good}/memory.max`, `${MEMORY}`);
  write(`${good}${hasLeaf ? '/init' : ''}/pids.max`, `${PIDS}`);
}

/** Takes so much memory as a member of this cgroup. */
function hold(cgroup: string, megabytes: number): void {
  const script = 'echo 0 >"$1/cgroup.procs" && exec dd if=/dev/zero of="$2" bs=1M count="$3"';
  const args = ['-c', script, 'sh', `${TREE}${cgroup}`, HELD, `${megabytes}`];
  execFileSync('sh', args, { stdio: 'ignore' });
}

/** Starts so many processes that stay in this cgroup. */
function fork(cgroup: string, count: number): void {
  const script =
    'echo 0 >"$1/cgroup.procs"; n=0; while [ $n -lt "$2" ]; do sleep 100000 & n=$((n+1)); done';
  execFileSync('sh', ['-c', script, 'sh', `${TREE}${cgroup}`, `${count}`], { stdio: 'ignore' });
}

const warningsOf = ({ cell }: ReportJson) =>
  cell.warnings.map(({ reason, containers, worst }) => `${reason} ${containers} ${worst}`);

describe('limit-lost, on a cell that is a machine with all controllers in cgroup v2', function () {
  this.timeout(170_000);

  before(function () {
    needsSystemd(this);
  });

  beforeEach(() => rmSync(HELD, { force: true }));
  afterEach(() => rmSync(HELD, { force: true }));

  for (const runtime of RUNTIMES) {
    it(`says of the cell who runs without limits, and of a container what it holds (${runtime})`, async () => {
      await inSystemdCell({ layout: 'throttled', runtime }, async (cell) => {
        for (const handle of [A, B]) await createLimited(cell, handle, runtime);
        const before = await check(cell, SHORT);
        expect(statuses(before.report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });
        expect(warningsOf(before.report)).to.deep.equal([]);

        // The mere loss is the cell's, and changes neither verdict nor exit code.
        cell.throttle(A);
        const lost = await check(cell, SHORT);
        expect(statuses(lost.report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });
        expect(lost.report.verdict).to.equal('all-tracked');
        expect(lost.exitCode).to.equal(0);
        expect(warningsOf(lost.report)).to.deep.equal([`limit-lost 1 ${A}`]);

        // A limit in bad/H is one again.
        write(`/garden/bad/${A}/memory.max`, `${MEMORY}`);
        write(`/garden/bad/${A}/pids.max`, `${PIDS}`);
        expect(warningsOf((await check(cell, SHORT)).report)).to.deep.equal([]);
        write(`/garden/bad/${A}/memory.max`, 'max');
        write(`/garden/bad/${A}/pids.max`, 'max');

        // It takes more than its limit.
        hold(`/garden/bad/${A}`, 24);
        const exceeded = await check(cell, SHORT);
        expect(exceeded.exitCode).to.equal(1);
        expect(statuses(exceeded.report)).to.deep.equal({
          [A]: 'untracked limit-lost',
          [B]: 'tracked',
        });
        const found = containerOf(exceeded.report, A);
        expect(found).to.include({ severity: 'critical', throttled: true });
        expect(found.sentence).to.match(/^It holds 2\d MiB of memory with a limit of 16 MiB:/);

        // Released: its processes are back, what they took is charged to the empty bad/H.
        cell.unthrottle(A);
        expect(number(`/garden/bad/${A}/memory.current`)).to.be.greaterThan(MEMORY);
        const held = await check(cell, SHORT);
        expect(statuses(held.report)).to.include({ [A]: 'untracked limit-lost' });
        expect(containerOf(held.report, A).throttled).to.equal(false);
        expect(warningsOf(held.report)).to.deep.equal([]);

        rmSync(HELD);
        const freed = await check(cell, SHORT);
        expect(statuses(freed.report)).to.deep.equal({ [A]: 'tracked', [B]: 'tracked' });
        expect(freed.exitCode).to.equal(0);
      });
    });

    it(`counts processes as it counts memory (${runtime})`, async () => {
      await inSystemdCell({ layout: 'throttled', runtime }, async (cell) => {
        await createLimited(cell, A, runtime);
        cell.throttle(A);
        fork(`/garden/bad/${A}`, 2 * PIDS);
        const { report, exitCode } = await check(cell, SHORT);
        expect(statuses(report)).to.deep.equal({ [A]: 'untracked limit-lost' });
        expect(exitCode).to.equal(1);
        expect(containerOf(report, A).sentence).to.match(
          /^It holds 2\d threads with a limit of 10:/,
        );
      });
    });
  }

  it('is told by the agent: once of the cell, once of a container', async () => {
    await inSystemdCell({ layout: 'throttled' }, async (cell) => {
      await createLimited(cell, A, 'containerd');
      const agent = new RunningAgent(cell);
      await agent.prepare({});
      agent.start();
      try {
        await agent.until('mounts.chosen');
        cell.throttle(A);
        await agent.until('cell.warning limit-lost');
        await agent.afterPass();
        expect(await agent.metrics()).to.match(
          /^rollcall_untracked\{.*reason="limit-lost",severity="warning".*\} 1$/m,
        );
        hold(`/garden/bad/${A}`, 24);
        await agent.until(`container.untracked ${A} limit-lost`);
        rmSync(HELD);
        await agent.until(`container.recovered ${A} limit-lost`);
        cell.unthrottle(A);
        await agent.afterPass();
        expect(agent.timeline().filter((line) => line.startsWith('cell.warning'))).to.have.length(
          1,
        );
        expect(await agent.end('TERM')).to.equal(0);
      } finally {
        await agent.endIfRunning();
      }
    });
    expect(existsSync(`${TREE}/garden`)).to.equal(false);
  });
});
