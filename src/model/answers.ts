import { eventView, MESSAGES } from './agent-state.ts';
import { WARNING_REASONS } from './cell-warning.ts';
import { REASONS, STATUSES } from './finding.ts';
import { CONTAINER_KINDS } from './garden.ts';
import { CANDIDATE_VERDICTS, CGROUP_NAMESPACES, RULES } from './hierarchy.ts';
import {
  cell,
  containerView,
  diagnosis,
  hierarchyView,
  mode,
  mountView,
  remedies,
  reportView,
  sensorView,
} from './report-view.ts';
import { accountRow, accountView, entryAlone, MARKS, unpoliced } from './ledger.ts';
import { logData } from './log-line.ts';
import { namesSocketView } from './names-socket.ts';
import { OBSTACLE_CAUSES, OBSTACLE_EFFECTS } from './preflight.ts';
import { OTHER_MODES, SENSOR_NAMES } from './sensor.ts';
import * as s from './shape.ts';

/* What the other commands and the status socket answer to programs. */

/** A hierarchy with every mount that was considered. */
const judgedHierarchy = s.object({
  ...hierarchyView.keys,
  candidates: s.key(
    s.list(
      s.object({
        ...mountView.keys,
        verdict: s.key(
          s.choice(...CANDIDATE_VERDICTS),
          'passed-over: a good mount that the given rule does not choose.',
        ),
        why: s.key(s.text, 'The verdict in one sentence.'),
      }),
    ),
    'Every mount of the hierarchy in the table.',
  ),
});

/** `rollcall mounts`. */
export const mountsView = s.object({
  schemaVersion: s.schemaVersion,
  source: s.key(s.text, 'The file with the table; - is standard input.'),
  rule: s.key(s.choice(...RULES), 'The rule by which the mounts are chosen.'),
  cgroupNamespace: s.key(
    s.choice(...CGROUP_NAMESPACES),
    'The cgroup namespace in which the table was read.',
  ),
  mode,
  malformedLines: s.key(s.count, 'Lines that are not in the format of the table.'),
  hierarchies: s.key(s.list(judgedHierarchy), 'Each with its candidates.'),
});
export type MountsView = s.TypeOf<typeof mountsView>;

const location = s.object({
  controllers: s.key(s.list(s.text), 'Controllers, name=X or v2.'),
  mount: s.key(s.text, 'The mount that shows the hierarchy.'),
  path: s.key(s.nullableText, 'The path of its cgroup in the hierarchy; null: it has none there.'),
  inode: s.key(s.nullableCount, 'The inode of its cgroup.'),
  pids: s.key(s.list(s.count), 'Its processes there.'),
});

const repLogLine = s.object({
  at: s.key(s.text, 'When.'),
  message: s.key(s.text, 'Its message, as rep names it.'),
});

const repLog = s.object({
  appId: s.key(s.nullableText, 'The guid of its app, by its process guid; null: no line has one.'),
  explanation: s.key(
    s.nullable(repLogLine),
    'The newest line that says why rep left it, such as container-not-found-in-garden; null: none does.',
  ),
  lines: s.key(s.list(repLogLine), 'The last five that name it, newest first.'),
  since: s.key(
    s.nullableText,
    'The time of the oldest line that was searched; null: none has one. The search ends where a line names the app.',
  ),
});
export type RepLog = s.TypeOf<typeof repLog>;

/** Whose a container is: in `whose`, and in the agent's file containers.json. */
const namedContainer = s.object({
  handle: s.key(s.text, "Garden's name for it."),
  kind: s.key(
    s.choice(...CONTAINER_KINDS, 'pea'),
    'As in a report; pea: the id names a side process of it.',
  ),
  pea: s.key(s.nullableText, 'The name of the side process; null: it names the container itself.'),
  app: s.key(s.nullableText, 'The name of the app, which its developer chose.'),
  appId: s.key(s.nullableText, 'Its guid: join on guids, never on names.'),
  index: s.key(s.nullableCount, 'The index of the instance, counted from 0.'),
  space: s.key(s.nullableText, 'The name of its space.'),
  spaceId: s.key(s.nullableText, 'The guid of its space.'),
  org: s.key(s.nullableText, 'The name of its organization.'),
  orgId: s.key(s.nullableText, 'The guid of its organization.'),
  processType: s.key(s.nullableText, 'web, worker and so on; any string.'),
  status: s.key(
    s.nullable(s.choice(...STATUSES)),
    'As in the last report with it; null: no pass has compared it yet.',
  ),
  since: s.key(s.time, 'When its oldest process started, else when it was first seen.'),
  ended: s.key(s.nullableTime, 'When it was first seen to be gone; null: it is not.'),
});
export type NamedContainer = s.TypeOf<typeof namedContainer>;

