import { expect } from 'chai';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { eventOf } from '../../src/present/events.ts';
import { warningSentence } from '../../src/present/warning-texts.ts';
import { warningsAfter } from '../../src/reconcile/cell-warnings.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { transitionsOf } from '../../src/reconcile/transitions.ts';
import { passesOver } from './cell-builder.ts';
import { app, cell, list, withCgroups, withFiles, type Cell, type Cgroups } from './cell.ts';
import {
  checkFor,
  expectShown,
  filesAsked,
  lastPass,
  onlyContainer,
  questions,
  saidOf,
  times,
  warned,
} from './shown.ts';

/*
 * A cell with cgroup v2 as a real gdn (c2d9348c) and kernel (6.12) leave it, containerd mode. gdn
 * makes good/H and bad/H for each container, throttled or not, and moves the processes of
 * good/H/init to bad/H while it throttles the container. The limit of memory is in good/H, that of
 * pids in its
 * init. bad/H has none.
 */

const billing = app('billing');
const shop = app('shop');
const goodOf = ({ handle }: typeof billing): string => `/garden/good/${handle}`;
const initOf = (one: typeof billing): string => `${goodOf(one)}/init`;
const badOf = ({ handle }: typeof billing): string => `/garden/bad/${handle}`;
const GOOD = goodOf(billing);
const INIT = initOf(billing);
const BAD = badOf(billing);

/**
 * What a cgroup and those below it hold, and its limits; memory in MiB. Null: it cannot be read.
 */
interface Usage {
  readonly memory?: number | null;
  readonly memoryLimit?: number | 'max' | null;
  readonly pids?: number | null;
  readonly pidsLimit?: number | 'max' | null;
}
const bytes = (value: number | 'max' | null): number | 'max' | null =>
  typeof value === 'number' ? value * 2 ** 20 : value;

/** Each of these cgroups holds nothing and has no limit, if nothing else is said. */
const using = (before: Cell, usages: Readonly<Record<string, Usage>>): Cell =>
  Object.entries(usages).reduce(
    (one, [path, { memory = 0, memoryLimit = 'max', pids = 0, pidsLimit = 'max' }]) =>
      withFiles(one, path, {
        'memory.current': bytes(memory),
        'memory.max': bytes(memoryLimit),
        'pids.current': pids,
        'pids.max': pidsLimit,
      }),
    before,
  );
const UNREAD = { memory: null, memoryLimit: null, pids: null, pidsLimit: null };

/** Only billing is listed, and the directories above it have no limit. */
const cellWith = (cgroups: Cgroups): Cell =>
  using(cell({ primary: 'v2', listed: [billing], cgroups }), {
    '/garden': {},
    '/garden/good': {},
    '/garden/bad': {},
  });

const inBad = using(cellWith({ [GOOD]: [], [INIT]: [], [BAD]: [200, 201] }), {
  [GOOD]: { memory: 2, memoryLimit: 64 },
  [INIT]: { pidsLimit: 50 },
});
const inGood = using(cellWith({ [GOOD]: [], [INIT]: [200, 201], [BAD]: [] }), {
  [GOOD]: { memory: 2, memoryLimit: 64, pids: 12 },
  [INIT]: { pids: 12, pidsLimit: 50 },
});

const throttled = using(inBad, { [BAD]: { memory: 40, pids: 12 } });
const overMemory = using(inBad, { [BAD]: { memory: 200, pids: 12 } });
/** The processes are back, and what they took stays charged to the empty bad/H. */
const released = using(inGood, { [BAD]: { memory: 200 } });
const neverThrottled = using(inGood, {
  [GOOD]: { memory: 60, memoryLimit: 64, pids: 12 },
  [BAD]: {},
});
const unreadLimits = using(inBad, { [GOOD]: UNREAD, [BAD]: UNREAD });

