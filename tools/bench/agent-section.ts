import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { AGENT_FLAGS, makeCellPackage } from '../cell-package.ts';
import { stateFolder } from '../bootstrap/place.mjs';
import { freePort } from '../local-server.ts';
import { timingOf, type Timing } from './samples.ts';
import { goalOf, timingText, type Section } from './section.ts';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';

/** Inside the checkout, which every cell in a box can see. */
const PACKAGE = path.join(stateFolder, 'bench-package');
const START = path.join(PACKAGE, 'start.cjs');
/** The default interval. */
const INTERVAL_SECONDS = 15;
/**
 * The agents run side by side. Each pass waits for 15 seconds and V8 collects only every few
 * passes, so one agent would give few samples.
 */
const AGENTS = 3;
const PASSES = 8;
/** The first passes request all properties and fill the agent's caches. */
const WARM_UP_PASSES = 2;
const MAX_PERCENT = 0.7;
const MAX_MEGABYTES = 65;
/** USER_HZ. */
const MILLISECONDS_A_TICK = 10;

/** The cost of passes on one cell. */
export interface MeasuredPasses {
  readonly what: string;
  readonly passes: number;
  /** CPU time per pass in milliseconds; one sample per agent. */
  readonly cpu: Timing;
  readonly megabytes: number;
}

/** Builds the package as on a cell, including the code that V8 compiled. */
export async function buildPackage(): Promise<void> {
  rmSync(PACKAGE, { recursive: true, force: true });
  await makeCellPackage(PACKAGE);
}

/** Measures agents on a quiet cell, each in a process of its own. */
export async function measureAgents(cell: Cell, what: string): Promise<MeasuredPasses> {
  const all = await Promise.all(Array.from({ length: AGENTS }, (_, n) => measureAgent(cell, n)));
  return {
    what,
    passes: all.reduce((sum, { passes }) => sum + passes, 0),
    cpu: timingOf(all.map(({ cpu }) => cpu)),
    megabytes: timingOf(all.map(({ megabytes }) => megabytes)).median,
  };
}

/** The cost of the daemon on a cell, run from the package with the flags of the release. */
export function agentSection(measured: readonly MeasuredPasses[]): Section {
  const percentOf = ({ cpu }: MeasuredPasses): number => cpu.median / 10 / INTERVAL_SECONDS;
  const row = (one: MeasuredPasses) => [
    one.what,
    `${one.passes}`,
    timingText(one.cpu),
    percentOf(one).toFixed(2),
    one.megabytes.toFixed(1),
  ];
  return {
    title: 'The agent',
    about: [
      `${AGENTS} agents run in parallel at ${INTERVAL_SECONDS} seconds from the package of a cell, with ${AGENT_FLAGS.join(' ')}. CPU is ` +
        'user and system time from /proc/<pid>/stat, as the median of the agents. **The first row is the cost on a cell. A later change ' +
        'may increase it by at most 10 %.** Garden runs in another process and answers as gdn does, with 1.2 kB of properties per ' +
        'container.',
      WHY,
    ].join('\n\n'),
    columns: ['cell', 'passes', 'CPU per pass, ms', '% of a core', 'resident, MB'],
    rows: measured.map(row),
    goals: measured
      .slice(0, 1)
      .flatMap((onCell) => [
        goalOf('the agent', percentOf(onCell), MAX_PERCENT, '% of a core'),
        goalOf('the agent, resident memory', onCell.megabytes, MAX_MEGABYTES, 'MB'),
      ]),
  };
}

/** Why the first row costs more than the other. */
const WHY =
  "An app instance has three cgroups (its own, Envoy's below it, the health check's beside it), so in the first row the scan reads three " +
  'times as many `cgroup.procs` files and also lists the directory of each container. The root filesystem of each container is a line ' +
  'of the mount table, which is read twice.';

async function measureAgent(cell: Cell, number: number) {
  // Stagger their passes, so that they do not wait for each other.
  await sleep((number * INTERVAL_SECONDS * 1000) / AGENTS);
  const { pid, passes, end } = await startAgent(cell, `${number}`);
  try {
    await sleep((WARM_UP_PASSES + 0.5) * INTERVAL_SECONDS * 1000);
    const before = { passes: await passes(), cpu: cpuMilliseconds(pid) };
    await sleep(PASSES * INTERVAL_SECONDS * 1000);
    const cpu = cpuMilliseconds(pid) - before.cpu;
    const made = (await passes()) - before.passes;
    return { passes: made, cpu: cpu / made, megabytes: residentMegabytes(pid) };
  } finally {
    await end();
  }
}

interface Started {
  readonly pid: number;
  /** The number of its passes so far; throws if one of them could not compare everything. */
  readonly passes: () => Promise<number>;
  readonly end: () => Promise<void>;
}

async function startAgent(cell: Cell, name: string): Promise<Started> {
  const own = `/var/vcap/bench-agent-${name}`;
  const port = await freePort();
  const config = {
    reconcile: { intervalSeconds: INTERVAL_SECONDS },
    metrics: { port },
    status: { socketPath: `${own}.sock` },
    memory: { path: `${own}-memory.json` },
  };
  writeFileSync(cell.outside(`${own}.json`), JSON.stringify(config));
  const [file = '', ...enter] = cell.enter;
  const command = [process.execPath, ...AGENT_FLAGS, START, 'agent', '--config', `${own}.json`];
  const child = execa(file, [...enter, ...command], { buffer: false, reject: false });
  const ended = child.then(() => {
    throw new Error('the agent exited at its start');
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  child.stdout.resume();
  const { stdout } = await execa('pgrep', ['-f', `start.cjs agent --config ${own}.json`]);
  const pid = Number(stdout.trim().split('\n').at(-1));
  return {
    pid,
    passes: () => passesOf(port),
    end: async () => {
      process.kill(pid, 'SIGTERM');
      await child;
    },
  };
}

/** Needs no network setup, because an agent in a cell in a box shares the machine's network. */
async function passesOf(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await answer.text();
  const count = (result: string): number =>
    Number(
      new RegExp(`^rollcall_reconciles_total\\{result="${result}"\\} (\\d+)$`, 'm').exec(text)?.[1],
    );
  if (count('failed') !== 0) throw new Error(`passes of the agent failed: ${count('failed')}`);
  return count('ok');
}

function cpuMilliseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_A_TICK;
}

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
