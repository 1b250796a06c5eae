import { asByteString, type ByteString } from './ids.ts';

/**
 * Whether a path or a root begins above the cgroup namespace of whoever read it: the kernel prints it relative to that
 * namespace, with `/..` for every level up (cgroup_namespaces(7)). A cgroup called `..x` is not above.
 */
export const isAboveNamespace = (path: ByteString): boolean =>
  path === '/..' || path.startsWith('/../');

export const ROOT = asByteString('/');

export const nameOf = (path: ByteString): ByteString =>
  asByteString(path.slice(path.lastIndexOf('/') + 1));

export const parentOf = (path: ByteString): ByteString =>
  asByteString(path.slice(0, Math.max(1, path.lastIndexOf('/'))));

export const joinPath = (directory: ByteString, name: string): ByteString =>
  asByteString(directory === '/' ? `/${name}` : `${directory}/${name}`);

export const isBelow = (path: ByteString, ancestor: ByteString): boolean =>
  path !== ancestor && path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`);

export const isAtOrBelow = (path: ByteString, ancestor: ByteString): boolean =>
  path === ancestor || isBelow(path, ancestor);

/** Whether a directory of this name is on the way to the path, or is its end. A name with a slash is none. */
export const hasComponent = (path: ByteString, name: ByteString): boolean =>
  name !== '' && !name.includes('/') && (path.endsWith(`/${name}`) || path.includes(`/${name}/`));

/** The components below an ancestor, outermost first; the path must be at or below it. */
export const componentsBelow = (path: ByteString, ancestor: ByteString): readonly ByteString[] =>
  path
    .slice(ancestor === '/' ? 1 : ancestor.length + 1)
    .split('/')
    .filter((name) => name !== '')
    .map(asByteString);
