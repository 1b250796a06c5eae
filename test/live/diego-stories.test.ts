import { expect } from 'chai';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { startCell } from '../../tools/demo-cell/cell/start-cell.ts';
import { waitFor } from '../wait-for.ts';
import { cellFor, needsCell } from './cells.ts';
import { storyPlayer } from './diego-steps.ts';
import { MOVABLE_CLOCK } from './movable-clock.ts';
import { RunningAgent, startAgent } from './running-agent.ts';

/**
 * The rows of the table in docs/decisions/diego-stories.md, in the steps of test/live/diego-steps, each
 * beginning where the one before ends. What lasts for minutes is last: the clock of the agent stays ahead.
 * One case needs a real Diego and is not tested: an evacuation whose app ignores TERM. The auctioneer
 * and the BBS move it; the end of rep, which follows, is tested.
 */
const STORIES = {
  containerd: `
gdn is killed and starts again, rep lives: rep destroys all, and nothing is said
  managed A B; gdn crashes; unlisted A B

gdn is away: rep tries again until it is back, and only Garden's absence is said
  managed A; gdn is killed; logs garden.unavailable; rep tries to destroy A; gdn starts; unlisted A;
  logs garden.available

gdn is restarted gracefully: rep destroys all although nothing was lost, and nothing is said
  managed A B; gdn stops; gdn starts; unlisted A B

the BBS is away while gdn is killed and starts at once: rep tries each destroy once, which is enough
  managed A B; bbs is away; gdn crashes; unlisted A B; bbs is back

the same while gdn is away for longer: pending beyond the grace period, destroyed when the BBS is back
  managed A; bbs is away; gdn is killed; logs garden.unavailable; rep tries to destroy A; gdn starts;
  logs garden.available; report A pending unowned; the grace period passes; listed A;
  report A pending unowned critical;
  sentence A Diego still knows the container and should remove it within a minute;
  check exits 0 A pending unowned; check says use --settle 120s or more; bbs is back; unlisted A

rep alone is killed, or stopped: it destroys what it owns at its start or before its end
  managed A; rep is killed; listed A; rep starts and knows nothing; listed;
  managed B; rep stops; listed

gdn and rep are killed: nobody removes it but a DELETE as Diego itself sends it, and that is an alarm
  managed A; rep is killed; gdn crashes; rep starts and knows nothing;
  logs container.untracked A unowned; report A untracked unowned critical;
  sentence A rep has restarted since, so Diego never removes, stops or restarts the container.;
  check exits 1 A untracked unowned;
  managed B; gdn stops; gdn starts; unlisted B; rep stops; rep starts; the grace period passes;
  listed A; report A untracked unowned; destroy A; logs container.gone A unowned

gdn is killed where no rep runs: an alarm after four grace periods that says so
  managed A; rep is killed; gdn crashes; logs container.untracked A unowned;
  sentence A No rep runs on this cell; destroy A; logs container.gone A unowned

the network plugin fails: a warning while rep tries again, and gone when it works
  managed A; bbs is away; gdn stops; rep tries to destroy A; gdn starts; plugin fails; bbs is back;
  logs container.untracked A no-cgroup; report A no-cgroup warning 0-pids;
  sentence A rep that restarts exits at each start;
  plugin works; unlisted A; logs container.gone A no-cgroup

rep restarts while a destroy fails: it exits at each start until that destroy works
  managed A; rep is killed; plugin fails; rep exits at its start; rep exits at its start;
  logs container.untracked A no-cgroup; plugin works; rep starts; unlisted A;
  logs container.gone A no-cgroup

the destroy of rep's health check fails: three tries in each check, and the cell counts as unhealthy
  rep stops; rep starts with health checks; rep halts; health check CHECK; half destroy CHECK; rep goes on;
  logs container.untracked CHECK no-cgroup; report CHECK no-cgroup warning health-check;
  sentence CHECK The container is a health check of rep. In each health check (every 10 minutes by default), rep
  tries three times to destroy the container. While that fails, rep calls the cell unhealthy;
  rep tries three times a second apart, then waits for its next check CHECK;
  rep is killed; rep exits at its health check; plugin works; rep starts with health checks;
  unlisted CHECK; logs container.gone CHECK no-cgroup; rep stops

the network plugin hangs in uninterruptible sleep: the sentence names the process
  needs the freezer of v1; managed A; plugin hangs; begins to destroy A; plugin freezes;
  logs container.untracked A no-cgroup;
  sentence A network-plugin (process PLUGIN, in uninterruptible sleep, started;
  sentence A The container's root filesystem is still mounted; command A --action down --handle …;
  plugin thaws; plugin ends; destroy A; logs container.gone A no-cgroup

containerd is dead: all apps are terminated and destroyed when it is back, and nothing is said
  managed A B; containerd dies; logs garden.unavailable; rep tries to destroy A B; apps end A B;
  containerd is back; unlisted A B

containerd lost its metadata: TERM works, and what is left is a warning
  managed A; forget A; apps end A; rep takes 404 for deleted;
  logs container.untracked A unknown-to-garden; report A unknown-to-garden warning 1-pids;
  sentence A only its init process (garden-init) still runs;
  kill A; logs container.gone A unknown-to-garden

rep is gone while gdn and the apps live: a warning of the cell after a minute
  managed A B; rep is killed; a pass; warning; minutes ahead 1; logs cell.warning no-rep;
  warning No rep has run on this cell for a minute, although one ran before. 2 containers of apps and
  tasks still run. If rep died, Diego starts these apps on other cells within a minute: they run twice.
  Otherwise somebody stopped the job.;
  metric rollcall_cell_warning{reason="no-rep".*} 1;
  check with the agent says Warning: no rep runs, but 2 containers of apps and tasks do.;
  rep starts; unlisted A B; logs cell.recovered no-rep

a create hangs in the network plugin: a warning of the cell after five minutes
  plugin hangs; begins to create A; a pass; warning; report A tracked 1-pids; minutes ahead 5;
  logs cell.warning unfinished;
  warning Garden has been creating 1 container for 5 min: A. Only the init process (garden-init)
  of this container runs. gdn waits for network-plugin (process PLUGIN, started 5 min ago).;
  check warns Garden has been creating 1 container for 5 min: A. Only the init process (garden-init)
  of this container runs. gdn waits for network-plugin (process PLUGIN, started 5 min ago).;
  plugin ends; logs cell.recovered unfinished; listed

a destroy hangs in the network plugin: no other attempt begins until it ends
  managed A; plugin hangs; begins to destroy A; minutes ahead 5;
  logs container.untracked A no-cgroup; report A no-cgroup warning;
  sentence A network-plugin (process PLUGIN, started 5 min ago);
  sentence A So the destroy hangs; advice A sudo kill PLUGIN;
  destroy is refused A; plugin ends; destroy A; logs container.gone A no-cgroup

gdn died in the middle of a destroy, rep is older: perhaps it knows the container
  managed A; bbs is away; half destroy A; gdn is killed; rep tries to destroy A; gdn starts;
  logs container.untracked A no-cgroup;
  sentence A gdn has died since the container was made, perhaps in the middle of the destroy;
  advice A Look again a minute later.;
  bbs is back; logs container.gone A no-cgroup

the same with a rep that restarted: nobody tries again, and a DELETE removes it at once
  managed A; half destroy A; rep is killed; gdn crashes; rep starts;
  logs container.untracked A no-cgroup; sentence A Nobody tries to destroy it again.;
  advice A -X DELETE; listed A; destroy A; logs container.gone A no-cgroup

rep's own health check is lost under it: a warning at once, and no restart helps
  health check CHECK; gdn crashes; logs container.untracked CHECK unowned;
  report CHECK untracked warning health-check 1-pids;
  sentence CHECK Only the init process (garden-init) of this container still runs. Garden lists the container, but
  lost its properties. The container is a health check of rep, which finds its health checks by a property. So
  nothing in Diego removes this one any more.;
  check exits 1 CHECK untracked unowned; rep stops; rep starts; the grace period passes;
  report CHECK untracked; destroy CHECK; logs container.gone CHECK unowned
`,
  runc: `
the depot is lost: the signals have no effect, and the app runs twice
  managed A; forget A; rep takes 404 for deleted; logs container.untracked A unknown-to-garden;
  report A unknown-to-garden critical 2-pids;
  sentence A Diego considers this container gone and starts a replacement: the app runs twice.
`,
} as const;

