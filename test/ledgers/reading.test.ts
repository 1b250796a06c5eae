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
import { A, passOf, passWith } from '../reconcile/cell-builder.ts';
import {
  cellOf,
  listOf,
  passAfter,
  recordOf,
  withHandles,
  withNames,
} from '../reconcile/cell-rows.ts';
import { rowsOf } from '../rows.ts';

/*
 * Cells as in `cell-rows.ts`, and what their ledgers have: `-` is nothing, `?` could not be read, and
 * `.2` is the address 10.255.0.2.
 */

const addressOf = (text: string): string => text.replace(/^\./, '10.255.0.');
const addressesOf = (text: string) => listOf(text)?.map(addressOf) ?? null;
const namesOf = (text: string) => listOf(text)?.map(asByteString) ?? null;
/** `KEY=VALUE KEY=VALUE`. */
const pairsOf = (text: string): readonly (readonly [string, string])[] =>
  (listOf(text) ?? []).map((word) => word.split('=') as [string, string]);
const inWords = (text: string): string => text.replaceAll(',', ' ');
const inodesOf = (names: ReturnType<typeof namesOf>) =>
  names && new Map(names.map((name, n) => [name, 4000 + n]));

/** `PID gone`, or how it differs from the init of A, in the words below. */
function initOf(text: string): readonly [number, InitFacts | null] {
  const [pid = '', ...words] = text.split(' ');
  const known: Readonly<Record<string, string>> = recordOf(words.join(' '), String);
  if (words.includes('gone')) return [Number(pid), null];
  const { started = '2026-01-01T00:00:00.000Z', inner = 1, addresses = '.2', namespace } = known;
  return [
    Number(pid),
    {
      startedAt: started,
      namespacePids: [Number(pid), Number(inner)],
      addresses: addressesOf(inWords(addresses)),
      networkNamespace: namespace === undefined ? null : Number(namespace),
      isParentKnown: true,
      helper: words.includes('orphan') ? null : { by: 'containerd-shim', id: withHandles('A') },
    },
  ];
}

const NO_ROOT_LISTS = { image: null, silk: null, ports: null, identity: null };

const LEDGERS: Readonly<Record<string, (text: string, known: Answers) => Partial<Answers>>> = {
  overlays: (text) => ({ overlays: namesOf(text) }),
  depot: (text) => ({ depot: { names: namesOf(text) } }),
  init: (text, { inits }) => ({ inits: new Map([...inits, initOf(text)]) }),
  host: (text) => ({ hostNetwork: { addresses: addressesOf(text) } }),
  namespaces: (text) => ({ namespaces: { inodes: inodesOf(namesOf(text)) } }),
  reserved: (text) => ({ reservations: { addresses: addressesOf(text), holders: null } }),
  /** Reserved addresses of which root has read whose they are: `.4=HANDLE`. */
  holders: (text, { reservations }) => {
    const pairs = pairsOf(text).map(([at, name]) => [addressOf(at), asByteString(name)] as const);
    const others = reservations?.addresses ?? [];
    const holders = new Map(pairs);
    return { reservations: { addresses: [...holders.keys(), ...others], holders } };
  },
  /** `failed`, `absent`, or `HANDLE=ADDRESS`, after the time at which it was made if that matters. */
  store: (text) => {
    if (text === 'absent') return { policyStore: { kind: 'absent' } };
    if (text === 'failed') return { policyStore: { kind: 'failed', why: '' } };
    const [madeAt = '2025-12-31T00:00:00.000Z'] = /\S+Z/.exec(text) ?? [];
    const whose = { appId: 'app-1', spaceId: 'space-1', organizationId: null };
    const entries = pairsOf(text.replace(/\S+Z/, '-')).map(
      ([name, address]) => [asByteString(name), { address: addressOf(address), ...whose }] as const,
    );
    return { policyStore: { kind: 'read', madeAt, entries: new Map(entries) } };
  },
  /** What only root may read, `?` where it could not: `image=HANDLE,HANDLE silk=HANDLE`. */
  root: (text) => ({
    rootLists: { ...NO_ROOT_LISTS, ...recordOf(text, (names) => namesOf(inWords(names))) },
  }),
};

