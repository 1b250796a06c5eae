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
import { agentSection } from './agent-section.ts';
import { inBenchCell, leaveDead } from './cell.ts';
import { realMountinfo, syntheticMountinfo } from './mountinfo-section.ts';
import { compileC } from './samples.ts';
import { scanCell, scanSection, type ScannedCell } from './scan-section.ts';
import { isSkipped, machineFacts, resultText, type Section, type Skipped } from './section.ts';
import { soakSection } from './soak-section.ts';
import { startSection } from './start-section.ts';

const SIZES = [1, 250, 1000, 5000];
const DEAD = 20_000;
const BESIDE_DEAD = 250;
const AGENT_CONTAINERS = 250;

const KEPT = path.join(root, 'docs/benchmarks.md');

interface BenchTools {
  /** The compiled C program; null where there is none. */
  readonly program: string | null;
  readonly directory: string;
  readonly stop: AbortSignal;
}

/** What happens now, for people. */
const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

/** @returns 0; 130 when it was interrupted */
async function runBench(stop: AbortSignal): Promise<number> {
  typedOptions({});
  const directory = makeDirectory();
  try {
    await bench({ program: await compileC(directory), directory, stop });
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

/** All that needs a cell, in one cell that grows, and one with dead directories. */
async function liveSections(tools: BenchTools): Promise<readonly (Section | Skipped)[]> {
  const obstacle = whyNoCell();
  if (obstacle !== null) return [{ title: 'Mounts, scans and the agent', why: obstacle.message }];
  const { program } = tools;
  const parts: (Section | Skipped)[] = [];
  const scanned: ScannedCell[] = [];
  let agent: Section | Skipped = { title: 'The agent', why: 'it was not reached' };
  await inBenchCell(tools.stop, async (cell) => {
    say('a mount table of 5,000 lines');
    parts.push(await realMountinfo(cell, program));
    let created = 0;
    for (const containers of SIZES) {
      say(`a cell with ${containers} containers`);
      await cell.createMany(containers - created, `bench ${containers}`);
      created = containers;
      const size = { containers, dead: 0 };
      scanned.push(await scanCell(cell, program, size));
    }
  });
  await inBenchCell(tools.stop, async (cell) => {
    say(`the agent on a cell with ${AGENT_CONTAINERS} containers`);
    await cell.createMany(AGENT_CONTAINERS);
    agent = await agentSection(cell, AGENT_CONTAINERS);
    say('a soak of 2,000 looks');
    parts.push(await soakSection(cell));
  });
  await inBenchCell(tools.stop, async (cell) => {
    say(`a cell with ${BESIDE_DEAD} containers and ${DEAD} dead directories`);
    const size = { containers: BESIDE_DEAD, dead: DEAD };
    await cell.createMany(BESIDE_DEAD);
    leaveDead(cell, DEAD);
    scanned.push(await scanCell(cell, program, size));
  });
  return [...parts, scanSection(scanned), agent];
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
