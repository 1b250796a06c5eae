import type { Reason, Severity } from '../../../src/model/finding.ts';
import type { ContainerReport } from '../../../src/model/report.ts';
import {
  AWAY,
  between,
  cellThat,
  finding,
  gardenAwaySince,
  heard,
  MINUTE,
  type Cell,
  type Change,
} from './cell-story.ts';
import { untrackedFires } from './finding-scenarios.ts';
import { gardenFires } from './pass-scenarios.ts';
import type { Scenario } from './scenario.ts';

/*
 * What happened beside a real rep, BBS and gdn, with the times that were measured, and which alert
 * follows. Most of it heals, and nobody is to be woken for that.
 */

/** When it begins, in seconds; the agent's passes fall on multiples of 30 seconds here. */
const START = 10 * MINUTE;

const cellOf = (change: (seconds: number) => Change): Cell =>
  cellThat(1, (t) => heard(t, change(t)));

const pending = (reason: Reason, since = START): ContainerReport =>
  finding('h-1', since, { reason, status: 'pending', app: null });

const untracked = (
  handle: string,
  reason: Reason,
  severity: Severity = 'critical',
): ContainerReport => finding(handle, START, { reason, severity, app: null });

/** Garden cannot be read for some seconds. */
const gardenAway = (seconds: number, rest: (t: number) => Change = () => ({})) =>
  cellOf((t) => (t >= START && t < START + seconds ? { report: gardenAwaySince(START) } : rest(t)));

const pendingFor = (reason: Reason, seconds: number, from = START): Cell =>
  cellOf((t) => ({
    containers: t >= from && t < from + seconds ? [pending(reason, from)] : [],
  }));

interface Story {
  readonly title: string;
  /** Of one reason and severity. */
  readonly found: readonly ContainerReport[];
  /** Minutes: pending before the first one, over at the second one. */
  readonly from: number;
  readonly until: number;
  /** The cell goes with the finding. */
  readonly recreated?: boolean;
}

/** Findings that are pending at first, and end when somebody acts. */
function found({ title, found: containers, from, until, recreated = false }: Story): Scenario {
  const cell = cellThat(1, (t) => {
    if (recreated && between(t, until, until + 5)) return AWAY;
    const shown = t < from * MINUTE ? containers.map(asPending) : containers;
    return heard(t, { containers: t >= START && t < until * MINUTE ? shown : [] });
  });
  // The finding of a cell that is away stays until its agent is heard again.
  const end = recreated ? until + 5 : until;
  const [{ reason, severity } = { reason: null, severity: null }] = containers;
  if (reason === null || severity === null) throw new Error(`${title}: nothing is untracked`);
  const count = containers.length;
  const fires = [untrackedFires(cell, from, end, { reason, severity, count })];
  return { title, cells: [cell], minutes: end + 20, fires };
}

const asPending = (one: ContainerReport): ContainerReport => ({ ...one, status: 'pending' });

const orphan = cellOf((t) => ({
  containers: t >= 11 * MINUTE ? [untracked('h-1', 'unowned')] : [],
  report: between(t, 20, 21) ? gardenAwaySince(20 * MINUTE) : {},
}));
const deadContainerd = gardenAway(30 * MINUTE);
const unownedTwo = [untracked('h-1', 'unowned'), untracked('h-2', 'unowned')];

export const DIEGO_SCENARIOS: readonly Scenario[] = [
  {
    title: 'gdn is killed, and rep, which lived on, destroys all within 35 seconds',
    cells: [pendingFor('unowned', 35)],
    minutes: 30,
  },
  {
    title: 'the same on a cell with 250 containers: 70 seconds',
    cells: [pendingFor('unowned', 70)],
    minutes: 30,
  },
  {
    title: 'gdn is away for three minutes, and rep destroys all when it is back',
    cells: [
      gardenAway(180, (t) => ({
        containers: t >= START && t < START + 210 ? [pending('unowned', START + 180)] : [],
      })),
    ],
    minutes: 30,
  },
  {
    title: 'gdn is restarted gracefully: every app crashes and is replaced, nothing is untracked',
    cells: [gardenAway(30)],
    minutes: 30,
  },
  {
    title:
      'rep alone is killed or stopped: it destroys what it owns at its start or before its end',
    cells: [cellThat(1, (t) => heard(t))],
    minutes: 30,
  },
  {
    title: 'BBS is away while gdn is killed, so rep removes them two minutes later',
    cells: [pendingFor('unowned', 113)],
    minutes: 30,
  },
  {
    title: 'the network plugin fails for a minute, and its next destroy works',
    cells: [pendingFor('no-cgroup', 60)],
    minutes: 30,
  },
  {
    title: 'containerd is dead for 75 seconds: all apps are terminated and replaced',
    cells: [gardenAway(75)],
    minutes: 30,
  },
  {
    title: 'an evacuation: the apps ignore TERM, are killed, and the cell goes',
    cells: [cellThat(1, (t) => (between(t, 12, 18) ? AWAY : heard(t)))],
    minutes: 40,
  },
  {
    title: 'containerd stays dead',
    cells: [deadContainerd],
    minutes: 50,
    fires: [gardenFires(deadContainerd, 15, 40)],
  },
  found({
    title: 'gdn and rep are killed: unowned for good, until each is deleted through Garden',
    found: unownedTwo,
    from: 11,
    until: 60,
  }),
  found({
    title: 'gdn is killed, and no rep runs: unowned after four grace periods',
    found: [untracked('h-1', 'unowned')],
    from: 12,
    until: 40,
  }),
  {
    title: 'after gdn and rep were killed gdn is restarted gracefully: the orphan stays, one alert',
    cells: [orphan],
    minutes: 40,
    fires: [untrackedFires(orphan, 11, 99, { reason: 'unowned' })],
  },
  found({
    title: 'BBS stays away: rep still has it and does not remove it',
    found: [untracked('h-1', 'unowned')],
    from: 12,
    until: 40,
  }),
  found({
    title: 'the network plugin hangs: a destroy never ends, and rep would exit at its next start',
    found: [untracked('h-1', 'no-cgroup', 'warning')],
    from: 12,
    until: 40,
  }),
  found({
    title: 'the depot is lost: the app runs twice until the cell is recreated',
    found: [untracked('h-1', 'unknown-to-garden')],
    from: 11,
    until: 40,
    recreated: true,
  }),
  found({
    title: "containerd's metadata is lost: only garden-init is left",
    found: [untracked('h-1', 'unknown-to-garden', 'warning')],
    from: 11,
    until: 40,
    recreated: true,
  }),
  found({
    title: 'an operator enters a container with nsenter, and leaves it',
    found: [untracked('h-1', 'escaped', 'warning')],
    from: 11,
    until: 20,
  }),
  found({
    title: 'a process leaves the cgroups of its container',
    found: [untracked('h-1', 'escaped')],
    from: 11,
    until: 40,
  }),
];