const namedProcess = s.object({
  pid: s.key(s.count, 'Its pid on the cell.'),
  startedAt: s.key(s.time, 'When it started: pids are reused.'),
});
export type NamedProcess = s.TypeOf<typeof namedProcess>;

const whoseAnswer = s.object({
  id: s.key(s.text, 'As it was given.'),
  answer: s.key(
    s.choice('named', 'ambiguous', 'unnameable', 'too-short', 'not-found', 'unread', 'no-id'),
    'too-short: too few characters of a handle; unread: not found, but not all was read; no-id: no container can have it.',
  ),
  by: s.key(
    s.nullable(s.choice('id', 'app', 'cgroup', 'finding')),
    'What names it; finding: the process is outside its cgroups. Null unless it is named.',
  ),
  container: s.key(s.nullable(namedContainer), 'Null unless it is named.'),
  handles: s.key(s.list(s.text), 'If it is ambiguous: at most 20 of the containers that have it.'),
  process: s.key(s.nullable(namedProcess), 'If the id is the pid of a process that runs.'),
  sentence: s.key(s.text, 'The answer in one line.'),
});
export type WhoseAnswer = s.TypeOf<typeof whoseAnswer>;

/** Of which ended containers the agent knows. */
export type EndedKnown = 'last-hour' | { readonly since: string };

/** `rollcall whose`. */
export const whoseView = s.object({
  schemaVersion: s.schemaVersion,
  source: s.key(s.choice('agent', 'cell'), 'Who answered: the agent, or a check of its own.'),
  knownSince: s.key(
    s.time,
    'Since when ended containers are known; the agent keeps each for an hour.',
  ),
  answers: s.key(s.list(whoseAnswer), 'One for each id, in their order.'),
});
export type WhoseView = s.TypeOf<typeof whoseView>;

/** `rollcall explain`. */
export const explainView = s.object({
  schemaVersion: s.schemaVersion,
  ...containerView.keys,
  hierarchies: s.key(s.list(location), 'Where its cgroups are.'),
  ledgers: s.key(s.nullable(accountRow), 'What each ledger says of it; null: they were not read.'),
  sensors: s.key(
    s.list(
      s.object({
        name: sensorView.keys.name,
        mark: s.key(s.choice(...MARKS), 'Whether it sees it; none: it does not run.'),
        seesBy: sensorView.keys.seesBy,
      }),
    ),
    'The sensors that run or are configured here.',
  ),
  properties: s.key(
    s.nullable(s.record(s.text)),
    'At most 64 of 1,024 characters; null: Garden has none, or did not answer.',
  ),
  events: s.key(s.list(eventView), "The running agent's events about it, newest first."),
  repLog: s.key(
    s.nullable(repLog),
    "What rep's log and its seven rotated files say of it; null: it is tracked, or they cannot be read.",
  ),
  agent: s.key(
    s.object({
      asked: s.key(s.flag, 'Whether the agent of this cell was asked.'),
      silent: s.key(s.nullableText, 'Why it did not answer; null: it did, or was not asked.'),
      captured: s.key(
        s.nullableTime,
        'For a replay, the time of the report of the agent in the capture; null: none, or the cell is live.',
      ),
    }),
    'The source of the events and of since.',
  ),
});
export type ExplainView = s.TypeOf<typeof explainView>;

