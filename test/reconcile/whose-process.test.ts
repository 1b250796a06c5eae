import { expect } from 'chai';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { Launched, ProcessFacts } from '../../src/model/process.ts';
import { NO_ANSWERS } from '../../src/model/questions.ts';
import type { ContainerDirectory } from '../../src/reconcile/observe/container-cgroup.ts';
import type { GdnCgroups } from '../../src/reconcile/observe/gdn.ts';
import * as ownership from '../../src/reconcile/observe/ownership.ts';
import { passOf, process } from './cell-builder.ts';
import { app, cell } from './cell.ts';

const billing = app('billing');
const shop = app('shop');
const { state } = passOf(cell({ containers: [billing] }), EMPTY_MEMORY);
const { primary } = state.ownership ?? expect.fail('the cell has no hierarchy');

interface Gdn {
  /** Its cgroup; absent: it has none in this hierarchy. */
  readonly cgroup?: string;
  readonly depot?: string;
  /** The socket of its containerd. */
  readonly socket?: string;
}

const gdn = (pid: number, { cgroup, depot, socket }: Gdn = {}): GdnCgroups => ({
  source: 'process',
  pid,
  paths: cgroup === undefined ? {} : { memory: asByteString(cgroup) },
  namespaces: 1,
  startTicks: 1,
  depot: depot ?? null,
  containerdSocket: socket ?? null,
});
const OURS = gdn(100, { cgroup: '/g' });
const OTHER = gdn(150, { cgroup: '/x' });

/**
 * The helper that started billing: dadoo, which may name its depot, or a shim with its containerd.
 */
const dadoo = (depot: string | null = null): Launched => ({
  by: 'dadoo',
  id: billing.handle,
  depot,
});
const shim = (address: string | null = null): Launched => ({
  by: 'containerd-shim',
  namespace: 'garden',
  id: billing.handle,
  address,
});

interface Known {
  /** Ours; null: it is not known. */
  readonly gdn: GdnCgroups | null;
  readonly others: readonly GdnCgroups[];
  readonly helper?: Launched;
  /** How the process of the helper differs from one of the host. */
  readonly facts?: Partial<ProcessFacts>;
  /** The pid above the helper. */
  readonly above?: number;
  /** The helper's cgroup. */
  readonly cgroup?: string;
  /** The images of the roots of processes; null: the process has ended. */
  readonly images?: Readonly<Record<number, string | null>>;
}

/** Process 300 is a child of sh (290), and that one of the helper (280). */
function factsOf({
  gdn: ours,
  others,
  helper,
  facts,
  above,
  cgroup,
  images = {},
}: Known): ownership.OwnershipFacts {
  const chain = [
    process({ pid: 290, comm: 'sh' }),
    ...(helper === undefined ? [] : [process({ pid: 280, launched: helper, ...facts })]),
    ...(above === undefined ? [] : [process({ pid: above })]),
  ];
  return {
    answers: {
      ...NO_ANSWERS,
      ancestors: new Map([[300, chain]]),
      memberships: new Map(cgroup === undefined ? [] : [[280, { memory: asByteString(cgroup) }]]),
      rootImages: new Map(
        Object.entries(images).map(([pid, name]) => [
          Number(pid),
          name === null ? null : [{ name: asByteString(name), store: asByteString('/store') }],
        ]),
      ),
    },
    gdn: ours,
    otherGdns: others,
    primary,
  };
}