/** A pass over a cell, in which A has an entry in all ledgers if nothing else is said. */
function passIn(text: string, memory: Memory = EMPTY_MEMORY) {
  const agreed =
    'overlays A; depot A; init 200; host .2; namespaces A; reserved .2; store A=.2'.split('; ');
  const parts = text.split('; ');
  const isLedger = (part: string): boolean => Object.hasOwn(LEDGERS, part.split(' ')[0] ?? '');
  const cell = cellOf(parts.filter((part) => !isLedger(part)).join('; '));
  const answers = { ...passOf(cell, memory).snapshot.answers };
  for (const part of [...agreed, ...parts.filter(isLedger)].map(withHandles)) {
    const [name = ''] = part.split(' ');
    Object.assign(answers, LEDGERS[name]?.(part.slice(name.length + 1), answers));
  }
  return passWith(cell, memory, answers);
}
const read = (text: string, memory?: Memory): Reading =>
  readingOf(passIn(text, memory)) ?? expect.fail('the ledgers were not read');

/** The ledgers of a container with another mark than `yes`: `network unknown`. */
const others = ({ rows }: Reading, name: string): readonly string[] =>
  Object.entries(rows.find(({ handle }) => handle === withHandles(name))?.marks ?? {}).flatMap(
    ([ledger, mark]: [string, Mark]) => (mark === 'yes' ? [] : [`${ledger} ${mark}`]),
  );

const short = (text: string): string => withNames(text).replaceAll('10.255.0.', '.');
const shownOf = (names: readonly string[] | null): string =>
  short(names === null ? '?' : names.join(' ') || '-');
/** What is alone of each kind; nothing of kinds that have nothing alone. */
const aloneIn = ({ seen }: Reading, kinds: readonly EntryKind[]): string =>
  kinds
    .map((kind) => `${kind} ${shownOf(seen[kind])}`)
    .filter((shown) => !shown.endsWith(' -'))
    .join(', ');

describe('a reading of the ledgers', () => {
  it('marks a container in all of them, with its address and what the policy store says', () => {
    const { rows } = read('garden/A: 200');
    const ledgers = 'kernel garden owner runtime rootfs network policy depot'.split(' ');
    expect(Object.entries(rows[0]?.marks ?? {})).to.deep.equal(ledgers.map((one) => [one, 'yes']));
    expect(rows[0]?.address).to.equal('10.255.0.2');
    const policy = { appId: 'app-1', spaceId: 'space-1', organizationId: null };
    expect(rows[0]?.policy).to.deep.equal(policy);
  });

  const two = 'garden/A: 200, garden/B: 300; lists A B';
  const older = 'init 200 started=2026-01-01T00:00:00Z; store 2026-01-01T00:00';
  for (const [where = '', cell = '', expected = ''] of rowsOf(`
its overlay is gone | overlays B | rootfs none
the mount table of gdn was not read | overlays ? | rootfs unknown
the depot lacks it | depot - | depot no
the depot cannot be read | depot ? | depot unknown
its shim is gone | init 200 orphan | runtime none
its init has ended | init 200 gone; store - | runtime none, network unknown, policy no
what was read is not its init | init 200 inner=7 | runtime unknown
it has no address | init 200 addresses=-; store - | network no, policy no
it is in another namespace than the one made for it | init 200 namespace=7; store - | network unknown, policy no
the policy store cannot be read | store failed | policy unknown
the store was made at most two seconds after the container | ${older}:01Z | policy no
the store is younger than the container | ${older}:03Z | policy unknown
silk is here, but its store is not | store absent | policy unknown
the cell has another network plugin | host -; namespaces -; reserved ?; store absent | network none, policy none
`))
    it(`where ${where}: ${expected}`, () => {
      expect(others(read(`garden/A: 200; ${cell}`), 'A').join(', ')).to.equal(expected);
    });

  /** The mark of the ledger `network` for A, to which silk gave 10.255.0.2, with these addresses. */
  const networkWith = (addresses: readonly string[]): Mark | undefined => {
    const pass = passIn('garden/A: 200');
    const { answers } = pass.snapshot;
    const inits = new Map(
      [...answers.inits].map(([pid, init]) => [pid, init && { ...init, addresses }] as const),
    );
    const reading = readingOf(
      passWith(cellOf('garden/A: 200'), EMPTY_MEMORY, { ...answers, inits }),
    );
    return reading?.rows[0]?.marks.network;
  };

  it('marks no network where the address is gone that the policy store still has', () => {
    expect(networkWith(['10.255.0.2'])).to.equal('yes');
    expect(networkWith([])).to.equal('no');
  });

  it('does not know the network where the address is another than the policy store has', () => {
    expect(networkWith(['10.255.0.3'])).to.equal('unknown');
  });

  it('misses the helper and the overlay of one container only if others have one', () => {
    const reading = read(`${two}; init 300 orphan`);
    expect(others(reading, 'B')).to.include.members(['runtime no', 'rootfs no']);
  });

  it('does not take the address of another container, or names from the store by it', () => {
    const [row] = read('garden/A: 200; store A=.9').rows;
    expect([row?.address, row?.policy]).to.deep.equal([null, null]);
  });

  it('marks the owner by the properties that Garden still has of a container that it does not list', () => {
    const pass = passIn('garden/A: 200; lists -');
    const markFor = (properties: ContainerProperties): Mark | undefined => {
      const answer = { kind: 'answered', value: properties } as const;
      const answers = { ...pass.snapshot.answers, properties: new Map([[asHandle(A), answer]]) };
      const cell = cellOf('garden/A: 200; lists -');
      return readingOf(passWith(cell, EMPTY_MEMORY, answers))?.rows[0]?.marks.owner;
    };
    const kept = { 'executor:owner': 'executor' };
    expect(
      markFor({ properties: kept, kind: 'app-instance', app: null, owner: 'present' }),
    ).to.equal('yes');
    expect(markFor({ properties: null, kind: 'other', app: null, owner: 'lost' })).to.equal('no');
  });

  it('asks nothing but every 60 s, and everything for a check', () => {
    const cell = cellOf('garden/A: 200');
    const none = { directories: new Set<never>(), names: new Set<never>(), pids: new Set<never>() };
    const asked = (readAt: number | null, mustRead: 'everything' | typeof none) => {
      const ledgers = { ...EMPTY_MEMORY.ledgers, readAt };
      const pass = passOf(cell, { ...EMPTY_MEMORY, bootId: 'boot-1', ledgers });
      return ledgerQuestions(pass, mustRead).inits ?? null;
    };
    expect(asked(null, none)).to.deep.equal([200]);
    expect(asked(-58_000, none)).to.equal(null);
    expect(asked(-60_000, none)).to.deep.equal([200]);
    expect(asked(-1000, 'everything')).to.deep.equal([200]);
  });

  it('looks for an init among more processes if the first one is not', () => {
    const cell = 'garden/A: 200 7 300 301; init 7 inner=90';
    const pass = passIn(cell);
    const inits = new Map([...pass.snapshot.answers.inits].filter(([pid]) => pid === 7));
    const answers = { ...pass.snapshot.answers, inits };
    const first = { ...pass, snapshot: { ...pass.snapshot, answers } };
    expect(initQuestions(first).inits).to.deep.equal([200, 300, 301]);
    expect(others(read(cell), 'A')).to.deep.equal([]);
  });
});

