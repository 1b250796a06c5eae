import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import { MAX_WAITING, type WaitQuestion } from '../../model/destroy.ts';
import { controllerNames } from '../../model/hierarchy.ts';
import type { ByteString } from '../../model/ids.ts';
import { hadReason, type Memory } from '../../model/memory.ts';
import { ROOT } from '../../model/paths.ts';
import { asReadNow, hasEnded, pathIn, type ProcessSignals } from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';
import type { Moment } from '../../model/snapshot.ts';
import { lowestPids, representativePid } from '../observe/pids.ts';
import {
  differs,
  NOT_IF_LIVE,
  perhapsLive,
  reasonsOf,
  undecided,
  type Judgement,
} from './judgement.ts';
import type { KnownContainer, Members, PassFacts, ReadPass } from './pass-facts.ts';

/*
 * gdn ends a container with SIGKILL. A process that waits for a file system whose server does not
 * answer does not end of it, so every later attempt fails, too. The kernel shows the signal as
 * pending until the process is gone, unless it hangs in its exit. In every destroy that works it does
 * so for a moment.
 */

/** Milliseconds between two passes that ask a process of each container. */
const EVERY = 60_000;
/** Of all containers in one pass. One whose processes are not all read is not judged. */
const MAX_PROCESSES = 1024;
const MAX_WAITS = 64;

type Compared = Pick<ReadPass, 'containers' | 'memory'>;
type Listed = KnownContainer & { readonly cgroup: Members };

/** Whether this pass asks a process of each container. */
const isDue = ({ monotonicMilliseconds }: Moment, { signalsReadAt }: Memory): boolean =>
  signalsReadAt === null || monotonicMilliseconds - signalsReadAt >= EVERY;

export const signalsReadAfter = (at: Moment, memory: Memory): Memory['signalsReadAt'] =>
  isDue(at, memory) ? at.monotonicMilliseconds : memory.signalsReadAt;

/** Whether a process had not ended when it was read. */
const lives = <P extends Pick<ProcessSignals, 'state'>>(process: P | null): process is P =>
  process !== null && !hasEnded(process.state);

/** Whether a process, as it was read, shows that its container neither was killed nor exits. */
export const isUnharmed = (process: ProcessSignals | null): boolean =>
  lives(process) && !process.isKilled && !process.isExiting;

/** One process of each container if it is time, and all of those that may be stuck. */
export const signalsToAsk = (pass: ReadPass): readonly number[] => [
  ...firstSignalsToAsk(pass, pass.snapshot.at),
  ...candidates(pass).flatMap(({ cgroup }) => cgroup.pids),
];

export const firstSignalsToAsk = (pass: Compared, at: Moment): readonly number[] =>
  isDue(at, pass.memory)
    ? listedLive(pass).flatMap(({ cgroup }) => representativePid(cgroup) ?? [])
    : [];

const listedLive = ({ containers }: Pick<ReadPass, 'containers'>): readonly Listed[] =>
  containers.flatMap((one) =>
    one.isListed && one.cgroup !== null && one.cgroup.pids.length > 0
      ? [{ ...one, cgroup: one.cgroup }]
      : [],
  );

/** Those with the fewest processes come first: no other container keeps them from being read. */
function candidates(pass: ReadPass): readonly Listed[] {
  const { memory, snapshot } = pass;
  // As in most passes, which ask for no signals.
  if (snapshot.answers.signals.size === 0 && !wasAnyStuck(memory)) return [];
  const mayBe = ({ remembered, cgroup }: Listed): boolean => {
    if (hadReason(remembered, 'stuck')) return true;
    const signals = snapshot.answers.signals.get(representativePid(cgroup) ?? 0);
    return signals !== undefined && !isUnharmed(signals);
  };
  const size = ({ cgroup }: Listed): number => cgroup.pids.length;
  let left = MAX_PROCESSES;
  return listedLive(pass)
    .filter((one) => isReadable(one.cgroup) && mayBe(one))
    .toSorted((a, b) => size(a) - size(b) || (a.handle < b.handle ? -1 : 1))
    .filter((one) => (left -= size(one)) >= 0);
}

function wasAnyStuck({ containers }: Memory): boolean {
  for (const was of containers.values()) if (hadReason(was, 'stuck')) return true;
  return false;
}

/** v2 shows a member outside this process's pid namespace as 0. */
const isReadable = ({ pids, unclear }: Pick<Members, 'pids' | 'unclear'>): boolean =>
  !unclear && pids.every((pid) => pid > 0);

/** The processes whose cgroups show where to look for a freezer that holds them. */
export const membershipsOfKilled = (pass: ReadPass): readonly number[] =>
  killedIn(pass).flatMap(({ cgroup }) => cgroup.pids);

const killedIn = (pass: ReadPass): readonly Listed[] =>
  candidates(pass).filter(({ cgroup }) => killed(cgroup, pass.snapshot.answers) !== null);

interface Killed {
  /** The processes that live. */
  readonly processes: number;
  /** The living processes that exit and do not end. */
  readonly exiting: number;
}

/** Null: not all were killed or exit, or somebody outside stopped or traces one. */
function killed({ pids }: Pick<Members, 'pids'>, { signals }: Answers): Killed | null {
  const own = new Set(pids);
  let processes = 0;
  let exiting = 0;
  for (const pid of pids) {
    const process = signals.get(pid);
    if (process === undefined) return null;
    if (!lives(process)) continue;
    const { state, isKilled, isExiting, tracer } = process;
    const isStopped = state === 'T' || (tracer !== 0 && !own.has(tracer));
    if (isUnharmed(process) || isStopped) return null;
    processes += 1;
    if (isExiting && !isKilled) exiting += 1;
  }
  return processes === 0 ? null : { processes, exiting };
}

