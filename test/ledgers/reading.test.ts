import { expect } from 'chai';
import type { ContainerProperties } from '../../src/model/garden.ts';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import {
  ENTRY_KINDS,
  JOB_KINDS,
  type EntryKind,
  type InitFacts,
  type Mark,
} from '../../src/model/ledger.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Answers } from '../../src/model/questions.ts';
import { initQuestions, ledgerQuestions } from '../../src/ledgers/questions.ts';
import { readingOf, type Reading } from '../../src/ledgers/reading.ts';
import { passOf, passWith } from '../reconcile/cell-builder.ts';
import {
  app,
  cell,
  created,
  GARDEN,
  GDN,
  healthCheckOf,
  list,
  lose,
  loseProperties,
  withProperties,
  type Cell,
  type Container,
} from '../reconcile/cell.ts';
import { lastPass } from '../reconcile/shown.ts';

/*
 * The ledgers of a cell are the lists that have an entry for each container: overlays, depot,
 * addresses, silk's policy store, … billing has an entry in each of them, and the address
 * 10.255.0.2.
 */

const billing = app('billing');
const shop = app('shop', { pids: [300] });
const running = cell({ containers: [billing] });
const two = cell({ containers: [billing, shop] });
const ENVOY = { handle: `${billing.handle}-envoy` };
const GONE = { handle: 'gone' };

type Named = Pick<Container, 'handle'>;
const namesOf = (ones: readonly Named[]) => ones.map(({ handle }) => asByteString(handle));
const address = (last: number): string => `10.255.0.${last}`;

const overlays = (...ones: readonly Named[]): Partial<Answers> => ({ overlays: namesOf(ones) });
const depot = (...ones: readonly Named[]): Partial<Answers> => ({
  depot: { names: namesOf(ones) },
});
/** The addresses of the host's interfaces, by their last number. */
const host = (...last: readonly number[]): Partial<Answers> => ({
  hostNetwork: { addresses: last.map(address) },
});
const namespaces = (...ones: readonly Named[]): Partial<Answers> => ({
  namespaces: { inodes: new Map(namesOf(ones).map((name, n) => [name, 4000 + n])) },
});
const reserved = (...last: readonly number[]): Partial<Answers> => ({
  reservations: { addresses: last.map(address), holders: null },
});
/** silk's policy store, which is older than all containers if nothing else is said. */
const store = (
  entries: readonly (readonly [Named, number])[],
  madeAt = '2025-12-31T00:00:00.000Z',
): Partial<Answers> => {
  const whose = { appId: 'app-1', spaceId: 'space-1', organizationId: null };
  const all = entries.map(
    ([{ handle }, last]) => [asByteString(handle), { address: address(last), ...whose }] as const,
  );
  return { policyStore: { kind: 'read', madeAt, entries: new Map(all) } };
};
const FAILED_STORE: Partial<Answers> = { policyStore: { kind: 'failed', why: '' } };
const NO_STORE: Partial<Answers> = { policyStore: { kind: 'absent' } };

const INIT: InitFacts = {
  startedAt: '2026-01-01T00:00:00.000Z',
  namespacePids: [200, 1],
  addresses: [address(2)],
  networkNamespace: null,
  isParentKnown: true,
  helper: { by: 'containerd-shim', id: billing.handle },
};
/** Process 200 is the init of billing, and process 300 that of shop, if it was read. */
const inits = (
  ofBilling: Partial<InitFacts> | null,
  ofShop?: Partial<InitFacts>,
): Partial<Answers> => ({
  inits: new Map<number, InitFacts | null>([
    [200, ofBilling === null ? null : { ...INIT, ...ofBilling }],
    ...(ofShop === undefined
      ? []
      : [[300, { ...INIT, namespacePids: [300, 1], ...ofShop }] as const]),
  ]),
});

const AGREED: Partial<Answers> = {
  ...overlays(billing),
  ...depot(billing),
  ...inits({}),
  ...host(2),
  ...namespaces(billing),
  ...reserved(2),
  ...store([[billing, 2]]),
};

