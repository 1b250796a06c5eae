import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { commOf } from '../../src/demo-cell/cgroups/processes.ts';
import { ancestryOf, handlesOf, needsCell } from './cells.ts';
import { check, containerOf, rollcall, SHORT } from './rollcall.ts';
import type { RunningAgent } from './running-agent.ts';
import { WatchedCell } from './watched-cell.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

const A = 'aaaaaaaa-0000-4000-8000-000a';
const B = 'bbbbbbbb-0000-4000-8000-000b';
const CONTAINERD_IS_DEAD = {
  kind: 'status',
  status: 500,
  body: '{"Type":"","Message":"connection error: connection refused"}\n',
} as const;

/**
 * The rows of the table in docs/decisions/diego-stories.md, with an agent whose grace period is a
 * second and a rep that makes a bulk pass every half second. One case needs a real Diego and is not
 * tested: an evacuation whose app ignores TERM. The auctioneer and the BBS move it; the end of rep,
 * which follows, is tested.
 */
describe('what Diego does about a container, and what the agent says', function () {
  let diego: WatchedCell;
  let cell: Cell;
  let agent: RunningAgent;

  before(async function () {
    needsCell(this);
    diego = await WatchedCell.start('containerd');
    ({ cell, agent } = diego);
  });

  after(() => diego?.stop());

  const killApp = (handle: string): void => {
    for (const pid of cell.pids(handle)) {
      if (commOf(pid) !== 'garden-init') process.kill(pid, 'SIGKILL');
    }
  };

  it('gdn is killed and starts again, rep lives: rep destroys all, and nothing is said', async () => {
    await diego.managed(A, B);
    await diego.says([], async () => {
      await cell.garden.crash();
      await diego.untilUnlisted(A, B);
    });
  });

  it("gdn is away: rep tries again until it is back, and only Garden's absence is said", async () => {
    await diego.managed(A);
    const unavailable = diego.next('garden.unavailable');
    await diego.says([], async () => {
      await cell.garden.kill();
      await unavailable();
      await waitFor('a failed destroy', () => cell.rep.status()?.toDestroy.includes(A) === true);
      await cell.garden.start();
      await diego.untilUnlisted(A);
    });
    expect(agent.timeline()).to.include('garden.available');
  });

  it('gdn is restarted gracefully: rep destroys all although nothing was lost, and nothing is said', async () => {
    await diego.managed(A, B);
    await diego.says([], async () => {
      await cell.garden.stop();
      await cell.garden.start();
      await diego.untilUnlisted(A, B);
    });
  });

  it('the BBS is away while gdn is killed: pending for longer than the grace period, then destroyed', async () => {
    await diego.managed(A);
    await diego.says([], async () => {
      await diego.whileBbsIsAway(async () => {
        await cell.garden.crash();
        await waitFor('pending', async () => (await diego.inReport(A)).reason === 'unowned');
        await diego.longerThanTheGracePeriod();
        const container = await diego.inReport(A);
        expect(container).to.include({ status: 'pending', severity: 'critical' });
        expect(container.sentence).to.contain(
          'Diego still has it and should remove it within a minute',
        );
        const short = await check(cell, SHORT);
        expect(short.exitCode).to.equal(0);
        expect(containerOf(short.report, A).status).to.equal('pending');
        const table = await rollcall(cell, ['check', ...SHORT]);
        expect(table.stdout.replaceAll(/\s+/g, ' ')).to.contain('use --settle 120s or more');
      });
      await diego.untilUnlisted(A);
    });
  });

  it('rep alone is killed, or stopped: it destroys what it owns at its start or before its end', async () => {
    await diego.managed(A);
    await diego.says([], async () => {
      await cell.rep.kill();
      expect(await handlesOf(cell)).to.deep.equal([A]);
      expect(await diego.startRep()).to.deep.equal({ state: 'serving', known: [], toDestroy: [] });
      expect(await handlesOf(cell)).to.deep.equal([]);
      await diego.managed(B);
      await cell.rep.stop();
      expect(await handlesOf(cell)).to.deep.equal([]);
    });
  });

  it('gdn and rep are killed: nobody removes it, and that is an alarm after the grace period', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} unowned`);
    await diego.says([`container.untracked ${A} unowned`], async () => {
      await cell.rep.kill();
      await cell.garden.crash();
      expect(await diego.startRep(), 'blind to it').to.deep.equal({
        state: 'serving',
        known: [],
        toDestroy: [],
      });
      await untracked();
    });
    const container = await diego.inReport(A);
    expect(container).to.include({ status: 'untracked', severity: 'critical' });
    expect(container.sentence).to.contain(
      'rep has restarted since: Diego never removes, stops or restarts it.',
    );
    const { report, exitCode } = await check(cell, SHORT);
    expect(exitCode, 'a short check can tell').to.equal(1);
    expect(containerOf(report, A).status).to.equal('untracked');
  });

  it('is removed by no restart, neither of gdn, which ends healthy apps, nor of rep', async () => {
    await diego.managed(B);
    await diego.says([], async () => {
      await cell.garden.stop();
      await cell.garden.start();
      await diego.untilUnlisted(B);
      await cell.rep.stop();
      await diego.startRep();
      await diego.longerThanTheGracePeriod();
    });
    expect(await handlesOf(cell)).to.deep.equal([A]);
    expect(await diego.inReport(A)).to.include({ status: 'untracked', reason: 'unowned' });
  });

  it('a DELETE as Diego itself sends it does', async () => {
    await diego.says([`container.gone ${A} unowned`], () => cell.destroy(A));
  });

  it('gdn is killed where no rep runs: an alarm after four grace periods that says so', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} unowned`);
    await diego.says([`container.untracked ${A} unowned`], async () => {
      await cell.rep.kill();
      await cell.garden.crash();
      await untracked();
    });
    expect((await diego.inReport(A)).sentence).to.contain('no rep runs on this cell');
    await cell.destroy(A);
    await agent.afterPass();
  });

  it('the network plugin fails: a warning while rep tries again, and gone when it works', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} no-cgroup`);
    await diego.says(
      [`container.untracked ${A} no-cgroup`, `container.gone ${A} no-cgroup`],
      async () => {
        await diego.whileBbsIsAway(async () => {
          await cell.garden.stop();
          await cell.garden.start();
          await cell.setNetworkPlugin('fails');
        });
        await untracked();
        const container = await diego.inReport(A);
        expect(container).to.include({ severity: 'warning', pids: 0 });
        expect(container.sentence).to.contain('If rep restarts, it exits at each start');
        await cell.setNetworkPlugin('works');
        await diego.untilUnlisted(A);
      },
    );
  });

  it('rep restarts while a destroy fails: it exits at each start until that destroy works', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} no-cgroup`);
    await diego.says(
      [`container.untracked ${A} no-cgroup`, `container.gone ${A} no-cgroup`],
      async () => {
        await cell.rep.kill();
        await cell.setNetworkPlugin('fails');
        for (const start of ['the first', 'the second']) {
          expect((await diego.startRep()).state, start).to.equal('failed');
          expect(cell.rep.hostPid(), start).to.equal(null);
        }
        await untracked();
        await cell.setNetworkPlugin('works');
        expect((await diego.startRep()).state).to.equal('serving');
        await diego.untilUnlisted(A);
      },
    );
  });

  it('the network plugin hangs in uninterruptible sleep: the sentence names the process', async function () {
    const freezer = cell.hierarchies.find(({ controllers }) => controllers.includes('freezer'));
    if (freezer === undefined)
      skip(this, 'only the freezer of cgroup v1 shows a process in state D');
    await diego.managed(A);
    await cell.setNetworkPlugin('hangs');
    const untracked = diego.next(`container.untracked ${A} no-cgroup`);
    const gone = diego.next(`container.gone ${A} no-cgroup`);
    const destroyed = cell.destroy(A).catch(() => undefined);
    const plugin = await diego.onlyProcess('network-plugin');
    const frozen = `${freezer.root}/frozen`;
    mkdirSync(frozen);
    writeFileSync(`${frozen}/cgroup.procs`, `${plugin}`);
    writeFileSync(`${frozen}/freezer.state`, 'FROZEN');
    try {
      await untracked();
      const container = await diego.inReport(A);
      const inCell = ancestryOf(plugin).namespacePids[1];
      expect(container.sentence).to.match(
        new RegExp(
          `network-plugin \\(process ${inCell}, in uninterruptible sleep, started \\d+ s ago\\)`,
        ),
      );
      expect(container.sentence).to.contain('Its root filesystem is still mounted');
      expect(container.processes.map(({ command }) => command).join()).to.contain(
        `--action down --handle …`,
      );
    } finally {
      writeFileSync(`${frozen}/freezer.state`, 'THAWED');
      process.kill(plugin, 'SIGKILL');
    }
    await destroyed;
    await cell.setNetworkPlugin('works');
    await cell.destroy(A);
    await gone();
  });

  it('containerd is dead: all apps are terminated and destroyed when it is back, and nothing is said', async () => {
    await diego.managed(A, B);
    const unavailable = diego.next('garden.unavailable');
    await diego.says([], async () => {
      await cell.garden.setFault(CONTAINERD_IS_DEAD);
      await unavailable();
      await waitFor('failed health checks', () => cell.rep.status()?.toDestroy.length === 2);
      for (const handle of [A, B]) killApp(handle);
      await cell.garden.setFault({ kind: 'none' });
      await diego.untilUnlisted(A, B);
    });
  });

  it('containerd lost its metadata: TERM works, and what is left is a warning', async () => {
    await diego.managed(A);
    const untracked = diego.next(`container.untracked ${A} unknown-to-garden`);
    await diego.says([`container.untracked ${A} unknown-to-garden`], async () => {
      await cell.forget(A);
      killApp(A);
      await waitFor('rep to take 404 for deleted', () => cell.rep.status()?.known.length === 0);
      await untracked();
    });
    const container = await diego.inReport(A);
    expect(container).to.include({ severity: 'warning', pids: 1 });
    expect(container.sentence).to.contain('only its init process (garden-init) still runs');
  });
});

