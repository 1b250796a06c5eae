import { STATUSES } from './finding.ts';
import { CONTAINER_KINDS, type AppIdentity } from './garden.ts';
import type { Handle } from './ids.ts';
import type { CgroupDirectory } from './cgroup-numbers.ts';
import * as s from './shape.ts';

/** A directory of a container, or of one of its peas, in one hierarchy. */
const namedCgroup = s.struct({
  /** A controller, name=X or v2. */
  controller: s.text,
  /** As in /proc/PID/cgroup of a process of the cell. */
  path: s.bytes,
  /** The cgroup id on v2; null: not read. */
  inode: s.nullable(s.number),
  /** The pea that it is of, by its directory's name; null: of the container itself. */
  pea: s.nullableText,
});
export type NamedCgroup = s.TypeOf<typeof namedCgroup>;

/** Whose a container is. Its texts are what tenants chose, at most 256 characters: see `cleanText`. */
const containerName = s.struct({
  handle: s.handle,
  kind: s.choice(...CONTAINER_KINDS),
  app: s.nullableText,
  appId: s.nullableText,
  /** The index of the instance, from 0. */
  index: s.nullableCount,
  space: s.nullableText,
  spaceId: s.nullableText,
  org: s.nullableText,
  orgId: s.nullableText,
  /** `web`, `worker` and so on; any text. */
  processType: s.nullableText,
  /** As in the last report that had it; null: no pass has compared it yet. */
  status: s.nullable(s.choice(...STATUSES)),
  /** Null: no cgroup of it has been seen. */
  isPrivileged: s.nullable(s.flag),
  /** When its oldest process started, else when it was first seen; Unix time in milliseconds. */
  since: s.instant,
  /** When it was first seen to be gone, Unix time in milliseconds; null while it runs or is listed. */
  ended: s.nullable(s.instant),
  /** Where it was last seen; empty: no cgroup of it has been seen. */
  cgroups: s.list(namedCgroup),
});
export type ContainerName = s.TypeOf<typeof containerName>;

/** Everything that is known about which app each container belongs to; `GET /v1/names`. */
export const names = s.struct({
  /** Since when ended containers are known, Unix time in milliseconds. */
  knownSince: s.instant,
  /** The kernel and Garden were both read: what is not here does not exist. */
  wasRead: s.flag,
  /** Those that run or are listed, then those that ended, newest first. No two have one handle. */
  containers: s.list(containerName),
});
export type Names = s.TypeOf<typeof names>;

/** A container as one pass saw it. */
export interface ContainerOfPass extends Omit<ContainerName, 'since' | 'ended'> {
  /** When a pass first saw it; Unix time in milliseconds. */
  readonly firstSeen: number;
  /** Of its main cgroup: another one has another container. Null: none was seen. */
  readonly inode: number | null;
  /** The pids of the container's processes. */
  readonly pids: readonly number[];
  /** Where the cgroups can be opened whose inodes the pass has not read, by their places in `cgroups`. */
  readonly unread: ReadonlyMap<number, CgroupDirectory>;
}

/** What all containers of one pass are called. */
export interface NamesOfPass {
  /** When Garden was asked; Unix time in milliseconds. */
  readonly at: number;
  readonly wasRead: boolean;
  /** All of them. */
  readonly handles: readonly Handle[];
  /** Those that are not as the pass before saw them. */
  readonly containers: readonly ContainerOfPass[];
}

/** What is read once of each new container. */
export interface NamingFacts {
  /** When its oldest process started, Unix time in milliseconds; null: it has none. */
  readonly startedAt: number | null;
  /** By their places in `cgroups`; null: it is gone. */
  readonly inodes: ReadonlyMap<number, number | null>;
}

type NamedApp = Pick<
  ContainerName,
  'app' | 'appId' | 'index' | 'space' | 'spaceId' | 'org' | 'orgId' | 'processType'
>;

/** @param app as Garden's properties name it; null: they name none */
export const namedApp = (app: AppIdentity | null): NamedApp => ({
  app: app?.name ?? null,
  appId: app?.id ?? null,
  index: app?.index ?? null,
  space: app?.spaceName ?? null,
  spaceId: app?.spaceId ?? null,
  org: app?.organizationName ?? null,
  orgId: app?.organizationId ?? null,
  processType: app?.processType ?? null,
});
