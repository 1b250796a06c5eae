import { readFileSync } from 'node:fs';
import process from 'node:process';
import Mocha from 'mocha';
import settings from '../.mocharc.json' with { type: 'json' };
import type { Order, TestFile, TestOutcome, WorkerMessage } from '../tools/checks/test-workers.ts';
import { mochaHooks } from './at-end-of-test.ts';
import { skipReason } from './skip.ts';

// Runs what tools/checks/test-workers.ts sends, one after the other, and sends the results back.

/** Shorter than tools/checks/mocha-step.ts waits for the end of this process. */
const SAID_AFTER = 10_000;

const BROKEN: TestOutcome = { passed: 0, failed: 1, skipped: [] };

let isLast = false;
process.on('message', (message) => {
  const { run: file } = message as Order;
  if (file === null) end();
  else void run(file);
});
process.on('disconnect', () => {
  // Whoever wanted to know is gone.
  if (!isLast) process.kill(process.pid, 'SIGTERM');
});

/** Without the channel nothing keeps this process alive but what a test has left open. */
function end(): void {
  isLast = true;
  process.disconnect();
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`the tests left open: ${open}\n`);
  }, SAID_AFTER).unref();
}

/** CPU time of this process and of the children that it has waited for. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  let children = 0;
  try {
    const afterName = readFileSync('/proc/self/stat', 'latin1').split(') ').at(-1) ?? '';
    // Hundredths of a second; the fields cutime and cstime of proc(5).
    const [utime = 0, stime = 0] = afterName.split(' ').slice(13, 15).map(Number);
    children = (utime + stime) * 10;
  } catch {
    // not Linux
  }
  return (user + system) / 1000 + children;
}

async function run({ file, story }: TestFile): Promise<void> {
  const cpuBefore = cpuMilliseconds();
  // The base of all reporters, which prints nothing.
  const reporter = Mocha.reporters.Base;
  const { timeout } = settings;
  const mocha = new Mocha({ timeout, forbidOnly: true, reporter, rootHooks: mochaHooks });
  mocha.addFile(file);
  if (story !== null) mocha.grep(new RegExp(story));
  let outcome = BROKEN;
  try {
    await mocha.loadFilesAsync();
    outcome = await new Promise<TestOutcome>((resolve) => {
      const runner = mocha.run(() => resolve(count()));
      // The first test begins in a later turn of the event loop.
      const count = counting(runner);
      runner.on('test', (test) => {
        send({ kind: 'begins', title: test.fullTitle() });
      });
    });
    if (story !== null && outcome.passed + outcome.failed + outcome.skipped.length === 0)
      throw new Error(`no title matches ${story}`);
  } catch (error) {
    // The file itself is wrong: its syntax, an import, a test.only that is forbidden.
    outcome = BROKEN;
    process.stdout.write(`${file}: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  // It listens for errors of the process, which are the next file's from now on.
  mocha.dispose();
  send({ kind: 'ended', outcome, cpuMilliseconds: cpuMilliseconds() - cpuBefore });
}

function counting(runner: Mocha.Runner): () => TestOutcome {
  const failures: Mocha.Test[] = [];
  const skipped: { title: string; reason: string }[] = [];
  let passed = 0;
  let unexplained = 0;
  runner.on('pass', () => (passed += 1));
  runner.on('pending', (test) => {
    const reason = skipReason(test);
    if (reason === null) unexplained += 1;
    skipped.push({ title: test.fullTitle(), reason: reason ?? 'no reason given, which fails' });
  });
  runner.on('fail', (test, error: Error) => {
    // Where the list looks for what to print.
    test.err = error;
    failures.push(test);
  });
  return () => {
    if (failures.length > 0) Mocha.reporters.Base.list(failures);
    return { passed, failed: failures.length + unexplained, skipped };
  };
}

function send(message: WorkerMessage): void {
  process.send?.(message);
}
