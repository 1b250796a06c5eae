import { NO_ACCOUNT } from '../../../src/model/ledger.ts';
import type { CellWarning } from '../../../src/model/cell-warning.ts';
import { asByteString, asHandle } from '../../../src/model/ids.ts';
import type { SensorObservation } from '../../../src/model/observation.ts';
import {
  cellOf,
  cellThat,
  finding,
  gardenAwaySince,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  type Cell,
  type Change,
  type Moments,
} from './cell-story.ts';
import { observation } from '../../present/agent-state-builder.ts';
import { storiesOf } from './scenario.ts';

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
  report: { held: { memoryBytes: gibibytes * 1024 ** 3, pids: 30 } },
});
const slow = (seconds: number): Change => ({ report: { durationMilliseconds: seconds * 1000 } });
const gardenAway = (seconds: number): Change => ({
  report: { ...gardenAwaySince(600), durationMilliseconds: seconds * 1000 },
});
const seenBy = (change: Partial<SensorObservation>): Change => ({
  report: { observations: [observation({ unseen: [], ...change })] },
});

const MOMENTS: Moments = {
  throttling: warning({
    reason: 'limit-lost',
    containers: 3,
    worst: asHandle('h'),
    holds: { resource: 'memory', holds: 3, limit: 2 },
    limits: ['memory.max'],
  }),
  'no-rep': warning({ reason: 'no-rep', containers: 19 }),
  'two-gibibytes': holding(2),
  'half-a-gibibyte': holding(0.5),
  'leaking-none': leaking(0, 0),
  'leaking-three': leaking(3, 2),
  seen: seenBy({}),
  blind: seenBy({ seen: 0, unseen: [asHandle('a'), asHandle('b')] }),
  dead: seenBy({ isUp: false, isSilent: true }),
  down: seenBy({ isUp: false }),
  quiet: seenBy({ isSilent: true }),
  'garden-away': { report: gardenAwaySince(600) },
  'garden-away-slow': gardenAway(10),
  'garden-hung': gardenAway(20),
  'slow-8': slow(8),
  'slow-20': slow(20),
  'slow-30': slow(30),
  'not-compared': {
    report: { verdict: 'unknown', unknownCause: { kind: 'no-anchor', gdns: 'none' } },
  },
  'before-first-pass': { report: null, state: { lastReconcileSeconds: 0 } },
  mounted: { state: { mountsChanged: 1 } },
  remounted: { state: { mountsChanged: 2 } },
  'unowned-pending': {
    containers: [finding('h-1', 780, { reason: 'unowned', status: 'pending', app: null })],
  },
};
const throttled = cellOf('throttling 10 40', MOMENTS);
const gardenGone = cellOf('garden-away-slow 10 40', MOMENTS);
/** Not well in its last three minutes; then it comes back under another address, healthy. */
const unwellBefore = (moment: string): readonly Cell[] =>
  readdressed(cellOf(`${moment} 17`, MOMENTS), 20, 23);

// What lost its owner while Garden was away rep destroys after it is back.
export const PASS_SCENARIOS = storiesOf(
  `
gdn throttles three containers on cgroup v2 again and again | 60 | throttledAgain | LimitLost=3,severity=warning 25 44
gdn throttles containers on cgroup v2 while they start, for two minutes | 40 | throttling 10 12
lost containers hold two gibibytes | 60 | two-gibibytes 10 40 | LostMemory=2Gi 20 40
no rep runs for half an hour | 50 | no-rep 10 40 | NoRep 15 40
a rep that is away for four minutes | 30 | no-rep 10 14
three addresses of a cell are leaked | 60 | leaking-none, leaking-three 10 40 | AddressesLeaked=3 20 40
no address of a cell is leaked | 40 | leaking-none
lost containers hold half a gibibyte | 40 | half-a-gibibyte 10 40
a sensor does not see two containers, dies, and comes back silent: one alert | 45 | seen, blind 10 20, dead 20 25, quiet 25 30 | SensorBlind=2,sensor=tracee 15 20; SensorBlind=0,sensor=tracee 20 30
a sensor restarts within four minutes | 30 | seen, down 10 14
Garden cannot be read for half an hour; slow passes and "could not tell" do not add to it | 50 | garden-away-slow 10 40 | GardenUnavailable 15 40
the same, with two scrapes lost every three minutes | 35 | scrapesLost | GardenUnavailable 15 99
Garden hangs, and each pass waits for it as long as it may | 60 | gardenHangs | GardenUnavailable 15 99
Garden cannot be read on a cell whose clock is five minutes behind | 40 | clockBehind | GardenUnavailable 25 99
Garden hung, and recovers: nobody calls the passes slow afterwards | 50 | garden-hung 10 22 | GardenUnavailable 15 22
Garden hangs, and somebody recreates the cell | 50 | garden-hung 10 22, away 14 22 | GardenUnavailable 15 17/18/18
two minutes of slow passes, then the agent is away for eight | 60 | slow-20 20 22, silent 22 30
Garden is away for three minutes, and rep destroys all when it is back | 30 | garden-away 10 13, unowned-pending 13 15
Garden answers, but nothing can be compared | 50 | not-compared 10 40 | CouldNotTell 20 40
nothing can be compared for three minutes, then the cell is recreated under another address | 50 | notComparedBefore
three minutes of slow passes, then the cell is recreated under another address | 50 | slowBefore
the first pass does not end, and nobody blames Garden | 35 | before-first-pass 0 30 | CouldNotTell 10 30
another mount shows a hierarchy | 80 | mounted, remounted 10 | MountsChanged 10 70
passes take eight seconds for half an hour | 39 | slow-8 10 40 | ReconcileTooSlow=8s 23 99
a crash-looping app: differences that never last | 30 | churning
`,
  MOMENTS,
  {
    // In every other minute gdn has released them.
    throttledAgain: {
      ...throttled,
      at: (t) => (Math.floor(t / MINUTE) % 2 === 0 ? throttled.at(t) : heard(t)),
    },
    scrapesLost: {
      ...gardenGone,
      at: (t) => (t % (3 * MINUTE) < MINUTE ? SILENT : gardenGone.at(t)),
    },
    // The longest timeout and the longest interval lie between the ends of two passes.
    gardenHangs: cellThat(1, (t) =>
      heard(
        t,
        t < 10 * MINUTE
          ? {}
          : { ...gardenAway(60), state: { lastReconcileSeconds: t - ((t - 10 * MINUTE) % 120) } },
      ),
    ),
    // Stories begin in 1970.
    clockBehind: cellThat(1, (t) =>
      heard(t, {
        report: t >= 20 * MINUTE ? gardenAwaySince(900) : {},
        state: { lastReconcileSeconds: t + 55 * MINUTE },
      }),
    ),
    notComparedBefore: unwellBefore('not-compared'),
    slowBefore: unwellBefore('slow-30'),
    churning: cellThat(1, (t) =>
      heard(t, {
        containers: Array.from({ length: (t / 30) % 7 }, (_, index) =>
          finding(`h-${index}-${t}`, t, {
            status: 'pending',
            reason: 'no-cgroup',
            severity: 'warning',
          }),
        ),
      }),
    ),
  },
);
