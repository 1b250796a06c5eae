import type { ControllerName } from '../model/hierarchy.ts';
import {
  NO_ANSWERS,
  NO_QUESTIONS,
  type Answers,
  type Questions,
  type Snapshot,
} from '../model/snapshot.ts';
import type { Memory } from '../model/memory.ts';
import type { ConfiguredSensor } from '../model/observation.ts';
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
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { isEmpty, questionsOf } from '../reconcile/questions.ts';
import { observePass } from '../reconcile/reconcile.ts';
import { containerStartQuestions, sensorFileQuestions } from './observe-sensors.ts';
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
  /** The sensors whose event files are read. */
  readonly sensors: readonly ConfiguredSensor[];
}

/** Reads the cell once, cgroups before Garden's list (docs/decisions/one-pass.md). */
export async function takeSnapshot(
  probe: CellProbe,
  memory: Memory,
  { allHierarchies, sweepsAll, sensors }: PassOptions,
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
    snapshot = withAnswers(snapshot, more);
  }
  let pass = observePass(cgroups, snapshot, before, null);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const questions = questionsOf(pass);
    if (isEmpty(questions)) break;
    const more = await probe.answer(questions, plansFor(questions.scans));
    pass = observePass(cgroups, withAnswers(pass.snapshot, more), before, pass.state);
  }
  const searched = probe.sensors(containerPids(pass.containers));
  const took = probe.now().monotonicMilliseconds - at.monotonicMilliseconds;
  snapshot = { ...pass.snapshot, sensors: searched, durationMilliseconds: round3(took) };
  return readSensorFiles({ ...pass, snapshot }, sensors, probe);
}

/** Adds what the sensors have written, and when the containers started that they did not name. */
async function readSensorFiles(
  pass: ObservedPass,
  sensors: readonly ConfiguredSensor[],
  probe: CellProbe,
): Promise<ObservedPass> {
  const asked = async (of: ObservedPass, more: Partial<Questions>): Promise<ObservedPass> => {
    const questions = { ...NO_QUESTIONS, ...more };
    if (isEmpty(questions)) return of;
    return { ...of, snapshot: withAnswers(of.snapshot, await probe.answer(questions, [])) };
  };
  const read = await asked(pass, sensorFileQuestions(sensors, pass));
  return asked(read, containerStartQuestions(sensors, read));
}

const withAnswers = (snapshot: Snapshot, more: Answers): Snapshot => ({
  ...snapshot,
  answers: merge(snapshot.answers, more),
});

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
  sensorFiles: new Map([...first.sensorFiles, ...then.sensorFiles]),
  startTicks: new Map([...first.startTicks, ...then.startTicks]),
});

const round3 = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;
