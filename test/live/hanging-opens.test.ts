import fs from 'node:fs';
import { dirname } from 'node:path';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { PROGRAM } from '../rollcall-program.ts';
import { waitFor } from '../wait-for.ts';
import { answerTo, cellFor } from './cells.ts';
import { listsOf, processOf } from './container-processes.ts';
import { needsOpenGuard, startOpenGuard } from './open-guard.ts';
import { inside, statuses } from './rollcall.ts';
import { MEMORY, startAgent } from './running-agent.ts';

const A = 'aaaaaaaa-0000-4000-8000-000f';
const SECONDS = '100';
/** It looks every 5 s, and ends at the third look; a busy machine takes as long again. */
const LONGEST = 60_000;

/** A cgroup of the container, in the hierarchy that is walked. */
function cgroupOf(cell: Cell, handle: string): string {
  const lists = listsOf(cell, processOf(cell, handle, 'garden-init'));
  return dirname(lists.find((list) => list.includes('/memory/')) ?? lists[0] ?? '');
}

/** Whoever may mark a cgroup for fanotify decides how long each open there takes. */
describe('a cgroup in which somebody lets every open wait', function () {
  this.timeout(180_000);

  it('ends a check, which says what hangs', async function () {
    const cell = await cellFor(this, {}, A);
    const program = await needsOpenGuard(this);
    const cgroup = cgroupOf(cell, A);
    const guard = await startOpenGuard(program, ['hold', SECONDS, `${cell.rootPid}`, cgroup]);
    const started = performance.now();
    const inShell = ['sh', '-c', '"$@"; echo "exit $?"', 'sh'];
    const { stdout, stderr } = await inside(cell, [...inShell, process.execPath, PROGRAM, 'check']);
    expect(performance.now() - started).to.be.below(LONGEST);
    expect(guard.waiting()).to.have.lengthOf(1);
    expect(stdout).to.equal('exit 2\n');
    expect(stderr).to.match(
      /^rollcall: An open of .*cgroup\.procs hangs in the kernel\. The verdict/,
    );
    expect(stderr).to.contain(cgroup.slice(cgroup.lastIndexOf('/')));
  });

  it('ends the agent, and the next one says so instead of hanging', async function () {
    const cell = await cellFor(this, {}, A);
    const program = await needsOpenGuard(this);
    const agent = await startAgent(cell);
    await agent.untilShown({ [A]: 'tracked' });
    const guard = await startOpenGuard(program, [
      'hold',
      SECONDS,
      `${cell.rootPid}`,
      cgroupOf(cell, A),
    ]);
    await waitFor('its read', () => guard.waiting().length > 0);
    expect(await agent.untilEnd(LONGEST)).to.be.oneOf(['SIGKILL', 137]);

    agent.start();
    const report = await agent.report();
    expect(report.verdict).to.equal('unknown');
    expect(report.cell.warnings.map(({ reason }) => reason)).to.deep.equal(['hanging-reads']);
    expect(report.cell.warnings[0]?.sentence).to.contain('cgroup.procs hangs in the kernel');
    expect(await agent.metrics()).to.contain('rollcall_cell_warning{reason="hanging-reads"} 1');
    const health = await answerTo({ port: agent.port, path: '/healthz' });
    expect(JSON.parse(health)).to.include({ status: 'hanging-reads' });
    await agent.until('reconcile.could-not-tell');
    const asked = performance.now();
    expect(await agent.end('TERM')).to.equal(0);
    expect(performance.now() - asked).to.be.below(5000);

    agent.start();
    await agent.report();
    guard.release();
    await agent.untilShown({ [A]: 'tracked' });
    await waitFor('its verdict', async () => (await agent.report()).verdict === 'all-tracked');
    expect(statuses(await agent.report())).to.deep.equal({ [A]: 'tracked' });
    expect(fs.existsSync(cell.outside(`${MEMORY}.hangs`))).to.equal(false);
  });
});