describe('what Diego does about a container in runc mode', () => {
  it('the depot is lost: the signals have no effect, and the app runs twice', async function () {
    needsCell(this);
    const diego = await WatchedCell.start('runc');
    const { cell, agent } = diego;
    atEndOfTest(() => diego.stop());
    await diego.managed(A);
    await cell.forget(A);
    await waitFor('rep to take 404 for deleted', () => cell.rep.status()?.known.length === 0);
    await agent.until(`container.untracked ${A} unknown-to-garden`);
    const container = await diego.inReport(A);
    expect(container).to.include({ severity: 'critical', pids: 2 });
    expect(container.sentence).to.contain(
      'Diego considers it gone and starts a replacement: the app runs twice.',
    );
  });
});

/**
 * Everything takes a tenth of what it takes on a full cell, where each of eight rounds of 32
 * destroys waits 5 to 10 s for the network plugin and the grace period is 30 s. Only the 120 s that
 * an older rep has at least are not scaled.
 */
describe('what Diego does about a full cell with a slow network plugin', () => {
  const GRACE_SECONDS = 3;

  /** What the agent says while rep destroys all, and the worst that its reports had pending. */
  async function whileRepDestroysAll(count: number, play: (cell: Cell) => Promise<void>) {
    const diego = await WatchedCell.start('containerd', {
      reconcile: { intervalSeconds: 1, gracePeriodSeconds: GRACE_SECONDS },
    });
    const { cell, agent } = diego;
    try {
      await diego.startRep(3000);
      await cell.createMany(count);
      await waitFor('rep to manage them', () => cell.rep.status()?.known.length === count);
      await agent.afterPass();
      const longest = new Map<string, number>();
      const before = agent.timeline().length;
      const played = play(cell);
      await waitFor('the last destroy', async () => {
        const report = await agent.report();
        for (const { status, reason, since } of report.containers) {
          const key = `${status} ${reason}`;
          const lasted = Date.parse(report.takenAt) - Date.parse(since ?? report.takenAt);
          longest.set(key, Math.max(longest.get(key) ?? 0, lasted / 1000));
        }
        return report.containers.length === 0;
      });
      await played;
      await agent.afterPass();
      const reported = agent.timeline().slice(before);
      return { longest, reported: reported.filter((line) => line.startsWith('container.')) };
    } finally {
      await diego.stop();
    }
  }

  it('gdn crashes: some are unowned for longer than the grace period, and nothing is said', async function () {
    needsCell(this);
    const { longest, reported } = await whileRepDestroysAll(250, async (cell) => {
      // The mode of the plugin ends with gdn.
      cell.rep.setBbsAway(true);
      await cell.garden.crash();
      await cell.setNetworkPlugin('slow');
      cell.rep.setBbsAway(false);
    });
    expect(reported).to.deep.equal([]);
    expect(longest.get('pending unowned')).to.be.above(GRACE_SECONDS);
    expect(longest.has('untracked unowned')).to.equal(false);
    // A destroy lasts one call of the network plugin, far from three grace periods.
    expect(longest.get('pending no-cgroup') ?? 0).to.be.below(3 * GRACE_SECONDS);
  });

  it('the cell is evacuated: all are removed at once, and nothing is said', async function () {
    needsCell(this);
    const { longest, reported } = await whileRepDestroysAll(96, async (cell) => {
      await cell.setNetworkPlugin('slow');
      await cell.rep.stop();
    });
    expect(reported).to.deep.equal([]);
    expect([...longest.keys()].filter((key) => key.startsWith('untracked'))).to.deep.equal([]);
  });
});
