import * as v from 'valibot';
import { REASONS } from '../../src/model/finding.ts';
import type { ReportView } from '../../src/model/report-view.ts';
import { container } from './container.ts';
import { hierarchy, mode, namespace } from './hierarchy.ts';
import { sensor } from './sensor.ts';
import {
  count,
  nullableCount,
  nullableText,
  schemaVersion,
  text,
  time,
  described,
} from './shapes.ts';

const warning = v.object({
  reason: described(text, 'limit-lost; later versions may add others.'),
  containers: described(count, 'The number of affected containers.'),
  worst: described(text, 'The handle of the most affected container.'),
  sentence: described(text, 'A summary in sentences.'),
});

/** The BOSH instance of the cell. */
const bosh = v.object({
  deployment: described(text, 'Its deployment.'),
  group: described(text, 'Its instance group.'),
  index: described(count, 'Its index.'),
  id: described(text, 'Its id.'),
  az: described(nullableText, 'Its availability zone; null: there are none.'),
  ip: described(nullableText, 'Its address; null: the Director does not know it.'),
});

const cell = v.object({
  hostname: described(text, 'Its host name.'),
  bootId: described(text, 'Differs after each boot.'),
  bosh: described(v.nullable(bosh), 'Its BOSH identity; null: unknown.'),
  scopes: described(
    v.record(v.string(), text),
    'For each controller, name=X or v2: the cgroup that contains everything of this cell.',
  ),
  warnings: described(
    v.array(warning),
    'Problems of the cell as a whole; they do not change the verdict.',
  ),
});

const anchor = v.object({
  source: described(v.picklist(['process', 'memory', 'walk']), 'How it was found.'),
  pid: described(nullableCount, "The pid of gdn's process; null: it is not running."),
  path: described(text, 'Its cgroup in the primary hierarchy.'),
});

const cgroups = v.object({
  mode,
  namespace: described(namespace, 'The cgroup namespace of this process.'),
  primary: described(
    nullableText,
    'The hierarchy that is scanned for containers: a controller, name=X or v2; null: none.',
  ),
  anchor: described(v.nullable(anchor), "gdn's cgroup; null: it was not found."),
  hierarchies: described(v.array(hierarchy), 'Each with the mount that shows it.'),
});

const garden = v.variant('state', [
  v.object({
    state: described(v.literal('known'), 'The list was read.'),
    listed: described(count, 'How many containers Garden lists.'),
  }),
  v.object({
    state: described(v.literal('unavailable'), 'The list could not be read.'),
    since: described(time, 'Since when.'),
    why: described(text, 'The event, and what to do.'),
  }),
]);

const held = v.object({
  memoryBytes: described(nullableCount, 'Null: the kernel has no value.'),
  pids: described(count, 'Processes.'),
});

const leftovers = v.object({
  cgroups: described(count, 'Empty cgroups.'),
  rootfsMounts: described(nullableCount, "Overlays in gdn's mount table; null: not read yet."),
});

const ignored = v.object({
  bpm: described(count, 'Cgroups of bpm jobs.'),
  docker: described(count, 'Cgroups of Docker containers.'),
  systemd: described(count, 'Cgroups of systemd.'),
  'other-garden': described(count, 'Cgroups of another gdn.'),
  unrecognised: described(count, 'Cgroups of an unknown owner.'),
});

const summary = v.object({
  listed: described(count, 'Containers that Garden lists.'),
  tracked: described(count, 'Containers that are listed and have a live cgroup.'),
  pending: described(count, 'A difference is within its grace period.'),
  untracked: described(count, 'A difference lasted for its grace period.'),
  undecided: described(count, 'Containers about which this pass could not decide.'),
  acknowledged: described(count, 'Findings that somebody acknowledged.'),
  byReason: described(
    v.object(
      v.entriesFromList(REASONS, described(count, 'Untracked containers with this reason.')),
    ),
    'The untracked ones by reason.',
  ),
});

/** `rollcall check` and `GET /v1/report`. */
export const report = v.object({
  schemaVersion,
  takenAt: described(time, 'When the pass ended.'),
  durationMilliseconds: described(v.pipe(v.number(), v.minValue(0)), 'How long the pass took.'),
  verdict: described(
    v.picklist(['all-tracked', 'untracked', 'unknown']),
    'all-tracked with pending ones too; unknown: nothing, or not everything, could be compared.',
  ),
  why: described(text, 'The report in one or two sentences.'),
  cell: described(cell, 'The machine.'),
  cgroups: described(cgroups, 'How its cgroups were read.'),
  garden: described(garden, "Garden's list."),
  containers: described(
    v.array(container),
    'Worst first. If the verdict is unknown, the last known ones.',
  ),
  sensors: described(v.array(sensor), 'The security sensors that run or are configured.'),
  seen: described(count, 'Live cgroups of containers, compared or not.'),
  held: described(
    v.nullable(held),
    'Held by unknown-to-garden and unowned containers; rep does not count it.',
  ),
  leftovers: described(v.nullable(leftovers), 'Leftovers of containers; not a finding.'),
  ignored: described(ignored, "Cgroups that are not Garden's, by owner."),
  stale: described(v.array(text), 'Leftover empty cgroups, at most 100.'),
  staleOmitted: described(count, 'The number of further ones.'),
  summary: described(summary, 'The containers counted.'),
}) satisfies v.GenericSchema<unknown, ReportView>;
