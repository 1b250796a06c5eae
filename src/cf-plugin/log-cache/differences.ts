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
  'PresentCells',
  'SuspectRunningActualLRPs',
  'SuspectClaimedActualLRPs',
  'TasksRunning',
] as const;
export type BbsCount = (typeof BBS_COUNTS)[number];

/** A difference must have lasted for so long. */
export const LASTING_SECONDS = 300;
const MOMENT_SECONDS = 60;
/** Where Log Cache goes back less far, so many are enough: two minutes. */
const LEAST_MOMENTS = 3;
/** The moments of that time, in seconds before now, at each of which it must be seen. */
export const MOMENTS = [0, 60, 120, 180, 240, LASTING_SECONDS] as const;
/** At these, something must be read. */
export const READ_MOMENTS = [...MOMENTS, LASTING_SECONDS + MOMENT_SECONDS] as const;
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

/** The key of the difference between all reps and Diego. Between Garden's list and rep it is the BOSH instance. */
export const DIEGO = 'Diego';

/** By how many containers two views differ: positive if the first has more. */
export interface Differences {
  /** A difference is absent if the count of one view is not known. */
  readonly by: ReadonlyMap<string, number>;
  /** Whether Log Cache holds any list of then. */
  readonly hasLists: boolean;
}

/**
 * The differences at a moment, in Unix time; those that are 0, too. rep's sample can be a minute
 * older than the others, so these are what they were within the last minute.
 */
export function differencesAt({ rep, bbs, listed }: CountSamples, moment: number): Differences {
  const reps = byInstance(rep, moment, REP_FOR_SECONDS);
  const lists = byInstance(listed, moment, LISTED_FOR_SECONDS);
  const earlier = byInstance(listed, moment - MOMENT_SECONDS, LISTED_FOR_SECONDS);
  const ranges = [...reps].map(([key, counts]) => [key, repRange(counts)] as const);
  const garden = ranges.flatMap(([key, range]) => {
    const count = lists.get(key)?.get(LISTED);
    if (range === null || count === undefined) return [];
    const before = earlier.get(key)?.get(LISTED) ?? count;
    return [[key, apart(hull([count, count], [before, before]), range)] as const];
  });
  const known = ranges.map(([, range]) => range).filter((range) => range !== null);
  const counts = newestOf(bbs, moment, BBS_FOR_SECONDS);
  const before = diegoRange(newestOf(bbs, moment - MOMENT_SECONDS, BBS_FOR_SECONDS));
  const now = diegoRange(counts);
  const diego = now === null ? null : hull(now, before ?? now);
  // A cell whose rep is not heard is in no sum.
  const isWhole = known.length === counts.get('PresentCells') && diego !== null;
  const ofDiego = isWhole ? [[DIEGO, apart(sumOf(known), diego)] as const] : [];
  return { by: new Map([...garden, ...ofDiego]), hasLists: lists.size > 0 };
}

/** A difference, and for how long it has been there without a break; both 0: there is none. */
export type Lasting = { readonly more: number; readonly seconds: number };

/**
 * By key, how much each difference was at least, in the same direction, at every moment of the last
 * five minutes. A difference is absent if one of these moments is not known.
 */
export function lasting(moments: readonly Differences[]): ReadonlyMap<string, Lasting> {
  const [newest] = moments;
  const held = moments.findLastIndex(({ hasLists }) => hasLists) + 1;
  return new Map(
    [...(newest?.by ?? [])].flatMap(([key, now]) => {
      const last = key === DIEGO ? moments.length : Math.max(held, LEAST_MOMENTS);
      const before = moments.slice(1, last).map(({ by }) => by.get(key) ?? null);
      const found = lastingOf(now, before);
      return found === null ? [] : [[key, found] as const];
    }),
  );
}

export const isAny = ({ by }: Differences): boolean => [...by.values()].some((one) => one !== 0);

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
export const isDiegoCounted = (counts: Counts): boolean =>
  (counts.get('LRPsRunning') ?? 0) + (counts.get('LRPsClaimed') ?? 0) > 0;

function diegoRange(counts: Counts): Range | null {
  const count = (name: BbsCount): number | undefined => counts.get(name);
  const running = count('LRPsRunning');
  const claimed = count('LRPsClaimed');
  const tasks = count('TasksRunning');
  if (running === undefined || claimed === undefined || tasks === undefined) return null;
  if (!isDiegoCounted(counts)) return null;
  const suspects =
    (count('SuspectRunningActualLRPs') ?? 0) + (count('SuspectClaimedActualLRPs') ?? 0);
  return [running + tasks, running + claimed + tasks + suspects];
}

const sumOf = (ranges: readonly Range[]): Range =>
  ranges.reduce(([least, most], [a, b]) => [least + a, most + b], [0, 0]);

const hull = ([least, most]: Range, [otherLeast, otherMost]: Range): Range => [
  Math.min(least, otherLeast),
  Math.max(most, otherMost),
];

const apart = ([least, most]: Range, [otherLeast, otherMost]: Range): number =>
  least > otherMost ? least - otherMost : most < otherLeast ? most - otherLeast : 0;

/** Null: a moment is not known. A difference that is 0 now, or once had another sign, does not last. */
function lastingOf(now: number, before: readonly (number | null)[]): Lasting | null {
  const sign = Math.sign(now);
  const known = before.filter((one) => one !== null);
  if (sign === 0 || known.some((one) => Math.sign(one) !== sign)) return { more: 0, seconds: 0 };
  if (known.length < before.length) return null;
  const more = sign * Math.min(...[now, ...known].map(Math.abs));
  return { more, seconds: MOMENTS[before.length] ?? 0 };
}
