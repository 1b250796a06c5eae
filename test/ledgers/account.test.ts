import { expect } from 'chai';
import fc from 'fast-check';
import { asHandle } from '../../src/model/ids.ts';
import {
  ENTRY_KINDS,
  LEDGERS,
  NO_ACCOUNT,
  NO_LEDGERS_READ,
  WATCHED_KINDS,
  type AccountRow,
  type WatchedKind,
} from '../../src/model/ledger.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/difference.ts';
import { complete, passWith } from '../reconcile/cell-builder.ts';
import { app, cell } from '../reconcile/cell.ts';
import { times } from '../reconcile/shown.ts';
import {
  accountAfter,
  accountWithout,
  differingIn,
  withOwners,
  type Accounted,
} from '../../src/ledgers/account.ts';
import type { Reading } from '../../src/ledgers/reading.ts';

const each = <K extends string, V>(keys: readonly K[], value: V) =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>;
const NONE: Reading['seen'] = each(WATCHED_KINDS, []);

const LOST = cell({
  containers: [app('billing')],
  lost: [app('shop', { pids: [300] })],
});
const SHARING = [{ address: '10.0.0.1', handles: ['h', 'other'] }];

const unreadOf = (kind: WatchedKind, names: readonly string[] | null) =>
  names === null ? ENTRY_KINDS.filter((one) => one === kind) : [];

/**
 * What a reading of the ledgers shows alone; null: it cannot tell; undefined: the pass does not
 * read.
 */
type Shown = readonly string[] | null | undefined;
const CANNOT_TELL = null;
const NOT_READ = undefined;

const atMinute = (minute: number) => ({
  wall: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  monotonicMilliseconds: minute * 60_000,
});

/** What remains after readings that show these of a kind, at these minutes. */
function afterAt(kind: WatchedKind, readings: readonly (readonly [number, Shown])[]): Accounted {
  let last: Accounted = { account: NO_ACCOUNT, remembered: NO_LEDGERS_READ };
  for (const [minute, names] of readings) {
    const at = atMinute(minute);
    const { account, remembered } = last;
    last =
      names === undefined
        ? accountWithout(account, remembered, at)
        : accountAfter(
            {
              rows: [],
              sharing: SHARING,
              unread: unreadOf(kind, names),
              seen: { ...NONE, [kind]: names },
            },
            remembered,
            at,
          );
  }
  return last;
}
/** The same, of readings a minute apart. */
const after = (kind: WatchedKind, ...readings: readonly Shown[]): Accounted =>
  afterAt(
    kind,
    readings.map((names, minute) => [minute, names]),
  );

/** What is alone, since which minute it is known, and whether it is left over. */
const aloneIn = ({ account }: Accounted) =>
  account.alone.map(({ name, since, isLeftover }) => ({
    name,
    sinceMinute: Number(since.slice(14, 16)),
    isLeftover,
  }));

const ROW = {
  handle: asHandle('h'),
  app: null,
  address: '10.0.0.1',
  policy: { appId: 'app-1', spaceId: 'space-1', organizationId: 'org-1' },
  marks: each(LEDGERS, 'yes' as const),
};

describe('A container that ledgers differ about', () => {
  const LOST_ADDRESS = { ...ROW, marks: { ...ROW.marks, network: 'no' as const } };
  /** So many readings that show it, a minute apart, then one that does not. */
  const readings = (count: number) => {
    let last: Accounted = { account: NO_ACCOUNT, remembered: NO_LEDGERS_READ };
    for (let minute = 0; minute < count; minute++)
      last = accountAfter(
        {
          rows: [LOST_ADDRESS, { ...ROW, handle: asHandle('other') }],
          sharing: [],
          unread: [],
          seen: { ...NONE, differing: ['h'] },
        },
        last.remembered,
        atMinute(minute),
      );
    return last;
  };

  it('comes or goes while fewer than three readings show that', () => {
    for (const count of [1, 2]) {
      const { account, remembered } = readings(count);
      expect(account).to.deep.include({ differing: [], changing: 1, agreeing: 1 });
      expect(differingIn(remembered)).to.deep.equal(new Set());
    }
  });

  it('is shown from the third reading on', () => {
    const { account, remembered } = readings(3);
    expect(account).to.deep.include({ differing: [LOST_ADDRESS], changing: 0, agreeing: 1 });
    expect(differingIn(remembered)).to.deep.equal(new Set(['h']));
  });
});

