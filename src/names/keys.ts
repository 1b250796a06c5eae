import type { ContainerName } from '../model/names.ts';
import { nameOf, parentOf } from '../model/paths.ts';

/** Falco and its container plugin keep so many characters of an id (libs runc.cpp:8-9). */
export const SHORT_ID_LENGTH = 12;

/**
 * What Falco's plugin may put before a handle: it takes the first component of a path for
 * containerd's namespace, so with CPU throttling `good` or `bad` becomes part of the id.
 */
const DIRECTORIES = ['good/', 'bad/', 'garden/'] as const;

/** The directory that a sensor put before the handle, such as `good/`; empty: none. */
export const directoryOf = (id: string): string =>
  DIRECTORIES.find((one) => id.startsWith(one)) ?? '';

/** An id without the directory that a sensor put before the handle. */
export const withoutDirectory = (id: string): string => id.slice(directoryOf(id).length);

/** All ids under which sensors may name a container: whole, and as far as Falco keeps them. */
export function keysOf(handle: string): readonly string[] {
  const whole = [handle, ...DIRECTORIES.map((directory) => `${directory}${handle}`)];
  return [...new Set([...whole, ...whole.map((key) => key.slice(0, SHORT_ID_LENGTH))])];
}

/** In the order in which Falco takes the cgroups of a process (libs auxmap_store_params.h:1703). */
const FALCO_ORDER = ['v2', 'cpuset', 'cpu', 'cpuacct', 'blkio', 'memory'];

/**
 * The whole id of which Falco keeps the beginning: `good/H` or `bad/H` where gdn throttles, else H.
 * On v1 only the cpu hierarchy moves a container to `bad`, and Falco reads cpuset before it.
 */
export function falcoIdOf({ handle, cgroups }: Pick<ContainerName, 'handle' | 'cgroups'>): string {
  const own = cgroups.filter(({ pea }) => pea === null);
  const isV1 = own.some(({ controller }) => controller !== 'v2');
  const order = isV1 ? FALCO_ORDER.slice(1) : FALCO_ORDER;
  const paths = order.flatMap((name) => own.find(({ controller }) => controller === name) ?? []);
  const path = (paths[0] ?? own[0])?.path;
  const parent = path === undefined ? '' : nameOf(parentOf(path));
  return parent === 'good' || parent === 'bad' ? `${parent}/${handle}` : handle;
}
