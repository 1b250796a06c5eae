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
  flag,
  text,
  time,
  described,
} from './shapes.ts';

/** `rollcall mounts`. */
export const mounts = v.object({
  schemaVersion,
  source: described(text, 'The file with the table; - is standard input.'),
  rule: described(v.picklist(RULES), 'The rule by which the mounts are chosen.'),
  cgroupNamespace: described(namespace, 'The cgroup namespace in which the table was read.'),
  mode,
  malformedLines,
  hierarchies: described(v.array(judgedHierarchy), 'Each with its candidates.'),
  rules: v.exactOptional(
    described(
      v.record(v.string(), v.record(v.string(), nullableText)),
      'With --compare, for each rule and each controller, name=X or v2: the mount that it chooses; null: none.',
    ),
  ),
}) satisfies v.GenericSchema<unknown, Omit<ReturnType<typeof mountsJson>, 'rules'>>;

/** `GET /v1/events`. */
const event = v.object({
  at: described(time, 'When it happened.'),
  message: described(v.picklist(MESSAGES), 'As in the log.'),
  level: described(v.picklist(['info', 'error']), 'As in the log.'),
  handle: v.exactOptional(described(text, 'The container that it is about.')),
  reason: v.exactOptional(described(v.picklist(REASONS), 'Why it is, or was, untracked.')),
  sentence: described(text, 'A summary in sentences.'),
  data: described(v.record(v.string(), v.unknown()), 'As in the log: what the message is about.'),
});
export const events = v.array(event);

/** As `rollcall` reads it from an agent, which may have another version. */
const keptEvent = v.object({
  at: described(text, 'When it happened.'),
  message: described(text, 'As in the log.'),
  handle: described(nullableText, 'The container that it is about.'),
  reason: described(nullableText, 'Why it is, or was, untracked.'),
  sentence: described(text, 'A summary in sentences.'),
  data: described(v.unknown(), 'As in the log: what the message is about.'),
});

const seconds = v.pipe(v.number(), v.minValue(0));

const location = v.object({
  controllers: described(v.array(text), 'Controllers, name=X or v2.'),
  mount: described(text, 'The mount that shows the hierarchy.'),
  path: described(
    nullableText,
    'The path of its cgroup in the hierarchy; null: it has none there.',
  ),
  inode: described(nullableCount, 'The inode of its cgroup.'),
  pids: described(v.array(count), 'Its processes there.'),
});

/** `rollcall explain`. */
export const explain = v.object({
  schemaVersion,
  ...container.entries,
  hierarchies: described(v.array(location), 'Where its cgroups are.'),
  properties: described(
    v.nullable(v.record(v.string(), text)),
    'At most 64 of 1,024 characters; null: Garden has none, or did not answer.',
  ),
  events: described(v.array(keptEvent), "The running agent's events about it, newest first."),
  agent: described(
    v.object({
      asked: described(flag, 'Whether the agent of this cell was asked.'),
      silent: described(nullableText, 'Why it did not answer; null: it did, or was not asked.'),
    }),
    'The source of the events and of since.',
  ),
}) satisfies v.GenericSchema<unknown, Omit<ReturnType<typeof explainJson>, 'properties'>>;

/** `rollcall sensors`. */
export const sensors = v.object({
  schemaVersion,
  takenAt: described(time, 'When the pass ended.'),
  cgroupMode: mode,
  containers: described(count, 'Containers that run on this cell.'),
  tools: described(v.array(tool), 'The known sensors, a range of versions each.'),
  searched: described(flag, 'False: the capture is of a version that did not search for sensors.'),
  sensors: described(v.array(sensor), 'Sensors that run or are configured.'),
}) satisfies v.GenericSchema<unknown, ReturnType<typeof sensorsJson>>;

/** A line of `rollcall status`; with --watch the agent may be unreachable for a while. */
export const status = v.union([
  report,
  v.object({ error: described(text, 'With --watch: why the agent did not answer.') }),
]);