/** A range of versions of a known sensor. */
const toolView = s.object({
  name: s.key(s.choice(...SENSOR_NAMES), 'The sensor.'),
  versions: s.key(s.text, 'The versions to which it applies; empty: all.'),
  running: s.key(s.flag, 'Whether this is about the process that runs, or as if one started now.'),
  mount: s.key(
    s.nullableText,
    'The mount that it would take, or "its own"; null: none, or one that may be younger than its process.',
  ),
  seen: s.key(s.nullableCount, 'Containers that it would see; null: unknown.'),
  missed: s.key(s.nullableCount, 'Containers that it would miss.'),
  misnamed: s.key(s.nullableCount, 'Containers that it would give another id.'),
  unknown: s.key(s.nullableCount, 'Containers for which this is unknown.'),
  knownLimits: s.key(s.nullableCount, 'Missed containers that its documentation excludes.'),
  why: s.key(s.text, 'The reason in sentences.'),
  remedies: s.key(remedies, 'What to change on this cell; empty: nothing, or nothing is known.'),
  source: s.key(s.text, 'The source of its rule.'),
  missedHandles: s.optionalKey(s.list(s.text), 'With --missed: the handles.'),
  misnamedHandles: s.optionalKey(
    s.list(
      s.object({
        handle: s.key(s.text, "The container's."),
        id: s.key(s.text, 'The id that the sensor would give it.'),
      }),
    ),
    'With --missed: handles and ids.',
  ),
});
export type ToolView = s.TypeOf<typeof toolView>;

/** `rollcall sensors`. */
export const sensorsView = s.object({
  schemaVersion: s.schemaVersion,
  takenAt: reportView.keys.takenAt,
  cgroupMode: mode,
  containers: s.key(s.count, 'Containers that run on this cell.'),
  tools: s.key(s.list(toolView), 'The known sensors, a range of versions each.'),
  diagnosis: s.key(
    s.nullable(diagnosis),
    'With --tool of a sensor that does not run: as if it started now; otherwise null.',
  ),
  searched: s.key(s.flag, 'False: the capture is of a version that did not search for sensors.'),
  sensors: s.key(s.list(sensorView), 'Sensors that run or are configured.'),
  namesSocket: s.key(
    s.nullable(namesSocketView),
    "The agent's socket with names for Falco; null: off, no agent answered, or --tool is another sensor.",
  ),
});
export type SensorsView = s.TypeOf<typeof sensorsView>;

/** `rollcall sensors --if`. */
export const sensorsIfView = s.object({
  schemaVersion: s.schemaVersion,
  takenAt: reportView.keys.takenAt,
  cgroupMode: mode,
  if: s.key(s.choice(...OTHER_MODES), 'The mode that was asked about.'),
  alreadySo: s.key(s.flag, 'Whether the cell has that mode already; then there are no changes.'),
  containers: s.key(s.count, 'Containers that run on this cell.'),
  changes: s.key(
    s.list(
      s.object({
        name: s.key(s.choice(...SENSOR_NAMES), 'The sensor.'),
        versions: s.key(s.text, 'The versions to which it applies; empty: all.'),
        runtime: s.key(
          s.nullable(s.choice('runc', 'containerd')),
          'With which runtime of Garden; null: with either.',
        ),
        seenNow: s.key(
          s.nullableCount,
          'Containers that it would see if it started now; null: unknown.',
        ),
        seenThen: s.key(s.nullableCount, 'The same in the other mode.'),
        misnamedNow: s.key(
          s.nullableCount,
          'Containers that it would give another id if it started now; null: unknown.',
        ),
        misnamedThen: s.key(s.nullableCount, 'The same in the other mode.'),
        gains: s.key(s.list(s.text), 'Handles that it would see only in the other mode.'),
        loses: s.key(s.list(s.text), 'Handles that it would see only in this mode.'),
        renames: s.key(
          s.list(s.text),
          'Handles that it would see in neither mode, but give another id, or none, in the other.',
        ),
        whyNow: s.key(s.text, 'The prediction in this mode, in sentences.'),
        why: s.key(s.text, 'The prediction in the other mode, in sentences.'),
      }),
    ),
    'A range of versions of a known sensor each.',
  ),
});
export type SensorsIfView = s.TypeOf<typeof sensorsIfView>;

