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

/** Pids are used again; the start time tells one process from the next. */
export type ProcessIdentity = Pick<ProcessFacts, 'pid' | 'startTicks'>;

/**
 * A process in a deeper pid namespace than ours that has a container's root filesystem and is in
 * none of its cgroups.
 */
export interface SuspectedProcess {
  readonly process: ProcessFacts;
  readonly membership: Membership;
  readonly image: RootImage;
}

/** A container's root filesystem, and the cgroup of the container in which it was seen. */
export interface OwnRoot extends RootImage {
  readonly cgroup: ByteString;
}

/** What one pass of the sweep needs to know. */
export interface SweepPlan {
  /** The walk of the pass, which says for free who is in which cgroup. */
  readonly directories: readonly CgroupDirectory[];
  /** `H-…` is a pea of H unless it is one of these. */
  readonly handles: ReadonlySet<ByteString>;
  /** The NSpid entries of gdn: under bpm it runs in a pid namespace below ours. */
  readonly gardenNamespaces: number;
  /** Read again in every pass, before others. */
  readonly suspects: readonly ProcessIdentity[];
  /** Looks at every process in this pass. */
  readonly isWhole: boolean;
}

/** What the slice of one pass saw. */
export interface Sweep {
  /** A process with more NSpid entries is in the pid namespace of a container. */
  readonly namespaces: number;
  /** At most 64, and 5 of a container. */
  readonly suspects: readonly SuspectedProcess[];
  /** Of processes in the cgroups of their containers, each once; empty without a suspect. */
  readonly roots: readonly OwnRoot[];
}

export const NO_SWEEP: Sweep = { namespaces: 1, suspects: [], roots: [] };

/** Whether a cgroup is at or below that of the container, or of a pea `H-…` of it. */
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