/** The controller pids is off in this cell. */
const withoutPids = (before: Cell): Cell => ({
  ...before,
  numbers: Object.fromEntries(
    Object.entries(before.numbers ?? {}).map(([path, files]) => [
      path,
      Object.fromEntries(
        Object.entries(files).map(([file, value]) => [
          file,
          file.startsWith('pids.') ? null : value,
        ]),
      ),
    ]),
  ),
});

const TRACKED_IN_GOOD = 'billing: tracked, 2 processes, in /garden/good/billing';
const TRACKED_IN_BAD = 'billing: tracked, 2 processes, in /garden/bad/billing, throttled';
const CRITICAL = 'billing: untracked critical limit-lost, 2 processes';
const OVER_MEMORY = `${CRITICAL}, in /garden/bad/billing, throttled, 202 of 64 MiB`;
const WARNING = 'warning limit-lost: 1 container';

/** What is shown once the cell has been so for a second. */
const expectLasting = (one: Cell, ...lines: readonly string[]): void =>
  expectShown(checkFor(1, one, one), ...lines);

describe('A container that gdn throttles on cgroup v2', () => {
  it('is tracked while it holds less than its limits, and a warning of the cell', () => {
    expectLasting(throttled, TRACKED_IN_BAD, WARNING);
  });

  it('is a warning beside that of reads that hang', () => {
    expectShown(
      checkFor(1, { ...throttled, hasHangingReads: true }),
      TRACKED_IN_BAD,
      WARNING,
      'warning hanging-reads',
    );
  });

  it('is pending at first when it holds more memory than its limit', () => {
    expectShown(
      checkFor(1, overMemory),
      'billing: pending critical limit-lost, 2 processes, in /garden/bad/billing, throttled, ' +
        '202 of 64 MiB',
      WARNING,
    );
  });

  it('is critical when it has held more memory for the grace period', () => {
    expectLasting(overMemory, OVER_MEMORY, WARNING);
  });

  it('is critical after its release, too: the memory stays charged to the empty bad/H', () => {
    expectLasting(released, `${CRITICAL}, in /garden/good/billing, 202 of 64 MiB`);
  });

  it('is critical with more threads than its limit, which containerd sets in init', () => {
    expectLasting(
      using(inBad, { [BAD]: { memory: 40, pids: 84 } }),
      `${CRITICAL}, in /garden/bad/billing, throttled, 84 of 50 pids`,
      WARNING,
    );
  });

  it('has its limit of threads in good/H in runc mode', () => {
    const inRuncMode = using(cellWith({ [GOOD]: [], [BAD]: [200] }), {
      [GOOD]: { pids: 3, pidsLimit: 50 },
      [BAD]: { pids: 48 },
    });
    expectLasting(
      inRuncMode,
      'billing: untracked critical limit-lost, 1 process, in /garden/bad/billing, throttled, ' +
        '51 of 50 pids',
      WARNING,
    );
  });

  it('is tracked again when it holds less again', () => {
    expectShown(checkFor(1, overMemory, overMemory, neverThrottled), TRACKED_IN_GOOD);
  });

  it('stays critical while its numbers cannot be read', () => {
    expectShown(
      checkFor(1, overMemory, overMemory, unreadLimits),
      `${CRITICAL}, in /garden/bad/billing, throttled, ` +
        'undecided because the limits of the container could not be read',
    );
  });

  it('does not become critical while its numbers cannot be read', () => {
    expectLasting(unreadLimits, TRACKED_IN_BAD);
  });

  it('is judged by its memory alone where the controller pids is off', () => {
    expectLasting(withoutPids(overMemory), OVER_MEMORY, WARNING);
  });

  it('is tracked again by its memory alone where the controller pids is off', () => {
    const [over, less] = [withoutPids(overMemory), withoutPids(neverThrottled)];
    expectShown(checkFor(1, over, over, less), TRACKED_IN_GOOD);
  });

  it('is the only critical one beside another throttled one, and the warning is about both', () => {
    const both = withCgroups(list(overMemory, billing, shop), {
      [goodOf(shop)]: [],
      [initOf(shop)]: [],
      [badOf(shop)]: [300],
    });
    const limited = using(both, {
      [goodOf(shop)]: { memoryLimit: 64 },
      [initOf(shop)]: { pidsLimit: 50 },
      [badOf(shop)]: { memory: 1, pids: 3 },
    });
    expectLasting(
      limited,
      OVER_MEMORY,
      'shop: tracked, 1 process, in /garden/bad/shop, throttled',
      'warning limit-lost: 2 containers',
    );
  });

  it('is a warning where an ancestor of bad/H limits only memory or only pids', () => {
    expectLasting(
      using(overMemory, { '/garden/bad': { memoryLimit: 64 } }),
      TRACKED_IN_BAD,
      WARNING,
    );
  });

  it('is critical where the limit of an ancestor is higher than its own', () => {
    expectLasting(
      using(overMemory, { '/garden': { memoryLimit: 512, pidsLimit: 900 } }),
      OVER_MEMORY,
      WARNING,
    );
  });
});

