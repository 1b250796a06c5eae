import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { representativePid } from '../reconcile/observe/pids.ts';
import type { SensorReport } from '../model/sensor.ts';
import type { SensedCell } from '../sensors/predict.ts';
import { sensorReports } from '../sensors/sensor-reports.ts';

/** A cell as sensors see it; null if no container could be compared. */
export function sensedCell({ snapshot, state, containers }: ObservedPass): SensedCell | null {
  if (state.view === null || state.listed === null) return null;
  const startTicks = snapshot.sensors?.startTicks;
  return {
    mounts: snapshot.mounts,
    mode: state.cgroups.mode,
    containers: containers.flatMap(({ handle, listedBy, cgroup }) => {
      const pid = representativePid(cgroup);
      if (pid === null) return [];
      const membership = snapshot.answers.memberships.get(pid) ?? null;
      return [{ handle, listedBy, membership, startTicks: startTicks?.get(pid) ?? null }];
    }),
  };
}

/** One process for each container of a pass. */
export const containerPids = (containers: readonly ObservedContainer[]): readonly number[] =>
  containers.flatMap(({ cgroup }) => representativePid(cgroup) ?? []);

/** The sensors that run, or ran at the last search if this pass made none. */
export const sensorsOf = (pass: ObservedPass): readonly SensorReport[] =>
  pass.snapshot.sensors === null
    ? pass.memory.lastShown.sensors
    : sensorReports(pass.snapshot.sensors, sensedCell(pass));
