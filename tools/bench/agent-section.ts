import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { kill } from '../demo-cell/cgroups/processes.ts';
import { BEFORE, startAgent, type Cost } from './agent.ts';
import { goalOf, milliseconds, type Section } from './section.ts';

/** As short as the configuration allows, so that a run has many passes. */
const BENCH_INTERVAL_SECONDS = 1;
/** The default, for the share of a core. */
const INTERVAL_SECONDS = 15;
/** Node's heap grows for this long. */
const WARM_UP_SECONDS = 14;
/** 20 passes: in a cell without rep, every 20th one looks for it. */
const ROUND_SECONDS = 18;
const CHANGED = 5;
/** One a second for an hour. */
const CHURNED = 3600;
const POOL = 200;
/** Why a goal is missed. */
const CAUSE = '[why](../decisions/cost.md)';

/** What was measured of both agents on the cell of apps, and of the one of now on the other. */
type AgentCosts = Awaited<ReturnType<typeof measureAgents>> & { readonly many: Cost };

type Pair = { readonly before: Cost; readonly now: Cost };

const forSeconds = (seconds: number): Promise<void> => sleep(seconds * 1000);

/**
 * On two cells with 250 containers: as Diego fills them, and with one process in each.
 * @param meanwhile runs while the heaps of the agents grow
 */
export async function measureAgents(
  { apps, handles, plain }: { apps: Cell; handles: readonly string[]; plain: Cell },
  folders: { readonly before: string; readonly now: string },
  meanwhile: () => Promise<void>,
  say: (what: string) => void,
) {
  const before = await startAgent(apps, folders.before, BENCH_INTERVAL_SECONDS);
  const now = await startAgent(apps, folders.now, BENCH_INTERVAL_SECONDS);
  const alone = await startAgent(plain, folders.now, BENCH_INTERVAL_SECONDS);
  const both = async (work: Promise<unknown>): Promise<Pair> => {
    const costs = await Promise.all([before.costOf(work), now.costOf(work)]);
    return { before: costs[0], now: costs[1] };
  };
  try {
    await Promise.all([forSeconds(WARM_UP_SECONDS), meanwhile()]);
    say('passes in which nothing changes');
    const quiet = forSeconds(ROUND_SECONDS);
    const [steady, few] = await Promise.all([both(quiet), alone.costOf(quiet)]);
    say(`changes on both cells`);
    const ended = endProcesses(apps, handles);
    const churned = churn(plain);
    const [changed, hour] = await Promise.all([both(ended), alone.costOf(churned)]);
    noneUntracked(await alone.get('/metrics'));
    return { first: { before: before.first, now: now.first }, steady, changed, few, hour };
  } finally {
    for (const agent of [before, now, alone]) await agent.end();
  }
}

export async function measureMany(cell: Cell, folder: string): Promise<Cost> {
  const agent = await startAgent(cell, folder, BENCH_INTERVAL_SECONDS);
  try {
    return await agent.costOf(forSeconds(1.5 * ROUND_SECONDS));
  } finally {
    await agent.end();
  }
}

/** Creates and destroys containers as fast as the cell can, with processes that wait for them. */
async function churn(cell: Cell): Promise<void> {
  for (let made = 0; made < CHURNED; made += POOL) {
    await cell.garden.control({ do: 'fill-pool', count: POOL });
    await cell.churn(POOL, { parallel: 8 });
  }
}

/** Ends the first process after pid 1 in some containers, between every two passes others. */
async function endProcesses(cell: Cell, handles: readonly string[]): Promise<void> {
  // Found in advance, because a search in all cgroups takes as long as a pass.
  const pids = handles
    .slice(0, CHANGED * ROUND_SECONDS)
    .map((handle) => cell.pids(handle).toSorted((a, b) => a - b)[1] ?? 0);
  while (pids.length > 0) {
    for (const pid of pids.splice(0, CHANGED)) kill(pid);
    await forSeconds(BENCH_INTERVAL_SECONDS);
  }
}

function noneUntracked(metrics: string): void {
  const [, count] = /^rollcall_containers\{.*status="untracked".*\} (\d+)$/m.exec(metrics) ?? [];
  if (count !== '0') throw new Error(`${count ?? 'no number of'} containers were untracked`);
}

/** The cost of the daemon, run from the package with the flags of the release. */
export function agentSection({ first, steady, changed, few, hour, many }: AgentCosts): Section {
  const row = (what: string, now: Cost, before: Cost | null = null) => [
    what,
    before === null ? '' : milliseconds(before.cpu),
    milliseconds(now.cpu),
    before === null ? '' : (now.cpu / before.cpu).toFixed(2),
    (now.cpu / 10 / INTERVAL_SECONDS).toFixed(2),
    now.megabytes.toFixed(1),
  ];
  const pair = (what: string, { now, before }: Pair) => row(what, now, before);
  return {
    title: 'The agent',
    columns: ['pass', BEFORE, 'now', 'ratio', '% of a core', 'resident, MB'],
    rows: [
      pair('the first, with the start of Node', first),
      pair('nothing changed', steady),
      pair(`a process ended in ${CHANGED} containers`, changed),
      row('250 containers of one process', few),
      row(`while ${CHURNED.toLocaleString('en')} containers came and went`, hour),
      row('2,000 containers of one process', many),
    ],
    goals: [
      goalOf(
        `nothing changed, beside ${BEFORE}`,
        steady.now.cpu / steady.before.cpu,
        [0.2, '×'],
        CAUSE,
      ),
      goalOf('nothing changed', steady.now.cpu, [15, 'ms'], CAUSE),
      goalOf('nothing changed, resident memory', steady.now.megabytes, [66, 'MB'], CAUSE),
      goalOf(`${CHANGED} of 250 containers changed`, changed.now.cpu, [25, 'ms'], CAUSE),
      goalOf('the first pass, and the start of Node', first.now.cpu, [400, 'ms'], CAUSE),
      goalOf('2,000 containers, beside 250', many.cpu / few.cpu, [16, '×'], CAUSE),
    ],
  };
}
