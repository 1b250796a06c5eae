import { cellIdentity } from './cell-identity.ts';
import { EXPLANATION_KINDS, REASONS, SEVERITIES, STATUSES } from './finding.ts';
import { appIdentity, CONTAINER_KINDS } from './garden.ts';
import { CGROUP_MODES, CGROUP_NAMESPACES } from './hierarchy.ts';
import { OBSERVATION_STATES } from './observation.ts';
import { SENSOR_MARKS } from './sensor.ts';
import { ANCHOR_SOURCES, gardenState, unaccounted, ignored, VERDICTS } from './report.ts';
import { accountView } from './ledger.ts';
import * as s from './shape.ts';

/*
 * A report in the shape of its JSON, from `check` and from a running agent alike. Tables are drawn
 * from it. Its texts are as the cell gave them: escape them on output.
 */

const process = s.object({
  pid: s.key(s.count, 'As the cell numbers it.'),
  parentPid: s.key(s.count, 'The pid of its parent.'),
  uid: s.key(s.count, 'Its real user id.'),
  startedAt: s.key(s.time, 'When it started.'),
  ended: s.key(s.flag, 'Whether it has ended: an earlier pass saw it.'),
  command: s.key(
    s.text,
    'Its program, the names of its flags, and harmless values; any other value is `…`.',
  ),
});

const stepView = s.object({
  action: s.key(s.text, 'What to do, in a sentence.'),
  command: s.key(s.nullableText, 'The command that does it, ready to paste; null: there is none.'),
  result: s.key(s.nullableText, 'What its result decides; null: nothing.'),
});

/** What to do about a finding. */
const adviceView = s.object({
  urgency: s.key(s.text, 'How urgent it is, and whether Diego mends it by itself.'),
  steps: s.key(s.list(stepView), 'At most 6, in the order in which they are done.'),
});
export type AdviceView = s.TypeOf<typeof adviceView>;

/** One container, as in a report and in `explain`. */
export const containerView = s.object({
  handle: s.key(s.text, "Garden's name for it, never shortened."),
  kind: s.key(s.choice(...CONTAINER_KINDS), 'Derived from its properties and its handle.'),
  status: s.key(s.choice(...STATUSES), 'pending: a difference within its grace period.'),
  reason: s.key(
    s.nullable(s.choice(...REASONS)),
    'Why it is untracked or pending; null: it is tracked, or the reason is unknown.',
  ),
  severity: s.key(s.nullable(s.choice(...SEVERITIES)), 'Null for a tracked container.'),
  since: s.key(s.nullableTime, 'When the difference was first seen.'),
  sinceSource: s.key(
    s.nullable(s.choice('own', 'agent')),
    'Whose time that is: own (the passes of this answer) or agent (the agent that a check asked); null if since is null.',
  ),
  explanation: s.key(
    s.choice(...EXPLANATION_KINDS),
    'The kind of the sentence: the reason, or why there is none. Later versions may add others.',
  ),
  sentence: s.key(s.text, 'A summary in one or two sentences.'),
  advice: s.key(s.nullable(adviceView), 'What to do; null if it is not a finding.'),
  drill: s.key(s.flag, 'True for a finding that rollcall drill raised.'),
  app: s.key(s.nullable(appIdentity), 'Its app; null: nothing names one.'),
  appSource: s.key(
    s.nullable(s.choice('garden', 'policy-store', 'memory')),
    "What names it: Garden's properties, silk's policy store (without names), or an earlier pass.",
  ),
  privileged: s.key(s.flag, 'Whether it is a privileged container.'),
  throttled: s.key(s.flag, 'Whether it is in the cgroup whose CPU gdn throttles.'),
  pids: s.key(s.count, 'Processes in its cgroup and below, without those of its peas.'),
  pidsOutside: s.key(
    s.count,
    'Processes outside its cgroups that are its own (escaped) or have its root filesystem (no-cgroup).',
  ),
  processes: s.key(s.list(process), 'At most 5, only for differences.'),
  cgroups: s.key(
    s.record(s.text),
    'Its cgroup for each controller, name=X or v2, as a path in the hierarchy.',
  ),
  peas: s.key(s.list(s.text), 'Side processes with their own cgroup.'),
  peaProcesses: s.key(
    s.list(
      s.object({
        pea: s.key(s.text, 'The name of the pea.'),
        pids: s.key(s.count, 'Processes in its cgroup and below.'),
        processes: s.key(s.list(process), 'At most 5.'),
      }),
    ),
    'At most 8 peas in which something runs, only for differences.',
  ),
});
export type ContainerView = s.TypeOf<typeof containerView>;

