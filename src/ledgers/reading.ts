import {
  ENTRY_KINDS,
  JOB_KINDS,
  type Account,
  type AccountRow,
  type EntryKind,
  type WatchedKind,
} from '../model/ledger.ts';
import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { aloneIn } from './entries-alone.ts';
import { factsOf, knownOf, type Facts, type Known } from './facts.ts';
import { marksOf, policyMark } from './marks.ts';

/** What one reading of the ledgers shows of a cell. */
export interface Reading {
  readonly rows: readonly AccountRow[];
  readonly sharing: Account['sharing'];
  /** Entries that are alone, and what is wrong; null: this reading cannot tell. */
  readonly seen: Readonly<Record<WatchedKind, readonly string[] | null>>;
  /** Kinds that it should have read, and could not match with containers. */
  readonly unread: readonly EntryKind[];
}

/** Null if the pass did not read the ledgers, or could not compare. */
export function readingOf(pass: ObservedPass): Reading | null {
  const { hostNetwork, policyStore } = pass.snapshot.answers;
  if (hostNetwork === null || policyStore === null || pass.state.listed === null) return null;
  const facts = factsOf(pass, hostNetwork.addresses, policyStore);
  const known = pass.containers
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((container) => knownOf(container, facts));
  const rows = known.map((one) => rowOf(one, facts));
  const sharing = sharedAddresses(rows);
  const isStoreRead = policyStore.kind === 'read';
  const alone = aloneIn(facts, known);
  const kinds = pass.snapshot.answers.rootLists === null ? JOB_KINDS : ENTRY_KINDS;
  return {
    rows,
    sharing,
    unread: kinds.filter((kind) => alone[kind] === null),
    seen: {
      ...alone,
      unpoliced: isStoreRead ? unpolicedIn(facts, known) : null,
      differing: known.flatMap(({ isBeingCreated }, index) => {
        const row = rows[index];
        return row !== undefined && !isBeingCreated && differs(row) ? [row.handle] : [];
      }),
      shared: isStoreRead ? sharing.map(({ address }) => address) : null,
    },
  };
}

/** A ledger has it, and another one does not. */
export const differs = ({ marks }: AccountRow): boolean => {
  const all = Object.values(marks);
  return all.includes('yes') && all.includes('no');
};

function rowOf(known: Known, facts: Facts): AccountRow {
  const { container, address, policy } = known;
  const { handle, properties, remembered } = container;
  const isItsOwn = policy !== null && policy.address !== null && policy.address === address;
  return {
    handle,
    app: properties?.app ?? remembered?.identity?.app ?? null,
    address,
    policy: isItsOwn
      ? { appId: policy.appId, spaceId: policy.spaceId, organizationId: policy.organizationId }
      : null,
    marks: marksOf(known, facts),
  };
}

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
    .map(([address, handles]) => ({ address, handles }));
}

/** App containers of Diego that have an address of silk's, and that the store lacks. */
function unpolicedIn(facts: Facts, known: readonly Known[]): readonly string[] | null {
  if (facts.onHost === null) return null;
  const onHost = new Set(facts.onHost);
  return known.flatMap(({ container, address, policy, init }) => {
    const { handle, isListed } = container;
    const isIt =
      isListed &&
      address !== null &&
      onHost.has(address) &&
      policyMark(policy, init, facts) === 'no' &&
      isAppOfDiego(container);
    return isIt ? [handle] : [];
  });
}

const isAppOfDiego = ({ properties, remembered }: ObservedContainer): boolean =>
  (properties === null || properties.owner === 'present') &&
  (properties ?? remembered?.identity)?.kind === 'app-instance';
