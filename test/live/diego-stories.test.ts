import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { startCell, type CellOptions } from '../../tools/demo-cell/cell/start-cell.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor, needsCell } from './cells.ts';
import { BILLING, CHECKOUT, DiegoCell, HEALTH_CHECK } from './diego-cell.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { RunningAgent, startAgent } from './running-agent.ts';

/*
 * The rows of the table in docs/decisions/diego-stories.md. One case needs a real Diego and is not
 * tested: an evacuation whose app ignores TERM. The auctioneer and the BBS move it; the end of rep,
 * which follows, is tested.
 */

type Play = (diego: DiegoCell, context: Mocha.Context) => Promise<void>;

/**
 * All stories of a suite happen on one cell, and each begins where the one before ends. Those that
 * move the agent's clock come last, because it stays ahead.
 */
function storiesOn(runtime: CellOptions['runtime']): (title: string, play: Play) => void {
  let cell: Cell;
  let agent: RunningAgent;
  let diego: DiegoCell;

  before(async function () {
    needsCell(this);
    cell = await startCell({ runtime, label: 'diego' });
    agent = new RunningAgent(cell, MOVABLE_CLOCK);
    await agent.prepare({});
    agent.start();
    await agent.until('started');
    diego = new DiegoCell(cell, agent);
  });

  after(async () => {
    await agent?.endIfRunning();
    await cell?.stop();
  });

  return (title, play) =>
    it(title, async function () {
      diego.skipLog();
      await play(diego, this);
      await diego.expectNothingElseLogged();
    });
}

