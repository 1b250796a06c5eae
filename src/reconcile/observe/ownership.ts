import { asHandle, type ByteString } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { isAtOrBelow, isBelow, nameOf } from '../../model/paths.ts';
import { idOfLaunched, pathIn, type Launched, type ProcessFacts } from '../../model/process.ts';
import type { Answers } from '../../model/snapshot.ts';
import { textOfBytes } from '../../model/text.ts';
import {
  type CgroupHierarchies,
  pathBelowMount,
  type ReadableHierarchy,
} from '../../mounts/resolve.ts';
import type { Proof } from './directory-role.ts';
import type { ContainerDirectory } from './container-cgroup.ts';
import type { GdnCgroups } from './gdn.ts';
import { lowestPids } from './pids.ts';

const MAX_PROOF_PIDS = 3;

/** The facts that show who owns a process. */
export interface OwnershipFacts {
  readonly answers: Answers;
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
  readonly primary: ReadableHierarchy;
}

interface KnownGdns {
  readonly cgroups: CgroupHierarchies;
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
}

export const ownershipOf = (
  { cgroups: { primary }, gdn, otherGdns }: KnownGdns,
  answers: Answers,
): OwnershipFacts | null => (primary === null ? null : { answers, gdn, otherGdns, primary });

/**
 * Whether a Garden directory can hold containers of several gdns: on v2 it is at the top and not
 * below the cgroup of one gdn.
 */
export function isShared(
  path: ByteString,
  { cgroups: { primary }, gdn, otherGdns }: KnownGdns,
): boolean {
  if (otherGdns.length === 0 || primary === null) return false;
  const gdnCgroup = pathIn(gdn?.paths, primary.controller);
  return gdnCgroup === undefined || !isBelow(path, gdnCgroup);
}

/** The container that a process belongs to, according to the runtime helper among its ancestors. */
export interface Launch {
  readonly id: string;
  /** `unknown`: several gdns run, and nothing shows which one the helper belongs to. */
  readonly owner: 'ours' | 'other' | 'unknown';
}

/**
 * Any member of a container shows its owner, not only init. In runc mode init is a child of pid 1,
 * and only processes that joined later descend from dadoo.
 */
export function launchOf(pids: readonly number[], facts: OwnershipFacts): Launch | null {
  for (const pid of pids) {
    const chain = facts.answers.ancestors.get(pid) ?? [];
    for (const [index, ancestor] of chain.entries()) {
      const id = containerOf(ancestor, facts.gdn);
      if (id !== null) return { id, owner: ownerOf(ancestor, chain.slice(index + 1), facts) };
    }
  }
  return null;
}

/** The helpers whose cgroups may show their owner. Needed only if there are several gdns. */
export const helpersToAsk = ({ answers, gdn, otherGdns }: OwnershipFacts): readonly number[] =>
  otherGdns.length === 0
    ? []
    : [...answers.ancestors.values()].flatMap((chain) =>
        chain.filter((one) => containerOf(one, gdn) !== null).map(({ pid }) => pid),
      );

/**
 * A container's process can take any name, but it can neither leave its pid namespace nor become
 * root.
 */
function containerOf(
  { namespacePids, realUid, launched }: ProcessFacts,
  gdn: GdnCgroups | null,
): string | null {
  if (realUid !== 0 || namespacePids.length !== (gdn?.namespaces ?? 1)) return null;
  return idOfLaunched(launched);
}

/**
 * A dadoo is a child of its gdn until the gdn dies; a shim never is. After that the depot or the
 * containerd of the helper shows the owner, otherwise its cgroup: helpers stay in the cgroup of the
 * gdn that started them.
 */
function ownerOf(
  helper: ProcessFacts,
  above: readonly ProcessFacts[],
  { answers, gdn, otherGdns, primary }: OwnershipFacts,
): Launch['owner'] {
  if (otherGdns.length === 0) return 'ours';
  const isAbove = ({ pid }: GdnCgroups): boolean => above.some((one) => one.pid === pid);
  if (gdn !== null && isAbove(gdn)) return 'ours';
  if (otherGdns.some(isAbove)) return 'other';
  const { launched } = helper;
  if (launched !== null) {
    if (gdn !== null && isOfServer(launched, gdn)) return 'ours';
    if (otherGdns.some((other) => isOfServer(launched, other))) return 'other';
  }
  const membership = answers.memberships.get(helper.pid) ?? null;
  const path = membership === null ? null : pathBelowMount(membership, primary);
  // A gdn in an ancestor's cgroup holds everything below; the deepest one counts.
  const depthOf = ({ paths }: GdnCgroups): number => {
    const cgroup = pathIn(paths, primary.controller);
    return path !== null && cgroup !== undefined && isAtOrBelow(path, cgroup) ? cgroup.length : 0;
  };
  const ours = gdn === null ? 0 : depthOf(gdn);
  const others = Math.max(...otherGdns.map(depthOf));
  return ours === others ? 'unknown' : ours > others ? 'ours' : 'other';
}

const isOfServer = (launched: Launched, { depot, containerdSocket }: GdnCgroups): boolean =>
  launched.by === 'dadoo'
    ? launched.depot !== null && launched.depot === depot
    : launched.address !== null && launched.address === containerdSocket;

/** The processes of a claim that are checked; see `proofOfClaim`. */
export const proofPids = ({ pids }: { readonly pids: readonly number[] }): readonly number[] =>
  lowestPids(pids, MAX_PROOF_PIDS);

/**
 * A cgroup outside Garden's directories belongs to a listed handle if one of its processes descends
 * from our gdn's helper of that handle, or has the handle's root filesystem.
 */
export function proofOfClaim(claim: ContainerDirectory, facts: OwnershipFacts): Proof {
  const { answers } = facts;
  const pids = proofPids(claim);
  const launch = launchOf(pids, facts);
  if (launch !== null && launch.owner !== 'unknown') {
    const isHandles = launch.owner === 'ours' && launch.id === textOfBytes(claim.name);
    return isHandles ? 'proven' : 'refuted';
  }
  const images = pids.map((pid) => answers.rootImages.get(pid));
  if (images.some((one) => one?.some(({ name }) => name === claim.name) === true)) return 'proven';
  const isAnswered = images.every((one) => one !== undefined) && images.some((one) => one !== null);
  return isAnswered && launch === null ? 'refuted' : 'open';
}

/** Whether an earlier pass proved that a cgroup belongs to the handle that it is named like. */
export function isRememberedProof(
  { path, inode }: { readonly path: ByteString; readonly inode: number },
  controller: string,
  memory: Memory,
): boolean {
  const remembered = memory.containers.get(asHandle(textOfBytes(nameOf(path))));
  return (
    remembered?.isProven === true &&
    remembered.inodeOf === controller &&
    remembered.cgroupInode === inode
  );
}
