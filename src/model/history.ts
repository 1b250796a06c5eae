import { bosh, reportView } from './report-view.ts';
import * as s from './shape.ts';

const periodKeys = { from: s.key(s.time, 'When it starts.'), to: s.key(s.time, 'When it ends.') };

/** What the agent did in an hour, or in the part of it in which it ran. */
export const hourlySummary = s.object({
  ...periodKeys,
  bootId: s.key(s.text, "The cell's boot id; empty if no pass could read it."),
  passes: s.key(s.count, 'Passes that ended.'),
  compared: s.key(s.count, 'Passes that compared the containers.'),
  failed: s.key(s.count, 'Passes that could not compare.'),
  // One that began in the hour before counts in full.
  longestGapSeconds: s.key(s.amount, 'The longest time in which nothing was compared.'),
  containers: s.key(s.count, 'In the last pass.'),
  findings: s.key(s.count, 'The most findings at once, without drills and acknowledged ones.'),
  acknowledged: s.key(s.count, 'In the last pass.'),
});
export type HourlySummary = s.TypeOf<typeof hourlySummary>;

/** 31 days. The file has at most this many lines of about 230 bytes. */
export const MAX_HISTORY_HOURS = 744;

/** The file lies beside the memory file. */
export const HISTORY_FILE = 'history.jsonl';

/** The agent's answer about its past: `GET /v1/history`. */
export const historyAnswer = s.object({
  schemaVersion: s.schemaVersion,
  now: s.key(s.time, "The cell's clock."),
  bootedAt: s.key(s.time, 'When the cell booted.'),
  hours: s.key(s.list(hourlySummary), 'At most 744, oldest first.'),
  running: s.key(hourlySummary, 'The time since the last entry of hours.'),
});
export type HistoryAnswer = s.TypeOf<typeof historyAnswer>;

const summaryPeriod = s.object({
  kind: s.key(s.choice('summary'), 'An agent ran.'),
  isRunning: s.key(s.flag, 'True for the hour that has not ended.'),
  ...hourlySummary.keys,
});
const gapPeriod = s.object({
  kind: s.key(s.choice('gap'), 'Nothing is known about this time.'),
  ...periodKeys,
  seconds: s.key(s.amount, 'Its duration.'),
  // `no-agent`: none ran, or it was killed before it could write a summary.
  cause: s.key(s.choice('no-agent', 'rebooted', 'before-history'), 'Why nothing is known.'),
});
const period = s.union(summaryPeriod, gapPeriod);
export type HistoryPeriod = s.TypeOf<typeof period>;
export type GapCause = s.TypeOf<typeof gapPeriod>['cause'];

/** What an agent did since a given time: `rollcall status --since`. */
export const historyView = s.object({
  schemaVersion: s.schemaVersion,
  cell: bosh,
  since: s.key(s.time, 'The start of the period: now minus --since.'),
  until: s.key(s.time, 'When the agent answered.'),
  verdict: reportView.keys.verdict,
  why: s.key(s.text, 'The verdict in one sentence.'),
  periods: s.key(s.list(period), 'Oldest first.'),
  totals: s.key(
    s.object({
      passes: hourlySummary.keys.passes,
      compared: hourlySummary.keys.compared,
      failed: hourlySummary.keys.failed,
      longestGapSeconds: s.key(s.amount, 'Between two passes that compared, while an agent ran.'),
      gaps: s.key(s.count, 'Periods about which nothing is known.'),
      gapSeconds: s.key(s.amount, 'Their total duration.'),
      mostFindings: s.key(s.count, 'At once.'),
    }),
    'The totals of all periods.',
  ),
});
export type HistoryView = s.TypeOf<typeof historyView>;
