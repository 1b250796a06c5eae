import { isEqual } from '../model/equal.ts';
import type { MustRead } from '../model/must-read.ts';
import type { ByteString } from '../model/ids.ts';
import { nameOf, parentOf, ROOT } from '../model/paths.ts';
import { isSameDirectory, type CgroupDirectory, type Scan, type ScanPlan } from '../model/scan.ts';
import type { WalkedTops, WalkRecord } from './cgroup-scan.ts';
import { CrowdedDirectories } from './crowded-directories.ts';
import { Rereads, type PassUnderWay } from './rereads.ts';

export type Walk = (plan: ScanPlan, record: WalkRecord) => Generator<void, Scan>;

interface LastWalk {
  readonly plan: ScanPlan;
  readonly scan: Extract<Scan, { kind: 'seen' }>;
  readonly tops: WalkedTops;
  /** Those that were read without trouble. */
  readonly keepable: readonly {
    readonly name: ByteString;
    readonly path: ByteString;
    readonly directories: readonly CgroupDirectory[];
  }[];
  readonly above: readonly CgroupDirectory[];
}

/**
 * Walks of one hierarchy, one in each pass. Every walk lists the directories in which containers
 * and units appear; of those that were there before it reads only what is due, and takes the rest
 * from the walk before. Those of one name are read together: throttling moves processes from one to
 * another. It returns the same value while nothing changes.
 */
export function keptWalk(walk: Walk, pass: PassUnderWay, crowded = new CrowdedDirectories(pass)) {
  const rereads = new Rereads<ByteString>(pass);
  let lastWalk: LastWalk | null = null;

  return function* (plan: ScanPlan): Generator<void, Scan> {
    const last = lastWalk !== null && isEqual(lastWalk.plan, plan) ? lastWalk : null;
    const { mustRead } = pass;
    const isWhole = last === null || mustRead === 'everything';
    const kept = isWhole ? NOTHING : keptOf(last, mustRead);
    const before = isWhole ? NOTHING : last.tops;
    const tops = new Map<ByteString, readonly CgroupDirectory[]>();
    const above: CgroupDirectory[] = [];
    lastWalk = null;
    const record = { kept, before, tops, above, crowded: crowded.startsWalk() };
    const scan = yield* walk(plan, record);
    // What exceeds another limit, or cannot be read, is read again.
    if (scan.kind !== 'seen' || scan.unseen.some(({ why }) => why !== 'many')) return scan;
    let isSame =
      last?.tops.size === tops.size &&
      areSame(last.above, above) &&
      isEqual(last.scan.unseen, scan.unseen);
    for (const [path, directories] of tops) {
      const known = last?.tops.get(path);
      if (known === directories) continue;
      const isUnchanged = known !== undefined && areSame(known, directories);
      rereads.wasRead(nameOf(path), !isUnchanged);
      if (isUnchanged) tops.set(path, known);
      else isSame = false;
    }
    if (isSame && last !== null) lastWalk = last;
    else {
      rereads.keepOnly(new Set([...tops.keys()].map(nameOf)));
      lastWalk = { plan, scan, tops, keepable: keepableOf(tops), above };
    }
    return lastWalk.scan;
  };

  function keptOf(
    { tops, keepable }: LastWalk,
    mustRead: Exclude<MustRead, 'everything'>,
  ): WalkedTops {
    const due = new Set(mustRead.names);
    for (const directory of mustRead.directories) {
      let path = directory;
      while (!tops.has(path) && path !== ROOT) path = parentOf(path);
      due.add(nameOf(path));
    }
    const kept = new Map<ByteString, readonly CgroupDirectory[]>();
    for (const { name, path, directories } of keepable) {
      if (!due.has(name) && !rereads.isDue(name)) kept.set(path, directories);
    }
    return kept;
  }
}

const areSame = (a: readonly CgroupDirectory[], b: readonly CgroupDirectory[]): boolean =>
  a.length === b.length && a.every((one, index) => isSameDirectory(one, b[index]));

const keepableOf = (tops: WalkedTops): LastWalk['keepable'] =>
  [...tops].flatMap(([path, directories]) =>
    directories.every(({ trouble }) => trouble === null)
      ? [{ name: nameOf(path), path, directories }]
      : [],
  );

const NOTHING: WalkedTops = new Map();
