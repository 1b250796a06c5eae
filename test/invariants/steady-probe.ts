import { isEqual } from '../../src/model/equal.ts';
import { asByteString, type ByteString } from '../../src/model/ids.ts';
import { isAtOrBelow, isGardenDirectory, parentOf, ROOT } from '../../src/model/paths.ts';
import type { CgroupDirectory, Scan, ScanPlan } from '../../src/model/scan.ts';
import type { CellProbe } from '../../src/probe/cell-probe.ts';
import { KeptWalk } from '../../src/probe/kept-walk.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';

/** A probe that reads as little as that of the agent does, and returns the same while it can. */
export function steadyProbe(probe: CellProbe): CellProbe {
  const mounts = kept<ReturnType<CellProbe['mounts']>>();
  const gardenProcesses = kept<Awaited<ReturnType<CellProbe['gardenProcesses']>>>();
  const list = kept<Awaited<ReturnType<CellProbe['list']>>>();
  const pass = new PassUnderWay();
  let walked: Scan | null = null;
  // eslint-disable-next-line require-yield -- a made walk needs no pause
  const walk = new KeptWalk(function* (plan, { kept: unread, tops, above }) {
    if (walked?.kind !== 'seen') throw new Error('nothing was walked');
    const directories: CgroupDirectory[] = [];
    for (const directory of walked.directories) {
      const top = topOf(directory.path, plan);
      const before = top === null ? undefined : unread.get(top);
      if (top === null) above.push(directory);
      else if (before === undefined) tops.set(top, [...(tops.get(top) ?? []), directory]);
      else tops.set(top, before);
      if (before === undefined) directories.push(directory);
      else if (directory.path === top) directories.push(...before);
    }
    return { ...walked, directories };
  }, pass);
  return {
    ...probe,
    startsPass: (mustRead, known) => {
      pass.starts(mustRead, known);
    },
    mounts: () => mounts(probe.mounts()),
    gardenProcesses: async () => gardenProcesses(await probe.gardenProcesses()),
    scan: async (plan) => {
      walked = await probe.scan(plan);
      const step = walked.kind === 'seen' ? walk.scan(plan).next() : { done: true, value: walked };
      return step.done === true && step.value !== undefined ? step.value : walked;
    },
    list: async () => list(await probe.list()),
  };
}

/** The container or unit that a directory belongs to; null above them. */
function topOf(path: ByteString, { first }: ScanPlan): ByteString | null {
  let at: ByteString = ROOT;
  let isGarden = false;
  for (const name of path.split('/').filter((one) => one !== '')) {
    at = asByteString(at === ROOT ? `/${name}` : `${at}/${name}`);
    const parent = parentOf(at);
    const isThrottling = isGarden && (name === 'good' || name === 'bad');
    if (isThrottling) continue;
    if (isGarden) return at;
    isGarden = isGardenDirectory(name);
    if (!isGarden && !first.some((one) => isAtOrBelow(one, at))) return at;
    if (parent === at) return null;
  }
  return null;
}

function kept<T>(): (now: T) => T {
  let last: { readonly value: T } | null = null;
  return (now) => {
    if (last === null || !isEqual(last.value, now)) last = { value: now };
    return last.value;
  };
}
