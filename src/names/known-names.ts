import { isEqual } from '../model/equal.ts';
import type { ContainerProperties } from '../model/garden.ts';
import type { Handle } from '../model/ids.ts';
import type { EndedKnown } from '../model/answers.ts';
import {
  namedApp,
  type ContainerName,
  type Names,
  type NamingFacts,
  type ContainerOfPass,
  type NamesOfPass,
} from '../model/names.ts';

/** Ended containers are forgotten after this time. */
const ENDED_MILLISECONDS = 3_600_000;
/** Of which only so many are kept. */
const MAX_ENDED = 2000;

export const noNames = (now: number): Names => ({
  knownSince: now,
  wasRead: false,
  containers: [],
});

/** Of which ended containers an agent knows: those of the last hour, or those since it started. */
export const endedKnown = (knownSince: number, now: number): EndedKnown =>
  now - knownSince < ENDED_MILLISECONDS
    ? { since: new Date(knownSince).toISOString() }
    : 'last-hour';

/** Whether they stay the same after a pass that has read what the last one had. */
export const isCurrent = ({ wasRead, containers }: Names, now: number): boolean =>
  wasRead &&
  containers.every(
    ({ status, ended }) => status !== null && (ended === null || now - ended < ENDED_MILLISECONDS),
  );

/** Those of which more must be read once: new containers, and old ones in other cgroups. */
export function unknownIn(names: Names, pass: NamesOfPass): readonly ContainerOfPass[] {
  const known = byHandle(names);
  return pass.containers.filter((container) => {
    const before = known.get(container.handle);
    if (before === undefined || !isSameContainer(before, container)) return true;
    return [...container.unread.keys()].some(
      (place) => readBefore(before, container, place) === null,
    );
  });
}

const byHandle = ({ containers }: Names): ReadonlyMap<Handle, ContainerName> =>
  new Map(containers.map((one) => [one.handle, one]));

/** The container that had this handle before, not another one since. */
const isSameContainer = ({ ended, cgroups }: ContainerName, { inode }: ContainerOfPass): boolean =>
  ended === null && (inode === null || cgroups.some((cgroup) => cgroup.inode === inode));

/** The inode of a cgroup that an earlier pass has read; null: none has. */
function readBefore(
  { cgroups }: ContainerName,
  container: ContainerOfPass,
  place: number,
): number | null {
  const cgroup = container.cgroups[place];
  const before = cgroups.find(
    ({ controller, path }) => controller === cgroup?.controller && path === cgroup.path,
  );
  return before?.inode ?? null;
}

/**
 * What is known after a pass.
 * @param facts about those that `unknownIn` names
 */
export function namesAfter(
  before: Names,
  pass: NamesOfPass,
  facts: ReadonlyMap<Handle, NamingFacts>,
): Names {
  const known = byHandle(before);
  // The report then shows what was known last.
  if (!pass.wasRead && before.containers.length > 0) return { ...before, wasRead: false };
  const changed = new Map(pass.containers.map((container) => [container.handle, container]));
  const running = pass.handles.flatMap((handle) => {
    const name = known.get(handle) ?? null;
    const container = changed.get(handle);
    return container === undefined
      ? (name ?? [])
      : nameOf(container, name, facts.get(handle) ?? null);
  });
  const handles = new Set(pass.handles);
  const others = before.containers.filter(({ handle }) => !handles.has(handle));
  // Garden listed it after this pass had asked.
  const newer = others.filter(({ status, since }) => status === null && since >= pass.at);
  const ended = others
    .filter((one) => !newer.includes(one))
    .map((one) => ({ one, at: one.ended ?? pass.at }))
    .filter(({ at }) => pass.at - at < ENDED_MILLISECONDS)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MAX_ENDED)
    .map(({ one, at }) => (one.ended === at ? one : { ...one, ended: at }));
  const containers = [...running, ...newer, ...ended];
  const isSame =
    containers.length === before.containers.length &&
    containers.every((one, place) => one === before.containers[place]);
  return {
    ...before,
    wasRead: pass.wasRead,
    containers: isSame ? before.containers : containers,
  };
}

/** The earlier value if nothing of it has changed. All that can be equal are made here, with their keys in one order. */
function nameOf(
  container: ContainerOfPass,
  before: ContainerName | null,
  facts: NamingFacts | null,
): ContainerName {
  const { firstSeen, inode: _inode, pids: _pids, unread, ...name } = container;
  const same = before !== null && isSameContainer(before, container) ? before : null;
  const cgroups = name.cgroups.map((cgroup, place) =>
    unread.has(place)
      ? {
          ...cgroup,
          inode:
            facts?.inodes.get(place) ?? (same === null ? null : readBefore(same, container, place)),
        }
      : cgroup,
  );
  const since = facts?.startedAt ?? same?.since ?? firstSeen;
  const now = { ...name, cgroups, since, ended: null };
  return same !== null && isEqual(same, now) ? same : now;
}

/**
 * What is known after Garden was asked beside the passes. This only adds names: nothing else is
 * decided by it.
 * @param now Unix time in milliseconds
 */
export function namesWith(
  before: Names,
  listed: ReadonlyMap<Handle, ContainerProperties>,
  now: number,
): Names {
  const fresh = [...listed].map(([handle, { kind, app }]): ContainerName => ({
    handle,
    kind,
    ...namedApp(app),
    status: null,
    isPrivileged: null,
    since: now,
    ended: null,
    cgroups: [],
  }));
  if (fresh.length === 0) return before;
  const handles = new Set(fresh.map(({ handle }) => handle));
  const others = before.containers.filter(({ handle }) => !handles.has(handle));
  const running = others.filter(({ ended }) => ended === null);
  const ended = others.filter((one) => one.ended !== null);
  return { ...before, containers: [...running, ...fresh, ...ended] };
}