for (const runtime of ['containerd', 'runc'] as const)
  describe(`what Diego does about a container, and what the agent says (${runtime})`, function () {
    let cell: Cell;
    let agent: RunningAgent;
    let play: ReturnType<typeof storyPlayer>;

    before(async function () {
      needsCell(this);
      cell = await startCell({ runtime, label: 'diego' });
      agent = new RunningAgent(cell, MOVABLE_CLOCK);
      play = storyPlayer(cell, agent);
      await agent.prepare({});
      agent.start();
      await agent.until('started');
    });

    after(async () => {
      await agent?.endIfRunning();
      await cell?.stop();
    });

    for (const story of STORIES[runtime].trim().split('\n\n')) {
      const [title = '', ...steps] = story.split('\n');
      it(title, function () {
        return play(this, steps.join(' '));
      });
    }
  });

/**
 * Everything takes a tenth of what it takes on a full cell, where each of eight rounds of 32
 * destroys waits 5 to 10 s for the network plugin and the grace period is 30 s. Only the 120 s that
 * an older rep has at least are not scaled.
 */
describe('what Diego does about a full cell with a slow network plugin', () => {
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

  it('gdn crashes: some are unowned for longer than the grace period, and nothing is said', async function () {
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

  it('the cell is evacuated: all are removed at once, and nothing is said', async function () {
    const cell = await cellFor(this);
    const longest = await whileRepDestroysAll(cell, 96, {
      prepare: () => cell.setNetworkPlugin('slow'),
      begin: () => cell.rep.stop(),
    });
    expect([...longest.keys()].filter((key) => key.startsWith('untracked'))).to.deep.equal([]);
  });
});
