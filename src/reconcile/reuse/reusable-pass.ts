import { isEqual } from '../../model/equal.ts';
import type { Memory } from '../../model/memory.ts';
import { NO_ANSWERS, NO_QUESTIONS, type Answers, type Questions } from '../../model/questions.ts';
import type { GracePeriods } from '../../model/finding.ts';
import type { MustRead, Snapshot } from '../../model/snapshot.ts';
import { pathIn } from '../../model/process.ts';
import { bytesOfText } from '../../model/text.ts';
import type { CgroupHierarchies } from '../../mounts/resolve.ts';
import type { ObservedPass } from '../judge/observed-containers.ts';
import { numbersToJudge } from '../judge/judge.ts';
import { placesOf, type Places } from './places.ts';
import { oncePerCgroup } from '../questions.ts';
import type { Decision } from '../reconcile.ts';
import { isRepSearchDue } from '../remembered-rep.ts';
import { firstSignalsToAsk, isUnharmed, signalsReadAfter } from '../judge/stuck.ts';
import { inCreation } from '../unfinished.ts';

/** A pass that reads the same can take it over: it counts no time, and waits for no answer. */
export interface ReusablePass {
  readonly pass: TakenPass;
  readonly decision: Decision;
  /** What the pass after it reads in any case. */
  readonly mustRead: MustRead;
  /** By which it was decided. */
  readonly gracePeriods: GracePeriods;
  readonly places: Places;
}

export interface TakenPass extends ObservedPass {
  /** What it asked, in this order. */
  readonly rounds: readonly Questions[];
  /** The earlier pass that read the same; null: none did. */
  readonly reused: ReusablePass | null;
}

/** Memory without what each pass counts and what readers keep there. */
const decidingMemory = ({
  lastPass: _pass,
  comparedPasses: _passes,
  signalsReadAt: _signals,
  lastReport: _report,
  sensors: _sensors,
  observations: _observations,
  ledgers: _ledgers,
  gardenDirectory: _directory,
  ...memory
}: Memory) => memory;

/** Null if a later pass must decide anew. */
export function reusablePass(
  pass: TakenPass,
  decision: Decision,
  known: Pick<ReusablePass, 'mustRead' | 'gracePeriods'>,
): ReusablePass | null {
  if (!isReusable(pass, decision)) return null;
  const { primaryWalk } = pass.snapshot;
  const directories = primaryWalk?.kind === 'read' ? primaryWalk.directories : [];
  return { pass, decision, ...known, places: placesOf(directories, pass.state) };
}

/** Whether the decision holds for every pass that reads the same. */
export function isReusable(pass: ObservedPass, { report, memory }: Decision): boolean {
  const { answers } = pass.snapshot;
  return (
    report.unknownCause === null &&
    report.containers.every(({ status }) => status === 'tracked') &&
    answers.sweep?.suspects.length === 0 &&
    memory.vanished.size === 0 &&
    // These count time.
    memory.warnings.size === 0 &&
    report.cell.warnings.length === 0 &&
    (memory.rep?.missingSince ?? null) === null &&
    inCreation(pass).length === 0 &&
    [...memory.containers.values()].every(({ clock }) => clock === null) &&
    // A pea that ended is only forgotten; of a new one, the pass asked something.
    [...memory.peas].every(([inode, pid]) => pass.memory.peas.get(inode) === pid) &&
    isEqual(decidingMemory({ ...pass.memory, peas: memory.peas }), decidingMemory(memory))
  );
}

/** The mounts of a reusable pass; null if they must be chosen anew. */
export const reusedCgroups = (
  { pass }: ReusablePass,
  { mounts, gardenProcesses }: Pick<Snapshot, 'mounts' | 'gardenProcesses'>,
  { anchor }: Memory,
): CgroupHierarchies | null =>
  pass.snapshot.mounts === mounts &&
  pass.snapshot.gardenProcesses === gardenProcesses &&
  isEqual(anchor, pass.memory.anchor)
    ? pass.state.cgroups
    : null;

/** Null if something else than its walk was read. Readers return the same value for the same. */
export function reusedRounds(
  { at, cell, mounts, gardenProcesses, list }: Snapshot,
  memory: Memory,
  { pass, decision }: ReusablePass,
): readonly Questions[] | null {
  const before = pass.snapshot;
  const isRepSearched = isRepSearchDue({ ...pass, memory });
  const isSame =
    mounts === before.mounts &&
    gardenProcesses === before.gardenProcesses &&
    list === before.list &&
    isEqual(cell, before.cell) &&
    isEqual(decidingMemory(memory), decidingMemory(decision.memory)) &&
    // What only some passes ask.
    (!isRepSearched || memory.rep === null) &&
    // Readings of the ledgers come after the decision.
    memory.lastReport.ledgers.unpoliced.length === 0;
  if (!isSame) return null;
  const rounds = pass.rounds.map((questions) => ({ ...questions, ...SELDOM_ASKED }));
  const signals = firstSignalsToAsk({ ...pass, memory }, at);
  const cgroupNumbers = oncePerCgroup(numbersToJudge({ ...pass, memory }));
  return [{ ...NO_QUESTIONS, signals, cgroupNumbers, repProcesses: isRepSearched }, ...rounds];
}

