import { asByteString, type ByteString, isInstanceGuid } from '../model/ids.ts';
import { nameOf } from '../model/paths.ts';
import { ownerOfPea } from './cgroup-names.ts';

/** A container as one hierarchy shows it: all the directories that carry its name, joined. */
export interface ContainerCgroup {
  readonly name: ByteString;
  /** The live directory if there is one, else the first. */
  readonly path: ByteString;
  /** Of its oldest directory: throttling from `good` to `bad` does not change it. */
  readonly inode: number;
  /** Members at or below it, peas not counted. */
  readonly pids: readonly number[];
  readonly peas: readonly string[];
  /** Members of its peas. */
  readonly peaPids: readonly number[];
  /** In a Garden directory, or elsewhere (privileged). */
  readonly where: 'garden' | 'outside';
  /**
   * Elsewhere and live, and nothing has shown yet that it is the handle's: only its name says so.
   */
  readonly isClaim: boolean;
  readonly throttled: boolean;
  /** Its two directories where gdn throttles; null elsewhere. */
  readonly throttling: ThrottledCgroups | null;
  /** Where it and its peas are charged: their directories that are in no other of them. */
  readonly directories: readonly ByteString[];
  /** A part of it could not be read, so it may have members that are not seen. */
  readonly unclear: boolean;
}

export interface ThrottledCgroups {
  readonly good: ByteString;
  /** containerd's leaf below `good`, which has the limit of pids; null: there is none. */
  readonly init: ByteString | null;
  readonly bad: ByteString;
  readonly isBadLive: boolean;
}

/** One directory that carries a container's name. */
export interface ContainerDirectory {
  readonly name: ByteString;
  readonly path: ByteString;
  readonly inode: number;
  readonly where: 'garden' | 'outside';
  /** Below which of guardian's two directories it is. */
  readonly throttling: 'good' | 'bad' | null;
  /** The leaf in which containerd keeps its processes. */
  init: ByteString | null;
  readonly isClaim: boolean;
  readonly pids: number[];
  readonly peaPids: number[];
  /** With repetitions. */
  readonly peas: string[];
  unclear: boolean;
}

export interface KnownHandles {
  readonly listed: ReadonlySet<ByteString>;
  /** Whether Garden listed a handle of this name before. */
  readonly isRemembered: (name: ByteString) => boolean;
}

/**
 * Joins peas to the container beside them, whether that still has a cgroup or not: `H-envoy` is a
 * pea of H unless it is a handle itself.
 */
export function foldPeas(
  directories: readonly ContainerDirectory[],
  { listed, isRemembered }: KnownHandles,
): readonly ContainerDirectory[] {
  const names = new Set(directories.map(({ name }) => name));
  const isHandle = (name: ByteString): boolean => listed.has(name) || isRemembered(name);
  const isOwner = (owner: string): boolean => {
    const name = asByteString(owner);
    return names.has(name) || isHandle(name) || isInstanceGuid(owner);
  };
  return directories.map((directory) => {
    if (directory.where !== 'garden' || isHandle(directory.name)) return directory;
    const owner = ownerOfPea(directory.name, isOwner);
    if (owner === null) return directory;
    return {
      ...directory,
      name: asByteString(owner),
      pids: [],
      peaPids: [...directory.pids, ...directory.peaPids],
      peas: [directory.name, ...directory.peas],
    };
  });
}

export function joinDirectories(
  directories: readonly ContainerDirectory[],
): ReadonlyMap<ByteString, ContainerCgroup> {
  const containers = new Map<ByteString, ContainerCgroup>();
  for (const [name, group] of Map.groupBy(directories, (directory) => directory.name)) {
    // A pea beside its container is not a directory of the container itself.
    const own = group.filter((directory) => nameOf(directory.path) === name);
    const live = own.filter(({ pids }) => pids.length > 0);
    const main =
      live.find(({ where }) => where === 'garden') ??
      live.find(({ isClaim }) => !isClaim) ??
      live[0] ??
      own[0] ??
      group[0];
    if (main === undefined) continue;
    // Guardian makes an empty `bad/H` for a privileged container too, which never moves there.
    const there = own.filter(
      ({ where, isClaim, pids }) =>
        where === main.where && (isClaim === main.isClaim || pids.length === 0),
    );
    containers.set(name, {
      name,
      path: main.path,
      inode: Math.min(...(there.length > 0 ? there : group).map(({ inode }) => inode)),
      pids: there.flatMap(({ pids }) => pids),
      peas: distinct(group.flatMap(({ peas }) => peas)),
      peaPids: group.flatMap(({ peaPids }) => peaPids),
      where: main.where,
      isClaim: main.isClaim && main.pids.length > 0,
      directories: group
        .filter((directory) => there.includes(directory) || !own.includes(directory))
        .map(({ path }) => path),
      throttled: own.some(({ throttling, pids }) => throttling === 'bad' && pids.length > 0),
      throttling: throttledCgroups(own),
      unclear: own.some(({ unclear }) => unclear),
    });
  }
  return containers;
}

function throttledCgroups(own: readonly ContainerDirectory[]): ThrottledCgroups | null {
  const good = own.find(({ throttling }) => throttling === 'good');
  const bad = own.find(({ throttling }) => throttling === 'bad');
  if (good === undefined || bad === undefined) return null;
  return {
    good: good.path,
    init: good.init,
    bad: bad.path,
    isBadLive: bad.pids.length > 0,
  };
}

const distinct = (names: readonly string[]): readonly string[] =>
  names.length < 2 ? names : [...new Set(names)].toSorted();
