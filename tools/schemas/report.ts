import * as v from 'valibot';
import { REASONS } from '../../src/model/finding.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { container } from './container.ts';
import { hierarchy, mode, namespace } from './hierarchy.ts';
import { sensor } from './sensor.ts';
import { count, nullableCount, nullableText, schemaVersion, text, time, told } from './shapes.ts';

const warning = v.object({
  reason: told(text, 'limit-lost; later versions may add others.'),
  containers: told(count, 'The number of affected containers.'),
  worst: told(text, 'The handle of the most affected container.'),
  sentence: told(text, 'A summary in sentences.'),
});

/** The BOSH instance of the cell. */
const bosh = v.object({
  deployment: told(text, 'Its deployment.'),
  group: told(text, 'Its instance group.'),
  index: told(count, 'Its index.'),
  id: told(text, 'Its id.'),
  az: told(nullableText, 'Its availability zone; null: there are none.'),
  ip: told(nullableText, 'Its address; null: the Director does not know it.'),
});

const cell = v.object({
  hostname: told(text, 'Its host name.'),
  bootId: told(text, 'Differs after each boot.'),
  bosh: told(v.nullable(bosh), 'Its BOSH identity; null: unknown.'),
  scopes: told(
    v.record(v.string(), text),
    'For each controller, name=X or v2: the cgroup that contains everything of this cell.',
  ),
  warnings: told(
    v.array(warning),
    'Problems of the cell as a whole; they do not change the verdict.',
  ),
});

const anchor = v.object({
  source: told(v.picklist(['process', 'memory', 'walk']), 'How it was found.'),
  pid: told(nullableCount, "The pid of gdn's process; null: it is not running."),
  path: told(text, 'Its cgroup in the primary hierarchy.'),
});

const cgroups = v.object({
  mode,
  namespace: told(namespace, 'The cgroup namespace of this process.'),
  primary: told(
    nullableText,
    'The hierarchy that is scanned for containers: a controller, name=X or v2; null: none.',
  ),
  anchor: told(v.nullable(anchor), "gdn's cgroup; null: it was not found."),
  hierarchies: told(v.array(hierarchy), 'Each with the mount that shows it.'),
});

const garden = v.variant('state', [
  v.object({
    state: told(v.literal('known'), 'The list was read.'),
    listed: told(count, 'How many containers Garden lists.'),
  }),
  v.object({
    state: told(v.literal('unavailable'), 'The list could not be read.'),
    since: told(time, 'Since when.'),
    why: told(text, 'The event, and what to do.'),
  }),
]);

const held = v.object({
  memoryBytes: told(nullableCount, 'Null: the kernel has no value.'),
  pids: told(count, 'Processes.'),
});

const leftovers = v.object({
  cgroups: told(count, 'Empty cgroups.'),
  rootfsMounts: told(nullableCount, "Overlays in gdn's mount table; null: not read yet."),
});

const ignored = v.object({
  bpm: told(count, 'Cgroups of bpm jobs.'),
  docker: told(count, 'Cgroups of Docker containers.'),
  systemd: told(count, 'Cgroups of systemd.'),
  'other-garden': told(count, 'Cgroups of another gdn.'),
  unrecognised: told(count, 'Cgroups of an unknown owner.'),
});

const summary = v.object({
  listed: told(count, 'Containers that Garden lists.'),
  tracked: told(count, 'Containers that are listed and have a live cgroup.'),
  pending: told(count, 'A difference is within its grace period.'),
  untracked: told(count, 'A difference lasted for its grace period.'),
  undecided: told(count, 'Containers about which this pass could not decide.'),
  acknowledged: told(count, 'Findings that somebody acknowledged.'),
  byReason: told(
    v.object(v.entriesFromList(REASONS, told(count, 'Untracked containers with this reason.'))),
    'The untracked ones by reason.',
  ),
});

/** `rollcall check` and `GET /v1/report`. */
export const report = v.object({
  schemaVersion,
  takenAt: told(time, 'When the pass ended.'),
  durationMilliseconds: told(v.pipe(v.number(), v.minValue(0)), 'How long the pass took.'),
  verdict: told(
    v.picklist(['all-tracked', 'untracked', 'unknown']),
    'all-tracked with pending ones too; unknown: nothing, or not everything, could be compared.',
  ),
  why: told(text, 'The report in one or two sentences.'),
  cell: told(cell, 'The machine.'),
  cgroups: told(cgroups, 'How its cgroups were read.'),
  garden: told(garden, "Garden's list."),
  containers: told(
    v.array(container),
    'Worst first. If the verdict is unknown, the last known ones.',
  ),
  sensors: told(v.array(sensor), 'The security sensors that run or are configured.'),
  seen: told(count, 'Live cgroups of containers, compared or not.'),
  held: told(
    v.nullable(held),
    'Held by unknown-to-garden and unowned containers; rep does not count it.',
  ),
  leftovers: told(v.nullable(leftovers), 'Leftovers of containers; not a finding.'),
  ignored: told(ignored, "Cgroups that are not Garden's, by owner."),
  stale: told(v.array(text), 'Leftover empty cgroups, at most 100.'),
  staleOmitted: told(count, 'The number of further ones.'),
  summary: told(summary, 'The containers counted.'),
}) satisfies v.GenericSchema<unknown, ReportView>;
