import type { ControllerName, MountChoice } from '../model/hierarchy.ts';
import { NO_ANSWERS, NO_QUESTIONS, type Answers, type LookInputs } from '../model/look-inputs.ts';
import type { Memory } from '../model/memory.ts';
import type { CellProbe } from '../probe/cell-probe.ts';
import { surveyMounts, type Ground } from '../mounts/ground.ts';
import { planScan } from '../reconcile/scan-plan.ts';
import { memoryOfBoot } from '../reconcile/clocks.ts';
import { paint, type Picture } from '../reconcile/picture.ts';
import { isEmpty, questionsOf } from '../reconcile/questions.ts';

/**
 * The created list, then properties, then the second list and the other hierarchies, then root mounts, then evidence: what
 * would need more rounds than this has no claim to be decided in this look.
 */
const MOST_ROUNDS = 6;

export interface Gathered {
  readonly inputs: LookInputs;
  /** What the inputs show, worked out for the last questions. */
  readonly picture: Picture;
}

/** Reads the cell once, cgroups before Garden's list: see docs/decisions/one-look.md for the order. */
export async function gather(
  probe: CellProbe,
  memory: Memory,
  allHierarchies: boolean,
): Promise<Gathered> {
  const at = probe.now();
  const mounts = probe.mounts();
  const gardenProcesses = probe.gardenProcesses();
  const ground = surveyMounts(mounts, gardenProcesses);
  const primaryScan =
    ground.primary === null ? null : await probe.scan(planScan(ground.primary, gardenProcesses));
  const list = await probe.list();
  let inputs: LookInputs = {
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
    const scans = everyOther(ground);
    const more = await probe.answer({ ...NO_QUESTIONS, scans }, plansFor(scans, ground, inputs));
    inputs = { ...inputs, answers: merge(inputs.answers, more) };
  }
  const before = memoryOfBoot(memory, inputs.cell.bootId);
  let picture = paint(ground, inputs, before, null);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await probe.pause();
    const questions = questionsOf(picture, inputs, before);
    if (isEmpty(questions)) break;
    const more = await probe.answer(questions, plansFor(questions.scans, ground, inputs));
    inputs = { ...inputs, answers: merge(inputs.answers, more) };
    await probe.pause();
    picture = paint(ground, inputs, before, picture);
  }
  const durationMilliseconds = round3(probe.now().monotonicMilliseconds - at.monotonicMilliseconds);
  return { inputs: { ...inputs, durationMilliseconds }, picture };
}

/** One name for each hierarchy but the primary one. */
const everyOther = (ground: Ground): readonly ControllerName[] => {
  const taken = new Set<MountChoice>(ground.primary === null ? [] : [ground.primary.choice]);
  return ground.hierarchies.flatMap(({ controller, choice }) => {
    if (taken.has(choice)) return [];
    taken.add(choice);
    return [controller];
  });
};

const plansFor = (
  scans: readonly ControllerName[],
  ground: Ground,
  { gardenProcesses }: LookInputs,
) =>
  ground.hierarchies
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
