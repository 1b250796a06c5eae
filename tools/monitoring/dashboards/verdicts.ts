import {
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { isOfCell, SEVERITIES, type Severity } from '../../../src/model/finding.ts';
import { LAST_PASS, list } from '../alerts/series.ts';
import type { Selectors } from './selectors.ts';

/** An older pass is stale, as for the alerts (`fresh` of THRESHOLDS). */
export const STALE_SECONDS = 240;

/**
 * For this long a cell that stopped reporting counts as silent, even if it was removed for good.
 */
const MISSED_FOR = '1h';

/** The values of the expressions below, worst last. */
export const VERDICTS = [
  { value: 0, text: 'all tracked', color: 'green' },
  { value: 1, text: 'untracked', color: 'red' },
  { value: 2, text: 'could not tell', color: 'purple' },
  { value: 3, text: 'untracked, and could not tell of all', color: 'red' },
  { value: 4, text: 'silent', color: 'purple' },
] as const;

/** Matchers for findings: `limit-lost` as a warning counts containers that are tracked. */
export const findingsOf = (severity: Severity): readonly string[] => [
  `severity="${severity}"`,
  ...(isOfCell('limit-lost', severity) ? ['reason!="limit-lost"'] : []),
];

/** Seconds since the last pass of each cell; none before its first pass. */
export const ageOfPass = ({ each }: Selectors): string => `time() - (${each(LAST_PASS, [])} > 0)`;

/** 1 for each cell whose last pass is stale, else 0. */
const stale = ({ each }: Selectors): string =>
  // Before the first pass this is the age of the epoch.
  `((time() - ${each(LAST_PASS, [])}) > bool ${STALE_SECONDS})`;

/**
 * 1 for each cell whose values are not current: it could not compare, or its last pass is stale.
 */
function notCurrent(selectors: Selectors): string {
  return `((${selectors.each('rollcall_could_not_tell', [])} + ${stale(selectors)}) > bool 0)`;
}

/**
 * 4 for each cell that reported in the last hour and does not now, under no other address either.
 */
function silent({ cells, by, route }: Selectors): string {
  const reported = `max ${by} (last_over_time(${cells(LAST_PASS)}[${MISSED_FOR}]))`;
  const place = list(route.identity.filter((label) => label !== 'instance'));
  const elsewhere = `max by (${place}) (${cells(LAST_PASS, `${route.labels.index}!=""`)})`;
  return `4 + 0 * ${route.identity.includes('instance') ? `(${reported} unless on (${place}) ${elsewhere})` : reported}`;
}

/** One of VERDICTS per cell. A cell that never reported has no series. */
export const verdictOfCells = (selectors: Selectors): string => {
  const kinds = `(${SEVERITIES.map((severity) =>
    selectors.each('rollcall_untracked', ['reason', 'severity'], ...findingsOf(severity)),
  ).join(' or ')})`;
  const untracked = `(sum ${selectors.by} (${kinds}) > bool 0)`;
  // `or` prefers its left side, so a cell that reports is never silent.
  return `(${untracked} + 2 * ${notCurrent(selectors)}) or (${silent(selectors)})`;
};

/** The number of cells with this verdict; no series where no cell reports. */
export const cellsWith = (selectors: Selectors, verdict: number): string =>
  `sum((${verdictOfCells(selectors)}) == bool ${verdict})`;

/**
 * The verdict of all cells together, 0 to 3; a silent cell counts as unknown. Odd: untracked; 2 and
 * 3: not all known.
 */
export const verdictOfAll = (selectors: Selectors): string => {
  const verdict = `(${verdictOfCells(selectors)})`;
  return `max(${verdict} % 2) + 2 * (max(${verdict}) >= bool 2)`;
};

/** The colour of the unknown: neither green nor red, which both say that something is known. */
export const NOTHING_KNOWN = 'purple';
export const ALL_WELL = 'green';
export const NOTHING_KNOWN_TEXT = 'no data: nothing is known';

const BOUND_BY_NULL = { value: null, color: NOTHING_KNOWN } as const;

/**
 * Grafana gives a panel without data the colour of the lowest step, which has no bound. That step
 * is never green: green begins at a number that was read.
 */
export const thresholds = (
  ...steps: readonly (readonly [from: number, color: string])[]
): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([BOUND_BY_NULL, ...steps.map(([value, color]) => ({ value, color }))]);

/** For a count of what should not exist: green at 0, then `color`. */
export const zeroIsWell = (color: string): ThresholdsConfigBuilder =>
  thresholds([0, ALL_WELL], [1, color]);

/** For a count whose 0 does not cover cells that do not report. */
export const zeroIsPlain = (color: string): ThresholdsConfigBuilder =>
  thresholds([0, 'text'], [1, color]);

/** For one of VERDICTS; verdictMappings gives the words. */
export const verdictThresholds = (): ThresholdsConfigBuilder =>
  thresholds(...VERDICTS.map(({ value, color }) => [value, color] as const));

/** For a number without good or bad. */
export const plain = (): ThresholdsConfigBuilder => thresholds([0, 'text']);

const nothingRead: ValueMapping = {
  type: MappingType.SpecialValue,
  options: {
    match: SpecialValueMatch.NullAndNan,
    result: { text: NOTHING_KNOWN_TEXT, color: NOTHING_KNOWN },
  },
};

/** The words for a verdict, in every panel that shows one. */
export const verdictMappings = (): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      VERDICTS.map(({ value, text, color }, index) => [String(value), { text, color, index }]),
    ),
  },
  nothingRead,
];

/** 1 is yes. */
export const yesNoMappings = (yes: string, no: string): ValueMapping[] => [
  {
    type: MappingType.ValueToText,
    options: {
      '0': { text: 'no', color: no, index: 0 },
      '1': { text: 'yes', color: yes, index: 1 },
    },
  },
  nothingRead,
];