describe('The helper that started a process is', () => {
  function expectOwner(known: Known, owner: 'ours' | 'other' | 'unknown'): void {
    const facts = factsOf(known);
    expect(ownership.launchesOf([300], facts)).to.deep.equal([{ id: billing.handle, owner }]);
    const asked = known.others.length === 0 ? [] : [280];
    expect(ownership.helpersToAsk(facts), 'their cgroups').to.deep.equal(asked);
  }
  const two = { gdn: OURS, others: [OTHER], helper: dadoo() };

  it('ours, where no other gdn runs', () => {
    expectOwner({ gdn: OURS, others: [], helper: dadoo() }, 'ours');
  });

  it('ours, where it descends from our gdn', () => {
    expectOwner({ ...two, above: 100 }, 'ours');
  });

  it("the other's, where it descends from that one", () => {
    const third = gdn(151, { cgroup: '/y' });
    expectOwner({ ...two, others: [OTHER, third], above: 151 }, 'other');
  });

  it("the other's, where ours is not known", () => {
    expectOwner({ ...two, gdn: null, above: 150 }, 'other');
    expectOwner({ ...two, gdn: null, cgroup: '/x' }, 'other');
  });

  describe('by its depot', () => {
    const ours = gdn(100, { cgroup: '/g', depot: '/a' });
    const other = gdn(150, { cgroup: '/x', depot: '/b' });
    const third = gdn(151, { cgroup: '/y', depot: '/c' });

    it('ours', () => {
      expectOwner({ gdn: ours, others: [other], helper: dadoo('/a') }, 'ours');
    });

    it("another one's", () => {
      expectOwner({ gdn: ours, others: [other, third], helper: dadoo('/c') }, 'other');
    });

    it('unknown, where nobody has its depot', () => {
      expectOwner({ gdn: ours, others: [other], helper: dadoo('/c') }, 'unknown');
    });

    it('unknown, where neither helper nor gdn names a depot', () => {
      expectOwner(two, 'unknown');
    });

    it('not ours, where its depot is the containerd of ours', () => {
      const withSocket = gdn(100, { cgroup: '/g', socket: '/a' });
      expectOwner({ ...two, gdn: withSocket, helper: dadoo('/a') }, 'unknown');
    });
  });

  describe('by its containerd', () => {
    const ours = gdn(100, { cgroup: '/g', socket: '/a' });
    const other = gdn(150, { cgroup: '/x', socket: '/b' });
    const third = gdn(151, { cgroup: '/y' });

    it('ours', () => {
      expectOwner({ gdn: ours, others: [other], helper: shim('/a') }, 'ours');
    });

    it("another one's", () => {
      expectOwner({ gdn: ours, others: [other, third], helper: shim('/b') }, 'other');
    });

    it('unknown, where neither helper nor gdn names a containerd', () => {
      expectOwner({ ...two, helper: shim() }, 'unknown');
    });
  });

  describe('by its cgroup', () => {
    it('ours', () => {
      expectOwner({ ...two, cgroup: '/g/h' }, 'ours');
    });

    it("the other's", () => {
      expectOwner({ ...two, cgroup: '/x' }, 'other');
    });

    it('of the deepest gdn above it: ours', () => {
      const ours = gdn(100, { cgroup: '/x/g' });
      const others = [OTHER, gdn(151, { cgroup: '/' })];
      expectOwner({ gdn: ours, others, helper: dadoo(), cgroup: '/x/g' }, 'ours');
    });

    it('of the deepest gdn above it: one of two others', () => {
      const others = [gdn(150, { cgroup: '/g/x' }), gdn(151, { cgroup: '/y' })];
      expectOwner({ ...two, others, cgroup: '/g/x/h' }, 'other');
    });

    it('unknown, where both gdns have it', () => {
      const same = gdn(150, { cgroup: '/g' });
      expectOwner({ ...two, others: [same], cgroup: '/g' }, 'unknown');
    });

    it('unknown, where it is beside both gdns', () => {
      expectOwner({ ...two, cgroup: '/y' }, 'unknown');
    });

    it('unknown, where the gdns have none in this hierarchy', () => {
      const without = { gdn: gdn(100), others: [gdn(150)], helper: dadoo() };
      expectOwner({ ...without, cgroup: '/x' }, 'unknown');
    });
  });

  it('nobody where its ancestors were not read, or only look like a helper', () => {
    const alone = { gdn: null, others: [], helper: dadoo() };
    expect(ownership.launchesOf([301], factsOf(alone))).to.deep.equal([]);
    for (const facts of [{ realUid: 5 }, { namespacePids: [280, 1] }])
      expect(ownership.launchesOf([300], factsOf({ ...alone, facts }))).to.deep.equal([]);
  });
});

