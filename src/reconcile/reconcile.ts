import type { GracePeriods } from '../model/finding.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Answers, Snapshot } from '../model/snapshot.ts';
import type { Evidence, Memory, RememberedContainer } from '../model/memory.ts';
import type { ContainerReport, UnknownCause, Report } from '../model/report.ts';
import {
  advance,
  elapsedSince,
  memoryOfBoot,
  rememberedOf,
  type DifferenceState,
} from './lasting.ts';
import { composeReport } from './compose-report.ts';
import { containerReport } from './container-report.ts';
import { unknownCause } from './unknown-cause.ts';
import { observedContainers, type ObservedContainer } from './observed-containers.ts';
import { seenIn, standFor, effective } from './judge.ts';
import { observe, type ObservedState } from './observe.ts';
import { resolveHierarchies, type CgroupHierarchies } from '../mounts/resolve.ts';
import { reportedCauseAfter } from './reported-cause.ts';
import { watchedDirectories, type WatchedDirectory } from './watched-directories.ts';
import { worstFirst } from './worst-first.ts';

export interface Decision {
  readonly report: Report;
  readonly memory: Memory;
  /** Where the next container will appear. */
  readonly watch: readonly WatchedDirectory[];
}

/** The same pass, decided from its snapshot alone: what a replay does. */
export const decide = (snapshot: Snapshot, memory: Memory, gracePeriods: GracePeriods): Decision =>
  reconcile(
    resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses),
    snapshot,
    memory,
    gracePeriods,
  );

/** The same for a pass whose hierarchies were resolved already. */
export const reconcile = (
  cgroups: CgroupHierarchies,
  snapshot: Snapshot,
  memory: Memory,
  gracePeriods: GracePeriods,
): Decision => {
  const state = observe(cgroups, snapshot, memoryOfBoot(memory, snapshot.cell.bootId), null);
  return conclude(state, snapshot, memory, gracePeriods);
};

