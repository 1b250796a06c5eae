import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { instanceHandle } from '../demo-cell/cgroups/container-spec.ts';
import { killStarted, startedProcess } from '../demo-cell/cgroups/processes.ts';
import { createApps } from './cell.ts';
import { startAgent, startFloor, type Runner } from './runners.ts';
import { median, ratioOf } from './samples.ts';
import { goalOf, milliseconds, type Section } from './section.ts';

/** The default interval of an agent. */
const TRUE_SECONDS = 15;
/** The shortest interval that the configuration allows, so that a window has many passes. */
export const SHORT_SECONDS = 1;
/** For so long Node's heap grows after the start of an agent. */
const WARM_UP_SECONDS = 14;
/** One sweep reads each process anew. */
const SWEEP_PASSES = 10;
/**
 * The window at the true interval: five passes, one of which reads the ledgers. An agent waits for less
 * than its interval.
 */
const MINUTE_SECONDS = 66;
/** How often an agent is started for its first pass. */
const STARTS = 3;
/** How much more memory an agent may use that has names on. */
const MAX_NAMES_MEGABYTES = 12;
/** In how many containers a process ends between two passes. */
const CHANGED = 5;
const CHANGING_SECONDS = 15;

/** Two empty cells, one of which stays as it is once it is full, and what runs on them. */
interface Bench {
  readonly quiet: Cell;
  readonly changing: Cell;
  /** How many containers Diego makes on each cell. */
  readonly containers: number;
  readonly packages: Packages;
  /** The path of the program that makes the reads of a pass and nothing else. */
  readonly floor: string;
  /** Says what is measured next. */
  readonly say: (what: string) => void;
}

/** The folders of a cell's packages, by side: `rollcall`, and perhaps `beside`, to compare it with. */
export type Packages = Readonly<Record<string, string>>;

/** What runs on a cell, by side; the floor is `C`. */
export type Runners = Readonly<Record<string, Runner>>;

/** What a side cost in one window of time. */
interface Cost {
  /** CPU time of one pass, in milliseconds. */
  readonly cpu: number;
  /** Share of a core, in percent; NaN if the window has no fixed length. */
  readonly share: number;
  /** Resident memory at the end of the window. */
  readonly megabytes: number;
  /** How many passes the window had. */
  readonly passes: number;
}

/** A row of the table: what was measured in the windows of each side. */
export interface Row {
  readonly what: string;
  /** The windows of each side, the floor (`C`) included. */
  readonly costs: Readonly<Record<string, readonly Cost[]>>;
  /** The goals: the most that each quantity may be. */
  readonly most: Readonly<Partial<Record<keyof typeof UNITS, number>>>;
}

const UNITS = { cpu: 'ms', share: '% of a core', megabytes: 'MB', timesC: '× C' } as const;

/**
 * Measures agents, and the floor beside them, in every situation of the table.
 * @param meanwhile runs while the heaps of the agents grow
 * @param refill replaces the containers of the cell that changes by many, before the last row; it gets
 * their handles
 */
export async function measureAgents(
  bench: Bench,
  meanwhile: () => Promise<unknown>,
  refill: (handles: readonly string[]) => Promise<unknown>,
): Promise<readonly Row[]> {
  const { quiet, changing, containers, packages, floor, say } = bench;
  say(`a cell of ${containers} containers, with an agent at the true interval, and another cell`);
  await createApps(quiet, containers);
  const agents = {
    ...(await startAgents(packages, quiet, TRUE_SECONDS)),
    ...(await withNames(packages, quiet)),
  };
  const [handles] = await Promise.all([createApps(changing, containers), settle(quiet, agents)]);
  const sides = { ...agents, C: await startFloor(quiet, floor, TRUE_SECONDS) };
  const [costs, rows] = await Promise.all([
    windowsOf(sides, MINUTE_SECONDS, 3),
    measureChanging(bench, handles, meanwhile).then(async (measured) => {
      await refill(handles);
      return [...measured, await measureMany(bench)];
    }),
  ]);
  const passes = costs['rollcall']?.reduce((sum, cost) => sum + cost.passes, 0) ?? 0;
  const what = `nothing changed, each ${TRUE_SECONDS} s (${passes} passes)`;
  const megabytes = Math.round(medianOf(costs, 'megabytes')) + MAX_NAMES_MEGABYTES;
  return [
    { what, costs, most: { share: 0.5, megabytes: 66, timesC: 3 } },
    {
      what: 'the same, with names and no client',
      costs: ofNames(costs),
      most: { share: 0.5, megabytes },
    },
    ...rows,
  ];
}

