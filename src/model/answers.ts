import { acknowledgementEntry } from './acknowledgement.ts';
import { eventView, MESSAGES } from './agent-state.ts';
import { WARNING_REASONS } from './cell-warning.ts';
import { REASONS } from './finding.ts';
import { CANDIDATE_VERDICTS, CGROUP_NAMESPACES, RULES } from './hierarchy.ts';
import {
  containerView,
  hierarchyView,
  mode,
  mountView,
  reportView,
  sensorView,
} from './report-view.ts';
import { SENSOR_NAMES } from './sensor.ts';
import {
  anything,
  choice,
  count,
  flag,
  key,
  list,
  nullable,
  nullableCount,
  nullableText,
  object,
  optionalKey,
  record,
  schemaVersion,
  text,
  time,
  union,
  type TypeOf,
} from './shape.ts';

/* What the other commands and the status socket answer to programs. */

/** A hierarchy with every mount that was considered. */
const judgedHierarchy = object({
  ...hierarchyView.keys,
  candidates: key(
    list(
      object({
        ...mountView.keys,
        verdict: key(
          choice(...CANDIDATE_VERDICTS),
          'passed-over: a good mount that the given rule does not choose.',
        ),
        why: key(text, 'The verdict in one sentence.'),
      }),
    ),
    'Every mount of the hierarchy in the table.',
  ),
});

/** `rollcall mounts`. */
export const mountsView = object({
  schemaVersion,
  source: key(text, 'The file with the table; - is standard input.'),
  rule: key(choice(...RULES), 'The rule by which the mounts are chosen.'),
  cgroupNamespace: key(
    choice(...CGROUP_NAMESPACES),
    'The cgroup namespace in which the table was read.',
  ),
  mode,
  malformedLines: key(count, 'Lines that are not in the format of the table.'),
  hierarchies: key(list(judgedHierarchy), 'Each with its candidates.'),
  rules: optionalKey(
    record(record(nullableText)),
    'With --compare: the mount that each rule chooses, by controller, name=X or v2; null: none.',
  ),
});
export type MountsView = TypeOf<typeof mountsView>;

const location = object({
  controllers: key(list(text), 'Controllers, name=X or v2.'),
  mount: key(text, 'The mount that shows the hierarchy.'),
  path: key(nullableText, 'The path of its cgroup in the hierarchy; null: it has none there.'),
  inode: key(nullableCount, 'The inode of its cgroup.'),
  pids: key(list(count), 'Its processes there.'),
});

/** `rollcall explain`. */
export const explainView = object({
  schemaVersion,
  ...containerView.keys,
  hierarchies: key(list(location), 'Where its cgroups are.'),
  properties: key(
    nullable(record(text)),
    'At most 64 of 1,024 characters; null: Garden has none, or did not answer.',
  ),
  events: key(list(eventView), "The running agent's events about it, newest first."),
  agent: key(
    object({
      asked: key(flag, 'Whether the agent of this cell was asked.'),
      silent: key(nullableText, 'Why it did not answer; null: it did, or was not asked.'),
    }),
    'The source of the events and of since.',
  ),
});
export type ExplainView = TypeOf<typeof explainView>;

/** A range of versions of a known sensor. */
const toolView = object({
  name: key(choice(...SENSOR_NAMES), 'The sensor.'),
  versions: key(text, 'The versions to which it applies; empty: all.'),
  mount: key(nullableText, 'The mount that it would take, or "its own"; null: none.'),
  seen: key(nullableCount, 'Containers that it would see; null: unknown.'),
  missed: key(nullableCount, 'Containers that it would miss.'),
  misnamed: key(nullableCount, 'Containers that it would give another id.'),
  unknown: key(nullableCount, 'Containers for which this is unknown.'),
  knownLimits: key(nullableCount, 'Missed containers that its documentation excludes.'),
  why: key(text, 'The reason in sentences.'),
  remedy: key(nullableText, 'The remedy; null: none is known.'),
  source: key(text, 'The source of its rule.'),
  missedHandles: optionalKey(list(text), 'With --missed: the handles.'),
  misnamedHandles: optionalKey(
    list(
      object({
        handle: key(text, "The container's."),
        id: key(text, 'The id that the sensor would give it.'),
      }),
    ),
    'With --missed: handles and ids.',
  ),
});
export type ToolView = TypeOf<typeof toolView>;

/** `rollcall sensors`. */
export const sensorsView = object({
  schemaVersion,
  takenAt: reportView.keys.takenAt,
  cgroupMode: mode,
  containers: key(count, 'Containers that run on this cell.'),
  tools: key(list(toolView), 'The known sensors, a range of versions each.'),
  searched: key(flag, 'False: the capture is of a version that did not search for sensors.'),
  sensors: key(list(sensorView), 'Sensors that run or are configured.'),
});
export type SensorsView = TypeOf<typeof sensorsView>;

/** A line of `rollcall status`; with --watch the agent may be unreachable for a while. */
export const statusView = union<unknown>(
  reportView,
  object({ error: key(text, 'With --watch: why the agent did not answer.') }),
);

/** `rollcall capture`. */
export const captureView = object({
  schemaVersion,
  file: key(text, 'The file that was written.'),
  looks: key(count, 'The number of passes in it.'),
  verdict: reportView.keys.verdict,
});

/** `GET /v1/events`. */
export const eventsView = list(
  object({
    at: key(time, 'When it happened.'),
    message: key(choice(...MESSAGES), 'As in the log.'),
    level: key(choice('info', 'error'), 'As in the log.'),
    handle: optionalKey(text, 'The container that it is about.'),
    reason: optionalKey(
      choice(...new Set([...REASONS, ...WARNING_REASONS])),
      'Why it is, or was, untracked; or the reason of a warning about the cell.',
    ),
    sentence: key(text, 'A summary in sentences.'),
    data: key(record(anything), 'As in the log: what the message is about.'),
  }),
);

/** `GET /v1/acks`, and `rollcall ack --list`. */
const acknowledgementsView = object({
  schemaVersion,
  acknowledgements: key(list(acknowledgementEntry), 'Those in force.'),
});

/** `rollcall ack`: what was acknowledged or withdrawn; with `--list` everything that is. */
export const ackView = union<unknown>(
  object({ schemaVersion, ...acknowledgementEntry.keys }),
  acknowledgementsView,
);
