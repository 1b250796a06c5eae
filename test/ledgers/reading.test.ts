import { expect } from 'chai';
import { asByteString, asHandle, type ByteString } from '../../src/model/ids.ts';
import {
  JOB_KINDS,
  type InitFacts,
  type LedgerName,
  type Mark,
  type PolicyStore,
} from '../../src/model/ledger.ts';
import type { ContainerProperties } from '../../src/model/garden.ts';
import { EMPTY_MEMORY, type Memory } from '../../src/model/memory.ts';
import type { Answers } from '../../src/model/questions.ts';
import { initQuestions, ledgerQuestions } from '../../src/ledgers/questions.ts';
import { readingOf, type Reading } from '../../src/ledgers/reading.ts';
import { gracePeriodsOfCheck } from '../../src/reconcile/lasting.ts';
import {
  A,
  B,
  cellWithA,
  complete,
  G,
  passOf,
  passWith,
  type CellText,
} from '../reconcile/cell-builder.ts';

const SHIM = (id: string) => ({ by: 'containerd-shim', id }) as const;
const INIT: InitFacts = {
  startedAt: null,
  namespacePids: [200, 1],
  addresses: ['10.255.0.2'],
  networkNamespace: null,
  isParentKnown: true,
  helper: SHIM(A),
};
const store = (entries: Readonly<Record<string, string | null>>): PolicyStore => ({
  kind: 'read',
  madeAt: null,
  entries: new Map(
    Object.entries(entries).map(([handle, address]) => [
      asByteString(handle),
      { address, appId: 'app-1', spaceId: 'space-1', organizationId: null },
    ]),
  ),
});
const names = (...all: readonly string[]): readonly ByteString[] => all.map(asByteString);
const inodes = (...handles: readonly string[]) => ({
  inodes: new Map(handles.map((handle, n) => [asByteString(handle), 4000 + n])),
});

/** A cell on which A runs and all ledgers agree. */
const AGREED: Partial<Answers> = {
  overlays: names(A),
  depot: { names: names(A) },
  inits: new Map([[200, INIT]]),
  hostNetwork: { addresses: ['10.255.0.2'] },
  namespaces: inodes(A),
  reservations: { addresses: ['10.255.0.2'], holders: null },
  policyStore: store({ [A]: '10.255.0.2' }),
};
const ALL = 'kernel garden owner runtime rootfs network policy depot'.split(' ') as LedgerName[];

function read(change: Partial<Answers>, cell: CellText = cellWithA('')): Reading {
  const reading = readingOf(passWith(cell, EMPTY_MEMORY, { ...AGREED, ...change }));
  if (reading === null) throw new Error('the ledgers were not read');
  return reading;
}

/** The ledgers of a container with another mark than `yes`: `network unknown`. */
const others = ({ rows }: Reading, handle = A): readonly string[] =>
  Object.entries(rows.find((row) => row.handle === handle)?.marks ?? {}).flatMap(
    ([name, mark]: [string, Mark]) => (mark === 'yes' ? [] : [`${name} ${mark}`]),
  );
const alone = (reading: Reading): readonly string[] =>
  JOB_KINDS.map((kind) => [kind, reading.seen[kind]] as const).flatMap(([kind, all]) =>
    all === null ? [`${kind} ?`] : all.map((name) => `${kind} ${name}`),
  );

