import { appIdentity, type AppIdentity } from './garden.ts';
import * as s from './shape.ts';

/** The ledgers in which a container of Diego has an entry, in the order of the table. */
export const LEDGERS = [
  'kernel',
  'garden',
  'owner',
  'runtime',
  'rootfs',
  'network',
  'policy',
  'depot',
] as const;
export type LedgerName = (typeof LEDGERS)[number];

/**
 * Whether a container has an entry. `no`: the ledger was read whole and has none. `unknown`: the
 * ledger, or what shows the entry, could not be read. `none`: the cell does not have this ledger.
 */
export const MARKS = ['yes', 'no', 'unknown', 'none'] as const;
export type Mark = (typeof MARKS)[number];
export type Marks = Readonly<Record<LedgerName, Mark>>;

interface EntryRow {
  /** What one is called, and several. */
  readonly noun: string;
  readonly plural: string;
  /** It is a leftover once `MIN_READINGS` found it alone, and for so many milliseconds. */
  readonly least: number;
}

/** Readings that must see something before it counts: a container begins and ends meanwhile. */
export const MIN_READINGS = 3;

/** Longer than a create or a destroy that does not hang. */
const A_MINUTE = 60_000;
/** A destroy that is tried again keeps an address for minutes, and others get it in between. */
const OF_ADDRESSES = 600_000;
/** silk has its entry before anything else of a container runs. */
const OF_POLICIES = 180_000;

/** What can be in a ledger without its container; what matters most comes first. */
const JOB_ROWS = {
  address: { noun: 'host interface', plural: 'host interfaces', least: OF_ADDRESSES },
  reservation: { noun: 'reserved address', plural: 'reserved addresses', least: OF_ADDRESSES },
  policy: { noun: 'policy entry', plural: 'policy entries', least: OF_ADDRESSES },
  namespace: { noun: 'network namespace', plural: 'network namespaces', least: A_MINUTE },
  overlay: { noun: 'overlay', plural: 'overlays', least: A_MINUTE },
  depot: { noun: 'depot directory', plural: 'depot directories', least: A_MINUTE },
} as const satisfies Readonly<Record<string, EntryRow>>;

/** Only root can read these: no agent counts them. */
const ROOT_ROWS = {
  image: { noun: 'image directory', plural: 'image directories', least: A_MINUTE },
  silk: { noun: 'entry of silk', plural: 'entries of silk', least: OF_ADDRESSES },
  ports: { noun: 'port mapping', plural: 'port mappings', least: OF_ADDRESSES },
  identity: { noun: 'instance identity', plural: 'instance identities', least: A_MINUTE },
} as const satisfies Readonly<Record<string, EntryRow>>;

const ENTRY_ROWS = { ...JOB_ROWS, ...ROOT_ROWS };

/** The kinds of ledgers that the job can read without being root. */
export type JobKind = keyof typeof JOB_ROWS;
export type RootKind = keyof typeof ROOT_ROWS;
export type EntryKind = JobKind | RootKind;
const isJobKind = (name: string): name is JobKind => Object.hasOwn(JOB_ROWS, name);
export const JOB_KINDS: readonly JobKind[] = Object.keys(JOB_ROWS).filter(isJobKind);
const isEntryKind = (name: string): name is EntryKind => Object.hasOwn(ENTRY_ROWS, name);
export const ENTRY_KINDS: readonly EntryKind[] = Object.keys(ENTRY_ROWS).filter(isEntryKind);
export const entryRow = (kind: EntryKind): EntryRow => ENTRY_ROWS[kind];

/** What several readings must see: entries alone, and what is wrong with containers or addresses. */
const WATCHED = {
  ...ENTRY_ROWS,
  /** A handle: it has an address and no policy entry. */
  unpoliced: { least: OF_POLICIES },
  /** An address: several containers have it. */
  shared: { least: 0 },
  /** A handle: a ledger has it, and another one does not. */
  differing: { least: 0 },
} as const;
export type WatchedKind = keyof typeof WATCHED;
const isWatchedKind = (name: string): name is WatchedKind => Object.hasOwn(WATCHED, name);
export const WATCHED_KINDS: readonly WatchedKind[] = Object.keys(WATCHED).filter(isWatchedKind);
/** Milliseconds for which it must last. */
export const leastOf = (kind: WatchedKind): number => WATCHED[kind].least;

