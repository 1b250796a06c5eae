import { expect } from 'chai';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import type { Launched, ProcessFacts } from '../../src/model/process.ts';
import { NO_ANSWERS } from '../../src/model/questions.ts';
import type { ContainerDirectory } from '../../src/reconcile/observe/container-cgroup.ts';
import type { GdnCgroups } from '../../src/reconcile/observe/gdn.ts';
import * as ownership from '../../src/reconcile/observe/ownership.ts';
import { rowsOf } from '../rows.ts';
import { A, B, cellWithA, passOf, process } from './cell-builder.ts';

const { state } = passOf(cellWithA(''), EMPTY_MEMORY);
const { primary } = state.ownership ?? expect.fail('the cell has no hierarchy');

/** `PID@CGROUP depot=DIRECTORY socket=PATH`, in which all but the pid can be missing. */
function gdnOf(text: string): GdnCgroups {
  const [, pid = '', path, depot = null, containerdSocket = null] =
    /^(\d+)(?:@(\S+))?(?: depot=(\S+))?(?: socket=(\S+))?$/.exec(text) ?? [];
  const paths = path === undefined ? {} : { memory: asByteString(path) };
  return {
    source: 'process',
    pid: Number(pid),
    paths,
    namespaces: 1,
    startTicks: 1,
    depot,
    containerdSocket,
  };
}
const gdnsOf = (text: string): readonly GdnCgroups[] =>
  text === '-' ? [] : text.split(', ').map(gdnOf);

/** `dadoo DEPOT` or `shim ADDRESS`, without one too, of the container A. */
function launchedOf(text: string): Launched {
  const [by, at = null] = text.split(' ');
  return by === 'dadoo'
    ? { by, id: A, depot: at }
    : { by: 'containerd-shim', namespace: 'garden', id: A, address: at };
}

interface Told {
  readonly gdn: string;
  readonly others: string;
  readonly helper?: string | undefined;
  readonly facts?: Partial<ProcessFacts>;
  /** The pids above the helper. */
  readonly above?: readonly number[];
  /** The helper's cgroup. */
  readonly cgroup?: string | undefined;
  readonly images?: readonly (readonly [pid: number, image: string | null])[];
}

/** Process 300, a child of the helper 280. */
function factsOf({
  gdn,
  others,
  helper = '',
  facts,
  above = [],
  cgroup = '',
  images = [],
}: Told): ownership.OwnershipFacts {
  const chain = [
    process({ pid: 290, comm: 'sh' }),
    ...(helper === '' ? [] : [process({ pid: 280, launched: launchedOf(helper), ...facts })]),
    ...above.map((pid) => process({ pid })),
  ];
  return {
    answers: {
      ...NO_ANSWERS,
      ancestors: new Map([[300, chain]]),
      memberships: new Map(cgroup === '' ? [] : [[280, { memory: asByteString(cgroup) }]]),
      rootImages: new Map(
        images.map(([pid, name]) => [
          pid,
          name === null ? null : [{ name: asByteString(name), store: asByteString('/store') }],
        ]),
      ),
    },
    gdn: gdnsOf(gdn)[0] ?? null,
    otherGdns: gdnsOf(others),
    primary,
  };
}

describe('whose helper started a process', () => {
  for (const [title = '', gdn = '', others = '', helper = '', told = '', owner = ''] of rowsOf(`
ours, where no other gdn runs | 100@/g | - | dadoo | | ours
ours, where it descends from our gdn | 100@/g | 150@/x | dadoo | 100 | ours
the other's, where it descends from that one | 100@/g | 150@/x, 151@/y | dadoo | 151 | other
the other's, where ours is not known | - | 150@/x | dadoo | 150 | other
ours by its depot | 100@/g depot=/a | 150@/x depot=/b | dadoo /a | | ours
the other's by its depot, one of two | 100@/g depot=/a | 150@/x depot=/b, 151@/y depot=/c | dadoo /c | | other
ours by its containerd | 100@/g socket=/a | 150@/x socket=/b | shim /a | | ours
the other's by its containerd, one of two | 100@/g socket=/a | 150@/x socket=/b, 151@/y | shim /b | | other
unknown, where neither helper nor gdn names a depot | 100@/g | 150@/x | dadoo | | unknown
unknown, where neither helper nor gdn names a containerd | 100@/g | 150@/x | shim | | unknown
unknown, where nobody has its depot | 100@/g depot=/a | 150@/x depot=/b | dadoo /c | | unknown
not by a depot that is the containerd of another | 100@/g socket=/a | 150@/x | dadoo /a | | unknown
ours by its cgroup | 100@/g | 150@/x | dadoo | /g/h | ours
the other's by its cgroup | 100@/g | 150@/x | dadoo | /x | other
of the deepest gdn above its cgroup, ours | 100@/x/g | 150@/x, 151@/ | dadoo | /x/g | ours
of the deepest gdn above its cgroup, one of two others | 100@/g | 150@/g/x, 151@/y | dadoo | /g/x/h | other
unknown, where both gdns have its cgroup | 100@/g | 150@/g | dadoo | /g | unknown
unknown, where its cgroup is beside both gdns | 100@/g | 150@/x | dadoo | /y | unknown
the other's by its cgroup, where ours is not known | - | 150@/x | dadoo | /x | other
unknown in its cgroup, where the gdns have none in this hierarchy | 100 | 150 | dadoo | /x | unknown
`)) {
    it(title, () => {
      const cgroup = told.startsWith('/') ? told : '';
      const above = /^\d+$/.test(told) ? [Number(told)] : [];
      const facts = factsOf({ gdn, others, helper, above, cgroup });
      expect(ownership.launchesOf([300], facts)).to.deep.equal([{ id: A, owner }]);
      expect(ownership.helpersToAsk(facts)).to.deep.equal(others === '-' ? [] : [280]);
    });
  }

  it('nobody knows where its ancestors were not read, or only look like a helper', () => {
    const alone = { gdn: '-', others: '-', helper: 'dadoo' };
    expect(ownership.launchesOf([301], factsOf(alone))).to.deep.equal([]);
    for (const facts of [{ realUid: 5 }, { namespacePids: [280, 1] }])
      expect(ownership.launchesOf([300], factsOf({ ...alone, facts }))).to.deep.equal([]);
  });
});

