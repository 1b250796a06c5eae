import { LAST_LOOK, list } from '../alerts/series.ts';
import { SLOW_AGENT, THRESHOLDS } from '../alerts/thresholds.ts';
import type { Selectors } from './selectors.ts';

/** A pass that is older than this is no news, as for the alerts. Cells with an interval of minutes have more time. */
export const STALE_SECONDS = THRESHOLDS.freshSeconds;

/** For so long a cell that no longer reports is missed; a cell that was removed for good is missed for as long. */
const MISSED_FOR = '1h';

/** The numbers that the expressions of this file give, worst last. */
export const VERDICTS = [
  { value: 0, text: 'all tracked', color: 'green' },
  { value: 1, text: 'untracked', color: 'red' },
  { value: 2, text: 'could not tell', color: 'purple' },
  { value: 3, text: 'untracked, and could not tell of all', color: 'red' },
  { value: 4, text: 'silent', color: 'purple' },
] as const;

/** Seconds since the last pass, per cell; none for an agent whose first pass has not ended. */
export const ageOfLook = ({ each }: Selectors): string => `time() - (${each(LAST_LOOK, [])} > 0)`;

/** 1 for each cell whose last pass is old, else 0. */
function stale(selectors: Selectors): string {
  // Before the first pass it is as old as the epoch.
  const age = `(time() - ${selectors.each(LAST_LOOK, [])})`;
  const slow = selectors.cells('rollcall_build_info', SLOW_AGENT);
  return `(((${age} unless ${selectors.on} ${slow}) > bool ${STALE_SECONDS}) or (${age} > bool ${THRESHOLDS.freshSecondsSlow}))`;
}

/** 1 for each cell whose values are not those of now: it could not tell, or its last pass is old. */
function blind(selectors: Selectors): string {
  return `((${selectors.each('rollcall_could_not_tell', [])} + ${stale(selectors)}) > bool 0)`;
}

/** 4 for each cell that reported in the last hour and does not now; but for one that does so under another address. */
function silent({ cells, by, route }: Selectors): string {
  const reported = `max ${by} (last_over_time(${cells(LAST_LOOK)}[${MISSED_FOR}]))`;
  const place = list(route.identity.filter((label) => label !== 'instance'));
  const elsewhere = `max by (${place}) (${cells(LAST_LOOK, `${route.labels.index}!=""`)})`;
  return `4 + 0 * ${route.identity.includes('instance') ? `(${reported} unless on (${place}) ${elsewhere})` : reported}`;
}

/** One of VERDICTS per cell. A cell that was never seen is in no series: nothing here knows that it exists. */
export const verdictOfCells = (selectors: Selectors): string => {
  const kinds = selectors.each('rollcall_untracked', ['reason', 'severity']);
  const untracked = `(sum ${selectors.by} (${kinds}) > bool 0)`;
  // `or` keeps its left side where both have a cell, so a cell that reports is never called silent.
  return `(${untracked} + 2 * ${blind(selectors)}) or (${silent(selectors)})`;
};

/** Cells with one of these verdicts: 0 only if there are cells at all, otherwise no series. */
export const cellsWith = (selectors: Selectors, verdict: number): string =>
  `sum((${verdictOfCells(selectors)}) == bool ${verdict})`;

/** The verdict of all cells together, 0 to 3: of a silent cell nobody can tell. Odd is untracked, from 2 on is not all known. */
export const verdictOfAll = (selectors: Selectors): string => {
  const verdict = `(${verdictOfCells(selectors)})`;
  return `max(${verdict} % 2) + 2 * (max(${verdict}) >= bool 2)`;
};
