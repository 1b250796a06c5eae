import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { KnownFailure } from '../../model/failure.ts';
import { kill, pidsIn } from '../cell/cgroup-tree.ts';
import { control } from './control.ts';
import { fileURLToPath } from 'node:url';
import type { Fault, GardenState } from '../garden/state.ts';
import { CONTROL_SOCKET, GDN_LOG, type GdnConfiguration } from './config.ts';
import { ONLY_CELL_ENVIRONMENT } from './programs.ts';

const START_DEADLINE_MILLISECONDS = 30_000;
const QUICK_DEADLINE_MILLISECONDS = 20_000;
const END_DEADLINE_MILLISECONDS = 10_000;

const GDN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** In the background, so that the parent of what is started is the cell's pid 1. */
const IN_BACKGROUND =
  'log=$1; shift; mkdir -p "${log%/*}"; "$@" </dev/null >>"$log" 2>&1 & echo $!';

/** gdn in the cell, seen from the driver: started, killed, started again. */
export class GardenProcess {
  readonly #start: StartProcess;
  readonly #cellRoot: string;
  readonly #configuration: GdnConfiguration;
  /** Its own cgroup in the hierarchy where nothing else lies in it but dadoo and the shims. */
  readonly #ownCgroup: string;

  /** `start` starts it in the cell and in gdn's own cgroups. */
  constructor(
    start: StartProcess,
    cellRoot: string,
    configuration: GdnConfiguration,
    ownCgroup: string,
  ) {
    this.#start = start;
    this.#cellRoot = cellRoot;
    this.#configuration = configuration;
    this.#ownCgroup = ownCgroup;
  }

  get controlSocket(): string {
    return this.#cellRoot + CONTROL_SOCKET;
  }

  async start(): Promise<void> {
    const command = [process.execPath, GDN, JSON.stringify(this.#configuration)];
    const pid = await this.#start(GDN_LOG, command);
    const deadline = Date.now() + START_DEADLINE_MILLISECONDS;
    while (!(await this.#answers())) {
      if (Date.now() > deadline || !existsSync(`${this.#cellRoot}/proc/${pid}`)) {
        throw new KnownFailure('DEMO_FAILED', `the cell's gdn did not start: ${this.#lastWords()}`);
      }
      await sleep(10);
    }
  }

  /** As on TERM: it saves its properties, which `start` brings back. */
  async stop(): Promise<void> {
    await control(this.controlSocket, { do: 'save-properties' }, QUICK_DEADLINE_MILLISECONDS);
    await this.kill();
  }

  /** Killed and started again: the containers run on, their properties are lost. */
  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async setFault(fault: Fault, on: GardenState['faultOn'] = 'all'): Promise<void> {
    await control(this.controlSocket, { do: 'set-fault', fault, on }, QUICK_DEADLINE_MILLISECONDS);
  }

  /** SIGKILL, as the kernel's OOM killer does it: the socket stays and refuses. */
  async kill(): Promise<void> {
    const pid = this.hostPid();
    if (pid === null) return;
    kill(pid);
    const deadline = Date.now() + END_DEADLINE_MILLISECONDS;
    while (this.hostPid() === pid) {
      if (Date.now() > deadline) {
        throw new KnownFailure('DEMO_FAILED', `the cell's gdn (process ${pid}) does not die`);
      }
      await sleep(2);
    }
  }

  /** As the machine numbers it; null while it is not running. */
  hostPid(): number | null {
    return pidsIn(this.#ownCgroup).find((pid) => commOf(pid) === 'gdn') ?? null;
  }

  async #answers(): Promise<boolean> {
    try {
      await control(this.controlSocket, { do: 'ping' }, QUICK_DEADLINE_MILLISECONDS);
      return true;
    } catch {
      return false; // not yet
    }
  }

  #lastWords(): string {
    try {
      return readFileSync(this.#cellRoot + GDN_LOG, 'utf8')
        .trim()
        .slice(-1000);
    } catch {
      return `it wrote no ${GDN_LOG}`;
    }
  }
}

/** Starts a program of the cell that writes to this log; its pid in the cell. */
export type StartProcess = (log: string, command: readonly string[]) => Promise<number>;

/** Starts a program in the cell that belongs to nobody there but pid 1; its pid in the cell. */
export async function runInBackground(
  enter: readonly string[],
  log: string,
  command: readonly string[],
): Promise<number> {
  const [file = '', ...args] = [...enter, 'sh', '-c', IN_BACKGROUND, 'sh', log, ...command];
  const started = await execa(file, args, {
    ...ONLY_CELL_ENVIRONMENT,
    stdin: 'ignore',
    timeout: QUICK_DEADLINE_MILLISECONDS,
    reject: false,
  });
  if (!started.failed) return Number(started.stdout);
  const why = started.stderr.trim().split('\n').at(-1);
  throw new KnownFailure(
    'DEMO_FAILED',
    `${command[0] ?? ''} did not start in the cell: ${why ?? ''}`,
  );
}

export function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // the process is gone
  }
}
