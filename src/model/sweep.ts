import type { ByteString } from './ids.ts';
import type { CgroupDirectory } from './scan.ts';
import type { Membership, ProcessFacts } from './process.ts';

/** The image that a root filesystem is made of, as grootfs names it: `<store>/images/<name>/…`. */
export interface RootImage {
  /** The handle of the container, or of a pea with an image of its own. */
  readonly name: ByteString;
  /** The path before `/images/`. */
  readonly store: ByteString;
}

/** With the pid, the start time tells a process for good. */
export type ProcessIdentity = Pick<ProcessFacts, 'pid' | 'startTicks'>;

/** A process in a deeper pid namespace than ours that has the root filesystem of a container whose cgroups it is not in. */
export interface SuspectedProcess {
  readonly process: ProcessFacts;
  readonly membership: Membership;
  readonly image: RootImage;
}

/** What a sweep needs to know: one looks at every process of the cell, in slices, within some passes. */
export interface SweepPlan {
  /** The walk of the pass, which says for free who is in which cgroup. */
  readonly directories: readonly CgroupDirectory[];
  /** Names that are handles: `H-…` is a pea of H only if it is none. */
  readonly handles: ReadonlySet<ByteString>;
  /** Read again in every pass, before others. */
  readonly suspects: readonly ProcessIdentity[];
  /** Looks at every process in this pass. */
  readonly isWhole: boolean;
}

/** What the slice of one pass saw. */
export interface Sweep {
  /** NSpid entries of this process. */
  readonly ownNamespaces: number;
  /** At most 64, and 5 of a container. */
  readonly suspects: readonly SuspectedProcess[];
  /** The store of each container that has processes in its own cgroup; empty without a suspect. */
  readonly stores: ReadonlyMap<ByteString, ByteString>;
}

export const NO_SWEEP: Sweep = { ownNamespaces: 1, suspects: [], stores: new Map() };

/** Whether a path leads into the cgroup of a container, or of a pea of it: `H-…` that is no handle itself. */
export function isInCgroupOf(
  name: ByteString,
  path: string,
  handles: ReadonlySet<string>,
): boolean {
  // Most paths do not hold the name at all.
  if (name === '' || !path.includes(`/${name}`)) return false;
  return path
    .split('/')
    .some(
      (component) =>
        component === name || (component.startsWith(`${name}-`) && !handles.has(component)),
    );
}