/** `rollcall capture`. */
export const capture = v.object({
  schemaVersion,
  file: described(text, 'The file that was written.'),
  looks: described(count, 'The number of passes in it.'),
  verdict: report.entries.verdict,
});

/** `rollcall drill`. */
export const drill = v.object({
  schemaVersion,
  handle: described(text, 'The handle of the finding that is raised.'),
  until: described(time, 'When it ends by itself.'),
});

const summary = {
  from: described(time, 'When it starts.'),
  to: described(time, 'When it ends.'),
  bootId: described(text, "The cell's boot id; empty if no pass could read it."),
  passes: described(count, 'Passes that ended.'),
  compared: described(count, 'Passes that compared the containers.'),
  failed: described(count, 'Passes that could not compare.'),
  longestGapSeconds: described(seconds, 'The longest time in which nothing was compared.'),
  containers: described(count, 'In the last pass.'),
  findings: described(count, 'The most findings at once, without drills and acknowledged ones.'),
  acknowledged: described(count, 'In the last pass.'),
};

const period = v.variant('kind', [
  v.object({
    kind: described(v.literal('summary'), 'An agent ran.'),
    isRunning: described(flag, 'True for the hour that has not ended.'),
    ...summary,
  }),
  v.object({
    kind: described(v.literal('gap'), 'Nothing is known about this time.'),
    from: summary.from,
    to: summary.to,
    seconds: described(seconds, 'Its duration.'),
    cause: described(
      v.picklist(['no-agent', 'rebooted', 'before-history']),
      'Why nothing is known.',
    ),
  }),
]);

/** `rollcall status --since`. */
export const history = v.object({
  schemaVersion,
  cell: report.entries.cell.entries.bosh,
  since: described(time, 'The start of the period: now minus --since.'),
  until: described(time, 'When the agent answered.'),
  verdict: report.entries.verdict,
  why: described(text, 'The verdict in one sentence.'),
  periods: described(v.array(period), 'Oldest first.'),
  totals: described(
    v.object({
      passes: summary.passes,
      compared: summary.compared,
      failed: summary.failed,
      longestGapSeconds: described(
        seconds,
        'Between two passes that compared, while an agent ran.',
      ),
      gaps: described(count, 'Periods about which nothing is known.'),
      gapSeconds: described(seconds, 'Their total duration.'),
      mostFindings: described(count, 'At once.'),
    }),
    'The totals of all periods.',
  ),
}) satisfies v.GenericSchema<unknown, HistoryView>;

/** `GET /v1/history`. */
export const hours = v.object({
  schemaVersion,
  now: described(time, "The cell's clock."),
  bootedAt: described(time, 'When the cell booted.'),
  hours: described(v.array(v.object(summary)), 'At most 744, oldest first.'),
  running: described(v.object(summary), 'The time since the last entry of hours.'),
}) satisfies v.GenericSchema<unknown, HistoryAnswer>;

const acknowledged = {
  handle: described(text, 'The container.'),
  finding: described(
    v.object({
      reason: described(v.picklist(REASONS), 'Why the container was untracked.'),
      severity: described(v.picklist(['critical', 'warning']), 'How severe that was.'),
    }),
    'The acknowledged reason and severity; another one counts again.',
  ),
  until: described(time, 'When the acknowledgement ends.'),
  reason: described(text, 'Why it was acknowledged.'),
  by: described(nullableText, 'Who acknowledged it, not verified; null: the configuration.'),
};
const entry = v.object(acknowledged) satisfies v.GenericSchema<unknown, AcknowledgementEntry>;

/** `rollcall ack`: what was acknowledged or withdrawn; with `--list` everything that is. */
export const ack = v.union([
  v.object({ schemaVersion, ...acknowledged }),
  v.object({
    schemaVersion,
    acknowledgements: described(v.array(entry), 'Those in force.'),
  }),
]);
