import type { ControllerName } from '../model/hierarchy.ts';
import { NO_ANSWERS, NO_QUESTIONS, type Answers, type Snapshot } from '../model/snapshot.ts';
import type { Memory } from '../model/memory.ts';
import type { ScanPlan } from '../model/scan.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import {
  gdnCandidates,
  otherHierarchies,
  type ReadableHierarchy,
  resolveHierarchies,
} from '../mounts/resolve.ts';
import { planSweep } from '../reconcile/judge/escaped.ts';
import { planScan } from '../reconcile/observe/scan-plan.ts';
import { memoryOfBoot } from '../reconcile/lasting.ts';
import { observe, type ObservedState } from '../reconcile/observe/observe.ts';
import { observedContainers, type ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { isEmpty, questionsOf } from '../reconcile/questions.ts';
import { containerPids } from './sense.ts';

/**
 * Rounds of questions in one pass, more than one container needs: the created list, properties, the
 * second list and the other hierarchies, root mounts, evidence. The next pass asks for the rest.
 */
const MAX_ROUNDS = 10;

export interface PassOptions {
  /** Walks every hierarchy, not only those that candidates need. */
  readonly allHierarchies: boolean;
  /** Checks every process in this pass, not only a slice of them. */
  readonly sweepsAll: boolean;
}

/** Reads the cell once, cgroups before Garden's list (docs/decisions/one-pass.md). */
export async function takeSnapshot(
  probe: CellProbe,
  memory: Memory,
  { allHierarchies, sweepsAll }: PassOptions,
): Promise<ObservedPass> {
  const at = probe.now();
  const mounts = probe.mounts();
  const gardenProcesses = probe.gardenProcesses();
  const cell = probe.cell();
  const before = memoryOfBoot(memory, cell.bootId);
  const cgroups = resolveHierarchies(mounts, gardenProcesses, before.anchor);
  const candidates = gdnCandidates(gardenProcesses, mounts.firstProcessPaths);
  const planOf = (hierarchy: ReadableHierarchy): ScanPlan =>
    planScan(hierarchy, candidates, before.anchor);
  const plansFor = (scans: readonly ControllerName[]): readonly ScanPlan[] =>
    cgroups.hierarchies.filter(({ controller }) => scans.includes(controller)).map(planOf);
  const primaryScan = cgroups.primary === null ? null : await probe.scan(planOf(cgroups.primary));
  const list = await probe.list();
  const listedAt = probe.now().wall;
  let snapshot: Snapshot = {
    at,
    durationMilliseconds: 0,
    cell,
    mounts,
    gardenProcesses,
    primaryScan,
    sensors: null,
    list,
    listedAt,
    answers: NO_ANSWERS,
  };
  const plan = planSweep(snapshot, before, sweepsAll);
  if (plan !== null) {
    snapshot = { ...snapshot, answers: { ...NO_ANSWERS, sweep: await probe.sweep(plan) } };
  }
  if (allHierarchies) {
    const scans = otherHierarchies(cgroups).map(({ controller }) => controller);
    const more = await probe.answer({ ...NO_QUESTIONS, scans }, plansFor(scans));
    snapshot = { ...snapshot, answers: merge(snapshot.answers, more) };
  }
  for (let round = 0, earlier: ObservedState | null = null; ; round++) {
    const state: ObservedState = observe(cgroups, snapshot, before, earlier);
    const { answers } = snapshot;
    const containers = observedContainers({ state, answers, memory: before }, snapshot);
    const questions = questionsOf({ snapshot, state, containers }, before);
    if (round === MAX_ROUNDS || isEmpty(questions)) {
      const sensors = probe.sensors(containerPids(containers));
      const took = probe.now().monotonicMilliseconds - at.monotonicMilliseconds;
      return {
        snapshot: { ...snapshot, sensors, durationMilliseconds: round3(took) },
        state,
        containers,
      };
    }
    const more = await probe.answer(questions, plansFor(questions.scans));
    snapshot = { ...snapshot, answers: merge(answers, more) };
    earlier = state;
  }
}

const merge = (first: Answers, then: Answers): Answers => ({
  properties: new Map([...first.properties, ...then.properties]),
  createdList: then.createdList ?? first.createdList,
  secondList: then.secondList ?? first.secondList,
  memberships: new Map([...first.memberships, ...then.memberships]),
  scans: new Map([...first.scans, ...then.scans]),
  processes: new Map([...first.processes, ...then.processes]),
  ancestors: new Map([...first.ancestors, ...then.ancestors]),
  rootImages: new Map([...first.rootImages, ...then.rootImages]),
  overlays: then.overlays ?? first.overlays,
  gardenProcesses: then.gardenProcesses ?? first.gardenProcesses,
  rootMounts: new Map([...first.rootMounts, ...then.rootMounts]),
  cgroupNumbers: new Map([
    ...first.cgroupNumbers,
    ...[...then.cgroupNumbers].map(
      ([path, numbers]) => [path, { ...first.cgroupNumbers.get(path), ...numbers }] as const,
    ),
  ]),
  sweep: first.sweep,
  repProcesses: then.repProcesses ?? first.repProcesses,
  starts: new Map([...first.starts, ...then.starts]),
  destroys: new Map([...first.destroys, ...then.destroys]),
});

const round3 = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
