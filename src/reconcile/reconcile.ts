import type { GracePeriods } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Evidence, Memory, RememberedContainer, RememberedProcess } from '../model/memory.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import type { Answers } from '../model/questions.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ProcessIdentity } from '../model/sweep.ts';
import { bytesOfText } from '../model/text.ts';
import type { CgroupHierarchies } from '../mounts/resolve.ts';
import { composeReport } from './compose-report.ts';
import { containerReport, worstFirst } from './container-report.ts';
import { clockAfter, gapSince, type PassTime } from './clock.ts';
import { mayBeEntering } from './judge/escaped.ts';
import { withoutEntering } from './judge/judge.ts';
import { effective, NOT_SHOWN } from './judge/judgement.ts';
import { knownContainer, membershipOf, ownPathsIn } from './judge/pass-facts.ts';
import {
  advance,
  isSameDifference,
  openReportAfter,
  rememberedOf,
  type ComparedContainer,
} from './lasting.ts';
import { heldNow } from './held.ts';
import { cellWarnings, uncomparedWarnings, warningsAfter } from './cell-warnings.ts';
import { observe, type ObservedState } from './observe/observe.ts';
import {
  observedContainers,
  type ObservedContainer,
  type ObservedPass,
} from './judge/observed-containers.ts';
import { signalsReadAfter } from './judge/stuck.ts';
import { isRememberedPea, rememberedPeas } from './observe/pea-claims.ts';
import { watchedDirectories, type WatchedDirectory } from './observe/scan-plan.ts';
import { repAfter } from './rep-seen.ts';
import { reportedCauseAfter, unknownCause } from './unknown-cause.ts';

const MAX_OTHER_GDNS = 16;
/** How many escaped processes of one container are remembered. */
const MAX_ESCAPED = 5;

export interface Decision {
  readonly report: Report;
  readonly memory: Memory;
  /** The directories in which the next container will appear. */
  readonly watch: readonly WatchedDirectory[];
}

/**
 * @param memory from this boot
 * @param earlier the state of the same pass with fewer answers
 */
export function observePass(
  cgroups: CgroupHierarchies,
  snapshot: Snapshot,
  memory: Memory,
  earlier: ObservedState | null,
): ObservedPass {
  const state = observe(cgroups, snapshot, memory, earlier);
  const containers = observedContainers({ state, answers: snapshot.answers, memory }, snapshot);
  return { snapshot, memory, state, containers };
}

/** One container after a pass. */
export interface ContainerOutcome {
  readonly report: ContainerReport;
  readonly remembered: RememberedContainer;
}

/** Compares one container of a pass with memory. No other container changes its outcome. */
export function compareContainer(
  observed: ObservedContainer,
  pass: ObservedPass,
  gracePeriods: GracePeriods,
): ContainerOutcome {
  const { at, isAnnounced } = pass.snapshot;
  const compared = compare(observed, pass, { now: at, isAnnounced, gracePeriods });
  const report = containerReport(compared, pass);
  return { report, remembered: remember(compared, report, pass) };
}

/** A container that a pass shows nowhere. */
export interface AbsentContainer extends ContainerOutcome {
  /** The cgroup of the container is there, so its processes can come back to it. */
  readonly hasCgroup: boolean;
}

/**
 * Those with a clock that runs, so that they do not begin anew, and those whose cgroup is still there.
 * Reported only as findings.
 */
export function absentContainers(
  pass: ObservedPass,
  gracePeriods: GracePeriods,
): readonly AbsentContainer[] {
  const shown = new Set(pass.containers.map(({ handle }) => handle));
  const { containers, vanished } = pass.memory;
  const absent = [...containers, ...vanished].filter(([handle]) => !shown.has(handle));
  const inodes = new Set(absent.length === 0 ? [] : pass.state.view?.inodes.values());
  return absent.flatMap(([handle, was]) => {
    const hasCgroup = was.wasListed && isCgroupIn(inodes, was, pass);
    if (was.clock === null && !hasCgroup) return [];
    const named = { name: bytesOfText(handle), handle, isListed: false };
    const known = knownContainer(named, { ...pass, answers: pass.snapshot.answers });
    const unseen = { ...known, cgroup: null, judgement: NOT_SHOWN, outside: [] };
    const { report, remembered } = compareContainer(unseen, pass, gracePeriods);
    if (remembered.clock === null && !hasCgroup) return [];
    // A report of what is no longer shown has ended.
    const openReport = isFinding({ report }) ? remembered.openReport : null;
    return [{ report, remembered: { ...remembered, openReport }, hasCgroup }];
  });
}

