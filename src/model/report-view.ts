import { acknowledgement } from './acknowledgement.ts';
import { cellIdentity } from './cell-identity.ts';
import { WARNING_REASONS } from './cell-warning.ts';
import { EXPLANATION_KINDS, REASONS, SEVERITIES, STATUSES } from './finding.ts';
import { appIdentity, CONTAINER_KINDS } from './garden.ts';
import { CGROUP_MODES, CGROUP_NAMESPACES } from './hierarchy.ts';
import { OBSERVATION_STATES } from './observation.ts';
import { ANCHOR_SOURCES, gardenState, held, ignored, leftovers, VERDICTS } from './report.ts';
import {
  amount,
  choice,
  count,
  flag,
  key,
  list,
  nothing,
  nullable,
  nullableCount,
  nullableText,
  nullableTime,
  object,
  record,
  schemaVersion,
  text,
  time,
  type TypeOf,
} from './shape.ts';

/*
 * A report in the shape of its JSON, from `check` and from a running agent alike. Tables are drawn
 * from it. Its texts are as the cell gave them: escape them on output.
 */

const process = object({
  pid: key(count, 'As the cell numbers it.'),
  parentPid: key(count, 'The pid of its parent.'),
  uid: key(count, 'Its real user id.'),
  startedAt: key(time, 'When it started.'),
  ended: key(flag, 'Whether it has ended: an earlier pass saw it.', { absent: false }),
  command: key(
    text,
    'Its program, the names of its flags, and harmless values; any other value is `…`.',
  ),
});

/** One container, as in a report and in `explain`. */
export const containerView = object({
  handle: key(text, "Garden's name for it, never shortened."),
  kind: key(choice(...CONTAINER_KINDS), 'Derived from its properties and its handle.'),
  status: key(choice(...STATUSES), 'pending: a difference within its grace period.'),
  reason: key(
    nullable(choice(...REASONS)),
    'Why it is untracked or pending; null: it is tracked, or the reason is unknown.',
  ),
  severity: key(nullable(choice(...SEVERITIES)), 'Null for a tracked container.'),
  since: key(nullableTime, 'When the difference was first seen.'),
  explanation: key(
    choice(...EXPLANATION_KINDS),
    'The kind of the sentence: the reason, or why there is none. Later versions may add others.',
  ),
  sentence: key(text, 'A summary in one or two sentences.'),
  advice: key(nullableText, 'The advice; null if it is not a finding.'),
  drill: key(flag, 'True for a finding that rollcall drill raised.'),
  acknowledged: key(
    nullable(acknowledgement),
    'Who acknowledged it, and until when; null: nobody did.',
    { absent: null },
  ),
  app: key(nullable(appIdentity), 'Its app; null where its properties do not name one.'),
  privileged: key(flag, 'Whether it is a privileged container.'),
  throttled: key(flag, 'Whether it is in the cgroup whose CPU gdn throttles.'),
  pids: key(count, 'Processes in its cgroup and below, without those of its peas.'),
  processes: key(list(process), 'At most 5, only for differences.'),
  cgroups: key(
    record(text),
    'Its cgroup for each controller, name=X or v2, as a path in the hierarchy.',
  ),
  peas: key(list(text), 'Side processes with their own cgroup.'),
});
export type ContainerView = TypeOf<typeof containerView>;

/** A mount of a hierarchy. */
export const mountView = object({
  mountPoint: key(text, 'Its path, decoded: \\040 is a space.'),
  mountId: key(nullableCount, 'Null for a table in the format of /proc/mounts.'),
  root: key(
    nullableText,
    'The directory of the hierarchy that the mount shows; null if the table has no such field.',
  ),
});

/** A hierarchy and the mount that shows it. */
export const hierarchyView = object({
  device: key(
    nullableText,
    'Major and minor number of its file system; null where the table has none.',
  ),
  version: key(choice(1, 2), 'The cgroup version.'),
  controllers: key(list(text), 'Empty for v2 and for a named hierarchy without controllers.'),
  name: key(nullableText, 'The X of name=X, of a named hierarchy of v1.'),
  chosen: key(nullable(mountView), 'The mount that shows its root; null: none does.'),
  confirmed: key(
    nullable(flag),
    'Whether the kernel confirmed the choice; null: the table was a saved one.',
  ),
  why: key(text, 'The choice in one sentence.'),
});
export type HierarchyView = TypeOf<typeof hierarchyView>;

const prediction = object({
  mount: key(nullableText, 'The mount that it chooses; null: its own, or none.'),
  seen: key(count, 'Containers that it would see.'),
  missed: key(count, 'Containers that it would miss.'),
  misnamed: key(count, 'Containers that it would give another id.'),
  unknown: key(count, 'Containers for which this is unknown.'),
  knownLimits: key(count, 'Missed containers that its documentation excludes.'),
});

const observationView = object({
  name: key(text, 'As configured: the label of its metrics.'),
  format: key(text, 'The format of its event file.'),
  path: key(text, 'The path of its event file.'),
  state: key(choice(...OBSERVATION_STATES), 'The state of its event file.'),
  up: key(flag, 'Whether its process has not ended and its file can be read.'),
  silent: key(flag, 'Whether it is dead, unreadable or without a line for too long.'),
  seen: key(count, 'Containers that it named.'),
  unseen: key(list(text), 'Handles of the containers that it should have named and did not.'),
  expectedUnseen: key(count, 'Containers that it is not expected to name.'),
  undecided: key(count, 'Containers for which this is not known yet.'),
  unknownIds: key(list(text), 'At most 5 ids that it wrote and no container has.'),
  unknownIdsOmitted: key(count, 'The number of further ones.'),
  lastLineAt: key(nullableTime, 'When it last wrote a line.'),
  sentence: key(text, 'A summary in sentences.'),
});
export type ObservationView = TypeOf<typeof observationView>;