describe('a container that is being created', () => {
  const creating = 'garden/A: 200, garden/B: 300; lists A B; created A';
  const addressIn = (cell: string) => aloneIn(read(cell), ['address']);

  it('is not one that ledgers differ about', () => {
    expect(read(`${creating}; overlays A`).seen.differing).to.deep.equal([]);
    expect(read('garden/A: 200, garden/B: 300; lists A B').seen.differing).to.have.length(1);
  });

  it('may have an interface that is there, while its init has no address yet', () => {
    const made = `${creating}; namespaces A B; init 300 addresses=-; host .2 .3`;
    expect(addressIn(made)).to.equal('address ?');
    expect(addressIn(made.replace('; created A', ''))).to.equal('address .3');
  });

  it('has none before its network namespace is mounted', () => {
    const listed = 'garden/A: 200, garden/B:; lists A B; created A';
    expect(addressIn(`${listed}; namespaces A; host .2 .3`)).to.equal('address .3');
    expect(addressIn(`${listed}; namespaces A B; host .2 .3`)).to.equal('address ?');
    expect(addressIn(`${listed}; namespaces -; host .2 .3`)).to.equal('address ?');
  });
});

describe('what is in a ledger alone', () => {
  const two = 'garden/A: 200, garden/B: 300; lists A B';
  const gdns = 'garden/A: 200; gdn 100 110@/system.slice/other.service';
  const ofRoot = 'root image=A,B,A-envoy silk=B ports=A';
  const held = 'holders .4=gone .5=A-envoy .6=B; ';
  const unknown = 'address ?, reservation ?';
  const each = 'address ?, reservation ?, policy ?, namespace ?, overlay ?';
  for (const [title = '', cell = '', expected = ''] of rowsOf(`
is what nobody lists, does not run, and does not belong to a pea | garden/A: 200; overlays A B A-envoy; depot A B A-envoy; namespaces A B A-envoy; store A=.2 B=.3; host .2 .3; reserved .2 .4 | address .3, reservation .4, policy B, namespace B, overlay B, depot B
is no address while that of one container is unknown | ${two}; host .9; reserved .9 | ${unknown}
is none where containers hold all of them, also while that of one is unknown | ${two}; host .2; reserved .2 | 
is not known where there is another gdn | ${gdns}; overlays A B | ${each}
is a reservation by its holder where root read it, also while an address is unknown | ${two}; reserved .7; ${held}host - | reservation .4
is a reservation that nobody holds, where all addresses are known | garden/A: 200; reserved .7; ${held}host - | reservation .4 .6 .7
is also what only root may read | garden/A: 200; ${ofRoot} identity=gone | image B, silk B, identity gone
is not known to root where there is another gdn | ${gdns}; ${ofRoot} identity=gone | ${each}, image ?, silk ?, ports ?, identity ?
is unknown where root could not read it | garden/A: 200; ${ofRoot} | image B, silk B, identity ?
is no address that root in a container has added | garden/A: 200; init 200 addresses=.2,.3; host .2 .3 | 
is one where it has added more than three | garden/A: 200; init 200 addresses=.2,.3,.4,.5,.6; host .2 .3 | address .3
is not an address that a listed container without processes may have | garden/A: 200, garden/B:; lists A B; namespaces A B; host .9; reserved .9 | ${unknown}
is not an address while a side process of a container that Garden forgot is left | garden/A: 200, garden/B:, garden/B-liveness-healthcheck-0: 300; host .9; reserved .9 | ${unknown}
is not the address that an init has, whatever the policy store says of it | garden/A: 200; store A=.7 | 
`))
    it(title, () => {
      const kinds = cell.includes('root ') ? ENTRY_KINDS : JOB_KINDS;
      expect(aloneIn(read(cell), kinds)).to.equal(expected);
    });

  it('is no address while a lost container may have another name where not all is read', () => {
    const { memory } = passAfter('garden/A: 200, garden/B: 300', 0);
    const cell = 'garden/A: 200; crowded garden; host .9; reserved .9';
    expect(aloneIn(read(cell, memory), JOB_KINDS)).to.equal(unknown);
  });

  it('is missed by root alone if root could not read it', () => {
    const unread = (cell: string) => read(`garden/A: 200; ${cell}`).unread;
    expect(unread(`${ofRoot} identity=gone`)).to.deep.equal([]);
    expect(unread(ofRoot)).to.deep.equal(['identity']);
    expect(unread('depot ?')).to.deep.equal(['depot']);
    expect(read('garden/A: 200').seen.image).to.equal(null);
  });
});

