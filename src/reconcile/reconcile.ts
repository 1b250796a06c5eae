import type { Patience } from '../model/finding.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Answers, LookInputs } from '../model/look-inputs.ts';
import { EMPTY_MEMORY, type Memory, type RememberedContainer } from '../model/memory.ts';
import type { ContainerReport, CouldNotTell, Ignored, Report } from '../model/report.ts';
import { advance, elapsedSince, rememberedOf, type Clock } from './clocks.ts';
import { containerReport } from './container-report.ts';
import { couldNotTell } from './could-not-tell.ts';
import { subjectsOf, type Subject } from './differences.ts';
import { seenIn, standFor } from './judge.ts';
import { paint, type Picture } from './picture.ts';
import { surveyMounts, type Ground } from './ground.ts';
import { worstFirst } from './worst-first.ts';

const MOST_STALE = 100;

export interface Decision {
  readonly report: Report;
  readonly memory: Memory;
}

/** The same look, decided from its inputs alone: what a replay does. */
export const decide = (inputs: LookInputs, memory: Memory, patience: Patience): Decision =>
  reconcile(surveyMounts(inputs.mounts, inputs.gardenProcesses), inputs, memory, patience);

/** Compares what one look saw with Garden's list and with what earlier looks remember. */
export function reconcile(
  ground: Ground,
  inputs: LookInputs,
  earlier: Memory,
  patience: Patience,
): Decision {
  const before = earlier.bootId === inputs.cell.bootId ? earlier : EMPTY_MEMORY;
  const picture = paint(ground, inputs, before);
  const trouble = couldNotTell(picture, inputs);
  const gardenSince =
    inputs.list.kind === 'failed' ? (before.gardenUnavailableSince ?? inputs.at.wall) : null;
  const lastLook = {
    monotonicMilliseconds: inputs.at.monotonicMilliseconds,
    compared: trouble === null,
  };
  const common = {
    bootId: inputs.cell.bootId,
    anchor: picture.anchor?.source === 'process' ? picture.anchor.paths : before.anchor,
    gardenUnavailableSince: gardenSince,
    lastLook,
  };
  if (trouble !== null) {
    const memory = { ...before, ...common };
    const report = reportOf(picture, inputs, before.picture, gardenSince);
    return { memory, report: { ...report, verdict: 'unknown', couldNotTell: trouble } };
  }
  const elapsed = elapsedSince(before, inputs.cell.bootId, inputs.at);
  const remembered = new Map<Handle, RememberedContainer>();
  const containers: ContainerReport[] = [];
  for (const subject of subjectsOf(picture, inputs.answers, before)) {
    const was = rememberedOf(subject, before);
    const clock = advance(subject, was, elapsed, inputs.at, patience);
    const is = remember(subject, was, clock, inputs);
    remembered.set(subject.handle, is);
    containers.push(containerReport(subject, clock, is, picture, inputs.answers));
  }
  containers.sort(worstFirst);
  const report = withUndecided(reportOf(picture, inputs, containers, gardenSince));
  return { report, memory: { ...common, containers: remembered, picture: containers } };
}

/** What could not be told of one container is not "all is well" for the cell; the others are compared all the same. */
function withUndecided(report: Report): Report {
  const undecided = report.containers.flatMap(({ explanation }) =>
    explanation.kind === 'undecided' ? [explanation.why] : [],
  );
  const [why] = undecided;
  if (why === undefined) return report;
  const couldNot: CouldNotTell = { kind: 'undecided', containers: undecided.length, why };
  return { ...report, verdict: 'unknown', couldNotTell: couldNot };
}

function remember(
  subject: Subject,
  was: RememberedContainer | null,
  clock: Clock,
  inputs: LookInputs,
): RememberedContainer {
  const { handle, name, cgroup, listed } = subject;
  const { answers } = inputs;
  const known = answers.properties.get(handle);
  const identity =
    known?.kind === 'answered' && known.value.owner === 'present'
      ? { kind: known.value.kind, app: known.value.app }
      : (was?.identity ?? null);
  const { reason, differingSince, lasted, looks, reported } = clock;
  return {
    cgroupInode: cgroup?.inode ?? was?.cgroupInode ?? null,
    firstSeen: was?.firstSeen ?? inputs.at.wall,
    listed: listed || was?.listed === true,
    differingSince,
    reason,
    lasted,
    looks,
    reported,
    seenIn: seenInNow(name, cgroup, answers, was),
    identity,
  };
}

function seenInNow(
  name: ByteString,
  cgroup: Subject['cgroup'],
  answers: Answers,
  was: RememberedContainer | null,
): readonly ControllerName[] {
  const pid = cgroup === null ? null : standFor(cgroup);
  const membership = pid === null ? null : (answers.memberships.get(pid) ?? null);
  const now = membership === null ? [] : seenIn(membership, name);
  return [...new Set([...(was?.seenIn ?? []), ...now])];
}

function reportOf(
  picture: Picture,
  inputs: LookInputs,
  containers: readonly ContainerReport[],
  gardenSince: string | null,
): Report {
  const { ground, anchor, view } = picture;
  const { primary } = ground;
  const anchorPath = primary === null ? undefined : anchor?.paths[primary.controller];
  const stale = staleDirectories(picture);
  return {
    takenAt: inputs.at.wall,
    durationMilliseconds: inputs.durationMilliseconds,
    verdict: containers.some(({ status }) => status === 'untracked') ? 'untracked' : 'all-tracked',
    couldNotTell: null,
    cell: {
      ...inputs.cell,
      scopes: Object.fromEntries(
        ground.hierarchies.map(({ controller, scope }) => [controller, scope]),
      ),
    },
    cgroups: {
      mode: ground.mode,
      namespace: inputs.mounts.namespace,
      primary: primary?.controller ?? null,
      hierarchies: ground.choices,
      anchor:
        anchor === null || anchorPath === undefined
          ? null
          : { source: anchor.source, pid: anchor.pid, path: anchorPath },
    },
    garden:
      inputs.list.kind === 'answered'
        ? { state: 'known', listed: inputs.list.value.length }
        : { state: 'unavailable', since: gardenSince ?? inputs.at.wall, why: inputs.list.why },
    containers,
    seen:
      [...(view?.containers.values() ?? [])].filter(({ pids }) => pids.length > 0).length +
      picture.strangers.filter(({ basis }) => basis !== null).length,
    ignored: ignoredOf(picture),
    stale: stale.slice(0, MOST_STALE),
    staleOmitted: Math.max(0, stale.length - MOST_STALE),
  };
}

/** Directories of containers that Garden does not list and in which nothing runs: leftovers, not findings. */
function staleDirectories({ view, listed }: Picture): readonly ByteString[] {
  if (view === null || listed === null) return [];
  return [...view.containers.values()]
    .filter(({ name, pids, unclear }) => !listed.has(name) && pids.length === 0 && !unclear)
    .map(({ path }) => path);
}

function ignoredOf({ strangers, view }: Picture): Ignored {
  const units = (kind: string): number =>
    new Set(
      strangers.filter((one) => one.kind === kind && one.basis === null).map(({ unit }) => unit),
    ).size;
  return {
    bpm: units('bpm'),
    docker: units('docker'),
    systemd: units('systemd'),
    'other-garden': view?.otherGarden.length ?? 0,
    unrecognised: units('unrecognised'),
  };
}