describe('No limit is lost', () => {
  it('by a container that was never throttled', () => {
    expectLasting(neverThrottled, TRACKED_IN_GOOD);
  });

  it('by a throttled container without a limit', () => {
    expectLasting(using(overMemory, { [GOOD]: { memory: 2 }, [INIT]: {} }), TRACKED_IN_BAD);
  });

  it('where a mended guardian gives bad/H the limits', () => {
    const mended = using(throttled, {
      [GOOD]: { memory: 60, memoryLimit: 64 },
      [BAD]: { memory: 60, memoryLimit: 64, pids: 40, pidsLimit: 50 },
    });
    expectLasting(mended, TRACKED_IN_BAD);
  });

  it('where an ancestor of bad/H has limits that are no higher', () => {
    expectLasting(
      using(overMemory, { '/garden/bad': { memoryLimit: 64, pidsLimit: 50 } }),
      TRACKED_IN_BAD,
    );
  });

  it('where the Garden directory has limits that are lower', () => {
    expectLasting(
      using(overMemory, { '/garden': { memoryLimit: 32, pidsLimit: 20 } }),
      TRACKED_IN_BAD,
    );
  });

  it('by the threads of a pea beside init', () => {
    const envoy = `${GOOD}/${billing.handle}-envoy`;
    const places = withCgroups(neverThrottled, { [envoy]: [300] });
    const manyThreads = using(places, {
      [GOOD]: { memory: 60, memoryLimit: 64, pids: 90 },
      [INIT]: { pids: 40, pidsLimit: 50 },
      [envoy]: { pids: 50 },
    });
    expectLasting(manyThreads, `${TRACKED_IN_GOOD}, with billing-envoy`);
  });

  it('by a pea with limits of its own', () => {
    const healthCheck = `${GOOD}-liveness-healthcheck-0`;
    const places = withCgroups(neverThrottled, { [healthCheck]: [400] });
    expectLasting(
      using(places, { [healthCheck]: { memory: 90, memoryLimit: 128, pids: 70 } }),
      `${TRACKED_IN_GOOD}, with billing-liveness-healthcheck-0`,
    );
  });

  it('by a privileged container, for which gdn makes an empty bad/H, too', () => {
    const own = `/system.slice/${billing.handle}`;
    const cgroups = { [own]: [200], [BAD]: [] };
    expectLasting(
      using(cell({ primary: 'v2', listed: [billing], cgroups }), {
        '/garden': {},
        [own]: { memory: 90, memoryLimit: 64, pids: 9, pidsLimit: 5 },
        [BAD]: {},
      }),
      'billing: tracked, 1 process, privileged, in /system.slice/billing',
    );
  });

  /** Somebody made a good/H and a bad/H for a container that gdn does not throttle. */
  const withDecoys = (cgroups: Cgroups): Cell => {
    const places = cell({
      primary: 'v2',
      listed: [billing],
      cgroups: { ...cgroups, [GOOD]: [], [BAD]: [] },
    });
    return using(places, {
      '/garden': {},
      '/garden/bad': {},
      [GOOD]: { memoryLimit: 1 },
      [BAD]: { memory: 100 },
    });
  };

  it('by one on a cell without throttling, although somebody made a good/H and a bad/H', () => {
    expectLasting(
      withDecoys({ [`/garden/${billing.handle}`]: [200] }),
      'billing: tracked, 1 process',
    );
  });

  it('by one in another Garden directory, although somebody made a good/H and a bad/H', () => {
    const good = `/garden-0/good/${billing.handle}`;
    const bad = `/garden-0/bad/${billing.handle}`;
    const own = using(withDecoys({ [good]: [200], [bad]: [] }), {
      [good]: { memory: 1, memoryLimit: 64, pids: 1, pidsLimit: 50 },
      [bad]: {},
    });
    // gdn made its own directories first.
    const older = { ...own, inodes: { [good]: 2, [bad]: 3 } };
    expectLasting(older, 'billing: tracked, 1 process, in /garden-0/good/billing');
  });
});

