// `npm run bench`: measures the reads, the agent and the start next to a C program, in one run.
// Prints the result and stores it in docs/appendix/benchmarks.md. A missed goal is marked but is not
// a failure. With the name of a section it only prints that one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { whyNoCell } from '../../src/demo-cell/cell/requirements.ts';
import { KnownFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { agentSection, buildPackage, measureAgents, type MeasuredPasses } from './agent-section.ts';
import { createApps, inBenchCell } from './cell.ts';
import { mountinfoSection } from './mountinfo-section.ts';
import { pluginSection } from './plugin-section.ts';
import { compileC } from './samples.ts';
import { scanCell, scanSection, type ScannedCell } from './scan-section.ts';
import { loadNow, machineFacts, resultText, type Section } from './section.ts';
import { soakSection } from './soak-section.ts';
import { startSection } from './start-section.ts';

const SIZES = [1, 250, 1000, 5000];
const CONTAINERS = 250;
const KEPT = path.join(root, 'docs/appendix/benchmarks.md');

/** The sections that need no cell. */
const ALONE: Readonly<Record<string, (directory: string) => Promise<Section>>> = {
  start: startSection,
  plugin: pluginSection,
};

/** Reports the progress of the run on stderr. */
const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

/** @returns 0; 130 if it was interrupted */
async function runBench(stop: AbortSignal): Promise<number> {
  const [name, ...more] = process.argv.slice(2);
  const alone = name !== undefined && Object.hasOwn(ALONE, name) ? ALONE[name] : undefined;
  if (name !== undefined && (alone === undefined || more.length > 0)) {
    const known = Object.keys(ALONE).join(', ');
    throw new KnownFailure('USAGE', `${[name, ...more].join(' ')}: give one of ${known}, or none`);
  }
  // A cell in a box can always see the checkout, but may cover the system's temporary folder.
  mkdirSync(stateFolder, { recursive: true });
  const directory = mkdtempSync(path.join(stateFolder, 'bench-'));
  const loadBefore = loadNow();
  try {
    const sections =
      alone === undefined ? await measureAll(directory, stop) : [await alone(directory)];
    const text = resultText(sections, machineFacts(loadBefore));
    processIo.stdout(text);
    if (alone === undefined) writeFileSync(KEPT, text);
    say(`${path.relative(root, KEPT)} is ${alone === undefined ? 'written' : 'unchanged'}`);
    return 0;
  } catch (error) {
    if (stop.aborted) return 130;
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function measureAll(directory: string, stop: AbortSignal): Promise<readonly Section[]> {
  const obstacle = whyNoCell();
  if (obstacle !== null) throw obstacle;
  const sections: Section[] = [];
  const program = await compileC(directory);
  await inBenchCell(stop, 'runc', async (cell) => {
    say('a mount table of 5,000 lines');
    sections.push(await mountinfoSection(cell, program));
    const scanned: ScannedCell[] = [];
    let created = 0;
    for (const containers of SIZES) {
      say(`a cell with ${containers} containers`);
      await cell.createMany(containers - created, `bench ${containers}`);
      created = containers;
      scanned.push(await scanCell(cell, program, containers));
    }
    sections.push(scanSection(scanned));
  });
  await buildPackage();
  const measured: MeasuredPasses[] = [];
  await inBenchCell(stop, 'containerd', async (cell) => {
    say(`the agent on a cell with ${CONTAINERS} app instances`);
    await createApps(cell, CONTAINERS);
    measured.push(await measureAgents(cell, `${CONTAINERS} × 6 processes`));
  });
  await inBenchCell(stop, 'runc', async (cell) => {
    say('the agent on a cell with one process per container');
    await cell.createMany(CONTAINERS);
    measured.push(await measureAgents(cell, `${CONTAINERS} × 1 process`));
    sections.push(agentSection(measured));
    say('2,000 passes in one process');
    sections.push(await soakSection(cell));
  });
  for (const [name, measure] of Object.entries(ALONE)) {
    stop.throwIfAborted();
    say(name);
    sections.push(await measure(directory));
  }
  return sections;
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