async function measureChanging(
  { changing, packages, floor, say }: Bench,
  handles: readonly string[],
  meanwhile: () => Promise<unknown>,
): Promise<readonly Row[]> {
  say('first passes on the other cell');
  const first = Object.fromEntries(Object.keys(packages).map((side) => [side, Array.of<Cost>()]));
  for (let start = 0; start < STARTS; start++) {
    const agents = await startAgents(packages, changing, TRUE_SECONDS);
    for (const [side, agent] of Object.entries(agents))
      first[side]?.push({ ...(await agent.usage()), share: Number.NaN });
    await endAll(agents);
  }
  const agents = await startAgents(packages, changing, SHORT_SECONDS);
  const beside = { C: await startFloor(changing, floor, SHORT_SECONDS) };
  await Promise.all([forSeconds(WARM_UP_SECONDS), meanwhile()]);
  say('passes in which nothing changes');
  const quietly = await windowsOf({ ...agents, ...beside }, 12, 3);
  await endAll(beside);
  say(`passes in which ${CHANGED} containers change`);
  const [changed] = await Promise.all([
    windowsOf(agents, CHANGING_SECONDS, 1),
    endProcesses(changing, handles),
  ]);
  await endAll(agents);
  say('one container a second comes and goes');
  const churned = {
    ...(await startAgents(packages, changing, TRUE_SECONDS)),
    ...(await withNames(packages, changing)),
  };
  await settle(changing, churned);
  const [churn] = await Promise.all([windowsOf(churned, MINUTE_SECONDS, 1), comeAndGo(changing)]);
  await endAll(churned);
  return [
    { what: 'nothing changed, each second', costs: quietly, most: { cpu: 15, timesC: 3 } },
    { what: `a process ended in ${CHANGED} containers`, costs: changed, most: { cpu: 25 } },
    { what: 'the first, with the start of Node', costs: first, most: { cpu: 400 } },
    { what: 'one container a second comes and goes', costs: churn, most: { share: 1 } },
    { what: 'the same, with names on', costs: ofNames(churn), most: { share: 1 } },
  ];
}

async function measureMany({ changing, packages, floor, say }: Bench): Promise<Row> {
  say('passes beside 2,000 containers');
  const agents = await startAgents(packages, changing, SHORT_SECONDS);
  const sides = { ...agents, C: await startFloor(changing, floor, SHORT_SECONDS) };
  await forSeconds(WARM_UP_SECONDS);
  const costs = await windowsOf(sides, 5, 3);
  await endAll(sides);
  return { what: '2,000 containers, each second', costs, most: { timesC: 3 } };
}

/** While an agent runs; without one, as after an interruption, the bench ends at once. */
const forSeconds = (seconds: number): Promise<void> =>
  sleep(seconds * 1000, undefined, { ref: false });

export async function startAgents(
  packages: Packages,
  cell: Cell,
  seconds: number,
): Promise<Runners> {
  const agents: Record<string, Runner> = {};
  for (const [side, folder] of Object.entries(packages))
    agents[side] = await startAgent(cell, folder, { intervalSeconds: seconds });
  return agents;
}

/** Another agent of the package that is measured, which has names on and no client. */
const withNames = async (packages: Packages, cell: Cell): Promise<Runners> => ({
  names: await startAgent(cell, packages['rollcall'] ?? '', {
    intervalSeconds: TRUE_SECONDS,
    hasNames: true,
  }),
});

/** What that agent cost, in place of the one without names. */
const ofNames = ({ names = [], C }: Row['costs']): Row['costs'] => ({
  rollcall: names,
  ...(C === undefined ? {} : { C }),
});

export async function endAll(runners: Runners): Promise<void> {
  for (const runner of Object.values(runners)) await runner.end();
}

