// `npm run bench`: measures the agent, its commands and its reads in one run. Prints the result and
// stores it in docs/appendix/benchmarks.md. A missed goal is marked but is not a failure. With the
// name of a section it only prints that one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { whyNoCell } from '../demo-cell/cell/requirements.ts';
import { usageFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { makeCellPackage } from '../cell-package.ts';
import { packageBefore } from './agent.ts';
import { agentSection, measureAgents, measureMany } from './agent-section.ts';
import { createApps, inBenchCell } from './cell.ts';
import { mountinfoSection } from './mountinfo-section.ts';
import { pluginSection } from './plugin-section.ts';
import { compileC } from './samples.ts';
import { scanCell, scanSection, type ScannedCell } from './scan-section.ts';
import { BENCHMARKS, benchmarksPage, loadNow, resultText, type Section } from './section.ts';
import { startSection } from './start-section.ts';

/** Of more than 2,048 cgroups in a Garden directory, a pass reads only a part. */
const SIZES = [250, 1000, 2000];
const CONTAINERS = 250;
const LOAD = loadNow();

const say = (what: string): void =>
  processIo.stderr(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`);

type Measure = (directory: string, stop: AbortSignal) => Promise<string>;

/** By the argument: what is measured, and where it is written; the sections alone are only printed. */
const RUNS: Readonly<Record<string, readonly [Measure, kept?: string]>> = {
  '': [
    async (directory, stop) => benchmarksPage(await measureAll(directory, stop), LOAD),
    BENCHMARKS,
  ],
  start: [async (directory) => resultText([await startSection(directory)], LOAD)],
  plugin: [async (directory) => resultText([await pluginSection(directory)], LOAD)],
};

/** @returns 0; 130 if it was interrupted */
async function runBench(stop: AbortSignal): Promise<number> {
  const words = process.argv.slice(2).join(' ');
  const [measure, kept] = (Object.hasOwn(RUNS, words) ? RUNS[words] : undefined) ?? [];
  if (measure === undefined)
    throw usageFailure(`${words}: give one of ${Object.keys(RUNS).slice(1).join(', ')}, or none`);
  // A cell in a box can always see the checkout, but may cover the system's temporary folder.
  mkdirSync(stateFolder, { recursive: true });
  const directory = mkdtempSync(path.join(stateFolder, 'bench-'));
  try {
    const text = await measure(directory, stop);
    processIo.stdout(text);
    if (kept === undefined) return 0;
    writeFileSync(path.join(root, kept), text);
    say(`${kept} is written`);
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
  say('the package');
  const now = path.join(directory, 'now');
  await makeCellPackage(now);
  const before = await packageBefore();
  const program = await compileC(directory);
  return inBenchCell(stop, 'containerd', (apps) =>
    inBenchCell(stop, 'runc', async (plain) => {
      say(`two cells with ${CONTAINERS} containers`);
      const [handles] = await Promise.all([
        createApps(apps, CONTAINERS),
        plain.createMany(CONTAINERS),
      ]);
      say('the agents; meanwhile the start and the plugin');
      const alone: Section[] = [];
      const costs = await measureAgents(
        { apps, handles, plain },
        { before, now },
        async () => {
          for (const measure of [startSection, pluginSection]) alone.push(await measure(directory));
        },
        say,
      );
      say('a mount table of 5,000 lines');
      const mounts = await mountinfoSection(plain, program);
      const scanned: ScannedCell[] = [];
      let created = CONTAINERS;
      for (const containers of SIZES) {
        say(`a scan of ${containers} containers`);
        await plain.createMany(containers - created, `bench ${containers}`);
        created = containers;
        scanned.push(await scanCell(plain, program, containers));
      }
      say(`the agent with ${created} containers`);
      const many = await measureMany(plain, now);
      return [agentSection({ ...costs, many }), mounts, scanSection(scanned), ...alone];
    }),
  );
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
