import type { GracePeriods } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Evidence, RememberedContainer, RememberedProcess } from '../model/memory.ts';
import type { ContainerReport } from '../model/report.ts';
import type { Answers } from '../model/questions.ts';
import type { ProcessIdentity } from '../model/sweep.ts';
import { bytesOfText } from '../model/text.ts';
import { clockAfter, gapSince, type PassTime } from './clock.ts';
import { containerReport } from './container-report.ts';
import { mayBeEntering, withoutEntering } from './judge/escaped.ts';

import { effective, ABSENT } from './judge/judgement.ts';
import type { ObservedContainer, ObservedPass } from './judge/observed-containers.ts';
import { knownContainer, membershipOf, ownPathsIn } from './judge/pass-facts.ts';
import {
  advance,
  isSameDifference,
  openReportAfter,
  rememberedOf,
  type ComparedContainer,
} from './difference.ts';

/** How many escaped processes of one container are remembered. */
const MAX_ESCAPED = 5;

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
  const observed = new Set(pass.containers.map(({ handle }) => handle));
  const { containers, vanished } = pass.memory;
  const absent = [...containers, ...vanished].filter(([handle]) => !observed.has(handle));
  const inodes = new Set(absent.length === 0 ? [] : pass.state.view?.inodes.values());
  return absent.flatMap(([handle, was]) => {
    const hasCgroup = was.wasListed && isCgroupIn(inodes, was, pass);
    if (was.clock === null && !hasCgroup) return [];
    const named = { name: bytesOfText(handle), handle, isListed: false };
    const known = knownContainer(named, { ...pass, answers: pass.snapshot.answers });
    const container = { ...known, cgroup: null, judgement: ABSENT, outside: [] };
    const { report, remembered } = compareContainer(container, pass, gracePeriods);
    if (remembered.clock === null && !hasCgroup) return [];
    // A report of what is no longer there has ended.
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

export const isFinding = ({ report }: Pick<ContainerOutcome, 'report'>): boolean =>
  report.status === 'untracked';

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
 * way into the container, until it has been seen outside for the grace period: a series of short ones does not count.
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