describe('The agent of a cell with rep and containerd', () => {
  const story = storiesOn('containerd');

  story('logs nothing when gdn is killed and starts again: rep destroys all', async (diego) => {
    await diego.runApps(BILLING, CHECKOUT);
    await diego.garden.crash();
    await diego.untilUnlisted(BILLING, CHECKOUT);
  });

  story('logs only that Garden is away while rep tries to destroy an app', async (diego) => {
    await diego.runApps(BILLING);
    await diego.garden.kill();
    await diego.untilLogged('garden.unavailable');
    await diego.untilRepFailsToDestroy(BILLING);
    await diego.garden.start();
    await diego.untilUnlisted(BILLING);
    await diego.untilLogged('garden.available');
  });

  story('logs nothing when a graceful restart of gdn makes rep destroy all', async (diego) => {
    await diego.runApps(BILLING, CHECKOUT);
    await diego.garden.stop();
    await diego.garden.start();
    await diego.untilUnlisted(BILLING, CHECKOUT);
  });

  story('logs nothing when gdn crashes while the BBS is away: one try is enough', async (diego) => {
    await diego.runApps(BILLING, CHECKOUT);
    diego.rep.setBbsAway(true);
    await diego.garden.crash();
    await diego.untilUnlisted(BILLING, CHECKOUT);
    diego.rep.setBbsAway(false);
  });

  story('keeps an app pending that rep destroys once the BBS is back', async (diego) => {
    await diego.runApps(BILLING);
    diego.rep.setBbsAway(true);
    await diego.garden.kill();
    await diego.untilLogged('garden.unavailable');
    await diego.untilRepFailsToDestroy(BILLING);
    await diego.garden.start();
    await diego.untilLogged('garden.available');
    await diego.untilReported(BILLING, { status: 'pending', reason: 'unowned' });
    await diego.waitOutGracePeriod();
    await diego.expectListed(BILLING);
    await diego.untilReported(BILLING, {
      status: 'pending',
      reason: 'unowned',
      severity: 'critical',
    });
    await diego.expectSentence(
      BILLING,
      'Diego still knows the container and should remove it within a minute',
    );
    await diego.expectCheck({ exitCode: 0, shows: { [BILLING]: 'pending unowned' } });
    await diego.expectCheckPrints('use --settle 120s or more');
    diego.rep.setBbsAway(false);
    await diego.untilUnlisted(BILLING);
  });

  story('logs nothing when rep is killed or stopped: it destroys what it owns', async (diego) => {
    await diego.runApps(BILLING);
    await diego.rep.kill();
    await diego.expectListed(BILLING);
    await diego.startRepThatKnowsNothing();
    await diego.expectListed();
    await diego.runApps(CHECKOUT);
    await diego.rep.stop();
    await diego.expectListed();
  });

  story('raises an alarm about an app that gdn and rep lost, until a DELETE', async (diego) => {
    await diego.runApps(BILLING);
    await diego.rep.kill();
    await diego.garden.crash();
    await diego.startRepThatKnowsNothing();
    await diego.untilFound(BILLING, 'unowned');
    await diego.untilReported(BILLING, {
      status: 'untracked',
      reason: 'unowned',
      severity: 'critical',
    });
    await diego.expectSentence(
      BILLING,
      'rep has restarted since, so Diego never removes, stops or restarts the container.',
    );
    await diego.expectCheck({ exitCode: 1, shows: { [BILLING]: 'untracked unowned' } });
    // Neither a restart of gdn, after which rep destroys all that it knows, nor one of rep helps.
    await diego.runApps(CHECKOUT);
    await diego.garden.stop();
    await diego.garden.start();
    await diego.untilUnlisted(CHECKOUT);
    await diego.rep.stop();
    await diego.startRep();
    await diego.waitOutGracePeriod();
    await diego.expectListed(BILLING);
    await diego.untilReported(BILLING, { status: 'untracked', reason: 'unowned' });
    await diego.cell.destroy(BILLING);
    await diego.untilGone(BILLING, 'unowned');
  });

  story('raises an alarm about an app that gdn lost where no rep runs', async (diego) => {
    await diego.runApps(BILLING);
    await diego.rep.kill();
    await diego.garden.crash();
    await diego.untilFound(BILLING, 'unowned');
    await diego.expectSentence(BILLING, 'No rep runs on this cell');
    await diego.cell.destroy(BILLING);
    await diego.untilGone(BILLING, 'unowned');
  });

  story('warns of a destroy that fails in the network plugin until one works', async (diego) => {
    await diego.runApps(BILLING);
    diego.rep.setBbsAway(true);
    await diego.garden.stop();
    await diego.untilRepFailsToDestroy(BILLING);
    await diego.garden.start();
    await diego.cell.setNetworkPlugin('fails');
    diego.rep.setBbsAway(false);
    await diego.untilFound(BILLING, 'no-cgroup');
    await diego.untilReported(BILLING, { reason: 'no-cgroup', severity: 'warning', pids: 0 });
    await diego.expectSentence(BILLING, 'If rep restarts, it exits at each start');
    await diego.cell.setNetworkPlugin('works');
    await diego.untilUnlisted(BILLING);
    await diego.untilGone(BILLING, 'no-cgroup');
  });

  story('warns of a failing destroy at which each rep exits until it works', async (diego) => {
    await diego.runApps(BILLING);
    await diego.rep.kill();
    await diego.cell.setNetworkPlugin('fails');
    await diego.startRepThatExits();
    await diego.startRepThatExits();
    await diego.untilFound(BILLING, 'no-cgroup');
    await diego.cell.setNetworkPlugin('works');
    await diego.startRep();
    await diego.untilUnlisted(BILLING);
    await diego.untilGone(BILLING, 'no-cgroup');
  });

  story('warns of a health check whose destroy fails and makes rep exit', async (diego) => {
    await diego.rep.stop();
    await diego.startRepWithHealthChecks();
    diego.haltRep();
    await diego.runHealthCheck();
    await diego.destroyWhileNetworkPluginFails(HEALTH_CHECK);
    diego.continueRep();
    await diego.untilFound(HEALTH_CHECK, 'no-cgroup');
    await diego.untilReported(HEALTH_CHECK, {
      reason: 'no-cgroup',
      severity: 'warning',
      kind: 'health-check',
    });
    await diego.expectSentence(
      HEALTH_CHECK,
      'The container is a health check of rep. ' +
        'In each health check (every 10 minutes by default), ' +
        'rep tries three times to destroy the container. ' +
        'While that fails, rep calls the cell unhealthy',
    );
    await diego.expectThreeTriesInAHealthCheck(HEALTH_CHECK);
    await diego.rep.kill();
    await diego.startRepThatExitsAtItsHealthCheck();
    await diego.cell.setNetworkPlugin('works');
    await diego.startRepWithHealthChecks();
    await diego.untilUnlisted(HEALTH_CHECK);
    await diego.untilGone(HEALTH_CHECK, 'no-cgroup');
    await diego.rep.stop();
  });

  story('names a network plugin that hangs in uninterruptible sleep', async (diego, context) => {
    diego.needsFreezer(context);
    await diego.runApps(BILLING);
    await diego.cell.setNetworkPlugin('hangs');
    await diego.beginToDestroy(BILLING);
    await diego.freezeNetworkPlugin();
    await diego.untilFound(BILLING, 'no-cgroup');
    const pid = await diego.pidOfNetworkPlugin();
    await diego.expectSentence(
      BILLING,
      `network-plugin (process ${pid}, in uninterruptible sleep, started`,
    );
    await diego.expectSentence(BILLING, "The container's root filesystem is still mounted");
    await diego.expectCommandLine(BILLING, '--action down --handle …');
    diego.thawNetworkPlugin();
    await diego.endNetworkPlugin();
    await diego.cell.destroy(BILLING);
    await diego.untilGone(BILLING, 'no-cgroup');
  });

  story('logs only that Garden is away while containerd is dead', async (diego) => {
    await diego.runApps(BILLING, CHECKOUT);
    await diego.killContainerd();
    await diego.untilLogged('garden.unavailable');
    await diego.untilRepFailsToDestroy(BILLING, CHECKOUT);
    diego.endApps(BILLING, CHECKOUT);
    await diego.restartContainerd();
    await diego.untilUnlisted(BILLING, CHECKOUT);
  });

  story('warns of what a TERM leaves after containerd lost its metadata', async (diego) => {
    await diego.runApps(BILLING);
    await diego.cell.forget(BILLING);
    diego.endApps(BILLING);
    await diego.untilRepKnowsNothing();
    await diego.untilFound(BILLING, 'unknown-to-garden');
    await diego.untilReported(BILLING, {
      reason: 'unknown-to-garden',
      severity: 'warning',
      pids: 1,
    });
    await diego.expectSentence(BILLING, 'only its init process (garden-init) still runs');
    await diego.cell.kill(BILLING);
    await diego.untilGone(BILLING, 'unknown-to-garden');
  });

  story('warns of the cell a minute after rep is gone, while its apps live', async (diego) => {
    await diego.runApps(BILLING, CHECKOUT);
    await diego.rep.kill();
    await diego.agent.afterPass();
    await diego.expectWarnings();
    await diego.moveClocksAhead(1);
    await diego.untilLogged('cell.warning', 'no-rep');
    await diego.expectWarnings(
      'No rep has run on this cell for a minute, although one ran before, and ' +
        '2 containers of apps and tasks still run. ' +
        'If rep died, Diego starts these apps on other cells within a minute: they run twice. ' +
        'Otherwise somebody stopped the job.',
    );
    expect(await diego.agent.metrics()).to.match(
      /^rollcall_cell_warning\{.*reason="no-rep".*\} 1$/m,
    );
    await diego.expectCheckWithAgentPrints(
      'Warning: No rep has run on this cell for a minute, although one ran before, and ' +
        '2 containers of apps and tasks still run.',
    );
    await diego.startRep();
    await diego.untilUnlisted(BILLING, CHECKOUT);
    await diego.untilLogged('cell.recovered', 'no-rep');
  });

  story('warns of the cell when a create has hung for five minutes', async (diego) => {
    await diego.cell.setNetworkPlugin('hangs');
    await diego.beginToCreate(BILLING);
    await diego.agent.afterPass();
    await diego.expectWarnings();
    await diego.untilReported(BILLING, { status: 'tracked', pids: 1 });
    await diego.moveClocksAhead(5);
    await diego.untilLogged('cell.warning', 'unfinished');
    const pid = await diego.pidOfNetworkPlugin();
    const warning =
      `Garden has been creating 1 container for 5 min: ${BILLING}. ` +
      'Only the init process (garden-init) of this container runs. ' +
      `gdn waits for network-plugin (process ${pid}, started 5 min ago).`;
    await diego.expectWarnings(warning);
    await diego.expectCheckWarns(warning);
    await diego.endNetworkPlugin();
    await diego.untilLogged('cell.recovered', 'unfinished');
    await diego.expectListed();
  });

  story('names a network plugin in which a destroy hangs: no other one begins', async (diego) => {
    await diego.runApps(BILLING);
    await diego.cell.setNetworkPlugin('hangs');
    await diego.beginToDestroy(BILLING);
    await diego.moveClocksAhead(5);
    await diego.untilFound(BILLING, 'no-cgroup');
    await diego.untilReported(BILLING, { reason: 'no-cgroup', severity: 'warning' });
    const pid = await diego.pidOfNetworkPlugin();
    await diego.expectSentence(BILLING, `network-plugin (process ${pid}, started 5 min ago)`);
    await diego.expectSentence(BILLING, 'So the destroy hangs');
    await diego.expectAdvice(BILLING, `sudo kill ${pid}`);
    await diego.expectDestroyRefused(BILLING);
    await diego.endNetworkPlugin();
    await diego.cell.destroy(BILLING);
    await diego.untilGone(BILLING, 'no-cgroup');
  });

  story('says that an older rep may finish a destroy in which gdn died', async (diego) => {
    await diego.runApps(BILLING);
    diego.rep.setBbsAway(true);
    await diego.destroyWhileNetworkPluginFails(BILLING);
    await diego.garden.kill();
    await diego.untilRepFailsToDestroy(BILLING);
    await diego.garden.start();
    await diego.untilFound(BILLING, 'no-cgroup');
    await diego.expectSentence(
      BILLING,
      'gdn has died since the container was made, perhaps in the middle of the destroy',
    );
    await diego.expectAdvice(BILLING, 'Look again a minute later.');
    diego.rep.setBbsAway(false);
    await diego.untilGone(BILLING, 'no-cgroup');
  });

  story('says that only a DELETE finishes a destroy in which gdn and rep died', async (diego) => {
    await diego.runApps(BILLING);
    await diego.destroyWhileNetworkPluginFails(BILLING);
    await diego.rep.kill();
    await diego.garden.crash();
    await diego.startRep();
    await diego.untilFound(BILLING, 'no-cgroup');
    await diego.expectSentence(BILLING, 'Nobody tries to destroy it again.');
    await diego.expectAdvice(BILLING, '-X DELETE');
    await diego.expectListed(BILLING);
    await diego.cell.destroy(BILLING);
    await diego.untilGone(BILLING, 'no-cgroup');
  });

  story('warns of a health check that rep lost, which no restart removes', async (diego) => {
    await diego.runHealthCheck();
    await diego.garden.crash();
    await diego.untilFound(HEALTH_CHECK, 'unowned');
    await diego.untilReported(HEALTH_CHECK, {
      status: 'untracked',
      severity: 'warning',
      kind: 'health-check',
      pids: 1,
    });
    await diego.expectSentence(
      HEALTH_CHECK,
      'Only the init process (garden-init) of this container still runs. ' +
        'Garden lists the container, but lost its properties. ' +
        'The container is a health check of rep, which finds its health checks by a property. ' +
        'So nothing in Diego removes this one any more.',
    );
    await diego.expectCheck({ exitCode: 1, shows: { [HEALTH_CHECK]: 'untracked unowned' } });
    await diego.rep.stop();
    await diego.startRep();
    await diego.waitOutGracePeriod();
    await diego.untilReported(HEALTH_CHECK, { status: 'untracked' });
    await diego.cell.destroy(HEALTH_CHECK);
    await diego.untilGone(HEALTH_CHECK, 'unowned');
  });
});

