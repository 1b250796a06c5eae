import type { ByteString } from '../model/ids.ts';
import type { InitFacts, PolicyEntry } from '../model/ledger.ts';
import { isInitBelow } from '../model/process.ts';
import type { Answers } from '../model/questions.ts';
import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import type { ObservedState } from '../reconcile/observe/observe.ts';
import { lowestPids } from '../reconcile/observe/pids.ts';

/** A container has one. Of more, it gave itself the others, and they say nothing. */
const MAX_ADDRESSES = 4;
/** Pids begin anew after the highest one, so the init of a container need not have the lowest. */
const MAX_SEARCHED = 8;

/** What the ledgers have, as one pass read them. */
export interface Facts {
  readonly pass: ObservedPass;
  /** The names of silk's host interfaces; null: they could not be read. */
  readonly onHost: readonly string[] | null;
  readonly policy: NonNullable<Answers['policyStore']>;
  readonly reserved: readonly string[] | null;
  /** Handles by reserved address; null: only root may read them. */
  readonly holders: ReadonlyMap<string, ByteString> | null;
  /** Inodes by handle; null: they could not be read. */
  readonly namespaces: ReadonlyMap<ByteString, number> | null;
  readonly overlays: ReadonlySet<ByteString> | null;
  readonly depot: ReadonlySet<ByteString> | null;
  /** Whether gdn keeps overlays mounted in its table at all. */
  readonly hasOverlays: boolean;
  /** Whether Garden's networker keeps network namespaces mounted in gdn's table at all. */
  readonly hasNamespaces: boolean;
  /** Whether silk makes the network here. */
  readonly hasSilk: boolean;
  readonly hasShims: boolean;
}

export function factsOf(
  pass: ObservedPass,
  onHost: Facts['onHost'],
  policy: Facts['policy'],
): Facts {
  const { containers, state, snapshot } = pass;
  const { overlays, depot, inits, namespaces, reservations } = snapshot.answers;
  const names = overlays === null ? null : new Set(overlays);
  const directories = depot?.names ?? null;
  const reserved = reservations?.addresses ?? null;
  const isMounted = (name: ByteString): boolean => namespaces?.inodes?.has(name) === true;
  return {
    pass,
    onHost,
    policy,
    reserved,
    holders: reservations?.holders ?? null,
    namespaces: namespaces?.inodes ?? null,
    overlays: names,
    depot: directories === null ? null : new Set(directories),
    hasOverlays: containers.some(({ name, cgroup }) => isLive(cgroup) && names?.has(name) === true),
    hasNamespaces: containers.some(({ name, cgroup }) => isLive(cgroup) && isMounted(name)),
    hasSilk: (onHost ?? []).length > 0 || policy.kind !== 'absent' || reserved !== null,
    hasShims:
      (state.gdn?.containerdSocket ?? null) !== null ||
      [...inits.values()].some((init) => init?.helper?.by === 'containerd-shim'),
  };
}

/** A container, with the init and the network that this reading shows of it. */
export interface Known {
  readonly container: ObservedContainer;
  readonly init: InitFacts | null;
  /** Null: not known. */
  readonly address: string | null;
  /** Whether that is known: it may have none. */
  readonly isAddressKnown: boolean;
  /** What it may hold of the addresses of the cell. */
  readonly taken: readonly string[];
  readonly policy: PolicyEntry | null;
  /** Garden lists it, and has not called it created: what it lacks may still come. */
  readonly isBeingCreated: boolean;
}

export const isLive = (cgroup: { readonly pids: readonly number[] } | null): boolean =>
  (cgroup?.pids.length ?? 0) > 0;

/** Among them is the init of a container, if it lives. */
export const pidsOfInit = ({ cgroup }: Pick<ObservedContainer, 'cgroup'>): readonly number[] =>
  lowestPids(cgroup?.pids ?? [], MAX_SEARCHED);

/** Whether a process is the init of a container: pid 1 of a namespace just below gdn's. */
export const isInit = (init: InitFacts | null, { gdn }: ObservedState): init is InitFacts =>
  init !== null && isInitBelow({ ...init, startTicks: 0 }, gdn?.namespaces ?? 1);

export function knownOf(
  container: ObservedContainer,
  { pass, policy, namespaces, hasNamespaces }: Facts,
): Known {
  const { inits } = pass.snapshot.answers;
  const { created } = pass.state;
  const init =
    pidsOfInit(container)
      .map((pid) => inits.get(pid) ?? null)
      .find((one) => isInit(one, pass.state)) ?? null;
  const mounted = namespaces?.get(container.name);
  // In another namespace than the one that was made for it, its addresses say nothing.
  const isOther =
    mounted !== undefined && init !== null && (init.networkNamespace ?? mounted) !== mounted;
  const own = isOther ? null : (init?.addresses ?? null);
  const entry = policy.kind === 'read' ? (policy.entries.get(container.name) ?? null) : null;
  const { isListed, handle, properties, cgroup, judgement } = container;
  // A container that has lost its properties is not called created, either.
  const isBeingCreated = isListed && properties?.owner !== 'lost' && created?.has(handle) === false;
  // Its namespace is mounted before the network is made, and unmounted after that is removed.
  const hasNoNetwork =
    isListed &&
    !isLive(cgroup) &&
    judgement.explanation.kind !== 'undecided' &&
    hasNamespaces &&
    mounted === undefined;
  const addresses = addressesOf(own, entry?.address ?? null);
  return {
    container,
    init,
    policy: entry,
    isBeingCreated,
    ...addresses,
    isAddressKnown:
      hasNoNetwork || (addresses.isAddressKnown && !(isBeingCreated && addresses.address === null)),
  };
}

/** The policy store has the address that silk gave it; what is root there can add others. */
function addressesOf(
  own: readonly string[] | null,
  given: string | null,
): Pick<Known, 'address' | 'isAddressKnown' | 'taken'> {
  if (given !== null) {
    // Its interface is gone. The address is not free: silk has given it to this container.
    if (own?.length === 0) return { address: null, isAddressKnown: true, taken: [given] };
    const isAddressKnown = own === null || own.includes(given);
    const more = own !== null && own.length <= MAX_ADDRESSES ? own : [];
    return { address: isAddressKnown ? given : null, isAddressKnown, taken: [given, ...more] };
  }
  if (own === null || own.length > MAX_ADDRESSES)
    return { address: null, isAddressKnown: false, taken: [] };
  return { address: own[0] ?? null, isAddressKnown: true, taken: own };
}
