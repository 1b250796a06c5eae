import { expect } from 'chai';
import fc from 'fast-check';
import { asHandle } from '../../src/model/ids.ts';
import {
  ENTRY_KINDS,
  NO_LEDGERS_READ,
  type AccountRow,
  type EntryKind,
  type WatchedKind,
} from '../../src/model/ledger.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { complete, passWith, cellWithA, G, B } from '../reconcile/cell-builder.ts';
import {
  accountAfter,
  accountWithout,
  withOwners,
  type Accounted,
} from '../../src/ledgers/account.ts';
import type { Reading } from '../../src/ledgers/reading.ts';

const NONE: Reading['seen'] = {
  overlay: [],
  namespace: [],
  address: [],
  reservation: [],
  policy: [],
  depot: [],
  image: [],
  silk: [],
  ports: [],
  identity: [],
  unpoliced: [],
  shared: [],
};

const LOST = cellWithA(`${G}/garden/${B}: 300`);
const APP = {
  id: 'own',
  name: 'shop',
  spaceId: null,
  spaceName: null,
  organizationId: null,
  organizationName: null,
  index: 0,
  processType: 'web',
};
const ALL_YES = {
  kernel: 'yes',
  garden: 'yes',
  owner: 'yes',
  runtime: 'yes',
  rootfs: 'yes',
  network: 'yes',
  policy: 'yes',
  depot: 'yes',
} as const;

const SHARING = [{ address: '10.0.0.1', handles: ['h', 'other'] }];

const unreadOf = (kind: WatchedKind, names: readonly string[] | null) =>
  names === null ? ENTRY_KINDS.filter((one) => one === kind) : [];

/** Readings at these minutes; null: this one cannot tell. */
function afterAt(
  kind: WatchedKind,
  seen: readonly (readonly [minute: number, names: readonly string[] | null])[],
): Accounted {
  let ledgers = NO_LEDGERS_READ;
  let last: Accounted | null = null;
  for (const [minute, names] of seen) {
    last = accountAfter(
      {
        rows: [],
        reserved: null,
        sharing: SHARING,
        unread: unreadOf(kind, names),
        seen: { ...NONE, [kind]: names },
      },
      ledgers,
      atMinute(minute),
      0,
    );
    ledgers = last.remembered;
  }
  if (last === null) throw new Error('there was no reading');
  return last;
}
const atMinute = (minute: number) => ({
  wall: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  monotonicMilliseconds: minute * 60_000,
});
/** Readings a minute apart. */
const after = (kind: WatchedKind, seen: readonly (readonly string[] | null)[]): Accounted =>
  afterAt(
    kind,
    seen.map((names, minute) => [minute, names]),
  );
const shown = (kind: EntryKind, seen: readonly (readonly string[] | null)[]): readonly string[] =>
  after(kind, seen).account.alone.map(
    ({ name, since, isLeftover }) => `${name} ${since.slice(14, 16)}${isLeftover ? ' left' : ''}`,
  );

const ROW = {
  handle: asHandle('h'),
  app: null,
  address: '10.0.0.1',
  policy: { appId: 'app-1', spaceId: 'space-1', organizationId: 'org-1' },
  marks: ALL_YES,
};

describe('an address of several containers', () => {
  it('is shown from the second reading on: a destroy and a create may both show it once', () => {
    const sharing = (seen: readonly (readonly string[] | null)[]) =>
      after('shared', seen).account.sharing;
    expect(sharing([['10.0.0.1']])).to.deep.equal([]);
    expect(sharing([['10.0.0.1'], [], ['10.0.0.1']])).to.deep.equal([]);
    expect(sharing([['10.0.0.1'], null, ['10.0.0.1']])).to.deep.equal(SHARING);
  });
});

describe('whose a container is by the policy store', () => {
  const at = { wall: '2026-01-01T00:00:00Z', monotonicMilliseconds: 0 };
  const read = (rows: readonly AccountRow[], before = NO_LEDGERS_READ) =>
    accountAfter({ rows, sharing: [], unread: [], seen: NONE, reserved: null }, before, at, 0)
      .remembered;

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
    const own = { ...lost, handle: asHandle('own'), app: APP };
    const [named, kept] = withOwners([lost, own], known);
    expect([named?.app?.id, named?.isAppByPolicy]).to.deep.equal(['app-1', true]);
    expect(kept).to.equal(own);
  });
});

describe('the free addresses', () => {
  const free = (reserved: number | null, prefix: number) =>
    accountAfter(
      { rows: [], sharing: [], unread: [], seen: NONE, reserved },
      NO_LEDGERS_READ,
      atMinute(0),
      prefix,
    );

  it('are those of the subnet less network, gateway, broadcast and what host-local gave', () => {
    const known = (reserved: number | null, prefix: number) =>
      free(reserved, prefix).account.freeAddresses;
    expect([known(0, 24), known(250, 24), known(300, 24)]).to.deep.equal([253, 3, 0]);
    expect([known(null, 24), known(10, 0)]).to.deep.equal([null, null]);
  });

  it('are not known any more once no pass has read them for three minutes', () => {
    const { account, remembered } = free(10, 24);
    const at = (minute: number) =>
      accountWithout(account, remembered, atMinute(minute)).account.freeAddresses;
    expect([at(3), at(4)]).to.deep.equal([243, null]);
  });
});