describe('An address of several containers', () => {
  const shared = ['10.0.0.1'];
  const sharedAfter = (...readings: readonly Shown[]) =>
    after('shared', ...readings).account.sharing.map(({ address }) => address);

  it('is not shown after one reading: a destroy and a create may both show it once', () => {
    expect(sharedAfter(shared)).to.deep.equal([]);
  });

  it('is not shown while only each second reading shows it', () => {
    expect(sharedAfter(shared, [], shared)).to.deep.equal([]);
  });

  it('is not shown after two readings', () => {
    expect(sharedAfter(...times(2, shared))).to.deep.equal([]);
  });

  it('is shown from the third on, whatever could not tell in between', () => {
    expect(sharedAfter(shared, CANNOT_TELL, ...times(2, shared))).to.deep.equal(['10.0.0.1']);
  });
});

describe('The owner of a container by the policy store', () => {
  const at = { wall: '2026-01-01T00:00:00Z', monotonicMilliseconds: 0 };
  const read = (rows: readonly AccountRow[], before = NO_LEDGERS_READ) =>
    accountAfter({ rows, sharing: [], unread: [], seen: NONE }, before, at).remembered;

  it('is remembered while the container is there, also if the store is not', () => {
    const known = read([ROW]);
    expect(known.whose.get('h')).to.include({ id: 'app-1', spaceId: 'space-1', name: null });
    expect(read([{ ...ROW, policy: null }], known).whose.get('h')?.id).to.equal('app-1');
    expect(read([], known).whose.size).to.equal(0);
  });

  it('names the app of a container that Garden does not name, and of no other', () => {
    const { report } = complete(passWith(LOST, EMPTY_MEMORY, {}), gracePeriodsOfCheck(0));
    const [lost] = report.containers;
    if (lost === undefined) throw new Error('there is no container');
    const known = read([{ ...ROW, handle: lost.handle }]);
    const own = { ...lost, handle: asHandle('own'), app: { id: 'own' } as never };
    const [named, kept] = withOwners([lost, own], known);
    expect([named?.app?.id, named?.appSource]).to.deep.equal(['app-1', 'policy-store']);
    expect(kept).to.equal(own);
  });
});

describe('An app container without a policy entry', () => {
  const h = ['h'];
  const named = ({ account }: Accounted) =>
    account.unpoliced.map(({ handle, since }) => ({
      handle,
      sinceMinute: Number(since.slice(14, 16)),
    }));
  const namedAfter = (...readings: readonly Shown[]) => named(after('unpoliced', ...readings));
  const SINCE_START = [{ handle: 'h', sinceMinute: 0 }];

  it('is not named before three minutes', () => {
    expect(namedAfter(...times(3, h))).to.deep.equal([]);
  });

  it('is named after three minutes and three readings', () => {
    expect(namedAfter(...times(4, h))).to.deep.equal(SINCE_START);
  });

  it('is not named after two readings, however long ago the first was', () => {
    const two = afterAt('unpoliced', [
      [0, h],
      [9, h],
    ]);
    expect(named(two)).to.deep.equal([]);
  });

  it('begins anew after a reading in which it has one', () => {
    expect(namedAfter(...times(3, h), [], ...times(3, h))).to.deep.equal([]);
  });

  it('does not begin anew after a reading that cannot tell', () => {
    expect(namedAfter(...times(4, h), CANNOT_TELL)).to.deep.equal(SINCE_START);
  });

  it('is not named any more once no reading could tell for three minutes', () => {
    expect(namedAfter(...times(4, h), ...times(4, CANNOT_TELL))).to.deep.equal([]);
  });

  describe('after a pass that does not read the ledgers', () => {
    const afterPassAt = (minute: number) =>
      named(
        afterAt('unpoliced', [
          ...times(4, h).map((names, n) => [n, names] as const),
          [minute, NOT_READ],
        ]),
      );

    it('is named while they were read three minutes ago', () => {
      expect(afterPassAt(6)).to.deep.equal(SINCE_START);
    });

    it('is not named any more after that', () => {
      expect(afterPassAt(7)).to.deep.equal([]);
    });
  });

  it('is one of a hundred that are named, and of 250 that are counted', () => {
    const many = Array.from({ length: 250 }, (_, n) => `h${n}`);
    const { account } = after('unpoliced', ...times(4, many));
    expect([account.unpoliced.length, account.unpolicedOmitted]).to.deep.equal([100, 150]);
  });
});

