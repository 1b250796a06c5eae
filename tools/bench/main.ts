// `npm run bench`: measures the agent, its commands and its reads in one run, and stores the result in
// docs/appendix/benchmarks.md. A missed goal is marked but is not a failure. With `--only SECTION`, or
// with `--beside FOLDER`, it only prints the result.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Cell } from '../demo-cell/cell/cell.ts';
import { whyNoCell } from '../demo-cell/cell/requirements.ts';
import { inParallel } from '../demo-cell/in-parallel.ts';
import { usageFailure } from '../../src/model/failure.ts';
import { finish } from '../../src/terminal/failing.ts';
import { processIo, untilInterrupted } from '../../src/terminal/io.ts';
import { typedOptions } from '../../src/terminal/options.ts';
import { root, stateFolder } from '../bootstrap/place.mjs';
import { fillCellPackage, makeCellPackage } from '../cell-package.ts';
import { agentSection, measureAgents, type Packages } from './agent-section.ts';
import { createApps, startBenchCell } from './cell.ts';
import { pluginSection } from './plugin-section.ts';
import { measureRead, readsSection, type Read } from './reads-section.ts';
import { compileFloor } from './samples.ts';
import { BENCHMARKS, benchmarksPage, loadNow, resultText, type Section } from './section.ts';
import { startSection } from './start-section.ts';
import { tenantsSection } from './tenants-section.ts';

const CONTAINERS = 250;
/** A pass reads only a part of a Garden directory with more than 2,048 cgroups. */
const MANY_CONTAINERS = 2000;
const LOAD = loadNow();

const say = (what: string): void =>
  processIo.stderr(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`);

/** @returns 0; 130 if it was interrupted */
async function runBench(stop: AbortSignal): Promise<number> {
  const { only, beside } = typedOptions({ only: { type: 'string' }, beside: { type: 'string' } });
  // A cell in a box can always see the checkout, but may cover the system's temporary folder.
  mkdirSync(stateFolder, { recursive: true });
  const directory = mkdtempSync(path.join(stateFolder, 'bench-'));
  try {
    const sections = await measure(directory, { only, beside, stop });
    processIo.stdout(resultText(sections, LOAD));
    if (only !== undefined || beside !== undefined) return 0;
    writeFileSync(path.join(root, BENCHMARKS), benchmarksPage(sections, LOAD));
    say(`${BENCHMARKS} is written`);
    return 0;
  } catch (error) {
    if (stop.aborted) return 130;
    throw error;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Options {
  readonly only: string | undefined;
  readonly beside: string | undefined;
  readonly stop: AbortSignal;
}

async function measure(
  directory: string,
  { only, beside, stop }: Options,
): Promise<readonly Section[]> {
  const obstacle = only === undefined ? whyNoCell() : null;
  if (obstacle !== null) throw obstacle;
  const at = (side: string): string => path.join(directory, side);
  if (beside !== undefined && !existsSync(path.join(beside, 'keep-code.cjs')))
    throw usageFailure(`--beside ${beside}: give the content of src/dist/rollcall`);
  say('the package');
  await makeCellPackage(at('rollcall'));
  const packages: Record<string, string> = { rollcall: at('rollcall') };
  if (beside !== undefined) {
    await fillCellPackage(at('beside'), beside);
    packages['beside'] = at('beside');
  }
  if (only === 'start') return [await startSection(directory, packages)];
  if (only === 'plugin') return [await pluginSection(directory)];
  if (only === 'tenants') return [await measureTenants(directory, packages, stop)];
  if (only !== undefined) throw usageFailure(`--only ${only}: give start, plugin or tenants`);
  const cells = await Promise.all([startBenchCell(stop), startBenchCell(stop)]);
  try {
    return await measureOn(cells, directory, packages);
  } finally {
    await Promise.all(cells.map((cell) => cell.stop()));
  }
}

async function measureTenants(
  directory: string,
  packages: Packages,
  stop: AbortSignal,
): Promise<Section> {
  const cell = await startBenchCell(stop);
  try {
    const [handle = ''] = await createApps(cell, CONTAINERS);
    const floor = await compileFloor(directory);
    return await tenantsSection({ cell, packages, floor, directory, handle, say });
  } finally {
    await cell.stop();
  }
}

async function measureOn(
  [quiet, changing]: readonly [Cell, Cell],
  directory: string,
  packages: Packages,
): Promise<readonly Section[]> {
  const floor = await compileFloor(directory);
  const alone: Section[] = [];
  const reads: Read[] = [];
  const read = async (...jobs: Parameters<typeof measureRead>[2][]): Promise<void> => {
    for (const job of jobs) reads.push(await measureRead(changing, floor, job));
  };
  const rows = await measureAgents(
    { quiet, changing, containers: CONTAINERS, packages, floor, say },
    async () => {
      say('meanwhile, the start and the plugin');
      alone.push(await startSection(directory, packages), await pluginSection(directory));
    },
    async (handles) => {
      const [tenant = ''] = handles;
      alone.push(
        await tenantsSection({ cell: changing, packages, floor, directory, handle: tenant, say }),
      );
      say('the mount table, and walks');
      await read('table', 'walk');
      await inParallel(handles, 8, (handle) => changing.destroy(handle));
      await changing.createMany(MANY_CONTAINERS);
      await read('walk');
    },
  );
  const sides = ['C', ...Object.keys(packages).slice(1)];
  return [agentSection(rows, sides), readsSection(reads), ...alone];
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