/** On v1 a killed process ends only when it is thawed. */
export const frozenToAsk = (pass: ReadPass): readonly CgroupNumbersQuestion[] =>
  killedIn(pass).flatMap(({ cgroup }) =>
    (freezersOf(cgroup, pass.state.cgroups, pass.snapshot.answers) ?? []).map(
      ({ openedAt, path, file }) => ({ openedAt, path, files: [file] }),
    ),
  );

interface Freezer {
  readonly openedAt: ByteString;
  readonly path: ByteString;
  readonly file: CgroupFile;
}

/** The cgroups whose freezer decides about these processes; null if one is not known. */
function freezersOf(
  { pids }: Pick<Members, 'pids'>,
  { hierarchies }: PassFacts['state']['cgroups'],
  { memberships, signals }: Answers,
): readonly Freezer[] | null {
  const found = new Map<ByteString, Freezer>();
  const hierarchyOf = (name: string) =>
    hierarchies.find(({ choice }) => controllerNames(choice.hierarchy).includes(name));
  for (const pid of pids) {
    const process = signals.get(pid) ?? null;
    if (!lives(process)) continue;
    const membership = memberships.get(pid) ?? null;
    if (membership === null) return null;
    const name = pathIn(membership, 'freezer') === undefined ? 'v2' : 'freezer';
    const path = pathIn(membership, name);
    // Nothing is frozen at the root, nor where no hierarchy can freeze.
    if (path === undefined || path === ROOT) continue;
    const openedAt = hierarchyOf(name)?.openedAt;
    if (openedAt === undefined || path.startsWith('/..')) return null;
    const file = name === 'v2' ? 'cgroup.events#frozen' : 'freezer.state';
    found.set(path, { openedAt, path, file });
  }
  return [...found.values()];
}

/** What a container waits for that is killed but lives. */
export const waitsToAsk = (
  differing: readonly (Pick<KnownContainer, 'handle'> & {
    readonly cgroup: Members | null;
    readonly judgement: Judgement;
  })[],
  { gdn }: PassFacts['state'],
): readonly WaitQuestion[] =>
  differing
    // A stuck container may also be unowned, because a gdn that ends loses the properties.
    .filter(({ judgement }) => reasonsOf(judgement).includes('stuck'))
    .toSorted((a, b) => (a.handle < b.handle ? -1 : 1))
    .slice(0, MAX_WAITS)
    .map(({ handle, cgroup }) => ({
      handle,
      pids: lowestPids(cgroup?.pids ?? [], MAX_WAITING),
      gdnPid: gdn?.pid ?? null,
    }));

/**
 * How many of its killed or exiting processes live on; `no`; `ended`: the walk saw processes, and all
 * have ended since; `unknown` if a part was not read.
 */
function stuckProcesses(
  { isListed, remembered }: KnownContainer,
  cgroup: Pick<Members, 'pids' | 'unclear'>,
  { state, answers }: PassFacts,
): Killed | 'no' | 'ended' | 'unknown' {
  if (!isListed) return 'no';
  if (!isReadable(cgroup)) return 'unknown';
  if (cgroup.pids.some((pid) => !answers.signals.has(pid))) {
    return cgroup.pids.some((pid) => isUnharmed(answers.signals.get(pid) ?? null))
      ? 'no'
      : 'unknown';
  }
  if (cgroup.pids.every((pid) => hasEndedSince(pid, answers))) return 'ended';
  const hanging = killed(cgroup, answers);
  if (hanging === null) return 'no';
  const frozen = freezersOf(cgroup, state.cgroups, answers)?.map(
    ({ path, file }) => answers.cgroupNumbers.get(path)?.[file],
  );
  if (frozen?.includes(1) === true) return 'no';
  if (frozen?.every((one) => one === 0) !== true) return 'unknown';
  return isEnding(remembered, cgroup, answers) ? 'no' : hanging;
}

/** By its signals, or by what was read of it after them. */
function hasEndedSince(pid: number, { signals, processes }: Answers): boolean {
  const readings = [signals.get(pid), processes.get(pid)];
  return readings.some((one) => one !== undefined && !lives(one));
}

/** Whether those that were seen at first are gone: its destroy makes progress. */
function isEnding(
  was: KnownContainer['remembered'],
  { pids }: Pick<Members, 'pids'>,
  { processes }: Answers,
): boolean {
  const first = was?.reason === 'stuck' ? (was.evidence?.processes ?? []) : [];
  const isLeft = first.some(
    (one) => pids.includes(one.pid) && asReadNow(one, processes).state !== 'X',
  );
  return first.length > 0 && !isLeft;
}

const ENDED_SINCE = 'the processes of the container ended while the pass read them';

/** Null: it was not killed, it ends, or nothing shows that it does not. */
export function judgeStuck(
  container: KnownContainer,
  cgroup: Members,
  facts: PassFacts,
): Judgement | null {
  const processes = stuckProcesses(container, cgroup, facts);
  if (processes === 'no') return null;
  const wasStuck = hadReason(container.remembered, 'stuck');
  // The next pass sees that nothing runs in it, or what was started in it meanwhile.
  if (processes === 'ended') return wasStuck ? perhapsLive(ENDED_SINCE, container) : null;
  if (processes === 'unknown') {
    return wasStuck
      ? undecided('not all processes of the container could be read', [...NOT_IF_LIVE, 'unowned'])
      : null;
  }
  return differs({
    kind: 'stuck',
    ...processes,
    wait: facts.answers.waits.get(container.handle) ?? null,
  });
}
