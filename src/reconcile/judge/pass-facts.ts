import type { ByteString, Handle } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import type { Membership } from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { SuspectedProcess } from '../../model/sweep.ts';
import type { ContainerCgroup } from '../observe/container-cgroup.ts';
import type { ObservedState } from '../observe/observe.ts';
import { representativePid } from '../observe/pids.ts';

/** The facts of a pass by which containers are judged. */
export interface PassFacts {
  readonly state: ObservedState;
  readonly answers: Answers;
  /** From this boot. */
  readonly memory: Memory;
}

/** The facts by which one container is judged. */
export interface JudgedFacts extends PassFacts {
  /** The processes that left their container, by the container's name. */
  readonly escaped: ReadonlyMap<ByteString, readonly SuspectedProcess[]>;
}

export type Named = { readonly name: ByteString; readonly handle: Handle };

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
  readonly containers: readonly (Named & { readonly cgroup: Members | null })[];
}

/** The content of /proc/<pid>/cgroup for the process that represents a container. */
export const membershipOf = (
  seen: Pick<Members, 'pids'> | null,
  { memberships }: Answers,
): Membership | null => {
  const pid = representativePid(seen);
  return pid === null ? null : (memberships.get(pid) ?? null);
};