/** A mount of a hierarchy. */
export const mountView = s.object({
  mountPoint: s.key(s.text, 'Its path, decoded: \\040 is a space.'),
  mountId: s.key(s.nullableCount, 'Null for a table in the format of /proc/mounts.'),
  root: s.key(
    s.nullableText,
    'The directory of the hierarchy that the mount shows; null if the table has no such field.',
  ),
});

/** A hierarchy and the mount that shows it. */
export const hierarchyView = s.object({
  device: s.key(
    s.nullableText,
    'Major and minor number of its file system; null where the table has none.',
  ),
  version: s.key(s.choice(1, 2), 'The cgroup version.'),
  controllers: s.key(s.list(s.text), 'Empty for v2 and for a named hierarchy without controllers.'),
  name: s.key(s.nullableText, 'The X of name=X, of a named hierarchy of v1.'),
  chosen: s.key(s.nullable(mountView), 'The mount that shows its root; null: none does.'),
  confirmed: s.key(
    s.nullable(s.flag),
    'Whether the kernel confirmed the choice; null: the table was a saved one.',
  ),
  why: s.key(s.text, 'The choice in one sentence.'),
});
export type HierarchyView = s.TypeOf<typeof hierarchyView>;

const prediction = s.object({
  mount: s.key(
    s.nullableText,
    'The mount that it chooses, or "its own"; null: none, or one that may be younger than its process.',
  ),
  seen: s.key(s.count, 'Containers that it would see.'),
  missed: s.key(s.count, 'Containers that it would miss.'),
  misnamed: s.key(s.count, 'Containers that it would give another id.'),
  unknown: s.key(s.count, 'Containers for which this is unknown.'),
  knownLimits: s.key(s.count, 'Missed containers that its documentation excludes.'),
});

const observationView = s.object({
  name: s.key(s.text, 'As configured: the label of its metrics.'),
  format: s.key(s.text, 'The format of its event file.'),
  path: s.key(s.text, 'The path of its event file.'),
  state: s.key(
    s.choice(...OBSERVATION_STATES),
    'The state of its event file; unknown: fresh, but it proves nothing.',
  ),
  up: s.key(s.flag, 'Whether its process has not ended and its file can be read.'),
  silent: s.key(s.flag, 'Whether it is dead, unreadable or without a line for too long.'),
  seen: s.key(s.count, 'Containers that it named.'),
  unseen: s.key(s.list(s.text), 'Handles of the containers that it should have named and did not.'),
  expectedUnseen: s.key(s.count, 'Containers that it is not expected to name.'),
  undecided: s.key(s.count, 'Containers for which this is not known yet.'),
  unknownIds: s.key(s.list(s.text), 'At most 5 ids that it wrote and no container has.'),
  unknownIdsOmitted: s.key(s.count, 'How many more such ids there are.'),
  lastLineAt: s.key(s.nullableTime, 'When it last wrote a line.'),
  sentence: s.key(s.text, 'A summary in sentences.'),
});
export type ObservationView = s.TypeOf<typeof observationView>;

const remedy = s.object({
  versions: s.key(s.text, 'The versions in words; empty: every one that it can have.'),
  steps: s.key(
    s.list(
      s.object({
        action: s.key(s.text, 'What to do, in sentences.'),
        setting: s.key(s.nullableText, 'A command or a setting, ready to paste.'),
      }),
    ),
    'In the order in which they are done.',
  ),
});
export const remedies = s.list(remedy);

