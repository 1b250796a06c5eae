import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { root } from '../bootstrap/place.mjs';
import type { Progress } from './run-steps.ts';

/** Tests start the program hundreds of times, and compiling it takes most of such a start. */
const COMPILED = path.join(root, 'node_modules/.cache/node');

/** The time that a stopped worker gets to clean up. */
const STOP_MILLISECONDS = 5000;

export interface TestFile {
  readonly file: string;
  /** A pattern for the full titles of the tests that run; null: all of them. */
  readonly story: string | null;
}

/** Test files that run `jobs` at a time, each in its own process. */
export type Batch = { readonly files: readonly TestFile[]; readonly jobs: number };

export interface TestRun {
  /** Each begins when the one before has ended. */
  readonly batches: readonly Batch[];
  /** Of the workers, besides the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborted when the user interrupts the run. */
  readonly stop: AbortSignal;
  readonly limits: Limits;
  readonly say: (progress: Progress) => void;
}

/** A worker that exceeds a limit is killed and has failed. */
export interface Limits {
  /** The time without a test that starts or a file that ends; longer than any test may take. */
  readonly silentMilliseconds: number;
  /** The time from the last test to the end of the process. */
  readonly endMilliseconds: number;
}

interface RanFile {
  readonly file: string;
  readonly milliseconds: number;
  /** CPU time of the worker, and of the processes that it started and that have ended. */
  readonly cpuMilliseconds: number;
  readonly outcome: TestOutcome;
}

export interface RanTests {
  readonly files: readonly RanFile[];
  /** Failures outside of tests, one line each. */
  readonly broken: readonly string[];
  readonly output: string;
}

/**
 * Runs test files; each worker takes the next file when it has finished one. The run always ends,
 * whatever a test does: a worker that exits early is replaced, and one that stays silent, or keeps
 * running after its last test, is killed with its process group.
 */
export async function runTestFiles(run: TestRun): Promise<RanTests> {
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-tests-'));
  const total = run.batches.reduce((sum, { files }) => sum + files.length, 0);
  const queue: TestFile[] = [];
  const ran: RanFile[] = [];
  const broken: string[] = [];
  const logs: string[] = [];
  const tests = { begun: 0 };

  async function work(): Promise<void> {
    while (queue.length > 0 && !run.stop.aborted) {
      const log = path.join(folder, `${logs.length}.log`);
      logs.push(log);
      const failure = await runWorker(log);
      if (failure !== null && !run.stop.aborted) broken.push(failure);
    }
  }

  /** Null: it ended normally. */
  function runWorker(log: string): Promise<string | null> {
    const output = openSync(log, 'w');
    const child = spawn(process.execPath, ['test/worker.ts'], {
      cwd: root,
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...run.env },
      // Not a pipe: a process that outlives the worker would keep it open.
      stdio: ['ignore', output, output, 'ipc'],
      // It leads a process group, so that its children can be killed with it.
      detached: true,
    });
    closeSync(output);
    let current: TestFile | null = null;
    let began = performance.now();
    let lastTest = 'before its first test';
    let failure: string | null = null;
    const kill = (signal: NodeJS.Signals): void => killGroup(child.pid, signal);
    let timer: NodeJS.Timeout | undefined;
    const killAfter = (milliseconds: number, why: () => string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        failure = `${why()}; killed\n${processesOf(child.pid)}`;
        kill('SIGKILL');
      }, milliseconds);
    };
    const onStop = (): void => {
      kill('SIGTERM');
      killAfter(STOP_MILLISECONDS, () => 'did not stop');
    };
    const stillSilent = (): void => {
      const { silentMilliseconds } = run.limits;
      const seconds = silentMilliseconds / 1000;
      killAfter(silentMilliseconds, () => `${current?.file}: silent for ${seconds} s ${lastTest}`);
    };
    const give = (): void => {
      current = queue.shift() ?? null;
      began = performance.now();
      lastTest = 'before its first test';
      child.send({ run: current } satisfies Order);
      if (current === null) {
        const { endMilliseconds } = run.limits;
        const why = `still running ${endMilliseconds / 1000} s after the last test: something is left open`;
        killAfter(endMilliseconds, () => why);
      } else {
        run.say({ done: ran.length, total, tests: tests.begun, file: current.file });
        stillSilent();
      }
    };
    child.on('message', (message) => {
      const parsed = v.parse(WorkerMessage, message);
      if (parsed.kind === 'begins') {
        tests.begun += 1;
        lastTest = `in ${JSON.stringify(parsed.title)}`;
        stillSilent();
      } else {
        const milliseconds = performance.now() - began;
        const { outcome, cpuMilliseconds } = parsed;
        ran.push({ file: current?.file ?? '', milliseconds, cpuMilliseconds, outcome });
        give();
      }
    });
    run.stop.addEventListener('abort', onStop);
    give();
    return new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        run.stop.removeEventListener('abort', onStop);
        // A test may have left a process behind.
        kill('SIGKILL');
        const ended = signal === null ? `exit code ${code}` : signal;
        if (failure !== null) resolve(failure);
        else if (current !== null) resolve(`${current.file}: ended ${lastTest} (${ended})`);
        else resolve(code === 0 ? null : `failed after its last test (${ended})`);
      });
    });
  }

  try {
    for (const { files, jobs } of run.batches) {
      queue.push(...files);
      await Promise.all(Array.from({ length: Math.min(jobs, files.length) }, work));
    }
    const output = logs.map((log) => readFileSync(log, 'utf8')).join('');
    return { files: ran, broken, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a worker and its children wait for. */
function processesOf(session: number | undefined): string {
  const columns = 'pid,stat,wchan:24,etime,args';
  const args = ['-ww', '-o', columns, '-s', String(session)];
  return spawnSync('ps', args, { encoding: 'utf8', timeout: STOP_MILLISECONDS }).stdout ?? '';
}

function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (leader !== undefined) process.kill(-leader, signal);
  } catch {
    // nothing is left of it
  }
}

const TestOutcome = v.object({
  passed: v.number(),
  failed: v.number(),
  skipped: v.array(v.object({ title: v.string(), reason: v.string() })),
});
export type TestOutcome = Readonly<v.InferOutput<typeof TestOutcome>>;

/** From a worker: a test starts, or the file has ended. Parsed: a damaged result must not count as an empty one. */
const WorkerMessage = v.variant('kind', [
  v.object({ kind: v.literal('begins'), title: v.string() }),
  v.object({ kind: v.literal('ended'), outcome: TestOutcome, cpuMilliseconds: v.number() }),
]);
export type WorkerMessage = Readonly<v.InferOutput<typeof WorkerMessage>>;

/** To a worker: what to run, or null to exit. */
export type Order = { readonly run: TestFile | null };
