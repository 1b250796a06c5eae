import { isOfCell, type Severity } from '../../../src/model/finding.ts';
import { LAST_PASS } from '../alerts/series.ts';
import type { Selectors } from './selectors.ts';

/** An older pass is not current, as for the alerts (`fresh` of THRESHOLDS). */
export const STALE_SECONDS = 240;

/** For this long a cell that reported before is shown, even if it was removed for good. */
const MISSED_FOR = '1h';

/** Seconds since the last pass of each cell that reports; none before its first pass. */
export const ageOfPass = ({ each }: Selectors): string => `time() - (${each(LAST_PASS, [])} > 0)`;

/** The same of each cell that reported lately. */
export const timeSincePass = ({ by, cells }: Selectors): string =>
  `time() - max ${by} (max_over_time(${cells(LAST_PASS)}[${MISSED_FOR}]))`;

/** The number of cells without a current pass; no series where no cell reported lately. */
export const silentCells = (selectors: Selectors): string =>
  `sum(${timeSincePass(selectors)} > bool ${STALE_SECONDS})`;

/** The number of cells that could not compare. */
export const cellsInDoubt = ({ each }: Selectors): string =>
  `sum(${each('rollcall_could_not_tell', [])})`;

/** `limit-lost` as a warning counts containers that are tracked. */
export const untracked = ({ each }: Selectors, severity: Severity): string =>
  `sum(${each(
    'rollcall_untracked',
    ['reason'],
    `severity="${severity}"`,
    ...(isOfCell('limit-lost', severity) ? ['reason!="limit-lost"'] : []),
  )})`;
