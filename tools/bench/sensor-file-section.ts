import path from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { AGENT_FLAGS } from '../cell-package.ts';
import { bundleFor } from '../bundle.ts';
import { timingOf } from './samples.ts';
import { timingText, type Goal, type Section } from './section.ts';

/** The default; the lines of a minute arrive in four passes. */
const INTERVAL_SECONDS = 15;
/** This includes the buffer of 1 MiB for all reads. */
const MAX_PEAK_MEGABYTES = 16;

interface Rate {
  readonly what: string;
  readonly linesPerPass: number;
  readonly passes: number;
  /** Percent of one core. */
  readonly most: number;
}

const RATES: readonly Rate[] = [
  { what: '1,000 lines a minute', linesPerPass: 250, passes: 40, most: 0.1 },
  { what: '100,000 lines a minute', linesPerPass: 25_000, passes: 12, most: 5 },
  // More than a pass reads.
  { what: 'one pass of a backlog', linesPerPass: 100_000, passes: 3, most: 20 },
];

const measurement = v.object({
  cpuMilliseconds: v.array(v.number()),
  bytesPerPass: v.number(),
  peakMegabytes: v.number(),
});

/** The agent's cost of following one event file of a sensor. */
export async function sensorFileSection(directory: string): Promise<Section> {
  const program = path.join(directory, 'follow-file.cjs');
  // With the agent's flags Node does not read TypeScript.
  await bundleFor('tools/bench/follow-file.ts', program);
  const goals: Goal[] = [];
  const rows: string[][] = [];
  for (const { what, linesPerPass, passes, most } of RATES) {
    const file = path.join(directory, 'events.json');
    const args = [...AGENT_FLAGS, program, file, `${linesPerPass}`, `${passes}`];
    const { stdout } = await execa(process.execPath, args);
    const measured = v.parse(measurement, JSON.parse(stdout));
    const cpu = timingOf(measured.cpuMilliseconds);
    const percent = cpu.median / 10 / INTERVAL_SECONDS;
    const peak = measured.peakMegabytes;
    rows.push([
      what,
      (measured.bytesPerPass / 1e6).toFixed(1),
      timingText(cpu),
      percent.toFixed(3),
      peak.toFixed(1),
    ]);
    goals.push({
      what: `a sensor's event file: ${what}`,
      limit: `≤ ${most} % of a core, ≤ ${MAX_PEAK_MEGABYTES} MB`,
      measured: `${percent.toFixed(3)} %, ${peak.toFixed(1)} MB`,
      isMet: percent <= most && peak <= MAX_PEAK_MEGABYTES,
    });
  }
  return {
    title: "A sensor's event file",
    about:
      "One process with the agent's flags follows one file in the format of Tracee 0.24, with events of 250 containers. The table shows its CPU " +
      `time per pass and the largest growth of its resident memory. The share of a core is for an interval of ${INTERVAL_SECONDS} seconds. ` +
      'A pass reads at most 64 MiB of one file; if more than 256 MiB are unread, the middle is skipped.',
    columns: ['written', 'MB per pass', 'CPU per pass, ms', '% of a core', 'memory, MB'],
    rows,
    goals,
  };
}
