import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { pidsIn } from '../cgroups/cgroup-tree.ts';
import { commOf, kill, until, demoFailed } from '../cgroups/processes.ts';
import { ONLY_CELL_ENVIRONMENT } from './programs.ts';

const START_DEADLINE_MILLISECONDS = 20_000;
const END_DEADLINE_MILLISECONDS = 30_000;

export const CELL_PROGRAMS = ['gdn', 'rep'] as const;
/** Names a folder with the programs, each in one file, for those who start many cells. */
export const PROGRAMS_VARIABLE = 'ROLLCALL_CELL_PROGRAMS';

export function programFile(
  name: (typeof CELL_PROGRAMS)[number],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): string {
  const folder = env[PROGRAMS_VARIABLE];
  return folder === undefined
    ? fileURLToPath(new URL(`../${name}/main.ts`, import.meta.url))
    : `${folder}/${name}.mjs`;
}

/** Starts a program in the cell that writes to this log; returns its pid in the cell. */
export type StartProcess = (log: string, command: readonly string[]) => Promise<number>;

/** A program of the cell from the driver's side: the process of its name in its own cgroup. */
export class CellProgram {
  readonly #name: string;
  readonly #cgroup: string;
  protected readonly startProcess: StartProcess;
  protected readonly cellRoot: string;

  /** `startProcess` starts it in the cell and in its cgroups. */
  constructor(name: string, cgroup: string, startProcess: StartProcess, cellRoot: string) {
    this.#name = name;
    this.#cgroup = cgroup;
    this.startProcess = startProcess;
    this.cellRoot = cellRoot;
  }

  /** The pid on the machine; null while it is not running. */
  hostPid(): number | null {
    return pidsIn(this.#cgroup).find((pid) => commOf(pid) === this.#name) ?? null;
  }

  /** Resolves when the process is gone: it leaves its cgroup before it closes its sockets. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const pid = this.hostPid();
    if (pid === null) return;
    kill(pid, signal);
    await until(
      () =>
        existsSync(`/proc/${pid}`)
          ? `the cell's ${this.#name} (process ${pid}) does not end with ${signal}`
          : null,
      END_DEADLINE_MILLISECONDS,
    );
  }
}

/**
 * Runs in the background, so that the started process has the cell's pid 1 as its parent. `detached`
 * gives it a session of its own: a kept cell outlives the terminal that started it.
 */
const IN_BACKGROUND =
  'log=$1; shift; mkdir -p "${log%/*}"; "$@" </dev/null >>"$log" 2>&1 & echo $!';

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
    detached: true,
    timeout: START_DEADLINE_MILLISECONDS,
    reject: false,
  });
  if (!started.failed) return Number(started.stdout);
  const why = started.stderr.trim().split('\n').at(-1);
  throw demoFailed(`${command[0] ?? ''} did not start in the cell: ${why ?? ''}`);
}
