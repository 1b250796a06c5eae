import type { GardenFailureCode } from '../model/garden.ts';
import { controllerNames } from '../model/hierarchy.ts';
import { isAtOrBelow } from '../model/paths.ts';
import { pathIn } from '../model/process.ts';
import type { Memory } from '../model/memory.ts';
import type { UnknownCause } from '../model/report.ts';
import type { Answers } from '../model/questions.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Cover } from '../mounts/covers.ts';
import { gdnCandidates, pathBelowMount } from '../mounts/resolve.ts';
import { hiddenAtOrAboveContainers } from './observe/hidden-cgroups.ts';
import type { ObservedState } from './observe/observe.ts';

/** Why nothing can be compared in this pass; null if it can. Unreadable never counts as empty. */
export function unknownCause(state: ObservedState, snapshot: Snapshot): UnknownCause | null {
  const { cgroups, view, listed } = state;
  const { primary } = cgroups;
  if (primary === null) {
    return isUnplaced(cgroups)
      ? { kind: 'own-namespace' }
      : { kind: 'no-hierarchy', why: whyNoHierarchy(state) };
  }
  if (snapshot.hangingFile !== null)
    return { kind: 'unreadable', path: snapshot.hangingFile, errno: 'ETIMEDOUT' };
  if (snapshot.primaryWalk?.kind !== 'read' || view === null) {
    const cover = primary.covers.find(({ path }) => isAtOrBelow(primary.scope, path));
    if (cover !== undefined) return coveredBy(cover);
    const errno = snapshot.primaryWalk?.kind === 'failed' ? snapshot.primaryWalk.errno : 'ENOENT';
    return { kind: 'unreadable', path: primary.scope, errno };
  }
  if (snapshot.list.kind === 'failed' || listed === null) {
    return {
      kind: 'garden-unavailable',
      why: snapshot.list.kind === 'failed' ? snapshot.list.why : '',
    };
  }
  const refused = whyNoProperties(listed, snapshot.answers);
  if (refused !== null) return { kind: 'no-properties', why: refused };
  const hidden = hiddenAtOrAboveContainers(view, primary, state.gdn);
  if (hidden !== null) {
    const { path, errno } = hidden;
    const cover = primary.covers.find((one) => one.path === path);
    if (cover !== undefined) return coveredBy(cover);
    return errno === null ? { kind: 'cut', path } : { kind: 'unreadable', path, errno };
  }
  return state.isGdnAmbiguous
    ? { kind: 'no-anchor', gdns: 'several' }
    : hiddenProcesses(state, snapshot);
}

const coveredBy = ({ path, mount: { fstype, mountPoint } }: Cover): UnknownCause => ({
  kind: 'covered',
  path,
  fstype,
  mountPoint,
});

/** Failures that concern one answer alone; every other failure concerns the server. */
const OF_ONE_ANSWER: ReadonlySet<GardenFailureCode> = new Set([
  'too-large',
  'wrong-shape',
  'not-askable',
]);

/** Why Garden answers its list but no request for properties; null if it answers some. */
function whyNoProperties(
  listed: NonNullable<ObservedState['listed']>,
  { properties }: Answers,
): string | null {
  const answers = [...listed.values()].map((handle) => properties.get(handle));
  const [first] = answers;
  const isRefused = answers.every(
    (answer) => answer?.kind === 'failed' && !OF_ONE_ANSWER.has(answer.code),
  );
  return isRefused && first?.kind === 'failed' ? first.why : null;
}

/**
 * Garden answers, so a gdn runs. If neither gdn nor any container's process is visible, or gdn is
 * not in the cgroup that its /proc entry names, this process is in another pid or cgroup namespace.
 */
function hiddenProcesses(
  { view, listed, gdn, unlisted, cgroups }: ObservedState,
  snapshot: Snapshot,
): UnknownCause | null {
  const { primary } = cgroups;
  if (view === null || listed === null || primary === null) return null;
  const isPrivate = snapshot.mounts.pidNamespace === 'private';
  const processesHidden: UnknownCause = {
    kind: 'processes-hidden',
    by: isPrivate ? 'pid-namespace' : null,
  };
  if (gdn?.source === 'process' && gdn.pid !== null) {
    const gdnCgroup = pathIn(gdn.paths, primary.controller);
    const own = snapshot.primaryWalk?.kind === 'read' ? snapshot.primaryWalk.directories : [];
    const directory = own.find(({ path }) => path === gdnCgroup);
    return directory?.pids.includes(gdn.pid) === true ? null : processesHidden;
  }
  const servers = gdnCandidates(snapshot.gardenProcesses, snapshot.mounts.firstProcessPaths);
  const isMapped = servers.some(({ membership }) => pathBelowMount(membership, primary) !== null);
  if (servers.length > 0 && !isMapped) return { kind: 'own-namespace' };
  const live =
    unlisted.some(({ basis }) => basis !== null) ||
    // v2 prints 0 for a member outside this pid namespace; v1 omits it.
    [...view.containers.values()].some(({ pids }) => pids.some((pid) => pid > 0));
  if (!live) return processesHidden;
  // Without gdn's cgroup nothing shows which Garden a Garden directory belongs to.
  const isWithoutGdn =
    gdn === null &&
    [...view.containers.values()].some(({ where, pids }) => where === 'garden' && pids.length > 0);
  return isWithoutGdn ? { kind: 'no-anchor', gdns: 'none' } : null;
}

/**
 * A mount shows the whole hierarchy but not the place of pid 1 in it: inside a cgroup namespace the
 * kernel prints paths relative to a root that it does not name.
 */
const isUnplaced = ({ choices, hierarchies }: ObservedState['cgroups']): boolean =>
  choices.some(
    (choice) => choice.openedAt !== null && !hierarchies.some((known) => known.choice === choice),
  );

function whyNoHierarchy({ cgroups }: ObservedState): string {
  if (cgroups.mode === 'none') return 'No cgroup hierarchy is mounted.';
  const failed = cgroups.choices.filter(({ chosen }) => chosen === null);
  const primary = failed.find(({ hierarchy }) =>
    controllerNames(hierarchy).some((name) => name === 'memory' || name === 'v2'),
  );
  return (primary ?? failed[0])?.why ?? 'No mount shows a whole hierarchy.';
}

/**
 * The kind of cause that is reported after a pass. While Garden does not answer, the earlier cause
 * stays reported, because nothing shows whether it has ended.
 */
export const reportedCauseAfter = (
  before: Memory['reportedCause'],
  now: UnknownCause | null,
): Memory['reportedCause'] => (now?.kind === 'garden-unavailable' ? before : (now?.kind ?? null));
