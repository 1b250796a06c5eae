import { asByteString, type ByteString } from '../model/ids.ts';
import { isAtOrBelow, isBelow, ROOT } from '../model/paths.ts';
import { pathIn, type Membership } from '../model/process.ts';
import type { RunningContainer, SensedCell } from './sensed-cell.ts';

/**
 * The cgroup paths that Falco has of a process, in its order; null: a cgroup has vanished.
 * @param isYounger the process came as a kernel event, not in the scan at Falco's start
 */
export function falcoPaths(
  container: RunningContainer,
  { mounts: { firstProcessPaths }, mode }: SensedCell,
  isYounger: boolean,
): readonly ByteString[] | null {
  const paths =
    mode === 'v2'
      ? pathsOfV2(container, firstProcessPaths, isYounger)
      : pathsOfV1(container.membership ?? {}, firstProcessPaths, isYounger);
  return isYounger ? (paths?.map(lastComponents) ?? null) : paths;
}

/** The order of the cgroups in a kernel event of Falco (libs auxmap_store_params.h:1703). */
const EVENT_ORDER = ['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory'] as const;
/** A kernel event has at most this many components of a path (MAX_CGROUP_PATH_POINTERS). */
const MAX_COMPONENTS = 6;

const lastComponents = (path: ByteString): ByteString => {
  const components = path.split('/').slice(1);
  return components.length <= MAX_COMPONENTS
    ? path
    : asByteString(`/${components.slice(-MAX_COMPONENTS).join('/')}`);
};

function pathsOfV1(
  membership: Membership,
  firstProcess: Membership | null,
  isYounger: boolean,
): readonly ByteString[] {
  const all = Object.keys(membership).filter((name) => name !== 'v2');
  const order = isYounger ? EVENT_ORDER.filter((name) => all.includes(name)) : all;
  return order.flatMap((name) => {
    const path = pathIn(membership, name);
    return path === undefined ? [] : [belowScope(path, firstProcess, name)];
  });
}

/**
 * For each controller, Falco takes the innermost cgroup that has it, so a cgroup without controllers
 * does not count. At its start it begins with those of the innermost one
 * (scap_cgroup_resolve_v2). Without their controllers, the cgroup is taken to have all, as those of
 * a real gdn have. Null: a cgroup has vanished.
 */
function pathsOfV2(
  { membership, levels }: RunningContainer,
  firstProcess: Membership | null,
  isYounger: boolean,
): readonly ByteString[] | null {
  if (levels === null) {
    const path = pathIn(membership, 'v2');
    return path === undefined ? [] : [belowScope(path, firstProcess, 'v2')];
  }
  const known: { readonly path: ByteString; readonly controllers: readonly string[] }[] = [];
  for (const { path, controllers } of levels) {
    if (controllers === null) return null;
    known.push({ path: belowScope(path, firstProcess, 'v2'), controllers });
  }
  const names = isYounger
    ? EVENT_ORDER.map((name) => (name === 'blkio' ? 'io' : name))
    : new Set(known.flatMap(({ controllers }) => controllers));
  return [...names].flatMap(
    (name) => known.find(({ controllers }) => controllers.includes(name))?.path ?? [],
  );
}

/** The path as a sensor reads it on a cell whose pid 1 is at the top. */
function belowScope(
  path: ByteString,
  firstProcess: Membership | null,
  controller: string,
): ByteString {
  const scope = asByteString(
    (pathIn(firstProcess, controller) ?? '/').replace(/\/init\.scope$/, '') || '/',
  );
  if (isBelow(path, scope)) return scope === '/' ? path : asByteString(path.slice(scope.length));
  return isAtOrBelow(scope, path) ? ROOT : path;
}
