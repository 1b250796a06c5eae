import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { representativePid } from '../reconcile/observe/pids.ts';
import type { Decision } from '../reconcile/reconcile.ts';
import type { SensedCell } from '../sensors/predict.ts';
import { rememberedSensors, sensorReports } from '../sensors/sensor-reports.ts';

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

/**
 * The decision of a pass with the sensors that run: those of the last search if this pass made
 * none.
 */
export function withSensors(decision: Decision, pass: ObservedPass): Decision {
  const inputs = pass.snapshot.sensors;
  const { report, memory } = decision;
  if (inputs === null) {
    return { ...decision, report: { ...report, sensors: memory.lastShown.sensors } };
  }
  const sensors = sensorReports(inputs, sensedCell(pass));
  return {
    ...decision,
    report: { ...report, sensors },
    memory: {
      ...memory,
      sensors: rememberedSensors(sensors),
      lastShown: { ...memory.lastShown, sensors },
    },
  };
}
