import type { ContainerProperties } from '../../model/garden.ts';
import type { Homes } from '../../model/homes.ts';
import { asByteString, type ByteString, type Handle } from '../../model/ids.ts';
import type { Memory, RememberedContainer } from '../../model/memory.ts';
import { endOfComponent } from '../../model/paths.ts';
import {
  GARDEN_INIT,
  isInitBelow,
  type Membership,
  type ProcessFacts,
} from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { ControllerName } from '../../model/hierarchy.ts';
import type { SuspectedProcess } from '../../model/sweep.ts';
import type { ContainerCgroup } from '../observe/container-cgroup.ts';
import type { HierarchyView, ObservedState } from '../observe/observe.ts';
import type { OwnershipFacts } from '../observe/ownership.ts';
import { representativePid } from '../observe/pids.ts';

/** The facts of a pass by which containers are judged. */
export interface PassFacts {
  readonly state: ObservedState;
  readonly answers: Answers;
  /** From this boot. */
  readonly memory: Memory;
}

/** A pass in which Garden's list and the primary hierarchy were read. */
export interface CompleteFacts extends PassFacts {
  readonly listed: NonNullable<ObservedState['listed']>;
  readonly view: HierarchyView;
  readonly ownership: OwnershipFacts;
  readonly homes: Homes;
}

/** A process of a container that is outside the container's cgroups. */
export interface OutsideProcess extends SuspectedProcess {
  /** The hierarchies in which it is outside, and its container is not; null: it escaped from all. */
  readonly left: readonly ControllerName[] | null;
  /** The controllers in whose hierarchies the process is in a cgroup of its container. */
  readonly kept: readonly ControllerName[];
}

/** The facts by which one container is judged. */
export interface JudgedFacts extends CompleteFacts {
  /** The processes that left their container, by the container's name. */
  readonly outside: ReadonlyMap<ByteString, readonly OutsideProcess[]>;
}

type Named = { readonly name: ByteString; readonly handle: Handle };

/** A container with what memory and Garden say of its handle. */
export interface KnownContainer extends Named {
  readonly isListed: boolean;
  /** Perhaps of another one with the same handle; null: nothing is remembered. */
  readonly remembered: RememberedContainer | null;
  /** Null: not asked in this pass, or not answered. */
  readonly properties: ContainerProperties | null;
}

export function knownContainer(
  { name, handle, isListed }: Named & Pick<KnownContainer, 'isListed'>,
  { answers, memory }: Pick<PassFacts, 'answers' | 'memory'>,
): KnownContainer {
  const answer = answers.properties.get(handle);
  const properties = answer?.kind === 'answered' ? answer.value : null;
  const remembered = memory.containers.get(handle) ?? null;
  return { name, handle, isListed, remembered, properties };
}

export type Members = Pick<ContainerCgroup, 'pids' | 'peaPids' | 'throttling' | 'unclear'> & {
  readonly inode: number | null;
};

/** A pass as far as it has been read, with its containers. */
export interface ReadPass {
  readonly snapshot: Snapshot;
  /** What earlier passes of this boot remember. */
  readonly memory: Memory;
  readonly state: ObservedState;
  /** Every container that is listed or live. Empty if nothing can be compared. */
  readonly containers: readonly (KnownContainer & { readonly cgroup: Members | null })[];
}

/** The content of /proc/<pid>/cgroup for the process that represents a container. */
export const membershipOf = (
  cgroup: Pick<Members, 'pids'> | null,
  { memberships }: Answers,
): Membership | null => {
  const pid = representativePid(cgroup);
  return pid === null ? null : (memberships.get(pid) ?? null);
};

type OwnPaths = { readonly name: ByteString; readonly paths: Membership };

/** A reader returns the same membership while the kernel shows the same. */
const ownPathsOf = new WeakMap<Membership, OwnPaths>();

/**
 * Where a process is in a directory with the container's name, or below one: the path of that
 * directory, by controller.
 */
export function ownPathsIn(membership: Membership, name: ByteString): Membership {
  const known = ownPathsOf.get(membership);
  if (known?.name === name) return known.paths;
  const own = Object.entries(membership).flatMap(([controller, path]) => {
    const end = endOfComponent(path, name);
    return end === -1 ? [] : [[controller, asByteString(path.slice(0, end))] as const];
  });
  const paths = Object.fromEntries(own);
  ownPathsOf.set(membership, { name, paths });
  return paths;
}

/** Pid 1 of the container's pid namespace, if it is one of the processes that were read. */
export const initOf = (
  pids: readonly number[],
  { state, answers }: Pick<PassFacts, 'state' | 'answers'>,
): ProcessFacts | null => {
  const known = pids.flatMap((pid) => answers.processes.get(pid) ?? []);
  return known.find((process) => isInitBelow(process, state.gdn?.namespaces ?? 1)) ?? null;
};

/** Whether only garden-init is left; null: more runs, or nothing shows it. */
export const leftOf = (
  { pids, unclear }: Pick<Members, 'pids' | 'unclear'>,
  facts: Pick<PassFacts, 'state' | 'answers'>,
): 'garden-init' | null =>
  pids.length === 1 && !unclear && initOf(pids, facts)?.comm === GARDEN_INIT ? 'garden-init' : null;
