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
import { makeCellPackage } from '../cell-package.ts';
import { packageBefore } from './agent.ts';
import { agentSection, measureAgents, measureMany } from './agent-section.ts';
import { createApps, inBenchCell } from './cell.ts';
import { commandsSection } from './commands-section.ts';
import { mountinfoSection } from './mountinfo-section.ts';
import { pluginSection } from './plugin-section.ts';
import { compileC } from './samples.ts';
import { scanCell, scanSection, type ScannedCell } from './scan-section.ts';
import { loadNow, machineFacts, resultText, type Section } from './section.ts';
import { startSection } from './start-section.ts';

const SIZES = [250, 1000, 5000];
const CONTAINERS = 250;
const KEPT = path.join(root, 'docs/appendix/benchmarks.md');

/** The sections that need no cell. */
const ALONE: Readonly<Record<string, (directory: string) => Promise<Section>>> = {
  start: startSection,
  plugin: pluginSection,
};

/** Reports the progress of the run on stderr, with the seconds since its start. */
const say = (what: string): void =>
  processIo.stderr(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`);

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
  say('the packages');
  const program = await compileC(directory);
  const before = await packageBefore();
  const now = path.join(directory, 'now');
  await makeCellPackage(now);
  const sections: Section[] = [];
  await inBenchCell(stop, 'containerd', (apps) =>
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
          for (const measure of Object.values(ALONE)) alone.push(await measure(directory));
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
      say(`the commands, and the agent with ${created} containers`);
      const [commands, many] = await Promise.all([
        commandsSection(apps, now),
        measureMany(plain, now),
      ]);
      sections.push(
        agentSection({ ...costs, many }),
        commands,
        mounts,
        scanSection(scanned),
        ...alone,
      );
    }),
  );
  return sections;
}

process.exitCode = await finish(() => untilInterrupted(runBench), processIo);
