import { TYPED_ON_CELL } from '../../model/typed-as.ts';
import { plural } from '../../present/quantities.ts';
import { durationText } from '../../terminal/duration-text.ts';
import { FINDINGS, REP_SECONDS, type Readings } from '../log-cache/ask.ts';
import type { CellLocation } from '../log-cache/cell-samples.ts';
import { MAX_REMEMBERED } from '../remembered/remembered-cells.ts';
import { CLOCK_SECONDS, type CellStatus } from './cell-status.ts';
import { cellName } from './fitting-table.ts';
import type { KnownCell, rememberedAfter } from './roster.ts';

/** If Log Cache goes back less far, a lost cell may be missing. */
const LEAST_RETAINED_SECONDS = 180;
/** Less is usual: the clock of the API is known to a second. */
const LEAST_AHEAD_SECONDS = 5;
/** As many names as one line has room for. */
const MAX_NAMED = 8;

const EVICTED = 'after a restart, or as more envelopes arrive than it holds (max_per_source)';

/** What is missing from the sources (each is on one node of Log Cache) and from the time range. */
export function gapNotes(
  { errors, reads, retainedSeconds, now, skew, samples }: Readings,
  cells: readonly CellStatus[],
  expectedCells: number | null,
): string[] {
  const { heartbeat, rep } = retainedSeconds;
  const error = errors[0]?.error;
  const part = `${errors.length} of ${reads} reads`;
  const ahead = skew ?? 0;
  const clock = `${durationText(Math.abs(ahead))} ${ahead > 0 ? 'ahead of' : 'behind'}`;
  const old = now - samples.reduce((last, { at }) => Math.max(last, at), 0);
  const noRep =
    rep === null
      ? 'Log Cache has no samples from rep (is one of its nodes missing?): a cell without rollcall does not appear. Use --expect-cells N.'
      : `Log Cache goes back only ${durationText(rep)} for rep, ${EVICTED}: a cell without rollcall may be missing here.`;
  const isWhole = error === undefined;
  const heard = cells.filter(({ couldNotTell }) => couldNotTell !== null);
  const notes: readonly (string | false)[] = [
    !isWhole && `Partial data: Log Cache ${error.text} for ${part}. Try again.`,
    isWhole &&
      (heartbeat ?? Infinity) < LEAST_RETAINED_SECONDS &&
      `Log Cache goes back only ${durationText(heartbeat ?? 0)} for the heartbeat, ${EVICTED}: a cell that was lost before may be missing here.`,
    isWhole &&
      heard.length > 0 &&
      heard.every(({ listed }) => listed === null) &&
      'Log Cache has the heartbeat and none of the other metrics: is one of its nodes missing?',
    // Without the roster, only the number of cells can show that one is missing.
    isWhole && expectedCells === null && (rep ?? 0) < REP_SECONDS && noRep,
    Math.abs(ahead) > CLOCK_SECONDS &&
      `The clock of Log Cache is ${clock} the API's, so no age is certain: check NTP on the foundation.`,
    samples.length > 0 &&
      old > CLOCK_SECONDS &&
      `The newest sample of all cells is ${durationText(old)} old: nothing reaches Log Cache, or the clock of the API is ahead of the cells'.`,
  ];
  return notes.filter((note) => note !== false);
}

export function leftOutNotes(leftOut: readonly CellLocation[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const groups = [...new Set(leftOut.map(({ instanceGroup }) => instanceGroup))].toSorted();
  const cells = plural(leftOut.length, 'cell');
  return [`Without rollcall, and left out by --expect-groups: ${cells} of ${groups.join(', ')}.`];
}

/** The first of the errors, as a predicate; null: there is none. */
export const unreadText = ([first]: Readings['errors']): string | null =>
  first === undefined ? null : `Log Cache ${first.error.text}`;

/** Cells whose clock is further ahead say so themselves. */
export function aheadNotes(cells: readonly KnownCell[]): readonly string[] {
  const ahead = cells
    .map(({ aheadSeconds }) => aheadSeconds)
    .filter((seconds) => seconds >= LEAST_AHEAD_SECONDS && seconds <= CLOCK_SECONDS);
  if (ahead.length === 0) return [];
  const clocks =
    ahead.length === 1 ? 'The clock of 1 cell is' : `The clocks of ${ahead.length} cells are`;
  const most = durationText(Math.max(...ahead));
  return [`${clocks} up to ${most} ahead of the API's: check NTP there.`];
}

export function unnamedNote(count: number, { errors }: Readings): string {
  const unread = unreadText(errors.filter(({ source }) => source.id === FINDINGS.id));
  const are = plural(count, 'untracked instance is', 'untracked instances are');
  const why = unread ?? 'a cell names 20 of them at most, and a new one only with the next scrape';
  return `${are} counted but not named: ${why}. See ${TYPED_ON_CELL} status on the cell.`;
}

/** @param why a clause */
export const unusableNote = (why: string): string =>
  `The cells that earlier runs saw are not known, because ${why}: a lost cell may be missing. This run begins anew.`;

/** @param lookedBack how far back a lost cell was searched for, in seconds */
export const firstRunNote = (lookedBack: number): string =>
  `No earlier run on this machine with this API and user is known: a cell that was lost more than ${durationText(lookedBack)} ago would be missing. Use --expect-cells N to notice.`;

/** @param why a clause */
export const notKeptNote = (why: string): string =>
  `The cells of this run are not saved, because ${why}: later runs do not know them.`;

/** What becomes of gone cells. `remembered`: by the next run. */
export function goneNotes(
  gone: readonly KnownCell[],
  { keys, omitted }: ReturnType<typeof rememberedAfter>,
): readonly string[] {
  const passing = gone.filter(({ key }) => !keys.has(key)).length;
  const disappear = plural(
    passing,
    'gone cell disappears from this list when Log Cache forgets it, because no run on this machine saw samples of both its rollcall and its rep',
    'gone cells disappear from this list when Log Cache forgets them, because no run on this machine saw samples of both their rollcall and their reps',
  );
  const notes = [
    gone.length > passing &&
      'A gone cell stays in this list until it reports again. If it was deleted: cf rollcall-status --forget CELL (or all-gone).',
    passing > 0 && `${disappear}. Use --expect-cells N.`,
    omitted > 0 &&
      `Only ${MAX_REMEMBERED.toLocaleString('en')} cells can be saved, and ${omitted} more report.`,
  ];
  return notes.filter((note) => note !== false);
}

export function forgottenNote(forgotten: readonly KnownCell[]): string {
  if (forgotten.length === 0) return 'No cell is gone: none is forgotten.';
  const names = forgotten.slice(0, MAX_NAMED).map(({ location }) => cellName(location));
  const more = forgotten.length - names.length;
  return `Forgotten: ${names.join(', ')}${more === 0 ? '' : ` and ${more} more`}.`;
}
