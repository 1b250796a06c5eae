import { type ByteString, type Handle, asHandle } from '../model/ids.ts';
import { nameOf } from '../model/paths.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { bytesOfText, textOfBytes } from '../model/text.ts';
import type { ContainerCgroup } from './container-cgroup.ts';
import { judgeListed, judgeUnlisted, type Judgement, type PassFacts } from './judge.ts';
import type { ObservedState } from './observe.ts';

type ObservedCgroup = Pick<ContainerCgroup, 'path' | 'inode' | 'pids' | 'peas' | 'throttled'> & {
  readonly privileged: boolean;
};

/** One container of this pass: in Garden's list, in a cgroup, or in both. */
export interface ObservedContainer {
  readonly name: ByteString;
  readonly handle: Handle;
  readonly listed: boolean;
  /** Null if no directory of it was seen in the primary hierarchy. */
  readonly cgroup: ObservedCgroup | null;
  readonly judgement: Judgement;
}

/** One pass as far as it was read: what questions and decisions follow from. */
export interface ObservedPass {
  readonly snapshot: Snapshot;
  readonly state: ObservedState;
  /** Every container that is listed or lives. Empty if nothing can be compared. */
  readonly containers: readonly ObservedContainer[];
}

/** Judges every container of a pass. */
export function observedContainers(facts: PassFacts): readonly ObservedContainer[] {
  const { state } = facts;
  const { view, listed } = state;
  if (view === null || listed === null) return [];
  const containers: ObservedContainer[] = [];
  for (const [name, handle] of listed) {
    const seen = view.containers.get(name);
    containers.push({
      name,
      handle,
      listed: true,
      cgroup: seen === undefined ? null : { ...seen, privileged: seen.where === 'outside' },
      judgement: judgeListed({ name, handle }, facts),
    });
  }
  for (const [name, seen] of view.containers) {
    if (listed.has(name) || seen.pids.length === 0 || isGone(seen.path, state)) continue;
    const handle = asHandle(textOfBytes(name));
    containers.push({
      name,
      handle,
      listed: false,
      cgroup: { ...seen, privileged: false },
      judgement: judgeUnlisted({ name, handle }, seen, 'garden-directory', facts),
    });
  }
  // A container with processes in its own cgroup and in others is one container.
  const known = new Set(containers.map(({ handle }) => handle));
  for (const { handle, path, inode, pids, peas, basis } of state.unlisted) {
    if (basis === null || isGone(path, state) || known.has(handle)) continue;
    const name = bytesOfText(handle);
    const cgroup = { path, inode, pids, peas, privileged: true, throttled: false };
    const judgement = judgeUnlisted({ name, handle }, cgroup, basis, facts);
    containers.push({ name, handle, listed: false, cgroup, judgement });
  }
  return containers;
}

/**
 * A container destroyed between the walk and the list is seen live, then not listed. A walk after
 * the list settles it, because Garden lists a container until its processes are gone.
 */
const isGone = (path: ByteString, { namesAfterList }: ObservedState): boolean =>
  namesAfterList !== null && !namesAfterList.has(nameOf(path));
