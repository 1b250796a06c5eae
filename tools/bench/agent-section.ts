import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { oneLine } from '../../src/model/text.ts';
import { AGENT_FLAGS, makeCellPackage } from '../cell-package.ts';
import { stateFolder } from '../bootstrap/place.mjs';
import { freePort } from '../local-server.ts';
import { timingOf, type Timing } from './samples.ts';
import { timingText, type Section } from './section.ts';
import type { Cell } from '../../src/demo-cell/cell/cell.ts';

/** Inside the checkout, which every cell in a box can see. */
const PACKAGE = path.join(stateFolder, 'bench-package');
const START = path.join(PACKAGE, 'start.cjs');
/**
 * The default interval. The other one is a second, which keeps the processor's caches warm for the
 * agent as no real cell does.
 */
const INTERVAL_SECONDS = 15;
const SHORT_INTERVAL_SECONDS = 1;
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

/** The cost of passes on one cell at one interval. */
export interface MeasuredPasses {
  readonly what: string;
  readonly intervalSeconds: number;
  readonly passes: number;
  /** CPU time per pass in milliseconds; one sample per agent. */
  readonly cpu: Timing;
  readonly megabytes: number;
}

/**
 * Builds the package as on a cell, including the code that V8 compiled.
 * @returns why it cannot be built; null if it is built
 */
export async function buildPackage(): Promise<string | null> {
  rmSync(PACKAGE, { recursive: true, force: true });
  try {
    await makeCellPackage(PACKAGE);
    return null;
  } catch (error) {
    return oneLine(error instanceof Error ? error.message : String(error), 500);
  }
}

/**
 * Measures agents on a quiet cell, each in a process of its own: some at the default interval, one
 * with a pass every second.
 */
export async function measureAgents(cell: Cell, what: string): Promise<readonly MeasuredPasses[]> {
  const slow = Array.from({ length: AGENTS }, (_, n) => measureAgent(cell, n, INTERVAL_SECONDS));
  const all = await Promise.all([...slow, measureAgent(cell, AGENTS, SHORT_INTERVAL_SECONDS)]);
  return [INTERVAL_SECONDS, SHORT_INTERVAL_SECONDS].map((intervalSeconds) => {
    const measured = all.filter((one) => one.intervalSeconds === intervalSeconds);
    return {
      what,
      intervalSeconds,
      passes: measured.reduce((sum, { passes }) => sum + passes, 0),
      cpu: timingOf(measured.map(({ cpu }) => cpu)),
      megabytes: timingOf(measured.map(({ megabytes }) => megabytes)).median,
    };
  });
}

/** The cost of the daemon on a cell, run from the package with the flags of the release. */
export function agentSection(measured: readonly MeasuredPasses[]): Section {
  const [honest] = measured;
  const percentOf = ({ cpu, intervalSeconds }: MeasuredPasses): number =>
    cpu.median / 10 / intervalSeconds;
  return {
    title: 'The agent',
    about: [
      `Each agent runs from the package of a cell, with ${AGENT_FLAGS.join(' ')}. CPU is user and system time from /proc/<pid>/stat. ` +
        `${AGENTS} agents run in parallel at ${INTERVAL_SECONDS} seconds and one at ${SHORT_INTERVAL_SECONDS} second; the CPU per pass is ` +
        'the median of the agents. **The first row is the cost on a cell. A later change may increase it by at most ' +
        '10 %.** Garden runs in another process and answers as gdn does, with 1.2 kB of properties per container.',
      WHY,
    ].join('\n\n'),
    columns: ['cell', 'interval, s', 'passes', 'CPU per pass, ms', '% of a core', 'resident, MB'],
    rows: measured.map((one) => [
      one.what,
      `${one.intervalSeconds}`,
      `${one.passes}`,
      timingText(one.cpu),
      percentOf(one).toFixed(2),
      one.megabytes.toFixed(1),
    ]),
    goals:
      honest === undefined
        ? []
        : [
            {
              what: `the agent at ${INTERVAL_SECONDS} seconds`,
              limit: `≤ ${MAX_PERCENT} % of a core`,
              measured: `${percentOf(honest).toFixed(2)} %`,
              isMet: percentOf(honest) <= MAX_PERCENT,
            },
            {
              what: 'the agent, resident memory',
              limit: `≤ ${MAX_MEGABYTES} MB`,
              measured: `${honest.megabytes.toFixed(1)} MB`,
              isMet: honest.megabytes <= MAX_MEGABYTES,
            },
          ],
  };
}

/** Why the first row costs more than the others. */
const WHY =
  "A pass costs most in the first row, for three reasons. An app instance has three cgroups (its own, Envoy's below it, the health check's " +
  'beside it), so the scan reads three times as many `cgroup.procs` files and also lists the directory of each container. ' +
  'The root filesystem of each container is a line of the mount table, which is read twice. After ' +
  `${INTERVAL_SECONDS} seconds the processor's caches hold nothing of the previous pass.`;

interface MeasuredAgent {
  readonly intervalSeconds: number;
  readonly passes: number;
  readonly cpu: number;
  readonly megabytes: number;
}

async function measureAgent(
  cell: Cell,
  number: number,
  intervalSeconds: number,
): Promise<MeasuredAgent> {
  // Stagger their passes, so that they do not wait for each other.
  await sleep((number * INTERVAL_SECONDS * 1000) / (AGENTS + 1));
  const { pid, passes, end } = await startAgent(cell, `${number}`, intervalSeconds);
  try {
    await sleep((WARM_UP_PASSES + 0.5) * INTERVAL_SECONDS * 1000);
    const before = { passes: await passes(), cpu: cpuMilliseconds(pid) };
    await sleep(PASSES * INTERVAL_SECONDS * 1000);
    const cpu = cpuMilliseconds(pid) - before.cpu;
    const made = (await passes()) - before.passes;
    const megabytes = residentMegabytes(pid);
    return { intervalSeconds, passes: made, cpu: cpu / made, megabytes };
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

async function startAgent(cell: Cell, name: string, intervalSeconds: number): Promise<Started> {
  const own = `/var/vcap/bench-agent-${name}`;
  const port = await freePort();
  const config = {
    reconcile: { intervalSeconds },
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
