import type { ByteString, Handle } from '../model/ids.ts';
import {
  ENTRY_KINDS,
  JOB_KINDS,
  type Account,
  type AccountRow,
  type EntryKind,
  type InitFacts,
  type Mark,
  type Marks,
  type PolicyEntry,
  type WatchedKind,
} from '../model/ledger.ts';
import { isInitBelow } from '../model/process.ts';
import type { Answers } from '../model/questions.ts';
import { textOfBytes } from '../model/text.ts';
import type { ObservedContainer, ObservedPass } from '../reconcile/judge/observed-containers.ts';
import { isLeftOf } from '../reconcile/leftovers.ts';
import type { ObservedState } from '../reconcile/observe/observe.ts';
import { lowestPids } from '../reconcile/observe/pids.ts';

/** A container has one. Of more, it gave itself the others, and they say nothing. */
const MAX_ADDRESSES = 4;
/** Pids begin anew after the highest one, so the init of a container need not have the lowest. */
const MAX_SEARCHED = 8;
/** More names are not read. */
const MAX_RESERVED = 20_000;
/** Milliseconds: the kernel gives its boot time in whole seconds. */
const BOOT_TIME_PRECISION = 2000;

/** What one reading of the ledgers shows of a cell. */
export interface Reading {
  readonly rows: readonly AccountRow[];
  readonly sharing: Account['sharing'];
  /** How many addresses host-local has given away; null: not known. */
  readonly reserved: number | null;
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
    reserved: reservedIn(facts),
    unread: kinds.filter((kind) => alone[kind] === null),
    seen: {
      ...alone,
      unpoliced: isStoreRead ? unpolicedIn(facts, known) : null,
      shared: isStoreRead ? sharing.map(({ address }) => address) : null,
    },
  };
}

interface Facts {
  readonly pass: ObservedPass;
  /** Of silk's host interfaces; null: they could not be read. */
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
  /** Whether silk makes the network here. */
  readonly hasSilk: boolean;
  readonly hasShims: boolean;
}

function factsOf(pass: ObservedPass, onHost: Facts['onHost'], policy: Facts['policy']): Facts {
  const { containers, state, snapshot } = pass;
  const { overlays, depot, inits, namespaces, reservations } = snapshot.answers;
  const names = overlays === null ? null : new Set(overlays);
  const directories = depot?.names ?? null;
  const reserved = reservations?.addresses ?? null;
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
    hasSilk: (onHost ?? []).length > 0 || policy.kind !== 'absent' || reserved !== null,
    hasShims:
      (state.gdn?.containerdSocket ?? null) !== null ||
      [...inits.values()].some((init) => init?.helper?.by === 'containerd-shim'),
  };
}

/** A container, with the init and the network that this reading shows of it. */
interface Known {
  readonly container: ObservedContainer;
  readonly init: InitFacts | null;
  /** Null: not known. */
  readonly address: string | null;
  /** Whether that is known: it may have none. */
  readonly isAddressKnown: boolean;
  /** What it may hold of the addresses of the cell. */
  readonly taken: readonly string[];
  readonly policy: PolicyEntry | null;
}

const isLive = (cgroup: { readonly pids: readonly number[] } | null): boolean =>
  (cgroup?.pids.length ?? 0) > 0;

/** Among them is the init of a container, if it lives. */
export const pidsOfInit = ({ cgroup }: Pick<ObservedContainer, 'cgroup'>): readonly number[] =>
  lowestPids(cgroup?.pids ?? [], MAX_SEARCHED);

/** Whether a process is the init of a container: pid 1 of a namespace just below gdn's. */
export const isInit = (init: InitFacts | null, { gdn }: ObservedState): init is InitFacts =>
  init !== null && isInitBelow({ ...init, startTicks: 0 }, gdn?.namespaces ?? 1);

function knownOf(container: ObservedContainer, { pass, policy, namespaces }: Facts): Known {
  const { inits } = pass.snapshot.answers;
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
  return { container, init, policy: entry, ...addressesOf(own, entry?.address ?? null) };
}

/** The policy store has the address that silk gave it; what is root there can add others. */
function addressesOf(
  own: readonly string[] | null,
  given: string | null,
): Pick<Known, 'address' | 'isAddressKnown' | 'taken'> {
  if (given !== null) {
    const isAddressKnown = own === null || own.includes(given);
    const more = own !== null && own.length <= MAX_ADDRESSES ? own : [];
    return { address: isAddressKnown ? given : null, isAddressKnown, taken: [given, ...more] };
  }
  if (own === null || own.length > MAX_ADDRESSES)
    return { address: null, isAddressKnown: false, taken: [] };
  return { address: own[0] ?? null, isAddressKnown: true, taken: own };
}

function rowOf(known: Known, facts: Facts): AccountRow {
  const { container, address, policy } = known;
  const { handle } = container;
  const { memory, snapshot } = facts.pass;
  const answer = snapshot.answers.properties.get(handle);
  const asked = answer?.kind === 'answered' ? answer.value.app : null;
  const isItsOwn = policy !== null && policy.address !== null && policy.address === address;
  return {
    handle,
    app: asked ?? memory.containers.get(handle)?.identity?.app ?? null,
    address,
    policy: isItsOwn
      ? { appId: policy.appId, spaceId: policy.spaceId, organizationId: policy.organizationId }
      : null,
    marks: marksOf(known, facts),
  };
}

const yesIf = (is: boolean): Mark => (is ? 'yes' : 'no');

const isIn = (names: ReadonlySet<ByteString> | null, name: ByteString): Mark =>
  names === null ? 'unknown' : yesIf(names.has(name));

