import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';
import { startCell } from '../../src/demo-cell/cell/start-cell.ts';
import { skip } from '../skip.ts';
import { waitFor } from '../wait-for.ts';
import { ancestryOf, commOf, handlesOf, needsCell, processesNamed } from './cells.ts';
import { check, containerOf, rollcall, SHORT, type ReportJson } from './rollcall.ts';
import { RunningAgent } from './running-agent.ts';

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
  let cell: Cell;
  let agent: RunningAgent;

  before(async function () {
    needsCell(this);
    ({ cell, agent } = await monitoredCell('containerd'));
  });

  after(async () => {
    await agent?.endIfRunning();
    await cell?.stop();
  });

  const startRep = () => cell.rep.start({ retryMilliseconds: 500 });

  /** Containers that a running rep manages and the agent has seen. */
  async function managed(...handles: readonly string[]): Promise<void> {
    if (cell.rep.hostPid() === null) await startRep();
    for (const handle of handles) await cell.create({ handle, kind: 'app' });
    await waitFor('rep to manage them', () =>
      handles.every((handle) => cell.rep.status()?.known.includes(handle) === true),
    );
    await agent.afterPass();
  }

  /** Gdn starts, and rep has not tried to destroy anything yet. */
  async function whileBbsIsAway(play: () => Promise<void>): Promise<void> {
    cell.rep.setBbsAway(true);
    try {
      await play();
    } finally {
      cell.rep.setBbsAway(false);
    }
  }

  const untilUnlisted = (...handles: readonly string[]): Promise<void> =>
    waitFor(`the destruction of ${handles.join(', ')}`, async () => {
      const listed = await handlesOf(cell).catch(() => null);
      return listed !== null && !handles.some((handle) => listed.includes(handle));
    });

  const reportNow = async (): Promise<ReportJson> =>
    JSON.parse(await agent.get('/v1/report')) as ReportJson;

  const inReport = async (handle: string) => containerOf(await reportNow(), handle);

  /** What the agent says of containers from before the story to a pass that began after it. */
  async function reportedOf(play: () => Promise<void>): Promise<readonly string[]> {
    const before = agent.timeline().length;
    await play();
    await agent.afterPass();
    return agent
      .timeline()
      .slice(before)
      .filter((line) => line.startsWith('container.'));
  }

  /** To be called before what leads to the line: resolves with the next one. */
  function next(message: string): () => Promise<void> {
    const before = agent.timeline().filter((line) => line.startsWith(message)).length;
    return () => agent.until(message, before + 1);
  }

  /** Compared for longer than the grace period. */
  async function longerThanTheGracePeriod(): Promise<void> {
    await sleep(1200);
    await agent.afterPass();
  }

  const killApp = (handle: string): void => {
    for (const pid of cell.pids(handle)) {
      if (commOf(pid) !== 'garden-init') process.kill(pid, 'SIGKILL');
    }
  };

  it('gdn is killed and starts again, rep lives: rep destroys all, and nothing is said', async () => {
    await managed(A, B);
    const reported = await reportedOf(async () => {
      await cell.garden.crash();
      await untilUnlisted(A, B);
    });
    expect(reported).to.deep.equal([]);
  });

  it("gdn is away: rep tries again until it is back, and only Garden's absence is said", async () => {
    await managed(A);
    const unavailable = next('garden.unavailable');
    const reported = await reportedOf(async () => {
      await cell.garden.kill();
      await unavailable();
      await waitFor('a failed destroy', () => cell.rep.status()?.toDestroy.includes(A) === true);
      await cell.garden.start();
      await untilUnlisted(A);
    });
    expect(reported).to.deep.equal([]);
    expect(agent.timeline()).to.include('garden.available');
  });

  it('gdn is restarted gracefully: rep destroys all although nothing was lost, and nothing is said', async () => {
    await managed(A, B);
    const reported = await reportedOf(async () => {
      await cell.garden.stop();
      await cell.garden.start();
      await untilUnlisted(A, B);
    });
    expect(reported).to.deep.equal([]);
  });

  it('the BBS is away while gdn is killed: pending for longer than the grace period, then destroyed', async () => {
    await managed(A);
    const reported = await reportedOf(async () => {
      await whileBbsIsAway(async () => {
        await cell.garden.crash();
        await waitFor('pending', async () => (await inReport(A)).reason === 'unowned');
        await longerThanTheGracePeriod();
        const container = await inReport(A);
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
      await untilUnlisted(A);
    });
    expect(reported).to.deep.equal([]);
  });

  it('rep alone is killed, or stopped: it destroys what it owns at its start or before its end', async () => {
    await managed(A);
    const reported = await reportedOf(async () => {
      await cell.rep.kill();
      expect(await handlesOf(cell)).to.deep.equal([A]);
      expect(await startRep()).to.deep.equal({ state: 'serving', known: [], toDestroy: [] });
      expect(await handlesOf(cell)).to.deep.equal([]);
      await managed(B);
      await cell.rep.stop();
      expect(await handlesOf(cell)).to.deep.equal([]);
    });
    expect(reported).to.deep.equal([]);
  });

  it('gdn and rep are killed: nobody removes it, and that is an alarm after the grace period', async () => {
    await managed(A);
    const untracked = next(`container.untracked ${A} unowned`);
    const reported = await reportedOf(async () => {
      await cell.rep.kill();
      await cell.garden.crash();
      expect(await startRep(), 'blind to it').to.deep.equal({
        state: 'serving',
        known: [],
        toDestroy: [],
      });
      await untracked();
    });
    expect(reported).to.deep.equal([`container.untracked ${A} unowned`]);
    const container = await inReport(A);
    expect(container).to.include({ status: 'untracked', severity: 'critical' });
    expect(container.sentence).to.contain(
      'rep has restarted since: Diego never removes, stops or restarts it.',
    );
    const { report, exitCode } = await check(cell, SHORT);
    expect(exitCode, 'a short check can tell').to.equal(1);
    expect(containerOf(report, A).status).to.equal('untracked');
  });

  it('is removed by no restart, neither of gdn, which ends healthy apps, nor of rep', async () => {
    await managed(B);
    const reported = await reportedOf(async () => {
      await cell.garden.stop();
      await cell.garden.start();
      await untilUnlisted(B);
      await cell.rep.stop();
      await startRep();
      await longerThanTheGracePeriod();
    });
    expect(reported).to.deep.equal([]);
    expect(await handlesOf(cell)).to.deep.equal([A]);
    expect(await inReport(A)).to.include({ status: 'untracked', reason: 'unowned' });
  });

  it('a DELETE as Diego itself sends it does', async () => {
    const reported = await reportedOf(() => cell.destroy(A));
    expect(reported).to.deep.equal([`container.gone ${A} unowned`]);
  });

  it('gdn is killed where no rep runs: an alarm after four grace periods that says so', async () => {
    await managed(A);
    const untracked = next(`container.untracked ${A} unowned`);
    const reported = await reportedOf(async () => {
      await cell.rep.kill();
      await cell.garden.crash();
      await untracked();
    });
    expect(reported).to.deep.equal([`container.untracked ${A} unowned`]);
    expect((await inReport(A)).sentence).to.contain('no rep runs on this cell');
    await cell.destroy(A);
    await agent.afterPass();
  });

  it('the network plugin fails: a warning while rep tries again, and gone when it works', async () => {
    await managed(A);
    const untracked = next(`container.untracked ${A} no-cgroup`);
    const reported = await reportedOf(async () => {
      await whileBbsIsAway(async () => {
        await cell.garden.stop();
        await cell.garden.start();
        await cell.setNetworkPlugin('fails');
      });
      await untracked();
      const container = await inReport(A);
      expect(container).to.include({ severity: 'warning', pids: 0 });
      expect(container.sentence).to.contain('If rep restarts, it exits at each start');
      await cell.setNetworkPlugin('works');
      await untilUnlisted(A);
    });
    expect(reported).to.deep.equal([
      `container.untracked ${A} no-cgroup`,
      `container.gone ${A} no-cgroup`,
    ]);
  });

  it('rep restarts while a destroy fails: it exits at each start until that destroy works', async () => {
    await managed(A);
    const untracked = next(`container.untracked ${A} no-cgroup`);
    const reported = await reportedOf(async () => {
      await cell.rep.kill();
      await cell.setNetworkPlugin('fails');
      for (const start of ['the first', 'the second']) {
        expect((await startRep()).state, start).to.equal('failed');
        expect(cell.rep.hostPid(), start).to.equal(null);
      }
      await untracked();
      await cell.setNetworkPlugin('works');
      expect((await startRep()).state).to.equal('serving');
      await untilUnlisted(A);
    });
    expect(reported).to.deep.equal([
      `container.untracked ${A} no-cgroup`,
      `container.gone ${A} no-cgroup`,
    ]);
  });

  it('the network plugin hangs in uninterruptible sleep: the sentence names the process', async function () {
    const freezer = cell.hierarchies.find(({ controllers }) => controllers.includes('freezer'));
    if (freezer === undefined)
      skip(this, 'only the freezer of cgroup v1 shows a process in state D');
    await managed(A);
    await cell.setNetworkPlugin('hangs');
    const untracked = next(`container.untracked ${A} no-cgroup`);
    const gone = next(`container.gone ${A} no-cgroup`);
    const destroyed = cell.destroy(A).catch(() => undefined);
    const plugin = await onlyProcess('network-plugin', cell.rootPid);
    const frozen = `${freezer.root}/frozen`;
    mkdirSync(frozen);
    writeFileSync(`${frozen}/cgroup.procs`, `${plugin}`);
    writeFileSync(`${frozen}/freezer.state`, 'FROZEN');
    try {
      await untracked();
      const container = await inReport(A);
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
    await managed(A, B);
    const unavailable = next('garden.unavailable');
    const reported = await reportedOf(async () => {
      await cell.garden.setFault(CONTAINERD_IS_DEAD);
      await unavailable();
      await waitFor('failed health checks', () => cell.rep.status()?.toDestroy.length === 2);
      for (const handle of [A, B]) killApp(handle);
      await cell.garden.setFault({ kind: 'none' });
      await untilUnlisted(A, B);
    });
    expect(reported).to.deep.equal([]);
  });

  it('containerd lost its metadata: TERM works, and what is left is a warning', async () => {
    await managed(A);
    const untracked = next(`container.untracked ${A} unknown-to-garden`);
    const reported = await reportedOf(async () => {
      await cell.forget(A);
      killApp(A);
      await waitFor('rep to take 404 for deleted', () => cell.rep.status()?.known.length === 0);
      await untracked();
    });
    expect(reported).to.deep.equal([`container.untracked ${A} unknown-to-garden`]);
    const container = await inReport(A);
    expect(container).to.include({ severity: 'warning', pids: 1 });
    expect(container.sentence).to.contain('only its init process (garden-init) still runs');
  });
});

describe('what Diego does about a container in runc mode', () => {
  it('the depot is lost: the signals have no effect, and the app runs twice', async function () {
    needsCell(this);
    const { cell, agent } = await monitoredCell('runc');
    try {
      await cell.rep.start({ retryMilliseconds: 500 });
      await cell.create({ handle: A, kind: 'app' });
      await waitFor('rep to manage it', () => cell.rep.status()?.known.includes(A) === true);
      await agent.afterPass();
      await cell.forget(A);
      await waitFor('rep to take 404 for deleted', () => cell.rep.status()?.known.length === 0);
      await agent.until(`container.untracked ${A} unknown-to-garden`);
      const report = JSON.parse(await agent.get('/v1/report')) as ReportJson;
      const container = containerOf(report, A);
      expect(container).to.include({ severity: 'critical', pids: 2 });
      expect(container.sentence).to.contain(
        'Diego considers it gone and starts a replacement: the app runs twice.',
      );
    } finally {
      await agent.endIfRunning();
      await cell.stop();
    }
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
    const { cell, agent } = await monitoredCell('containerd', {
      reconcile: { intervalSeconds: 1, gracePeriodSeconds: GRACE_SECONDS },
    });
    try {
      await cell.rep.start({ retryMilliseconds: 3000 });
      await cell.createMany(count);
      await waitFor('rep to manage them', () => cell.rep.status()?.known.length === count);
      await agent.afterPass();
      const longest = new Map<string, number>();
      const before = agent.timeline().length;
      const played = play(cell);
      await waitFor('the last destroy', async () => {
        const report = JSON.parse(await agent.get('/v1/report')) as ReportJson;
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
      await agent.endIfRunning();
      await cell.stop();
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

async function monitoredCell(
  runtime: 'runc' | 'containerd',
  config: object = {},
): Promise<{ readonly cell: Cell; readonly agent: RunningAgent }> {
  const cell = await startCell({ runtime, label: 'diego' });
  const agent = new RunningAgent(cell);
  await agent.prepare(config);
  agent.start();
  await agent.until('started');
  return { cell, agent };
}

/** The pid, on this machine, of the one process of the cell with this name. */
async function onlyProcess(name: string, rootPid: number): Promise<number> {
  let pids: readonly number[] = [];
  await waitFor(`the process ${name}`, () => {
    pids = processesNamed(name, rootPid);
    return pids.length === 1;
  });
  return pids[0] ?? 0;
}
