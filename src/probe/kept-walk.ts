import { isEqual } from '../model/equal.ts';
import type { MustRead } from '../model/must-read.ts';
import type { ByteString } from '../model/ids.ts';
import { nameOf, parentOf, ROOT } from '../model/paths.ts';
import { isSameDirectory, type CgroupDirectory, type Scan, type ScanPlan } from '../model/scan.ts';
import {
  MAX_DIRECTORIES,
  NO_CHILDREN,
  type WalkedAbove,
  type WalkedTops,
  type WalkRecord,
} from './cgroup-scan.ts';
import { CrowdedDirectories } from './crowded-directories.ts';
import { Rereads, type PassUnderWay } from './rereads.ts';
import type { KnownTop, WalkAgain } from './walk-again.ts';

export type Walk = (plan: ScanPlan, record: WalkRecord) => Generator<void, Scan>;

interface Walked extends Pick<WalkRecord, 'tops' | 'above'> {
  readonly scan: Scan;
}

interface LastWalk {
  readonly plan: ScanPlan;
  readonly scan: Extract<Scan, { kind: 'seen' }>;
  readonly tops: WalkedTops;
  /** Those that were read without trouble. */
  readonly keepable: readonly (KnownTop & { readonly name: ByteString })[];
  readonly above: readonly WalkedAbove[];
}

/**
 * Walks of one hierarchy, one in each pass. Each lists the directories in which containers and
 * units appear; of those that were there before it reads only what is due, and takes the rest from
 * the walk before. Those of one name are read together: throttling moves processes from one to
 * another. It returns the same value while nothing changes, and then does not walk: it only asks
 * whether what is due, and what is above, is as it was. If only some containers differ, it walks
 * these.
 */
export function keptWalk(
  walk: Walk,
  again: WalkAgain,
  pass: PassUnderWay,
  crowded = new CrowdedDirectories(pass),
) {
  const rereads = new Rereads<ByteString>(pass);
  let lastWalk: LastWalk | null = null;

  return function* (plan: ScanPlan): Generator<void, Scan> {
    const last = lastWalk !== null && isEqual(lastWalk.plan, plan) ? lastWalk : null;
    const { mustRead } = pass;
    lastWalk = null;
    let kept = NOTHING;
    let differing: ReadonlySet<ByteString> = new Set();
    // Each walk reads another part of a crowded directory.
    const isCrowded = last !== null && last.scan.unseen.length > 0;
    if (last !== null && mustRead !== 'everything') {
      const due = dueOf(last, mustRead);
      differing = isCrowded ? namesOf(due) : yield* again.differing(plan, due);
      for (const { name } of due) if (!differing.has(name)) rereads.wasRead(name, false);
      const isWhole = !isCrowded && last.keepable.length === last.tops.size && hasAll(last);
      if (isWhole && (yield* again.isStillAbove(plan, last.above))) {
        if (differing.size === 0) return (lastWalk = last).scan;
        const walked = yield* walkedAgain(last, differing);
        if (walked !== null) return (lastWalk = walked).scan;
      }
      kept = keptOf(last, differing);
    }
    const { scan, tops, above } = yield* walkedWith(plan, { only: null, kept });
    // What exceeds another limit, or cannot be read, is read again.
    if (scan.kind !== 'seen' || scan.unseen.some(({ why }) => why !== 'many')) return scan;
    let isSame =
      last?.tops.size === tops.size &&
      areSame(directoriesOf(last.above), directoriesOf(above)) &&
      isEqual(last.scan.unseen, scan.unseen);
    for (const [path, directories] of tops) {
      const known = last?.tops.get(path);
      if (known === directories) continue;
      const isUnchanged = known !== undefined && areSame(known, directories);
      const name = nameOf(path);
      rereads.wasRead(name, !isUnchanged || (!isCrowded && differing.has(name)));
      if (isUnchanged) tops.set(path, known);
      else isSame = false;
    }
    if (isSame && last !== null) lastWalk = { ...last, above };
    else {
      rereads.keepOnly(namesOf([...tops.keys()].map((path) => ({ name: nameOf(path) }))));
      lastWalk = { plan, scan, tops, keepable: keepableOf(tops), above };
    }
    return lastWalk.scan;
  };

  function* walkedWith(
    plan: ScanPlan,
    reads: Pick<WalkRecord, 'only' | 'kept'>,
  ): Generator<void, Walked> {
    const record = { ...reads, tops: new Map(), above: [], crowded: crowded.startsWalk() };
    const scan = yield* walk(plan, record);
    return { ...record, scan };
  }

  /** The last walk, with the containers of these names read again; null: only a whole walk can tell. */
  function* walkedAgain(
    last: LastWalk,
    names: ReadonlySet<ByteString>,
  ): Generator<void, LastWalk | null> {
    const only = last.keepable.filter(({ name }) => names.has(name)).map(({ path }) => path);
    const { scan, tops: read } = yield* walkedWith(last.plan, { only, kept: NOTHING });
    if (scan.kind !== 'seen' || scan.unseen.length > 0) return null;
    if (scan.directories.some(({ trouble }) => trouble !== null)) return null;
    const keepable = last.keepable.map((one) => {
      const directories = read.get(one.path);
      return directories === undefined ? one : { ...one, directories };
    });
    const directories = [
      ...directoriesOf(last.above),
      ...keepable.flatMap((one) => one.directories),
    ];
    if (directories.length > MAX_DIRECTORIES) return null;
    for (const name of names) rereads.wasRead(name, true);
    const tops = new Map([...last.tops, ...read]);
    return { ...last, scan: { ...scan, directories }, tops, keepable };
  }

  function dueOf(
    { tops, keepable }: LastWalk,
    mustRead: Exclude<MustRead, 'everything'>,
  ): LastWalk['keepable'] {
    const due = new Set(mustRead.names);
    for (const directory of mustRead.directories) {
      let path = directory;
      while (!tops.has(path) && path !== ROOT) path = parentOf(path);
      due.add(nameOf(path));
    }
    return keepable.filter(({ name }) => due.has(name) || rereads.isDue(name));
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

const keptOf = ({ keepable }: LastWalk, differing: ReadonlySet<ByteString>): WalkedTops =>
  new Map(
    keepable.flatMap(({ name, path, directories }) =>
      differing.has(name) ? [] : [[path, directories] as const],
    ),
  );

const keepableOf = (tops: WalkedTops): LastWalk['keepable'] =>
  [...tops].flatMap(([path, directories]) =>
    directories.every(({ trouble }) => trouble === null)
      ? [{ name: nameOf(path), path, directories }]
      : [],
  );

const NOTHING: WalkedTops = new Map();
