import { bosh, reportView } from './report-view.ts';
import {
  amount,
  choice,
  count,
  flag,
  key,
  list,
  object,
  schemaVersion,
  text,
  time,
  union,
  type TypeOf,
} from './shape.ts';

const periodKeys = {
  from: key(time, 'When it starts.'),
  to: key(time, 'When it ends.'),
};

/** What the agent did in an hour, or in the part of it in which it ran. */
export const hourlySummary = object({
  ...periodKeys,
  bootId: key(text, "The cell's boot id; empty if no pass could read it."),
  passes: key(count, 'Passes that ended.'),
  compared: key(count, 'Passes that compared the containers.'),
  failed: key(count, 'Passes that could not compare.'),
  // One that began in the hour before counts in full.
  longestGapSeconds: key(amount, 'The longest time in which nothing was compared.'),
  containers: key(count, 'In the last pass.'),
  findings: key(count, 'The most findings at once, without drills and acknowledged ones.'),
  acknowledged: key(count, 'In the last pass.'),
});
export type HourlySummary = TypeOf<typeof hourlySummary>;

/** 31 days. The file has at most this many lines of about 230 bytes. */
export const MAX_HISTORY_HOURS = 744;

/** The file lies beside the memory file. */
export const HISTORY_FILE = 'history.jsonl';

/** The agent's answer about its past: `GET /v1/history`. */
export const historyAnswer = object({
  schemaVersion,
  now: key(time, "The cell's clock."),
  bootedAt: key(time, 'When the cell booted.'),
  hours: key(list(hourlySummary), 'At most 744, oldest first.'),
  running: key(hourlySummary, 'The time since the last entry of hours.'),
});
export type HistoryAnswer = TypeOf<typeof historyAnswer>;

const summaryPeriod = object({
  kind: key(choice('summary'), 'An agent ran.'),
  isRunning: key(flag, 'True for the hour that has not ended.'),
  ...hourlySummary.keys,
});
const gapPeriod = object({
  kind: key(choice('gap'), 'Nothing is known about this time.'),
  ...periodKeys,
  seconds: key(amount, 'Its duration.'),
  // `no-agent`: none ran, or it was killed before it could write a summary.
  cause: key(choice('no-agent', 'rebooted', 'before-history'), 'Why nothing is known.'),
});
const period = union<TypeOf<typeof summaryPeriod> | TypeOf<typeof gapPeriod>>(
  summaryPeriod,
  gapPeriod,
);
export type HistoryPeriod = TypeOf<typeof period>;
export type GapCause = TypeOf<typeof gapPeriod>['cause'];

/** What an agent did since a given time: `rollcall status --since`. */
export const historyView = object({
  schemaVersion,
  cell: bosh,
  since: key(time, 'The start of the period: now minus --since.'),
  until: key(time, 'When the agent answered.'),
  verdict: reportView.keys.verdict,
  why: key(text, 'The verdict in one sentence.'),
  periods: key(list(period), 'Oldest first.'),
  totals: key(
    object({
      passes: hourlySummary.keys.passes,
      compared: hourlySummary.keys.compared,
      failed: hourlySummary.keys.failed,
      longestGapSeconds: key(amount, 'Between two passes that compared, while an agent ran.'),
      gaps: key(count, 'Periods about which nothing is known.'),
      gapSeconds: key(amount, 'Their total duration.'),
      mostFindings: key(count, 'At once.'),
    }),
    'The totals of all periods.',
  ),
});
export type HistoryView = TypeOf<typeof historyView>;