/** What a pass over the cell answers; the ledgers agree about billing if nothing else is said. */
const answersIn = (one: Cell, ledgers: Partial<Answers>, memory: Memory = EMPTY_MEMORY) => ({
  ...passOf(one, memory).snapshot.answers,
  ...AGREED,
  ...ledgers,
});
const passIn = (one: Cell, ledgers: Partial<Answers> = {}, memory: Memory = EMPTY_MEMORY) =>
  passWith(one, memory, answersIn(one, ledgers, memory));
const read = (one: Cell, ledgers?: Partial<Answers>, memory?: Memory): Reading =>
  readingOf(passIn(one, ledgers, memory)) ?? expect.fail('the ledgers were not read');

/** The marks of a container, as far as it is not in the ledger. */
const otherMarks = ({ rows }: Reading, { handle }: Named): Readonly<Record<string, Mark>> =>
  Object.fromEntries(
    Object.entries(rows.find((row) => row.handle === handle)?.marks ?? {}).filter(
      ([, mark]) => mark !== 'yes',
    ),
  );

/**
 * What is alone of each kind, null where that is unknown; nothing of kinds that have nothing alone.
 */
const aloneIn = ({ seen }: Reading, kinds: readonly EntryKind[] = JOB_KINDS) =>
  Object.fromEntries(
    kinds.map((kind) => [kind, seen[kind]] as const).filter(([, names]) => names?.length !== 0),
  );

