import { instanceKey, locationOf } from './cell-samples.ts';
import type { Sample } from './read.ts';

export const LISTED = 'rollcall_garden_listed';
/** rep sends -1 for what it cannot count. It counts a container from its reservation on. */
export const REP_COUNTS = [
  'ContainerCount',
  'StartingContainerCount',
  'CapacityRemainingContainers',
] as const;
/** Counted by the active bbs at each convergence, every 30 s, and sent every 15 s. */
export const BBS_COUNTS = [
  'LRPsDesired',
  'LRPsRunning',
  'LRPsClaimed',
  'LRPsMissing',
  'LRPsExtra',
  'SuspectRunningActualLRPs',
  'SuspectClaimedActualLRPs',
  'TasksRunning',
] as const;

/** A difference must have lasted for so long. */
export const LASTING_SECONDS = 300;
/** The moments of that time, in seconds before now, at each of which it must be seen. */
export const MOMENTS = [0, 60, 120, 180, 240, LASTING_SECONDS] as const;
/** For how long a sample counts: the interval of its sender, and time to arrive. */
export const REP_FOR_SECONDS = 75;
export const BBS_FOR_SECONDS = 45;
export const LISTED_FOR_SECONDS = 20;

/** Samples of rep, of bbs, and of what Garden lists, from any time. */
export interface CountSamples {
  readonly rep: readonly Sample[];
  readonly bbs: readonly Sample[];
  readonly listed: readonly Sample[];
}

/** From least to most: how many containers there may be according to one view. */
type Range = readonly [least: number, most: number];
type Counts = ReadonlyMap<string, number>;

/** By how many containers two views differ: positive if the first has more. */
export interface Differences {
  /** Garden's list and rep, by BOSH instance; without those of which either is not known. */
  readonly garden: ReadonlyMap<string, number>;
  /** All reps and Diego; null if not known. */
  readonly diego: number | null;
}

/** The differences at a moment, in Unix time; those that are 0, too. */
export function differencesAt({ rep, bbs, listed }: CountSamples, moment: number): Differences {
  const reps = byInstance(rep, moment, REP_FOR_SECONDS);
  const lists = byInstance(listed, moment, LISTED_FOR_SECONDS);
  const ranges = [...reps].map(([key, counts]) => [key, repRange(counts)] as const);
  const garden = ranges.flatMap(([key, range]) => {
    const count = lists.get(key)?.get(LISTED);
    return range === null || count === undefined
      ? []
      : [[key, apart([count, count], range)] as const];
  });
  // A rep whose last samples were lost is in no sum.
  const instances = new Set(rep.map((one) => instanceKey(locationOf(one))));
  const all = ranges.map(([, range]) => range);
  const known = all.filter((range) => range !== null);
  const diego = diegoRange(newestOf(bbs, moment, BBS_FOR_SECONDS));
  const isWhole = known.length === instances.size && known.length > 0 && diego !== null;
  return {
    garden: new Map(garden),
    diego: isWhole ? apart(sumOf(known), diego) : null,
  };
}

/** What differs at every moment, in the same direction: the least of it. The first is the newest. */
export function lasting(moments: readonly Differences[]): Differences {
  const [newest] = moments;
  const garden = [...(newest?.garden.keys() ?? [])].map(
    (key) => [key, leastOf(moments.map((one) => one.garden.get(key) ?? null))] as const,
  );
  return {
    garden: new Map(garden.filter(([, least]) => least !== 0)),
    diego: (newest?.diego ?? null) === null ? null : leastOf(moments.map(({ diego }) => diego)),
  };
}

export const isAny = ({ garden, diego }: Differences): boolean =>
  (diego ?? 0) !== 0 || [...garden.values()].some((one) => one !== 0);

/** The newest sample of each metric, if it is not older than this. */
export function newestOf(samples: readonly Sample[], moment: number, seconds: number): Counts {
  const newest = new Map<string, Sample>();
  for (const sample of samples) {
    if (sample.at > moment || sample.at <= moment - seconds) continue;
    if ((newest.get(sample.name)?.at ?? 0) <= sample.at) newest.set(sample.name, sample);
  }
  return new Map(
    [...newest].flatMap(([name, { value }]) =>
      value === null || value < 0 ? [] : [[name, value] as const],
    ),
  );
}

export const byInstance = (
  samples: readonly Sample[],
  moment: number,
  seconds: number,
): ReadonlyMap<string, Counts> =>
  new Map(
    [...Map.groupBy(samples, (one) => instanceKey(locationOf(one)))]
      .map(([key, own]) => [key, newestOf(own, moment, seconds)] as const)
      .filter(([, counts]) => counts.size > 0),
  );

function repRange(counts: Counts): Range | null {
  const count = counts.get('ContainerCount');
  const starting = counts.get('StartingContainerCount');
  return count === undefined || starting === undefined ? null : [count - starting, count];
}

/** After a failover, and while its database fails, bbs sends zeros. */
function diegoRange(counts: Counts): Range | null {
  const [desired, running, claimed, suspects, suspectsClaimed, tasks] = [
    'LRPsDesired',
    'LRPsRunning',
    'LRPsClaimed',
    'SuspectRunningActualLRPs',
    'SuspectClaimedActualLRPs',
    'TasksRunning',
  ].map((name) => counts.get(name));
  if (desired === undefined || running === undefined || claimed === undefined) return null;
  if (tasks === undefined || desired + running + claimed === 0) return null;
  return [running + tasks, running + claimed + tasks + (suspects ?? 0) + (suspectsClaimed ?? 0)];
}

const sumOf = (ranges: readonly Range[]): Range =>
  ranges.reduce(([least, most], [a, b]) => [least + a, most + b], [0, 0]);

const apart = ([least, most]: Range, [otherLeast, otherMost]: Range): number =>
  least > otherMost ? least - otherMost : most < otherLeast ? most - otherLeast : 0;

function leastOf(all: readonly (number | null)[]): number {
  const known = all.filter((one) => one !== null);
  if (known.length < all.length || known.length === 0) return 0;
  return known.every((one) => one > 0)
    ? Math.min(...known)
    : known.every((one) => one < 0)
      ? Math.max(...known)
      : 0;
}