describe('The texts about lost limits', () => {
  const OTHER_FILES = ['memory.swap.max', 'cpu.max', 'io.max'] as const;
  /** No cgroup has a limit of swap, CPU or I/O. */
  const otherwiseFree = (before: Cell): Cell =>
    Object.keys(before.numbers ?? {}).reduce(
      (one, path) =>
        withFiles(one, path, Object.fromEntries(OTHER_FILES.map((file) => [file, 'max']))),
      before,
    );
  const free = otherwiseFree(throttled);
  const limitedInGood = withFiles(free, GOOD, {
    'memory.swap.max': 0,
    'cpu.max': 50_000,
    'io.max': 1,
  });
  const warningOf = (one: Cell): string => warned(checkFor(1, one));

  it('say what the container holds', () => {
    expect(warningOf(throttled)).to.contain(
      '1 throttled container runs without its limits (memory.max, pids.max), because ' +
        'gdn moved it to a cgroup that has none. ' +
        'billing uses 42 MiB of memory with a limit of 64 MiB.',
    );
  });

  it('say what the container holds where that is more than its limit', () => {
    expect(saidOf(onlyContainer(checkFor(1, overMemory, overMemory)))).to.contain(
      'This container uses 202 MiB of memory with a limit of 64 MiB. gdn throttled it, and the ' +
        'cgroup for throttled containers has no limit.',
    );
  });

  it('name each limit in good/H that no longer applies', () => {
    expect(warningOf(limitedInGood)).to.contain(
      'its limits (cpu.max, io.max, memory.max, memory.swap.max, pids.max), because',
    );
  });

  it('name each limit in the leaf of containerd that no longer applies', () => {
    expect(warningOf(withFiles(free, INIT, { 'cpu.max': 50_000 }))).to.contain(
      'its limits (cpu.max, memory.max, pids.max), because',
    );
  });

  it('do not name a limit that bad/H or an ancestor has, or that could not be read', () => {
    const inBadToo = withFiles(limitedInGood, BAD, { 'io.max': 1, 'cpu.max': null });
    const inAncestorToo = withFiles(inBadToo, '/garden', { 'memory.swap.max': 0 });
    expect(warningOf(inAncestorToo)).to.contain('its limits (memory.max, pids.max), because');
  });

  it('name the limit of CPU of a container that has no limit of memory or pids', () => {
    const unlimited = otherwiseFree(using(throttled, { [GOOD]: {}, [INIT]: {} }));
    expect(warningOf(withFiles(unlimited, GOOD, { 'cpu.max': 50_000 }))).to.contain(
      'its limits (cpu.max), because',
    );
  });
});

