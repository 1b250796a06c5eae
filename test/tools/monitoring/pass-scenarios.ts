import { NO_ACCOUNT } from '../../../src/model/ledger.ts';
import type { CellWarning } from '../../../src/model/cell-warning.ts';
import { asByteString, asHandle } from '../../../src/model/ids.ts';
import type { SensorObservation } from '../../../src/model/observation.ts';
import {
  AWAY,
  between,
  cellDuring,
  cellWith,
  finding,
  gardenAwaySince,
  heard,
  MINUTE,
  readdressed,
  SILENT,
  type Cell,
  type Change,
} from './cell-story.ts';
import { observation } from '../../present/agent-state-builder.ts';
import { storiesOf } from './scenario.ts';

const slow = { durationMilliseconds: 10_000 };

const gardenGone = cellDuring(10, 40, { report: { ...gardenAwaySince(600), ...slow } });
const notCompared: Change = {
  report: { verdict: 'unknown', unknownCause: { kind: 'no-anchor', gdns: 'none' } },
};
const remounted = cellWith((t) => ({ state: { mountsChanged: t >= 10 * MINUTE ? 2 : 1 } }));
const gardenHung = cellDuring(10, 22, {
  report: { ...gardenAwaySince(600), durationMilliseconds: 20_000 },
});
/** Not well in its last three minutes; then it comes back under another address, healthy. */
const unwellBefore = (last: Change): readonly Cell[] =>
  readdressed(
    cellWith((t) => (t >= 17 * MINUTE ? last : {})),
    20,
    23,
  );
const withoutLimits = (containers: number): Change => {
  const holds = { resource: 'memory', holds: 3, limit: 2 } as const;
  const warning = {
    reason: 'limit-lost',
    containers,
    worst: asHandle('h'),
    holds,
    limits: ['memory.max'],
  } as const;
  return withWarning(warning);
};
const withWarning = (warning: CellWarning): Change => ({
  report: {
    cell: {
      hostname: 'c1',
      bootId: 'b',
      bosh: null,
      scopes: { memory: asByteString('/') },
      warnings: [warning],
    },
  },
});
const repGone = (until: number): Cell =>
  cellDuring(10, until, withWarning({ reason: 'no-rep', containers: 19 }));
const NONE_LEFT = { overlay: 0, namespace: 0, address: 0, reservation: 0, policy: 0, depot: 0 };
const leaking = (leaked: number): Cell =>
  cellWith((t) => {
    const address = between(t, 10, 40) ? leaked : 0;
    const leftovers = { ...NONE_LEFT, address, reservation: Math.max(0, address - 1) };
    return { report: { ledgers: { ...NO_ACCOUNT, leftovers } } };
  });
const holding = (gibibytes: number): Cell =>
  cellDuring(10, 40, { report: { held: { memoryBytes: gibibytes * 1024 ** 3, pids: 30 } } });

