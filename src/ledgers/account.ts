import {
  ENTRY_KINDS,
  entryRow,
  ROUNDS,
  SHOWN_ROUNDS,
  type Account,
  type AccountRow,
  type EntryAlone,
  type EntryKind,
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

export function accountAfter(
  reading: Reading,
  before: RememberedLedgers,
  { wall, monotonicMilliseconds }: Moment,
): Accounted {
  const alone = ENTRY_KINDS.flatMap((kind) => {
    const now = reading.alone[kind];
    // A reading that cannot tell neither adds nor takes.
    if (now === null) return ofKind(before, kind);
    return now.slice(0, MAX_REMEMBERED).map((name): RememberedEntry => {
      const was = before.alone.get(keyOf({ kind, name }));
      return {
        kind,
        name,
        since: was?.since ?? wall,
        sinceMonotonic: was?.sinceMonotonic ?? monotonicMilliseconds,
        readings: (was?.readings ?? 0) + 1,
      };
    });
  });
  const shown = alone
    .filter(({ readings }) => readings >= SHOWN_ROUNDS)
    .map(({ kind, name, since, sinceMonotonic, readings }): EntryAlone => ({
      kind,
      name,
      since,
      isLeftover:
        readings >= ROUNDS && monotonicMilliseconds - sinceMonotonic >= entryRow(kind).least,
    }));
  const differing = reading.rows.filter(differs);
  const readings = before.readings + 1;
  return {
    account: {
      readAt: wall,
      differing: differing.slice(0, MAX_ROWS),
      omitted: Math.max(0, differing.length - MAX_ROWS),
      agreeing: reading.rows.length - differing.length,
      sharing: sharedAddresses(reading.rows),
      alone: shown.slice(0, MAX_ALONE),
      aloneOmitted: Math.max(0, shown.length - MAX_ALONE),
      leftovers: readings < ROUNDS ? null : countsOf(shown),
    },
    remembered: {
      readAt: monotonicMilliseconds,
      readings,
      alone: new Map(alone.map((entry) => [keyOf(entry), entry])),
      whose: new Map(
        reading.rows.flatMap(({ handle, policy }) => {
          const app = policy === null ? before.whose.get(handle) : asApp(policy);
          return app === undefined ? [] : [[handle, app] as const];
        }),
      ),
    },
  };
}

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

function countsOf(shown: readonly EntryAlone[]): Account['leftovers'] {
  const count = (kind: EntryKind): number =>
    shown.filter((entry) => entry.kind === kind && entry.isLeftover).length;
  return {
    overlay: count('overlay'),
    namespace: count('namespace'),
    address: count('address'),
    reservation: count('reservation'),
    policy: count('policy'),
    depot: count('depot'),
  };
}

/** One that silk has given twice. */
function sharedAddresses(rows: readonly AccountRow[]): Account['sharing'] {
  const holders = new Map<string, string[]>();
  for (const { address, handle } of rows) {
    if (address === null) continue;
    holders.set(address, [...(holders.get(address) ?? []), handle]);
  }
  return [...holders]
    .filter(([, handles]) => handles.length > 1)
    .slice(0, MAX_ROWS)
    .map(([address, handles]) => ({ address, handles }));
}
