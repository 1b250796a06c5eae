import { type Memory, memoryOfBoot } from '../model/memory.ts';
import type { ConfiguredSensor } from '../model/observation.ts';
import {
  isEmpty,
  mergeAnswers,
  NO_ANSWERS,
  NO_QUESTIONS,
  openQuestions,
  type Questions,
} from '../model/questions.ts';
import type { MustRead } from '../model/must-read.ts';
import type { ScanPlan } from '../model/scan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { initQuestions, ledgerQuestions } from '../ledgers/questions.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { otherHierarchies, type ReadableHierarchy, resolveHierarchies } from '../mounts/resolve.ts';
import { planSweep } from '../reconcile/judge/escaped.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { changedSince, settledAgain } from '../reconcile/decided-in-part.ts';
import { namesToLookUp, planScan } from '../reconcile/observe/scan-plan.ts';
import { questionsOf } from '../reconcile/questions.ts';
import { observePass } from '../reconcile/reconcile.ts';
import {
  areAnswersSame,
  cgroupsAgain,
  roundsAgain,
  type SettledPass,
  type TakenPass,
} from '../reconcile/unchanged.ts';
import { containerStartQuestions, sensorFileQuestions } from './sensor-observations.ts';
import { containerPids, controllerQuestions } from './sensed-cell.ts';

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
  /** The sensors whose event files are read. */
  readonly sensors: readonly ConfiguredSensor[];
  readonly mustRead: MustRead;
  /** What this pass need not decide again if it reads the same; null: it decides anew. */
  readonly settled: SettledPass | null;
  /** A change on the cell brought the pass forward. */
  readonly isAnnounced: boolean;
}

/** Reads the cell once, cgroups before Garden's list (docs/decisions/one-pass.md). */
export async function takeSnapshot(
  probe: CellProbe,
  memory: Memory,
  { allHierarchies, sweepsAll, sensors, mustRead, settled, isAnnounced }: PassOptions,
): Promise<TakenPass> {
  const at = probe.now();
  probe.startsPass(mustRead, namesToLookUp(memory));
  const mounts = probe.mounts();
  const gardenProcesses = await probe.gardenProcesses();
  const cell = probe.cell();
  const before = memoryOfBoot(memory, cell.bootId);
  const cgroups =
    cgroupsAgain(settled, { mounts, gardenProcesses }, before) ??
    resolveHierarchies(mounts, gardenProcesses, before.anchor);
  const planOf = (hierarchy: ReadableHierarchy): ScanPlan =>
    planScan(hierarchy, { mounts, gardenProcesses }, before.anchor);
  const primaryScan = cgroups.primary === null ? null : await probe.scan(planOf(cgroups.primary));
  const list = await probe.list();
  const first: Snapshot = {
    at,
    durationMilliseconds: 0,
    cell,
    mounts,
    gardenProcesses,
    primaryScan,
    sensors: null,
    list,
    listedAt: probe.now().wall,
    answers: NO_ANSWERS,
    hasHangingReads: false,
    hangingFile: null,
    hasMoreNames: false,
    isAnnounced,
  };
  let swept = await withAnswers(first, probe, {
    sweep: planSweep(first, cgroups, before, sweepsAll),
    scans: allHierarchies ? otherHierarchies(cgroups).map(planOf) : [],
  });
  const change = settled === null ? null : changedSince(settled, first);
  const again = settled === null || change === null ? null : roundsAgain(first, before, settled);
  const askedAgain = again === null ? [] : (settled?.pass.rounds ?? []);
  for (const questions of again ?? []) {
    swept = await withAnswers(swept, probe, openQuestions(questions, swept.answers));
  }
  const same =
    settled !== null &&
    change !== null &&
    again !== null &&
    !probe.hasHangingReads() &&
    !probe.hasMoreNames() &&
    areAnswersSame(swept.answers, settled.pass.snapshot.answers)
      ? settledAgain(settled, change, swept, before)
      : null;
  const pass =
    same === null
      ? await withRounds(observePass(cgroups, swept, before, null), probe, askedAgain)
      : { ...same.pass, snapshot: swept, memory: before };
  const searched = await probe.sensors(() => containerPids(pass.containers));
  const asked = searched === null ? {} : controllerQuestions(pass);
  const sensed = await withAnswers(pass.snapshot, probe, asked);
  const took = round3(probe.now().monotonicMilliseconds - at.monotonicMilliseconds);
  const snapshot = {
    ...sensed,
    sensors: searched,
    hasHangingReads: probe.hasHangingReads(),
    hangingFile: probe.hangingFile(),
    hasMoreNames: probe.hasMoreNames(),
    durationMilliseconds: took,
  };
  const seen = { ...pass, snapshot };
  const accounted = await withLedgers(seen, probe, mustRead);
  const read = await withSensorFiles({ ...seen, snapshot: accounted }, probe, sensors);
  return { ...read, rounds: pass.rounds, settled: same };
}

/**
 * Asks until the state can be decided.
 * @param asked the rounds that led to the answers of the first pass
 */
async function withRounds(first: ObservedPass, probe: CellProbe, asked: readonly Questions[]) {
  let pass = first;
  const rounds: Questions[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const questions = questionsOf(pass);
    if (isEmpty(questions)) break;
    rounds.push(questions);
    const snapshot = await withAnswers(pass.snapshot, probe, questions);
    pass = observePass(pass.state.cgroups, snapshot, pass.memory, pass.state);
  }
  return { ...pass, rounds: rounds.length === 0 ? asked : rounds };
}

/** Adds what the other ledgers say, in the passes that read them. */
async function withLedgers(
  pass: ObservedPass,
  probe: CellProbe,
  mustRead: MustRead,
): Promise<Snapshot> {
  const read = await withAnswers(pass.snapshot, probe, ledgerQuestions(pass, mustRead));
  if (read === pass.snapshot) return read;
  return withAnswers(read, probe, initQuestions({ ...pass, snapshot: read }));
}

/** Adds what the sensors have written, and when the containers started that they did not name. */
async function withSensorFiles(
  pass: ObservedPass,
  probe: CellProbe,
  sensors: readonly ConfiguredSensor[],
): Promise<ObservedPass> {
  const files = sensorFileQuestions(sensors, pass);
  const read = { ...pass, snapshot: await withAnswers(pass.snapshot, probe, files) };
  const starts = containerStartQuestions(sensors, read);
  return { ...read, snapshot: await withAnswers(read.snapshot, probe, starts) };
}

async function withAnswers(
  snapshot: Snapshot,
  probe: CellProbe,
  asked: Partial<Questions>,
): Promise<Snapshot> {
  const questions = { ...NO_QUESTIONS, ...asked };
  if (isEmpty(questions)) return snapshot;
  const answers = mergeAnswers(snapshot.answers, await probe.answer(questions));
  return { ...snapshot, answers };
}

const round3 = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