/** The init of a container, with what it shows of the container's network and runtime. */
export const initFacts = s.struct({
  /** Up to a second early. */
  startedAt: s.time,
  /** The pids of NSpid, outermost namespace first. */
  namespacePids: s.list(s.number),
  /** IPv4 addresses of its own but loopback; null: they could not be read. */
  addresses: s.nullable(s.list(s.text)),
  /** The inode of its network namespace; null: only root may read it. */
  networkNamespace: s.nullable(s.number),
  /** False: its parent may be the runtime's helper, but could not be read. */
  isParentKnown: s.flag,
  /** The runtime's helper that is its parent; null: its parent is not one. */
  helper: s.nullable(s.struct({ by: s.choice('containerd-shim', 'dadoo'), id: s.text })),
});
export type InitFacts = s.TypeOf<typeof initFacts>;

/** What silk keeps of a container. */
const policyEntry = s.struct({
  address: s.nullableText,
  appId: s.nullableText,
  spaceId: s.nullableText,
  organizationId: s.nullableText,
});
export type PolicyEntry = s.TypeOf<typeof policyEntry>;

/** What silk and the policy agent program a network from; `absent`: the cell seems to lack it. */
export const policyStore = s.union(
  s.struct({
    kind: s.choice('read'),
    entries: s.map(s.bytes, policyEntry),
    /** When its directory was made. */
    madeAt: s.time,
  }),
  s.struct({ kind: s.choice('absent') }),
  s.struct({ kind: s.choice('failed'), why: s.text }),
);
export type PolicyStore = s.TypeOf<typeof policyStore>;

/** Addresses of the cell; null: they could not be read. */
export const hostNetwork = s.struct({ addresses: s.nullable(s.list(s.text)) });
export type HostNetwork = s.TypeOf<typeof hostNetwork>;

/** What host-local has given away, and to whom; null: they could not be read, or only by root. */
export const reservations = s.struct({
  ...hostNetwork.fields,
  /** Handles by address. */
  holders: s.nullable(s.map(s.text, s.bytes)),
});
export type Reservations = s.TypeOf<typeof reservations>;

const handles = s.nullable(s.list(s.bytes));
/** The handles in what only root may read; null: this could not be read. */
export const rootLists = s.struct({
  image: handles,
  silk: handles,
  ports: handles,
  identity: handles,
} satisfies Readonly<Record<RootKind, typeof handles>>);
export type RootLists = s.TypeOf<typeof rootLists>;

/** Inodes of network namespaces by handle; null: they could not be read. */
export const namespaces = s.struct({ inodes: s.nullable(s.map(s.bytes, s.number)) });

export const accountRow = s.object({
  handle: s.key(s.text, 'The container.'),
  app: s.key(
    s.nullable(appIdentity),
    'Its app, by its properties or as `check` has it; null: not known.',
  ),
  address: s.key(s.nullableText, 'Its IPv4 address; null: not known, or it has none.'),
  policy: s.key(
    s.nullable(
      s.object({
        appId: s.key(s.nullableText, 'The guid of the app.'),
        spaceId: s.key(s.nullableText, 'The guid of its space.'),
        organizationId: s.key(s.nullableText, 'The guid of its organization.'),
      }),
    ),
    'Whose it is by the policy store; null: not known, or the store has another address.',
  ),
  marks: s.key(
    s.record(s.choice(...MARKS)),
    'By ledger: yes, no, unknown (not readable), or none (not on this cell).',
  ),
});

export const entryAlone = s.object({
  kind: s.key(s.choice(...ENTRY_KINDS), 'What it is.'),
  name: s.key(s.text, 'Its handle, or the address.'),
  since: s.key(s.time, 'When it was first seen alone.'),
  isLeftover: s.key(s.flag, 'It has been alone for long enough to count as a leftover.'),
});

