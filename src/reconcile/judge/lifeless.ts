import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import type { ByteString } from '../../model/ids.ts';
import { nameOf } from '../../model/paths.ts';
import { isPeaOf } from '../../model/peas.ts';
import type { Answers } from '../../model/questions.ts';
import type { ContainerCgroup } from '../observe/container-cgroup.ts';
import { isLookedUp } from '../observe/walk-plan.ts';
import { evidenceNow } from './destroy-evidence.ts';
import { retryOf, stopsRep } from './destroy-retry.ts';
import { judgeEscaped } from './escaped.ts';
import {
  differs,
  inOrder,
  IN_TRANSITION,
  NOT_IF_LIFELESS,
  NOT_IF_LISTED,
  NOT_IF_LIVE,
  perhapsLive,
  undecided,
  type Judgement,
} from './judgement.ts';
import {
  isHiddenIn,
  judgeLeft,
  missingAround,
  partialIn,
  pidsInOtherHierarchies,
} from './missing-hierarchies.ts';
import { judgeOwner, withoutProperties } from './owner.ts';
import type { JudgedFacts, KnownContainer, PassFacts } from './pass-facts.ts';

export const NOT_PROVEN = undecided(
  'nothing shows yet that the cgroup with the name of the container belongs to the container',
  NOT_IF_LISTED,
);

/** The container was created, or came back, during the pass. */
const IN_LATER_WALK = undecided(
  'a later walk of the same pass shows the cgroup of the container',
  NOT_IF_LIVE,
);
const NOT_READ = undecided(
  'the Garden directory of the container has more cgroups than one pass reads, and this pass did not read that of the container',
  NOT_IF_LISTED,
);

const STILL_EXITING =
  'the cgroup of the container lists no process, but one may still be exiting there (cgroup.events)';
const HIDES_ITSELF =
  'the container hides itself: a part of its cgroup cannot be read, or exceeds what one pass reads';

/** A listed container that hides its cgroup. */
export const judgeHiddenListed = (container: KnownContainer): Judgement =>
  perhapsLive(HIDES_ITSELF, container);

/** Judges one whose cgroup has no process, or is not there. */
export function judgeLifeless(
  container: KnownContainer,
  cgroup: ContainerCgroup | undefined,
  facts: JudgedFacts,
): Judgement {
  const { name, handle, remembered, properties } = container;
  const { state, answers, view } = facts;
  const { primary } = facts.ownership;
  if (cgroup?.unclear === true) return judgeHiddenListed(container);
  const isUnread = view.crowded.length > 0 && !isLookedUp(handle, facts.memory);
  if (cgroup === undefined && isUnread) return NOT_READ;
  const isInLaterWalk = state.namesAfterList?.has(name) === true;
  const others = pidsInOtherHierarchies(name, state);
  if (others.length > 0) {
    const missing = missingAround(container, facts);
    return inOrder(
      judgeOwner(container, { pids: others, unclear: false }, facts),
      judgeEscaped(container, facts),
      missing.includes(primary.controller) && isInLaterWalk
        ? IN_LATER_WALK
        : (partialIn(missing) ?? judgeLeft(container, facts)),
    );
  }
  if (
    [...state.otherViews.values()].some(({ containers }) => containers.get(name)?.isClaim === true)
  ) {
    return NOT_PROVEN;
  }
  const isUnclear = [...answers.walks.values()].some(
    ({ kind, controller }) => kind === 'failed' || isHiddenIn(controller, state),
  );
  if (isUnclear) return undecided('another hierarchy could not be read', NOT_IF_LISTED);
  if (properties === null) return undecided(withoutProperties(container, answers), NOT_IF_LIFELESS);
  if (properties.properties !== null) {
    if (state.created === null) {
      return undecided('Garden did not say whether the container is created', NOT_IF_LIFELESS);
    }
    if (!state.created.has(handle)) return IN_TRANSITION;
  }
  if (isInLaterWalk) return IN_LATER_WALK;
  // Processes that live in other cgroups are one fault with one reason, not also no-cgroup.
  const escaped = judgeEscaped(container, facts);
  if (escaped !== null) return escaped;
  if (cgroup !== undefined && mayBePopulated(cgroup, answers))
    return perhapsLive(STILL_EXITING, container);
  const searched = answers.rootMounts.get(handle) ?? null;
  // One pass searches only a limited number of containers and processes; the others keep their severity.
  const severity = searched === null ? null : searched.length > 0 ? 'critical' : 'warning';
  const onlyPeas = (cgroup?.peaPids.length ?? 0) > 0;
  const destroy = evidenceNow(
    { found: answers.destroys?.get(handle) ?? null, before: remembered?.destroy ?? null },
    facts,
  );
  const explanation = {
    kind: 'no-cgroup',
    rootMountPids: searched,
    onlyPeas,
    destroy,
    retry: retryOf({ ...properties, remembered, destroy }, facts),
    stopsRep: stopsRep(properties),
  } as const;
  return differs(explanation, severity);
}

/*
 * From Linux 6.19 on, `cgroup.procs` leaves out a process that is exiting, even if its exit hangs.
 * The cgroup stays populated until it has exited (kernel commit a72f73c4dd9b).
 */
const EVENTS: CgroupFile = 'cgroup.events';

/** The cgroups of those that list no processes, and the cgroups directly in them. v1 has no such file. */
export function populatedToAsk({
  state: { cgroups, view },
  containers,
}: Pick<PassFacts, 'state'> & {
  readonly containers: readonly (KnownContainer & { readonly judgement: Judgement })[];
}): readonly CgroupNumbersQuestion[] {
  const { primary } = cgroups;
  if (primary?.controller !== 'v2') return [];
  return containers
    .filter(({ judgement }) => judgement.reason === 'no-cgroup')
    .flatMap(({ name }) => view?.containers.get(name)?.own ?? [])
    .flatMap(({ path, children }) => [path, ...children])
    .map((path) => ({ openedAt: primary.openedAt, path, files: [EVENTS] }));
}

/** A pea below it populates it, too: then nothing shows whether a process of its own does. */
const mayBePopulated = (
  { name, own }: Pick<ContainerCgroup, 'name' | 'own'>,
  { cgroupNumbers }: Pick<Answers, 'cgroupNumbers'>,
): boolean =>
  own.some(({ path, children }) => {
    const populated = (at: ByteString) => cgroupNumbers.get(at)?.[EVENTS];
    // Undefined: not asked, as in older captures. Null: it could not be read, or has just vanished.
    const mayBe = (at: ByteString): boolean => populated(at) !== undefined && populated(at) !== 0;
    const isPea = (at: ByteString): boolean => isPeaOf(nameOf(at), name);
    return (
      children.some((at) => !isPea(at) && mayBe(at)) ||
      (mayBe(path) && !children.some((at) => isPea(at) && populated(at) === 1))
    );
  });
