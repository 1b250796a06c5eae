import {
  ENTRY_KINDS,
  leastOf,
  leftoversBy,
  NO_LEFTOVERS,
  MIN_READINGS,
  WATCHED_KINDS,
  type Account,
  type AccountRow,
  type ReadingsOfKind,
  type RememberedLedgers,
  type Watched,
  type WatchedKind,
} from '../model/ledger.ts';
import type { AppIdentity } from '../model/garden.ts';
import type { ContainerReport } from '../model/report.ts';
import type { Moment } from '../model/snapshot.ts';
import { differs, type Reading } from './reading.ts';

const MAX_ROWS = 100;
/** How many names of each kind are remembered. More leftovers than that are made on purpose. */
const MAX_REMEMBERED = 20_000;

/** What all readings of this process show. */
export interface Accounted {
  readonly account: Account;
  readonly remembered: RememberedLedgers;
}

/**
 * The most, in milliseconds, that a gap between two readings adds to how long an entry has lasted;
 * Garden may have been away for longer.
 */
const MAX_GAP = 120_000;
/**
 * Milliseconds since the last reading that could tell, after which nothing is known any more. More
 * than MAX_GAP, so that nothing is forgotten during a gap that counts in full.
 */
const KNOWN_FOR = 180_000;

export function accountAfter(
  reading: Reading,
  before: RememberedLedgers,
  { wall, monotonicMilliseconds: now }: Moment,
): Accounted {
  const kinds = new Map(WATCHED_KINDS.flatMap((kind) => kindAfter(kind, reading, before, now)));
  const watched = WATCHED_KINDS.flatMap((kind): readonly Watched[] => {
    const was = before.kinds.get(kind);
    const names = reading.seen[kind];
    // A reading that cannot tell neither adds nor takes.
    if (names === null) return kinds.has(kind) ? ofKind(before, kind) : [];
    const gap = was === undefined ? 0 : Math.min(now - was.last, MAX_GAP);
    return names.slice(0, MAX_REMEMBERED).map((name) => {
      const known = before.watched.get(keyOf({ kind, name }));
      return {
        kind,
        name,
        since: known?.since ?? wall,
        readings: (known?.readings ?? 0) + 1,
        lasted: known === undefined ? 0 : known.lasted + gap,
      };
    });
  });
  const counting = Map.groupBy(
    watched.filter(({ readings }) => readings >= MIN_READINGS),
    ({ kind }) => kind,
  );
  const alone = ENTRY_KINDS.flatMap((kind) =>
    (counting.get(kind) ?? []).map((one) => ({
      kind,
      name: one.name,
      since: one.since,
      isLeftover: hasLasted(one),
    })),
  );
  const listed = ENTRY_KINDS.flatMap((kind) =>
    alone.filter((one) => one.kind === kind).slice(0, MAX_ROWS),
  );
  const twice = new Set(counting.get('shared')?.map(({ name }) => name));
  const unpoliced = (counting.get('unpoliced') ?? []).filter(hasLasted);
  const isDiffering = new Set(counting.get('differing')?.map(({ name }) => name));
  const different = reading.rows.filter(differs);
  const differing = different.filter(({ handle }) => isDiffering.has(handle));
  const unknown = reading.rows.filter((row) => !differs(row) && hasUnknown(row)).length;
  return {
    account: {
      readAt: wall,
      differing: differing.slice(0, MAX_ROWS),
      omitted: Math.max(0, differing.length - MAX_ROWS),
      changing: different.length - differing.length,
      agreeing: reading.rows.length - different.length - unknown,
      unknown,
      sharing: reading.sharing.filter(({ address }) => twice.has(address)).slice(0, MAX_ROWS),
      unpoliced: unpoliced.slice(0, MAX_ROWS).map(({ name, since }) => ({ handle: name, since })),
      unpolicedOmitted: Math.max(0, unpoliced.length - MAX_ROWS),
      unread: reading.unread.filter((kind) => !kinds.has(kind)),
      alone: listed,
      aloneOmitted: alone.length - listed.length,
      leftovers: leftoversOf(watched, kinds),
    },
    remembered: {
      readAt: now,
      kinds,
      watched: new Map(watched.map((one) => [keyOf(one), one])),
      whose: new Map(
        reading.rows.flatMap(({ handle, policy }) => {
          const isNamed = (policy?.appId ?? '') !== '';
          const app = policy !== null && isNamed ? asApp(policy) : before.whose.get(handle);
          return app === undefined ? [] : [[handle, app] as const];
        }),
      ),
    },
  };
}