const seenBy = (change: Partial<SensorObservation>): Change => ({
  report: { observations: [observation({ unseen: [], ...change })] },
});
export const PASS_SCENARIOS = storiesOf(
  `
gdn throttles three containers on cgroup v2 again and again | 60 | throttledAgain | LimitLost=3,severity=warning 25 44
gdn throttles containers on cgroup v2 while they start, for two minutes | 40 | throttledOnce
lost containers hold two gibibytes | 60 | holdingTwo | LostMemory=2Gi 20 40
no rep runs for half an hour | 50 | repStaysAway | NoRep 15 40
a rep that is away for four minutes | 30 | repBack
three addresses of a cell are leaked | 60 | leakingThree | AddressesLeaked=3 20 40
no address of a cell is leaked | 40 | leakingNone
lost containers hold half a gibibyte | 40 | holdingHalf
a sensor does not see two containers, dies, and comes back silent: one alert | 45 | blindThenDead | SensorBlind=2,sensor=tracee 15 20; SensorBlind=0,sensor=tracee 20 30
a sensor restarts within four minutes | 30 | sensorRestarts
Garden cannot be read for half an hour; slow passes and "could not tell" do not add to it | 50 | gardenGone | GardenUnavailable 15 40
the same, with two scrapes lost every three minutes | 35 | scrapesLost | GardenUnavailable 15 99
Garden hangs, and each pass waits for it as long as it may | 60 | gardenHangs | GardenUnavailable 15 99
Garden cannot be read on a cell whose clock is five minutes behind | 40 | clockBehind | GardenUnavailable 25 99
Garden hung, and recovers: nobody calls the passes slow afterwards | 50 | gardenHung | GardenUnavailable 15 22
Garden hangs, and somebody recreates the cell | 50 | hungThenRecreated | GardenUnavailable 15 17/18/18
two minutes of slow passes, then the agent is away for eight | 60 | slowThenDead
Garden is away for three minutes, and rep destroys all when it is back | 30 | ownersLost
Garden answers, but nothing can be compared | 50 | unreadable | CouldNotTell 20 40
nothing can be compared for three minutes, then the cell is recreated under another address | 50 | notComparedBefore
three minutes of slow passes, then the cell is recreated under another address | 50 | slowBefore
the first pass does not end, and nobody blames Garden | 35 | firstPassHangs | CouldNotTell 10 30
another mount shows a hierarchy | 80 | remounted | MountsChanged 10 70
passes take eight seconds for half an hour | 39 | loaded | ReconcileTooSlow=8s 23 99
a crash-looping app: differences that never last | 30 | churning
`,
  {
    // In every other minute gdn has released them.
    throttledAgain: cellWith((t) =>
      between(t, 10, 40) && Math.floor(t / MINUTE) % 2 === 0 ? withoutLimits(3) : {},
    ),
    throttledOnce: cellDuring(10, 12, withoutLimits(3)),
    holdingTwo: holding(2),
    holdingHalf: holding(0.5),
    repStaysAway: repGone(40),
    repBack: repGone(14),
    leakingThree: leaking(3),
    leakingNone: leaking(0),
    // Blind for ten minutes, then dead, then silent: one alert that goes on.
    blindThenDead: cellWith((t) => {
      if (between(t, 10, 20)) return seenBy({ seen: 0, unseen: [asHandle('a'), asHandle('b')] });
      if (between(t, 20, 25)) return seenBy({ isUp: false, isSilent: true });
      return seenBy(between(t, 25, 30) ? { isSilent: true } : {});
    }),
    sensorRestarts: cellWith((t) => seenBy(between(t, 10, 14) ? { isUp: false } : {})),
    gardenGone,
    scrapesLost: {
      ...gardenGone,
      at: (t) => (t % (3 * MINUTE) < MINUTE ? SILENT : gardenGone.at(t)),
    },
    // The longest timeout and the longest interval lie between the ends of two passes.
    gardenHangs: {
      ...gardenGone,
      at: (t) => {
        if (t < 10 * MINUTE) return heard(t);
        const ended = t - ((t - 10 * MINUTE) % 120);
        return heard(t, {
          report: { ...gardenAwaySince(600), durationMilliseconds: 60_000 },
          state: { lastReconcileSeconds: ended },
        });
      },
    },
    clockBehind: cellWith((t) => ({
      report: t >= 20 * MINUTE ? gardenAwaySince(900) : {},
      // Stories begin in 1970.
      state: { lastReconcileSeconds: t + 55 * MINUTE },
    })),
    gardenHung,
    hungThenRecreated: {
      ...gardenHung,
      at: (t) => (between(t, 14, 22) ? AWAY : gardenHung.at(t)),
    },
    slowThenDead: {
      ...gardenHung,
      at: (t) => {
        if (between(t, 22, 30)) return SILENT;
        return heard(t, between(t, 20, 22) ? { report: { durationMilliseconds: 20_000 } } : {});
      },
    },
    // Garden is away for three minutes; what lost its owner meanwhile rep destroys after it is back.
    ownersLost: cellWith((t) => {
      if (between(t, 10, 13)) return { report: gardenAwaySince(600) };
      const unowned = finding('h-1', 780, { reason: 'unowned', status: 'pending', app: null });
      return { containers: between(t, 13, 15) ? [unowned] : [] };
    }),
    unreadable: cellDuring(10, 40, notCompared),
    notComparedBefore: unwellBefore(notCompared),
    slowBefore: unwellBefore({ report: { durationMilliseconds: 30_000 } }),
    firstPassHangs: cellDuring(0, 30, { report: null, state: { lastReconcileSeconds: 0 } }),
    remounted,
    loaded: cellDuring(10, 40, { report: { durationMilliseconds: 8000 } }),
    churning: cellWith((t) => ({
      containers: Array.from({ length: (t / 30) % 7 }, (_, index) =>
        finding(`h-${index}-${t}`, t, {
          status: 'pending',
          reason: 'no-cgroup',
          severity: 'warning',
        }),
      ),
    })),
  },
);