describe('an app container without a policy entry', () => {
  const none = 'garden/A: 200; store -';
  const known = passAfter('garden/A: 200', 0).memory;
  const unasked = 'open properties';
  for (const [title = '', cell = '', expected = ''] of rowsOf(`
lives and has an address of silk | ${none} | A
has its entry | garden/A: 200 | -
has an address that no host interface has | ${none}; host .9 | -
runs on a host whose interfaces were not read | ${none}; host ? | ?
has an init that has ended | ${none}; init 200 gone | -
has a store that was not read | garden/A: 200; store failed | ?
has no store | garden/A: 200; store absent | ?
has a store that is younger | ${none}; init 200 started=2026-01-01T00:00:00Z; store 2026-01-01T00:00:03Z | -
is a task | ${none}; property A executor:owner=executor network.container_workload=task | -
has lost its owner | ${none}; unowned A | -
was not asked for its properties, and is not known from before | ${none}; ${unasked} | -
`))
    it(`that ${title}: ${expected}`, () => {
      expect(shownOf(read(cell).seen.unpoliced)).to.equal(expected);
    });

  for (const [title = '', cell = '', expected = ''] of rowsOf(`
is one where the pass did not ask for its properties | ${none}; ${unasked} | A
is none once Garden does not list it | ${none}; ${unasked}; lists - | -
is none once nothing in it lives | garden/A:; store -; ${unasked} | -
`))
    it(`that was seen before ${title}: ${expected}`, () => {
      expect(shownOf(read(cell, known).seen.unpoliced)).to.equal(expected);
    });
});
