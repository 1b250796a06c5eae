import type { ControllerName } from './hierarchy.ts';
import type { ByteString } from './ids.ts';
import {
  componentsBelow,
  isAtOrBelow,
  isGardenDirectory,
  isInBpmJob,
  ROOT,
  withoutInitScope,
} from './paths.ts';
import * as s from './shape.ts';

/** The lines of /proc/<pid>/cgroup: the path by controller name (`v2` for the `0::` line). */
export type Membership = Readonly<Record<ControllerName, ByteString>>;
export const membership: s.Shape<Membership> = s.record(s.bytes);

/** Only own keys: a capture can name a hierarchy `constructor`, which every object inherits. */
export const pathIn = (
  member: Membership | null | undefined,
  controller: ControllerName,
): ByteString | undefined =>
  member !== null && member !== undefined && Object.hasOwn(member, controller)
    ? member[controller]
    : undefined;

/**
 * containerd-shim names the namespace, the id and the socket of its containerd; dadoo the depot
 * directory of its container. The texts come from the process's command line.
 */
const launched = s.union(
  s.struct({
    by: s.choice('containerd-shim'),
    namespace: s.text,
    id: s.text,
    address: s.nullableText,
  }),
  s.struct({ by: s.choice('dadoo'), id: s.text, depot: s.nullableText }),
);
export type Launched = s.TypeOf<typeof launched>;

/** One process as /proc shows it. Every text in it comes from the process itself: untrusted. */
export const processFacts = s.struct({
  pid: s.number,
  parentPid: s.number,
  /** The letter of proc_pid_stat(5): `D` waits uninterruptibly, `Z` and `X` have ended. */
  state: s.text,
  /** Clock ticks since boot: together with the pid, they identify a process. */
  startTicks: s.number,
  startedAt: s.time,
  realUid: s.number,
  /** The pids of NSpid, outermost namespace first. */
  namespacePids: s.list(s.number, 64),
  /** At most 15 bytes; a process can set it to anything. */
  comm: s.text,
  /** At most 256 characters; `…` for a value without a harmless form. Empty: not needed. */
  command: s.text,
  /** For a runtime's helper: what it started, by its command line. Null for any other process. */
  launched: s.nullable(launched),
});
export type ProcessFacts = s.TypeOf<typeof processFacts>;

export const processInCgroups = s.struct({
  ...processFacts.fields,
  membership,
  /** Living children. Counted only if several processes could be Garden's server, else 0. */
  children: s.number,
  /** From its command line; null if a configuration file holds it. */
  depot: s.nullableText,
  containerdSocket: s.nullableText,
});
export type ProcessInCgroups = s.TypeOf<typeof processInCgroups>;

const { pid, startTicks, startedAt, state, namespacePids, comm } = processFacts.fields;

/** A process called `rep`, with what shows whether it is Diego's. */
export const repProcess = s.struct({
  pid,
  startTicks,
  startedAt,
  state,
  namespacePids,
  comm,
  membership,
});
export type RepProcess = s.TypeOf<typeof repProcess>;

/** Milliseconds; the start of a process is computed from that of the boot, which the clock moves. */
const MAX_START_DIFFERENCE = 2000;

/** Whether two readings say that a process with one pid is the same one. */
export const isSameStart = (one: string, other: string): boolean =>
  Math.abs(Date.parse(one) - Date.parse(other)) <= MAX_START_DIFFERENCE;

export const asRep = (process: RepProcess): RepProcess => ({
  pid: process.pid,
  startTicks: process.startTicks,
  startedAt: process.startedAt,
  state: process.state,
  namespacePids: process.namespacePids,
  comm: process.comm,
  membership: process.membership,
});

/** Shows which process of a container is its init, and when it started. */
export const processStart = s.struct({ startTicks, namespacePids });
export type ProcessStart = s.TypeOf<typeof processStart>;