describe('A cgroup that is named like a container', () => {
  const CLAIM = { name: asByteString(billing.handle), pids: [300] };
  const unknown = { gdn: OURS, others: [OTHER], helper: dadoo() };
  const alone = { gdn: null, others: [] };
  const proof = (known: Known) => ownership.proofOfClaim(CLAIM, factsOf(known));

  it("is the container's by our helper", () => {
    expect(proof({ ...unknown, cgroup: '/g' })).to.equal('proven');
  });

  it("is not the container's by the helper of another gdn", () => {
    expect(proof({ ...unknown, cgroup: '/x' })).to.equal('refuted');
  });

  it("is the container's by its root, whoever has the helper", () => {
    expect(proof({ ...unknown, images: { 300: billing.handle } })).to.equal('proven');
  });

  it("may be the container's with another root, where nobody knows whose helper it is", () => {
    expect(proof({ ...unknown, images: { 300: shop.handle } })).to.equal('open');
  });

  it("is not the container's with another root, without a helper", () => {
    expect(proof({ ...alone, images: { 300: shop.handle } })).to.equal('refuted');
  });

  it("may be the container's where the process has ended", () => {
    expect(proof({ ...alone, images: { 300: null } })).to.equal('open');
  });

  it("may be the container's where its root was not read", () => {
    expect(proof(alone)).to.equal('open');
  });

  it("may be the container's where one of its processes may be, and another one is not", () => {
    const images = { 300: shop.handle, 301: shop.handle };
    const both = { ...CLAIM, pids: [300, 301] };
    expect(ownership.proofOfClaim(both, factsOf({ ...unknown, images }))).to.equal('open');
  });

  it('has more processes read once ancestors and root of the first ones are', () => {
    const pids = Array.from({ length: 40 }, (_, n) => 301 + n);
    const claims = Array.from(
      { length: 16 },
      () => ({ name: CLAIM.name, pids }) as unknown as ContainerDirectory,
    );
    const read = new Map(pids.slice(0, 3).map((pid) => [pid, []]));
    const asked = (ancestors: typeof read, rootImages: typeof read): number =>
      ownership.claimPidsToAsk(claims, { ...NO_ANSWERS, ancestors, rootImages }).length;
    expect(asked(read, read)).to.equal(16 * (3 + 16));
    for (const part of [new Map<number, never[]>(), new Map([...read].slice(1))]) {
      expect(asked(read, part)).to.equal(16 * 3);
      expect(asked(part, read)).to.equal(16 * 3);
    }
  });

  it("was proven to be the container's in this hierarchy, with this inode", () => {
    const cgroup = { path: asByteString(`/x/${billing.handle}`), inode: 7 };
    const remembered = (controller: string, inode: number, isProven: boolean) => {
      const one = { isProven, inodeOf: controller, cgroupInode: inode };
      const containers = new Map([
        [asHandle(billing.handle), one],
      ]) as unknown as typeof EMPTY_MEMORY.containers;
      return ownership.isRememberedProof(cgroup, 'memory', { ...EMPTY_MEMORY, containers });
    };
    expect(remembered('memory', 7, true)).to.equal(true);
    expect([
      remembered('cpu', 7, true),
      remembered('memory', 8, true),
      remembered('memory', 7, false),
    ]).to.deep.equal([false, false, false]);
  });
});

describe('A Garden directory', () => {
  it('is shared where several gdns run, and it is not below the cgroup of ours', () => {
    const isShared = (ours: GdnCgroups | null, ...others: readonly GdnCgroups[]) =>
      ownership.isShared(asByteString('/g/garden'), factsOf({ gdn: ours, others }));
    const inX = gdn(100, { cgroup: '/x' });
    const inY = gdn(150, { cgroup: '/y' });
    expect([isShared(inX), isShared(OURS, OTHER)]).to.deep.equal([false, false]);
    expect(isShared(inX, inY), 'ours is elsewhere').to.equal(true);
    expect(isShared(gdn(100), inY), 'ours has no cgroup there').to.equal(true);
    expect(isShared(null, inY), 'ours is not known').to.equal(true);
  });

  it('is the nearest one above a container', () => {
    for (const [path, above] of [
      ['/g/garden/good/H', '/g/garden'],
      ['/garden/x/garden-ab/H', '/garden/x/garden-ab'],
      ['/x/y/H', '/'],
    ] as const)
      expect(ownership.gardenDirectoryOf(asByteString(path))).to.equal(above);
  });

  it('has up to three live and listed containers as witnesses, and one of them is enough', () => {
    const at = asByteString('/g/garden');
    const witness = (name: string, change: object = {}) =>
      ({
        name: asByteString(name),
        path: asByteString(`/g/garden/${name}`),
        where: 'garden',
        pids: [300],
        ...change,
      }) as never;
    const all = new Map(
      [...['a', 'b', 'c', 'd', billing.handle].entries()].map(([n, name]) => [
        asByteString(name),
        witness(name, { pids: n === 1 ? [] : [300], where: n === 2 ? 'outside' : 'garden' }),
      ]),
    );
    const listed = new Map(
      [...all.keys()].filter((name) => name !== 'd').map((name) => [name, null]),
    );
    const names = (given: typeof listed) =>
      ownership
        .witnessesIn(all, given)
        .get(at)
        ?.map(({ name }) => name);
    expect(names(listed)).to.deep.equal(['a', billing.handle]);
    const many = new Map(['1', '2', '3', '4'].map((name) => [asByteString(name), witness(name)]));
    expect(ownership.witnessesIn(many, many).get(at)).to.have.length(3);
    const ours = factsOf({ gdn: OURS, others: [], helper: dadoo() });
    expect(ownership.isOurs([witness('b'), witness(billing.handle)], ours)).to.equal(true);
    expect([
      ownership.isOurs([witness('b')], ours),
      ownership.isOurs(undefined, ours),
    ]).to.deep.equal([false, false]);
  });
});