describe('A reading of the ledgers', () => {
  it('marks a container in all of them, with its address and what the policy store says', () => {
    const { rows } = read(running);
    const ledgers = [
      'kernel',
      'garden',
      'owner',
      'runtime',
      'rootfs',
      'network',
      'policy',
      'depot',
    ];
    expect(Object.entries(rows[0]?.marks ?? {})).to.deep.equal(ledgers.map((one) => [one, 'yes']));
    expect(rows[0]?.address).to.equal('10.255.0.2');
    const policy = { appId: 'app-1', spaceId: 'space-1', organizationId: null };
    expect(rows[0]?.policy).to.deep.equal(policy);
  });

  const noEntries = store([]);
  const WHERE: readonly (readonly [string, Partial<Answers>, Readonly<Record<string, Mark>>])[] = [
    ['its overlay is gone', overlays(shop), { rootfs: 'none' }],
    ['the mount table of gdn was not read', { overlays: null }, { rootfs: 'unknown' }],
    ['the depot lacks it', depot(), { depot: 'no' }],
    ['the depot cannot be read', { depot: { names: null } }, { depot: 'unknown' }],
    ['its shim is gone', inits({ helper: null }), { runtime: 'none' }],
    [
      'its init has ended',
      { ...inits(null), ...noEntries },
      { runtime: 'none', network: 'unknown', policy: 'no' },
    ],
    ['what was read is not its init', inits({ namespacePids: [200, 7] }), { runtime: 'unknown' }],
    [
      'it has no address',
      { ...inits({ addresses: [] }), ...noEntries },
      { network: 'no', policy: 'no' },
    ],
    [
      'it is in another namespace than the one made for it',
      { ...inits({ networkNamespace: 7 }), ...noEntries },
      { network: 'unknown', policy: 'no' },
    ],
    ['the policy store cannot be read', FAILED_STORE, { policy: 'unknown' }],
    [
      'the store was made at most two seconds after the container',
      store([], '2026-01-01T00:00:01Z'),
      { policy: 'no' },
    ],
    [
      'the store is younger than the container',
      store([], '2026-01-01T00:00:03Z'),
      { policy: 'unknown' },
    ],
    ['silk is here, but its store is not', NO_STORE, { policy: 'unknown' }],
    [
      'the cell has another network plugin',
      { ...host(), ...namespaces(), reservations: { addresses: null, holders: null }, ...NO_STORE },
      { network: 'none', policy: 'none' },
    ],
  ];
  for (const [where, ledgers, marks] of WHERE)
    it(`does not mark a container in each where ${where}`, () => {
      expect(otherMarks(read(running, ledgers), billing)).to.deep.equal(marks);
    });

  /** The mark of the ledger `network` for billing, to which silk gave 10.255.0.2. */
  const networkWith = (...addresses: readonly string[]): Mark | undefined =>
    read(running, inits({ addresses })).rows[0]?.marks.network;

  it('marks no network where the address is gone that the policy store still has', () => {
    expect(networkWith('10.255.0.2')).to.equal('yes');
    expect(networkWith()).to.equal('no');
  });

  it('does not know the network where the address is another than the policy store has', () => {
    expect(networkWith('10.255.0.3')).to.equal('unknown');
  });

  it('misses the helper and the overlay of one container only if others have one', () => {
    const reading = read(two, inits({}, { helper: null }));
    expect(otherMarks(reading, shop)).to.include({ runtime: 'no', rootfs: 'no' });
  });

  it('does not take the address of another container, or names from the store by it', () => {
    const [row] = read(running, store([[billing, 9]])).rows;
    expect([row?.address, row?.policy]).to.deep.equal([null, null]);
  });

  it('marks the owner by the properties that Garden still has of one that it does not list', () => {
    const lost = cell({ lost: [billing] });
    const ownerWith = (value: ContainerProperties): Mark | undefined => {
      const answer = { kind: 'answered', value } as const;
      const properties = new Map([[asHandle(billing.handle), answer]]);
      return read(lost, { properties }).rows[0]?.marks.owner;
    };
    const kept = { 'executor:owner': 'executor' };
    expect(
      ownerWith({ properties: kept, kind: 'app-instance', app: null, owner: 'present' }),
    ).to.equal('yes');
    expect(ownerWith({ properties: null, kind: 'other', app: null, owner: 'lost' })).to.equal('no');
  });

  it('asks Garden for what it still has of one that it no longer lists, though its app is known', () => {
    const known = lastPass(0, cell({ containers: [billing] })).memory;
    const pass = passOf(cell({ lost: [billing] }), known);
    expect(pass.containers[0]?.properties).to.equal(null);
    expect(ledgerQuestions(pass, 'everything').properties).to.deep.equal([billing.handle]);
    expect(ledgerQuestions(passOf(running, known), 'everything').properties).to.deep.equal([]);
  });

  it('asks nothing but every 60 s, and everything for a check', () => {
    const none = { directories: new Set<never>(), names: new Set<never>(), pids: new Set<never>() };
    const asked = (readAt: number | null, mustRead: 'everything' | typeof none) => {
      const ledgers = { ...EMPTY_MEMORY.ledgers, readAt };
      const pass = passOf(running, { ...EMPTY_MEMORY, bootId: 'boot-1', ledgers });
      return ledgerQuestions(pass, mustRead).inits ?? null;
    };
    expect(asked(null, none)).to.deep.equal([200]);
    expect(asked(-58_000, none)).to.equal(null);
    expect(asked(-60_000, none)).to.deep.equal([200]);
    expect(asked(-1000, 'everything')).to.deep.equal([200]);
  });

  it('looks for an init among more processes if the first one is not', () => {
    const many = cell({ containers: [app('billing', { pids: [200, 7, 300, 301] })] });
    const notInit = { ...INIT, namespacePids: [7, 90] };
    const first = passWith(many, EMPTY_MEMORY, answersIn(many, { inits: new Map([[7, notInit]]) }));
    expect(initQuestions(first).inits).to.deep.equal([200, 300, 301]);
    const both = { inits: new Map([[200, INIT] as const, [7, notInit] as const]) };
    expect(otherMarks(read(many, both), billing)).to.deep.equal({});
  });
});

describe('A container that is being created', () => {
  const creating = created(two, billing);
  const addressAlone = (one: Cell, ledgers: Partial<Answers>) =>
    aloneIn(read(one, ledgers), ['address']);
  const UNKNOWN = { address: null };
  const ALONE = { address: [address(3)] };

  it('is not one that ledgers differ about', () => {
    expect(read(creating, overlays(billing)).seen.differing).to.deep.equal([]);
    expect(read(two).seen.differing).to.have.length(1);
  });

  it('may have an interface that is there, while its init has no address yet', () => {
    const ledgers = {
      ...namespaces(billing, shop),
      ...inits({}, { addresses: [] }),
      ...host(2, 3),
    };
    expect(addressAlone(creating, ledgers)).to.deep.equal(UNKNOWN);
    expect(addressAlone(two, ledgers)).to.deep.equal(ALONE);
  });

  it('has no interface before its network namespace is mounted', () => {
    const lifeless = created(cell({ containers: [billing, app('shop', { pids: [] })] }), billing);
    const withNamespaces = (...ones: readonly Named[]) =>
      addressAlone(lifeless, { ...namespaces(...ones), ...host(2, 3) });
    expect(withNamespaces(billing)).to.deep.equal(ALONE);
    expect(withNamespaces(billing, shop)).to.deep.equal(UNKNOWN);
    expect(withNamespaces()).to.deep.equal(UNKNOWN);
  });
});

