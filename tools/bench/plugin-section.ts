import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { startLoggedInCf } from '../../test/cf-plugin/cf/stand-in-cf.ts';
import { seriesOf, spreadFleet } from '../../test/cf-plugin/standin/fleet.ts';
import { startStandIn } from '../../test/cf-plugin/standin/foundation.ts';
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
  const run = async (port: number): Promise<number> => {
    const args = ['--import', preload, file, String(port), 'rollcall-status', '--output', 'json'];
    const begun = performance.now();
    const { stdout } = await execa(process.execPath, args);
    if (!stdout.includes('"verdict": "all-tracked"')) throw new Error(stdout.slice(0, 1000));
    return performance.now() - begun;
  };
  const goals: Goal[] = [];
  const rows: string[][] = [];
  for (const cells of CELLS) {
    const series = spreadFleet(cells).flatMap(seriesOf);
    const walls: number[] = [];
    const slow: number[] = [];
    const used: v.InferOutput<typeof usage>[] = [];
    let requests = 0;
    let bytes = 0;
    for (const delayMilliseconds of [0, DELAY_MILLISECONDS]) {
      const standIn = await startStandIn({ series, delayMilliseconds });
      const cf = await startLoggedInCf(standIn.origin);
      try {
        for (let round = 0; round < ROUNDS; round++) {
          (delayMilliseconds === 0 ? walls : slow).push(await run(cf.port));
          used.push(v.parse(usage, JSON.parse(readFileSync(report, 'utf8'))));
        }
        requests = standIn.requests.length / ROUNDS;
        bytes = standIn.sentBytes() / ROUNDS;
      } finally {
        await cf.close();
        await standIn.close();
      }
    }
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