describe('an app container without a policy entry', () => {
  const minutes = (count: number) => Array.from({ length: count }, () => ['h']);
  const unpoliced = (seen: readonly (readonly string[] | null)[]) =>
    after('unpoliced', seen).account.unpoliced.map(({ handle, since }) => [
      handle,
      since.slice(14, 16),
    ]);

  it('is named after three minutes and three readings', () => {
    expect(unpoliced(minutes(3))).to.deep.equal([]);
    expect(unpoliced(minutes(4))).to.deep.equal([['h', '00']]);
    const { account } = afterAt('unpoliced', [
      [0, ['h']],
      [9, ['h']],
    ]);
    expect(account.unpoliced).to.deep.equal([]);
  });

  it('begins anew after a reading in which it has one; one that cannot tell changes nothing', () => {
    expect(unpoliced([...minutes(3), [], ...minutes(3)])).to.deep.equal([]);
    expect(unpoliced([...minutes(4), null])).to.deep.equal([['h', '00']]);
  });

  it('is not named any more once no reading could tell for three minutes', () => {
    expect(unpoliced([...minutes(4), null, null, null, null])).to.deep.equal([]);
    const { account, remembered } = after('unpoliced', minutes(4));
    const at = (minute: number) =>
      accountWithout(account, remembered, atMinute(minute)).account.unpoliced.length;
    expect([at(6), at(7)]).to.deep.equal([1, 0]);
  });

  it('of 250, a hundred are named and all counted', () => {
    const many = Array.from({ length: 250 }, (_, n) => `h${n}`);
    const { account } = after('unpoliced', [many, many, many, many]);
    expect([account.unpoliced.length, account.unpolicedOmitted]).to.deep.equal([100, 150]);
  });
});

describe('an entry that is alone', () => {
  it('is shown from the second reading on, and is left over from the third', () => {
    expect(shown('overlay', [['x']])).to.deep.equal([]);
    expect(shown('overlay', [['x'], ['x']])).to.deep.equal(['x 00']);
    expect(shown('overlay', [['x'], ['x'], ['x']])).to.deep.equal(['x 00 left']);
  });

  it('begins anew after a reading without it', () => {
    expect(shown('depot', [['x'], ['x'], [], ['x'], ['x']])).to.deep.equal(['x 03']);
  });

  it('an address is left over after ten minutes', () => {
    const minutes = (count: number) => Array.from({ length: count + 1 }, () => ['10.0.0.1']);
    expect(shown('address', minutes(9))).to.deep.equal(['10.0.0.1 00']);
    expect(shown('address', minutes(10))).to.deep.equal(['10.0.0.1 00 left']);
  });

  it('a reading that cannot tell neither adds nor takes', () => {
    expect(shown('policy', [['x'], null, null])).to.deep.equal([]);
    expect(shown('policy', [['x'], null, ['x']])).to.deep.equal(['x 00']);
  });

  it('is counted by kind, once there were enough readings to tell', () => {
    expect(after('depot', [['x'], ['x']]).account.leftovers.depot).to.equal(null);
    const { leftovers } = after('depot', [
      ['x', 'y'],
      ['x', 'y'],
      ['x', 'y'],
    ]).account;
    expect(leftovers).to.include({ depot: 2, overlay: 0 });
  });

  it('is not counted as none before readings could tell for as long as it must last', () => {
    const none = (count: number) => Array.from({ length: count }, () => []);
    expect(after('address', none(10)).account.leftovers).to.include({ address: null, depot: 0 });
    expect(after('address', none(11)).account.leftovers.address).to.equal(0);
  });

  it('is shown but not counted while no pass has read the ledgers for three minutes', () => {
    const { account, remembered } = after('depot', [['x'], ['x'], ['x']]);
    const at = (minute: number) => accountWithout(account, remembered, atMinute(minute)).account;
    expect(at(5).leftovers.depot).to.equal(1);
    expect([at(6).leftovers.depot, at(6).alone.length]).to.deep.equal([null, 1]);
  });

  it('is not known any more after three minutes in which no reading could tell', () => {
    const minutes = Array.from({ length: 12 }, () => ['10.0.0.1']);
    const { account } = after('address', [...minutes, null, null, null]);
    expect([account.leftovers.address, account.alone.length]).to.deep.equal([1, 1]);
    const later = after('address', [...minutes, null, null, null, null]).account;
    expect([later.leftovers.address, later.alone, later.unread]).to.deep.equal([
      null,
      [],
      ['address'],
    ]);
  });

  it('of ten thousand, a hundred are shown and all are counted', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => `h${n}`);
    const { account } = after('overlay', [many, many, many]);
    expect([account.alone.length, account.aloneOmitted]).to.deep.equal([100, 9900]);
    expect(account.leftovers.overlay).to.equal(10_000);
  });

  it('of 2,000 containers that come and go none is shown', () => {
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
          expect(shown('overlay', seen.slice(0, end))).to.deep.equal([]);
      }),
    );
  });
});
