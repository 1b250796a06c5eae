import { LOOK_BACK_SECONDS } from '../log-cache/queries.ts';
import type { CellNumbers } from './cell-numbers.ts';
import { durationText, type CellVerdict } from './status.ts';

export interface Judged {
  readonly verdict: CellVerdict;
  readonly why: string;
}

const STALE_INTERVALS = 3;
/** The agent's own default, for a cell whose interval is not known. */
const DEFAULT_INTERVAL_SECONDS = 15;
/** The clocks of a foundation agree to fractions of a second; further ahead, no age is known. */
const CLOCK_AHEAD_SECONDS = 60;

/**
 * How old the last pass may be. Just before the next scrape the newest sample is one scrape
 * interval old, and its pass at most one interval of the agent older: while scrapes arrive, no age
 * reaches three times the larger of the two.
 */
export const staleAfterSeconds = ({
  intervalSeconds,
  scrapeIntervalSeconds,
}: Pick<CellNumbers, 'intervalSeconds' | 'scrapeIntervalSeconds'>): number =>
  STALE_INTERVALS * Math.max(intervalSeconds ?? DEFAULT_INTERVAL_SECONDS, scrapeIntervalSeconds);

/**
 * @param cell from current samples
 * @param isReporting its newest sample is within the look-back of an instant query
 */
export function judgeCell(cell: CellNumbers, isReporting: boolean): Judged {
  const { ageSeconds: age, sampleAgeSeconds: sampleAge } = cell;
  if (!isReporting) {
    const last = age === null ? '' : ` Its last pass was ${durationText(age)} ago.`;
    return {
      verdict: 'gone',
      // A sample has the time of its cell, so that a clock that is behind looks the same.
      why: `Nothing has come for more than ${durationText(LOOK_BACK_SECONDS)}: the VM is deleted or down, or its agent or the way to Log Cache is, or its clock is behind.${last}`,
    };
  }
  const limit = staleAfterSeconds(cell);
  const silence = age === null ? sampleAge : age;
  if (silence !== null && silence > limit) {
    // Without the build the interval is unknown, and while samples arrive the last pass may be as
    // old as that.
    const samplesArrive = sampleAge !== null && sampleAge <= limit;
    return cell.version === null && samplesArrive
      ? unknown(PARTLY)
      : { verdict: 'stale', why: stale(cell) };
  }
  if (age === null) {
    // Before its first pass an agent reports that it cannot compare and that Garden is down, which
    // says nothing of Garden.
    return unknown(
      cell.couldNotTell === false
        ? PARTLY
        : 'It has not told the time of a pass: it may have just started, or none can be made; rollcall status on the cell says why.',
    );
  }
  if (age < -CLOCK_AHEAD_SECONDS) {
    return unknown(
      `Its clock is ${durationText(-age)} ahead, so the age of its data is not known.`,
    );
  }
  // Garden is down only where its list could not be read, and then nothing was compared, whatever
  // the other metrics are.
  if (cell.garden === 'down') return unknown(lastKnown("It cannot read Garden's list"));
  if (cell.couldNotTell === true) return unknown(lastKnown('It cannot compare everything'));
  if (cell.garden === null || cell.couldNotTell === null || cell.untracked === null) {
    return unknown(PARTLY);
  }
  if (cell.untracked > 0) {
    return { verdict: 'untracked', why: 'Something runs or is listed that nobody tracks.' };
  }
  return { verdict: 'all-tracked', why: 'Every container is tracked.' };
}

const PARTLY = 'Log Cache gave only a part of its metrics.';
const lastKnown = (what: string): string =>
  `${what}; rollcall status on the cell says why. The numbers are the last known ones.`;
const unknown = (why: string): Judged => ({ verdict: 'unknown', why });

/**
 * Whether the agent is stuck or its samples do not arrive, which have different remedies. While
 * samples arrive, the newest one is at most one scrape interval old, and the moment that a scrape
 * takes.
 */
function stale({ ageSeconds, sampleAgeSeconds, scrapeIntervalSeconds }: CellNumbers): string {
  const age = ageSeconds === null ? '' : `Its last pass was ${durationText(ageSeconds)} ago. `;
  if (sampleAgeSeconds === null || sampleAgeSeconds > 1.5 * scrapeIntervalSeconds) {
    const silence =
      sampleAgeSeconds === null ? '' : `: nothing has come for ${durationText(sampleAgeSeconds)}`;
    return `${age}It is silent${silence}. Look whether the VM, its rollcall and its prom_scraper run, and whether its clock is behind.`;
  }
  return `${age}Its samples arrive, but the agent does not look any more: look at the log of rollcall on the cell.`;
}