/** What each side costs in so many windows of time, one after the other. All sides share each window. */
export async function windowsOf(
  sides: Runners,
  seconds: number,
  count: number,
): Promise<Row['costs']> {
  const costs = Object.fromEntries(Object.keys(sides).map((side) => [side, Array.of<Cost>()]));
  for (let made = 0; made < count; made++) {
    const window = forSeconds(seconds);
    const measure = async ([side, runner]: [string, Runner]): Promise<void> => {
      const before = await runner.usage();
      await window;
      const after = await runner.usage();
      const passes = after.passes - before.passes;
      const cpu = after.cpu - before.cpu;
      costs[side]?.push({ ...after, passes, cpu: cpu / passes, share: cpu / seconds / 10 });
    };
    await Promise.all(Object.entries(sides).map(measure));
  }
  return costs;
}

/** Brings passes forward until all processes are swept, as a new socket of Garden does. */
export async function settle(cell: Cell, agents: Runners): Promise<void> {
  for (const agent of Object.values(agents)) {
    while ((await agent.usage()).passes <= SWEEP_PASSES) {
      const now = Date.now() / 1000;
      fs.utimesSync(cell.socketPath, now, now);
      await forSeconds(0.5);
    }
  }
}

/** Ends the first process after pid 1 in some containers, between every two passes others. */
async function endProcesses(cell: Cell, handles: readonly string[]): Promise<void> {
  // Found in advance, because a search in all cgroups takes as long as a pass.
  const processes = handles
    .slice(0, CHANGED * CHANGING_SECONDS)
    .flatMap((handle) => cell.pids(handle).toSorted((a, b) => a - b)[1] ?? [])
    .map(startedProcess);
  while (processes.length > 0) {
    for (const one of processes.splice(0, CHANGED)) killStarted(one);
    await forSeconds(SHORT_SECONDS);
  }
}

/** Each container ends when the next one runs. */
async function comeAndGo(cell: Cell): Promise<void> {
  const handleOf = (n: number): string => instanceHandle(`churned ${n}`);
  for (let n = 0; n < MINUTE_SECONDS; n++) {
    const second = forSeconds(1);
    await cell.create({ handle: handleOf(n), kind: 'app' });
    if (n > 0) await cell.destroy(handleOf(n - 1));
    await second;
  }
}

/**
 * The cost of the daemon, run from the package with the flags of the release.
 * @param sides those beside which it was measured, in the order of their columns
 */
export function agentSection(rows: readonly Row[], sides: readonly string[]): Section {
  return {
    title: 'The agent',
    columns: [
      'pass',
      'rollcall, ms',
      '% of a core',
      'resident, MB',
      ...sides.flatMap((side) => [`${side}, ms`, `× ${side}`]),
    ],
    rows: rows.map(({ what, costs, most }) => [
      what,
      milliseconds(medianOf(costs, 'cpu')),
      most.share === undefined ? '' : medianOf(costs, 'share').toFixed(2),
      medianOf(costs, 'megabytes').toFixed(1),
      ...sides.flatMap((side) =>
        costs[side] === undefined
          ? ['', '']
          : [milliseconds(medianOf(costs, 'cpu', side)), timesOf(costs, side).toFixed(2)],
      ),
    ]),
    goals: rows.flatMap(({ what, costs, most }) =>
      (['cpu', 'share', 'megabytes', 'timesC'] as const).flatMap((quantity) => {
        const limit = most[quantity];
        const measured = quantity === 'timesC' ? timesOf(costs, 'C') : medianOf(costs, quantity);
        return limit === undefined ? [] : [goalOf(what, measured, [limit, UNITS[quantity]])];
      }),
    ),
  };
}

export const medianOf = (costs: Row['costs'], quantity: keyof Cost, side = 'rollcall'): number =>
  median((costs[side] ?? []).map((cost) => cost[quantity]));

/** How many times as much CPU time a pass of rollcall takes as one of this side: the median over the windows. */
export function timesOf(costs: Row['costs'], side: string): number {
  const [ours = [], theirs = []] = ['rollcall', side].map((one) =>
    costs[one]?.map(({ cpu }) => cpu),
  );
  return ratioOf(ours, theirs);
}
