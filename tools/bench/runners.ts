import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { AGENT_FLAGS } from '../cell-package.ts';
import { freePort } from '../free-port.ts';
import { runJob } from './cell.ts';
import { floorMilliseconds } from './samples.ts';

/** A process in a cell that makes one pass after the other: an agent, or the floor. */
export interface Runner {
  /** Until now: how many passes it made, its CPU time in milliseconds, and its resident memory. */
  readonly usage: () => Promise<Readonly<Record<'passes' | 'cpu' | 'megabytes', number>>>;
  readonly end: () => Promise<void>;
}

let started = 0;

/** What an agent of the bench is configured with. */
export interface AgentOptions {
  /** Between two passes, at most. */
  readonly intervalSeconds: number;
  /** Whether it has both properties of names on. */
  readonly hasNames?: boolean;
}

/** Starts an agent from a cell's package, with the flags of the release; it has made its first pass then. */
export async function startAgent(
  cell: Cell,
  folder: string,
  { intervalSeconds, hasNames = false }: AgentOptions,
): Promise<Runner> {
  // Another bench may run in another cell of this machine.
  const own = `/var/vcap/bench-agent-${process.pid}-${++started}`;
  const port = await freePort();
  const config = {
    reconcile: { intervalSeconds },
    metrics: { port },
    status: { socketPath: `${own}.sock` },
    memory: { path: `${own}-memory.json` },
    ...(hasNames
      ? { names: { directory: `${own}-names`, criSocketPath: `${own}-cri/cri.sock` } }
      : {}),
  };
  fs.writeFileSync(cell.outside(`${own}.json`), JSON.stringify(config));
  const command = [...AGENT_FLAGS, `${folder}/start.cjs`, 'agent', '--config', `${own}.json`];
  const { pid, end } = await startInCell(cell, [process.execPath, ...command], `${own}.json`);
  const usage: Runner['usage'] = async () => {
    // Before the question, because the answer costs something, too.
    const cpu = cpuMilliseconds(pid);
    // An agent in a cell in a box shares the machine's network.
    const metrics = await metricsAt(port);
    return { passes: passesIn(metrics), cpu, megabytes: residentMegabytes(pid) };
  };
  while ((await usage()).passes === 0) await sleep(50);
  return { usage, end };
}

/** An agent waits for 75 to 100 % of its interval. */
const MEAN_WAIT = 0.875;

/** Starts the floor: it makes the reads of quiet passes, as often as an agent with this interval. */
export async function startFloor(
  cell: Cell,
  program: string,
  intervalSeconds: number,
): Promise<Runner> {
  const list = path.join(path.dirname(program), `passes-${++started}`);
  const wait = MEAN_WAIT * intervalSeconds;
  await runJob(cell, 'passes', program, list, `${Math.round(60 / wait)}`);
  const command = [program, list, '1000000', `${1000 * wait}`];
  const { pid, end, lines } = await startInCell(cell, command, list);
  const made: string[] = [];
  lines.on('line', (line) => made.push(line));
  const usage: Runner['usage'] = () => {
    const cpu = made.reduce((sum, line) => sum + floorMilliseconds(line), 0);
    return Promise.resolve({ passes: made.length, cpu, megabytes: residentMegabytes(pid) });
  };
  return { usage, end };
}

/**
 * Starts a program in a cell, which has printed its first line then.
 * @param mark what only its command line contains
 * @throws Error if it ends before its first line
 */
async function startInCell(cell: Cell, command: readonly string[], mark: string) {
  const [file = '', ...enter] = cell.enter;
  const child = execa(file, [...enter, ...command], { buffer: false, reject: false });
  const lines = createInterface({ input: child.stdout });
  const ended = child.then(({ exitCode }) => {
    throw new Error(`${mark} exited with ${exitCode}`);
  });
  await Promise.race([once(lines, 'line'), ended]);
  ended.catch(() => undefined);
  const { stdout } = await execa('pgrep', ['-f', mark]);
  const pid = Number(stdout.trim().split('\n').at(-1));
  const end = async (): Promise<void> => {
    process.kill(pid, 'SIGTERM');
    await child;
  };
  return { pid, end, lines };
}

const TRIES = 20;

/** An agent that starts does not listen yet; on a busy machine, one may answer that a request came too late. */
async function metricsAt(port: number): Promise<string> {
  for (let left = TRIES; left > 0; left--) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null);
    const text = await answer?.text();
    if (answer?.ok === true && text !== undefined) return text;
    await sleep(100);
  }
  throw new Error(`no metrics after ${TRIES} requests`);
}

/**
 * How many passes an agent has made, by its metrics.
 * @throws Error if a pass could not compare everything
 */
function passesIn(metrics: string): number {
  const [failed, ok] = ['failed', 'ok'].map((result) =>
    Number(new RegExp(`_reconciles_total\\{result="${result}"\\} (\\d+)$`, 'm').exec(metrics)?.[1]),
  );
  if (failed !== 0 || ok === undefined) throw new Error(`passes failed: ${failed}`);
  return ok;
}

/** CPU time of all threads of a process. schedstat has nanoseconds, where stat has ticks of 10 ms. */
const cpuMilliseconds = (pid: number): number =>
  fs
    .readdirSync(`/proc/${pid}/task`)
    .map((task) => parseInt(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'), 10))
    .reduce((sum, nanoseconds) => sum + nanoseconds / 1e6, 0);

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