function marksOf(known: Known, facts: Facts): Marks {
  const { container, init, policy } = known;
  const { name, handle, listedBy } = container;
  return {
    kernel: kernelMark(container),
    garden: yesIf(listedBy.has('garden')),
    owner: ownerMark(container, facts.pass),
    runtime: runtimeMark(handle, init, facts),
    rootfs: facts.hasOverlays || facts.overlays === null ? isIn(facts.overlays, name) : 'none',
    network: networkMark(known, facts),
    policy: policyMark(policy, init, facts),
    depot: isIn(facts.depot, name),
  };
}

function kernelMark({ cgroup, judgement }: ObservedContainer): Mark {
  if (isLive(cgroup)) return 'yes';
  return cgroup?.unclear === true || judgement.explanation.kind === 'undecided' ? 'unknown' : 'no';
}

function ownerMark(
  { handle, listedBy }: ObservedContainer,
  { snapshot, memory }: ObservedPass,
): Mark {
  if (!listedBy.has('garden')) return 'no';
  const answer = snapshot.answers.properties.get(handle);
  if (answer?.kind !== 'answered')
    return (memory.containers.get(handle)?.identity ?? null) === null ? 'unknown' : 'yes';
  const { owner } = answer.value;
  return owner === 'none' ? 'none' : yesIf(owner === 'present');
}

/** runc leaves an init to the cell's pid 1, so that no helper has to be there. */
function runtimeMark(handle: Handle, init: InitFacts | null, { hasShims }: Facts): Mark {
  if (!hasShims) return 'none';
  if (init === null || !init.isParentKnown) return 'unknown';
  return yesIf(init.helper?.id === handle);
}

/** Other network plugins have namespaces too, which Garden's networker makes. */
function networkMark(
  { address, isAddressKnown }: Known,
  { hasSilk, namespaces, onHost }: Facts,
): Mark {
  if (!hasSilk && namespaces?.size === 0 && onHost !== null) return 'none';
  if (!hasSilk && namespaces === null) return 'unknown';
  return isAddressKnown ? yesIf(address !== null) : 'unknown';
}

/** A store that is not there is none only where nothing of silk is. */
function policyMark(
  entry: PolicyEntry | null,
  init: InitFacts | null,
  { policy, hasSilk }: Facts,
): Mark {
  if (policy.kind !== 'read') return policy.kind === 'absent' && !hasSilk ? 'none' : 'unknown';
  if (entry !== null) return 'yes';
  return isYounger(policy.madeAt, init?.startedAt ?? null) ? 'unknown' : 'no';
}

/** silk's start makes its store anew: one that is younger than a container does not know it. */
const isYounger = (madeAt: string | null, startedAt: string | null): boolean =>
  madeAt !== null &&
  startedAt !== null &&
  Date.parse(madeAt) - Date.parse(startedAt) > BOOT_TIME_PRECISION;

const reservedIn = ({ reserved }: Facts): number | null =>
  reserved === null || reserved.length >= MAX_RESERVED ? null : reserved.length;

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
    const { handle, listedBy } = container;
    const isIt =
      listedBy.has('garden') &&
      address !== null &&
      onHost.has(address) &&
      policyMark(policy, init, facts) === 'no' &&
      isAppOfDiego(container, facts.pass);
    return isIt ? [handle] : [];
  });
}

function isAppOfDiego({ handle }: ObservedContainer, { snapshot, memory }: ObservedPass): boolean {
  const answer = snapshot.answers.properties.get(handle);
  const known = answer?.kind === 'answered' ? answer.value : null;
  if (known !== null && known.owner !== 'present') return false;
  return (known ?? memory.containers.get(handle)?.identity)?.kind === 'app-instance';
}

function aloneIn(
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
  const taken = takenAddresses(known);
  const free = (addresses: readonly string[] | null): readonly string[] | null => {
    if (addresses === null || addresses.length === 0) return addresses;
    return taken === null ? null : addresses.filter((one) => !taken.has(one));
  };
  const ofOnly = (names: Iterable<ByteString> | null | undefined) =>
    isOnly ? left(names ?? null) : null;
  const given = reserved ?? (hasSilk ? null : []);
  const isLost = (address: string): boolean => {
    const holder = holders?.get(address);
    return holder === undefined ? taken?.has(address) === false : isLeft(holder);
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

/** Of a cell without silk there are none; null: they could not be read. */
function policyHandles({ policy, hasSilk }: Facts): Iterable<ByteString> | null {
  if (policy.kind === 'read') return policy.entries.keys();
  return policy.kind === 'absent' && !hasSilk ? [] : null;
}

/** A listed container keeps its network until Garden has destroyed it; another one, while part of it runs. */
const mayHaveOne = ({ cgroup, escaped, listedBy, judgement }: ObservedContainer): boolean => {
  const { explanation } = judgement;
  const isLeft = explanation.kind === 'unknown-to-garden' && explanation.left !== null;
  return (
    listedBy.has('garden') ||
    isLive(cgroup) ||
    escaped.length > 0 ||
    isLeft ||
    explanation.kind === 'undecided'
  );
};

/** Null while nothing is known of the address of one container: it may be any of them. */
function takenAddresses(known: readonly Known[]): ReadonlySet<string> | null {
  const taken = new Set<string>();
  for (const { container, isAddressKnown, taken: own } of known) {
    if (!isAddressKnown && own.length === 0 && mayHaveOne(container)) return null;
    for (const one of own) taken.add(one);
  }
  return taken;
}