const gap = s.object({
  why: s.key(s.text, 'The reason in one sentence.'),
  versions: s.key(
    s.list(s.text),
    'The ranges of versions for which it holds; empty: every one that it can have.',
  ),
  isKnownLimit: s.key(s.flag, 'Whether no version, flag or mount changes that.'),
  containers: s.key(
    s.list(
      s.object({
        handle: s.key(s.text, "The container's."),
        id: s.key(s.nullableText, 'The id that the sensor gives it; null: none.'),
      }),
    ),
    'The containers for which it holds.',
  ),
});

export const diagnosis = s.object({
  wrong: s.key(s.text, 'What is wrong, in one sentence; it also says that nothing is.'),
  notes: s.key(s.list(s.text), 'What to know about its version.'),
  remedies: s.key(remedies, 'What to change, by version.'),
  gaps: s.key(
    s.list(gap),
    'The containers to which it does not lead, each reason once; known limits are last.',
  ),
});
export type DiagnosisView = s.TypeOf<typeof diagnosis>;

export const sensorView = s.object({
  // A text, because the agent may be of a later version.
  name: s.key(s.text, 'A sensor that rollcall knows, or the name in the configuration.'),
  title: s.key(s.text, 'Its name for people.'),
  version: s.key(s.nothing, 'Unknown.'),
  pid: s.key(s.nullableCount, 'Null: configured, but no process was found.'),
  startedAt: s.key(s.nullableTime, 'When its process started.'),
  unit: s.key(s.nullableText, 'Its systemd unit or bpm job.'),
  olderContainers: s.key(s.nullableCount, 'Running containers that are older than it.'),
  containers: s.key(s.nullableCount, 'Running containers.'),
  prediction: s.key(
    s.nullable(prediction),
    'The prediction by its published rules; null: its versions differ, or unknown.',
  ),
  blind: s.key(
    s.nullable(s.flag),
    'Whether every version that it can be would miss a container that it could see, or see none at all; null: unknown.',
  ),
  sentence: s.key(s.text, 'The whole prediction, in sentences.'),
  sees: s.key(
    s.record(s.choice(...SENSOR_MARKS)),
    'For each running container, whether the sensor sees it under its handle; no if it gives it another name.',
  ),
  seesBy: s.key(
    s.nullable(s.choice('event-file', 'prediction')),
    'How that is known: by what it wrote, else by its published rules; null: not at all.',
  ),
  diagnosis: s.key(
    s.nullable(diagnosis),
    'By its published rules; null: configured, but no process was found.',
  ),
  observation: s.key(
    s.nullable(observationView),
    'The content of its event file; null: no event file of it is read.',
  ),
});
export type SensorView = s.TypeOf<typeof sensorView>;

/** Whether it certainly misses a container: a fresh observation overrides the prediction. */
export const missesContainers = ({
  blind,
  observation,
}: Pick<SensorView, 'blind' | 'observation'>): boolean =>
  observation?.state === 'fresh' ? observation.unseen.length > 0 : blind === true;

const warning = s.object({
  // A text, because the agent may be of a later version.
  reason: s.key(s.text, 'What is wrong, in one word (see cell.warnings); others later.'),
  containers: s.key(s.count, 'The number of affected containers; 0 if it is about no container.'),
  worst: s.key(
    s.text,
    'The handle of the most affected container; empty if it is about no container.',
  ),
  sentence: s.key(s.text, 'A summary in sentences.'),
});

const bosh = s.key(s.nullable(cellIdentity), 'Its BOSH identity; null: unknown.');

export const cell = s.object({
  hostname: s.key(s.text, 'Its host name.'),
  bootId: s.key(s.text, 'Differs after each boot.'),
  bosh,
  scopes: s.key(
    s.record(s.text),
    'For each controller, name=X or v2: the cgroup that contains everything of this cell.',
  ),
  warnings: s.key(
    s.list(warning),
    'Problems of the cell as a whole; too-many-cgroups, too-many-names and cut-sweep change the verdict.',
  ),
});

