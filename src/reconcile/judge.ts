import type { Reason, Severity } from '../model/finding.ts';
import type { ControllerName } from '../model/hierarchy.ts';
import type { ByteString, Handle } from '../model/ids.ts';
import type { Answers } from '../model/look-inputs.ts';
import type { Memory } from '../model/memory.ts';
import { type Membership, pathIn } from '../model/process.ts';
import type { Explanation } from '../model/report.ts';
import type { ClassifiedScan } from './classify.ts';
import { otherHierarchies } from './ground.ts';
import { hasComponent } from './paths.ts';
import type { Picture } from './picture.ts';
import { canBeMissed } from './scope.ts';
import type { SeenContainer } from './seen-container.ts';

/** What one look says of one container, before time is asked. */
export interface Judgement {
  readonly reason: Reason | null;
  readonly severity: Severity | null;
  readonly explanation: Explanation;
}

type PropertiesAnswer = ReturnType<Answers['properties']['get']>;

const TRACKED: Judgement = { reason: null, severity: null, explanation: { kind: 'tracked' } };
const IN_TRANSITION: Judgement = { ...TRACKED, explanation: { kind: 'in-transition' } };
const undecided = (why: string): Judgement => ({
  ...TRACKED,
  explanation: { kind: 'undecided', why },
});

/** A container that Garden lists. The order of the tests is the order of the reasons. */
export function judgeListed(
  name: ByteString,
  handle: Handle,
  picture: Picture,
  answers: Answers,
  memory: Memory,
): Judgement {
  const seen = picture.view?.containers.get(name);
  if (seen === undefined || seen.pids.length === 0) {
    return judgeLifeless(name, handle, seen, picture, answers, memory);
  }
  const owner = judgeOwner(handle, picture, answers, memory);
  if (owner !== null) return owner;
  const missing = missingIn(name, seen, picture, answers, memory);
  return missing.length === 0 ? TRACKED : partial(missing);
}

/** A live cgroup of no listed handle. */
export const judgeUnlisted = (
  basis: Extract<Explanation, { kind: 'unknown-to-garden' }>['basis'],
): Judgement => ({
  reason: 'unknown-to-garden',
  severity: 'critical',
  explanation: { kind: 'unknown-to-garden', basis },
});

const partial = (missing: readonly ControllerName[]): Judgement => ({
  reason: 'partial',
  severity: 'warning',
  explanation: { kind: 'partial', missing },
});

const withoutProperties = (answer: Exclude<PropertiesAnswer, { kind: 'answered' }>): string =>
  `Garden did not tell its properties${answer === undefined ? '' : `. ${answer.why.replace(/\.$/, '')}`}`;

/** Null: it has an owner, or nothing says that it lost one. */
function judgeOwner(
  handle: Handle,
  { listedAgain }: Picture,
  answers: Answers,
  memory: Memory,
): Judgement | null {
  const answer = answers.properties.get(handle);
  if (answer?.kind !== 'answered') {
    // No answer is no recovery, and for one whose owner was never seen it is no all-clear.
    const was = memory.containers.get(handle);
    const isOwnerKnown = was !== undefined && was.identity !== null && was.reason !== 'unowned';
    return isOwnerKnown ? null : undecided(withoutProperties(answer));
  }
  if (answer.value.owner === 'present') return null;
  if (listedAgain === null) {
    return undecided('Garden gave no second list after it showed no properties');
  }
  // Gone from the list behind its properties: it was being destroyed meanwhile.
  if (!listedAgain.has(handle)) return IN_TRANSITION;
  return { reason: 'unowned', severity: 'critical', explanation: { kind: 'unowned' } };
}

function judgeLifeless(
  name: ByteString,
  handle: Handle,
  seen: SeenContainer | undefined,
  picture: Picture,
  answers: Answers,
  memory: Memory,
): Judgement {
  const { primary } = picture.ground;
  if (seen?.unclear === true) return undecided('a part of its cgroup could not be read');
  const liveElsewhere = [...picture.otherViews.values()].some(
    ({ containers }) => (containers.get(name)?.pids.length ?? 0) > 0,
  );
  if (liveElsewhere && primary !== null) {
    const owner = judgeOwner(handle, picture, answers, memory);
    if (owner !== null) return owner;
    const expected = isExpected(handle, primary.controller, picture.view, memory);
    return expected ? partial([primary.controller]) : TRACKED;
  }
  const isUnclear = [...answers.scans.values()].some(
    ({ kind, controller }) =>
      kind === 'failed' || (picture.otherViews.get(controller)?.hidden.length ?? 0) > 0,
  );
  if (isUnclear) return undecided('another hierarchy could not be read');
  const properties = answers.properties.get(handle);
  if (properties?.kind !== 'answered') return undecided(withoutProperties(properties));
  if (properties.value.properties !== null) {
    if (picture.created === null) return undecided('Garden did not tell whether it is created');
    if (!picture.created.has(handle)) return IN_TRANSITION;
  }
  const rootMountPids = answers.rootMounts.get(handle) ?? [];
  return {
    reason: 'no-cgroup',
    severity: rootMountPids.length > 0 ? 'critical' : 'warning',
    explanation: { kind: 'no-cgroup', rootMountPids },
  };
}

/** The hierarchies in which a live container should have members and has none. Unreadable is not missing. */
function missingIn(
  name: ByteString,
  seen: SeenContainer,
  picture: Picture,
  answers: Answers,
  memory: Memory,
): readonly ControllerName[] {
  return doubtful(name, seen, picture, answers).filter((controller) => {
    const view = picture.otherViews.get(controller);
    const handle = picture.listed?.get(name);
    if (view === undefined || handle === undefined || view.hidden.length > 0) return false;
    const there = view.containers.get(name);
    if (there !== undefined && (there.pids.length > 0 || there.unclear)) return false;
    return isExpected(handle, controller, view, memory, seen.inode);
  });
}

/** Where Garden keeps a directory of its own, or where this incarnation was seen before. */
function isExpected(
  handle: Handle,
  controller: ControllerName,
  view: ClassifiedScan | null,
  memory: Memory,
  inode?: number,
): boolean {
  if (view !== null && view.places.length > 0) return true;
  const remembered = memory.containers.get(handle);
  const sameIncarnation = inode === undefined || remembered?.cgroupInode === inode;
  return sameIncarnation && remembered?.seenIn.includes(controller) === true;
}

/**
 * The hierarchies in which the process that stands for the container is not below a directory of its name: worth a walk,
 * no proof yet.
 */
export function doubtful(
  name: ByteString,
  seen: SeenContainer,
  picture: Picture,
  answers: Answers,
): readonly ControllerName[] {
  const membership = answers.memberships.get(standFor(seen) ?? -1);
  if (membership === undefined || membership === null) return [];
  return otherHierarchies(picture.ground)
    .map(({ controller }) => controller)
    .filter((controller) => {
      const path = pathIn(membership, controller);
      return canBeMissed(controller) && path !== undefined && !hasComponent(path, name);
    });
}

/** The process whose /proc/<pid>/cgroup tells a container's paths in all hierarchies. */
export function standFor({ pids }: { readonly pids: readonly number[] }): number | null {
  let lowest: number | null = null;
  for (const pid of pids) if (pid > 0 && (lowest === null || pid < lowest)) lowest = pid;
  return lowest;
}

/** The hierarchies, by name, in which a process is below a directory of this name. */
export const seenIn = (membership: Membership, name: ByteString): readonly ControllerName[] =>
  Object.entries(membership).flatMap(([controller, path]) =>
    hasComponent(path, name) ? [controller] : [],
  );
