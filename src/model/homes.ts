import type { ControllerName } from './hierarchy.ts';
import { asByteString, type ByteString } from './ids.ts';
import { isGardenDirectory, nameOf, parentOf, ROOT } from './paths.ts';
import { isPeaOf, ownerOfPea } from './peas.ts';

/*
 * Whoever may write to a cgroup tree can make a directory that is called like a container. A listed
 * container has one home: the directory in which Garden made its cgroup. A directory of its name
 * anywhere else is not its own.
 */

/** The home of a container in the hierarchy that is walked. */
export interface Home {
  /**
   * The directory that holds its cgroup: the Garden directory, even if the cgroup is in `good` or
   * `bad` below it; of a privileged container, the parent of its cgroup.
   */
  readonly path: ByteString;
  /** Where gdn makes it in the other hierarchies; `unknown`: gdn makes none here. */
  readonly kind: 'garden' | 'privileged' | 'unknown';
}

/** Where gdn makes containers in one hierarchy. */
export interface GardenPlaces {
  /** The directories whose `garden*` children hold containers. */
  readonly parents: readonly ByteString[];
  /** The directories that hold privileged containers. */
  readonly privileged: readonly ByteString[];
}

export interface Homes {
  /** The hierarchy that is walked. */
  readonly primary: ControllerName;
  /** `H-envoy` is a pea of H unless it is one of these. */
  readonly handles: ReadonlySet<ByteString>;
  /** Of the listed containers that have a directory. Null: the one that earlier passes saw is gone. */
  readonly byName: ReadonlyMap<ByteString, Home | null>;
  /** Empty while no gdn is known. */
  readonly places: ReadonlyMap<ControllerName, GardenPlaces>;
  /** The roots of mounts that do not show the top of their hierarchy. */
  readonly roots: ReadonlyMap<ControllerName, ByteString>;
}

/** A path of /proc/PID/cgroup as the mount of its hierarchy shows it. */
export function pathInWalk(
  path: ByteString,
  controller: ControllerName,
  { roots }: Homes,
): ByteString {
  const root = roots.get(controller);
  return root !== undefined && path.startsWith(`${root}/`)
    ? asByteString(path.slice(root.length))
    : path;
}

/**
 * Whether a cgroup is that of the container or of a pea of it, or below one of these.
 * @param name of the container, or of the image of a pea
 * @param path as the mount of the hierarchy shows it
 */
export function isAtHome(
  name: ByteString,
  controller: ControllerName,
  path: ByteString,
  homes: Homes,
): boolean {
  const { byName, handles } = homes;
  const owner = handles.has(name)
    ? null
    : ownerOfPea(name, (candidate) => byName.has(asByteString(candidate)));
  const container = asByteString(owner ?? name);
  // A shortcut: most paths do not contain the name at all.
  if (container === '' || !path.includes(`/${container}`)) return false;
  for (let at = path; at !== ROOT; at = parentOf(at)) {
    const component = nameOf(at);
    const isNamed =
      component === container || (isPeaOf(component, container) && !handles.has(component));
    if (isNamed && isHome(container, controller, parentOf(at), homes)) return true;
  }
  return false;
}

/** The listed container in whose cgroup, in the hierarchy that is walked, this is; null: in none. */
export function containerAt(path: ByteString, homes: Homes): ByteString | null {
  for (let at = path; at !== ROOT; at = parentOf(at)) {
    const name = nameOf(at);
    const isListed = homes.byName.has(name);
    if (isListed && isHome(name, homes.primary, parentOf(at), homes)) return name;
  }
  return null;
}

/** @param parent of a directory that is called like the container or a pea of it */
function isHome(
  name: ByteString,
  controller: ControllerName,
  parent: ByteString,
  { primary, byName, places }: Homes,
): boolean {
  const home = byName.get(name);
  if (home === undefined) return true;
  if (home === null) return false;
  const path = withoutThrottling(parent);
  const there = places.get(controller);
  const isInGarden = isGardenDirectory(nameOf(path)) && there?.parents.includes(parentOf(path));
  // gdn throttles a privileged container, too.
  if (home.kind === 'privileged' && nameOf(parent) === 'bad' && isInGarden === true) return true;
  if (controller === primary) return path === home.path;
  if (there === undefined || home.kind === 'unknown') return true;
  return home.kind === 'privileged'
    ? there.privileged.includes(path)
    : nameOf(path) === nameOf(home.path) && isInGarden === true;
}

/** The Garden directory above `good` or `bad`; any other directory as it is. */
export function withoutThrottling(path: ByteString): ByteString {
  const name = nameOf(path);
  const above = parentOf(path);
  return (name === 'good' || name === 'bad') && isGardenDirectory(nameOf(above)) ? above : path;
}