/** `rollcall ledgers`. */
export const ledgersView = s.object({
  schemaVersion: s.schemaVersion,
  takenAt: reportView.keys.takenAt,
  containers: s.key(
    s.list(accountRow),
    'Containers that ledgers differ about in three readings; with --all, every container.',
  ),
  changing: s.key(
    s.list(s.text),
    'Containers that they differ about, but not in three readings, or while they are pending: they come or go, and do not count.',
  ),
  agreeing: accountView.keys.agreeing,
  unknown: accountView.keys.unknown,
  unread: accountView.keys.unread,
  sharing: accountView.keys.sharing,
  unpoliced: s.key(
    s.list(unpoliced),
    'App containers without a policy entry, as the agent of this cell knows, at most 100.',
  ),
  alone: s.key(
    s.list(entryAlone),
    'Entries that belonged to no container in three readings; since when by the agent, if it knows.',
  ),
  aloneOmitted: accountView.keys.aloneOmitted,
  sensors: sensorsView.keys.sensors,
  agent: s.key(
    s.nullableText,
    'Why what the agent knows is missing: not asked, or no answer; null: it answered.',
  ),
});
export type LedgersView = s.TypeOf<typeof ledgersView>;

/** `rollcall preflight`. */
export const preflightView = s.object({
  schemaVersion: s.schemaVersion,
  takenAt: reportView.keys.takenAt,
  items: s.key(
    s.list(
      s.object({
        effect: s.key(s.choice(...OBSTACLE_EFFECTS), 'What happens in a drain.'),
        cause: s.key(s.choice(...OBSTACLE_CAUSES), 'Why.'),
        handle: s.key(s.nullableText, 'The container, or the entry; null: the cell.'),
        pending: s.key(s.flag, 'This command has not seen it for long enough to be sure.'),
        sentence: s.key(s.text, 'The same in sentences.'),
        command: s.key(s.nullableText, 'A command that shows more; null: no plain name.'),
      }),
    ),
    'What hangs, waits, is not known or is lost, in this order; at most 100.',
  ),
  omitted: s.key(s.count, 'How many more items there are.'),
});
export type PreflightView = s.TypeOf<typeof preflightView>;

/** A line of `rollcall status`; with --watch the agent may be unreachable for a while. */
export const statusView = s.union(
  reportView,
  s.object({ error: s.key(s.text, 'With --watch: why the agent did not answer.') }),
);

const { hostname, bootId, bosh } = cell.keys;

/** `rollcall capture`. */
export const captureView = s.object({
  schemaVersion: s.schemaVersion,
  file: s.key(s.text, 'The file that was written.'),
  passes: s.key(s.count, 'The number of passes in it.'),
  sha256: s.key(s.text, 'SHA-256 of its content, as the file holds it.'),
  cell: s.key(s.object({ hostname, bootId, bosh }), 'The machine.'),
  capturedAt: s.key(s.time, 'When it was made.'),
  capturedBy: s.key(s.nullableText, 'Who made it, not verified; null: left out.'),
  rollcallVersion: s.key(s.text, 'The version that made it.'),
  agent: s.key(
    s.nullable(
      s.object({
        takenAt: s.key(s.time, 'The time of its report.'),
        events: s.key(s.count, 'The number of its events.'),
      }),
    ),
    'What it holds of the answers of the agent; null: nothing.',
  ),
  verdict: s.optionalKey(
    reportView.keys.verdict.shape,
    "The check's verdict; absent with --verify.",
  ),
  intact: s.optionalKey(s.flag, 'With --verify: whether its content matches sha256.'),
});
export type CaptureView = s.TypeOf<typeof captureView>;

/** `rollcall events`. */
export const eventsAnswer = s.object({
  schemaVersion: s.schemaVersion,
  events: s.key(s.list(eventView), 'At most 1,000, newest first.'),
});
export type EventsView = s.TypeOf<typeof eventsAnswer>;

/** `rollcall version`. */
export const versionView = s.object({
  schemaVersion: s.schemaVersion,
  version: s.key(s.text, 'The version of rollcall.'),
  node: s.key(s.text, 'The version of the Node that runs it.'),
});
export type VersionView = s.TypeOf<typeof versionView>;

/** `GET /v1/events`. */
export const eventsView = s.list(
  s.object({
    at: s.key(s.time, 'When it happened.'),
    message: s.key(s.choice(...MESSAGES), 'As in the log.'),
    level: s.key(s.choice('info', 'error'), 'As in the log.'),
    handle: s.optionalKey(s.text, 'The container that it is about.'),
    reason: s.optionalKey(
      s.choice(...new Set([...REASONS, ...WARNING_REASONS])),
      'Why it is, or was, untracked; or the reason of a warning about the cell.',
    ),
    sentence: s.key(s.text, 'A summary in sentences.'),
    data: s.key(logData, 'As in the log, but without `cell` and whole.'),
  }),
);
