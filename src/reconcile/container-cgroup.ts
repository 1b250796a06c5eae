import { asByteString, type ByteString } from '../model/ids.ts';
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
  /** In a directory of Garden's, or found by its name elsewhere (privileged). */
  readonly where: 'garden' | 'outside';
  readonly throttled: boolean;
  /** A part of it could not be read, so it may have members that are not seen. */
  readonly unclear: boolean;
}

/** One directory that carries a container's name. */
export interface ContainerDirectory {
  readonly name: ByteString;
  readonly path: ByteString;
  readonly inode: number;
  readonly where: 'garden' | 'outside';
  readonly bad: boolean;
  readonly pids: number[];
  /** With repetitions. */
  readonly peas: string[];
  unclear: boolean;
}

/** Joins peas to the container beside them if it is listed or live. */
export function foldPeas(
  directories: readonly ContainerDirectory[],
  listed: ReadonlySet<ByteString>,
): readonly ContainerDirectory[] {
  const live = new Set(directories.filter(({ pids }) => pids.length > 0).map(({ name }) => name));
  const isKnown = (owner: string): boolean =>
    listed.has(asByteString(owner)) || live.has(asByteString(owner));
  return directories.map((directory) => {
    if (directory.where !== 'garden' || listed.has(directory.name)) return directory;
    const owner = ownerOfPea(directory.name, isKnown);
    if (owner === null) return directory;
    return {
      ...directory,
      name: asByteString(owner),
      pids: [],
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
    const main = own.find(({ pids }) => pids.length > 0) ?? own[0] ?? group[0];
    if (main === undefined) continue;
    // Guardian makes an empty `bad/H` for a privileged container too, which never moves there.
    const there = own.filter(({ where }) => where === main.where);
    containers.set(name, {
      name,
      path: main.path,
      inode: Math.min(...(there.length > 0 ? there : group).map(({ inode }) => inode)),
      pids: group.flatMap(({ pids }) => pids),
      peas: distinct(group.flatMap(({ peas }) => peas)),
      where: main.where,
      throttled: own.some(({ bad, pids }) => bad && pids.length > 0),
      unclear: own.some(({ unclear }) => unclear),
    });
  }
  return containers;
}

const distinct = (names: readonly string[]): readonly string[] =>
  names.length < 2 ? names : [...new Set(names)].toSorted();