describe('The agent of a cell with rep and runc', () => {
  const story = storiesOn('runc');

  story('says that an app of which runc lost the depot runs twice', async (diego) => {
    await diego.runApps(BILLING);
    await diego.cell.forget(BILLING);
    await diego.untilRepKnowsNothing();
    await diego.untilFound(BILLING, 'unknown-to-garden');
    await diego.untilReported(BILLING, {
      reason: 'unknown-to-garden',
      severity: 'critical',
      pids: 2,
    });
    await diego.expectSentence(
      BILLING,
      'Diego considers this container gone and starts a replacement: the app runs twice.',
    );
  });
});

/**
 * Everything takes a tenth of what it takes on a full cell, where each of eight rounds of 32
 * destroys waits 5 to 10 s for the network plugin and the grace period is 30 s. Only the 120 s that
 * an older rep has at least are not scaled.
 */
describe('The agent of a full cell with rep and a slow network plugin', () => {
  const GRACE_SECONDS = 3;

  /** What the agent says while rep destroys all, and the worst that its reports had pending. */
  async function whileRepDestroysAll(
    cell: Cell,
    count: number,
    { prepare, begin }: { prepare: () => Promise<void>; begin: () => void | Promise<void> },
  ): Promise<ReadonlyMap<string, number>> {
    const reconcile = { intervalSeconds: 1, gracePeriodSeconds: GRACE_SECONDS };
    const agent = await startAgent(cell, { reconcile });
    await cell.rep.start({ retryMilliseconds: 3000 });
    await cell.createMany(count);
    await waitFor('rep to manage them', () => cell.rep.status()?.known.length === count);
    await agent.afterPass();
    const longest = new Map<string, number>();
    const before = agent.timeline().length;
    await prepare();
    const begun = begin();
    await waitFor('the last destroy', async () => {
      const report = await agent.report();
      for (const { status, reason, since } of report.containers) {
        const key = `${status} ${reason}`;
        const lasted = Date.parse(report.takenAt) - Date.parse(since ?? report.takenAt);
        longest.set(key, Math.max(longest.get(key) ?? 0, lasted / 1000));
      }
      return report.containers.length === 0;
    });
    await begun;
    await agent.afterPass();
    const reported = agent.timeline().slice(before);
    expect(reported.filter((line) => line.startsWith('container.'))).to.deep.equal([]);
    return longest;
  }

  it('logs nothing after a crash of gdn, although rep takes longer than a grace period', async function () {
    const cell = await cellFor(this);
    const longest = await whileRepDestroysAll(cell, 250, {
      prepare: async () => {
        // The mode of the plugin ends with gdn.
        cell.rep.setBbsAway(true);
        await cell.garden.kill();
        await waitFor('failed destroys', () => cell.rep.status()?.toDestroy.length === 250);
        await cell.garden.start();
        await cell.setNetworkPlugin('slow');
      },
      begin: () => cell.rep.setBbsAway(false),
    });
    expect(longest.get('pending unowned')).to.be.above(GRACE_SECONDS);
    expect(longest.has('untracked unowned')).to.equal(false);
    // A destroy lasts one call of the network plugin, far from three grace periods.
    expect(longest.get('pending no-cgroup') ?? 0).to.be.below(3 * GRACE_SECONDS);
  });

  it('logs nothing when the cell is evacuated and all containers are removed at once', async function () {
    const cell = await cellFor(this);
    const longest = await whileRepDestroysAll(cell, 96, {
      prepare: () => cell.setNetworkPlugin('slow'),
      begin: () => cell.rep.stop(),
    });
    expect([...longest.keys()].filter((key) => key.startsWith('untracked'))).to.deep.equal([]);
  });
});
