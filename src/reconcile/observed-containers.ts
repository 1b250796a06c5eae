import { type ByteString, type Handle, asHandle } from '../model/ids.ts';
import { isAtOrBelow, nameOf, parentOf, ROOT } from '../model/paths.ts';
import type { Scan } from '../model/scan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { SuspectedProcess } from '../model/sweep.ts';
import { bytesOfText, textOfBytes } from '../model/text.ts';
import type { ContainerCgroup } from './container-cgroup.ts';
import { escapedByName } from './escaped.ts';
import { hiddenContainers } from './hidden-cgroups.ts';
import {
  judgeNoLongerOurs,
  judgeHidden,
  judgeHiddenListed,
  judgeEscaped,
  judgeListed,
  judgeUnlisted,
  undecided,
  type Judgement,
} from './judge.ts';
import { type PassFacts } from './missing-hierarchies.ts';
import { isShared, launchOf, ownershipOf, proofPids } from './ownership.ts';
import type { ObservedState } from './observe.ts';

export type ObservedCgroup = Pick<
  ContainerCgroup,
  'path' | 'pids' | 'peas' | 'peaPids' | 'throttled' | 'throttling' | 'directories'
> & {
  /** Null if no cgroup is named like the handle. */
  readonly inode: number | null;
  readonly privileged: boolean;
  /** Outside Garden's directories, and proven by more than its name to belong to the handle. */
  readonly isProven: boolean;
};

/** One container of this pass: in Garden's list, in a cgroup, or both. */
export interface ObservedContainer {
  readonly name: ByteString;
  readonly handle: Handle;
  readonly listed: boolean;
  /** Null if the primary hierarchy showed no directory for it. */
  readonly cgroup: ObservedCgroup | null;
  readonly judgement: Judgement;
  /** Its processes that are not in any of its cgroups. */
  readonly escaped: readonly SuspectedProcess[];
}

/** One pass as far as it has been read. Questions and decisions are derived from it. */
export interface ObservedPass {
  readonly snapshot: Snapshot;
  readonly state: ObservedState;
  /** Every container that is listed or live. Empty if nothing can be compared. */
  readonly containers: readonly ObservedContainer[];
}

