import { spawn } from 'node:child_process';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import type { BpmScheme } from '../../tools/demo-cell/cell/other-cgroups.ts';
import { waitFor } from '../wait-for.ts';
import { asVcap } from './cells.ts';
import { membershipOf } from '../../tools/demo-cell/cgroups/processes.ts';
import { ALL_TRACKED, APP, createEveryKind, PRIVILEGED } from './every-kind.ts';
import { check, containerOf, ignoring, SHORT, statuses } from './rollcall.ts';
import { RunningAgent } from './running-agent.ts';
import { inSystemdCell, needsSystemd, repIn, scope } from './systemd-cell.ts';

const LOST = '8a37cb6f-385b-4dd3-732c-34d6';

const SERVICE = '/system.slice/garden.service';
/** The fourth is that of systemd-cell-short. */
const SHAPES = [
  { layout: 'plain', runtime: 'runc' },
  { layout: 'plain', runtime: 'containerd' },
  { layout: 'throttled', runtime: 'runc' },
] as const;
const SCHEMES: readonly BpmScheme[] = ['scope', 'unique-scope'];
const IN_SCOPE_OF_BPM = [...scope('monit-service-bpm-bpm-rollcall.scope'), ...asVcap(2000)];

const INIT_SCOPE = '/sys/fs/cgroup/init.scope';

/** What else runs on a Diego cell. */
async function fillAround(cell: Cell): Promise<void> {
  await cell.others.systemdUnit('monit.service');
  for (const [n, scheme] of SCHEMES.entries()) await cell.others.bpmJob(`job-${n}`, scheme);
  await cell.rep.start({ retryMilliseconds: 500 });
  await cell.others.dockerScope();
}

describe('a cell that is a machine under systemd, with cgroup v2 alone', () => {
  before(function () {
    needsSystemd(this);
  });

  for (const { layout, runtime } of SHAPES) {
    it(`check finds every container, ${layout}, with ${runtime}`, async () => {
      await inSystemdCell({ layout, runtime }, async (cell) => {
        // First rep: when it starts, it destroys what it finds.
        await fillAround(cell);
        await createEveryKind(cell);
        if (layout === 'throttled') cell.throttle(APP);
        const { report, exitCode, stderr } = await check(cell, SHORT);
        expect(statuses(report), report.why).to.deep.equal(ALL_TRACKED);
        expect([exitCode, stderr]).to.deep.equal([0, '']);
        expect(report.leftoverCgroups).to.deep.equal([]);
        const { mode, primary, anchor, hierarchies } = report.cgroups;
        expect({ mode, primary }).to.deep.equal({ mode: 'v2', primary: 'v2' });
        expect(anchor).to.deep.include({ source: 'process', path: SERVICE });
        expect(hierarchies.map(({ chosen }) => chosen?.mountPoint)).to.deep.equal([
          '/sys/fs/cgroup',
        ]);
        const garden = layout === 'plain' ? '/garden' : '/garden/bad';
        expect(containerOf(report, APP).cgroups).to.deep.equal({ v2: `${garden}/${APP}` });
        expect(containerOf(report, APP).peas).to.have.length(2);
        expect(containerOf(report, APP).throttled).to.equal(layout === 'throttled');
        expect(containerOf(report, PRIVILEGED)).to.deep.include({
          cgroups: { v2: `/system.slice/${PRIVILEGED}` },
          privileged: true,
        });
        // Counted, and nobody's container; udevd has a cgroup of its own below its unit.
        expect(ignoring(report)).to.match(/^3 bpm, 1 docker, \d+ systemd(, 1 unrecognised)?$/);
        await cell.forget(APP);
        await cell.forget(PRIVILEGED);
        const after = await check(cell, SHORT);
        expect(statuses(after.report)).to.deep.equal({
          ...ALL_TRACKED,
          [APP]: 'untracked unknown-to-garden',
          [PRIVILEGED]: 'untracked unknown-to-garden',
        });
      });
    });
  }

  // systemd removes an empty init.scope and hangs at the next unit: another process stays there.
  it('hides no container when a sensor moves pid 1 to a cgroup of its own', async () => {
    await inSystemdCell({}, async (cell) => {
      await cell.create({ handle: APP, kind: 'app' });
      await cell.create({ handle: LOST, kind: 'app' });
      await cell.forget(LOST);
      const other = spawn('sleep', ['1000000'], { stdio: 'ignore' });
      const sensor = '/sys/fs/cgroup/sensor.falcon';
      mkdirSync(sensor);
      try {
        join(INIT_SCOPE, other.pid ?? 0);
        join(sensor, 1);
        expect(membershipOf(1)).to.deep.equal({ v2: '/sensor.falcon' });
        const { report, exitCode } = await check(cell, SHORT);
        expect(statuses(report), report.why).to.deep.equal({
          [APP]: 'tracked',
          [LOST]: 'untracked unknown-to-garden',
        });
        expect(exitCode).to.equal(1);
      } finally {
        join(INIT_SCOPE, 1);
        other.kill('SIGKILL');
        rmdirSync(sensor);
      }
    });
  });

  for (const scheme of SCHEMES) {
    it(`the agent, a job of bpm, finds rep in its own scope (${scheme})`, async () => {
      await inSystemdCell({}, async (cell) => {
        const rep = repIn(scheme);
        await rep.start({ retryMilliseconds: 500 });
        await cell.create({ handle: APP, kind: 'app' });
        await cell.create({ handle: LOST, kind: 'app' });
        const agent = new RunningAgent(cell, IN_SCOPE_OF_BPM);
        await agent.prepare({}, '2000:2000');
        agent.start();
        try {
          await agent.until('mounts.chosen');
          await agent.afterPass();
          expect(agent.timeline()).to.deep.equal(['started', 'mounts.chosen']);
          await cell.forget(LOST);
          await agent.until(`container.untracked ${LOST} unknown-to-garden`);
          await rep.kill();
          await cell.garden.crash();
          await rep.start({ retryMilliseconds: 500 });
          await agent.until(`container.untracked ${APP} unowned`);
          expect(containerOf(await agent.report(), APP).sentence).to.contain(
            'rep has restarted since, so Diego never removes, stops or restarts the container.',
          );
          await waitFor('an end of what Garden lost', async () => {
            await cell.kill(LOST);
            return agent.timeline().includes(`container.gone ${LOST} unknown-to-garden`);
          });
          expect(await agent.end('TERM')).to.equal(0);
        } finally {
          await agent.endIfRunning();
          await rep.kill();
        }
      });
    });
  }
});

const join = (directory: string, pid: number): void =>
  writeFileSync(path.join(directory, 'cgroup.procs'), `${pid}`);
