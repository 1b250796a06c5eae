import type { Status } from './finding.ts';
import type { ContainerKind } from './garden.ts';
import type { ControllerName } from './hierarchy.ts';
import type { ByteString, Handle } from './ids.ts';

/** A directory of a container, or of one of its peas, in one hierarchy. */
export interface NamedCgroup {
  readonly controller: ControllerName;
  /** As in /proc/PID/cgroup of a process of the cell. */
  readonly path: ByteString;
  /** The cgroup id on v2; null: not read. */
  readonly inode: number | null;
  /** The pea that it is of, by its directory's name; null: of the container itself. */
  readonly pea: string | null;
}

/** Whose a container is. Its texts are what tenants chose, at most 256 characters: see `cleanText`. */
export interface ContainerName {
  readonly handle: Handle;
  readonly kind: ContainerKind;
  readonly app: string | null;
  readonly appId: string | null;
  /** The index of the instance, from 0. */
  readonly index: number | null;
  readonly space: string | null;
  readonly spaceId: string | null;
  readonly org: string | null;
  readonly orgId: string | null;
  /** `web`, `worker` and so on; any text. */
  readonly processType: string | null;
  /** As in the last report that had it; null: no pass has compared it yet. */
  readonly status: Status | null;
  /** Null: no cgroup of it has been seen. */
  readonly isPrivileged: boolean | null;
  /** When its oldest process started, else when it was first seen; Unix time in milliseconds. */
  readonly since: number;
  /** When it was first seen to be gone, Unix time in milliseconds; null while it runs or is listed. */
  readonly ended: number | null;
  /** Where it was last seen; empty: no cgroup of it has been seen. */
  readonly cgroups: readonly NamedCgroup[];
}

/** Everything that is known about whose containers there are. */
export interface Names {
  /** Since when ended containers are known, Unix time in milliseconds. */
  readonly knownSince: number;
  /** The kernel and Garden were both read: what is not here does not exist. */
  readonly wasRead: boolean;
  /** Those that run or are listed, then those that ended, newest first. No two have one handle. */
  readonly containers: readonly ContainerName[];
}
