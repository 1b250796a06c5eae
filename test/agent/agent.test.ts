import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { gracePeriodOf } from '../../src/agent/run-agent.ts';
import { Agent, type AgentParts } from '../../src/agent/agent.ts';
import { BURST_MILLISECONDS } from '../../src/agent/schedule.ts';
import type { AgentConfig } from '../../src/model/agent-config.ts';
import type { AgentEvent } from '../../src/model/agent-state.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { CgroupDirectory, Walk } from '../../src/model/walk.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { metricsText } from '../../src/present/metrics.ts';
import { parseAgentConfig } from '../../src/parse/agent-config.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { MadeCell } from '../invariants/made-cell.ts';
import { madeProbe } from '../invariants/made-probe.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';

/** What happens on a cell until it is like this, whatever it was before. */
const lost = ['garden-answers', 'destroy a', 'create lost', 'unlist lost'];
const healthy = ['garden-answers', 'destroy lost', 'create a'];

function config(memoryPath: string, intervalSeconds: number): AgentConfig {
  const given = {
    garden: { socketPath: '/none', timeoutSeconds: 1 },
    reconcile: { intervalSeconds, gracePeriodSeconds: 0 },
    metrics: { port: 0 },
    status: { socketPath: '/none' },
    memory: { path: memoryPath },
    runbookUrl: 'https://wiki.example.com/runbook',
  };
  const parsed = parseAgentConfig(JSON.stringify(given));
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.config;
}

/** What happens on the cell, or why passes fail from now on. */
type Change = readonly string[] | Error;

/** A probe over a cell that the test changes while the agent runs. */
function changingProbe(first: Change, beforeList: () => unknown = () => null) {
  const cell = new MadeCell('v1');
  const made = madeProbe(cell);
  let failure: Error | null = null;
  let looks = 0;
  const show = (change: Change): void => {
    failure = change instanceof Error ? change : null;
    if (!(change instanceof Error)) for (const step of change) cell.do(step);
  };
  show(first);
  const probe: CellProbe = {
    ...made,
    now: () => ({
      wall: new Date().toISOString(),
      monotonicMilliseconds: Number(process.hrtime.bigint() / 1000n) / 1000,
    }),
    mounts: () => {
      looks += 1;
      if (failure !== null) throw failure;
      return made.mounts();
    },
    list: async () => {
      await beforeList();
      return made.list();
    },
  };
  return { probe, show, looks: () => looks };
}

interface Given {
  readonly memoryPath?: string;
  readonly intervalSeconds?: number;
  /** In each pass, before Garden answers its list. */
  readonly beforeList?: () => unknown;
}

const memoryFile = (): string => path.join(temporaryFolder(), 'memory.json');

const agentOver = (
  probe: CellProbe,
  events: AgentEvent[],
  ofAgent: AgentConfig,
  parts: Partial<AgentParts> = {},
): Agent =>
  new Agent({
    config: ofAgent,
    version: 'test',
    probe,
    log: (event) => events.push(event),
    passEnded: () => undefined,
    chance: () => 1,
    verifyPasses: 0,
    ...parts,
  });

/** An agent until the end of the test, or until it is stopped. */
function started(
  first: Change,
  { memoryPath = memoryFile(), intervalSeconds = 1, beforeList }: Given = {},
) {
  const { probe, show, looks } = changingProbe(first, beforeList);
  const events: AgentEvent[] = [];
  const agent = agentOver(probe, events, config(memoryPath, intervalSeconds));
  const done = agent.run();
  const stopped = async (): Promise<void> => {
    agent.stop();
    await done;
  };
  atEndOfTest(stopped);
  /** Resolves when so many passes have ended. */
  const afterLooks = async (count: number): Promise<void> => {
    const target = agent.state().reconciles.ok + agent.state().reconciles.failed + count;
    await waitFor(`${target} looks`, () => {
      const { ok, failed } = agent.state().reconciles;
      if (ok + failed < target) agent.gardenChanged();
      return ok + failed >= target;
    });
  };
  return { agent, events, show, looks, afterLooks, stopped };
}

const messages = (events: readonly AgentEvent[]): readonly string[] =>
  events.map(({ message }) => message.replace('rollcall.', ''));