/** What a reusable pass asked and the passes after it do not. */
const SELDOM_ASKED = { repProcesses: false, signals: [], cgroupNumbers: [] } as const;

/** Whether the answers to these rounds, and the sweep, decide the same. */
export const areAnswersSame = (now: Answers, before: Answers): boolean =>
  isEqual(comparable(now), comparable(before)) &&
  // The passes that ask for these are rare.
  [...now.signals.values()].every(isUnharmed) &&
  areNumbersSame(now.cgroupNumbers, before.cgroupNumbers) &&
  (now.repProcesses === null || isEqual(now.repProcesses, before.repProcesses ?? [])) &&
  // Later, a pass also asks for the starts of sensors and of containers.
  [...now.startTicks].every(([pid, ticks]) => before.startTicks.get(pid) === ticks);

/** Whether each number that was read now was read before, and was the same. */
const areNumbersSame = (now: Answers['cgroupNumbers'], before: Answers['cgroupNumbers']): boolean =>
  [...now].every(([path, numbers]) => {
    const known = before.get(path);
    return known !== undefined && isEqual({ ...known, ...numbers }, known);
  });

/** Of what each of them asks before it decides. The roots matter only if there is a suspect. */
const comparable = (answers: Answers): Answers => {
  const { repProcesses, signals, controllers, cgroupNumbers } = NO_ANSWERS;
  const { sensorFiles, startTicks } = NO_ANSWERS;
  const rare = { repProcesses, signals, controllers, cgroupNumbers };
  const { overlays, depot, inits, hostNetwork, namespaces } = NO_ANSWERS;
  const { reservations, policyStore, rootLists } = NO_ANSWERS;
  const network = { hostNetwork, namespaces, reservations, policyStore };
  const ledgers = { overlays, depot, inits, ...network, rootLists };
  const later = { sensorFiles, startTicks, ...ledgers };
  const { sweep } = answers;
  const withoutRoots = sweep === null ? null : { ...sweep, roots: [] };
  return { ...answers, ...rare, ...later, sweep: withoutRoots };
};

/** The decision of a reusable pass, for a later one that read the same. */
export function reusedDecision(
  { decision }: ReusablePass,
  { snapshot: { at, durationMilliseconds }, memory }: ObservedPass,
): Decision {
  const { monotonicMilliseconds } = at;
  return {
    ...decision,
    report: { ...decision.report, takenAt: at.wall, durationMilliseconds },
    memory: {
      ...memory,
      lastPass: { monotonicMilliseconds, compared: true },
      peas: decision.memory.peas,
      lastReport: { ...memory.lastReport, containers: decision.memory.lastReport.containers },
      signalsReadAt: signalsReadAfter(at, memory),
      comparedPasses: memory.comparedPasses + 1,
    },
  };
}

/** Of every container that is not plainly tracked, and of every suspected process. */
export function mustReadAfter(
  { snapshot, containers, state }: ObservedPass,
  { report, memory }: Decision,
): MustRead {
  const { sweep } = snapshot.answers;
  const { primary } = state.cgroups;
  if (report.unknownCause !== null || primary === null || sweep === null) return 'everything';
  const plain = new Set(
    report.containers.flatMap(({ handle, status, explanation, throttled }) =>
      status === 'tracked' &&
      explanation.kind === 'tracked' &&
      !throttled &&
      memory.containers.get(handle)?.clock === null
        ? [handle]
        : [],
    ),
  );
  const others = containers.filter(({ handle }) => !plain.has(handle));
  const cgroups = others.flatMap(({ cgroup }) => cgroup ?? []);
  const remembered = [...memory.containers.keys(), ...memory.vanished.keys()].filter(
    (handle) => !plain.has(handle),
  );
  return {
    directories: new Set([
      ...cgroups.flatMap(({ directories }) => directories),
      ...sweep.suspects.flatMap(({ membership }) => pathIn(membership, primary.controller) ?? []),
    ]),
    names: new Set([...others.map(({ name }) => name), ...remembered.map(bytesOfText)]),
    pids: new Set(cgroups.flatMap(({ pids }) => pids)),
  };
}
