import { oneLine } from '../../model/text.ts';
import { BEAT, BUILD, type CellSamples } from '../log-cache/cell-samples.ts';
import type { Sample } from '../log-cache/read.ts';
import { SCRAPE_TAKES_SECONDS } from './cell-status.ts';

/** The tags of `rollcall_build_info` that identify a sender, with the words for them. */
const LABELS = { version: 'version', interval_seconds: 'interval', ip: 'address' } as const;
/** If a sample is further ahead, the clock was set back: what the cell said before has later times. */
const MAX_AHEAD_SECONDS = 5;
/** So often must the last pass go back to an earlier time: a clock that was set back makes it do so once. */
const MIN_RETURNS = 2;
/** Characters of a label that are shown. */
const MAX_LABEL = 40;

interface Window {
  /** Unix time in seconds by the clock of the API. */
  readonly now: number;
  /** Unix time since which every time of a last pass was read. */
  readonly since: number;
  /** Seconds between two scrapes. */
  readonly interval: number;
}

/**
 * What shows that two senders report as one cell, as a sentence without its end; null: nothing does.
 * Samples are not signed: a sender that says of itself what the agent says, with passes that only go
 * on, is not noticed. A restart, an upgrade and a recreated cell change what is said once, and not
 * back. Where a clock that was ahead was set right, the times of both overlap for as long as it was
 * ahead; for a minute after that, they look like those of two senders.
 */
export function twoSenders(cell: CellSamples, { now, since, interval }: Window): string | null {
  const samples = cell.samples
    .filter(({ at }) => at >= since && at <= now)
    .toSorted((a, b) => a.at - b.at);
  const builds = samples.filter(({ name }) => name === BUILD);
  for (const [label, word] of Object.entries(LABELS)) {
    const changed = changedAndBack(builds.map(({ tags }) => tags[label] ?? ''));
    if (changed !== null) {
      const [first, other] = changed.map((text) => oneLine(text, MAX_LABEL));
      return `Two senders report as this cell: the ${word} changes from ${first} to ${other} and back`;
    }
  }
  const isSilent = now - cell.newest > interval + SCRAPE_TAKES_SECONDS;
  if (isSilent || cell.aheadSeconds > MAX_AHEAD_SECONDS) return null;
  const returns = returnsOf(samples);
  return returns < MIN_RETURNS
    ? null
    : `Two senders report as this cell, or its clock was set back: the time of the last pass goes back ${returns} times`;
}

/** The first value that comes again after another one, and that one; null: none does. */
function changedAndBack(values: readonly string[]): readonly [string, string] | null {
  const before = new Map<string, string>();
  let last: string | null = null;
  for (const value of values) {
    const other = before.get(value);
    if (other !== undefined && value !== last) return [value, other];
    if (last !== null && value !== last) before.set(last, value);
    last = value;
  }
  return null;
}

/** How often the last pass is an earlier one than before; without the 0 before the first pass. */
function returnsOf(samples: readonly Sample[]): number {
  const passes = samples.flatMap(({ name, value }) =>
    name === BEAT && value !== null && value > 0 ? [value] : [],
  );
  return passes.filter((pass, index) => pass < (passes[index - 1] ?? 0)).length;
}