describe('An entry that is alone', () => {
  const x = ['x'];
  const address = ['10.0.0.1'];
  const shownAfter = (kind: WatchedKind, ...readings: readonly Shown[]) =>
    aloneIn(after(kind, ...readings));
  const leftoversAfter = (kind: WatchedKind, ...readings: readonly Shown[]) =>
    after(kind, ...readings).account.leftovers;

  it('is not shown after one or two readings', () => {
    expect(shownAfter('overlay', x)).to.deep.equal([]);
    expect(shownAfter('overlay', x, x)).to.deep.equal([]);
  });

  it('is left over from the third reading on', () => {
    expect(shownAfter('overlay', x, x, x)).to.deep.equal([
      { name: 'x', sinceMinute: 0, isLeftover: true },
    ]);
  });

  it('begins anew after a reading without it', () => {
    expect(shownAfter('depot', x, x, [], x, x, x)).to.deep.equal([
      { name: 'x', sinceMinute: 3, isLeftover: true },
    ]);
  });

  it('is left over after ten minutes if it is an address, and not before', () => {
    const shown = { name: '10.0.0.1', sinceMinute: 0 };
    expect(shownAfter('address', ...times(10, address))).to.deep.equal([
      { ...shown, isLeftover: false },
    ]);
    expect(shownAfter('address', ...times(11, address))).to.deep.equal([
      { ...shown, isLeftover: true },
    ]);
  });

  it('is not there more often by readings that cannot tell', () => {
    expect(shownAfter('policy', x, CANNOT_TELL, CANNOT_TELL)).to.deep.equal([]);
  });

  it('is not gone by a reading that cannot tell', () => {
    expect(shownAfter('policy', x, CANNOT_TELL, x, x)).to.deep.equal([
      { name: 'x', sinceMinute: 0, isLeftover: false },
    ]);
  });

  it('is not counted before there were enough readings to tell', () => {
    expect(leftoversAfter('depot', x, x).depot ?? null).to.equal(null);
  });

  it('is counted by kind once there were', () => {
    const counted = leftoversAfter('depot', ...times(3, ['x', 'y']));
    expect(counted).to.include({ depot: 2, overlay: 0 });
  });

  it('is counted as none once readings could tell for as long as it must last', () => {
    const early = leftoversAfter('address', ...times(10, []));
    expect([early.address ?? null, early.depot]).to.deep.equal([null, 0]);
    expect(leftoversAfter('address', ...times(11, [])).address).to.equal(0);
  });

  describe('after a pass that does not read the ledgers', () => {
    const afterPassAt = (minute: number) =>
      afterAt('depot', [
        [0, x],
        [1, x],
        [2, x],
        [minute, NOT_READ],
      ]);

    it('is counted while they were read three minutes ago', () => {
      expect(afterPassAt(5).account.leftovers.depot).to.equal(1);
    });

    it('is shown but not counted after that', () => {
      const later = afterPassAt(6);
      expect(later.account.leftovers.depot ?? null).to.equal(null);
      expect(aloneIn(later)).to.deep.equal([{ name: 'x', sinceMinute: 0, isLeftover: true }]);
    });
  });

  it('is known for three minutes in which no reading could tell', () => {
    const last = after('address', ...times(12, address), ...times(3, CANNOT_TELL));
    expect(last.account.leftovers.address).to.equal(1);
    expect(aloneIn(last)).to.deep.equal([{ name: '10.0.0.1', sinceMinute: 0, isLeftover: true }]);
  });

  it('is not known any more after these minutes', () => {
    const last = after('address', ...times(12, address), ...times(4, CANNOT_TELL));
    expect(last.account.leftovers.address ?? null).to.equal(null);
    expect(aloneIn(last)).to.deep.equal([]);
    expect(last.account.unread).to.deep.equal(['address']);
  });

  it('is one of a hundred that are shown, and of ten thousand that are counted', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => `h${n}`);
    const { account } = after('overlay', ...times(3, many));
    expect([account.alone.length, account.aloneOmitted]).to.deep.equal([100, 9900]);
    expect(account.leftovers.overlay).to.equal(10_000);
  });

  it('is never shown of 2,000 containers that come and go', () => {
    const random = fc.array(fc.integer({ min: 0, max: 1999 }), { maxLength: 50 });
    fc.assert(
      fc.property(fc.array(random, { minLength: 4, maxLength: 30 }), (readings) => {
        // A create or a destroy ends before the next reading but one.
        const last = new Map<number, number>();
        const seen = readings.map((handles, index) => {
          const fresh = handles.filter((one) => last.get(one) !== index - 1);
          for (const one of fresh) last.set(one, index);
          return fresh.map(String);
        });
        for (let end = 1; end <= seen.length; end++)
          expect(aloneIn(after('overlay', ...seen.slice(0, end)))).to.deep.equal([]);
      }),
    );
  });
});
