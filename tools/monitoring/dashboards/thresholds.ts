import {
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The colour for unknown: neither green nor red, because both mean that something is known. */
export const NOTHING_KNOWN = 'purple';
export const ALL_WELL = 'green';
export const NOTHING_KNOWN_TEXT = 'no data: nothing is known';

const BOUND_BY_NULL = { value: null, color: NOTHING_KNOWN } as const;

/**
 * Grafana gives a panel without data the colour of the lowest step, which has no lower limit. That
 * step is never green: green requires a number that was read.
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

/** For a count whose 0 does not include cells that do not report. */
export const zeroIsPlain = (color: string): ThresholdsConfigBuilder =>
  thresholds([0, 'text'], [1, color]);

/** For a number that is neither good nor bad. */
export const plain = (): ThresholdsConfigBuilder => thresholds([0, 'text']);

const nothingRead: ValueMapping = {
  type: MappingType.SpecialValue,
  options: {
    match: SpecialValueMatch.NullAndNan,
    result: { text: NOTHING_KNOWN_TEXT, color: NOTHING_KNOWN },
  },
};

/** 1 means yes. */
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