export const unpoliced = s.object({
  handle: s.key(s.text, 'The container.'),
  since: s.key(s.time, 'When the entry was first missing.'),
});

export const accountView = s.object({
  readAt: s.key(s.nullableTime, 'When the ledgers were last read; null: not yet.'),
  differing: s.key(
    s.list(accountRow),
    'Containers that some ledgers have and others not, in three readings; at most 100.',
  ),
  omitted: s.key(s.count, 'How many more containers differ.'),
  changing: s.key(
    s.count,
    'Containers that differ in fewer readings, or that Garden is creating: they come or go.',
  ),
  agreeing: s.key(s.count, 'Containers about which all ledgers agree.'),
  unknown: s.key(s.count, 'Containers about which no ledgers differ, but one could not be read.'),
  sharing: s.key(
    s.list(
      s.object({
        address: s.key(s.text, 'The address.'),
        handles: s.key(s.list(s.text), 'Who has it.'),
      }),
    ),
    'Addresses that several containers have in three readings.',
  ),
  unpoliced: s.key(
    s.list(unpoliced),
    'App containers with an address and no policy entry for three minutes, at most 100.',
  ),
  unpolicedOmitted: s.key(s.count, 'How many more there are.'),
  unread: s.key(
    s.list(s.choice(...ENTRY_KINDS)),
    'Kinds of entries that no reading of the last three minutes could match with containers.',
  ),
  alone: s.key(
    s.list(entryAlone),
    'Entries that belonged to no container in three readings, at most 100 of a kind.',
  ),
  aloneOmitted: s.key(s.count, 'How many more entries belong to no container.'),
});
export type AccountRow = Omit<s.TypeOf<typeof accountRow>, 'marks'> & { readonly marks: Marks };
export type EntryAlone = s.TypeOf<typeof entryAlone>;
export type Account = Omit<s.TypeOf<typeof accountView>, 'differing'> & {
  readonly differing: readonly AccountRow[];
  /** How many entries count as leftovers; null: too few readings could tell. */
  readonly leftovers: Leftovers;
};

export type Leftovers = Readonly<Record<JobKind, number | null>>;
export const leftoversBy = (count: (kind: JobKind) => number | null): Leftovers => ({
  address: count('address'),
  reservation: count('reservation'),
  policy: count('policy'),
  namespace: count('namespace'),
  overlay: count('overlay'),
  depot: count('depot'),
});
export const NO_LEFTOVERS = leftoversBy(() => null);

export const NO_ACCOUNT: Account = {
  readAt: null,
  differing: [],
  omitted: 0,
  changing: 0,
  agreeing: 0,
  unknown: 0,
  sharing: [],
  unpoliced: [],
  unpolicedOmitted: 0,
  unread: [],
  alone: [],
  aloneOmitted: 0,
  leftovers: NO_LEFTOVERS,
};

/** What the last reading saw that could tell. */
export interface Watched {
  readonly kind: WatchedKind;
  /** The handle that the entry names, or the address. */
  readonly name: string;
  readonly since: string;
  readonly readings: number;
  /** Milliseconds between readings that saw it, of each gap at most two minutes. */
  readonly lasted: number;
}

/** The readings that could tell what there is of a kind. CLOCK_MONOTONIC, milliseconds. */
export interface ReadingsOfKind {
  readonly readings: number;
  readonly first: number;
  readonly last: number;
}

/** What is remembered of the readings of this process. Not in the file. */
export interface RememberedLedgers {
  /** CLOCK_MONOTONIC of the last one, in milliseconds; null: there was none. */
  readonly readAt: number | null;
  readonly kinds: ReadonlyMap<WatchedKind, ReadingsOfKind>;
  /** By kind and name. */
  readonly watched: ReadonlyMap<string, Watched>;
  /** By the policy store, by handle: kept while it runs, because silk's start removes the store. */
  readonly whose: ReadonlyMap<string, AppIdentity>;
}
export const NO_LEDGERS_READ: RememberedLedgers = {
  readAt: null,
  kinds: new Map(),
  watched: new Map(),
  whose: new Map(),
};
