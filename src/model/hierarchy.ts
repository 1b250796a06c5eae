import type { ByteString, Device } from './ids.ts';
import type { Mount, MalformedLine } from './mount.ts';
import { choice, device, errno, flag, number, struct, union, type TypeOf } from './shape.ts';

/** `cpu`, `name=systemd` or `v2`: how people and JSON name the hierarchy of a controller. */
export type ControllerName = string;

/** Not so: a named hierarchy, and v2 beside v1. They limit nothing, and need not hold a container. */
export const hasController = (name: ControllerName): boolean =>
  name !== 'v2' && !name.startsWith('name=');

export const CGROUP_MODES = ['v1', 'hybrid', 'v2', 'none'] as const;
export type CgroupMode = (typeof CGROUP_MODES)[number];
export const CGROUP_NAMESPACES = ['initial', 'private'] as const;
export type CgroupNamespace = (typeof CGROUP_NAMESPACES)[number];

export const RULES = [
  'verified',
  'longest-path',
  'last-match',
  'first-root',
  'lowest-inode',
  'root-only',
] as const;
export type Rule = (typeof RULES)[number];

export const CANDIDATE_VERDICTS = [
  'chosen',
  'equivalent',
  'sub-cgroup',
  'shadowed',
  'deleted',
  'own-namespace',
  'undecided',
  'not-confirmed',
  'passed-over',
] as const;
export type CandidateVerdict = (typeof CANDIDATE_VERDICTS)[number];

export interface Hierarchy {
  /** Null for a table in the /proc/mounts format. */
  readonly device: Device | null;
  readonly version: 1 | 2;
  /** In the order of the super options; empty for v2 and for a named hierarchy without any. */
  readonly controllers: readonly string[];
  /** The X of `name=X`. */
  readonly name: string | null;
}

export interface Candidate {
  readonly mount: Mount;
  readonly verdict: CandidateVerdict;
  readonly why: string;
}

/** The result for one hierarchy: the mount that shows all of it, or null and the reason. */
export interface MountChoice {
  readonly hierarchy: Hierarchy;
  readonly chosen: Mount | null;
  /** Null for a saved table: no live cell can confirm the choice. */
  readonly confirmed: boolean | null;
  readonly why: string;
  readonly candidates: readonly Candidate[];
  /** Where this process opens the hierarchy's root, through its own table; null if nowhere. */
  readonly openedAt: ByteString | null;
}

/** What the kernel says about a path that a table calls a cgroup mount. */
export const mountStat = union(
  struct({
    kind: choice('read'),
    /** statfs f_type: 0x27e0eb for v1, 0x63677270 for v2. */
    magic: number,
    device,
    inode: number,
    /** v1 has `release_agent` only in the root cgroup. */
    hasReleaseAgent: flag,
    /** v2 lacks `cgroup.events` only in the root cgroup. */
    hasCgroupEvents: flag,
  }),
  struct({ kind: choice('failed'), errno }),
);
export type MountStat = TypeOf<typeof mountStat>;

/** The names in /proc/<pid>/cgroup and in a Report: one per controller, `name=X`, or `v2`. */
export function controllerNames(hierarchy: Hierarchy): readonly ControllerName[] {
  if (hierarchy.version === 2) return ['v2'];
  return hierarchy.name === null
    ? hierarchy.controllers
    : [...hierarchy.controllers, `name=${hierarchy.name}`];
}

export interface MountsReport {
  /** The file that held the table. */
  readonly source: string;
  readonly rule: Rule;
  readonly namespace: CgroupNamespace;
  /** The table was saved without its namespace, which was inferred from the roots in it. */
  readonly namespaceAssumed: boolean;
  readonly mode: CgroupMode;
  readonly malformed: readonly MalformedLine[];
  readonly choices: readonly MountChoice[];
}
