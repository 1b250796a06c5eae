import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { KnownFailure } from '../model/failure.ts';
import { kill } from './cgroup-tree.ts';
import type { MountStep } from './cell-mounts.ts';
import { KEEP_WORD, outerArguments } from './pid-one.ts';
import { driverOf, type Driver } from './run-id.ts';
import { CELL_ENVIRONMENT } from './shell-text.ts';

const READY_DEADLINE_MILLISECONDS = 20_000;
const STOP_DEADLINE_MILLISECONDS = 60_000;

const spawnOuter = (args: readonly string[]) =>
  execa('sh', args, {
    env: CELL_ENVIRONMENT,
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
    cleanup: false,
    detached: true,
  });

/** The processes that hold a cell: outside, between, and its pid 1. */
export class CellProcess {
  readonly #outer: ReturnType<typeof spawnOuter>;
  readonly #root: Driver;

  private constructor(outer: ReturnType<typeof spawnOuter>, root: Driver) {
    this.#outer = outer;
    this.#root = root;
  }

  /** Resolves when the mount table stands. What fails before is a DEMO_FAILED with the words of the step that failed. */
  static async start(
    steps: readonly MountStep[],
    cgroupNamespace: 'host' | 'private',
    bases: readonly string[],
  ): Promise<CellProcess> {
    const outer = spawnOuter(outerArguments(steps, cgroupNamespace, bases));
    const deadline = setTimeout(() => outer.stdin.destroy(), READY_DEADLINE_MILLISECONDS);
    const lines = createInterface({ input: outer.stdout });
    let root: Driver | null = null;
    let ready = false;
    for await (const line of lines) {
      if (line.startsWith('root ')) root = driverOf(Number(line.slice('root '.length)));
      ready = line === 'ready';
      if (ready) break;
    }
    clearTimeout(deadline);
    if (ready && root !== null) return new CellProcess(outer, root);
    const { stderr } = await outer;
    const why = stderr.trim().split('\n').at(-1);
    throw new KnownFailure('DEMO_FAILED', `the cell did not start: ${why ?? 'no reason given'}`);
  }

  /** The cell's pid 1, as the machine numbers it. */
  get rootPid(): number {
    return this.#root.pid;
  }

  /** The cell stays when this process ends, until its pid 1 is killed. */
  keep(): void {
    this.#outer.stdin.end(`${KEEP_WORD}\n`);
    this.#outer.stdout.destroy();
    this.#outer.stderr.destroy();
    this.#outer.nodeChildProcess.unref();
  }

  /** Ends every process of the cell, and waits until its cgroups are removed. */
  async stop(): Promise<void> {
    if (driverOf(this.#root.pid)?.startTicks === this.#root.startTicks) kill(this.#root.pid);
    const deadline = setTimeout(() => this.#outer.kill('SIGKILL'), STOP_DEADLINE_MILLISECONDS);
    await this.#outer;
    clearTimeout(deadline);
  }
}
