import { isAppOrTask } from '../../model/garden.ts';
import { hadReason } from '../../model/memory.ts';
import type { Answers } from '../../model/questions.ts';
import { ageOfRep } from '../observe/rep.ts';
import { differs, IN_TRANSITION, NOT_IF_LIVE, undecided, type Judgement } from './judgement.ts';
import { leftOf, type KnownContainer, type Members, type PassFacts } from './pass-facts.ts';

/** Null: it has an owner, or nothing shows that it lost its owner. */
export function judgeOwner(
  container: KnownContainer,
  cgroup: Pick<Members, 'pids' | 'unclear'>,
  { state, answers }: PassFacts,
): Judgement | null {
  const { handle, remembered, properties } = container;
  const identity = remembered?.identity ?? null;
  if (properties === null) {
    // Without an answer the owner counts as present only if an earlier pass saw it, Garden still
    // calls the container created, and no pass saw that the owner was lost.
    const isOwnerKnown = identity !== null && state.created?.has(handle) === true;
    return isOwnerKnown && !hadReason(remembered, 'unowned')
      ? null
      : undecided(withoutProperties(container, answers), NOT_IF_LIVE);
  }
  if (properties.owner !== 'lost') return null;
  const { secondList } = state;
  if (secondList === null) {
    return undecided('Garden gave no second list after it returned no properties', NOT_IF_LIVE);
  }
  // It left the list after its properties were requested, so it was being destroyed.
  if (!secondList.has(handle)) return IN_TRANSITION;
  const { kind } = identity ?? properties;
  const rep = isAppOrTask(kind)
    ? ageOfRep(state.rep, cgroup.pids, { answers, depth: state.gdn?.namespaces ?? 1 })
    : 'never';
  const left = leftOf(cgroup, { state, answers });
  return differs(
    { kind: 'unowned', rep, left, milliseconds: 0 },
    left === null ? 'critical' : 'warning',
  );
}

export function withoutProperties({ handle }: KnownContainer, { properties }: Answers): string {
  const answer = properties.get(handle);
  return `Garden gives no properties${answer?.kind === 'failed' ? `: ${answer.why.replace(/\.$/, '')}` : ''}`;
}