describe('the grace period of an agent', () => {
  it('is at least two seconds, and the agent says so where less is configured', () => {
    const given = config('/none', 15);
    const of = (gracePeriodSeconds: number) =>
      gracePeriodOf({ ...given, reconcile: { ...given.reconcile, gracePeriodSeconds } });
    expect(of(0)).to.deep.equal({
      gracePeriodSeconds: 2,
      remark:
        'reconcile.gracePeriodSeconds 0 is taken as 2: with less, ' +
        'containers that come and go become findings.',
    });
    expect(of(1.5).gracePeriodSeconds).to.equal(2);
    expect(of(2)).to.deep.equal({ gracePeriodSeconds: 2, remark: null });
  });
});

interface Moment {
  /** What becomes of the cell, or why the passes fail from now on. */
  readonly change: Change;
  /** The messages that are logged then. */
  readonly logs: readonly string[];
  /** The verdict and the handles that are shown, or why nothing is. */
  readonly shown: string;
}

const STORIES: Readonly<Record<string, readonly [Moment, ...Moment[]]>> = {
  'says once that its passes fail from the start, and once that they no longer do': [
    {
      change: new Error('no files'),
      logs: ['started', 'reconcile.could-not-tell'],
      shown: 'no files',
    },
    { change: new Error('no memory'), logs: [], shown: 'no memory' },
    {
      change: healthy,
      logs: ['mounts.chosen', 'reconcile.recovered'],
      shown: 'all-tracked a',
    },
  ],
  'logs the end of failing passes even if Garden is unavailable in the next one': [
    {
      change: new Error('no files'),
      logs: ['started', 'reconcile.could-not-tell'],
      shown: 'no files',
    },
    {
      change: [...healthy, 'garden-fails'],
      logs: ['mounts.chosen', 'garden.unavailable'],
      shown: 'unknown',
    },
    {
      change: healthy,
      logs: ['garden.available', 'reconcile.recovered'],
      shown: 'all-tracked a',
    },
  ],
  'says that a pass failed, keeps the last known state, and recovers': [
    {
      change: lost,
      logs: ['started', 'mounts.chosen', 'container.untracked'],
      shown: 'untracked lost',
    },
    {
      change: new Error('no /proc'),
      logs: ['reconcile.could-not-tell'],
      shown: 'unknown lost',
    },
    { change: lost, logs: ['reconcile.recovered'], shown: 'untracked lost' },
  ],
};

