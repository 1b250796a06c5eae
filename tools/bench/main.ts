// `npm run bench`: what the reads, the agent and the start cost, beside a C program, in one run. Prints the result and keeps it in
// docs/benchmarks.md. A missed goal is marked and no failure.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { untilInterrupted } from '../../src/terminal/interrupt.ts';
import { processIo } from '../../src/terminal/io.ts';
import { whyNoCell } from '../../src/demo-cell/requirements.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { typedOptions } from '../../src/terminal/options.ts';
import { compileC } from './c-program.ts';
import { liveSections, type BenchTools } from './live-sections.ts';
import { machineFacts } from './machine.ts';
import { resultText } from './markdown.ts';
import { syntheticMountinfo } from './mountinfo-section.ts';
import { isSkipped } from './section.ts';
import { startSection } from './start-section.ts';

const KEPT = path.join(root, 'docs/benchmarks.md');

const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

/** @returns 0; 130 when it was interrupted */
async function runBench(stop: AbortSignal): Promise<number> {
  typedOptions({});
  const directory = makeDirectory();
  try {
    await bench({ program: await compileC(directory), directory, stop, say });
    return 0;
  } catch (error) {
    if (stop.aborted) return 130;
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A cell in a box always shows the checkout, but may cover what the system calls its temporary folder. */
function makeDirectory(): string {
  if (whyNoCell() !== null) return mkdtempSync(path.join(os.tmpdir(), 'rollcall-bench-'));
  mkdirSync(stateFolder, { recursive: true });
  return mkdtempSync(path.join(stateFolder, 'bench-'));
}

async function bench(tools: BenchTools): Promise<void> {
  const live = await liveSections(tools);
  tools.stop.throwIfAborted();
  say('the parser and the start of the command');
  const parts = [
    ...live,
    syntheticMountinfo(tools.directory, tools.program),
    await startSection(tools.directory),
  ];
  const text = resultText(parts, machineFacts());
  processIo.stdout(text);
  const isWhole = tools.program !== null && !live.every(isSkipped);
  if (isWhole) writeFileSync(KEPT, text);
  say(
    isWhole
      ? `kept in ${path.relative(root, KEPT)}`
      : `${path.relative(root, KEPT)} stays as it was, because not everything was measured`,
  );
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