const isCgroupIn = (
  inodes: ReadonlySet<number>,
  { cgroupInode, inodeOf }: RememberedContainer,
  { state }: ObservedPass,
): boolean =>
  cgroupInode !== null && inodeOf === state.cgroups.primary?.controller && inodes.has(cgroupInode);

const isFinding = ({ report }: Pick<ContainerOutcome, 'report'>): boolean =>
  report.status === 'untracked';

/**
 * @param outcomes for all containers of the pass; ignored if nothing can be compared
 * @param absent from `absentContainers`
 */
export function decisionOf(
  pass: ObservedPass,
  outcomes: readonly ContainerOutcome[],
  absent: readonly AbsentContainer[],
): Decision {
  const { snapshot, state, memory: before } = pass;
  const { at, cell, list, listedAt } = snapshot;
  const cause = unknownCause(state, snapshot);
  const watch = watchedDirectories(state, snapshot);
  const gardenSince = list.kind === 'failed' ? (before.gardenUnavailableSince ?? listedAt) : null;
  const known = {
    ...before,
    bootId: cell.bootId,
    anchor: state.gdn?.source === 'process' ? state.gdn.paths : before.anchor,
    // A pass that reads no cgroup knows of none.
    otherGdns:
      state.gdn === null
        ? before.otherGdns
        : state.otherGdns.map(({ paths }) => paths).slice(0, MAX_OTHER_GDNS),
    gardenUnavailableSince: gardenSince,
    reportedCause: reportedCauseAfter(before.reportedCause, cause),
    lastPass: { monotonicMilliseconds: at.monotonicMilliseconds, compared: cause === null },
  };
  if (cause !== null) {
    const shownFacts = { ...before.lastShown, warnings: uncomparedWarnings(pass) };
    const report = composeReport(state, snapshot, shownFacts, gardenSince);
    return { memory: known, watch, report: { ...report, verdict: 'unknown', unknownCause: cause } };
  }
  const shown = [...outcomes, ...absent.filter(isFinding)];
  const others = absent.filter((one) => !isFinding(one));
  const containers = shown.map(({ report }) => report).toSorted(worstFirst);
  const held = heldNow(pass, containers);
  const rep = repAfter(pass);
  const warnings = cellWarnings(pass, rep);
  const lastShown = { ...before.lastShown, containers, held, warnings };
  const report = composeReport(state, snapshot, lastShown, gardenSince);
  const memory = {
    ...known,
    containers: rememberedBy([...shown, ...others.filter(({ hasCgroup }) => hasCgroup)]),
    vanished: rememberedBy(others.filter(({ hasCgroup }) => !hasCgroup)),
    lastShown,
    rep,
    warnings: warningsAfter(before.warnings, warnings, at),
    signalsReadAt: signalsReadAfter(at, before),
    comparedPasses: before.comparedPasses + 1,
    peas: peasAfter(state, before),
  };
  return { report, watch, memory };
}

/** A cgroup that was seen to be a pea is read again only if another process becomes its first. */
const peasAfter = ({ view }: ObservedState, { peas }: Memory): Memory['peas'] =>
  view === null
    ? peas
    : rememberedPeas(
        view.peas,
        (pea) => view.peaProofs.get(pea.path) === 'pea' || isRememberedPea(pea, peas),
      );

const rememberedBy = (outcomes: readonly ContainerOutcome[]): Memory['containers'] =>
  new Map(outcomes.map(({ report, remembered }) => [report.handle, remembered]));

function compare(
  observed: ObservedContainer,
  { state, snapshot, memory }: ObservedPass,
  time: PassTime,
): ComparedContainer {
  const { answers } = snapshot;
  const primary = state.cgroups.primary?.controller ?? null;
  const was = rememberedOf(observed, memory, primary, answers);
  const outside = outsideNow(observed, { was, answers }, time);
  const clock = clockAfter({ observed, outside, was }, time);
  const difference = advance(observed.judgement, { was, clock }, time);
  const { properties } = observed;
  const identity =
    properties?.owner === 'present'
      ? { kind: properties.kind, app: properties.app }
      : (was?.identity ?? null);
  const now = effective(observed.judgement, difference);
  const entering = outside.flatMap(({ pid, isEntering }) => (isEntering ? [pid] : []));
  const judgement = difference.reported ? withoutEntering(now, new Set(entering)) : now;
  const earlier = clock === null ? [] : (was?.escaped ?? []);
  const others = earlier.filter((one) => !outside.some(isSameProcess(one)));
  return {
    observed: { ...observed, judgement },
    was,
    clock,
    difference,
    identity,
    escaped: others.length === 0 ? outside : [...outside, ...others].slice(0, MAX_ESCAPED),
  };
}

