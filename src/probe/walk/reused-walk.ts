import { isEqual } from '../../model/equal.ts';
import type { MustRead } from '../../model/snapshot.ts';
import type { ByteString } from '../../model/ids.ts';
import { nameOf, parentOf, ROOT } from '../../model/paths.ts';
import {
  isSameDirectory,
  type CgroupDirectory,
  type ReadWalk,
  type Walk,
  type WalkPlan,
} from '../../model/walk.ts';
import {
  NO_CHILDREN,
  type WalkedAbove,
  type WalkedTops,
  type WalkRecord,
} from './walk-hierarchy.ts';
import { CrowdedDirectories } from './crowded-directories.ts';
import { Rereads, type PassUnderWay } from '../rereads.ts';
import type { KnownTop, WalkComparison } from './walk-comparison.ts';

export type Walker = (plan: WalkPlan, record: WalkRecord) => Generator<void, Walk>;

interface LastWalk {
  readonly plan: WalkPlan;
  readonly walk: ReadWalk;
  readonly tops: WalkedTops;
  /** Those that were read without trouble. */
  readonly reusable: readonly (KnownTop & { readonly name: ByteString })[];
  readonly above: readonly WalkedAbove[];
}

/**
 * Walks of one hierarchy, one in each pass. Each lists the directories in which containers and
 * units appear; of those that were there before it reads only what is due, and takes the rest from
 * the walk before. Cgroups of one name are read together: throttling moves processes from one to
 * another. It returns the same value while nothing changes, and then does not walk: it only asks
 * whether the cgroups that are due, and the directories above all of them, are as they were.
 */
export function reusedWalk(
  walker: Walker,
  comparison: WalkComparison,
  pass: PassUnderWay,
  crowded = new CrowdedDirectories(pass),
) {
  const rereads = new Rereads<ByteString>(pass);
  let lastWalk: LastWalk | null = null;

  return function* (plan: WalkPlan): Generator<void, Walk> {
    const last = lastWalk !== null && isEqual(lastWalk.plan, plan) ? lastWalk : null;
    const { mustRead } = pass;
    lastWalk = null;
    let reused = NOTHING;
    let differing: ReadonlySet<ByteString> = new Set();
    // Each walk reads another part of a crowded directory.
    const isCrowded = last !== null && last.walk.unseen.length > 0;
    if (last !== null && mustRead !== 'everything') {
      const due = dueOf(last, mustRead);
      differing = isCrowded ? namesOf(due) : yield* comparison.differing(plan, due);
      for (const { name } of due) if (!differing.has(name)) rereads.wasRead(name, false);
      const isWhole = !isCrowded && last.reusable.length === last.tops.size && hasAll(last);
      if (isWhole && differing.size === 0 && (yield* comparison.areStillAbove(plan, last.above)))
        return (lastWalk = last).walk;
      reused = reusedOf(last, differing);
    }
    const tops: WalkRecord['tops'] = new Map();
    const above: WalkedAbove[] = [];
    const walk = yield* walker(plan, { reused, tops, above, crowded: crowded.startsWalk() });
    // What exceeds another limit, or cannot be read, is read again.
    if (walk.kind !== 'read' || walk.unseen.some(({ why }) => why !== 'many')) return walk;
    let isSame =
      last?.tops.size === tops.size &&
      areSame(directoriesOf(last.above), directoriesOf(above)) &&
      isEqual(last.walk.unseen, walk.unseen);
    for (const [path, directories] of tops) {
      const known = last?.tops.get(path);
      if (known === directories) continue;
      const isSameTop = known !== undefined && areSame(known, directories);
      const name = nameOf(path);
      rereads.wasRead(name, !isSameTop || (!isCrowded && differing.has(name)));
      if (isSameTop) tops.set(path, known);
      else isSame = false;
    }
    if (isSame && last !== null) lastWalk = { ...last, above };
    else {
      rereads.keepOnly(namesOf([...tops.keys()].map((path) => ({ name: nameOf(path) }))));
      lastWalk = { plan, walk, tops, reusable: reusableOf(tops), above };
    }
    return lastWalk.walk;
  };

  function dueOf(
    { tops, reusable }: LastWalk,
    mustRead: Exclude<MustRead, 'everything'>,
  ): LastWalk['reusable'] {
    const due = new Set(mustRead.names);
    for (const directory of mustRead.directories) {
      let path = directory;
      while (!tops.has(path) && path !== ROOT) path = parentOf(path);
      due.add(nameOf(path));
    }
    return reusable.filter(({ name }) => due.has(name) || rereads.isDue(name));
  }
}

const areSame = (a: readonly CgroupDirectory[], b: readonly CgroupDirectory[]): boolean =>
  a.length === b.length && a.every((one, index) => isSameDirectory(one, b[index]));

/** Whether it read as many as there were: one that was away when its turn came can be back. */
const hasAll = ({ above, tops }: LastWalk): boolean =>
  above.reduce((sum, { links }) => sum + links - NO_CHILDREN, 0) === above.length - 1 + tops.size;

const directoriesOf = (above: readonly WalkedAbove[]): readonly CgroupDirectory[] =>
  above.map(({ directory }) => directory);

const namesOf = (tops: readonly { readonly name: ByteString }[]): Set<ByteString> =>
  new Set(tops.map(({ name }) => name));

const reusedOf = ({ reusable }: LastWalk, differing: ReadonlySet<ByteString>): WalkedTops =>
  new Map(
    reusable.flatMap(({ name, path, directories }) =>
      differing.has(name) ? [] : [[path, directories] as const],
    ),
  );

const reusableOf = (tops: WalkedTops): LastWalk['reusable'] =>
  [...tops].flatMap(([path, directories]) =>
    directories.every(({ trouble }) => trouble === null)
      ? [{ name: nameOf(path), path, directories }]
      : [],
  );

const NOTHING: WalkedTops = new Map();