describe('the agent', () => {
  for (const [title, [first, ...others]] of Object.entries(STORIES))
    it(title, async () => {
      const { agent, events, show, afterLooks } = started(first.change);
      let logged = 0;
      for (const [index, { change, logs, shown }] of [first, ...others].entries()) {
        if (index > 0) show(change);
        await afterLooks(3);
        const { report, passFailed } = agent.state();
        const handles = (report?.containers ?? []).map(({ handle }) => ` ${handle}`);
        expect(report === null ? passFailed : `${report.verdict}${handles.join('')}`).to.equal(
          shown,
        );
        expect(messages(events.slice(logged))).to.deep.equal(logs);
        logged = events.length;
        expect(passFailed !== null).to.equal(report === null);
      }
      expect(agent.state().reconciles.failed).to.be.at.least(1);
    });

  it('reports no reconcile time until a pass was possible, so that no finding looks ended', async () => {
    const memoryPath = memoryFile();
    const before = started(lost, { memoryPath });
    await before.afterLooks(1);
    await before.stopped();
    const { agent, show, afterLooks } = started(new Error('EMFILE: too many open files'), {
      memoryPath,
    });
    const shown = (): string => metricsText(agent.state());
    await afterLooks(2);
    expect(shown()).to.match(/^rollcall_last_reconcile_timestamp_seconds\S* 0$/m);
    expect(shown()).to.match(/^rollcall_could_not_tell\S* 1$/m);
    expect(agent.state().reconciles.failed).to.be.at.least(2);
    show([...lost, 'garden-fails']);
    await afterLooks(2);
    expect(shown()).to.match(/^rollcall_last_reconcile_timestamp_seconds\S* [1-9]/m);
    expect(shown()).to.match(/^rollcall_untracked_since\S*handle="lost"/m);
  });

  // A Garden that hung once was reported 12 s too early.
  it('gives an event the time at which Garden failed, not at which the pass started', async () => {
    const { agent, events, afterLooks } = started([...healthy, 'garden-fails'], {
      beforeList: () => sleep(300),
    });
    await afterLooks(1);
    const reported = events.find(({ message }) => message === 'rollcall.garden.unavailable');
    const { startedAt, report } = agent.state();
    expect(Date.parse(reported?.at ?? '') - Date.parse(startedAt)).to.be.at.least(290);
    expect(reported?.data['since']).to.equal(
      report?.garden.state === 'unavailable' ? report.garden.since : null,
    );
    expect(Date.parse(String(reported?.data['since'])) - Date.parse(startedAt)).to.be.at.least(290);
  });

  it('logs a finding once, keeps it in its state, and logs its end', async () => {
    const { agent, events, show, afterLooks } = started(lost);
    await afterLooks(3);
    expect(messages(events)).to.deep.equal(['started', 'mounts.chosen', 'container.untracked']);
    expect(agent.state().report?.verdict).to.equal('untracked');
    const link = 'https://wiki.example.com/runbook#unknown-to-garden';
    expect(events.map(({ data }) => data['runbook_url'])).to.deep.equal([
      undefined,
      undefined,
      link,
    ]);
    show(healthy);
    await afterLooks(2);
    expect(messages(events).slice(3)).to.deep.equal(['container.gone']);
    expect(agent.state().events[0]?.message).to.equal('rollcall.container.gone');
    expect(events.at(-1)?.data).not.to.have.property('runbook_url');
  });

  it('logs that rotated certificates cannot be used, which is not an outage, and that they can', () => {
    const { agent, events } = started(healthy);
    agent.reports.renewal('a.key is damaged.');
    agent.reports.renewal(null);
    const [bad, good] = events.slice(-2);
    expect(bad).to.include({ message: 'rollcall.metrics.not-renewed', level: 'error' });
    expect(bad?.sentence).to.match(/the earlier ones stay in use\. a\.key is damaged\.$/);
    expect(good).to.include({ message: 'rollcall.metrics.renewed', level: 'info' });
  });

  it('logs a summary of what it did, also when it stops, which it logs once', async () => {
    const { agent, events, afterLooks, stopped } = started(lost);
    await afterLooks(2);
    agent.summarize();
    const hour = events.at(-1);
    expect(hour?.data).to.include({ containers: 1, findings: 1, failed: 0 });
    expect(hour?.data['compared']).to.be.at.least(2);
    expect(messages(agent.state().events)).not.to.contain('summary');
    for (const end of [stopped, stopped]) await end();
    expect(messages(events).slice(-3)).to.deep.equal(['summary', 'summary', 'stopping']);
    expect(events.at(-2)?.data['from'], 'where the hour before ended').to.equal(hour?.at);
  });

  it('adds a drill to the report, marks it everywhere, and forgets it', async () => {
    const { agent, events, afterLooks } = started(healthy);
    await afterLooks(1);
    const { handle } = agent.drill.start(600);
    const found = agent.state().report?.containers[0];
    expect(found).to.include({ handle, drill: true, status: 'untracked' });
    await afterLooks(1);
    expect(agent.state().report?.containers[0]?.drill).to.equal(true);
    expect(events.at(-1)?.data).to.include({ drill: true });
    expect(agent.drill.running()).to.include({ handle, scrapes: 0, lastScraped: null });
    agent.drill.scraped();
    expect(agent.drill.end()).to.include({ handle, scrapes: 1 });
    expect([agent.drill.end(), agent.state().report?.verdict]).to.deep.equal([null, 'all-tracked']);
    agent.drill.scraped();
    agent.drill.start(0.1);
    await waitFor('the end of the drill', () => agent.state().report?.verdict === 'all-tracked');
    expect(messages(events).slice(2)).to.deep.equal([
      'container.untracked',
      'container.gone',
      'container.untracked',
      'container.gone',
    ]);
  });

  it('makes a pass at once after a change, although one container is always undecided', async () => {
    const { agent, looks } = started(['create a', 'create b', 'refuse a'], { intervalSeconds: 60 });
    await waitFor('the first pass', () => agent.state().reconciles.ok > 0);
    expect(agent.state().report?.containers[0]?.explanation.kind).to.equal('undecided');
    expect(metricsText(agent.state())).to.match(/^rollcall_undecided\S* 1$/m);
    expect(metricsText(agent.state())).to.match(/^rollcall_could_not_tell\S* 0$/m);
    // Passes that only ask again would come after 1, 2, 4, … seconds, and the sixth later than this
    // test waits.
    for (let change = 0; change < 6; change++) {
      const before = looks();
      agent.containersChanged();
      await waitFor('a look at what changed', () => looks() > before);
    }
  });

  it('never makes two passes at once, and makes few passes for a burst of changes', async () => {
    const { agent, looks, afterLooks } = started(healthy);
    await afterLooks(1);
    const before = looks();
    const began = performance.now();
    for (let change = 0; change < 200; change++) {
      agent.containersChanged();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const most = 2 + (performance.now() - began) / BURST_MILLISECONDS;
    expect(looks() - before).to.be.at.most(most);
  });

  it('logs once that a pass reused what the snapshot no longer says, and reports as before', async () => {
    const { probe } = changingProbe(lost);
    const events: AgentEvent[] = [];
    let passes = 0;
    let walk: Walk | null = null;
    const changing: CellProbe = {
      ...probe,
      walk: async (plan) => (walk = await probe.walk(plan)),
      /** When the pass has read the cell, its walk has one directory less. */
      sensors: (pids) => {
        passes += 1;
        const directories = walk?.kind === 'read' ? walk.directories : [];
        (directories as CgroupDirectory[]).splice(-1, 1);
        return probe.sensors(pids);
      },
    };
    const agent = agentOver(changing, events, config(memoryFile(), 1), {
      verifyPasses: 2,
      passEnded: () => {
        agent.gardenChanged();
        if (passes === 6) agent.stop();
      },
    });
    await agent.run();
    const differs = events.filter(({ message }) => message === 'rollcall.reconcile.differs');
    expect(differs).to.have.length(1);
    expect(differs[0]?.level).to.equal('error');
    expect(differs[0]?.data['places']).to.include('report.containers.0');
    expect(messages(events)).to.include('container.untracked').and.not.include('container.gone');
  });

  describe("whose mount shows a removed directory in place of Garden's", () => {
    // The socket of the configuration lies in the root directory.
    const ownTable = parseMountInfo(
      asByteString('1 0 8:1 /garden//deleted / rw - ext4 /dev/sda1 rw\n'),
    );

    /** Runs one that has no Garden until it ends, or until it has failed so often. */
    async function ended(memoryPath: string, passes: number) {
      const { probe } = changingProbe([...healthy, 'garden-fails']);
      const events: AgentEvent[] = [];
      const without: CellProbe = {
        ...probe,
        mounts: () => ({ ...probe.mounts(), ownTable }),
        list: () => Promise.resolve({ kind: 'failed', code: 'socket-missing', why: 'No socket.' }),
      };
      const agent = agentOver(without, events, config(memoryPath, 1), {
        passEnded: () => {
          agent.gardenChanged();
          if (agent.state().reconciles.failed >= passes) agent.stop();
        },
      });
      const failure = await agent.run();
      return { failure, passes: agent.state().reconciles.failed, reported: messages(events) };
    }

    it('says so and ends in the second pass; an agent started within ten minutes does not', async () => {
      const memoryPath = memoryFile();
      const first = await ended(memoryPath, 9);
      expect(first.failure?.code).to.equal('GARDEN_DIRECTORY_REMOVED');
      expect(first.passes).to.equal(2);
      expect(first.reported.slice(-3)).to.deep.equal([
        'garden.directory-removed',
        'summary',
        'stopping',
      ]);
      const second = await ended(memoryPath, 5);
      expect(second.failure).to.equal(null);
      expect(second.reported).not.to.include('garden.directory-removed');
    });

    it('does not end if it cannot save that, because it would end again and again', async () => {
      const folder = temporaryFolder();
      const { failure, reported } = await ended(path.join(folder, 'none/memory.json'), 5);
      expect(failure).to.equal(null);
      expect(reported).to.include('memory.not-written').and.not.include('garden.directory-removed');
    });
  });
});
