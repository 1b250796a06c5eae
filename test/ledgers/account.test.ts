import { expect } from 'chai';
import fc from 'fast-check';
import { asHandle } from '../../src/model/ids.ts';
import {
  ENTRY_KINDS,
  JOB_KINDS,
  LEDGERS,
  NO_ACCOUNT,
  NO_LEDGERS_READ,
  WATCHED_KINDS,
  type AccountRow,
  type WatchedKind,
} from '../../src/model/ledger.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import { complete, passWith, cellWithA, G, B } from '../reconcile/cell-builder.ts';
import {
  accountAfter,
  accountWithout,
  differingIn,
  withOwners,
  type Accounted,
} from '../../src/ledgers/account.ts';
import type { Reading } from '../../src/ledgers/reading.ts';
import { rowsOf } from '../rows.ts';

const each = <K extends string, V>(keys: readonly K[], value: V) =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, V>;
const NONE: Reading['seen'] = each(WATCHED_KINDS, []);

const LOST = cellWithA(`${G}/garden/${B}: 300`);
const SHARING = [{ address: '10.0.0.1', handles: ['h', 'other'] }];

const unreadOf = (kind: WatchedKind, names: readonly string[] | null) =>
  names === null ? ENTRY_KINDS.filter((one) => one === kind) : [];

type Names = readonly string[] | null;

/** Readings at these minutes; null: this one cannot tell. Undefined: a pass that did not read at all. */
function afterAt(
  kind: WatchedKind,
  seen: readonly (readonly [number, Names | undefined])[],
): Accounted {
  let last: Accounted = { account: NO_ACCOUNT, remembered: NO_LEDGERS_READ };
  for (const [minute, names] of seen) {
    const at = atMinute(minute);
    const { account, remembered } = last;
    last =
      names === undefined
        ? accountWithout(account, remembered, at)
        : accountAfter(
            { ...NOTHING, unread: unreadOf(kind, names), seen: { ...NONE, [kind]: names } },
            remembered,
            at,
          );
  }
  return last;
}
const NOTHING = { rows: [], sharing: SHARING } as const;
const atMinute = (minute: number) => ({
  wall: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
  monotonicMilliseconds: minute * 60_000,
});
/** Readings a minute apart. */
const after = (kind: WatchedKind, seen: readonly Names[]): Accounted =>
  afterAt(
    kind,
    seen.map((names, minute) => [minute, names]),
  );

/** `NAME MINUTE`, since when it is known, and whether it is left over. */
const aloneIn = ({ account }: Accounted): readonly string[] =>
  account.alone.map(
    ({ name, since, isLeftover }) => `${name} ${since.slice(14, 16)}${isLeftover ? ' left' : ''}`,
  );

const QUANTITIES: Readonly<Record<string, (after: Accounted) => readonly (string | number)[]>> = {
  alone: aloneIn,
  sharing: ({ account }) => account.sharing.map(({ address }) => address),
  unread: ({ account }) => account.unread,
  unpoliced: ({ account }) =>
    account.unpoliced.map(({ handle, since }) => `${handle} ${since.slice(14, 16)}`),
  ...Object.fromEntries(
    JOB_KINDS.map((kind) => [
      kind,
      ({ account }: Accounted) => [account.leftovers[kind] ?? 'unknown'],
    ]),
  ),
};

/**
 * A test of each row: what holds | what is read | readings a minute apart | what the account then has.
 * A reading has names, `-` for none, `?` if it cannot tell, `.` in a pass that does not read; its minute
 * after `@`, and how often it is made after `*`.
 */
function expectReadings(table: string): void {
  for (const [title = '', of, text = '', expected = ''] of rowsOf(table))
    it(title, () => {
      const seen: [number, Names | undefined][] = [];
      for (const part of text.split(', ')) {
        const [reading = '', times = '1'] = part.split(' * ');
        const [words = '', minute] = reading.split('@');
        const names = words === '?' ? null : words.split(' ').filter((word) => word !== '-');
        for (let n = 0; n < Number(times); n++)
          seen.push([Number(minute ?? seen.length), words === '.' ? undefined : names]);
      }
      const kind = WATCHED_KINDS.find((one) => one === of) ?? expect.fail(of);
      const last = afterAt(kind, seen);
      const shown = expected.split('; ').map((part) => {
        const [name = ''] = part.split(' ');
        return `${name} ${(QUANTITIES[name] ?? expect.fail(name))(last).join(', ') || '-'}`;
      });
      expect(shown.join('; ')).to.equal(expected);
    });
}

