import type { Memory } from '../model/memory.ts';
import type { Report } from '../model/report.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { CgroupHierarchies } from '../mounts/resolve.ts';
import { isFinding, type AbsentContainer, type ContainerOutcome } from './compare-container.ts';
import { composeReport } from './compose-report.ts';
import { worstFirst } from './container-report.ts';
import { unaccountedNow } from './unaccounted.ts';
import { cellWarnings, uncomparedWarnings, warningsAfter } from './cell-warnings.ts';
import { observe, type ObservedState } from './observe/observe.ts';
import { observedContainers, type ObservedPass } from './judge/observed-containers.ts';
import { signalsReadAfter } from './judge/stuck.ts';
import { isRememberedPea, rememberedPeas } from './observe/pea-claims.ts';
import { watchedDirectories, type WatchedDirectory } from './observe/walk-plan.ts';
import { repAfter } from './remembered-rep.ts';
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
    const lastReport = { ...before.lastReport, warnings: uncomparedWarnings(pass) };
    const report = composeReport(state, snapshot, lastReport, gardenSince);
    return { memory: known, watch, report: { ...report, verdict: 'unknown', unknownCause: cause } };
  }
  const reported = [...outcomes, ...absent.filter(isFinding)];
  const others = absent.filter((one) => !isFinding(one));
  const containers = reported.map(({ report }) => report).toSorted(worstFirst);
  const unaccounted = unaccountedNow(pass, containers);
  const rep = repAfter(pass);
  const warnings = cellWarnings(pass, rep);
  const lastReport = { ...before.lastReport, containers, unaccounted, warnings };
  const report = composeReport(state, snapshot, lastReport, gardenSince);
  const memory = {
    ...known,
    containers: rememberedBy([...reported, ...others.filter(({ hasCgroup }) => hasCgroup)]),
    vanished: rememberedBy(others.filter(({ hasCgroup }) => !hasCgroup)),
    lastReport,
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