/**
 * The processes of the container that are outside its cgroups. One that Garden started may be on its
 * way into the container, until
 * it has been seen outside for the grace period: a series of short ones does not count.
 */
const outsideNow = (
  { outside }: ObservedContainer,
  { was, answers }: { readonly was: RememberedContainer | null; readonly answers: Answers },
  { now: { wall, monotonicMilliseconds }, gracePeriods }: PassTime,
): readonly RememberedProcess[] =>
  outside.map(({ process, byGlance }) => {
    const { pid, startTicks } = process;
    const before = was?.escaped.find(isSameProcess({ pid, startTicks }));
    const gap = gapSince(before?.seenAt ?? null, monotonicMilliseconds, gracePeriods.maxGap);
    const lasted = (before?.lasted ?? 0) + gap;
    // A glance reads only processes that counted before or were in the container.
    const isKnown =
      byGlance ||
      before?.isEntering === false ||
      (was?.reason === 'unknown-to-garden' &&
        was.evidence?.processes.some(isSameProcess({ pid, startTicks })) === true);
    const isYoung = lasted < (gracePeriods.of('escaped', null) ?? Infinity);
    return {
      pid,
      startTicks,
      since: before?.since ?? wall,
      seenAt: monotonicMilliseconds,
      lasted,
      isEntering: isYoung && !isKnown && mayBeEntering(process, answers),
    };
  });

const isSameProcess =
  (one: ProcessIdentity) =>
  ({ pid, startTicks }: ProcessIdentity): boolean =>
    one.pid === pid && one.startTicks === startTicks;

function remember(
  { observed, was, clock, difference, identity, escaped }: ComparedContainer,
  container: ContainerReport,
  { state, snapshot }: ObservedPass,
): RememberedContainer {
  const {
    cgroup,
    isListed,
    judgement: { explanation },
  } = observed;
  const { reason, differingSince, lasted, seenAt, passes, reported, escalation } = difference;
  const inode = cgroup?.inode ?? null;
  return {
    cgroupInode: inode ?? was?.cgroupInode ?? null,
    isProven: cgroup === null ? was?.isProven === true : cgroup.isProven,
    inodeOf: inode === null ? (was?.inodeOf ?? null) : (state.cgroups.primary?.controller ?? null),
    firstSeen: was?.firstSeen ?? snapshot.at.wall,
    wasListed: isListed || was?.wasListed === true,
    differingSince,
    reason,
    severity: container.severity,
    lasted,
    seenAt,
    passes,
    reported,
    openReport: openReportAfter(difference, was),
    escalation,
    clock,
    escaped,
    seenIn: seenInNow(observed, was, snapshot.answers),
    identity,
    evidence: evidenceOf(container, { difference, clock }, was),
    destroy: explanation.kind === 'no-cgroup' ? explanation.destroy : null,
  };
}

/**
 * Collected when a difference is first seen, because its processes may be gone when the grace
 * period ends. If the difference has no processes (`no-cgroup`), collected when the first one is
 * seen.
 */
function evidenceOf(
  { processes, cgroups, pids }: ContainerReport,
  { difference: { reason, passes }, clock }: Pick<ComparedContainer, 'difference' | 'clock'>,
  was: RememberedContainer | null,
): Evidence | null {
  if (reason === null) return clock === null ? null : (was?.evidence ?? null);
  // The evidence of another difference may be days old.
  const isSame = was !== null && isSameDifference(was.reason, reason);
  const before = passes > 1 && isSame ? was.evidence : null;
  const isKept = before !== null && (before.processes.length > 0 || processes.length === 0);
  return isKept ? before : { processes, cgroups, pids };
}

function seenInNow(
  { name, cgroup }: ObservedContainer,
  was: RememberedContainer | null,
  answers: Answers,
): readonly ControllerName[] {
  const membership = membershipOf(cgroup, answers);
  const now = membership === null ? [] : Object.keys(ownPathsIn(membership, name));
  const before = was?.seenIn ?? [];
  return now.every((controller) => before.includes(controller))
    ? before
    : [...new Set([...before, ...now])];
}
