// `npm run bench`: what the reads, the decision and the start cost, beside a C program, in one run. Prints the result and keeps it in
// docs/benchmarks.md. A missed goal is marked and no failure.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { whyNoCell } from '../../demo-cell/requirements.ts';
import { KnownFailure } from '../../model/failure.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { compileC } from './c-program.ts';
import { decideSection } from './decide-section.ts';
import { liveSections, type BenchTools } from './live-sections.ts';
import { machineFacts } from './machine.ts';
import { resultText } from './markdown.ts';
import { syntheticMountinfo } from './mountinfo-section.ts';
import { isSkipped } from './section.ts';
import { startSection } from './start-section.ts';

const KEPT = path.join(root, 'docs/benchmarks.md');

const stop = new AbortController();
let stoppedBy: NodeJS.Signals | null = null;
// A second one changes nothing: Ctrl-C may reach us from the terminal and from npm.
const onSignal = (signal: NodeJS.Signals): void => {
  stoppedBy ??= signal;
  stop.abort();
};
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
for (const signal of signals) process.on(signal, onSignal);
// `npm run bench | head`: the rest is still measured and kept.
process.stdout.on('error', () => undefined);

const say = (what: string): void => void process.stderr.write(`rollcall: ${what}\n`);

const directory = makeDirectory();
try {
  await bench({ program: await compileC(directory), directory, stop: stop.signal, say });
} catch (error) {
  if (!stop.signal.aborted) {
    say(error instanceof KnownFailure ? error.message : String(error));
    process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true });
}
for (const signal of signals) process.off(signal, onSignal);
// Now this ends us the way the sender meant.
if (stoppedBy !== null) process.kill(process.pid, stoppedBy);

/** A cell in a box always shows the checkout, but may cover what the system calls its temporary folder. */
function makeDirectory(): string {
  if (whyNoCell() !== null) return mkdtempSync(path.join(os.tmpdir(), 'rollcall-bench-'));
  mkdirSync(stateFolder, { recursive: true });
  return mkdtempSync(path.join(stateFolder, 'bench-'));
}

async function bench(tools: BenchTools): Promise<void> {
  const live = await liveSections(tools);
  tools.stop.throwIfAborted();
  say('the decision, the parser and the start of the command');
  const parts = [
    ...live,
    decideSection(),
    syntheticMountinfo(tools.directory, tools.program),
    await startSection(tools.directory),
  ];
  const text = resultText(parts, machineFacts());
  process.stdout.write(text);
  const isWhole = tools.program !== null && !live.every(isSkipped);
  if (isWhole) writeFileSync(KEPT, text);
  say(
    isWhole
      ? `kept in ${path.relative(root, KEPT)}`
      : `${path.relative(root, KEPT)} stays as it was, because not everything was measured`,
  );
}