const ROW = {
  handle: asHandle('h'),
  app: null,
  address: '10.0.0.1',
  policy: { appId: 'app-1', spaceId: 'space-1', organizationId: 'org-1' },
  marks: each(LEDGERS, 'yes' as const),
};

describe('a container that ledgers differ about', () => {
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

describe('an address of several containers', () => {
  // A destroy and a create may both show it once.
  expectReadings(`
is not shown after one reading | shared | 10.0.0.1 | sharing -
is not shown while only each second reading shows it | shared | 10.0.0.1, -, 10.0.0.1 | sharing -
is not shown after two readings | shared | 10.0.0.1 * 2 | sharing -
is shown from the third on, whatever could not tell in between | shared | 10.0.0.1, ?, 10.0.0.1 * 2 | sharing 10.0.0.1
`);
});

describe('whose a container is by the policy store', () => {
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
    expect([named?.app?.id, named?.isAppByPolicy]).to.deep.equal(['app-1', true]);
    expect(kept).to.equal(own);
  });
});

describe('an app container without a policy entry', () => {
  expectReadings(`
is not named before three minutes | unpoliced | h * 3 | unpoliced -
is named after three minutes and three readings | unpoliced | h * 4 | unpoliced h 00
is not named after two readings, however long ago the first was | unpoliced | h, h@9 | unpoliced -
begins anew after a reading in which it has one | unpoliced | h * 3, -, h * 3 | unpoliced -
does not begin anew after one that cannot tell | unpoliced | h * 4, ? | unpoliced h 00
is not named any more once no reading could tell for three minutes | unpoliced | h * 4, ? * 4 | unpoliced -
is named while the ledgers were read three minutes ago | unpoliced | h * 4, .@6 | unpoliced h 00
is not named any more after that | unpoliced | h * 4, .@7 | unpoliced -
`);

  it('of 250, a hundred are named and all counted', () => {
    const many = Array.from({ length: 250 }, (_, n) => `h${n}`);
    const { account } = after('unpoliced', [many, many, many, many]);
    expect([account.unpoliced.length, account.unpolicedOmitted]).to.deep.equal([100, 150]);
  });
});

describe('an entry that is alone', () => {
  expectReadings(`
is not shown after one reading | overlay | x | alone -
is not shown after two readings | overlay | x * 2 | alone -
is left over from the third on | overlay | x * 3 | alone x 00 left
begins anew after a reading without it | depot | x * 2, -, x * 3 | alone x 03 left
is not left over before ten minutes if it is an address | address | 10.0.0.1 * 10 | alone 10.0.0.1 00
is left over then | address | 10.0.0.1 * 11 | alone 10.0.0.1 00 left
is not there more often by readings that cannot tell | policy | x, ? * 2 | alone -
is not gone by one that cannot tell | policy | x, ?, x * 2 | alone x 00
is not counted before there were enough readings to tell | depot | x * 2 | depot unknown
is counted by kind then | depot | x y * 3 | depot 2; overlay 0
is not counted as none before readings could tell for as long as it must last | address | - * 10 | address unknown; depot 0
is counted as none after that | address | - * 11 | address 0
is counted while the ledgers were read three minutes ago | depot | x * 3, .@5 | depot 1
is shown but not counted after that | depot | x * 3, .@6 | depot unknown; alone x 00 left
is known for three minutes in which no reading could tell | address | 10.0.0.1 * 12, ? * 3 | address 1; alone 10.0.0.1 00 left
is not known any more after them | address | 10.0.0.1 * 12, ? * 4 | address unknown; alone -; unread address
`);

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
          expect(aloneIn(after('overlay', seen.slice(0, end)))).to.deep.equal([]);
      }),
    );
  });
});
