import type { ControllerName } from './hierarchy.ts';
import type { ByteString } from './ids.ts';
import { isInBpmJob } from './paths.ts';

/** The lines of /proc/<pid>/cgroup: the path by controller name (`v2` for the `0::` line). */
export type Membership = Readonly<Record<ControllerName, ByteString>>;

/** Only own keys: a capture can name a hierarchy `constructor`, which every object inherits. */
export const pathIn = (
  membership: Membership | null | undefined,
  controller: ControllerName,
): ByteString | undefined =>
  membership !== null && membership !== undefined && Object.hasOwn(membership, controller)
    ? membership[controller]
    : undefined;

/** One process as /proc shows it. Every text in it comes from the process itself: untrusted. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parentPid: number;
  /** The letter of proc_pid_stat(5): `D` waits uninterruptibly, `Z` and `X` have ended. */
  readonly state: string;
  /** Clock ticks since boot: together with the pid, they identify a process. */
  readonly startTicks: number;
  readonly startedAt: string;
  readonly realUid: number;
  /** The pids of NSpid, outermost namespace first. */
  readonly namespacePids: readonly number[];
  /** At most 15 bytes; a process can set it to anything. */
  readonly comm: string;
  /**
   * At most 256 characters; a value without a harmless form is `…`. Empty if it was not needed, or
   * `LATE_COMMAND`.
   */
  readonly command: string;
  /** For a runtime's helper: what it started, by its command line. Null for any other process. */
  readonly launched: Launched | null;
}

/**
 * containerd-shim names the namespace, the id and the socket of its containerd; dadoo the depot
 * directory of its container. The texts come from the process's command line.
 */
export type Launched =
  | {
      readonly by: 'containerd-shim';
      readonly namespace: string;
      readonly id: string;
      readonly address: string | null;
    }
  | { readonly by: 'dadoo'; readonly id: string; readonly depot: string | null };

/** A process together with its cgroups. */
export interface ProcessInCgroups extends ProcessFacts {
  readonly membership: Membership;
  /** Living children. Counted only if several processes could be Garden's server, else 0. */
  readonly children: number;
  /** From its command line; null if a configuration file holds it. */
  readonly depot: string | null;
  readonly containerdSocket: string | null;
}

/** A process called `rep`, with what shows whether it is Diego's. */
export type RepProcess = Pick<
  ProcessFacts,
  'pid' | 'startTicks' | 'startedAt' | 'state' | 'namespacePids' | 'comm'
> & { readonly membership: Membership };

/** What is kept of a process that may be rep. */
export function asRep(process: RepProcess): RepProcess {
  const { pid, startTicks, startedAt, state, namespacePids, comm, membership } = process;
  return { pid, startTicks, startedAt, state, namespacePids, comm, membership };
}

/** Shows which process of a container is its init, and when it started. */
export type ProcessStart = Pick<ProcessFacts, 'startTicks' | 'namespacePids'>;

/** Whether SIGKILL has been sent to a process, and what else may keep it from ending. */
export interface ProcessSignals {
  /** As in `ProcessFacts`, of its main thread. */
  readonly state: string;
  readonly threads: number;
  /** SIGKILL is pending for the process, or for its main thread. */
  readonly isKilled: boolean;
  /** The pid of the process that traces it; 0: none does. */
  readonly tracer: number;
}

/** In place of a command line that the kernel did not deliver, because its process made us wait. */
export const LATE_COMMAND = '(could not be read in time)';

/** The states of a process that has ended. */
export const hasEnded = (state: string): boolean => state === 'Z' || state === 'X';

/** Whether a process still runs: its other threads can outlive the main one, which is then a zombie. */
export const isAlive = ({ state, threads }: ProcessSignals): boolean =>
  !hasEnded(state) || threads > 1;

/**
 * A process of an earlier pass as this one read it, with the state `X` if it no longer exists. As it
 * was if this pass did not read its pid.
 */
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

/** What Garden runs as pid 1 of every container. */
export const GARDEN_INIT = 'garden-init';

/** The id of the container that one of Garden's helpers started; containerd has other clients. */
export const idOfLaunched = (launched: Launched | null): string | null =>
  launched?.by === 'dadoo' || launched?.namespace === 'garden' ? launched.id : null;

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
    init?.comm === GARDEN_INIT || chain.some(({ launched }) => idOfLaunched(launched) !== null);
  return isWhole && init !== undefined && !isOfContainer;
};

/**
 * Whether a process is Diego's rep, provided it is not in a container: without bpm it is in the
 * outermost pid namespace, and bpm gives the job `rep` a namespace of its own.
 */
export const isRep = ({ comm, state, namespacePids, membership }: RepProcess): boolean =>
  comm === 'rep' &&
  !hasEnded(state) &&
  (namespacePids.length === 1 || Object.values(membership).some((path) => isInBpmJob(path, 'rep')));

/** Whether a process is pid 1 of a pid namespace just below one that is `depth` levels deep. */
export const isInitBelow = ({ namespacePids }: ProcessStart, depth: number): boolean =>
  namespacePids.length === depth + 1 && namespacePids.at(-1) === 1;