describe('An entry that is in a ledger alone', () => {
  const otherGdn = { pid: 110, cgroups: { memory: '/system.slice/other.service' } };
  const withOtherGdn: Cell = {
    ...running,
    gdn: [{ pid: 100, cgroups: { memory: GDN } }, otherGdn],
  };
  const UNKNOWN_ADDRESS = { address: null, reservation: null };
  const UNKNOWN_FOR_JOB = {
    ...UNKNOWN_ADDRESS,
    policy: null,
    namespace: null,
    overlay: null,
  };
  /** What only root may read. */
  const ofRoot = {
    image: namesOf([billing, shop, ENVOY]),
    silk: namesOf([shop]),
    ports: namesOf([billing]),
    identity: null,
  };
  const allOfRoot = { rootLists: { ...ofRoot, identity: namesOf([GONE]) } };
  const partOfRoot = { rootLists: ofRoot };

  it('is of what nobody lists, does not run, and does not belong to a pea', () => {
    const ledgers = {
      ...overlays(billing, shop, ENVOY),
      ...depot(billing, shop, ENVOY),
      ...namespaces(billing, shop, ENVOY),
      ...store([
        [billing, 2],
        [shop, 3],
      ]),
      ...host(2, 3),
      ...reserved(2, 4),
    };
    expect(aloneIn(read(running, ledgers))).to.deep.equal({
      address: [address(3)],
      reservation: [address(4)],
      policy: [shop.handle],
      namespace: [shop.handle],
      overlay: [shop.handle],
      depot: [shop.handle],
    });
  });

  it('is no address while that of one container is unknown', () => {
    expect(aloneIn(read(two, { ...host(9), ...reserved(9) }))).to.deep.equal(UNKNOWN_ADDRESS);
  });

  it('is none where containers hold all addresses, also while that of one is unknown', () => {
    expect(aloneIn(read(two, { ...host(2), ...reserved(2) }))).to.deep.equal({});
  });

  it('is not known where there is another gdn', () => {
    expect(aloneIn(read(withOtherGdn, overlays(billing, shop)))).to.deep.equal(UNKNOWN_FOR_JOB);
  });

  describe('is a reservation,', () => {
    /** Root has read whose the reserved addresses are. */
    const holders = new Map(
      (
        [
          [4, GONE],
          [5, ENVOY],
          [6, shop],
        ] as const
      ).map(([last, { handle }]) => [address(last), asByteString(handle)] as const),
    );
    const reservations = { addresses: [4, 5, 6, 7].map(address), holders };

    it('by its holder, where root read that, also while an address is unknown', () => {
      expect(aloneIn(read(two, { reservations, ...host() }))).to.deep.equal({
        reservation: [address(4)],
      });
    });

    it('if nobody holds it, where all addresses are known', () => {
      expect(aloneIn(read(running, { reservations, ...host() }))).to.deep.equal({
        reservation: [address(4), address(6), address(7)],
      });
    });
  });

  it('may also be of what only root may read', () => {
    expect(aloneIn(read(running, allOfRoot), ENTRY_KINDS)).to.deep.equal({
      image: [shop.handle],
      silk: [shop.handle],
      identity: ['gone'],
    });
  });

  it('is not known to root where there is another gdn', () => {
    expect(aloneIn(read(withOtherGdn, allOfRoot), ENTRY_KINDS)).to.deep.equal({
      ...UNKNOWN_FOR_JOB,
      image: null,
      silk: null,
      ports: null,
      identity: null,
    });
  });

  it('is unknown where root could not read it', () => {
    expect(aloneIn(read(running, partOfRoot), ENTRY_KINDS)).to.deep.equal({
      image: [shop.handle],
      silk: [shop.handle],
      identity: null,
    });
  });

  it('is missed by root alone if root could not read it', () => {
    expect(read(running, allOfRoot).unread).to.deep.equal([]);
    expect(read(running, partOfRoot).unread).to.deep.equal(['identity']);
    expect(read(running, { depot: { names: null } }).unread).to.deep.equal(['depot']);
    expect(read(running).seen.image).to.equal(null);
  });

  it('is no address that root in a container has added', () => {
    const added = inits({ addresses: [2, 3].map(address) });
    expect(aloneIn(read(running, { ...added, ...host(2, 3) }))).to.deep.equal({});
  });

  it('is an address where root in a container has added more than three', () => {
    const added = inits({ addresses: [2, 3, 4, 5, 6].map(address) });
    expect(aloneIn(read(running, { ...added, ...host(2, 3) }))).to.deep.equal({
      address: [address(3)],
    });
  });

  it('is not an address that a listed container without processes may have', () => {
    const lifeless = cell({ containers: [billing, app('shop', { pids: [] })] });
    const ledgers = { ...namespaces(billing, shop), ...host(9), ...reserved(9) };
    expect(aloneIn(read(lifeless, ledgers))).to.deep.equal(UNKNOWN_ADDRESS);
  });

  it('is not an address while a side process of a container that Garden forgot is left', () => {
    const left = cell({
      containers: [billing],
      cgroups: { [shop.cgroup]: [], [healthCheckOf(shop)]: [300] },
    });
    expect(aloneIn(read(left, { ...host(9), ...reserved(9) }))).to.deep.equal(UNKNOWN_ADDRESS);
  });

  it('is not the address that an init has, whatever the policy store says of it', () => {
    expect(aloneIn(read(running, store([[billing, 7]])))).to.deep.equal({});
  });

  it('is no address while a lost container may have another name where not all is read', () => {
    const { memory } = lastPass(0, lose(two, shop));
    const crowded = { ...running, crowded: [GARDEN] };
    const reading = read(crowded, { ...host(9), ...reserved(9) }, memory);
    expect(aloneIn(reading)).to.deep.equal(UNKNOWN_ADDRESS);
  });
});

