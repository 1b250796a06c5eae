import type { WithoutRep } from '../model/cell-warning.ts';
import { isAppOrTask } from '../model/garden.ts';
import type { Memory, RememberedRep } from '../model/memory.ts';
import type { Answers } from '../model/questions.ts';
import type { ObservedContainer, ObservedPass } from './judge/observed-containers.ts';

/** Passes between two searches for a rep on a cell where none was ever seen. */
const PASSES_BETWEEN = 20;
/** rep may restart, in a deploy or by monit. */
const MISSING_AFTER = 60_000;

const isAlive = ({ pid, startTicks }: RememberedRep, answers: Answers): boolean =>
  answers.startTicks.get(pid) === startTicks;

/** The process that was rep; none if none was seen. */
export const repPidsToAsk = ({ rep }: Memory): readonly number[] => (rep === null ? [] : [rep.pid]);

/** Whether all processes must be searched for a rep. */
export const isRepSearchDue = ({
  snapshot: { answers },
  memory: { rep, comparedPasses },
}: ObservedPass): boolean =>
  rep === null
    ? comparedPasses % PASSES_BETWEEN === 0
    : answers.startTicks.has(rep.pid) && !isAlive(rep, answers);

/** What is remembered of rep after a pass. */
export function repAfter({
  state: { rep, gdn },
  snapshot: { answers, at },
  memory: { rep: before },
}: ObservedPass): RememberedRep | null {
  if (rep !== null) return { pid: rep.pid, startTicks: rep.startTicks, missingSince: null };
  if (before === null) return null;
  if (isAlive(before, answers)) return { ...before, missingSince: null };
  // If gdn is not visible either, nothing shows that rep is gone.
  if (answers.repProcesses === null || gdn?.source !== 'process') return before;
  return { ...before, missingSince: before.missingSince ?? at.monotonicMilliseconds };
}

/** @param rep after this pass */
export function withoutRep(pass: ObservedPass, rep: RememberedRep | null): readonly WithoutRep[] {
  const now = pass.snapshot.at.monotonicMilliseconds;
  const since = rep?.missingSince ?? null;
  if (since === null || now - since < MISSING_AFTER) return [];
  const containers = pass.containers.filter(isOwned).length;
  return containers === 0 ? [] : [{ reason: 'no-rep', containers }];
}

/** A running app or task that Garden lists, with its properties. */
function isOwned(one: ObservedContainer): boolean {
  if (!one.isListed || one.judgement.reason === 'unowned') return false;
  if ((one.cgroup?.pids.length ?? 0) === 0) return false;
  const known = one.properties?.owner === 'present' ? one.properties : one.remembered?.identity;
  return known !== undefined && known !== null && isAppOrTask(known.kind);
}
