import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import type { ControllerName } from '../../model/hierarchy.ts';
import type { ByteString, Handle } from '../../model/ids.ts';
import { hadReason } from '../../model/memory.ts';
import { parentOf } from '../../model/paths.ts';
import type { ExceededLimit } from '../../model/finding.ts';
import type { LimitsLost } from '../../model/cell-warning.ts';
import type { Answers } from '../../model/questions.ts';
import type { ReadPass } from './pass-facts.ts';
import type { ThrottledCgroups } from '../observe/container-cgroup.ts';

/*
 * On cgroup v2 gdn throttles a container by moving its processes from `good/H` to `bad/H`, and sets
 * no limit on `bad/H` but its CPU weight. Memory that is charged there stays charged there when the
 * processes move back (measured with guardian c2d9348c; garden-runc-release #406).
 */

/** Passes between two readings of all containers, because each takes ten files per container. */
const PASSES_BETWEEN = 4;

/** The parts of a container that matter for its limits. */
interface Throttleable {
  readonly handle: Handle;
  readonly cgroup: { readonly throttling: ThrottledCgroups | null } | null;
}

interface ResourceFiles {
  readonly resource: ExceededLimit['resource'];
  readonly current: CgroupFile;
  readonly max: CgroupFile;
}
const RESOURCES: readonly ResourceFiles[] = [
  { resource: 'memory', current: 'memory.current', max: 'memory.max' },
  { resource: 'pids', current: 'pids.current', max: 'pids.max' },
];
const LIMITS = RESOURCES.map(({ max }) => max);
const BOTH = RESOURCES.flatMap(({ current, max }) => [current, max]);
const OF_INIT: readonly CgroupFile[] = ['pids.current', 'pids.max'];

/** All cgroups whose limits apply to `bad/H`: itself, `bad` and the Garden directory. */
const around = ({ bad }: ThrottledCgroups): readonly ByteString[] => [
  bad,
  parentOf(bad),
  parentOf(parentOf(bad)),
];

/**
 * Throttled containers, and those that differed before, are read in every pass. All others are read
 * less often: they may still be charged for what they used while they were throttled.
 */
export function limitsToAsk({
  state,
  containers,
  memory: { containers: remembered, comparedPasses },
}: ReadPass): readonly CgroupNumbersQuestion[] {
  const { primary } = state.cgroups;
  if (primary?.controller !== 'v2') return [];
  const { openedAt } = primary;
  const isWhole = comparedPasses % PASSES_BETWEEN === 0;
  const wanted: CgroupNumbersQuestion[] = [];
  for (const { handle, cgroup } of containers) {
    const throttling = cgroup?.throttling ?? null;
    if (throttling === null) continue;
    const isKnown = hadReason(remembered.get(handle), 'limit-lost');
    if (!isWhole && !isKnown && !throttling.isBadLive) continue;
    const { good, init, bad } = throttling;
    wanted.push({ openedAt, path: good, files: BOTH }, { openedAt, path: bad, files: BOTH });
    if (init !== null) wanted.push({ openedAt, path: init, files: OF_INIT });
    for (const path of around(throttling)) wanted.push({ openedAt, path, files: LIMITS });
  }
  return wanted;
}

export interface LostLimits {
  /** The limits that do not apply in `bad/H`, with what the container holds in both cgroups. */
  readonly lost: readonly ExceededLimit[];
  /** Part of it was not read. */
  readonly isUnclear: boolean;
}

export function lostLimits(
  throttling: ThrottledCgroups,
  { cgroupNumbers }: Pick<Answers, 'cgroupNumbers'>,
): LostLimits {
  const lost: ExceededLimit[] = [];
  const unread: ResourceFiles[] = [];
  let isPartlyRead = false;
  for (const files of RESOURCES) {
    const { resource, current, max } = files;
    const numberOf = (path: ByteString, file: CgroupFile) =>
      cgroupNumbers.get(path)?.[file] ?? null;
    const { good, init, bad } = throttling;
    // containerd limits the pids of its leaf, and that limit does not apply to the peas beside it.
    const isAtInit =
      resource === 'pids' && init !== null && typeof numberOf(init, max) === 'number';
    const limited = isAtInit ? init : good;
    const limit = numberOf(limited, max);
    if (limit === 'max') continue;
    const limits = around(throttling).map((path) => numberOf(path, max));
    if (limit !== null && limits.some((one) => typeof one === 'number' && one <= limit)) continue;
    const [here, there] = [numberOf(limited, current), numberOf(bad, current)];
    const isRead = limits.every((one) => one !== null);
    if (limit !== null && isRead && typeof here === 'number' && typeof there === 'number') {
      lost.push({ resource, holds: here + there, limit });
    } else if (limit === null && here === null && there === null) unread.push(files);
    else isPartlyRead = true;
  }
  // A disabled controller has no files, and neither does a cgroup that vanished.
  return { lost, isUnclear: isPartlyRead || unread.length === RESOURCES.length };
}

export const isExceeded = ({ holds, limit }: ExceededLimit): boolean => holds > limit;

/**
 * The containers that now run without one of their limits. Until guardian copies the limits, this
 * applies to every throttled container, so it is a warning about the cell and not about a
 * container.
 */
export function limitsLost(
  containers: readonly Throttleable[],
  primary: ControllerName | undefined,
  answers: Answers,
): readonly LimitsLost[] {
  if (primary !== 'v2') return [];
  const without = containers.flatMap(({ handle, cgroup }) => {
    const throttling = cgroup?.throttling ?? null;
    if (throttling?.isBadLive !== true) return [];
    const [holds] = lostLimits(throttling, answers).lost.toSorted(fullestFirst);
    return holds === undefined ? [] : [{ handle, holds }];
  });
  // Garden's list has no order, which must not decide who is the worst of equals.
  const [worst] = without.toSorted(
    (a, b) => fullestFirst(a.holds, b.holds) || (a.handle < b.handle ? -1 : 1),
  );
  if (worst === undefined) return [];
  const { handle, holds } = worst;
  return [{ reason: 'limit-lost', containers: without.length, worst: handle, holds }];
}

const fullestFirst = (a: ExceededLimit, b: ExceededLimit): number =>
  b.holds / b.limit - a.holds / a.limit;
