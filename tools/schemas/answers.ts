import * as v from 'valibot';
import { MESSAGES } from '../../src/model/agent-state.ts';
import { REASONS } from '../../src/model/finding.ts';
import { RULES } from '../../src/model/hierarchy.ts';
import type { AcknowledgementEntry } from '../../src/model/acknowledgement.ts';
import type { HistoryAnswer, HistoryView } from '../../src/model/history.ts';
import type { explainJson } from '../../src/present/explain.ts';
import type { mountsJson } from '../../src/present/mounts-json.ts';
import type { sensorsJson } from '../../src/present/sensors-table.ts';
import { container } from './container.ts';
import { judgedHierarchy, malformedLines, mode, namespace } from './hierarchy.ts';
import { report } from './report.ts';
import { sensor, tool } from './sensor.ts';
import {
  count,
  nullableCount,
  nullableText,
  schemaVersion,
  switchedOn,
  text,
  time,
  told,
} from './shapes.ts';

/** `rollcall mounts`. */
export const mounts = v.object({
  schemaVersion,
  source: told(text, 'The file with the table; - is standard input.'),
  rule: told(v.picklist(RULES), 'The rule by which the mounts are chosen.'),
  cgroupNamespace: told(namespace, 'The cgroup namespace in which the table was read.'),
  mode,
  malformedLines,
  hierarchies: told(v.array(judgedHierarchy), 'Each with its candidates.'),
  rules: v.exactOptional(
    told(
      v.record(v.string(), v.record(v.string(), nullableText)),
      'With --compare, for each rule and each controller, name=X or v2: the mount that it chooses; null: none.',
    ),
  ),
}) satisfies v.GenericSchema<unknown, Omit<ReturnType<typeof mountsJson>, 'rules'>>;

/** `GET /v1/events`. */
const event = v.object({
  at: told(time, 'When it happened.'),
  message: told(v.picklist(MESSAGES), 'As in the log.'),
  level: told(v.picklist(['info', 'error']), 'As in the log.'),
  handle: v.exactOptional(told(text, 'The container that it is about.')),
  reason: v.exactOptional(told(v.picklist(REASONS), 'Why it is, or was, untracked.')),
  sentence: told(text, 'A summary in sentences.'),
  data: told(v.record(v.string(), v.unknown()), 'As in the log: what the message is about.'),
});
export const events = v.array(event);

/** As `rollcall` reads it from an agent, which may have another version. */
const keptEvent = v.object({
  at: told(text, 'When it happened.'),
  message: told(text, 'As in the log.'),
  handle: told(nullableText, 'The container that it is about.'),
  reason: told(nullableText, 'Why it is, or was, untracked.'),
  sentence: told(text, 'A summary in sentences.'),
  data: told(v.unknown(), 'As in the log: what the message is about.'),
});

const seconds = v.pipe(v.number(), v.minValue(0));

const location = v.object({
  controllers: told(v.array(text), 'Controllers, name=X or v2.'),
  mount: told(text, 'The mount that shows the hierarchy.'),
  path: told(nullableText, 'The path of its cgroup in the hierarchy; null: it has none there.'),
  inode: told(nullableCount, 'The inode of its cgroup.'),
  pids: told(v.array(count), 'Its processes there.'),
});

/** `rollcall explain`. */
export const explain = v.object({
  schemaVersion,
  ...container.entries,
  hierarchies: told(v.array(location), 'Where its cgroups are.'),
  properties: told(
    v.nullable(v.record(v.string(), text)),
    'At most 64 of 1,024 characters; null: Garden has none, or did not answer.',
  ),
  events: told(v.array(keptEvent), "The running agent's events about it, newest first."),
  agent: told(
    v.object({
      asked: told(switchedOn, 'Whether the agent of this cell was asked.'),
      silent: told(nullableText, 'Why it did not answer; null: it did, or was not asked.'),
    }),
    'The source of the events and of since.',
  ),
}) satisfies v.GenericSchema<unknown, Omit<ReturnType<typeof explainJson>, 'properties'>>;

