import type { GracePeriods } from '../model/finding.ts';
import type { ConfiguredSensor } from '../model/observation.ts';
import { type Memory, memoryOfBoot } from '../model/memory.ts';
import type { MustRead, Snapshot } from '../model/snapshot.ts';
import { resolveHierarchies } from '../mounts/resolve.ts';
import { gardenDirectoryAfter, showsRemovedDirectory } from '../reconcile/garden-directory.ts';
import type { ObservedPass } from '../reconcile/judge/observed-containers.ts';
import {
  absentContainers,
  compareContainer,
  type ContainerOutcome,
} from '../reconcile/compare-container.ts';
import { decisionOf, observePass, type Decision } from '../reconcile/reconcile.ts';
import {
  reusedDecision,
  mustReadAfter,
  reusablePass,
  type ReusablePass,
  type TakenPass,
} from '../reconcile/reuse/reusable-pass.ts';
import { accountAfter, accountWithout, withOwners, type Accounted } from '../ledgers/account.ts';
import { readingOf } from '../ledgers/reading.ts';
import { rememberedSensors } from '../sensors/sensor-reports.ts';
import { judgedSensors } from './sensor-observations.ts';
import { sensorsOf } from './sensed-cell.ts';

/** Containers compared between two pauses: about 5 ms of work. */
const SLICE = 250;

/** What decides a pass besides what it read and what earlier passes remember. */
export interface PassSettings {
  readonly gracePeriods: GracePeriods;
  /** The sensors whose event files the pass has read. */
  readonly sensors: readonly ConfiguredSensor[];
  /** The path of Garden's socket; null if nothing depends on whether its directory was removed. */
  readonly gardenSocket: string | null;
}

/** A check reads no event file. */
export const checkSettings = (gracePeriods: GracePeriods): PassSettings => ({
  gracePeriods,
  sensors: [],
  gardenSocket: null,
});

export interface CompletedPass extends Decision {
  readonly snapshot: Snapshot;
  /** What the next pass reads, whatever this one read. */
  readonly mustRead: MustRead;
  /** What the next pass need not decide again; null: it must. */
  readonly reusable: ReusablePass | null;
  /** The agent must end: only a new process can see the directory of Garden's socket again. */
  readonly mustEnd: boolean;
  /** A sensor's process has just ended; it may have been restarted. */
  readonly mustSearchSensors: boolean;
}

/** A pass from its snapshot, as a capture holds it. */
export function observeSnapshot(snapshot: Snapshot, memory: Memory): TakenPass {
  const before = memoryOfBoot(memory, snapshot.cell.bootId);
  const cgroups = resolveHierarchies(snapshot.mounts, snapshot.gardenProcesses, before.anchor);
  return { ...observePass(cgroups, snapshot, before, null), rounds: [], reused: null };
}

/** Depends only on its arguments, so a capture replays to the same report. */
export function completePass(pass: TakenPass, settings: PassSettings): CompletedPass {
  const steps = passInSteps(pass, settings);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps of a few milliseconds, so that the agent can answer requests between two. */
export function* passInSteps(
  pass: TakenPass,
  { gracePeriods, sensors: configured, gardenSocket }: PassSettings,
): Generator<void, CompletedPass> {
  const { snapshot } = pass;
  const decision =
    pass.reused === null
      ? yield* decisionInSteps(pass, gracePeriods)
      : reusedDecision(pass.reused, pass);
  const before = decision.memory;
  const { remembered: gardenDirectory, ends } = gardenDirectoryAfter(
    before.gardenDirectory,
    gardenSocket !== null && showsRemovedDirectory(snapshot, gardenSocket),
    snapshot.listedAt,
  );
  const mustRead = pass.reused?.mustRead ?? mustReadAfter(pass, decision);
  const reusable = pass.reused ?? reusablePass(pass, decision, { mustRead, gracePeriods });
  const { account, remembered: ledgers } = accounted(pass, before);
  const containers = withOwners(decision.report.containers, ledgers);
  const judged = yield* judgedSensors({ decision, pass }, configured);
  const observations = [...judged.values()].map(({ observation }) => observation);
  const sensors = sensorsOf(pass);
  return {
    snapshot,
    mustRead,
    reusable,
    report: {
      ...decision.report,
      containers,
      sensors,
      observations,
      ledgers: account,
    },
    memory: {
      ...before,
      sensors: snapshot.sensors === null ? before.sensors : rememberedSensors(sensors),
      observations: new Map([...judged].map(([name, { remembered }]) => [name, remembered])),
      ledgers,
      lastReport: { ...before.lastReport, sensors, observations, ledgers: account },
      gardenDirectory,
    },
    watch: decision.watch,
    mustEnd: ends,
    mustSearchSensors: observations.some(({ life, isSilent }) => life === 'ended' && !isSilent),
  };
}

function* decisionInSteps(
  pass: ObservedPass,
  gracePeriods: GracePeriods,
): Generator<void, Decision> {
  const { containers } = pass;
  const outcomes: ContainerOutcome[] = [];
  for (let start = 0; start < containers.length; start += SLICE) {
    const slice = containers.slice(start, start + SLICE);
    outcomes.push(...slice.map((container) => compareContainer(container, pass, gracePeriods)));
    yield;
  }
  return decisionOf(pass, outcomes, absentContainers(pass, gracePeriods));
}

function accounted(pass: ObservedPass, { ledgers, lastReport }: Memory): Accounted {
  const reading = readingOf(pass);
  const { at } = pass.snapshot;
  return reading === null
    ? accountWithout(lastReport.ledgers, ledgers, at)
    : accountAfter(reading, ledgers, at);
}
