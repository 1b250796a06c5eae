import type { Severity } from '../../../src/model/finding.ts';
import { secondsOf, THRESHOLDS } from '../alerts/alert.ts';
import { LAST_PASS, ofContainers } from '../alerts/series.ts';
import type { Selectors } from './selectors.ts';

/** A pass that is older is not current, as in the alerts. */
export const STALE_SECONDS = secondsOf(THRESHOLDS.fresh);

/** A cell that reported before is shown for this long, even if it was removed permanently. */
const MISSED_FOR = '1h';

/** The seconds since the last pass of each reporting cell; no value before its first pass. */
export const ageOfPass = ({ each }: Selectors): string => `time() - (${each(LAST_PASS, [])} > 0)`;

export const timeSincePass = ({ by, cells }: Selectors): string =>
  `time() - max ${by} (max_over_time(${cells(LAST_PASS)}[${MISSED_FOR}]))`;

/** The number of cells without a current pass; no series if no cell reported recently. */
export const silentCells = (selectors: Selectors): string =>
  `sum(${timeSincePass(selectors)} > bool ${STALE_SECONDS})`;

export const cellsInDoubt = ({ each }: Selectors): string =>
  `sum(${each('rollcall_could_not_tell', [])})`;

export const untracked = ({ each }: Selectors, severity: Severity): string =>
  `sum(${each('rollcall_untracked', ['reason'], ...ofContainers(severity))})`;
