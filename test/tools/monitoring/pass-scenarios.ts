import { NO_ACCOUNT } from '../../../src/model/ledger.ts';
import type { CellWarning } from '../../../src/model/cell-warning.ts';
import { asByteString, asHandle } from '../../../src/model/ids.ts';
import type { SensorObservation } from '../../../src/model/observation.ts';
import {
  always,
  AWAY,
  between,
  cellThat,
  cellWith,
  finding,
  gardenAwaySince,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  since,
  type Cell,
  type Change,
} from './cell-story.ts';
import { observation } from '../../present/agent-state-builder.ts';
import { firing, scenarioWith, type Scenario } from './scenario.ts';

const warning = (one: CellWarning): Change => ({
  report: {
    cell: {
      hostname: 'c1',
      bootId: 'b',
      bosh: null,
      scopes: { memory: asByteString('/') },
      warnings: [one],
    },
  },
});
const NONE_LEFT = { overlay: 0, namespace: 0, address: 0, reservation: 0, policy: 0, depot: 0 };
const leaking = (address: number, reservation: number): Change => ({
  report: { ledgers: { ...NO_ACCOUNT, leftovers: { ...NONE_LEFT, address, reservation } } },
});
const holding = (gibibytes: number): Change => ({
  report: { unaccounted: { memoryBytes: gibibytes * 1024 ** 3, pids: 30 } },
});
const slow = (seconds: number): Change => ({ report: { durationMilliseconds: seconds * 1000 } });
const gardenAway = (seconds: number): Change => ({
  report: { ...gardenAwaySince(600), durationMilliseconds: seconds * 1000 },
});
const seenBy = (change: Partial<SensorObservation>): Change => ({
  report: { observations: [observation({ unseen: [], ...change })] },
});

const THROTTLING = warning({
  reason: 'limit-lost',
  containers: 3,
  worst: asHandle('h'),
  holds: { resource: 'memory', holds: 3, limit: 2 },
  limits: ['memory.max'],
});
const NO_REP = warning({ reason: 'no-rep', containers: 19 });
const BLIND = seenBy({ seen: 0, unseen: [asHandle('a'), asHandle('b')] });
const GARDEN_AWAY: Change = { report: gardenAwaySince(600) };
const NOT_COMPARED: Change = {
  report: { verdict: 'unknown', unknownCause: { kind: 'no-anchor', gdns: 'none' } },
};
const BEFORE_FIRST_PASS: Change = { report: null, state: { lastReconcileSeconds: 0 } };
const mountsChanged = (count: number): Change => ({ state: { mountsChanged: count } });
/** What lost its owner while Garden was away rep destroys after it is back. */
const UNOWNED_PENDING: Change = {
  containers: [finding('h-1', 780, { reason: 'unowned', status: 'pending', app: null })],
};

const throttled = cellWith(between(10, 40, THROTTLING));
const gardenGone = cellWith(between(10, 40, gardenAway(10)));
/** Not well in its last three minutes; then it comes back under another address, healthy. */
const unwellBefore = (change: Change): readonly Cell[] =>
  readdressed(cellWith(since(17, change)), 20, 23);
/** In every other minute gdn has released them. */
const THROTTLED_AGAIN: Cell = {
  ...throttled,
  at: (t) => (Math.floor(t / MINUTE) % 2 === 0 ? throttled.at(t) : heard(t)),
};
/** Two scrapes are lost every three minutes. */
const SCRAPES_LOST: Cell = {
  ...gardenGone,
  at: (t) => (t % (3 * MINUTE) < MINUTE ? SILENT : gardenGone.at(t)),
};
/** The longest timeout and the longest interval lie between the ends of two passes. */
const GARDEN_HANGS = cellThat(1, (t) =>
  heard(
    t,
    t < 10 * MINUTE
      ? {}
      : { ...gardenAway(60), state: { lastReconcileSeconds: t - ((t - 10 * MINUTE) % 120) } },
  ),
);
/** Its clock is five minutes behind; stories begin in 1970. */
const CLOCK_BEHIND = cellThat(1, (t) =>
  heard(t, {
    report: t >= 20 * MINUTE ? gardenAwaySince(900) : {},
    state: { lastReconcileSeconds: t + 55 * MINUTE },
  }),
);
/** A crash-looping app, whose containers come and go. */
const CHURNING = cellThat(1, (t) =>
  heard(t, {
    containers: Array.from({ length: (t / 30) % 7 }, (_, index) =>
      finding(`h-${index}-${t}`, t, {
        status: 'pending',
        reason: 'no-cgroup',
        severity: 'warning',
      }),
    ),
  }),
);

