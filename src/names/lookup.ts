import { asByteString, MIN_HANDLE_PREFIX, type ByteString } from '../model/ids.ts';
import type { ContainerName, NamedCgroup, Names } from '../model/names.ts';
import { isAtOrBelow, nameOf } from '../model/paths.ts';
import type { Membership } from '../model/process.ts';
import { bytesOfText } from '../model/text.ts';
import { SHORT_ID_LENGTH, withoutDirectory } from './keys.ts';

/** Whose an id is. */
export type Found =
  | {
      readonly kind: 'named';
      readonly container: ContainerName;
      /** The pea of it that the id names, by its directory's name; null: the container itself. */
      readonly pea: string | null;
    }
  /** Several containers have it. */
  | { readonly kind: 'ambiguous'; readonly containers: readonly ContainerName[] }
  /** Falco gives it to processes of many containers, or to those of the host. */
  | { readonly kind: 'unnameable' }
  /** The beginning of a handle, but too few characters of it to mean that container. */
  | { readonly kind: 'too-short' }
  | { readonly kind: 'not-found' }
  /** Not found, but the kernel or Garden could not be read. */
  | { readonly kind: 'unread' };

/**
 * What Falco's plugin makes of every path below gdn's service, and of a path without an id: not a
 * key of one container (docs/sensors.md).
 */
const SHARED_IDS: ReadonlySet<string> = new Set([
  '',
  'host',
  'garden.servi',
  'good',
  'bad',
  'garden',
]);

/** Whether sensors give an id to processes of many containers, or to those of the host. */
export const isSharedId = (id: string): boolean => SHARED_IDS.has(id);

/** A path of the kernel has at most 4,095 bytes; a handle of Garden is a path component. */
const MAX_ID = 4096;

const CGROUP_ID = /^cgroup:(\d{1,16})$/;

/**
 * Whose container an id names: a handle or the beginning of one, an id of a sensor, a cgroup path,
 * or `cgroup:N`. A pid is first resolved to its cgroups: see `lookUpProcess`.
 */
export function lookUp(names: Names, id: string): Found {
  if (id.length > MAX_ID) return missing(names);
  const inode = CGROUP_ID.exec(id)?.[1];
  if (inode !== undefined) return lookUpInode(names, Number(inode));
  return id.startsWith('/') ? lookUpPath(names, bytesOfText(id)) : lookUpId(names, id);
}

/** Whose a process is, by its /proc/PID/cgroup. */
export const lookUpProcess = (names: Names, membership: Membership): Found =>
  only(
    names,
    [...new Set(Object.values(membership))].flatMap((path) => matchesOfPath(names, path)),
  );

interface Match {
  readonly container: ContainerName;
  readonly pea: string | null;
}

const missing = ({ wasRead }: Names): Found => ({ kind: wasRead ? 'not-found' : 'unread' });

function only(names: Names, matches: readonly Match[]): Found {
  const [first, ...others] = matches;
  if (first === undefined) return missing(names);
  if (others.every(({ container }) => container === first.container)) {
    // The container itself, where one hierarchy shows its cgroup and another one that of a pea.
    const pea = others.every((one) => one.pea === first.pea) ? first.pea : null;
    return { kind: 'named', container: first.container, pea };
  }
  return { kind: 'ambiguous', containers: [...new Set(matches.map(({ container }) => container))] };
}

function lookUpId(names: Names, id: string): Found {
  const rest = withoutDirectory(id);
  if (isSharedId(id) || rest === '') return { kind: 'unnameable' };
  const exact = matchesOf(names, (name) => name === id || name === rest);
  // An id of this length may be the beginning of a longer one, even if a container has it whole.
  if (exact.length > 0 && id.length !== SHORT_ID_LENGTH) return only(names, exact);
  const beginning = matchesOf(names, (name) => name.startsWith(rest) || name.startsWith(id));
  return beginning.length > 0 && isTooShort(id) ? { kind: 'too-short' } : only(names, beginning);
}

/** Falco fills its 12 characters, whatever stands before the handle: `garden/479c5`. */
const isTooShort = (id: string): boolean =>
  withoutDirectory(id).length < MIN_HANDLE_PREFIX && id.length < SHORT_ID_LENGTH;

/** By handle, else by the name of a pea. */
const matchesOf = ({ containers }: Names, fits: (name: string) => boolean): readonly Match[] =>
  containers.flatMap((container): readonly Match[] => {
    if (fits(container.handle)) return [{ container, pea: null }];
    const pea = container.cgroups.find((cgroup) => cgroup.pea !== null && fits(cgroup.pea))?.pea;
    return pea === undefined ? [] : [{ container, pea }];
  });

const lookUpInode = (names: Names, inode: number): Found =>
  only(
    names,
    inCgroups(names, (cgroup) => (cgroup.inode === inode ? 0 : null)),
  );

const lookUpPath = (names: Names, path: ByteString): Found =>
  only(names, matchesOfPath(names, path));

/** Also of a path as another process sees it: below a mount, or in a cgroup namespace of its own. */
function matchesOfPath(names: Names, given: ByteString): readonly Match[] {
  const path = asByteString(given.replace(/ \(deleted\)$/, ''));
  const exact = matchesAt(names, path);
  if (exact.length > 0) return exact;
  const shown = path.replace(/^(?:\/\.\.)+(?=\/)/, '');
  return inCgroups(names, (cgroup) => endOfShown(shown, cgroup.path));
}

const matchesAt = (names: Names, path: ByteString): readonly Match[] =>
  inCgroups(names, (cgroup) => (isAtOrBelow(path, cgroup.path) ? cgroup.path.length : null));

/** gdn moves a container between `good` and `bad`. */
const withoutThrottling = (path: string): string =>
  path.replace(/\/(?:good|bad)(?=\/[^/]+(?:\/[^/]+)?$)/, '');

/**
 * Where in a path, as somebody else sees it, the directory of a cgroup ends; null: it is not there.
 * What is above may be a mount point, or may be missing.
 */
function endOfShown(shown: string, cgroup: ByteString): number | null {
  const name = nameOf(cgroup);
  const start = `${shown}/`.indexOf(`/${name}/`);
  if (start < 0) return null;
  const end = start + 1 + name.length;
  const own = withoutThrottling(cgroup);
  const top = withoutThrottling(shown.slice(0, end));
  return top.endsWith(own) || own.endsWith(top) ? end : null;
}

/**
 * Whatever is below the cgroup of a container belongs to that container, so the topmost one counts;
 * of its own cgroups the innermost one, which may be that of a pea.
 * @param endIn where in the path of the question a cgroup ends; null: it is not there
 */
function inCgroups(
  { containers }: Names,
  endIn: (cgroup: NamedCgroup) => number | null,
): readonly Match[] {
  const found = containers.flatMap((container) => {
    const ends = placesOf(container)
      .flatMap((cgroup) => {
        const end = endIn(cgroup);
        return end === null ? [] : [{ pea: cgroup.pea, end }];
      })
      .toSorted((a, b) => a.end - b.end);
    const [first] = ends;
    return first === undefined
      ? []
      : [{ match: { container, pea: (ends.at(-1) ?? first).pea }, top: first.end }];
  });
  const top = Math.min(...found.map((one) => one.top));
  return found.filter((one) => one.top === top).map(({ match }) => match);
}

/** Where a container is; the usual place of one that Garden lists and no pass has seen. */
const placesOf = ({ handle, status, cgroups }: ContainerName): readonly NamedCgroup[] =>
  status === null && cgroups.length === 0
    ? [{ controller: '', path: bytesOfText(`/garden/${handle}`), inode: null, pea: null }]
    : cgroups;