describe('The limits of a container on v2 are asked for', () => {
  const OTHERS = 'memory.swap.max, cpu.max, io.max';
  const USAGE = 'memory.current, memory.max, pids.current, pids.max';
  const filesOf = (name: string, others = ''): readonly string[] => [
    `/garden/good/${name} of v2: ${USAGE}${others}`,
    `/garden/bad/${name} of v2: ${USAGE}${others}`,
    `/garden/good/${name}/init of v2: pids.current, pids.max${others}`,
  ];
  const ofThrottled = [
    ...filesOf('billing', `, ${OTHERS}`),
    `/garden/bad of v2: memory.max, pids.max, ${OTHERS}`,
    `/garden of v2: memory.max, pids.max, ${OTHERS}`,
  ];

  const unread = cell({
    primary: 'v2',
    listed: [billing],
    cgroups: { [GOOD]: [], [INIT]: [], [BAD]: [200, 201] },
  });
  /** Beside billing, which is throttled, shop is not. */
  const two = withCgroups(list(unread, billing, shop), {
    [goodOf(shop)]: [],
    [initOf(shop)]: [300],
    [badOf(shop)]: [],
  });

  it('in the first pass, also where it is not throttled', () => {
    expect(filesAsked(questions(two))).to.deep.equal([...ofThrottled, ...filesOf('shop')]);
  });

  it('in the next passes only where it is throttled', () => {
    expect(filesAsked(questions(...times(2, two)))).to.deep.equal(ofThrottled);
  });

  it('in one of four passes where it is not throttled', () => {
    expect(filesAsked(questions(...times(5, two)))).to.deep.equal([
      ...ofThrottled,
      ...filesOf('shop'),
    ]);
  });

  it('never on a cell without throttling', () => {
    const init = `/garden/${billing.handle}/init`;
    const one = cell({ primary: 'v2', listed: [billing], cgroups: { [init]: [200] } });
    expect(filesAsked(questions(one))).to.deep.equal([]);
  });

  it('in each pass where it was over one before, to see the end of that', () => {
    const later = cell({
      primary: 'v2',
      listed: [billing],
      cgroups: { [GOOD]: [], [INIT]: [200, 201], [BAD]: [] },
    });
    expect(filesAsked(questions(released, later))).to.deep.equal([
      ...filesOf('billing'),
      '/garden/bad of v2: memory.max, pids.max',
      '/garden of v2: memory.max, pids.max',
    ]);
  });
});

describe('The warning about lost limits', () => {
  it('is reported once, although a container is repeatedly throttled and released', () => {
    const cells = [throttled, neverThrottled, throttled, neverThrottled, neverThrottled].map(
      (one, n) => ({ ...one, at: n < 4 ? n * 15_000 : 645_000 }),
    );
    const passes = passesOver(cells, gracePeriodsOfCheck(1000));
    const reported = passes.map(({ report, memory }, n) => {
      const { report: reportBefore = null, memory: memoryBefore = EMPTY_MEMORY } =
        passes[n - 1] ?? {};
      return transitionsOf({ memoryBefore, memory, reportBefore, report })
        .filter(({ kind }) => kind.startsWith('cell-'))
        .map((one) => eventOf(one, report.takenAt).sentence)
        .join();
    });
    expect(reported).to.deep.equal([
      checkFor(1, throttled).cell.warnings.map(warningSentence).join(),
      '',
      '',
      '',
      'No container has run without its limits for 10 min.',
    ]);
  });

  it('is not reported again after a restart of the agent', () => {
    const at = { wall: '2026-01-01T00:00:00.000Z', monotonicMilliseconds: 900_000 };
    const read = { since: '2025-12-31T00:00:00.000Z', seenAt: null };
    const before = new Map([['limit-lost', read] as const]);
    const lost = warningsAfter(before, [], at).get('limit-lost');
    expect(lost).to.deep.equal({ ...read, seenAt: 900_000 });
    const { warnings } = lastPass(1, throttled).memory.lastReport;
    expect(warningsAfter(before, warnings, at).get('limit-lost')?.since).to.equal(read.since);
  });
});
