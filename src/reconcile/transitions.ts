import type { Transition } from '../model/transition.ts';
import { memoryOfBoot, type Memory } from '../model/memory.ts';
import type { WarningReason } from '../model/cell-warning.ts';
import { controllerNames, type MountChoice } from '../model/hierarchy.ts';
import type { Mount } from '../model/mount.ts';
import type { UnknownCause, Report } from '../model/report.ts';
import type { RememberedSensor } from '../model/sensor.ts';

/** The knowledge of one agent before and after a pass. */
export interface PassChange {
  readonly memoryBefore: Memory;
  readonly memory: Memory;
  /** Null before the first pass of this process. */
  readonly reportBefore: Report | null;
  readonly report: Report;
}

/**
 * The changes of one pass. Findings come from memory, which outlives the process: a finding that
 * was reported before a restart is not reported again, and one that vanished during the restart is
 * reported as gone.
 */
export function transitionsOf(step: PassChange): readonly Transition[] {
  const { memoryBefore, memory, report } = step;
  // A reboot ends every container, warning, sensor and observation.
  const before = memoryOfBoot(memoryBefore, memory.bootId);
  return [
    ...mountTransitions(step),
    ...gardenTransitions(step),
    ...unknownTransitions(memoryBefore, memory, report.unknownCause),
    ...(before === memoryBefore ? [] : endedByReboot(memoryBefore)),
    // Any other change is known only from a pass that could compare.
    ...(memory.lastPass?.compared === true ? comparedTransitions(before.containers, step) : []),
    ...warningTransitions(before, step),
    ...sensorTransitions(before, step),
    ...observationTransitions(before, step),
  ];
}

const endedByReboot = ({ containers }: Memory): readonly Transition[] =>
  [...containers].flatMap(([handle, remembered]): Transition[] => {
    const { openReport } = remembered;
    return openReport === null
      ? []
      : [{ kind: 'gone', handle, remembered, openReport, how: 'rebooted' }];
  });

function comparedTransitions(
  earlier: Memory['containers'],
  { memory, report }: PassChange,
): readonly Transition[] {
  const changed: Transition[] = [];
  // Nothing of a container changes without its memory.
  if (earlier === memory.containers) return changed;
  for (const container of report.containers) {
    const before = earlier.get(container.handle);
    const now = memory.containers.get(container.handle);
    if (now === undefined) continue;
    const from = before?.firstSeen === now.firstSeen ? before.openReport : null;
    if (now.openReport === null) {
      if (from !== null) changed.push({ kind: 'recovered', container });
    } else if (from === null) changed.push({ kind: 'untracked', container, remembered: now });
    else if (from.reason !== now.openReport.reason) {
      changed.push({ kind: 'changed', container, remembered: now, from });
    }
  }
  const reported = new Set(report.containers.map(({ handle }) => handle));
  for (const [handle, before] of earlier) {
    // The handle has another incarnation, so the reported one is gone.
    const isAnother = memory.containers.get(handle)?.firstSeen !== before.firstSeen;
    const { openReport } = before;
    if (openReport !== null && (isAnother || !reported.has(handle))) {
      changed.push({ kind: 'gone', handle, remembered: before, openReport, how: 'vanished' });
    }
  }
  return changed;
}

/** Derived from memory, like findings. */
function warningTransitions(
  { warnings: before }: Memory,
  { memoryBefore, memory: { warnings: now, lastReport } }: PassChange,
): readonly Transition[] {
  const goesOn = (reason: WarningReason): boolean => before.has(reason) && now.has(reason);
  const ended = [...memoryBefore.warnings].filter(([reason]) => !goesOn(reason));
  const begun = lastReport.warnings.filter(({ reason }) => now.has(reason) && !before.has(reason));
  return [
    ...ended.map(([reason, { since }]): Transition => ({ kind: 'cell-recovered', reason, since })),
    ...begun.map((warning): Transition => ({ kind: 'cell-warning', warning })),
  ];
}

/** From memory: a sensor that kept running is not new to a restarted agent. */
function sensorTransitions(
  { sensors: before }: Memory,
  { memory, report }: PassChange,
): readonly Transition[] {
  const isIn = (list: readonly RememberedSensor[], { name, pid, startTicks }: RememberedSensor) =>
    list.some((one) => one.name === name && one.pid === pid && one.startTicks === startTicks);
  return [
    ...before
      .filter(({ name }) => !memory.sensors.some((now) => now.name === name))
      .map((sensor): Transition => ({ kind: 'sensor-stopped', sensor })),
    ...report.sensors
      .filter((sensor) => !isIn(before, sensor))
      .map((sensor): Transition => ({ kind: 'sensor-started', sensor })),
  ];
}

/** From memory, too. A sensor is never silent and missing containers at once. */
function observationTransitions(
  { observations: before }: Memory,
  { memory, report }: PassChange,
): readonly Transition[] {
  return report.observations.flatMap((observation): Transition[] => {
    const { name } = observation.sensor;
    const was = before.get(name)?.reported ?? { unseen: [], silent: false };
    const now = memory.observations.get(name)?.reported ?? was;
    const handles = now.unseen.filter((handle) => !was.unseen.includes(handle));
    return [
      ...(now.silent && !was.silent ? [{ kind: 'sensor-silent', observation } as const] : []),
      ...(was.silent && !now.silent ? [{ kind: 'sensor-available', observation } as const] : []),
      ...(handles.length > 0 ? [{ kind: 'sensor-unseen', observation, handles } as const] : []),
    ];
  });
}

function gardenTransitions({ memoryBefore, memory, report }: PassChange): Transition[] {
  const before = memoryBefore.gardenUnavailableSince;
  const now = memory.gardenUnavailableSince;
  if (before === null && now !== null && report.garden.state === 'unavailable') {
    return [{ kind: 'garden-unavailable', since: now, why: report.garden.why }];
  }
  return before !== null && now === null ? [{ kind: 'garden-available', since: before }] : [];
}

/** Derived from memory, too: a reported cause outlives Garden's absence and the process. */
export function unknownTransitions(
  { reportedCause: before }: Memory,
  { reportedCause: now }: Memory,
  cause: UnknownCause | null,
): readonly Transition[] {
  if (now === before) return [];
  if (now === null) return [{ kind: 'can-tell-again' }];
  return cause === null ? [] : [{ kind: 'could-not-tell', cause }];
}

function mountTransitions({ reportBefore, report }: PassChange): Transition[] {
  const choices = report.cgroups.hierarchies;
  if (reportBefore === null) return [{ kind: 'mounts-chosen', choices }];
  const now = new Map(choices.map((choice) => [nameOf(choice), choice]));
  const before = new Map(
    reportBefore.cgroups.hierarchies.map((choice) => [nameOf(choice), choice]),
  );
  return [...new Set([...before.keys(), ...now.keys()])].flatMap((hierarchy): Transition[] => {
    const from = before.get(hierarchy)?.chosen ?? null;
    const choice = now.get(hierarchy);
    const to = choice?.chosen ?? null;
    if (isSameMount(from, to)) return [];
    const why = choice?.why ?? 'No mount of it is left.';
    return [{ kind: 'mount-changed', hierarchy, from, to, why }];
  });
}

const nameOf = ({ hierarchy }: MountChoice): string => controllerNames(hierarchy).join(',');

const isSameMount = (a: Mount | null, b: Mount | null): boolean =>
  a?.mountPoint === b?.mountPoint && a?.device === b?.device && a?.root === b?.root;
