import type { GracePeriods } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { Evidence, Memory, RememberedContainer } from '../model/memory.ts';
import { hasComponent } from '../model/paths.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import type { Answers } from '../model/questions.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CgroupHierarchies } from '../mounts/resolve.ts';
import { composeReport } from './compose-report.ts';
import { containerReport, worstFirst } from './container-report.ts';
import { escapeTimes, pidsThatLasted, withEscapeTime } from './escape-times.ts';
import { withoutNewcomers } from './judge/judge.ts';
import { effective } from './judge/judgement.ts';
import { membershipOf } from './judge/pass-facts.ts';
import {
  advance,
  isSameDifference,
  openReportAfter,
  rememberedOf,
  type ComparedContainer,
  type DifferenceState,
  type PassTime,
} from './lasting.ts';
import { heldNow } from './held.ts';
import { cellWarnings, warningsAfter } from './cell-warnings.ts';
import { observe, type ObservedState } from './observe/observe.ts';
import {
  observedContainers,
  type ObservedContainer,
  type ObservedPass,
} from './judge/observed-containers.ts';
import { isRememberedPea, rememberedPeas } from './observe/pea-claims.ts';
import { watchedDirectories, type WatchedDirectory } from './observe/scan-plan.ts';
import { repAfter } from './rep-seen.ts';
import { reportedCauseAfter, unknownCause } from './unknown-cause.ts';

const MAX_OTHER_GDNS = 16;

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
  const compared = compare(observed, pass, { now: pass.snapshot.at, gracePeriods });
  const report = containerReport(compared, pass);
  return { report, remembered: remember(compared, report, pass) };
}

/** @param outcomes for all containers of the pass; ignored if nothing can be compared */
export function decisionOf(pass: ObservedPass, outcomes: readonly ContainerOutcome[]): Decision {
  const { snapshot, state, memory: before } = pass;
  const { at, cell, list, listedAt } = snapshot;
  const cause = unknownCause(state, snapshot);
  const watch = watchedDirectories(state, snapshot);
  const gardenSince =
    list.kind === 'failed' ? (before.gardenUnavailableSince ?? listedAt ?? at.wall) : null;
  const common = {
    bootId: cell.bootId,
    anchor: state.gdn?.source === 'process' ? state.gdn.paths : before.anchor,
    otherGdns: state.otherGdns.map(({ paths }) => paths).slice(0, MAX_OTHER_GDNS),
    gardenUnavailableSince: gardenSince,
    acknowledgements: before.acknowledgements,
    sensors: before.sensors,
    observations: before.observations,
    gardenDirectory: before.gardenDirectory,
    lastPass: { monotonicMilliseconds: at.monotonicMilliseconds, compared: cause === null },
  };
  if (cause !== null) {
    const reportedCause = reportedCauseAfter(before.reportedCause, cause);
    const memory = { ...before, ...common, reportedCause };
    const report = composeReport(state, snapshot, before.lastShown, gardenSince);
    return { memory, watch, report: { ...report, verdict: 'unknown', unknownCause: cause } };
  }
  const remembered = outcomes.map((one) => [one.report.handle, one.remembered] as const);
  const containers = outcomes.map(({ report }) => report).toSorted(worstFirst);
  const held = heldNow(pass, containers);
  const rep = repAfter(pass);
  const warnings = cellWarnings(pass, rep);
  const report = composeReport(
    state,
    snapshot,
    { containers, held, leftovers: before.lastShown.leftovers, warnings },
    gardenSince,
  );
  const reportedCause = reportedCauseAfter(before.reportedCause, null);
  const memory = {
    ...common,
    reportedCause,
    containers: new Map(remembered),
    lastShown: { ...before.lastShown, containers, held, leftovers: report.leftovers, warnings },
    rep,
    warnings: warningsAfter(before.warnings, warnings, at),
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

function compare(
  observed: ObservedContainer,
  { state, snapshot, memory }: ObservedPass,
  time: PassTime,
): ComparedContainer {
  const { answers } = snapshot;
  const primary = state.cgroups.primary?.controller ?? null;
  const remembered = rememberedOf(observed, memory, primary, answers);
  // Undecided, but still escaped: nothing shows whether the escape lasts, so its times stay.
  const isEscapeUndecided =
    observed.judgement.explanation.kind === 'undecided' && observed.escaped.length > 0;
  const was = isEscapeUndecided ? remembered : withEscapeTime(remembered, observed.escaped);
  const escaped = isEscapeUndecided
    ? (was?.escaped ?? [])
    : escapeTimes(observed.escaped, was, time);
  const difference = advance(observed.judgement, was, time);
  const answer = answers.properties.get(observed.handle);
  const identity =
    answer?.kind === 'answered' && answer.value.owner === 'present'
      ? { kind: answer.value.kind, app: answer.value.app }
      : (was?.identity ?? null);
  const now = effective(observed.judgement, difference.reason);
  const judgement = difference.reported
    ? withoutNewcomers(now, pidsThatLasted(escaped, time))
    : now;
  return { observed: { ...observed, judgement }, was, difference, identity, escaped };
}

function remember(
  { observed, was, difference, identity, escaped }: ComparedContainer,
  container: ContainerReport,
  { state, snapshot }: ObservedPass,
): RememberedContainer {
  const {
    cgroup,
    listedBy,
    judgement: { explanation },
  } = observed;
  const { reason, differingSince, lasted, seenAt, passes, reported, escalation } = difference;
  const inode = cgroup?.inode ?? null;
  return {
    cgroupInode: inode ?? was?.cgroupInode ?? null,
    isProven: cgroup === null ? was?.isProven === true : cgroup.isProven,
    inodeOf: inode === null ? (was?.inodeOf ?? null) : (state.cgroups.primary?.controller ?? null),
    firstSeen: was?.firstSeen ?? snapshot.at.wall,
    listedBy: new Set([...listedBy, ...(was?.listedBy ?? [])]),
    differingSince,
    reason,
    severity: container.severity,
    lasted,
    seenAt,
    passes,
    reported,
    openReport: openReportAfter(difference, was),
    escalation,
    escaped,
    seenIn: seenInNow(observed, was, snapshot.answers),
    identity,
    evidence: evidenceOf(container, difference, was),
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
  { reason, passes }: DifferenceState,
  was: RememberedContainer | null,
): Evidence | null {
  if (reason === null) return null;
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
  const now = Object.entries(membershipOf(cgroup, answers) ?? {}).flatMap(([controller, path]) =>
    hasComponent(path, name) ? [controller] : [],
  );
  return [...new Set([...(was?.seenIn ?? []), ...now])];
}