describe('a reading of the ledgers', () => {
  it('marks a container in all of them, with its address and what the policy store says', () => {
    const reading = read({});
    expect(Object.keys(reading.rows[0]?.marks ?? {})).to.deep.equal(ALL);
    expect([others(reading), alone(reading)]).to.deep.equal([[], []]);
    const [row] = reading.rows;
    expect(row?.address).to.equal('10.255.0.2');
    expect(row?.policy).to.deep.equal({ appId: 'app-1', spaceId: 'space-1', organizationId: null });
  });

  const rows: readonly (readonly [string, Partial<Answers>, readonly string[]])[] = [
    ['its overlay is gone', { overlays: names(A, B).slice(1) }, ['rootfs none']],
    ['the mount table of gdn was not read', { overlays: null }, ['rootfs unknown']],
    ['the depot lacks it', { depot: { names: [] } }, ['depot no']],
    ['the depot cannot be read', { depot: { names: null } }, ['depot unknown']],
    ['its shim is gone', { inits: new Map([[200, { ...INIT, helper: null }]]) }, ['runtime none']],
    [
      'its init has ended',
      { inits: new Map([[200, null]]), policyStore: store({}) },
      ['runtime none', 'network unknown', 'policy no'],
    ],
    [
      'what was read is not its init',
      { inits: new Map([[200, { ...INIT, namespacePids: [200, 7] }]]) },
      ['runtime unknown'],
    ],
    [
      'it has no address',
      { inits: new Map([[200, { ...INIT, addresses: [] }]]), policyStore: store({}) },
      ['network no', 'policy no'],
    ],
    [
      'it is in another namespace than the one made for it',
      { inits: new Map([[200, { ...INIT, networkNamespace: 7 }]]), policyStore: store({}) },
      ['network unknown', 'policy no'],
    ],
    [
      'the policy store cannot be read',
      { policyStore: { kind: 'failed', why: '' } },
      ['policy unknown'],
    ],
    ['silk is here, but its store is not', { policyStore: { kind: 'absent' } }, ['policy unknown']],
    [
      'the cell has another network plugin',
      {
        hostNetwork: { addresses: [] },
        namespaces: inodes(),
        reservations: { addresses: null, holders: null },
        policyStore: { kind: 'absent' },
      },
      ['network none', 'policy none'],
    ],
  ];
  for (const [title, change, expected] of rows)
    it(`where ${title}: ${expected.join(', ')}`, () => {
      expect(others(read(change))).to.deep.equal(expected);
    });

  it('misses the helper of one container only if the runtime keeps one for others', () => {
    const cell = cellWithA(`${G}/garden/${B}: 300`, { listed: [A, B] });
    const init = { ...INIT, namespacePids: [300, 1], helper: null };
    const inits = new Map([[200, INIT], [300, init]]); // prettier-ignore
    expect(others(read({ inits }, cell), B)).to.include('runtime no');
  });

  it('says nothing by a policy store whose directory is younger than the container', () => {
    const inits = new Map([[200, { ...INIT, startedAt: '2026-01-01T00:00:00Z' }]]);
    const marks = (madeAt: string) => {
      const reading = read({ inits, policyStore: { ...store({}), madeAt } as PolicyStore });
      return [others(reading), reading.seen.unpoliced];
    };
    expect(marks('2026-01-01T00:00:01Z')).to.deep.equal([['policy no'], [A]]);
    expect(marks('2026-01-01T00:00:03Z')).to.deep.equal([['policy unknown'], []]);
  });

  it('counts what host-local gave away, if all of it was read', () => {
    const given = (count: number) =>
      Array.from({ length: count }, (_, n) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    const reserved = (addresses: readonly string[] | null) =>
      read({ reservations: { addresses, holders: null } }).reserved;
    expect([reserved(given(19_999)), reserved(given(20_000)), reserved(null)]).to.deep.equal([
      19_999,
      null,
      null,
    ]);
  });

  it('finds the overlay of one container missing only if those of others are there', () => {
    const cell = cellWithA(`${G}/garden/${B}: 300`, { listed: [A, B] });
    expect(others(read({}, cell), B)).to.include('rootfs no');
  });

  it('does not take the address of another container, or names from the store by it', () => {
    const [row] = read({ policyStore: store({ [A]: '10.255.0.9' }) }).rows;
    expect([row?.address, row?.policy]).to.deep.equal([null, null]);
  });

  it('asks nothing but every 60 s, and everything for a check', () => {
    const asked = (readAt: number | null, mustRead: 'everything' | null) => {
      const memory = { ...EMPTY_MEMORY, bootId: 'boot-1' };
      const pass = passOf(cellWithA(''), { ...memory, ledgers: { ...memory.ledgers, readAt } });
      const none = {
        directories: new Set<never>(),
        names: new Set<never>(),
        pids: new Set<never>(),
      };
      return ledgerQuestions(pass, mustRead ?? none).inits ?? null;
    };
    const now = passOf(cellWithA(''), EMPTY_MEMORY).snapshot.at.monotonicMilliseconds;
    expect(asked(null, null)).to.deep.equal([200]);
    expect(asked(now - 58_000, null)).to.equal(null);
    expect(asked(now - 60_000, null)).to.deep.equal([200]);
    expect(asked(now - 1000, 'everything')).to.deep.equal([200]);
  });

  it('looks for an init among more processes if the first one is not', () => {
    const cell = cellWithA('', { trees: { memory: `${G}: 100\n${G}/garden/${A}: 200 7 300 301` } });
    const inits = new Map([[7, { ...INIT, namespacePids: [7, 90] }]]);
    const pass = passWith(cell, EMPTY_MEMORY, { ...AGREED, inits });
    expect(initQuestions(pass).inits).to.deep.equal([200, 300, 301]);
    const found = read({ inits: new Map([...inits, [200, INIT]]) }, cell);
    expect(others(found)).to.deep.equal([]);
  });
});

describe('what is in a ledger alone', () => {
  it('has a handle that nobody lists and that does not run, and is of no pea', () => {
    const all = [A, B, `${A}-envoy`];
    const reading = read({
      overlays: names(...all),
      depot: { names: names(...all) },
      namespaces: inodes(...all),
      policyStore: store({ [A]: '10.255.0.2', [B]: '10.255.0.3' }),
      hostNetwork: { addresses: ['10.255.0.2', '10.255.0.3'] },
      reservations: { addresses: ['10.255.0.2', '10.255.0.4'], holders: null },
    });
    expect(alone(reading)).to.deep.equal([
      'address 10.255.0.3',
      'reservation 10.255.0.4',
      `policy ${B}`,
      `namespace ${B}`,
      `overlay ${B}`,
      `depot ${B}`,
    ]);
  });

  it('is no address while that of one container is unknown, and no image of another gdn', () => {
    const cell = cellWithA(`${G}/garden/${B}: 300`, { listed: [A, B] });
    const reading = read({ hostNetwork: { addresses: ['10.255.0.9'] } }, cell);
    expect(alone(reading)).to.include.members(['address ?', 'reservation ?']);
    const other = { pid: 110, cgroups: { memory: '/system.slice/other.service' } };
    const two = cellWithA('', { gdn: [{ pid: 100, cgroups: { memory: G } }, other] });
    expect(alone(read({ overlays: names(A, B) }, two))).to.include.members(
      ['overlay', 'namespace', 'address', 'reservation', 'policy'].map((kind) => `${kind} ?`),
    );
  });

  it('is a reservation by its holder where root read it, also while an address is unknown', () => {
    const cell = cellWithA(`${G}/garden/${B}: 300`, { listed: [A, B] });
    const holders = new Map(
      Object.entries({ '10.255.0.4': 'gone', '10.255.0.5': `${A}-envoy`, '10.255.0.6': B }).map(
        ([address, handle]) => [address, asByteString(handle)] as const,
      ),
    );
    const reservations = { addresses: [...holders.keys(), '10.255.0.7'], holders };
    // Nothing is known of the address of B.
    expect(read({ reservations }, cell).seen.reservation).to.deep.equal(['10.255.0.4']);
    expect(read({ reservations }).seen.reservation).to.deep.equal([
      '10.255.0.4',
      '10.255.0.6',
      '10.255.0.7',
    ]);
  });

  const ROOT = { image: names(A, B, `${A}-envoy`), silk: names(B), ports: names(A) } as const;

  it('is also what only root may read, and of no other gdn', () => {
    const rootLists = { ...ROOT, identity: names('gone') };
    const { seen, unread } = read({ rootLists });
    expect([seen.image, seen.silk, seen.ports, seen.identity]).to.deep.equal([
      [B],
      [B],
      [],
      ['gone'],
    ]);
    expect(unread).to.deep.equal([]);
    const other = { pid: 110, cgroups: { memory: '/system.slice/other.service' } };
    const two = cellWithA('', { gdn: [{ pid: 100, cgroups: { memory: G } }, other] });
    const of2 = read({ rootLists }, two).seen;
    expect([of2.image, of2.silk, of2.ports, of2.identity]).to.deep.equal([null, null, null, null]);
  });

  it('is not known of what root could not read, and no other user misses it', () => {
    const failed = read({ rootLists: { ...ROOT, identity: null } });
    expect([failed.unread, failed.seen.identity]).to.deep.equal([['identity'], null]);
    const user = read({ rootLists: null, depot: { names: null } });
    expect([user.unread, user.seen.image]).to.deep.equal([['depot'], null]);
  });

  it('root in a container hides at most three leaked addresses with those that it adds', () => {
    const read4 = (...added: readonly string[]) =>
      alone(
        read({
          inits: new Map([[200, { ...INIT, addresses: ['10.255.0.2', ...added] }]]),
          hostNetwork: { addresses: ['10.255.0.2', '10.255.0.3'] },
        }),
      );
    expect(read4('10.255.0.3')).to.deep.equal([]);
    const many = ['10.255.0.3', '10.255.0.4', '10.255.0.5', '10.255.0.6'];
    expect(read4(...many)).to.include('address 10.255.0.3');
  });

  it('is no address while a listed container may have it that has no process', () => {
    const cell = cellWithA(`${G}/garden/${B}:`, { listed: [A, B] });
    expect(alone(read({ hostNetwork: { addresses: ['10.255.0.9'] } }, cell))).to.include(
      'address ?',
    );
  });

  it('is no address while a side process is left of a container that Garden forgot', () => {
    const tree = `${G}/garden/${B}:\n${G}/garden/${B}-liveness-healthcheck-0: 300`;
    const reading = read({ hostNetwork: { addresses: ['10.255.0.9'] } }, cellWithA(tree));
    expect(alone(reading)).to.include.members(['address ?', 'reservation ?']);
  });

  it('is not the address that an init has, whatever the policy store says of it', () => {
    const change = { policyStore: store({ [A]: '10.255.0.7' }) };
    expect(alone(read(change))).to.deep.equal([]);
  });
});

describe('an app container without a policy entry', () => {
  const missing = { policyStore: store({}) };
  const properties = (change: Partial<ContainerProperties>) => {
    const value = { properties: {}, kind: 'app-instance', app: null, owner: 'present' } as const;
    return new Map([[asHandle(A), { kind: 'answered', value: { ...value, ...change } } as const]]);
  };
  const rows: readonly (readonly [string, Partial<Answers>, readonly string[] | null])[] = [
    ['lives and has an address of silk', missing, [A]],
    ['has its entry', {}, []],
    [
      'has an address that no host interface has',
      { ...missing, hostNetwork: { addresses: ['10.255.0.9'] } },
      [],
    ],
    [
      'runs on a host whose interfaces were not read',
      { ...missing, hostNetwork: { addresses: null } },
      null,
    ],
    ['has an init that has ended', { ...missing, inits: new Map([[200, null]]) }, []],
    ['has a store that was not read', { policyStore: { kind: 'failed', why: '' } }, null],
    ['has no store', { policyStore: { kind: 'absent' } }, null],
    ['is a task', { ...missing, properties: properties({ kind: 'task' }) }, []],
    ['has lost its owner', { ...missing, properties: properties({ owner: 'lost' }) }, []],
    ['has its owner', { ...missing, properties: properties({}) }, [A]],
  ];
  for (const [title, change, expected] of rows)
    it(`that ${title}: ${expected?.length ?? 'not known'}`, () => {
      expect(read(change).seen.unpoliced).to.deep.equal(expected);
    });

  it("is known to be Diego's by memory where a pass did not ask for properties", () => {
    const { memory } = complete(passOf(cellWithA(''), EMPTY_MEMORY), gracePeriodsOfCheck(0));
    const change = { ...AGREED, ...missing, properties: new Map() };
    const seen = (before: Memory) =>
      readingOf(passWith(cellWithA(''), before, change))?.seen.unpoliced;
    expect([seen(memory), seen(EMPTY_MEMORY)]).to.deep.equal([[A], []]);
  });

  it('does not count once Garden does not list it, or nothing in it lives', () => {
    const { memory } = complete(passOf(cellWithA(''), EMPTY_MEMORY), gracePeriodsOfCheck(0));
    const seen = (cell: CellText) =>
      readingOf(passWith(cell, memory, { ...AGREED, ...missing, properties: new Map() }))?.seen;
    expect(seen(cellWithA(''))?.unpoliced).to.deep.equal([A]);
    expect(seen(cellWithA('', { listed: [] }))?.unpoliced).to.deep.equal([]);
    const ended = cellWithA('', { trees: { memory: `${G}: 100\n${G}/garden/${A}:` } });
    expect(seen(ended)?.unpoliced).to.deep.equal([]);
  });
});