const NOT_KNOWN = {
  leftovers: NO_LEFTOVERS,
  unpoliced: [],
  unpolicedOmitted: 0,
} as const;

/** A pass that did not read the ledgers shows the last account, without what old readings do not show. */
export const accountWithout = (
  account: Account,
  remembered: RememberedLedgers,
  { monotonicMilliseconds }: Moment,
): Accounted => ({
  account:
    remembered.readAt !== null && monotonicMilliseconds - remembered.readAt > KNOWN_FOR
      ? { ...account, ...NOT_KNOWN }
      : account,
  remembered,
});

function kindAfter(
  kind: WatchedKind,
  reading: Reading,
  { kinds }: RememberedLedgers,
  now: number,
): readonly (readonly [WatchedKind, ReadingsOfKind])[] {
  const was = kinds.get(kind);
  if (reading.seen[kind] === null)
    return was === undefined || now - was.last > KNOWN_FOR ? [] : [[kind, was]];
  return [[kind, { readings: (was?.readings ?? 0) + 1, first: was?.first ?? now, last: now }]];
}

const hasLasted = ({ kind, readings, lasted }: Watched): boolean =>
  readings >= MIN_READINGS && lasted >= leastOf(kind);

/** Null for a kind of which readings could not tell for as long as a leftover must last. */
const leftoversOf = (watched: readonly Watched[], kinds: RememberedLedgers['kinds']) =>
  leftoversBy((kind) => {
    const known = kinds.get(kind);
    const isKnown =
      known !== undefined &&
      known.readings >= MIN_READINGS &&
      known.last - known.first >= leastOf(kind);
    return isKnown ? watched.filter((one) => one.kind === kind && hasLasted(one)).length : null;
  });

/** A ledger, or what shows the entry, could not be read. */
export const hasUnknown = ({ marks }: Pick<AccountRow, 'marks'>): boolean =>
  Object.values(marks).includes('unknown');

/** The policy store has ids, no names. */
const asApp = (policy: NonNullable<AccountRow['policy']>): AppIdentity => ({
  id: policy.appId,
  name: null,
  spaceId: policy.spaceId,
  spaceName: null,
  organizationId: policy.organizationId,
  organizationName: null,
  index: null,
  processType: null,
});

/** The containers of a report: one that differs, and whose app Garden does not name, with that app. */
export function withOwners(
  containers: readonly ContainerReport[],
  { whose }: RememberedLedgers,
): readonly ContainerReport[] {
  const isUnnamed = ({ app, status, handle }: ContainerReport): boolean =>
    app === null && status !== 'tracked' && whose.has(handle);
  if (!containers.some(isUnnamed)) return containers;
  return containers.map((one) =>
    isUnnamed(one)
      ? { ...one, app: whose.get(one.handle) ?? null, appSource: 'policy-store' }
      : one,
  );
}

/** The containers that ledgers differ about in as many readings as it takes to count. */
export const differingIn = ({ watched }: RememberedLedgers): ReadonlySet<string> =>
  new Set(
    [...watched.values()].flatMap(({ kind, name, readings }) =>
      kind === 'differing' && readings >= MIN_READINGS ? [name] : [],
    ),
  );

const keyOf = ({ kind, name }: Pick<Watched, 'kind' | 'name'>): string => `${kind} ${name}`;

const ofKind = ({ watched }: RememberedLedgers, kind: WatchedKind): readonly Watched[] =>
  [...watched.values()].filter((one) => one.kind === kind);
