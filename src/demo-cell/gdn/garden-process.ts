import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { KnownFailure } from '../../model/failure.ts';
import { kill, pidsIn } from '../cgroups/cgroup-tree.ts';
import { control } from './control.ts';
import { fileURLToPath } from 'node:url';
import type { Fault, GardenState } from '../garden/state.ts';
import { CONTROL_SOCKET, GDN_LOG, type GdnConfiguration } from './config.ts';
import { ONLY_CELL_ENVIRONMENT } from './programs.ts';

const START_DEADLINE_MILLISECONDS = 30_000;
const QUICK_DEADLINE_MILLISECONDS = 20_000;
const END_DEADLINE_MILLISECONDS = 10_000;

const GDN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Runs in the background, so that the started process has the cell's pid 1 as its parent. */
const IN_BACKGROUND =
  'log=$1; shift; mkdir -p "${log%/*}"; "$@" </dev/null >>"$log" 2>&1 & echo $!';

/** The cell's gdn from the driver's side: it can be started, killed and started again. */
export class GardenProcess {
  readonly #start: StartProcess;
  readonly #cellRoot: string;
  readonly #configuration: GdnConfiguration;
  /** gdn's own cgroup, in the hierarchy in which only dadoo and the shims are below it. */
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

  /** As on SIGTERM: it saves its properties, and `start` restores them. */
  async stop(): Promise<void> {
    await control(this.controlSocket, { do: 'save-properties' }, QUICK_DEADLINE_MILLISECONDS);
    await this.kill();
  }

  /** Kills and restarts it: the containers keep running, but lose their properties. */
  async crash(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async setFault(fault: Fault, on: GardenState['faultOn'] = 'all'): Promise<void> {
    await control(this.controlSocket, { do: 'set-fault', fault, on }, QUICK_DEADLINE_MILLISECONDS);
  }

  /**
   * Sends SIGKILL, as the kernel's OOM killer does: the socket file stays and refuses connections.
   */
  async kill(): Promise<void> {
    const pid = this.hostPid();
    if (pid === null) return;
    kill(pid);
    const deadline = Date.now() + END_DEADLINE_MILLISECONDS;
    // It leaves its cgroup before it closes its socket.
    while (existsSync(`/proc/${pid}`)) {
      if (Date.now() > deadline) {
        throw new KnownFailure('DEMO_FAILED', `the cell's gdn (process ${pid}) does not die`);
      }
      await sleep(2);
    }
  }

  /** The pid on the machine; null while it is not running. */
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

/** Starts a program in the cell that writes to this log; returns its pid in the cell. */
export type StartProcess = (log: string, command: readonly string[]) => Promise<number>;

/** Starts a program whose parent in the cell is pid 1; returns its pid in the cell. */
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