/** Judges every container of a pass, and every reported one that still has processes. */
export function observedContainers(
  pass: PassFacts,
  { primaryScan }: Pick<Snapshot, 'primaryScan'>,
): readonly ObservedContainer[] {
  const { state, answers, memory } = pass;
  const { view, listed } = state;
  if (view === null || listed === null) return [];
  const ownership = ownershipOf(state, answers);
  const controller = state.cgroups.primary?.controller ?? '';
  const hidden = hiddenContainers(view, controller, memory);
  const facts = { ...pass, escaped: escapedByName(pass) };
  const containers: ObservedContainer[] = [];
  const add = (one: Omit<ObservedContainer, 'escaped'>): void => {
    const escaped = facts.escaped.get(one.name) ?? [];
    // Holds even if nothing else is known about the container, because suspects are read again in
    // every pass.
    const disproved =
      escaped.length === 0
        ? [...one.judgement.disproved, 'escaped' as const]
        : one.judgement.disproved;
    containers.push({ ...one, judgement: { ...one.judgement, disproved }, escaped });
  };
  for (const [name, handle] of listed) {
    const seen = view.containers.get(name);
    const isHidden = (seen?.pids.length ?? 0) === 0 && hidden.has(handle);
    const judgement = isHidden ? judgeHiddenListed() : judgeListed({ name, handle }, facts);
    add({ name, handle, listed: true, cgroup: cgroupOf(seen), judgement });
  }
  // A container with processes both in its own cgroup and in others is one container.
  const outside = state.unlisted.filter(({ basis }) => basis !== null);
  const paths = new Set(outside.map(({ path }) => path));
  for (const [name, seen] of view.containers) {
    const isLive = seen.pids.length > 0 || seen.peaPids.length > 0;
    if (listed.has(name)) continue;
    if (isLive ? isGone(seen.path, state) : !seen.unclear) continue;
    if (ancestorsIn(paths, seen.path)) continue;
    const handle = asHandle(textOfBytes(name));
    const launch =
      ownership !== null && isShared(seen.path, state)
        ? launchOf(proofPids(seen), ownership)
        : OURS;
    if (launch?.owner === 'other') continue;
    const judgement =
      launch?.owner === 'ours'
        ? isLive
          ? judgeUnlisted({ name, handle }, seen, 'garden-directory', facts)
          : judgeHidden('garden-directory')
        : OWNER_UNKNOWN;
    add({ name, handle, listed: false, cgroup: cgroupOf(seen), judgement });
  }
  const known = new Set(containers.map(({ handle }) => handle));
  for (const { handle, path, inode, pids, peas, basis, isOwnerUnknown } of outside) {
    if (basis === null || isGone(path, state) || known.has(handle)) continue;
    const name = bytesOfText(handle);
    const kind = { privileged: true, isProven: true, throttled: false, throttling: null };
    const cgroup = { path, inode, pids, peas, peaPids: [], directories: [path], ...kind };
    const judgement = isOwnerUnknown
      ? OWNER_UNKNOWN
      : judgeUnlisted({ name, handle }, cgroup, basis, facts);
    add({ name, handle, listed: false, cgroup, judgement });
    known.add(handle);
  }
  for (const [handle, { path, inode }] of hidden) {
    if (known.has(handle)) continue;
    const kind = { privileged: true, isProven: true, throttled: false, throttling: null };
    const cgroup = { path, inode, pids: [], peas: [], peaPids: [], directories: [path], ...kind };
    const judgement = judgeHidden('remembered');
    add({ name: bytesOfText(handle), handle, listed: false, cgroup, judgement });
    known.add(handle);
  }
  const scan = pass.answers.scans.get(controller) ?? primaryScan;
  for (const [handle, was] of pass.memory.containers) {
    if (was.openReport === null || was.inodeOf !== controller || known.has(handle)) continue;
    const cgroup = scan?.kind === 'seen' ? liveCgroup(was.cgroupInode, scan) : null;
    if (cgroup === null) continue;
    const judgement = judgeNoLongerOurs();
    add({ name: bytesOfText(handle), handle, listed: false, cgroup, judgement });
  }
  // A container that Garden forgot or destroyed, and that no longer has a cgroup.
  const all = new Set(containers.map(({ handle }) => handle));
  for (const name of facts.escaped.keys()) {
    const handle = asHandle(textOfBytes(name));
    const judgement = judgeEscaped({ name, handle }, facts);
    if (all.has(handle) || judgement === null) continue;
    add({ name, handle, listed: false, cgroup: null, judgement });
  }
  return containers;
}

const ELSEWHERE = {
  privileged: false,
  isProven: false,
  throttled: false,
  throttling: null,
} as const;
const OURS = { owner: 'ours' } as const;
const OWNER_UNKNOWN = undecided('several gdns run, and nothing shows which one it belongs to', []);

const cgroupOf = (seen: ContainerCgroup | undefined): ObservedCgroup | null => {
  if (seen === undefined) return null;
  const privileged = seen.where === 'outside';
  return { ...seen, privileged, isProven: privileged && !seen.isClaim };
};

function ancestorsIn(paths: ReadonlySet<ByteString>, path: ByteString): boolean {
  if (paths.size === 0) return false;
  for (let at = path; at !== ROOT;) {
    at = parentOf(at);
    if (paths.has(at)) return true;
  }
  return false;
}

/** The cgroup with this inode and its processes; null if it is empty or gone. */
function liveCgroup(
  inode: number | null,
  { directories }: Extract<Scan, { kind: 'seen' }>,
): ObservedCgroup | null {
  const own = directories.find((directory) => directory.inode === inode);
  if (own === undefined) return null;
  const pids = directories.flatMap(({ path, pids: members }) =>
    isAtOrBelow(path, own.path) ? members : [],
  );
  const where = { path: own.path, inode: own.inode, directories: [own.path], ...ELSEWHERE };
  return pids.length === 0 ? null : { ...where, pids, peas: [], peaPids: [] };
}

/**
 * A container that was destroyed between the walk and the list appears live, then unlisted. A walk
 * after the list settles this, because Garden lists a container until its processes are gone.
 */
const isGone = (path: ByteString, { namesAfterList }: ObservedState): boolean =>
  namesAfterList !== null && !namesAfterList.has(nameOf(path));
