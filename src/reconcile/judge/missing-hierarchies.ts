import type { ControllerName } from '../../model/hierarchy.ts';
import type { ByteString } from '../../model/ids.ts';
import type { RememberedContainer } from '../../model/memory.ts';
import { hasComponent } from '../../model/paths.ts';
import { pathIn } from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';
import type { ClassifiedWalk } from '../observe/classify.ts';
import { hiddenAtOrAboveContainers } from '../observe/hidden-cgroups.ts';
import type { ObservedState } from '../observe/observe.ts';
import { differs, type Judgement } from './judgement.ts';
import {
  membershipOf,
  ownPathsIn,
  type CompleteFacts,
  type JudgedFacts,
  type KnownContainer,
  type Members,
  type PassFacts,
} from './pass-facts.ts';

/** The container's members in a hierarchy other than the primary one. */
export const pidsInOtherHierarchies = (
  name: ByteString,
  { otherViews }: Pick<ObservedState, 'otherViews'>,
): readonly number[] => {
  const there = [...otherViews.values()].map(({ containers }) => containers.get(name));
  return there.find((one) => one?.isClaim === false && one.pids.length > 0)?.pids ?? [];
};

/** Where a live container has no members. Unreadable does not count as missing. */
export function missingIn(
  { name, remembered }: KnownContainer,
  cgroup: Members,
  { state, answers }: PassFacts,
): readonly ControllerName[] {
  const isSameIncarnation = remembered?.cgroupInode === cgroup.inode;
  return doubtful(name, cgroup, state, answers).filter((controller) => {
    const view = state.otherViews.get(controller);
    if (view === undefined || isHiddenIn(controller, state)) return false;
    if (isLiveIn(view, name) && !holdsOthers(view, name, state)) return false;
    return isExpected(controller, view, isSameIncarnation ? remembered : null);
  });
}

/**
 * The same for a container that only other hierarchies show, all of which were walked. It was not found
 * in the primary one, which was read.
 */
export function missingAround(
  { name, remembered }: KnownContainer,
  { state, view, ownership: { primary } }: CompleteFacts,
): readonly ControllerName[] {
  const others = state.cgroups.others.flatMap(({ controller }) => {
    const there = state.otherViews.get(controller);
    const isThere = there === undefined || isHiddenIn(controller, state) || isLiveIn(there, name);
    return !isThere && isExpected(controller, there, remembered) ? [controller] : [];
  });
  return isExpected(primary.controller, view, remembered)
    ? [primary.controller, ...others]
    : others;
}

/**
 * Whether all processes of its cgroup there are another container's in the primary hierarchy: cgroups
 * of v1 can swap their names, in one hierarchy as well.
 */
function holdsOthers(
  { containers }: ClassifiedWalk,
  name: ByteString,
  { view }: Pick<ObservedState, 'view'>,
): boolean {
  const there = containers.get(name);
  if (view === null || there === undefined || there.unclear || there.pids.length === 0)
    return false;
  const ofOthers = new Set(
    [...view.containers.values()].flatMap((one) => (one.name === name ? [] : one.pids)),
  );
  return there.pids.every((pid) => ofOthers.has(pid));
}

function isLiveIn({ containers, outside }: ClassifiedWalk, name: ByteString): boolean {
  const there = containers.get(name);
  if (there !== undefined && (there.pids.length > 0 || there.unclear)) return true;
  // The walk assigns a directory outside Garden's to a container only if that is listed.
  return outside.some(({ path }) => hasComponent(path, name));
}

/** Whether the unread part of another hierarchy could contain containers. */
export function isHiddenIn(
  controller: ControllerName,
  { cgroups, otherViews, gdn }: ObservedState,
) {
  const view = otherViews.get(controller);
  const hierarchy = cgroups.hierarchies.find((known) => known.controller === controller);
  return (
    view !== undefined &&
    hierarchy !== undefined &&
    (view.crowded.length > 0 || hiddenAtOrAboveContainers(view, hierarchy, gdn) !== null)
  );
}

/**
 * Where Garden keeps a directory of its own, or where this incarnation was seen before.
 * @param was what is remembered of this incarnation
 */
const isExpected = (
  controller: ControllerName,
  view: ClassifiedWalk,
  was: RememberedContainer | null,
): boolean => view.gardenDirectories.length > 0 || was?.seenIn.includes(controller) === true;

/** Where its lowest pid is not below a directory with its name; only a walk shows the others. */
export function doubtful(
  name: ByteString,
  cgroup: Pick<Members, 'pids'>,
  state: ObservedState,
  answers: Answers,
): readonly ControllerName[] {
  const membership = membershipOf(cgroup, answers);
  if (membership === null) return [];
  const own = ownPathsIn(membership, name);
  return state.cgroups.others
    .map(({ controller }) => controller)
    .filter((one) => pathIn(membership, one) !== undefined && pathIn(own, one) === undefined);
}

/** @param pids null: all of its processes */
export const partialIn = (
  missing: readonly ControllerName[],
  pids: readonly number[] | null = null,
): Judgement | null => (missing.length === 0 ? null : differs({ kind: 'partial', missing, pids }));

/** Null: none of its processes was seen to be missing where the others are. */
export function judgeLeft({ name }: KnownContainer, { outside }: JudgedFacts): Judgement | null {
  const those = (outside.get(name) ?? []).filter(({ left }) => left !== null);
  const missing = new Set(those.flatMap(({ left }) => left ?? []));
  return partialIn(
    [...missing],
    those.map(({ process: { pid } }) => pid),
  );
}
