// `npm run bench`: measures the reads, the agent and the start next to a C program, in one run.
// Prints the result and stores it in docs/benchmarks.md. A missed goal is marked but is not a
// failure. With the name of a section it measures only that one and leaves the others unchanged.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { KnownFailure } from '../../src/model/failure.ts';
import { agentSection, buildPackage, measureAgents, type MeasuredPasses } from './agent-section.ts';
import { createApps, inBenchCell, leaveDead } from './cell.ts';
import { realMountinfo, syntheticMountinfo } from './mountinfo-section.ts';
import { compileC } from './samples.ts';
import { scanCell, scanSection, type ScannedCell } from './scan-section.ts';
import {
  isSkipped,
  loadNow,
  machineFacts,
  resultText,
  withSection,
  type Section,
  type Skipped,
} from './section.ts';
import { soakSection } from './soak-section.ts';
import { pluginSection } from './plugin-section.ts';
import { sensorFileSection } from './sensor-file-section.ts';
import { startSection } from './start-section.ts';
import { sweepSection } from './sweep-section.ts';
import { whyNoCell } from '../../src/demo-cell/cell/requirements.ts';

const SIZES = [1, 250, 1000, 5000];
const DEAD = 20_000;
const CONTAINERS = 250;

/** The sections that need no cell and can be measured alone. */
const ALONE: Readonly<Record<string, (directory: string) => Promise<Section>>> = {
  'sensor-files': sensorFileSection,
  start: startSection,
  plugin: pluginSection,
};

const KEPT = path.join(root, 'docs/benchmarks.md');

interface BenchTools {
  /** The compiled C program; null if there is none. */
  readonly program: string | null;
  readonly directory: string;
  readonly stop: AbortSignal;
}

/** Reports the progress of the run on stderr. */
const say = (what: string): void => processIo.stderr(`rollcall: ${what}\n`);

/** @returns 0; 130 if it was interrupted */
async function runBench(stop: AbortSignal): Promise<number> {
  const measureOne = sectionAsked(process.argv.slice(2));
  const directory = makeDirectory();
  try {
    if (measureOne !== null) await benchOne(measureOne, directory);
    else await bench({ program: await compileC(directory), directory, stop });
    return 0;
  } catch (error) {
    if (stop.aborted) return 130;
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** @throws KnownFailure USAGE */
function sectionAsked(args: readonly string[]) {
  const [name, ...more] = args;
  if (name === undefined) return null;
  const section = Object.hasOwn(ALONE, name) ? ALONE[name] : undefined;
  if (section !== undefined && more.length === 0) return section;
  const known = Object.keys(ALONE).join(', ');
  throw new KnownFailure('USAGE', `${args.join(' ')}: give one of ${known}, or nothing for all`);
}

async function benchOne(
  measure: (directory: string) => Promise<Section>,
  directory: string,
): Promise<void> {
  const loadBefore = loadNow();
  const section = await measure(directory);
  const machine = machineFacts(loadBefore);
  processIo.stdout(resultText([section], machine));
  writeFileSync(KEPT, withSection(readFileSync(KEPT, 'utf8'), section, machine));
  say(`written to ${path.relative(root, KEPT)}; the other sections are unchanged`);
}

/** A cell in a box can always see the checkout, but may cover the system's temporary folder. */
function makeDirectory(): string {
  if (whyNoCell() !== null) return mkdtempSync(path.join(os.tmpdir(), 'rollcall-bench-'));
  mkdirSync(stateFolder, { recursive: true });
  return mkdtempSync(path.join(stateFolder, 'bench-'));
}

async function bench(tools: BenchTools): Promise<void> {
  const loadBefore = loadNow();
  const live = await liveSections(tools);
  tools.stop.throwIfAborted();
  say('the parser, event files, the start of the command and the cf CLI plugin');
  const parts = [
    ...live,
    syntheticMountinfo(tools.directory, tools.program),
    await sensorFileSection(tools.directory),
    await startSection(tools.directory),
    await pluginSection(tools.directory),
  ];
  const text = resultText(parts, machineFacts(loadBefore));
  processIo.stdout(text);
  const isWhole = tools.program !== null && !live.some(isSkipped);
  if (isWhole) writeFileSync(KEPT, text);
  say(
    isWhole
      ? `written to ${path.relative(root, KEPT)}`
      : `${path.relative(root, KEPT)} is unchanged, because not everything was measured`,
  );
}

/**
 * All sections that need a cell: one that grows, one filled as by Diego, one with one process per
 * container, and one with dead directories.
 */
async function liveSections(tools: BenchTools): Promise<readonly (Section | Skipped)[]> {
  const obstacle = whyNoCell();
  if (obstacle !== null) return [{ title: 'Mounts, scans and the agent', why: obstacle.message }];
  const { program, stop } = tools;
  const parts: (Section | Skipped)[] = [];
  const scanned: ScannedCell[] = [];
  // runc keeps a container's processes in the directory with its name, so the flat read of C reads
  // the same files as the scan.
  await inBenchCell(stop, 'runc', async (cell) => {
    say('a mount table of 5,000 lines');
    parts.push(await realMountinfo(cell, program));
    let created = 0;
    for (const containers of SIZES) {
      say(`a cell with ${containers} containers`);
      await cell.createMany(containers - created, `bench ${containers}`);
      created = containers;
      scanned.push(await scanCell(cell, program, { containers, dead: 0 }));
    }
  });
  await inBenchCell(stop, 'runc', async (cell) => {
    say(`a cell with ${CONTAINERS} containers and ${DEAD} dead directories`);
    await cell.createMany(CONTAINERS);
    leaveDead(cell, DEAD);
    scanned.push(await scanCell(cell, program, { containers: CONTAINERS, dead: DEAD }));
  });
  return [...parts, scanSection(scanned), ...(await agentSections(stop))];
}

/**
 * The agent on a cell filled as by Diego, and for comparison on one with fewer containers; then the
 * soak.
 */
async function agentSections(stop: AbortSignal): Promise<readonly (Section | Skipped)[]> {
  const obstacle = await buildPackage();
  if (obstacle !== null)
    return [{ title: 'The agent', why: `the package could not be built: ${obstacle}` }];
  const soak: Section[] = [];
  const sweep: Section[] = [];
  const measured: MeasuredPasses[] = [];
  await inBenchCell(stop, 'containerd', async (cell) => {
    say(`a cell with ${CONTAINERS} app instances`);
    await createApps(cell, CONTAINERS);
    say('its sweep');
    sweep.push(await sweepSection(cell, `${CONTAINERS} × 6 processes`));
    say('the agent on that cell');
    measured.push(...(await measureAgents(cell, `${CONTAINERS} × 6 processes`)));
  });
  await inBenchCell(stop, 'runc', async (cell) => {
    say('the agent on a cell with one process per container');
    await cell.createMany(CONTAINERS);
    measured.push(...(await measureAgents(cell, `${CONTAINERS} × 1 process`)));
    say('2,000 passes in one process');
    soak.push(await soakSection(cell));
  });
  return [...sweep, agentSection(measured), ...soak];
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
