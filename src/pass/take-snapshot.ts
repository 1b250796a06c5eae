import { memoryOfBoot, type Memory } from '../model/memory.ts';
import type { ConfiguredSensor } from '../model/observation.ts';
import { NO_ANSWERS } from '../model/questions.ts';
import type { MustRead, Snapshot } from '../model/snapshot.ts';
import type { WalkPlan } from '../model/walk.ts';
import { initQuestions, ledgerQuestions } from '../ledgers/questions.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import {
  type CgroupHierarchies,
  otherHierarchies,
  type ReadableHierarchy,
  resolveHierarchies,
} from '../mounts/resolve.ts';
import { planSweep } from '../reconcile/judge/escaped.ts';
import { namesToLookUp, planWalk } from '../reconcile/observe/walk-plan.ts';
import { observePass } from '../reconcile/reconcile.ts';
import {
  reusedCgroups,
  type ReusablePass,
  type TakenPass,
} from '../reconcile/reuse/reusable-pass.ts';
import { reusedFrom, type Reused } from './reuse.ts';
import { askedUntilDecided, withAnswers } from './rounds.ts';
import { containerStartQuestions, sensorFileQuestions } from './sensor-observations.ts';
import { containerPids, controllerQuestions } from './sensed-cell.ts';

export interface PassOptions {
  /** Walks every hierarchy, not only those that candidates need. */
  readonly allHierarchies: boolean;
  /** Checks every process in this pass, not only a slice of them. */
  readonly sweepsAll: boolean;
  /** The sensors whose event files are read. */
  readonly sensors: readonly ConfiguredSensor[];
  readonly mustRead: MustRead;
  /** What this pass need not decide again if it reads the same; null: it decides anew. */
  readonly reusable: ReusablePass | null;
  /** A change on the cell brought the pass forward. */
  readonly isAnnounced: boolean;
}

/** Reads the cell once, cgroups before Garden's list (docs/decisions/one-pass.md). */
export async function takeSnapshot(
  probe: CellProbe,
  memory: Memory,
  { allHierarchies, sweepsAll, sensors, mustRead, reusable, isAnnounced }: PassOptions,
): Promise<TakenPass> {
  const known = namesToLookUp(memory);
  const at = probe.now();
  probe.startsPass(mustRead, known);
  const mounts = probe.mounts();
  const gardenProcesses = await probe.gardenProcesses();
  const cell = probe.cell();
  const before = memoryOfBoot(memory, cell.bootId);
  const chosen =
    reusable === null ? null : reusedCgroups(reusable, { mounts, gardenProcesses }, before);
  const cgroups = chosen ?? resolveHierarchies(mounts, gardenProcesses, before.anchor);
  const planOf = (hierarchy: ReadableHierarchy): WalkPlan =>
    planWalk(hierarchy, { mounts, gardenProcesses }, before.anchor);
  const primaryWalk = cgroups.primary === null ? null : await probe.walk(planOf(cgroups.primary));
  const list = await probe.list();
  const first: Snapshot = {
    at,
    durationMilliseconds: 0,
    cell,
    mounts,
    gardenProcesses,
    primaryWalk,
    sensors: null,
    list,
    listedAt: probe.now().wall,
    answers: NO_ANSWERS,
    hasHangingReads: false,
    hangingFile: null,
    hasMoreNames: false,
    isAnnounced,
  };
  const swept = await withAnswers(first, probe, {
    sweep: planSweep(first, cgroups, before, sweepsAll),
    walks: allHierarchies ? otherHierarchies(cgroups).map(planOf) : [],
  });
  const reused = await reusedFrom(reusable, swept, before, probe);
  const pass = await decidable(reused, cgroups, before, probe);
  const searched = await probe.sensors(containerPids(pass.containers));
  const took = round3(probe.now().monotonicMilliseconds - at.monotonicMilliseconds);
  const decided = {
    ...pass,
    snapshot: {
      ...pass.snapshot,
      sensors: searched,
      hasHangingReads: probe.hasHangingReads(),
      hangingFile: probe.hangingFile(),
      hasMoreNames: probe.hasMoreNames(),
      durationMilliseconds: took,
    },
  };
  // What decides nothing about a container: of ledgers and sensors, and then more of what these show.
  const snapshot = await withAnswers(decided.snapshot, probe, {
    ...(searched === null ? {} : controllerQuestions(decided)),
    ...ledgerQuestions(decided, mustRead),
    ...sensorFileQuestions(sensors, decided),
  });
  const read = { ...decided, snapshot };
  const more = { ...initQuestions(read), ...containerStartQuestions(sensors, read) };
  return { ...read, snapshot: await withAnswers(snapshot, probe, more) };
}

/** The pass once the owner of each cgroup can be decided: as in the earlier pass, or by asking. */
async function decidable(
  { snapshot, reused, rounds: asked }: Reused,
  cgroups: CgroupHierarchies,
  memory: Memory,
  probe: CellProbe,
): Promise<TakenPass> {
  if (reused !== null) return { ...reused.pass, snapshot, memory, reused };
  const first = observePass(cgroups, snapshot, memory, null);
  const { pass, rounds } = await askedUntilDecided(first, probe);
  return { ...pass, rounds: rounds.length === 0 ? asked : rounds, reused };
}

const round3 = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