/** Whether SIGKILL has been sent to a process, and what else may keep it from ending. */
export const processSignals = s.struct({
  /** As in `ProcessFacts`; of its main thread, or of another one if that has ended. */
  state,
  /** SIGKILL is pending for that thread or for the process. */
  isKilled: s.flag,
  /** All of its threads are exiting, so the kernel drops a SIGKILL for it. */
  isExiting: s.flag,
  /** The pid of the process that traces it; 0: none does. */
  tracer: s.number,
});
export type ProcessSignals = s.TypeOf<typeof processSignals>;

/** In place of a command line that the kernel did not deliver, because its process made us wait. */
export const LATE_COMMAND = '(could not be read in time)';

export const hasEnded = (letter: string): boolean => letter === 'Z' || letter === 'X';

/** As this pass read it; `X` if it no longer exists, unchanged if its pid was not read. */
export function asReadNow<P extends Pick<ProcessFacts, 'pid' | 'startTicks' | 'state'>>(
  process: P,
  read: ReadonlyMap<number, Pick<P, 'startTicks' | 'state'> | null>,
): P {
  const now = read.get(process.pid);
  if (now === undefined) return process;
  return { ...process, state: now?.startTicks === process.startTicks ? now.state : 'X' };
}

/**
 * Whether a process is Garden's server, provided it is not in a container: a container can name a
 * process as it likes, but cannot leave its pid namespace or become the host's root. bpm gives a
 * job its own pid namespace, hence two entries. A zombie's cgroup reads `/` on v1 and v2.
 */
export const isGardenServer = (
  process: Pick<ProcessInCgroups, 'comm' | 'realUid' | 'state' | 'namespacePids' | 'membership'>,
): boolean =>
  process.comm === 'gdn' &&
  process.realUid === 0 &&
  !hasEnded(process.state) &&
  (process.namespacePids.length === 1 ||
    (process.namespacePids.length === 2 &&
      Object.values(process.membership).some((path) => isInBpmJob(path, 'garden'))));

/**
 * Whether a process is in a Garden directory, in any hierarchy. A cell that is itself a Garden container
 * lies below a Garden directory of another cell.
 * @param firstProcess of the cell; null if they could not be read
 */
export const isInGarden = (process: Membership, firstProcess: Membership | null): boolean =>
  Object.entries(process).some(([controller, path]) => {
    const first = withoutInitScope(pathIn(firstProcess, controller) ?? ROOT);
    return componentsBelow(path, isAtOrBelow(path, first) ? first : ROOT).some(isGardenDirectory);
  });

/** What Garden runs as pid 1 of every container. */
export const GARDEN_INIT = 'garden-init';

/** The id of the container that one of Garden's helpers started; containerd has other clients. */
export const idOfLaunched = (one: Launched | null): string | null =>
  one?.by === 'dadoo' || one?.namespace === 'garden' ? one.id : null;

/**
 * Whether a server with two NSpid entries is bpm's. A privileged container can move a process into
 * a cgroup named like bpm's job. The process still has garden-init as the init of its pid namespace,
 * or one of Garden's helpers as an ancestor.
 * @param chain the process and its ancestors, nearest first
 */
export const isStartedByBpm = (chain: readonly ProcessFacts[]): boolean => {
  const isWhole = (chain.at(-1)?.parentPid ?? 0) <= 1;
  const init = chain.find((process) => isInitBelow(process, 1));
  const isOfContainer =
    init?.comm === GARDEN_INIT || chain.some((process) => idOfLaunched(process.launched) !== null);
  return isWhole && init !== undefined && !isOfContainer;
};

/** If it is not in a container: without bpm it is outermost, and bpm gives `rep` a namespace. */
export const isRep = (process: RepProcess): boolean =>
  process.comm === 'rep' &&
  !hasEnded(process.state) &&
  (process.namespacePids.length === 1 ||
    Object.values(process.membership).some((path) => isInBpmJob(path, 'rep')));

/** Whether a process is pid 1 of a pid namespace just below one that is `depth` levels deep. */
export const isInitBelow = ({ namespacePids: pids }: ProcessStart, depth: number): boolean =>
  pids.length === depth + 1 && pids.at(-1) === 1;
