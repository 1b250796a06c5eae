import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { representativePid } from '../reconcile/observe/pids.ts';
import { unknownCause } from '../reconcile/unknown-cause.ts';
import type { CgroupDirectory } from '../model/cgroup-numbers.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import { parentOf, ROOT } from '../model/paths.ts';
import { pathIn } from '../model/process.ts';
import { pathBelowMount, type ReadableHierarchy } from '../mounts/resolve.ts';
import type { SensorReport } from '../model/sensor.ts';
import type { CgroupLevel, SensedCell } from '../sensors/sensed-cell.ts';
import { sensorReports } from '../sensors/sensor-reports.ts';

/** A cell as sensors see it; null if no container could be compared. */
export function sensedCell(pass: ObservedPass): SensedCell | null {
  const { snapshot, state, containers } = pass;
  if (unknownCause(state, snapshot) !== null) return null;
  const startTicks = snapshot.sensors?.startTicks;
  return {
    mounts: snapshot.mounts,
    mode: state.cgroups.mode,
    containers: containers.flatMap((container) => {
      const { handle, isListed, cgroup } = container;
      const pid = representativePid(cgroup);
      if (pid === null) return [];
      const membership = snapshot.answers.memberships.get(pid) ?? null;
      const startedAt = startTicks?.get(pid) ?? null;
      return [
        {
          handle,
          isListed,
          isCreated: isCreated(container, pass),
          membership,
          levels: levelsOf(pid, pass),
          startTicks: startedAt,
        },
      ];
    }),
  };
}

/** A container that lost its properties has lost `garden.state` with them. */
function isCreated(
  { handle, properties }: ObservedContainer,
  { state: { created } }: ObservedPass,
): boolean | null {
  if (created !== null) return created.has(handle);
  return properties && properties.properties?.['garden.state'] === 'created';
}

/** The cgroup of a process in v2 and those above it; null if their controllers were not read. */
function levelsOf(pid: number, pass: ObservedPass): readonly CgroupLevel[] | null {
  const { controllers, memberships } = pass.snapshot.answers;
  const path = pathIn(memberships.get(pid), 'v2');
  if (controllers.size === 0 || path === undefined) return null;
  return ancestry(pid, pass).map((at, _, [leaf = at]) => ({
    // As the kernel prints it, which in a private cgroup namespace has a prefix.
    path: asByteString(`${path.slice(0, path.length - leaf.length)}${at}`),
    controllers: controllers.get(at) ?? null,
  }));
}

/** A process's cgroup on a v2 cell, as the chosen mount shows it, and the cgroups above it. */
function ancestry(pid: number, { snapshot, state: { cgroups } }: ObservedPass): ByteString[] {
  const hierarchy = v2Of(cgroups);
  const membership = snapshot.answers.memberships.get(pid) ?? null;
  const path =
    hierarchy === null || membership === null ? null : pathBelowMount(membership, hierarchy);
  const levels: ByteString[] = [];
  for (let at = path; at !== null; at = at === ROOT ? null : parentOf(at)) levels.push(at);
  return levels;
}

const v2Of = ({ mode, hierarchies }: ObservedPass['state']['cgroups']): ReadableHierarchy | null =>
  (mode === 'v2' ? hierarchies.find(({ controller }) => controller === 'v2') : undefined) ?? null;

/** The v2 cgroups of all containers and those above: Falco asks which controllers each has. */
export function controllerQuestions(pass: ObservedPass): {
  readonly controllers: readonly CgroupDirectory[];
} {
  const openedAt = v2Of(pass.state.cgroups)?.openedAt;
  if (openedAt === undefined) return { controllers: [] };
  const paths = new Set(containerPids(pass.containers).flatMap((pid) => ancestry(pid, pass)));
  return { controllers: [...paths].map((path) => ({ openedAt, path })) };
}

/** One process for each container of a pass. */
export const containerPids = (containers: readonly ObservedContainer[]): readonly number[] =>
  containers.flatMap(({ cgroup }) => representativePid(cgroup) ?? []);

/** The sensors that run, or ran at the last search if this pass made none. */
export const sensorsOf = (pass: ObservedPass): readonly SensorReport[] =>
  pass.snapshot.sensors === null
    ? pass.memory.lastReport.sensors
    : sensorReports(pass.snapshot.sensors, sensedCell(pass));
