import { asByteString, type ByteString, isInstanceGuid } from '../../model/ids.ts';
import { nameOf, parentOf } from '../../model/paths.ts';
import { ownerOfPea } from '../../model/peas.ts';

/** containerd's leaf, in which it keeps the processes of a container. */
export const INIT = asByteString('init');

/** A container in one hierarchy: all directories with its name, joined. */
export interface ContainerCgroup {
  readonly name: ByteString;
  /** The live directory if there is one, otherwise the first. */
  readonly path: ByteString;
  /**
   * The remembered inode if one of its directories has it, otherwise that of `path`. So throttling,
   * which moves it from `good` to `bad`, does not change it, and neither does a directory of this
   * name that somebody else makes or removes. Null if it has no directory but those of its peas.
   */
  readonly inode: number | null;
  /** Members at or below it, without those of its peas. */
  readonly pids: readonly number[];
  /** By name; each once. */
  readonly peas: readonly PeaMembers[];
  /** Members of all its peas. */
  readonly peaPids: readonly number[];
  /** In a Garden directory, or outside (privileged). */
  readonly where: 'garden' | 'outside';
  /** Outside and live, and so far only its name says that it belongs to the handle. */
  readonly isClaim: boolean;
  readonly throttled: boolean;
  /** The two directories of the container if gdn throttles; null otherwise. */
  readonly throttling: ThrottledCgroups | null;
  /** The topmost directories of the container and its peas; the kernel charges their use there. */
  readonly directories: readonly ByteString[];
  /** All directories with its name, wherever they are. */
  readonly own: readonly Pick<ContainerDirectory, 'path' | 'children'>[];
  /** Part of it could not be read, so it may have further members. */
  readonly unclear: boolean;
}

/** A pea of a container, with the processes at or below its cgroup. */
export interface PeaMembers {
  readonly name: string;
  readonly pids: readonly number[];
}

export interface ThrottledCgroups {
  readonly good: ByteString;
  /** containerd's leaf below `good`, which has the pids limit; null if there is none. */
  readonly init: ByteString | null;
  readonly bad: ByteString;
  readonly isBadLive: boolean;
}

/** One directory with a container's name. */
export interface ContainerDirectory {
  readonly name: ByteString;
  readonly path: ByteString;
  readonly inode: number;
  readonly where: 'garden' | 'outside';
  /** The guardian directory above it. */
  readonly throttling: 'good' | 'bad' | null;
  /** The directories in it: containerd's leaf, those of peas, and what the container makes. */
  readonly children: ByteString[];
  readonly isClaim: boolean;
  readonly pids: number[];
  /** A pea has an entry for each directory at or below its own. */
  readonly peas: PeaMembers[];
  unclear: boolean;
}

export interface KnownHandles {
  readonly listed: ReadonlySet<ByteString>;
  /** Whether Garden listed a handle with this name before. */
  readonly isRemembered: (name: ByteString) => boolean;
  /** Whether a directory that is named like a pea can be one; its processes may show that it is not. */
  readonly isPea: (path: ByteString) => boolean;
  /** The inode that memory has for a name in this hierarchy; null if it has none. */
  readonly inodeBefore: (name: ByteString) => number | null;
}

/**
 * Joins peas to the container beside them, whether or not that still has a cgroup. `H-envoy` is a
 * pea of H unless it is itself a handle, or its processes show that it is a container.
 */
export function foldPeas(
  directories: readonly ContainerDirectory[],
  { listed, isRemembered, isPea }: Pick<KnownHandles, 'listed' | 'isRemembered' | 'isPea'>,
): readonly ContainerDirectory[] {
  const names = new Set(directories.map(({ name }) => name));
  const isHandle = (name: ByteString): boolean => listed.has(name) || isRemembered(name);
  const isOwner = (owner: string): boolean => {
    const name = asByteString(owner);
    return names.has(name) || isHandle(name) || isInstanceGuid(owner);
  };
  return directories.map((directory) => {
    if (directory.where !== 'garden' || isHandle(directory.name)) return directory;
    if (!isPea(directory.path)) return directory;
    const owner = ownerOfPea(directory.name, isOwner);
    if (owner === null) return directory;
    return {
      ...directory,
      name: asByteString(owner),
      pids: [],
      peas: [{ name: directory.name, pids: directory.pids }, ...directory.peas],
    };
  });
}

export function joinDirectories(
  directories: readonly ContainerDirectory[],
  { inodeBefore }: Pick<KnownHandles, 'inodeBefore'>,
): ReadonlyMap<ByteString, ContainerCgroup> {
  const containers = new Map<ByteString, ContainerCgroup>();
  for (const [name, unordered] of Map.groupBy(directories, (directory) => directory.name)) {
    // The kernel lists directories in no order, which must not decide what is remembered.
    const group = unordered.length > 1 ? unordered.toSorted(byPath) : unordered;
    // A pea beside its container is not one of the container's own directories.
    const own = group.filter((directory) => nameOf(directory.path) === name);
    const live = own.filter(({ pids }) => pids.length > 0);
    const before = inodeBefore(name);
    const main =
      live.find(({ inode, isClaim }) => inode === before && !isClaim) ??
      live.find(({ where }) => where === 'garden') ??
      live.find(({ isClaim }) => !isClaim) ??
      live[0] ??
      own[0] ??
      group[0];
    if (main === undefined) continue;
    const peas = group.flatMap((directory) => directory.peas);
    // Guardian also makes an empty `bad/H` for a privileged container, which never moves there.
    const there = own.filter(
      ({ where, isClaim, pids }) =>
        where === main.where && (isClaim === main.isClaim || pids.length === 0),
    );
    containers.set(name, {
      name,
      path: main.path,
      inode:
        there.find(({ inode }) => inode === before)?.inode ??
        (own.includes(main) ? main.inode : null),
      pids: there.flatMap(({ pids }) => pids),
      peas: joinedPeas(peas),
      peaPids: peas.flatMap(({ pids }) => pids),
      where: main.where,
      isClaim: main.isClaim && main.pids.length > 0,
      directories: group
        .filter((directory) => there.includes(directory) || !own.includes(directory))
        .map(({ path }) => path),
      own,
      throttled: own.some(({ throttling, pids }) => throttling === 'bad' && pids.length > 0),
      throttling: throttledCgroups(main, own),
      unclear: own.some(({ unclear }) => unclear),
    });
  }
  return containers;
}

const byPath = (a: ContainerDirectory, b: ContainerDirectory): number => (a.path < b.path ? -1 : 1);

/** Only beside the directory in which it lives: anybody can make one of its name elsewhere. */
function throttledCgroups(
  main: ContainerDirectory,
  own: readonly ContainerDirectory[],
): ThrottledCgroups | null {
  if (main.throttling === null) return null;
  const garden = parentOf(parentOf(main.path));
  const [good, bad] = (['good', 'bad'] as const).map((kind) =>
    own.find(({ throttling, path }) => throttling === kind && parentOf(parentOf(path)) === garden),
  );
  if (good === undefined || bad === undefined) return null;
  return {
    good: good.path,
    init: good.children.find((path) => nameOf(path) === INIT) ?? null,
    bad: bad.path,
    isBadLive: bad.pids.length > 0,
  };
}

/** Each pea once, by name. */
export const joinedPeas = (peas: readonly PeaMembers[]): readonly PeaMembers[] =>
  peas.length < 2
    ? peas
    : [...Map.groupBy(peas, ({ name }) => name)]
        .map(([name, parts]) => ({ name, pids: parts.flatMap(({ pids }) => pids) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
