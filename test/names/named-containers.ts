import { asByteString, asHandle } from '../../src/model/ids.ts';
import type { ContainerName, NamedCgroup, Names } from '../../src/model/names.ts';

export const BILLING = '479c5b59-1774-4e0a-5d3b-9f21';
export const SHOP = '8a37cb6f-385b-4dd3-732c-34d6';

const NOON = Date.UTC(2026, 11, 1, 12);

/** A running app instance without a cgroup. */
export const container = (handle: string, others: Partial<ContainerName> = {}): ContainerName => ({
  handle: asHandle(handle),
  kind: 'app-instance',
  app: null,
  appId: null,
  index: null,
  space: null,
  spaceId: null,
  org: null,
  orgId: null,
  processType: null,
  status: 'tracked',
  isPrivileged: false,
  since: NOON,
  ended: null,
  cgroups: [],
  ...others,
});

export const cgroupAt = (path: string, others: Partial<NamedCgroup> = {}): NamedCgroup => ({
  controller: 'v2',
  path: asByteString(path),
  inode: null,
  pea: null,
  ...others,
});

/** What is known once the kernel and Garden were read. */
export const namesOf = (...containers: readonly ContainerName[]): Names => ({
  knownSince: NOON,
  wasRead: true,
  containers,
});
