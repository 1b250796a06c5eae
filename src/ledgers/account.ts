import {
  ENTRY_KINDS,
  entryRow,
  NO_LEFTOVERS,
  ROUNDS,
  SHOWN_ROUNDS,
  type Account,
  type AccountRow,
  type EntryKind,
  type ReadingsOfKind,
  type RememberedEntry,
  type RememberedLedgers,
} from '../model/ledger.ts';
import type { AppIdentity } from '../model/garden.ts';
import type { ContainerReport } from '../model/report.ts';
import type { Moment } from '../model/snapshot.ts';
import type { Reading } from './reading.ts';

const MAX_ROWS = 100;
const MAX_ALONE = 100;
/** Of each kind. More are not left over, but made on purpose. */
const MAX_REMEMBERED = 20_000;

/** What all readings of this process show. */
export interface Accounted {
  readonly account: Account;
  readonly remembered: RememberedLedgers;
}

/** A gap between two readings proves no more than this; Garden may have been away for longer. */
const MAX_GAP = 120_000;
/** What was read longer ago is not known any more, in milliseconds. */
const KNOWN_FOR = 180_000;

export function accountAfter(
  reading: Reading,
  before: RememberedLedgers,
  { wall, monotonicMilliseconds: now }: Moment,
): Accounted {
  const kinds = new Map(ENTRY_KINDS.flatMap((kind) => kindAfter(kind, reading, before, now)));
  const alone = ENTRY_KINDS.flatMap((kind): readonly RememberedEntry[] => {
    const was = before.kinds.get(kind);
    const names = reading.alone[kind];
    // A reading that cannot tell neither adds nor takes.
    if (names === null) return kinds.has(kind) ? ofKind(before, kind) : [];
    const gap = was === undefined ? 0 : Math.min(now - was.last, MAX_GAP);
    return names.slice(0, MAX_REMEMBERED).map((name) => {
      const known = before.alone.get(keyOf({ kind, name }));
      return {
        kind,
        name,
        since: known?.since ?? wall,
        readings: (known?.readings ?? 0) + 1,
        aloneFor: known === undefined ? 0 : known.aloneFor + gap,
      };
    });
  });
  const shown = Map.groupBy(
    alone.filter(({ readings }) => readings >= SHOWN_ROUNDS),
    ({ kind }) => kind,
  );
  const listed = [...shown.values()].flatMap((ones) => ones.slice(0, MAX_ALONE));
  const differing = reading.rows.filter(differs);
  const unknown = reading.rows.filter((row) => !differs(row) && hasUnknown(row)).length;
  return {
    account: {
      readAt: wall,
      differing: differing.slice(0, MAX_ROWS),
      omitted: Math.max(0, differing.length - MAX_ROWS),
      agreeing: reading.rows.length - differing.length - unknown,
      unknown,
      sharing: sharedAddresses(reading.rows),
      unread: ENTRY_KINDS.filter((kind) => reading.alone[kind] === null),
      alone: listed.map((one) => ({
        kind: one.kind,
        name: one.name,
        since: one.since,
        isLeftover: isLeftover(one),
      })),
      aloneOmitted: alone.filter(({ readings }) => readings >= SHOWN_ROUNDS).length - listed.length,
      leftovers: leftoversOf(alone, kinds),
    },
    remembered: {
      readAt: now,
      kinds,
      alone: new Map(alone.map((entry) => [keyOf(entry), entry])),
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

/** A pass that did not read the ledgers shows the last account, without counts once that is old. */
export const accountWithout = (
  account: Account,
  remembered: RememberedLedgers,
  { monotonicMilliseconds }: Moment,
): Accounted => ({
  account:
    remembered.readAt !== null && monotonicMilliseconds - remembered.readAt > KNOWN_FOR
      ? { ...account, leftovers: NO_LEFTOVERS }
      : account,
  remembered,
});

function kindAfter(
  kind: EntryKind,
  reading: Reading,
  { kinds }: RememberedLedgers,
  now: number,
): readonly (readonly [EntryKind, ReadingsOfKind])[] {
  const was = kinds.get(kind);
  if (reading.alone[kind] === null)
    return was === undefined || now - was.last > KNOWN_FOR ? [] : [[kind, was]];
  return [[kind, { readings: (was?.readings ?? 0) + 1, first: was?.first ?? now, last: now }]];
}

const isLeftover = ({ kind, readings, aloneFor }: RememberedEntry): boolean =>
  readings >= ROUNDS && aloneFor >= entryRow(kind).least;

/** Null for a kind of which readings could not tell for as long as a leftover must last. */
function leftoversOf(
  alone: readonly RememberedEntry[],
  kinds: RememberedLedgers['kinds'],
): Account['leftovers'] {
  const count = (kind: EntryKind): number | null => {
    const known = kinds.get(kind);
    const isKnown =
      known !== undefined &&
      known.readings >= ROUNDS &&
      known.last - known.first >= entryRow(kind).least;
    return isKnown ? alone.filter((one) => one.kind === kind && isLeftover(one)).length : null;
  };
  return {
    address: count('address'),
    reservation: count('reservation'),
    policy: count('policy'),
    namespace: count('namespace'),
    overlay: count('overlay'),
    depot: count('depot'),
  };
}

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
    isUnnamed(one) ? { ...one, app: whose.get(one.handle) ?? null, isAppByPolicy: true } : one,
  );
}

const keyOf = ({ kind, name }: Pick<RememberedEntry, 'kind' | 'name'>): string => `${kind} ${name}`;

const ofKind = ({ alone }: RememberedLedgers, kind: EntryKind): readonly RememberedEntry[] =>
  [...alone.values()].filter((entry) => entry.kind === kind);

/** A ledger has it, and another one does not. */
export const differs = ({ marks }: AccountRow): boolean => {
  const all = Object.values(marks);
  return all.includes('yes') && all.includes('no');
};

/** One that silk has given twice. */
function sharedAddresses(rows: readonly AccountRow[]): Account['sharing'] {
  const holders = new Map<string, string[]>();
  for (const { address, handle, policy } of rows) {
    // Without the store, it may be that of a bridge in the container.
    if (address === null || policy === null) continue;
    holders.set(address, [...(holders.get(address) ?? []), handle]);
  }
  return [...holders]
    .filter(([, handles]) => handles.length > 1)
    .slice(0, MAX_ROWS)
    .map(([address, handles]) => ({ address, handles }));
}
