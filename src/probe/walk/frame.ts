import fs from 'node:fs';
import type { ByteString } from '../../model/ids.ts';
import { isAtOrBelow, isGardenDirectory, nameOf } from '../../model/paths.ts';
import type { CgroupDirectory, WalkPlan } from '../../model/walk.ts';

/** The limit for one container, or for one unit next to the path to gdn. */
const MAX_OF_ONE = 2048;

/**
 * Decides only which limits apply; src/reconcile decides what a directory is. `ancestor`: the
 * scope, and the ancestors of gdn's cgroup. `top`: a child of these or of Garden's directories, so
 * a container or a unit.
 */
type Zone = 'ancestor' | 'garden' | 'throttling' | 'top' | 'below';

export interface Frame {
  readonly path: ByteString;
  /** The nearest ancestor with many children; the directory is opened at `below`, from there. */
  readonly from: string;
  readonly below: string;
  readonly depth: number;
  readonly zone: Zone;
  /** The `first` paths of the plan that lie below this directory. */
  readonly first: readonly ByteString[];
  readonly parent: Frame | null;
  /** The directory was read under an earlier name, and what is below it was not. */
  readonly isRead: boolean;
  /** Shared by a `top` directory and everything below it; null above the `top` directories. */
  readonly budget: Budget | null;
}

interface Budget {
  left: number;
  readonly of: ByteString;
  readonly seen: CgroupDirectory[];
  isCut: boolean;
}

export const firstFrame = ({ scope, openedAt, first }: WalkPlan): Frame => ({
  path: scope,
  from: openedAt,
  below: `.${scope}`,
  depth: 0,
  zone: 'ancestor',
  first,
  parent: null,
  isRead: false,
  budget: null,
});

const budgetOf = (of: ByteString): Budget => ({ left: MAX_OF_ONE, of, seen: [], isCut: false });

export function childOf(
  parent: Frame,
  path: ByteString,
  place: Pick<Frame, 'from' | 'below'>,
): Frame {
  const ahead = parent.first.filter((one) => isAtOrBelow(one, path));
  const zone = zoneOf(parent.zone, nameOf(path), ahead.length > 0);
  return {
    path,
    ...place,
    depth: parent.depth + 1,
    zone,
    // Below a `first` path the order does not matter.
    first: ahead.includes(path) ? [] : ahead,
    parent,
    isRead: false,
    budget: zone === 'top' ? budgetOf(path) : parent.budget,
  };
}

/** Below a `top` directory all is `below`: a privileged container can make Garden directories. */
function zoneOf(parent: Zone, name: string, isAhead: boolean): Zone {
  if (parent === 'top' || parent === 'below') return 'below';
  if (parent === 'throttling') return 'top';
  if (parent === 'garden') return name === 'good' || name === 'bad' ? 'throttling' : 'top';
  if (isGardenDirectory(name)) return 'garden';
  return isAhead ? 'ancestor' : 'top';
}

/** All that a directory lists, and its directories. */
interface Listing {
  readonly entries: readonly string[];
  readonly names: readonly string[];
}

export function listing(path: string | Buffer): Listing {
  const found = fs.readdirSync(path, { withFileTypes: true, encoding: 'latin1' });
  const directories = found.filter((one) => one.isDirectory());
  return { entries: found.map(({ name }) => name), names: directories.map(({ name }) => name) };
}
