import { KnownFailure } from '../model/failure.ts';
import type { GardenDirectory } from '../model/memory.ts';
import { isDeleted, type Mount, type MountTable } from '../model/mount.ts';
import { isAtOrBelow, parentOf } from '../model/paths.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { bytesOfText, oneLine } from '../model/text.ts';
import type { ByteString } from '../model/ids.ts';

/** A single pass is not enough: a starting Garden may just have removed its directory. */
const PASSES = 2;
/** If the directory is recreated repeatedly, the agent must not end each time. */
const MIN_MILLISECONDS_BETWEEN_ENDS = 600_000;

/**
 * Whether this process sees a removed directory in place of Garden's. bpm shows the directory
 * through a bind mount, which keeps pointing to the original directory: if the directory is
 * recreated, Garden's new socket never appears below the mount.
 */
export function showsRemovedDirectory(
  {
    mounts,
    list,
  }: Pick<Snapshot, 'list'> & {
    readonly mounts: Pick<Snapshot['mounts'], 'ownTable'>;
  },
  socketPath: string,
): boolean {
  if (list.kind === 'answered' || list.code !== 'socket-missing') return false;
  const mount = mountShowing(mounts.ownTable, parentOf(bytesOfText(socketPath)));
  return mount !== null && isDeleted(mount);
}

/** The deepest mount at or above it. Of several at one mount point, the last covers the others. */
const mountShowing = ({ mounts }: MountTable, directory: ByteString): Mount | null =>
  mounts.reduce<Mount | null>(
    (deepest, mount) =>
      isAtOrBelow(directory, mount.mountPoint) &&
      mount.mountPoint.length >= (deepest?.mountPoint.length ?? 0)
        ? mount
        : deepest,
    null,
  );

/** What to remember after a pass, and whether the agent must end. */
export function gardenDirectoryAfter(
  { passes: before, endedAt }: GardenDirectory,
  isRemoved: boolean,
  now: string,
): { readonly remembered: GardenDirectory; readonly ends: boolean } {
  const passes = isRemoved ? before + 1 : 0;
  if (passes < PASSES || hasJustEnded(endedAt, now)) {
    return { remembered: { passes, endedAt }, ends: false };
  }
  return { remembered: { passes: 0, endedAt: now }, ends: true };
}

/** A time in the future comes from a clock that was wrong. */
function hasJustEnded(endedAt: string | null, now: string): boolean {
  if (endedAt === null) return false;
  const since = Date.parse(now) - Date.parse(endedAt);
  return since >= 0 && since < MIN_MILLISECONDS_BETWEEN_ENDS;
}

export const removedDirectoryFailure = (socketPath: string): KnownFailure =>
  new KnownFailure(
    'GARDEN_DIRECTORY_REMOVED',
    `The directory of Garden's socket ${oneLine(socketPath, 160)} was replaced, and this process still sees the ` +
      'removed one. The agent exits so that monit starts it with the ' +
      'new one; it does so at most once in 10 minutes.',
  );
