import type { CgroupDirectory } from '../model/cgroup-numbers.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import {
  namedApp,
  type NamedCgroup,
  type ContainerOfPass,
  type NamesOfPass,
} from '../model/names.ts';
import { nameOf } from '../model/paths.ts';
import type { ContainerReport, Report } from '../model/report.ts';
import type { ReadableHierarchy } from '../mounts/resolve.ts';
import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import type { ReusablePass } from '../reconcile/reuse/reusable-pass.ts';

/**
 * What the containers of a pass are called, with everything by which a sensor may name one.
 * @param before what the names until now come from; null: nothing that lasts
 */
export function namesOfPass(
  pass: ObservedPass,
  { verdict, containers }: Pick<Report, 'verdict' | 'containers'>,
  before: ReusablePass | null,
): NamesOfPass {
  const inodes = inodesOf(pass);
  const isSame = before?.pass.state.cgroups === pass.state.cgroups;
  const known: ReadonlySet<unknown> = new Set(
    isSame ? [...before.pass.containers, ...before.decision.report.containers] : [],
  );
  const observed = new Map(pass.containers.map((one) => [one.handle, one]));
  const changed = containers.filter(
    (container) => !known.has(container) || !known.has(observed.get(container.handle)),
  );
  return {
    at: Date.parse(pass.snapshot.listedAt),
    wasRead: verdict !== 'unknown',
    handles: containers.map(({ handle }) => handle),
    containers: changed.map((container) =>
      containerOfPass(container, observed.get(container.handle) ?? null, { pass, inodes }),
    ),
  };
}

interface Context {
  readonly pass: ObservedPass;
  readonly inodes: ReadonlyMap<ByteString, number>;
}

/** By path, in the primary hierarchy. */
function inodesOf({ snapshot: { primaryWalk } }: ObservedPass): ReadonlyMap<ByteString, number> {
  const directories = primaryWalk?.kind === 'read' ? primaryWalk.directories : [];
  return new Map(directories.map(({ path, inode }) => [path, inode]));
}

function containerOfPass(
  { handle, kind, app, status, privileged, cgroups: paths }: ContainerReport,
  observed: ObservedContainer | null,
  { pass, inodes }: Context,
): ContainerOfPass {
  const cgroup = observed?.cgroup ?? null;
  const own = cgroup === null ? [] : ownCgroups(cgroup, { pass, inodes });
  const others = Object.entries(paths)
    .filter(([controller, path]) => !own.some((one) => isSamePlace(one, controller, path)))
    .map(([controller, path]) => ({ controller, path, inode: null, pea: null }));
  const cgroups = [...own, ...others];
  const firstSeen = observed?.remembered?.firstSeen ?? pass.snapshot.at.wall;
  return {
    handle,
    kind,
    ...namedApp(app),
    status,
    isPrivileged: cgroup === null ? null : privileged,
    cgroups,
    firstSeen: Date.parse(firstSeen),
    inode: cgroup?.inode ?? null,
    pids: cgroup?.pids ?? [],
    unread: unreadOf(cgroups, pass.state.cgroups.hierarchies),
  };
}

const isSamePlace = (one: NamedCgroup, controller: string, path: ByteString): boolean =>
  one.controller === controller && one.path === path;

/** In the primary hierarchy: with both directories of a throttled one, and those of its peas. */
function ownCgroups(
  { path, directories, peas }: NonNullable<ObservedContainer['cgroup']>,
  { pass, inodes }: Context,
): readonly NamedCgroup[] {
  const controller = pass.state.cgroups.primary?.controller ?? null;
  if (controller === null) return [];
  const isPea = new Set(peas.map(({ name }) => asByteString(name)));
  const at = (one: ByteString, pea: string | null): NamedCgroup => ({
    controller,
    path: one,
    inode: inodes.get(one) ?? null,
    pea,
  });
  const tops = [...new Set([path, ...directories])];
  const own = tops.filter((one) => !isPea.has(nameOf(one)) || one === path);
  // Beside the container, or in its own directory; one deeper was made by the container itself.
  const places = new Set([
    ...tops,
    ...own.flatMap((one) => [...isPea].map((pea) => below(one, pea))),
  ]);
  const ofPeas = [...places].filter((one) => isPea.has(nameOf(one)) && inodes.has(one));
  return [...own.map((one) => at(one, null)), ...ofPeas.map((one) => at(one, nameOf(one)))];
}

const below = (path: ByteString, name: ByteString): ByteString => asByteString(`${path}/${name}`);

function unreadOf(
  cgroups: readonly NamedCgroup[],
  hierarchies: readonly ReadableHierarchy[],
): ReadonlyMap<number, CgroupDirectory> {
  const openedAt = new Map(hierarchies.map((one) => [one.controller, one.openedAt]));
  return new Map(
    cgroups.flatMap(({ controller, path, inode }, place) => {
      const root = openedAt.get(controller);
      return inode !== null || root === undefined ? [] : [[place, { openedAt: root, path }]];
    }),
  );
}
