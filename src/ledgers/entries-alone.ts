import type { ByteString } from '../model/ids.ts';
import type { EntryKind } from '../model/ledger.ts';
import { textOfBytes } from '../model/text.ts';
import type { ObservedContainer } from '../reconcile/judge/observed-containers.ts';
import { isLeftOf } from '../reconcile/compose-report.ts';
import { isLive, type Facts, type Known } from './facts.ts';

/** Entries of each kind that belong to no container; null: this reading cannot tell. */
export function aloneIn(
  facts: Facts,
  known: readonly Known[],
): Record<EntryKind, readonly string[] | null> {
  const { pass, overlays, depot, namespaces, onHost, reserved, holders, hasSilk } = facts;
  const { rootLists } = pass.snapshot.answers;
  const isLeft = isLeftOf(pass.state, pass.containers);
  const left = (names: Iterable<ByteString> | null): readonly string[] | null =>
    names === null ? null : [...names].filter(isLeft).map((name) => textOfBytes(name));
  // Nothing shows whose it is if there is another gdn.
  const isOnly = pass.state.otherGdns.length === 0;
  const { taken, isWhole } = takenAddresses(known);
  const isFree = (address: string): boolean => isWhole && !taken.has(address);
  const free = (addresses: readonly string[] | null): readonly string[] | null => {
    const notTaken = addresses?.filter((one) => !taken.has(one)) ?? null;
    return notTaken === null || notTaken.every(isFree) ? notTaken : null;
  };
  const ofOnly = (names: Iterable<ByteString> | null | undefined) =>
    isOnly ? left(names ?? null) : null;
  const given = reserved ?? (hasSilk ? null : []);
  const isLost = (address: string): boolean => {
    const holder = holders?.get(address);
    return holder === undefined ? isFree(address) : isLeft(holder);
  };
  const reservation = holders === null ? free(given) : (given?.filter(isLost) ?? null);
  return {
    overlay: ofOnly(overlays),
    namespace: ofOnly(namespaces?.keys()),
    address: isOnly ? free(onHost) : null,
    reservation: isOnly ? reservation : null,
    policy: ofOnly(policyHandles(facts)),
    depot: left(depot),
    image: ofOnly(rootLists?.image),
    silk: ofOnly(rootLists?.silk),
    ports: ofOnly(rootLists?.ports),
    identity: ofOnly(rootLists?.identity),
  };
}

/** The policy store names none on a cell without silk; null: it could not be read. */
function policyHandles({ policy, hasSilk }: Facts): Iterable<ByteString> | null {
  if (policy.kind === 'read') return policy.entries.keys();
  return policy.kind === 'absent' && !hasSilk ? [] : null;
}

/** A listed container keeps its network until Garden has destroyed it; another one, while part of it runs. */
const mayHaveOne = ({ cgroup, outside, isListed, judgement }: ObservedContainer): boolean => {
  const { explanation } = judgement;
  const isLeft = explanation.kind === 'unknown-to-garden' && explanation.left !== null;
  return (
    isListed || isLive(cgroup) || outside.length > 0 || isLeft || explanation.kind === 'undecided'
  );
};

interface TakenAddresses {
  readonly taken: ReadonlySet<string>;
  /** False while nothing is known of the address of one container: it may be any other. */
  readonly isWhole: boolean;
}

function takenAddresses(known: readonly Known[]): TakenAddresses {
  return {
    taken: new Set(known.flatMap((one) => one.taken)),
    isWhole: !known.some(
      ({ container, isAddressKnown, taken }) =>
        !isAddressKnown && taken.length === 0 && mayHaveOne(container),
    ),
  };
}