const anchor = s.object({
  source: s.key(s.choice(...ANCHOR_SOURCES), 'How it was found.'),
  pid: s.key(s.nullableCount, "The pid of gdn's process; null: it is not running."),
  path: s.key(s.text, 'Its cgroup in the primary hierarchy.'),
});

export const mode = s.key(
  s.choice(...CGROUP_MODES),
  'Whether the mount table has hierarchies of v1, of v2, or of both.',
);

const cgroups = s.object({
  mode,
  namespace: s.key(s.choice(...CGROUP_NAMESPACES), 'The cgroup namespace of this process.'),
  primary: s.key(
    s.nullableText,
    'The hierarchy that a pass walks to find containers: a controller, name=X or v2; null: none.',
  ),
  anchor: s.key(s.nullable(anchor), "gdn's cgroup; null: it was not found."),
  hierarchies: s.key(s.list(hierarchyView), 'Each with the mount that shows it.'),
});

const summary = s.object({
  listed: s.key(s.count, 'Containers that Garden lists.'),
  tracked: s.key(s.count, 'Containers that are listed and have a live cgroup.'),
  pending: s.key(s.count, 'A difference is within its grace period.'),
  untracked: s.key(s.count, 'A difference lasted for its grace period.'),
  undecided: s.key(s.count, 'Containers about which this pass could not decide.'),
  byReason: s.key(
    s.object(
      Object.fromEntries(
        REASONS.map((reason) => [reason, s.key(s.count, 'Untracked containers with this reason.')]),
      ),
    ),
    'The untracked ones by reason.',
  ),
});

/** Entries of ledgers whose handle neither runs nor is listed; null: too few readings. */
const leftovers = s.object({
  cgroups: s.key(s.count, 'Empty cgroups, with those of peas.'),
  rootfsMounts: s.key(s.nullableCount, "Overlays in gdn's mount table."),
  depots: s.key(s.nullableCount, 'Directories in the depot of gdn.'),
  namespaces: s.key(s.nullableCount, 'Mounted network namespaces.'),
  addresses: s.key(s.nullableCount, 'Addresses of host interfaces.'),
  reservations: s.key(s.nullableCount, 'Addresses that host-local has given away.'),
  policies: s.key(s.nullableCount, 'Entries of the policy store.'),
});

/** `rollcall check` and `GET /v1/report`. */
export const reportView = s.object({
  schemaVersion: s.schemaVersion,
  takenAt: s.key(s.time, 'When the pass ended.'),
  durationMilliseconds: s.key(s.amount, 'How long the pass took.'),
  verdict: s.key(
    s.choice(...VERDICTS),
    'all-tracked with pending ones too; unknown: nothing, or not everything, could be compared.',
  ),
  why: s.key(s.text, 'The report in one or two sentences.'),
  cell: s.key(cell, 'The machine.'),
  cgroups: s.key(cgroups, 'How its cgroups were read.'),
  garden: s.key(gardenState, "Garden's list."),
  containers: s.key(
    s.list(containerView),
    'Worst first. If the verdict is unknown, the last known ones.',
  ),
  sensors: s.key(s.list(sensorView), 'The security sensors that run or are configured.'),
  live: s.key(s.count, 'Live cgroups of containers, compared or not.'),
  unaccounted: s.key(
    unaccounted,
    'What untracked containers use that Garden or Diego lost and no rep counts.',
  ),
  leftovers: s.key(leftovers, 'Leftovers of containers; not a finding.'),
  ledgers: s.key(accountView, 'What other ledgers of the cell say; not a finding.'),
  ignored: s.key(ignored, "Cgroups that are not Garden's, by owner."),
  leftoverCgroups: s.key(
    s.list(s.text),
    'Empty cgroups of containers and peas that neither run nor are listed; at most 100.',
  ),
  leftoverCgroupsOmitted: s.key(s.count, 'How many more there are.'),
  summary: s.key(summary, 'The containers counted.'),
});
export type ReportView = s.TypeOf<typeof reportView>;
