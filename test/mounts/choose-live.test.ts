import { expect } from 'chai';
import type { CgroupNamespace, MountChoice, MountStat } from '../../src/model/hierarchy.ts';
import { asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { pathsToStat } from '../../src/model/paths.ts';
import type { Membership } from '../../src/model/process.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { path, tableOf } from './mount-lines.ts';

const V1_ROOT = { magic: 0x27e0eb, inode: 1, hasReleaseAgent: true, hasCgroupEvents: false };
const V1_BELOW = { ...V1_ROOT, inode: 35, hasReleaseAgent: false };
const V2_ROOT = { magic: 0x63677270, inode: 1, hasReleaseAgent: false, hasCgroupEvents: false };
const V2_BELOW = { ...V2_ROOT, inode: 35, hasCgroupEvents: true };
const TMPFS = { ...V1_ROOT, magic: 0x1021994 };

type Seen = Omit<Extract<MountStat, { kind: 'seen' }>, 'kind' | 'device'> & { device?: string };

const CELL = tableOf(
  '10 1 8:1 / / rw - ext4 d rw',
  '20 10 0:40 / /sys/fs/cgroup rw - tmpfs t rw',
  '30 20 0:41 / /sys/fs/cgroup/memory rw - cgroup c rw,memory',
  '31 10 0:41 / /tmp/cgroups-blue/memory rw - cgroup c rw,memory',
);
const STANDARD = '/sys/fs/cgroup/memory';
const TAGGED = '/tmp/cgroups-blue/memory';

interface Situation {
  readonly table?: MountTable;
  readonly ownTable?: MountTable;
  readonly root?: string;
  readonly namespace?: CgroupNamespace;
  readonly stats: Readonly<Record<string, Seen | string>>;
  readonly anchor?: Membership;
  readonly firstProcess?: Membership;
}

/** The choice for the only hierarchy; a path that is not in `stats` does not exist. */
function choose(situation: Situation): MountChoice {
  const { table = CELL, ownTable = table, root = '/', namespace = 'initial' } = situation;
  const stats = new Map<ByteString, MountStat>(
    pathsToStat(table, ownTable, root).map((one) => {
      const stat = situation.stats[one];
      if (stat === undefined) return [one, { kind: 'failed', errno: 'ENOENT' }];
      if (typeof stat === 'string') return [one, { kind: 'failed', errno: stat }];
      return [one, { kind: 'seen', ...stat, device: asDevice(stat.device ?? '0:41') }];
    }),
  );
  const { choices } = chooseMounts({
    table,
    namespace,
    rule: 'verified',
    live: {
      ownTable,
      root,
      stats,
      gdnPaths: situation.anchor ?? null,
      firstProcessPaths: situation.firstProcess ?? null,
    },
  });
  expect(choices).to.have.length(1);
  const [choice] = choices;
  if (choice === undefined) throw new Error('no choice');
  return choice;
}

const verdicts = ({ candidates }: MountChoice) =>
  Object.fromEntries(candidates.map(({ mount, verdict }) => [mount.mountPoint, verdict]));

describe('chooseMounts on a live cell', () => {
  it('confirms by magic, device, inode and the file of the root', () => {
    const choice = choose({ stats: { [STANDARD]: V1_ROOT, [TAGGED]: V1_ROOT } });
    expect(choice.chosen?.mountPoint).to.equal(STANDARD);
    expect(choice).to.include({ confirmed: true, openedAt: STANDARD });
    expect(verdicts(choice)).to.deep.equal({ [STANDARD]: 'chosen', [TAGGED]: 'equivalent' });
    expect(choice.why).to.contain('device 0:41, inode 1, release_agent');
  });

  const wrong: readonly (readonly [string, Seen | string, string])[] = [
    ['cannot be opened', 'EACCES', 'EACCES'],
    ['is covered: the root of a tmpfs has inode 1 too', TMPFS, 'magic 0x1021994'],
    ['is a v2 mount', V2_ROOT, 'not a cgroup v1'],
    ['is another hierarchy', { ...V1_ROOT, device: '0:99' }, 'device 0:99'],
    ['is a cgroup below the root', V1_BELOW, 'below the root'],
    [
      'has the inode but not the file of a root',
      { ...V1_ROOT, hasReleaseAgent: false },
      'disagree (device 0:41, inode 1, no release_agent',
    ],
    [
      'has the file but not the inode of a root',
      { ...V1_ROOT, inode: 35 },
      'disagree (device 0:41, inode 35, release_agent',
    ],
  ];
  for (const [title, stat, says] of wrong) {
    it(`takes the next mount when what is at the first ${title}`, () => {
      const choice = choose({ stats: { [STANDARD]: stat, [TAGGED]: V1_ROOT } });
      expect(choice.chosen?.mountPoint).to.equal(TAGGED);
      expect(choice).to.include({ confirmed: true, openedAt: TAGGED });
      expect(choice.candidates.find(({ mount }) => mount.mountPoint === STANDARD)).to.deep.include({
        verdict: 'not-confirmed',
      });
    });

    it(`has none when what is there ${title}`, () => {
      const choice = choose({ stats: { [STANDARD]: stat, [TAGGED]: stat } });
      expect(choice).to.include({ chosen: null, confirmed: false, openedAt: null });
      expect(choice.why).to.contain(says);
    });
  }

  it('never takes a sub-cgroup, even if nothing else is there', () => {
    const table = tableOf('30 20 0:41 /garden/h /sys/fs/cgroup/memory rw - cgroup c rw,memory');
    const choice = choose({ table, stats: { [STANDARD]: V1_ROOT } });
    expect(choice.chosen).to.equal(null);
    expect(verdicts(choice)).to.deep.equal({ [STANDARD]: 'sub-cgroup' });
  });

  describe('in another mount namespace than the cell (bpm)', () => {
    const ownLines = ['500 400 8:1 / / rw - ext4 d rw', '501 500 0:90 / /sys rw - sysfs s rw'];
    const mounted = '510 501 0:41 / /sys/fs/cgroup/memory ro - cgroup c rw,memory';

    it('opens it at any place where its own table shows the same', () => {
      const choice = choose({
        ownTable: tableOf(...ownLines, '510 500 0:41 / /cg rw - cgroup c rw,memory'),
        stats: { '/cg': V1_ROOT },
      });
      expect(choice.chosen?.mountPoint).to.equal(STANDARD);
      expect(choice).to.include({ confirmed: true, openedAt: '/cg' });
      expect(choice.why).to.contain('opened at /cg');
    });

    it('does not open what its own table covers', () => {
      const choice = choose({
        ownTable: tableOf(
          ...ownLines,
          mounted,
          '520 510 0:91 / /sys/fs/cgroup/memory rw - tmpfs t rw',
        ),
        stats: { [STANDARD]: V1_ROOT },
      });
      expect(choice.chosen).to.equal(null);
    });

    it('does not open another part of the hierarchy instead', () => {
      const choice = choose({
        ownTable: tableOf(
          ...ownLines,
          '510 501 0:41 /garden /sys/fs/cgroup/memory ro - cgroup c rw,memory',
        ),
        stats: { [STANDARD]: V1_ROOT },
      });
      expect(choice.chosen).to.equal(null);
    });

    it('says that it sees only its own mount namespace, and names what bpm lacks', () => {
      const choice = choose({ ownTable: tableOf(...ownLines), stats: {} });
      expect(choice).to.include({ chosen: null, confirmed: false, openedAt: null });
      expect(choice.why).to.contain('sees only its own mount namespace');
      expect(choice.why).to.contain('unsafe.unrestricted_volumes with the path /sys/fs/cgroup');
      expect(verdicts(choice)).to.deep.equal({
        [STANDARD]: 'not-confirmed',
        [TAGGED]: 'not-confirmed',
      });
    });

    it('opens a cell below a directory there, before its own mounts', () => {
      const stats = { [`/proc/7/root${STANDARD}`]: V1_ROOT, [STANDARD]: V1_ROOT };
      const ownTable = tableOf(...ownLines, mounted);
      expect(choose({ root: '/proc/7/root', ownTable, stats }).openedAt).to.equal(
        `/proc/7/root${STANDARD}`,
      );
      expect(
        choose({ root: '/proc/7/root', ownTable, stats: { [STANDARD]: V1_ROOT } }).openedAt,
      ).to.equal(STANDARD);
    });
  });

  describe('in a private cgroup namespace', () => {
    const own = '40 30 0:41 / /sys/fs/cgroup rw - cgroup2 c rw';
    const between = '42 30 0:41 /.. /near/cgroup rw - cgroup2 c rw';
    const inPrivate = (
      table: MountTable,
      more: Omit<Situation, 'table' | 'namespace'>,
    ): MountChoice => choose({ table, namespace: 'private', ...more });

    it('does not take the deepest way up if it does not end at the top', () => {
      const choice = inPrivate(tableOf(own, between), {
        stats: { '/sys/fs/cgroup': V2_BELOW, '/near/cgroup': V2_BELOW },
      });
      expect(choice.chosen).to.equal(null);
      expect(verdicts(choice)).to.deep.equal({
        '/sys/fs/cgroup': 'own-namespace',
        '/near/cgroup': 'not-confirmed',
      });
    });

    it('takes a root / where its own cgroup is the root of the hierarchy', () => {
      const choice = inPrivate(tableOf(own), { stats: { '/sys/fs/cgroup': V2_ROOT } });
      expect(choice).to.include({ confirmed: true, openedAt: '/sys/fs/cgroup' });
    });

    it('refuses a root / that is its own cgroup, and names the namespace', () => {
      const choice = inPrivate(tableOf(own), { stats: { '/sys/fs/cgroup': V2_BELOW } });
      expect(choice).to.include({ chosen: null, confirmed: false });
      expect(verdicts(choice)).to.deep.equal({ '/sys/fs/cgroup': 'own-namespace' });
      expect(choice.why).to.contain("only this process's own cgroup namespace");
    });

    const inside = { v2: path('/') };
    const garden = { v2: path('/system.slice/garden.service') };
    const outside = { v2: path('/../..') };

    it('takes its top if the cell is itself a container that contains gdn', () => {
      const choice = inPrivate(tableOf(own), {
        stats: { '/sys/fs/cgroup': V2_BELOW },
        anchor: garden,
        firstProcess: inside,
      });
      expect(choice).to.include({ confirmed: true, openedAt: '/sys/fs/cgroup' });
      expect(choice.why).to.contain('itself a container');
    });

    const refused: readonly (readonly [string, Membership | undefined, Membership | undefined])[] =
      [
        ['gdn is not known', undefined, inside],
        ['gdn is outside', { v2: path('/../garden.service') }, inside],
        ['gdn is outside, at the top', { v2: path('/..') }, inside],
        ['pid 1 is outside', garden, outside],
        ['pid 1 is not known', garden, undefined],
        ['gdn is known in another hierarchy only', { memory: path('/') }, inside],
      ];
    for (const [title, anchor, firstProcess] of refused) {
      it(`refuses it when ${title}`, () => {
        const choice = inPrivate(tableOf(own), {
          stats: { '/sys/fs/cgroup': V2_BELOW },
          ...(anchor === undefined ? {} : { anchor }),
          ...(firstProcess === undefined ? {} : { firstProcess }),
        });
        expect(choice.chosen).to.equal(null);
      });
    }

    it('still requires magic, device and agreeing signs for the top of a container', () => {
      for (const stat of [
        TMPFS,
        { ...V2_BELOW, device: '0:1' },
        { ...V2_BELOW, hasCgroupEvents: false },
      ]) {
        const choice = inPrivate(tableOf(own), {
          stats: { '/sys/fs/cgroup': stat },
          anchor: garden,
          firstProcess: inside,
        });
        expect(choice.chosen).to.equal(null);
      }
    });
  });
});

describe('pathsToStat', () => {
  it('asks for the cgroup mounts of both tables, once each, below the root', () => {
    const own = tableOf(
      '1 0 0:41 / /own rw - cgroup c rw,memory',
      '2 0 0:42 / /tmp rw - tmpfs cgroup rw',
    );
    expect(pathsToStat(CELL, own, '/')).to.have.members([STANDARD, TAGGED, '/own']);
    expect(pathsToStat(CELL, CELL, '/')).to.have.members([STANDARD, TAGGED]);
    expect(pathsToStat(CELL, own, '/cell/')).to.have.members([
      `/cell${STANDARD}`,
      `/cell${TAGGED}`,
      '/own',
    ]);
  });
});
