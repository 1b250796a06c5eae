import { asHandle, type ByteString } from '../../model/ids.ts';
import type { Memory } from '../../model/memory.ts';
import { isAtOrBelow, isBelow, isGardenDirectory, nameOf, parentOf } from '../../model/paths.ts';
import { idOfLaunched, pathIn, type Launched, type ProcessFacts } from '../../model/process.ts';
import type { Answers } from '../../model/questions.ts';
import { textOfBytes } from '../../model/text.ts';
import { pathBelowMount, type ReadableHierarchy } from '../../mounts/resolve.ts';
import type { ContainerCgroup, ContainerDirectory } from './container-cgroup.ts';
import type { Proof } from './directory-role.ts';
import type { GdnCgroups } from './gdn.ts';
import { lowestPids } from './pids.ts';

const MAX_PROOF_PIDS = 3;
const MAX_WITNESSES = 3;
/** For one claim; if there are many, each gets as few as the second limit allows. */
const MAX_FURTHER_PIDS_OF_ONE = 32;
const MAX_FURTHER_PIDS = 256;

/** The facts that show who owns a process. */
export interface OwnershipFacts {
  readonly answers: Answers;
  readonly gdn: GdnCgroups | null;
  readonly otherGdns: readonly GdnCgroups[];
  readonly primary: ReadableHierarchy;
}

/** Several gdns can share it: on v2 it is at the top, and not below the cgroup of one gdn. */
export function isShared(path: ByteString, { primary, gdn, otherGdns }: OwnershipFacts): boolean {
  if (otherGdns.length === 0) return false;
  const gdnCgroup = pathIn(gdn?.paths, primary.controller);
  return gdnCgroup === undefined || !isBelow(path, gdnCgroup);
}

/** Listed containers that can show whose Garden directory they are in, at most 3 of each. */
export function witnessesIn(
  containers: ReadonlyMap<ByteString, ContainerCgroup>,
  listed: ReadonlyMap<ByteString, unknown>,
): ReadonlyMap<ByteString, readonly ContainerCgroup[]> {
  const live = [...containers.values()].filter(
    ({ name, where, pids }) => where === 'garden' && pids.length > 0 && listed.has(name),
  );
  return new Map(
    [...Map.groupBy(live, ({ path }) => gardenDirectoryOf(path))].map(
      ([directory, all]) => [directory, all.slice(0, MAX_WITNESSES)] as const,
    ),
  );
}

export function gardenDirectoryOf(path: ByteString): ByteString {
  let above = parentOf(path);
  while (above !== '/' && !isGardenDirectory(nameOf(above))) above = parentOf(above);
  return above;
}

/** By its helper. Several gdns do not share a directory: each has a tag of its own. */
export const isOurs = (
  witnesses: readonly ContainerCgroup[] | undefined,
  facts: OwnershipFacts,
): boolean =>
  witnesses?.some((one) =>
    launchesOf(proofPids(one), facts).some(
      ({ id, owner }) => owner === 'ours' && id === textOfBytes(one.name),
    ),
  ) === true;

/** The container that a process belongs to, according to the runtime helper among its ancestors. */
export interface Launch {
  readonly id: string;
  /** `unknown`: several gdns run, and nothing shows which one the helper belongs to. */
  readonly owner: 'ours' | 'other' | 'unknown';
}

/**
 * Any member of a container shows its owner, not only init. In runc mode init is a child of pid 1,
 * and only processes that joined later descend from dadoo. Several are found if a privileged
 * container has moved its processes to another one's cgroup.
 */
export const launchesOf = (pids: readonly number[], facts: OwnershipFacts): readonly Launch[] =>
  pids.flatMap((pid) => {
    const chain = facts.answers.ancestors.get(pid) ?? [];
    for (const [index, ancestor] of chain.entries()) {
      const id = containerOf(ancestor, facts.gdn);
      if (id !== null) return [{ id, owner: ownerOf(ancestor, chain.slice(index + 1), facts) }];
    }
    return [];
  });

/** The helpers whose cgroups may show their owner. Needed only if there are several gdns. */
export const helpersToAsk = ({ answers, gdn, otherGdns }: OwnershipFacts): readonly number[] =>
  otherGdns.length === 0
    ? []
    : [...answers.ancestors.values()].flatMap((chain) =>
        chain.filter((one) => containerOf(one, gdn) !== null).map(({ pid }) => pid),
      );

/** It can take any name, but can neither leave its pid namespace nor become root. */
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

/** The processes of a cgroup that are checked first. */
export const proofPids = ({ pids }: { readonly pids: readonly number[] }): readonly number[] =>
  lowestPids(pids, MAX_PROOF_PIDS);

/** The processes of claims to read: first a few of each, then more of those that are still open. */
export function claimPidsToAsk(
  claims: readonly ContainerDirectory[],
  { ancestors, rootImages }: Answers,
): readonly number[] {
  const isRead = (pid: number): boolean => ancestors.has(pid) && rootImages.has(pid);
  const open = claims.filter((claim) => proofPids(claim).every(isRead));
  const each = Math.min(MAX_FURTHER_PIDS_OF_ONE, Math.floor(MAX_FURTHER_PIDS / open.length));
  return [...claims.flatMap(proofPids), ...open.flatMap(({ pids }) => lowestPids(pids, each))];
}

/**
 * A cgroup outside Garden's directories belongs to a listed handle if one of its processes descends
 * from our gdn's helper of that handle, or has the handle's root filesystem. Only all of its
 * processes together show that it does not: a privileged container can move its own there.
 */
export function proofOfClaim(
  { name, pids }: { readonly name: ByteString; readonly pids: readonly number[] },
  facts: OwnershipFacts,
): Proof {
  const proofs = new Set(pids.map((pid) => proofByProcess(pid, name, facts)));
  if (proofs.has('proven')) return 'proven';
  return proofs.has('refuted') && !proofs.has('open') ? 'refuted' : 'open';
}

/** Null if the process has ended. */
function proofByProcess(pid: number, name: ByteString, facts: OwnershipFacts): Proof | null {
  const [launch] = launchesOf([pid], facts);
  if (launch !== undefined && launch.owner !== 'unknown') {
    const isHandles = launch.owner === 'ours' && launch.id === textOfBytes(name);
    return isHandles ? 'proven' : 'refuted';
  }
  const images = facts.answers.rootImages.get(pid);
  if (images === undefined) return 'open';
  if (images === null) return null;
  if (images.some((image) => image.name === name)) return 'proven';
  return launch === undefined ? 'refuted' : 'open';
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
