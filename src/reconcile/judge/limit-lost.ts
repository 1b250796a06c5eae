import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import type { ControllerName } from '../../model/hierarchy.ts';
import type { ByteString, Handle } from '../../model/ids.ts';
import { hadReason } from '../../model/memory.ts';
import { parentOf } from '../../model/paths.ts';
import type { ExceededLimit } from '../../model/finding.ts';
import type { LimitsLost } from '../../model/cell-warning.ts';
import type { Answers } from '../../model/questions.ts';
import { differs, NOT_IF_LIVE, undecided, type Judgement } from './judgement.ts';
import type { JudgedFacts, KnownContainer, Members, ReadPass } from './pass-facts.ts';
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
/** Nothing shows how much of these a container holds, so they are never a finding. */
const OTHER_LIMITS: readonly CgroupFile[] = ['memory.swap.max', 'cpu.max', 'io.max'];

/** All cgroups whose limits apply to `bad/H`: itself, `bad` and the Garden directory. */
const around = ({ bad }: ThrottledCgroups): readonly ByteString[] => [
  bad,
  parentOf(bad),
  parentOf(parentOf(bad)),
];

/** Throttled ones, and those that differed, in every pass; the rest may still be charged. */
export function limitsToAsk({
  state,
  containers,
  memory: { comparedPasses },
}: ReadPass): readonly CgroupNumbersQuestion[] {
  const { primary } = state.cgroups;
  if (primary?.controller !== 'v2') return [];
  const { openedAt } = primary;
  const isWhole = comparedPasses % PASSES_BETWEEN === 0;
  const wanted: CgroupNumbersQuestion[] = [];
  for (const { remembered, cgroup } of containers) {
    const throttling = cgroup?.throttling ?? null;
    if (throttling === null) continue;
    const isKnown = hadReason(remembered, 'limit-lost');
    if (!isWhole && !isKnown && !throttling.isBadLive) continue;
    const { good, init, bad } = throttling;
    const others = throttling.isBadLive ? OTHER_LIMITS : [];
    const ask = (path: ByteString, files: readonly CgroupFile[]) =>
      wanted.push({ openedAt, path, files: [...files, ...others] });
    ask(good, BOTH);
    ask(bad, BOTH);
    if (init !== null) ask(init, OF_INIT);
    for (const path of around(throttling)) ask(path, LIMITS);
  }
  return wanted;
}

interface LostLimits {
  /** The limits that do not apply in `bad/H`, with what the container holds in both cgroups. */
  readonly lost: readonly ExceededLimit[];
  /** Part of it was not read. */
  readonly isUnclear: boolean;
}

function lostLimits(
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

/** Those of the other limits that apply in `good/H`, or in containerd's leaf, and not in `bad/H`. */
function otherLimitsLost(
  throttling: ThrottledCgroups,
  { cgroupNumbers }: Pick<Answers, 'cgroupNumbers'>,
): readonly CgroupFile[] {
  const { good, init } = throttling;
  return OTHER_LIMITS.filter((file) => {
    const numberOf = (path: ByteString) => cgroupNumbers.get(path)?.[file] ?? null;
    const limits = [good, init].flatMap((path) => {
      const limit = path === null ? null : numberOf(path);
      return typeof limit === 'number' ? [limit] : [];
    });
    const limit = Math.min(...limits);
    return (
      limits.length > 0 &&
      around(throttling)
        .map(numberOf)
        .every((one) => one === 'max' || (one !== null && one > limit))
    );
  });
}

const isExceeded = ({ holds, limit }: ExceededLimit): boolean => holds > limit;

/** Of the cell, because until guardian copies the limits every throttled container lacks them. */
export function limitsLost(
  containers: readonly Throttleable[],
  primary: ControllerName | undefined,
  answers: Answers,
): readonly LimitsLost[] {
  if (primary !== 'v2') return [];
  const without = containers.flatMap(({ handle, cgroup }) => {
    const throttling = cgroup?.throttling ?? null;
    if (throttling?.isBadLive !== true) return [];
    const { lost } = lostLimits(throttling, answers);
    const limits = [
      ...lost.map(({ resource }) => `${resource}.max` as const),
      ...otherLimitsLost(throttling, answers),
    ];
    const holds = lost.toSorted(fullestFirst)[0] ?? null;
    return limits.length === 0 ? [] : [{ handle, holds, limits }];
  });
  // Garden's list has no order, which must not decide who is the worst of equals.
  const [worst] = without.toSorted(
    (a, b) => fullestFirst(a.holds, b.holds) || (a.handle < b.handle ? -1 : 1),
  );
  if (worst === undefined) return [];
  const { handle, holds } = worst;
  const limits = [...new Set(without.flatMap((one) => one.limits))].toSorted();
  return [{ reason: 'limit-lost', containers: without.length, worst: handle, holds, limits }];
}

const fullestFirst = (a: ExceededLimit | null, b: ExceededLimit | null): number =>
  fullness(b) - fullness(a);

/** Null: it lost a limit of which nothing shows how much it holds. */
const fullness = (exceeded: ExceededLimit | null): number =>
  exceeded === null ? -1 : exceeded.holds / exceeded.limit;

/** Null: it stays within its limits, or nothing shows that it does not. */
export function judgeLimits(
  { remembered }: KnownContainer,
  { throttling }: Members,
  { ownership: { primary }, answers }: JudgedFacts,
): Judgement | null {
  if (throttling === null || primary.controller !== 'v2') return null;
  const { lost, isUnclear } = lostLimits(throttling, answers);
  const exceeded = lost.filter(isExceeded);
  if (exceeded.length > 0) return differs({ kind: 'limit-lost', exceeded });
  // A missing answer does not mean recovery.
  return isUnclear && hadReason(remembered, 'limit-lost')
    ? undecided('the limits of the container could not be read', [...NOT_IF_LIVE, 'unowned'])
    : null;
}
