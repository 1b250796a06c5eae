import type { ByteString } from '../../model/ids.ts';
import { parentOf } from '../../model/paths.ts';
import { isAlike, isSameDirectory, type CgroupDirectory } from '../../model/walk.ts';
import type { ObservedState } from '../observe/observe.ts';

/** A cgroup of a walk, and the listed container that it belongs to; null: to none. */
type Place = { readonly directory: CgroupDirectory; readonly name: ByteString | null };

/** By path; parents come before their children. */
export type Places = ReadonlyMap<ByteString, Place>;

type Directories = readonly CgroupDirectory[];

export function placesOf(
  directories: Directories,
  { view, listed }: Pick<ObservedState, 'view' | 'listed'>,
): Places {
  const topmost = new Map<ByteString, ByteString>();
  for (const { name, own, directories: ofContainer } of view?.containers.values() ?? []) {
    if (listed?.has(name) !== true) continue;
    for (const { path } of own) topmost.set(path, name);
    for (const path of ofContainer) topmost.set(path, name);
  }
  const places = new Map<ByteString, Place>();
  for (const directory of directories) {
    const { path } = directory;
    const name = topmost.get(path) ?? places.get(parentOf(path))?.name ?? null;
    places.set(path, { directory, name });
  }
  return places;
}

/** What a walk shows, and the containers of which it does not show the same as before. */
export interface ChangedPlaces {
  readonly places: Places;
  readonly changed: ReadonlySet<ByteString>;
}

/** Null if more has changed than containers, and which processes run elsewhere. */
export function changedPlaces(before: Places, directories: Directories): ChangedPlaces | null {
  const places = new Map<ByteString, Place>();
  const changed = new Set<ByteString>();
  let left = before.size;
  for (const directory of directories) {
    const { path } = directory;
    const was = before.get(path);
    if (was !== undefined) left -= 1;
    if (was !== undefined && isSameDirectory(was.directory, directory)) {
      places.set(path, was);
      continue;
    }
    const { name } = was ?? places.get(parentOf(path)) ?? NOWHERE;
    places.set(path, { directory, name });
    if (name !== null) changed.add(name);
    else if (was === undefined || !isAlike(was.directory, directory)) return null;
  }
  if (left === 0) return { places, changed };
  for (const [path, { name }] of before) {
    if (places.has(path)) continue;
    if (name === null) return null;
    changed.add(name);
  }
  return { places, changed };
}

const NOWHERE = { name: null };
