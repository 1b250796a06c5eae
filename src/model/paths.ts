import { asByteString, type ByteString } from './ids.ts';
import { cgroupVersion, type MountTable } from './mount.ts';
import { bytesOfText } from './text.ts';

/**
 * Whether a path or a root lies above the reader's cgroup namespace: the kernel prints it relative
 * to that namespace, with `/..` for every level up (cgroup_namespaces(7)). A cgroup called `..x`
 * does not lie above.
 */
export const isAboveNamespace = (path: ByteString): boolean =>
  path === '/..' || path.startsWith('/../');

export const ROOT = asByteString('/');

export const nameOf = (path: ByteString): ByteString =>
  asByteString(path.slice(path.lastIndexOf('/') + 1));

/** Leads to `/` from any text: a capture can hold a path that does not begin there. */
export const parentOf = (path: ByteString): ByteString => {
  const end = path.lastIndexOf('/');
  return end <= 0 ? ROOT : asByteString(path.slice(0, end));
};

export const joinPath = (directory: ByteString, name: string): ByteString =>
  asByteString(directory === '/' ? `/${name}` : `${directory}/${name}`);

/** Whether a text can be the name of a directory entry; `.` and `..` are not names. */
export const isEntryName = (name: ByteString): boolean =>
  name.length > 0 && name.length <= 255 && !/^\.\.?$|[/\0]/.test(name);

export const isBelow = (path: ByteString, ancestor: ByteString): boolean =>
  path !== ancestor && path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);

export const isAtOrBelow = (path: ByteString, ancestor: ByteString): boolean =>
  path === ancestor || isBelow(path, ancestor);

export function isBelowAny(path: ByteString, ancestors: ReadonlySet<ByteString>): boolean {
  if (ancestors.size === 0) return false;
  for (let at = path; at !== ROOT;) {
    at = parentOf(at);
    if (ancestors.has(at)) return true;
  }
  return false;
}

/** `garden`, or `garden-<tag>` (guardian command_linux.go:125). */
export const isGardenDirectory = (name: string): boolean => /^garden(?:-.+)?$/s.test(name);

/** The cgroup above pid 1's, if that is systemd's own. */
export const withoutInitScope = (path: ByteString): ByteString =>
  asByteString(path.replace(/\/init\.scope$/, '') || '/');

/**
 * Whether a cgroup is that of a bpm job, or below it: `bpm-<job>`, with `.scope` under systemd, or
 * `<unique>-bpm-<job>.scope` (bpm cgroups/cgroup.go:132-170).
 */
export const isInBpmJob = (path: ByteString, job: string): boolean =>
  path
    .split('/')
    .some(
      (name) =>
        name === `bpm-${job}` || name === `bpm-${job}.scope` || name.endsWith(`-bpm-${job}.scope`),
    );

/** Where the last component of this name ends; -1: none. Makes no text, as passes ask it often. */
export function endOfComponent(path: ByteString, name: ByteString): number {
  if (name === '' || name.includes('/')) return -1;
  for (let at = path.lastIndexOf(name); at > 0; at = path.lastIndexOf(name, at - 1)) {
    const end = at + name.length;
    if (path[at - 1] === '/' && (end === path.length || path[end] === '/')) return end;
  }
  return -1;
}

export const hasComponent = (path: ByteString, name: ByteString): boolean =>
  endOfComponent(path, name) !== -1;

/** The deepest directory that is at or above both paths. */
export function commonAncestor(a: ByteString, b: ByteString): ByteString {
  let ancestor = a;
  while (ancestor !== ROOT && !isAtOrBelow(b, ancestor)) ancestor = parentOf(ancestor);
  return ancestor;
}

/** The components below an ancestor, outermost first; the path must be at or below it. */
export const componentsBelow = (path: ByteString, ancestor: ByteString): readonly ByteString[] =>
  path
    .slice(ancestor === '/' ? 1 : ancestor.length + 1)
    .split('/')
    .filter((name) => name !== '')
    .map(asByteString);

/** Where this process opens a path of the cell, which it sees below `root`. */
export function pathBelow(root: string, path: ByteString): ByteString {
  const directory = root.replace(/(?<!\/)\/+$/, '');
  if (directory === '') return path;
  return asByteString(`${bytesOfText(directory)}${path.startsWith('/') ? '' : '/'}${path}`);
}

/**
 * The paths to stat before mounts can be chosen: the cgroup mounts in the cell's table, below the
 * root, and those in our own table, which we open instead if we are in another mount namespace.
 */
export function pathsToStat(
  cellTable: MountTable,
  ownTable: MountTable,
  root: string,
): readonly ByteString[] {
  const points = (table: MountTable): ByteString[] =>
    table.mounts.flatMap((mount) => (cgroupVersion(mount) === null ? [] : [mount.mountPoint]));
  return [
    ...new Set([...points(cellTable).map((path) => pathBelow(root, path)), ...points(ownTable)]),
  ];
}