export const PASS_SCENARIOS: readonly Scenario[] = [
  scenarioWith({
    title: 'gdn throttles three containers on cgroup v2 again and again',
    minutes: 60,
    cells: [THROTTLED_AGAIN],
    fires: [
      firing('RollcallLimitLost', {
        from: 25,
        until: 44,
        value: '3',
        labels: { severity: 'warning' },
      }),
    ],
  }),
  scenarioWith({
    title: 'gdn throttles containers on cgroup v2 while they start, for two minutes',
    minutes: 40,
    cells: [cellWith(between(10, 12, THROTTLING))],
  }),
  scenarioWith({
    title: 'lost containers hold two gibibytes',
    minutes: 60,
    cells: [cellWith(between(10, 40, holding(2)))],
    fires: [firing('RollcallUnaccountedMemory', { from: 20, until: 40, value: '2Gi' })],
  }),
  scenarioWith({
    title: 'no rep runs for half an hour',
    minutes: 50,
    cells: [cellWith(between(10, 40, NO_REP))],
    fires: [firing('RollcallNoRep', { from: 15, until: 40 })],
  }),
  scenarioWith({
    title: 'a rep that is away for four minutes',
    minutes: 30,
    cells: [cellWith(between(10, 14, NO_REP))],
  }),
  scenarioWith({
    title: 'three addresses of a cell are leaked',
    minutes: 60,
    cells: [cellWith(always(leaking(0, 0)), between(10, 40, leaking(3, 2)))],
    fires: [firing('RollcallAddressesLeaked', { from: 20, until: 40, value: '3' })],
  }),
  scenarioWith({
    title: 'no address of a cell is leaked',
    minutes: 40,
    cells: [cellWith(always(leaking(0, 0)))],
  }),
  scenarioWith({
    title: 'lost containers hold half a gibibyte',
    minutes: 40,
    cells: [cellWith(between(10, 40, holding(0.5)))],
  }),
  scenarioWith({
    title: 'a sensor does not see two containers, dies, and comes back silent: one alert',
    minutes: 45,
    cells: [
      cellWith(
        always(seenBy({})),
        between(10, 20, BLIND),
        between(20, 25, seenBy({ isUp: false, isSilent: true })),
        between(25, 30, seenBy({ isSilent: true })),
      ),
    ],
    fires: [
      firing('RollcallSensorBlind', {
        from: 15,
        until: 20,
        value: '2',
        labels: { sensor: 'tracee' },
      }),
      firing('RollcallSensorBlind', {
        from: 20,
        until: 30,
        value: '0',
        labels: { sensor: 'tracee' },
      }),
    ],
  }),
  scenarioWith({
    title: 'a sensor restarts within four minutes',
    minutes: 30,
    cells: [cellWith(always(seenBy({})), between(10, 14, seenBy({ isUp: false })))],
  }),
  scenarioWith({
    title:
      'Garden cannot be read for half an hour; slow passes and "could not tell" do not add to it',
    minutes: 50,
    cells: [cellWith(between(10, 40, gardenAway(10)))],
    fires: [firing('RollcallGardenUnavailable', { from: 15, until: 40 })],
  }),
  scenarioWith({
    title: 'the same, with two scrapes lost every three minutes',
    minutes: 35,
    cells: [SCRAPES_LOST],
    fires: [firing('RollcallGardenUnavailable', { from: 15, until: 99 })],
  }),
  scenarioWith({
    title: 'Garden hangs, and each pass waits for it as long as it may',
    minutes: 60,
    cells: [GARDEN_HANGS],
    fires: [firing('RollcallGardenUnavailable', { from: 15, until: 99 })],
  }),
  scenarioWith({
    title: 'Garden cannot be read on a cell whose clock is five minutes behind',
    minutes: 40,
    cells: [CLOCK_BEHIND],
    fires: [firing('RollcallGardenUnavailable', { from: 25, until: 99 })],
  }),
  scenarioWith({
    title: 'Garden hung, and recovers: nobody calls the passes slow afterwards',
    minutes: 50,
    cells: [cellWith(between(10, 22, gardenAway(20)))],
    fires: [firing('RollcallGardenUnavailable', { from: 15, until: 22 })],
  }),
  scenarioWith({
    title: 'Garden hangs, and somebody recreates the cell',
    minutes: 50,
    cells: [cellWith(between(10, 22, gardenAway(20)), between(14, 22, AWAY))],
    fires: [
      firing('RollcallGardenUnavailable', {
        from: 15,
        until: { direct: 17, firehose: 18, healthwatch: 18 },
      }),
    ],
  }),
  scenarioWith({
    title: 'two minutes of slow passes, then the agent is away for eight',
    minutes: 60,
    cells: [cellWith(between(20, 22, slow(20)), between(22, 30, SILENT))],
  }),
  scenarioWith({
    title: 'Garden is away for three minutes, and rep destroys all when it is back',
    minutes: 30,
    cells: [cellWith(between(10, 13, GARDEN_AWAY), between(13, 15, UNOWNED_PENDING))],
  }),
  scenarioWith({
    title: 'Garden answers, but nothing can be compared',
    minutes: 50,
    cells: [cellWith(between(10, 40, NOT_COMPARED))],
    fires: [firing('RollcallCouldNotTell', { from: 20, until: 40 })],
  }),
  scenarioWith({
    title:
      'nothing can be compared for three minutes, then the cell is recreated under another address',
    minutes: 50,
    cells: [...unwellBefore(NOT_COMPARED)],
  }),
  scenarioWith({
    title: 'three minutes of slow passes, then the cell is recreated under another address',
    minutes: 50,
    cells: [...unwellBefore(slow(30))],
  }),
  scenarioWith({
    title: 'the first pass does not end, and nobody blames Garden',
    minutes: 35,
    cells: [cellWith(between(0, 30, BEFORE_FIRST_PASS))],
    fires: [firing('RollcallCouldNotTell', { from: 10, until: 30 })],
  }),
  scenarioWith({
    title: 'another mount shows a hierarchy',
    minutes: 80,
    cells: [cellWith(always(mountsChanged(1)), since(10, mountsChanged(2)))],
    fires: [firing('RollcallMountsChanged', { from: 10, until: 70 })],
  }),
  scenarioWith({
    title: 'passes take eight seconds for half an hour',
    minutes: 39,
    cells: [cellWith(between(10, 40, slow(8)))],
    fires: [firing('RollcallReconcileTooSlow', { from: 23, until: 99, value: '8s' })],
  }),
  scenarioWith({
    title: 'a crash-looping app: differences that never last',
    minutes: 30,
    cells: [CHURNING],
  }),
];
