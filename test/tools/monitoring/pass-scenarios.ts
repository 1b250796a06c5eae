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
  ON_CELL,
  readdressed,
  SILENT,
  type Cell,
  type Change,
} from './cell-story.ts';
import { observation } from '../../present/agent-state-builder.ts';
import { firesOn, storiesOf, type Fires } from './scenario.ts';

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

const gardenFires = firesOn({
  alert: 'RollcallGardenUnavailable',
  severity: 'warning',
  summary: `Garden's list cannot be read ${ON_CELL}.`,
  description: `For 5 minutes rollcall could not read Garden's list ${ON_CELL}, so it compares nothing there. If gdn or containerd is dead, the cell's apps have crashed and are replaced elsewhere. If gdn hangs, they still run, and a restart of Garden would crash them.`,
});

const couldNotTellFires = firesOn({
  alert: 'RollcallCouldNotTell',
  severity: 'warning',
  summary: `rollcall cannot compare the containers ${ON_CELL}.`,
  description: `For 10 minutes rollcall could not compare the containers ${ON_CELL}. Run rollcall status there: the sentence at the end says what could not be read and what to change.`,
});

const seenBy = (change: Partial<SensorObservation>): Change => ({
  report: { observations: [observation({ unseen: [], ...change })] },
});
const sensorFires = (what: string, description: string): Fires =>
  firesOn({
    alert: 'RollcallSensorBlind',
    severity: 'warning',
    labels: { sensor: 'tracee' },
    summary: `The sensor tracee ${what} ${ON_CELL}.`,
    description: `For 5 minutes ${ON_CELL}, the sensor tracee ${description}. The containers are tracked. Run rollcall sensors there: it says which containers, and why.`,
  });

const ALERTS: Readonly<Record<string, Fires>> = {
  garden: gardenFires,
  couldNotTell: couldNotTellFires,
  limitsLost: firesOn({
    alert: 'RollcallLimitLost',
    severity: 'warning',
    labels: { reason: 'limit-lost' },
    summary: `Throttled containers run without their limits ${ON_CELL}: up to 3 at once.`,
    description: `${ON_CELL.replace('on', 'On')}, gdn moved throttled containers to cgroups without their limits: one of them can use up the memory of the cell.`,
  }),
  memory: firesOn({
    alert: 'RollcallLostMemory',
    severity: 'warning',
    summary: `Lost containers hold 2GiB of memory ${ON_CELL}.`,
    description: `Containers that Garden or Diego lost hold 2GiB of memory ${ON_CELL}. rep does not count it and offers it to other apps: the cell can run out of memory.`,
  }),
  noRep: firesOn({
    alert: 'RollcallNoRep',
    severity: 'warning',
    summary: `No rep runs ${ON_CELL}, but apps do.`,
    description: `rep ran ${ON_CELL} and has been gone for more than 5 minutes, while containers of apps and tasks run. If it died, Diego has started these apps on other cells: they run twice. Otherwise somebody stopped the job.`,
  }),
  leaked: firesOn({
    alert: 'RollcallAddressesLeaked',
    severity: 'warning',
    summary: `3 addresses belong to no container ${ON_CELL}.`,
    description: `${ON_CELL.replace('on', 'On')}, 3 addresses have belonged to no container for more than ten minutes. Without free addresses, no container starts there. Run rollcall ledgers: it names them.`,
  }),
  remounted: firesOn({
    alert: 'RollcallMountsChanged',
    severity: 'warning',
    summary: `The mount that shows a cgroup hierarchy changed ${ON_CELL}.`,
    description: `Another mount became the one that shows a whole cgroup hierarchy ${ON_CELL} in the last hour. rollcall follows it; a sensor that keeps the old path may see nothing now.`,
  }),
  slow: firesOn({
    alert: 'RollcallReconcileTooSlow',
    severity: 'warning',
    summary: `A pass takes 8s ${ON_CELL}.`,
    description: `O${ON_CELL.slice(1)}, the median pass of rollcall takes 8s, usually a fraction of a second. The cell is overloaded, or Garden answers slowly. Findings are late.`,
  }),
  unseen: sensorFires(
    'does not see 2 containers',
    'has not named 2 containers in its event file, although it names others of the same kind',
  ),
  down: sensorFires(
    'is down or silent',
    'has not run, its event file could not be read, or it has written nothing although containers started',
  ),
};

export const PASS_SCENARIOS = storiesOf(
  `
gdn throttles three containers on cgroup v2 again and again | 60 | throttledAgain | limitsLost 25 44
gdn throttles containers on cgroup v2 while they start, for two minutes | 40 | throttledOnce
lost containers hold two gibibytes | 60 | holdingTwo | memory 20 40
no rep runs for half an hour | 50 | repStaysAway | noRep 15 40
a rep that is away for four minutes | 30 | repBack
three addresses of a cell are leaked | 60 | leakingThree | leaked 20 40
no address of a cell is leaked | 40 | leakingNone
lost containers hold half a gibibyte | 40 | holdingHalf
a sensor does not see two containers, dies, and comes back silent: one alert | 45 | blindThenDead | unseen 15 20; down 20 30
a sensor restarts within four minutes | 30 | sensorRestarts
Garden cannot be read for half an hour; slow passes and "could not tell" do not add to it | 50 | gardenGone | garden 15 40
the same, with two scrapes lost every three minutes | 35 | scrapesLost | garden 15 99
Garden hangs, and each pass waits for it as long as it may | 60 | gardenHangs | garden 15 99
Garden cannot be read on a cell whose clock is five minutes behind | 40 | clockBehind | garden 25 99
Garden hung, and recovers: nobody calls the passes slow afterwards | 50 | gardenHung | garden 15 22
Garden hangs, and somebody recreates the cell | 50 | hungThenRecreated | garden 15 17/18/18
two minutes of slow passes, then the agent is away for eight | 60 | slowThenDead
Garden is away for three minutes, and rep destroys all when it is back | 30 | ownersLost
Garden answers, but nothing can be compared | 50 | unreadable | couldNotTell 20 40
nothing can be compared for three minutes, then the cell is recreated under another address | 50 | notComparedBefore
three minutes of slow passes, then the cell is recreated under another address | 50 | slowBefore
the first pass does not end, and nobody blames Garden | 35 | firstPassHangs | couldNotTell 10 30
another mount shows a hierarchy | 80 | remounted | remounted 10 70
passes take eight seconds for half an hour | 39 | loaded | slow 23 99
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
  ALERTS,
);
