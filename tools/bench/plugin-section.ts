import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { makePluginScript } from '../packaging/scripts.ts';
import { median } from './samples.ts';
import { goalOf, milliseconds, type Section } from './section.ts';

const MIN_READINGS = 3;
/** The duration of each request to Log Cache; longer than in reality. */
const DELAY_MILLISECONDS = 500;
/** The cells of a foundation, and the most milliseconds that a whole run may take. */
const FOUNDATIONS = [
  { cells: 250, most: 1000 },
  { cells: 1000, most: 3000 },
];
/** A program of the tests, which are not imported here. */
const STAND_IN = path.join(root, 'test/cf-plugin/standin/main.ts');
/** Prints, at the end of a program, its CPU time in microseconds and its memory in kB. */
const REPORT = `data:text/javascript,process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write(userCPUTime + systemCPUTime + ' ' + maxRSS);
});`;

/** The cf CLI plugin as a process, with stand-ins for cf, Cloud Controller and Log Cache. */
export async function pluginSection(directory: string): Promise<Section> {
  const { file } = await makePluginScript(path.join(directory, 'rollcall-cf-plugin'));
  const run = async (port: string) => {
    const args = ['--import', REPORT, file, port, 'rollcall-status', '--output', 'json'];
    const begun = performance.now();
    const options = { env: { CF_HOME: directory } };
    const { stdout, stderr } = await execa(process.execPath, args, options);
    if (!stdout.includes('"verdict": "all-tracked"')) throw new Error(stdout.slice(0, 1000));
    const [microseconds = NaN, kilobytes = NaN] = stderr.split(' ').map(Number);
    const wall = performance.now() - begun;
    return { wall, cpu: microseconds / 1000, megabytes: kilobytes / 1024 };
  };
  const measured = [];
  for (const { cells, most } of FOUNDATIONS) {
    const args = [STAND_IN, String(cells), String(DELAY_MILLISECONDS)];
    const standIn = execa(process.execPath, args, { stdin: 'pipe' });
    const lines = createInterface({ input: standIn.stdout })[Symbol.asyncIterator]();
    const port = String((await lines.next()).value);
    const runs: Awaited<ReturnType<typeof run>>[] = [];
    for (let round = 0; round < MIN_READINGS; round++) runs.push(await run(port));
    standIn.stdin.end();
    const [, requests = NaN, bytes = NaN] = (await standIn).stdout.split('\n').map(Number);
    const of = (what: 'wall' | 'cpu' | 'megabytes') => median(runs.map((one) => one[what]));
    measured.push({
      cells,
      most,
      of,
      requests: requests / MIN_READINGS,
      bytes: bytes / MIN_READINGS,
    });
  }
  return {
    title: 'The cf CLI plugin',
    columns: ['cells', 'requests', 'MB', 'wall, ms', 'CPU, ms', 'resident, MB'],
    rows: measured.map(({ cells, of, requests, bytes }) => [
      cells.toLocaleString('en'),
      String(requests),
      (bytes / 1e6).toFixed(1),
      milliseconds(of('wall')),
      milliseconds(of('cpu')),
      of('megabytes').toFixed(0),
    ]),
    goals: measured.map(({ cells, most, of }) =>
      goalOf(`cf rollcall-status, ${cells.toLocaleString('en')} cells`, of('wall'), [most, 'ms']),
    ),
  };
}