describe('An app container without a policy entry', () => {
  const none = store([]);
  const unasked: Cell = { ...running, open: ['properties'] };
  const known = lastPass(0, running).memory;
  const unpoliced = (
    one: Cell,
    ledgers: Partial<Answers> = none,
    memory?: Memory,
  ): Reading['seen']['unpoliced'] => read(one, ledgers, memory).seen.unpoliced;

  it('is found if it lives and has an address of silk', () => {
    expect(unpoliced(running)).to.deep.equal([billing.handle]);
  });

  const NOT_FOUND: readonly (readonly [string, Cell, Partial<Answers>])[] = [
    ['it has its entry', running, {}],
    ['it has an address that no host interface has', running, { ...none, ...host(9) }],
    ['its init has ended', running, { ...none, ...inits(null) }],
    ['the store is younger', running, store([], '2026-01-01T00:00:03Z')],
    [
      'it is a task',
      withProperties(running, billing, {
        'executor:owner': 'executor',
        'network.container_workload': 'task',
      }),
      none,
    ],
    ['it has lost its owner', loseProperties(running, billing), none],
    ['its properties were not asked for, and it is not known from before', unasked, none],
  ];
  for (const [what, one, ledgers] of NOT_FOUND)
    it(`is not found if ${what}`, () => {
      expect(unpoliced(one, ledgers)).to.deep.equal([]);
    });

  const UNKNOWN: Readonly<Record<string, Partial<Answers>>> = {
    'the interfaces of the host were not read': { ...none, hostNetwork: { addresses: null } },
    'the store was not read': FAILED_STORE,
    'there is no store': NO_STORE,
  };
  for (const [what, ledgers] of Object.entries(UNKNOWN))
    it(`is not known if ${what}`, () => {
      expect(unpoliced(running, ledgers)).to.equal(null);
    });

  it('is found where it was seen before, and the pass did not ask for its properties', () => {
    expect(unpoliced(unasked, none, known)).to.deep.equal([billing.handle]);
  });

  it('is not found any more once Garden does not list it', () => {
    expect(unpoliced(list(unasked), none, known)).to.deep.equal([]);
  });

  it('is not found any more once nothing in it lives', () => {
    const ended = cell({ containers: [app('billing', { pids: [] })], open: ['properties'] });
    expect(unpoliced(ended, none, known)).to.deep.equal([]);
  });
});