/** The comparison without a pause. */
export function conclude(
  state: ObservedState,
  snapshot: Snapshot,
  memory: Memory,
  gracePeriods: GracePeriods,
): Decision {
  const steps = concluding(state, snapshot, memory, gracePeriods);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Containers between two pauses: about 5 ms of work. */
const SLICE = 250;

/**
 * Compares what one pass saw with Garden's list and with what earlier passes remember. Yields now and then, so that a daemon
 * can answer requests in between.
 */
export function* concluding(
  state: ObservedState,
  snapshot: Snapshot,
  earlier: Memory,
  gracePeriods: GracePeriods,
): Generator<void, Decision> {
  const before = memoryOfBoot(earlier, snapshot.cell.bootId);
  const cause = unknownCause(state, snapshot);
  const watch = watchedDirectories(state, snapshot);
  const gardenSince =
    snapshot.list.kind === 'failed' ? (before.gardenUnavailableSince ?? snapshot.at.wall) : null;
  const lastLook = {
    monotonicMilliseconds: snapshot.at.monotonicMilliseconds,
    compared: cause === null,
  };
  const common = {
    bootId: snapshot.cell.bootId,
    anchor: state.gdn?.source === 'process' ? state.gdn.paths : before.anchor,
    gardenUnavailableSince: gardenSince,
    lastLook,
  };
  if (cause !== null) {
    const troubleTold = reportedCauseAfter(earlier.troubleTold, cause);
    const memory = { ...before, ...common, troubleTold };
    const report = composeReport(state, snapshot, before.lastKnown, gardenSince);
    return { memory, watch, report: { ...report, verdict: 'unknown', unknownCause: cause } };
  }
  const primary = state.cgroups.primary?.controller ?? null;
  const elapsed = elapsedSince(before, snapshot.cell.bootId, snapshot.at);
  const remembered = new Map<Handle, RememberedContainer>();
  const containers: ContainerReport[] = [];
  yield;
  const list = observedContainers(state, snapshot.answers, before);
  yield;
  for (const [index, observed] of list.entries()) {
    if (index % SLICE === SLICE - 1) yield;
    const was = rememberedOf(observed, before, primary);
    const difference = advance(observed, was, elapsed, snapshot.at, gracePeriods);
    const identity = identityOf(observed, was, snapshot.answers);
    const shown = { ...observed, judgement: effective(observed.judgement, difference.reason) };
    const container = containerReport(shown, difference, identity, was, state, snapshot.answers);
    remembered.set(
      observed.handle,
      remember(observed, was, difference, container, snapshot, primary),
    );
    containers.push(container);
  }
  yield;
  containers.sort(worstFirst);
  const report = withUndecided(composeReport(state, snapshot, containers, gardenSince));
  const troubleTold = reportedCauseAfter(earlier.troubleTold, report.unknownCause);
  const memory = { ...common, troubleTold, containers: remembered, lastKnown: containers };
  return { report, watch, memory };
}

/** What could not be told of one container is not "all is well" for the cell; the others are compared all the same. */
function withUndecided(report: Report): Report {
  const undecided = report.containers.flatMap(({ explanation }) =>
    explanation.kind === 'undecided' ? [explanation.why] : [],
  );
  const [why] = undecided;
  if (why === undefined) return report;
  const cause: UnknownCause = { kind: 'undecided', containers: undecided.length, why };
  return { ...report, verdict: 'unknown', unknownCause: cause };
}

/** Who it is: what Garden says now, else what it said before it lost it. */
function identityOf(
  { handle }: Pick<ObservedContainer, 'handle'>,
  was: RememberedContainer | null,
  answers: Answers,
): RememberedContainer['identity'] {
  const known = answers.properties.get(handle);
  return known?.kind === 'answered' && known.value.owner === 'present'
    ? { kind: known.value.kind, app: known.value.app }
    : (was?.identity ?? null);
}

function remember(
  { name, cgroup, listed }: ObservedContainer,
  was: RememberedContainer | null,
  difference: DifferenceState,
  container: ContainerReport,
  snapshot: Snapshot,
  primary: ControllerName | null,
): RememberedContainer {
  const { answers } = snapshot;
  const { reason, differingSince, lasted, looks, reported, worse } = difference;
  return {
    cgroupInode: cgroup?.inode ?? was?.cgroupInode ?? null,
    inodeOf: cgroup === null ? (was?.inodeOf ?? null) : primary,
    firstSeen: was?.firstSeen ?? snapshot.at.wall,
    listed: listed || was?.listed === true,
    differingSince,
    reason,
    severity: container.severity,
    lasted,
    looks,
    reported,
    worse,
    seenIn: seenInNow(name, cgroup, answers, was),
    identity: identityOf(container, was, answers),
    evidence: evidenceOf(container, difference, was),
  };
}

/**
 * Taken at the first sight of a difference, because its processes may be gone when the grace period ends; where there were none
 * (`no-cgroup`), at the first sight of one.
 */
function evidenceOf(
  { processes, cgroups, pids }: ContainerReport,
  { reason, looks }: DifferenceState,
  was: RememberedContainer | null,
): Evidence | null {
  if (reason === null) return null;
  // What stood before this reason took its place was another difference, perhaps of days ago.
  const isAnother = was?.reason === 'partial' && reason !== 'partial';
  const before = looks > 1 && !isAnother ? (was?.evidence ?? null) : null;
  const isKept = before !== null && (before.processes.length > 0 || processes.length === 0);
  return isKept ? before : { processes, cgroups, pids };
}

function seenInNow(
  name: ByteString,
  cgroup: ObservedContainer['cgroup'],
  answers: Answers,
  was: RememberedContainer | null,
): readonly ControllerName[] {
  const pid = cgroup === null ? null : standFor(cgroup);
  const membership = pid === null ? null : (answers.memberships.get(pid) ?? null);
  const now = membership === null ? [] : seenIn(membership, name);
  return [...new Set([...(was?.seenIn ?? []), ...now])];
}
