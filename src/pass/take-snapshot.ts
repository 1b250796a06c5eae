import type { ControllerName, MountChoice } from '../model/hierarchy.ts';
import { NO_ANSWERS, NO_QUESTIONS, type Answers, type Snapshot } from '../model/snapshot.ts';
import type { Memory } from '../model/memory.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { resolveHierarchies, type CgroupHierarchies } from '../mounts/resolve.ts';
import { planScan } from '../reconcile/scan-plan.ts';
import { memoryOfBoot } from '../reconcile/lasting.ts';
import { observe, type ObservedState } from '../reconcile/observe.ts';
import { isEmpty, questionsOf } from '../reconcile/questions.ts';

/**
 * The created list, then properties, then the second list and the other hierarchies, then root mounts, then evidence: what
 * would need more rounds than this has no claim to be decided in this pass.
 */
const MAX_ROUNDS = 6;

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** What the snapshot show, worked out for the last questions. */
  readonly state: ObservedState;
}

/** Reads the cell once, cgroups before Garden's list: see docs/decisions/one-pass.md for the order. */
export async function takeSnapshot(
  probe: CellProbe,
  memory: Memory,
  allHierarchies: boolean,
): Promise<TakenSnapshot> {
  const at = probe.now();
  const mounts = probe.mounts();
  const gardenProcesses = probe.gardenProcesses();
  const cgroups = resolveHierarchies(mounts, gardenProcesses);
  const primaryScan =
    cgroups.primary === null ? null : await probe.scan(planScan(cgroups.primary, gardenProcesses));
  const list = await probe.list();
  let snapshot: Snapshot = {
    at,
    durationMilliseconds: 0,
    cell: probe.cell(),
    mounts,
    gardenProcesses,
    primaryScan,
    list,
    answers: NO_ANSWERS,
  };
  if (allHierarchies) {
    const scans = everyOther(cgroups);
    const more = await probe.answer({ ...NO_QUESTIONS, scans }, plansFor(scans, cgroups, snapshot));
    snapshot = { ...snapshot, answers: merge(snapshot.answers, more) };
  }
  const before = memoryOfBoot(memory, snapshot.cell.bootId);
  let state = observe(cgroups, snapshot, before, null);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await probe.pause();
    const questions = questionsOf(state, snapshot, before);
    if (isEmpty(questions)) break;
    const more = await probe.answer(questions, plansFor(questions.scans, cgroups, snapshot));
    snapshot = { ...snapshot, answers: merge(snapshot.answers, more) };
    await probe.pause();
    state = observe(cgroups, snapshot, before, state);
  }
  const durationMilliseconds = round3(probe.now().monotonicMilliseconds - at.monotonicMilliseconds);
  return { snapshot: { ...snapshot, durationMilliseconds }, state };
}

/** One name for each hierarchy but the primary one. */
const everyOther = (cgroups: CgroupHierarchies): readonly ControllerName[] => {
  const taken = new Set<MountChoice>(cgroups.primary === null ? [] : [cgroups.primary.choice]);
  return cgroups.hierarchies.flatMap(({ controller, choice }) => {
    if (taken.has(choice)) return [];
    taken.add(choice);
    return [controller];
  });
};

const plansFor = (
  scans: readonly ControllerName[],
  cgroups: CgroupHierarchies,
  { gardenProcesses }: Snapshot,
) =>
  cgroups.hierarchies
    .filter(({ controller }) => scans.includes(controller))
    .map((hierarchy) => planScan(hierarchy, gardenProcesses));

const merge = (first: Answers, then: Answers): Answers => ({
  properties: new Map([...first.properties, ...then.properties]),
  createdList: then.createdList ?? first.createdList,
  secondList: then.secondList ?? first.secondList,
  memberships: new Map([...first.memberships, ...then.memberships]),
  scans: new Map([...first.scans, ...then.scans]),
  processes: new Map([...first.processes, ...then.processes]),
  ancestors: new Map([...first.ancestors, ...then.ancestors]),
  rootMounts: new Map([...first.rootMounts, ...then.rootMounts]),
});

const round3 = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