/** A sensor that runs or is configured. */
export const sensorView = object({
  // A text, because the agent may be of a later version.
  name: key(text, 'A sensor that rollcall knows, or the name in the configuration.'),
  title: key(text, 'Its name for people.'),
  version: key(nothing, 'Unknown.', { otherwise: null }),
  pid: key(nullableCount, 'Null: configured, but no process was found.'),
  startedAt: key(nullableTime, 'When its process started.'),
  unit: key(nullableText, 'Its systemd unit or bpm job.'),
  olderContainers: key(nullableCount, 'Running containers that are older than it.'),
  containers: key(nullableCount, 'Running containers.'),
  prediction: key(
    nullable(prediction),
    'The prediction by its published rules; null: its versions differ, or unknown.',
  ),
  blind: key(
    nullable(flag),
    'Whether every version that it can be would miss a container; null: unknown.',
  ),
  sentence: key(text, 'The whole prediction, in sentences.'),
  observation: key(
    nullable(observationView),
    'The content of its event file; null: no event file of it is read.',
    { otherwise: null },
  ),
});
export type SensorView = TypeOf<typeof sensorView>;

const warning = object({
  // A text, because the agent may be of a later version.
  reason: key(text, `${WARNING_REASONS.join(', ')}; others may follow.`),
  containers: key(count, 'The number of affected containers; 0 if it is about no container.'),
  worst: key(text, 'The handle of the most affected container; empty if it is about no container.'),
  sentence: key(text, 'A summary in sentences.'),
});

export const bosh = key(nullable(cellIdentity), 'Its BOSH identity; null: unknown.', {
  otherwise: null,
});

const cell = object({
  hostname: key(text, 'Its host name.'),
  bootId: key(text, 'Differs after each boot.'),
  bosh,
  scopes: key(
    record(text),
    'For each controller, name=X or v2: the cgroup that contains everything of this cell.',
  ),
  warnings: key(
    list(warning),
    'Problems of the cell as a whole; only too-many-cgroups changes the verdict.',
    {
      absent: [],
    },
  ),
});

const anchor = object({
  source: key(choice(...ANCHOR_SOURCES), 'How it was found.'),
  pid: key(nullableCount, "The pid of gdn's process; null: it is not running."),
  path: key(text, 'Its cgroup in the primary hierarchy.'),
});

export const mode = key(
  choice(...CGROUP_MODES),
  'Whether the mount table has hierarchies of v1, of v2, or of both.',
);

const cgroups = object({
  mode,
  namespace: key(choice(...CGROUP_NAMESPACES), 'The cgroup namespace of this process.'),
  primary: key(
    nullableText,
    'The hierarchy that is scanned for containers: a controller, name=X or v2; null: none.',
  ),
  anchor: key(nullable(anchor), "gdn's cgroup; null: it was not found."),
  hierarchies: key(list(hierarchyView), 'Each with the mount that shows it.'),
});

const summary = object({
  listed: key(count, 'Containers that Garden lists.'),
  tracked: key(count, 'Containers that are listed and have a live cgroup.'),
  pending: key(count, 'A difference is within its grace period.'),
  untracked: key(count, 'A difference lasted for its grace period.'),
  undecided: key(count, 'Containers about which this pass could not decide.', { absent: 0 }),
  acknowledged: key(count, 'Findings that somebody acknowledged.', { absent: 0 }),
  byReason: key(
    object(
      Object.fromEntries(
        REASONS.map((reason) => [
          reason,
          key(count, 'Untracked containers with this reason.', { absent: 0 }),
        ]),
      ),
    ),
    'The untracked ones by reason.',
  ),
});

/** `rollcall check` and `GET /v1/report`. */
export const reportView = object({
  schemaVersion,
  takenAt: key(time, 'When the pass ended.'),
  durationMilliseconds: key(amount, 'How long the pass took.'),
  verdict: key(
    choice(...VERDICTS),
    'all-tracked with pending ones too; unknown: nothing, or not everything, could be compared.',
  ),
  why: key(text, 'The report in one or two sentences.'),
  cell: key(cell, 'The machine.'),
  cgroups: key(cgroups, 'How its cgroups were read.'),
  garden: key(gardenState, "Garden's list."),
  containers: key(
    list(containerView),
    'Worst first. If the verdict is unknown, the last known ones.',
  ),
  sensors: key(list(sensorView), 'The security sensors that run or are configured.', {
    absent: [],
  }),
  seen: key(count, 'Live cgroups of containers, compared or not.'),
  held: key(
    nullable(held),
    'Held by unknown-to-garden and unowned containers; rep does not count it.',
    { absent: null },
  ),
  leftovers: key(nullable(leftovers), 'Leftovers of containers; not a finding.', { absent: null }),
  ignored: key(ignored, "Cgroups that are not Garden's, by owner."),
  stale: key(list(text), 'Leftover empty cgroups, at most 100.'),
  staleOmitted: key(count, 'The number of further ones.'),
  summary: key(summary, 'The containers counted.'),
});
export type ReportView = TypeOf<typeof reportView>;