/** `rollcall sensors`. */
export const sensors = v.object({
  schemaVersion,
  takenAt: told(time, 'When the pass ended.'),
  cgroupMode: mode,
  containers: told(count, 'Containers that run on this cell.'),
  tools: told(v.array(tool), 'The known sensors, a range of versions each.'),
  searched: told(switchedOn, 'False: the capture is of a version that did not search for sensors.'),
  sensors: told(v.array(sensor), 'Sensors that run or are configured.'),
}) satisfies v.GenericSchema<unknown, ReturnType<typeof sensorsJson>>;

/** A line of `rollcall status`; with --watch the agent may be unreachable for a while. */
export const status = v.union([
  report,
  v.object({ error: told(text, 'With --watch: why the agent did not answer.') }),
]);

/** `rollcall capture`. */
export const capture = v.object({
  schemaVersion,
  file: told(text, 'The file that was written.'),
  looks: told(count, 'The number of passes in it.'),
  verdict: report.entries.verdict,
});

/** `rollcall drill`. */
export const drill = v.object({
  schemaVersion,
  handle: told(text, 'The handle of the finding that is raised.'),
  until: told(time, 'When it ends by itself.'),
});

const summary = {
  from: told(time, 'When it starts.'),
  to: told(time, 'When it ends.'),
  bootId: told(text, "The cell's boot id; empty if no pass could read it."),
  passes: told(count, 'Passes that ended.'),
  compared: told(count, 'Passes that compared the containers.'),
  failed: told(count, 'Passes that could not compare.'),
  longestGapSeconds: told(seconds, 'The longest time in which nothing was compared.'),
  containers: told(count, 'In the last pass.'),
  findings: told(count, 'The most findings at once, without drills and acknowledged ones.'),
  acknowledged: told(count, 'In the last pass.'),
};

const period = v.variant('kind', [
  v.object({
    kind: told(v.literal('summary'), 'An agent ran.'),
    isRunning: told(switchedOn, 'True for the hour that has not ended.'),
    ...summary,
  }),
  v.object({
    kind: told(v.literal('gap'), 'Nothing is known about this time.'),
    from: summary.from,
    to: summary.to,
    seconds: told(seconds, 'Its duration.'),
    cause: told(v.picklist(['no-agent', 'rebooted', 'before-history']), 'Why nothing is known.'),
  }),
]);

/** `rollcall status --since`. */
export const history = v.object({
  schemaVersion,
  cell: report.entries.cell.entries.bosh,
  since: told(time, 'The start of the period: now minus --since.'),
  until: told(time, 'When the agent answered.'),
  verdict: report.entries.verdict,
  why: told(text, 'The verdict in one sentence.'),
  periods: told(v.array(period), 'Oldest first.'),
  totals: told(
    v.object({
      passes: summary.passes,
      compared: summary.compared,
      failed: summary.failed,
      longestGapSeconds: told(seconds, 'Between two passes that compared, while an agent ran.'),
      gaps: told(count, 'Periods about which nothing is known.'),
      gapSeconds: told(seconds, 'Their total duration.'),
      mostFindings: told(count, 'At once.'),
    }),
    'The totals of all periods.',
  ),
}) satisfies v.GenericSchema<unknown, HistoryView>;

/** `GET /v1/history`. */
export const hours = v.object({
  schemaVersion,
  now: told(time, "The cell's clock."),
  bootedAt: told(time, 'When the cell booted.'),
  hours: told(v.array(v.object(summary)), 'At most 744, oldest first.'),
  running: told(v.object(summary), 'The time since the last entry of hours.'),
}) satisfies v.GenericSchema<unknown, HistoryAnswer>;

const acknowledged = {
  handle: told(text, 'The container.'),
  finding: told(
    v.object({
      reason: told(v.picklist(REASONS), 'Why the container was untracked.'),
      severity: told(v.picklist(['critical', 'warning']), 'How severe that was.'),
    }),
    'The acknowledged reason and severity; another one counts again.',
  ),
  until: told(time, 'When the acknowledgement ends.'),
  reason: told(text, 'Why it was acknowledged.'),
  by: told(nullableText, 'Who acknowledged it, not verified; null: the configuration.'),
};
const entry = v.object(acknowledged) satisfies v.GenericSchema<unknown, AcknowledgementEntry>;

/** `rollcall ack`: what was acknowledged or withdrawn; with `--list` everything that is. */
export const ack = v.union([
  v.object({ schemaVersion, ...acknowledged }),
  v.object({
    schemaVersion,
    acknowledgements: told(v.array(entry), 'Those in force.'),
  }),
]);