describe('a cgroup that is named like the handle A', () => {
  const CLAIM = { name: asByteString(A), pids: [300] };
  const unknown = { gdn: '100@/g', others: '150@/x', helper: 'dadoo' };
  const IMAGES: Readonly<Record<string, string | null>> = { A, B, gone: null };
  for (const [title = '', gdn = '', others = '', helper, cgroup, image = '', proof] of rowsOf(`
is its, by our helper | 100@/g | 150@/x | dadoo | /g | | proven
is not its, by the helper of another gdn | 100@/g | 150@/x | dadoo | /x | | refuted
is its by its root, whoever has the helper | 100@/g | 150@/x | dadoo | | A | proven
may be its with another root, where nobody knows whose helper it is | 100@/g | 150@/x | dadoo | | B | open
is not its with another root, without a helper | - | - | | | B | refuted
may be its where the process has ended | - | - | | | gone | open
may be its where its root was not read | - | - | | | | open
`))
    it(title, () => {
      const images = image === '' ? [] : [[300, IMAGES[image] ?? null] as const];
      const facts = factsOf({ gdn, others, helper, cgroup, images });
      expect(ownership.proofOfClaim(CLAIM, facts)).to.equal(proof);
    });

  it('may be its where one of its processes may be, and another one is not', () => {
    const told: Told = { ...unknown, images: [300, 301].map((pid) => [pid, B] as const) };
    const both = { ...CLAIM, pids: [300, 301] };
    expect(ownership.proofOfClaim(both, factsOf(told))).to.equal('open');
  });

  it('has more processes read once ancestors and root of the first ones are, a part of all claims', () => {
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

  it('was proven to be its in this hierarchy, with this inode', () => {
    const cgroup = { path: asByteString(`/x/${A}`), inode: 7 };
    const remembered = (controller: string, inode: number, isProven: boolean) => {
      const one = { isProven, inodeOf: controller, cgroupInode: inode };
      const containers = new Map([[asHandle(A), one]]) as unknown as typeof EMPTY_MEMORY.containers;
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

describe('a Garden directory', () => {
  it('is shared where several gdns run, and it is not below the cgroup of ours', () => {
    const isShared = (gdn: string, others: string) =>
      ownership.isShared(asByteString('/g/garden'), factsOf({ gdn, others }));
    expect([isShared('100@/x', '-'), isShared('100@/g', '150@/x')]).to.deep.equal([false, false]);
    for (const gdn of ['100@/x', '100', '-']) expect(isShared(gdn, '150@/y'), gdn).to.equal(true);
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
      [...['a', 'b', 'c', 'd', A].entries()].map(([n, name]) => [
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
    expect(names(listed)).to.deep.equal(['a', A]);
    const many = new Map(['1', '2', '3', '4'].map((name) => [asByteString(name), witness(name)]));
    expect(ownership.witnessesIn(many, many).get(at)).to.have.length(3);
    const ours = factsOf({ gdn: '100@/g', others: '-', helper: 'dadoo' });
    expect(ownership.isOurs([witness('b'), witness(A)], ours)).to.equal(true);
    expect([
      ownership.isOurs([witness('b')], ours),
      ownership.isOurs(undefined, ours),
    ]).to.deep.equal([false, false]);
  });
});
