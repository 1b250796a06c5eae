import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import * as v from 'valibot';
import { root } from '../bootstrap/place.mjs';
import { makePluginScript } from '../packaging/scripts.ts';
import { timingOf } from './samples.ts';
import { goalOf, timingText, type Goal, type Section } from './section.ts';

const ROUNDS = 3;
/** The duration of each request to Log Cache in the second column; longer than in reality. */
const DELAY_MILLISECONDS = 500;
const CELLS = [250, 1000];
/** The most time that a whole run may take with such slow requests. */
const MAX_MILLISECONDS: Readonly<Record<number, number>> = { 250: 1000, 1000: 3000 };

const OTHER_WORK = 'it is wall time, and the machine had other work';

/** A program of the tests, which are not imported here. */
const STAND_IN = path.join(root, 'test/cf-plugin/standin/main.ts');

const usage = v.object({ cpuMilliseconds: v.number(), megabytes: v.number() });

/** The cf CLI plugin as a process, with stand-ins for cf, Cloud Controller and Log Cache. */
export async function pluginSection(directory: string): Promise<Section> {
  const { file } = await makePluginScript(path.join(directory, 'rollcall-cf-plugin'));
  const report = path.join(directory, 'usage.json');
  const preload = path.join(directory, 'usage.mjs');
  writeFileSync(
    preload,
    `import { writeFileSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const { maxRSS } = process.resourceUsage();
  const used = { cpuMilliseconds: (user + system) / 1000, megabytes: maxRSS / 1024 };
  writeFileSync(${JSON.stringify(report)}, JSON.stringify(used));
});
`,
  );
  const run = async (port: string): Promise<number> => {
    const args = ['--import', preload, file, port, 'rollcall-status', '--output', 'json'];
    const begun = performance.now();
    const { stdout } = await execa(process.execPath, args, { env: { CF_HOME: directory } });
    if (!stdout.includes('"verdict": "all-tracked"')) throw new Error(stdout.slice(0, 1000));
    return performance.now() - begun;
  };
  const goals: Goal[] = [];
  const rows: string[][] = [];
  for (const cells of CELLS) {
    const walls: number[] = [];
    const slow: number[] = [];
    const used: v.InferOutput<typeof usage>[] = [];
    let counts: readonly number[] = [];
    for (const delay of [0, DELAY_MILLISECONDS]) {
      counts = await withFoundation(cells, delay, async (port) => {
        for (let round = 0; round < ROUNDS; round++) {
          (delay === 0 ? walls : slow).push(await run(port));
          used.push(v.parse(usage, JSON.parse(readFileSync(report, 'utf8'))));
        }
      });
    }
    const [requests = 0, bytes = 0] = counts.map((count) => count / ROUNDS);
    const max = MAX_MILLISECONDS[cells];
    const slowly = `cf rollcall-status, ${cells} cells, each request takes 0.5 s`;
    if (max !== undefined)
      goals.push(goalOf(slowly, timingOf(slow).median, [max, 'ms'], OTHER_WORK));
    rows.push([
      String(cells),
      String(requests),
      (bytes / 1e6).toFixed(1),
      timingText(timingOf(walls)),
      timingText(timingOf(slow)),
      timingText(timingOf(used.map(({ cpuMilliseconds }) => cpuMilliseconds))),
      timingOf(used.map(({ megabytes }) => megabytes)).median.toFixed(0),
    ]);
  }
  return {
    title: 'The cf CLI plugin',
    columns: ['cells', 'requests', 'MB', 'wall', 'wall at 0.5 s', 'CPU', 'resident, MB'],
    rows,
    goals,
  };
}

/**
 * Provides a foundation of so many healthy cells while `use` runs.
 * @param use gets the port of its cf
 * @returns how many requests came, and how many bytes were sent
 */
async function withFoundation(
  cells: number,
  delayMilliseconds: number,
  use: (port: string) => Promise<void>,
): Promise<readonly number[]> {
  const args = [STAND_IN, String(cells), String(delayMilliseconds)];
  const standIn = execa(process.execPath, args, { stdin: 'pipe' });
  const lines = createInterface({ input: standIn.stdout })[Symbol.asyncIterator]();
  try {
    await use((await lines.next()).value ?? '');
  } finally {
    standIn.stdin.end();
  }
  const { stdout } = await standIn;
  return stdout.split('\n').slice(1).map(Number);
}
