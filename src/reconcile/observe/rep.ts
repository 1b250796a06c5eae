import { isInitBelow, type ProcessStart, type RepProcess } from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';

/** For one container. Its init nearly always has its lowest pid, and so is part of the evidence. */
const MAX_STARTS_OF_ONE = 512;
const MAX_STARTS = 4096;

export type RepAge = 'newer' | 'older' | 'none';

/**
 * Which of the two is older decides whether the container is destroyed. A rep destroys the
 * containers that it knows, whatever their properties are. A restarted rep has forgotten them and
 * finds only those that have an owner.
 */
export function ageOfRep(
  rep: RepProcess | null,
  pids: readonly number[],
  { answers, depth }: ProcessQuestion,
): RepAge {
  if (rep === null) return 'none';
  const start = startOf(pids, { answers, depth });
  return start !== null && rep.startTicks > start ? 'newer' : 'older';
}

interface ProcessQuestion {
  readonly answers: Pick<Answers, 'processes' | 'starts'>;
  /** The number of NSpid entries of gdn; the init of its containers has one more. */
  readonly depth: number;
}

/** The start time of a container's init; if the init is gone, of its oldest process. */
function startOf(pids: readonly number[], question: ProcessQuestion): number | null {
  const known = knownOf(pids, question.answers);
  const inits = known.filter((process) => isInitBelow(process, question.depth));
  const starts = (inits.length > 0 ? inits : known).map(({ startTicks }) => startTicks);
  return starts.length === 0 ? null : Math.min(...starts);
}

const knownOf = (
  pids: readonly number[],
  { processes, starts }: ProcessQuestion['answers'],
): readonly ProcessStart[] => pids.flatMap((pid) => processes.get(pid) ?? starts.get(pid) ?? []);

/** Further processes of containers that may be their init. */
export function startsToAsk(
  containers: readonly (readonly number[])[],
  question: ProcessQuestion,
): readonly number[] {
  const { processes, starts } = question.answers;
  return containers
    .filter((pids) => !knownOf(pids, question.answers).some((one) => isInit(one, question)))
    .flatMap((pids) =>
      pids
        .filter((pid) => pid > 0)
        .slice(0, MAX_STARTS_OF_ONE)
        .filter((pid) => !processes.has(pid) && !starts.has(pid)),
    )
    .slice(0, MAX_STARTS);
}

const isInit = (process: ProcessStart, { depth }: ProcessQuestion): boolean =>
  isInitBelow(process, depth);
