import type { Candidate, Hierarchy, CandidateVerdict } from '../model/hierarchy.ts';
import type { ByteString } from '../model/ids.ts';
import type { Mount } from '../model/mount.ts';
import { textOfBytes } from '../model/text.ts';

/*
 * Why a mount was chosen or not, for the `why` of a candidate. Each phrase completes "<the mount>
 * …", and a choice joins them to one sentence. Paths come from the table: escape them on output.
 */

export const SHOWS_TOP = 'shows the root of the hierarchy';

export const placeOf = ({ mountPoint, id }: Mount): string =>
  id === null ? textOfBytes(mountPoint) : `${textOfBytes(mountPoint)} (mount id ${id})`;

export const hiddenBy = (cover: Mount | null): string =>
  cover === null
    ? 'is hidden: no path through the mounts of the table leads to it'
    : `is hidden: its path leads to the ${cover.fstype} mount at ${placeOf(cover)}`;

export const removed = (root: ByteString | null): string =>
  `shows a cgroup that was removed (root ${textOrNone(root)})`;

export const showsBelow = (root: ByteString | null): string =>
  `shows only the cgroup ${textOrNone(root)}`;

/** A root above the reader's namespace that does not lead to the top. */
export const showsBetween = (root: ByteString | null, levelsToTop: number): string =>
  `shows only a cgroup between its own and the root (root ${textOrNone(root)}, the top is at ${'/..'.repeat(levelsToTop)})`;

export const showsReadersOwn = (levelsToTop: number): string =>
  `shows only the reader's own cgroup namespace: another mount shows a higher cgroup (root ${'/..'.repeat(levelsToTop)})`;

export const MAY_SHOW_READERS_OWN =
  "may show only the reader's own cgroup namespace: in a private namespace the root / is ambiguous, and a saved table cannot be verified";

export const showsOwnNamespace = (signs: string): string =>
  `shows only this process's own cgroup namespace (${signs}): run it in the cgroup namespace of the cell`;

export const topOfContainer = (signs: string): string =>
  `shows the top of the cell, which is itself a container (${signs})`;

export const confirmedLive = (signs: string): string =>
  `${SHOWS_TOP}, confirmed on the running kernel (${signs})`;

export const notConfirmed = (why: string): string => `is not confirmed: ${why}`;

/** bpm gives a job its own mount namespace with a fresh sysfs, in which /sys has no cgroups. */
export const outOfReach = ({ device }: Hierarchy): string =>
  'is out of reach: this process sees only its own mount namespace, and no mount in its /proc/self/mountinfo shows ' +
  `that part of device ${device ?? 'unknown'} (under bpm: unsafe.unrestricted_volumes with the path /sys/fs/cgroup)`;

export const ROOT_NOT_IN_FORMAT =
  'may show anything: this format has no root field, and another path is longer';

export const LONGEST_IN_FORMAT = 'has the longest path; this format has no root field';

const textOrNone = (root: ByteString | null): string =>
  root === null ? 'unknown' : textOfBytes(root);

export const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

/** Why it was chosen: `rivals` show the same, `rest` counts the mounts that do not. */
export function chosenSentence(
  why: string,
  rivals: { readonly count: number; readonly preference: string },
  rest: number,
): string {
  const preference =
    rivals.count === 0
      ? ''
      : `; of ${rivals.count + 1} mounts that show the same, it ${rivals.preference}`;
  const others =
    rest === 0 ? '' : `; ${rest} other${rest === 1 ? ' does' : 's do'} not show the root`;
  return sentence(`${why}${preference}${others}`);
}

/** The verdicts in order, from the one closest to being chosen. */
const NEAREST: readonly CandidateVerdict[] = [
  'not-confirmed',
  'own-namespace',
  'undecided',
  'shadowed',
  'deleted',
  'sub-cgroup',
];

/** Why no mount of the hierarchy is usable, starting with the one that came closest. */
export function noneSentence(candidates: readonly Candidate[]): string {
  const nearest = NEAREST.flatMap((verdict) =>
    candidates.filter((candidate) => candidate.verdict === verdict),
  )[0];
  if (nearest === undefined) return 'No mount of this hierarchy is left.';
  const more = candidates.length - 1;
  const others =
    more === 0
      ? ''
      : `; ${more} other${more === 1 ? ' mount does' : ' mounts do'} not show it either`;
  return `No mount is known to show the root of this hierarchy: ${placeOf(nearest.mount)} ${nearest.why}${others}.`;
}
