import { expect } from 'chai';
import type { MountChoice, MountStat } from '../../src/model/hierarchy.ts';
import { asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { pathsToStat } from '../../src/model/paths.ts';
import type { Membership } from '../../src/model/process.ts';
import { chooseMounts, type MountsQuestion } from '../../src/mounts/choose-mounts.ts';
import { path, tableOf } from './mount-lines.ts';

type Seen = Extract<MountStat, { kind: 'read' }>;
const V1_ROOT: Seen = {
  kind: 'read',
  magic: 0x27e0eb,
  device: asDevice('0:41'),
  inode: 1,
  hasReleaseAgent: true,
  hasCgroupEvents: false,
};
const V1_BELOW = { ...V1_ROOT, inode: 35, hasReleaseAgent: false };
const V2_ROOT = { ...V1_ROOT, magic: 0x63677270, hasReleaseAgent: false };
const V2_BELOW = { ...V2_ROOT, inode: 35, hasCgroupEvents: true };
/** What stat shows at paths; an errno where it fails, and at all others ENOENT. */
type Stats = Readonly<Record<string, Seen | string>>;

const CELL = tableOf(
  '10 1 8:1 / / rw - ext4 d rw',
  '20 10 0:40 / /sys/fs/cgroup rw - tmpfs t rw',
  '30 20 0:41 / /sys/fs/cgroup/memory rw - cgroup c rw,memory',
  '31 10 0:41 / /tmp/cgroups-blue/memory rw - cgroup c rw,memory',
);
const STANDARD = '/sys/fs/cgroup/memory';
const TAGGED = '/tmp/cgroups-blue/memory';

interface Situation extends Partial<Pick<MountsQuestion, 'table' | 'namespace'>> {
  readonly ownTable?: MountTable;
  readonly root?: string;
  readonly gdnPaths?: Membership | null;
  readonly firstProcessPaths?: Membership | null;
}

/** The choice for the only hierarchy. */
function choose(stats: Stats, situation: Situation = {}): MountChoice {
  const { table = CELL, ownTable = table, root = '/', namespace = 'initial' } = situation;
  const { gdnPaths = null, firstProcessPaths = null } = situation;
  const statOf = (one: ByteString): MountStat => {
    const stat = stats[one] ?? 'ENOENT';
    return typeof stat === 'string' ? { kind: 'failed', errno: stat } : stat;
  };
  const paths = pathsToStat(table, ownTable, root);
  const seen = new Map(paths.map((one) => [one, statOf(one)] as const));
  const live = { ownTable, root, stats: seen, gdnPaths, firstProcessPaths };
  const { choices } = chooseMounts({ table, namespace, rule: 'verified', live });
  expect(choices).to.have.length(1);
  const [choice] = choices;
  if (choice === undefined) throw new Error('no choice');
  expect(choice.confirmed).to.equal(choice.chosen !== null);
  return choice;
}

const shown = ({ chosen, openedAt }: MountChoice): string =>
  `${chosen?.mountPoint ?? 'none'} at ${openedAt}`;
const verdicts = ({ candidates }: MountChoice): string =>
  candidates.map(({ mount, verdict }) => `${mount.mountPoint} ${verdict}`).join(', ');

describe('chooseMounts on a live cell', () => {
  it('confirms by magic, device, inode and the file of the root', () => {
    const choice = choose({ [STANDARD]: V1_ROOT, [TAGGED]: V1_ROOT });
    expect(shown(choice)).to.equal(`${STANDARD} at ${STANDARD}`);
    expect(verdicts(choice)).to.equal(`${STANDARD} chosen, ${TAGGED} equivalent`);
    expect(choice.why).to.contain('device 0:41, inode 1, release_agent');
  });

  interface WrongMount {
    /** What stat shows there. */
    readonly stat: Seen | string;
    readonly said: string;
  }
  const WRONG_MOUNTS: Readonly<Record<string, WrongMount>> = {
    'cannot be opened': { stat: 'EACCES', said: 'EACCES' },
    'is a tmpfs': { stat: { ...V1_ROOT, magic: 0x1021994 }, said: 'magic 0x1021994' },
    'is cgroup v2': { stat: V2_ROOT, said: 'not a cgroup v1' },
    'is another device': {
      stat: { ...V1_ROOT, device: asDevice('0:99') },
      said: 'device 0:99',
    },
    'is below the root': { stat: V1_BELOW, said: 'below the root' },
    'has the inode of a root, but not its file': {
      stat: { ...V1_ROOT, hasReleaseAgent: false },
      said: 'disagree (device 0:41, inode 1, no release_agent',
    },
    'has the file of a root, but not its inode': {
      stat: { ...V1_ROOT, inode: 35 },
      said: 'disagree (device 0:41, inode 35, release_agent',
    },
  };
  for (const [title, { stat, said }] of Object.entries(WRONG_MOUNTS)) {
    it(`takes the next mount where the first one ${title}`, () => {
      const next = choose({ [STANDARD]: stat, [TAGGED]: V1_ROOT });
      expect(shown(next)).to.equal(`${TAGGED} at ${TAGGED}`);
      expect(verdicts(next)).to.equal(`${STANDARD} not-confirmed, ${TAGGED} chosen`);
    });

    it(`takes none where each one ${title}, and says so`, () => {
      const none = choose({ [STANDARD]: stat, [TAGGED]: stat });
      expect(shown(none)).to.equal('none at null');
      expect(none.why).to.contain(said);
    });
  }

  it('never takes a sub-cgroup, even if nothing else is there', () => {
    const table = tableOf('30 20 0:41 /garden/h /sys/fs/cgroup/memory rw - cgroup c rw,memory');
    expect(verdicts(choose({ [STANDARD]: V1_ROOT }, { table }))).to.equal(`${STANDARD} sub-cgroup`);
  });

  describe('in another mount namespace than the cell (bpm)', () => {
    const ownLines = ['500 400 8:1 / / rw - ext4 d rw', '501 500 0:90 / /sys rw - sysfs s rw'];
    const mounted = `510 501 0:41 / ${STANDARD} ro - cgroup c rw,memory`;
    const choiceWith = (lines: readonly string[], stats: Stats, more: Situation = {}) =>
      choose(stats, { ownTable: tableOf(...ownLines, ...lines), ...more });

    it('opens it at any place where its own table shows the same', () => {
      const choice = choiceWith(['510 500 0:41 / /cg rw - cgroup c rw,memory'], {
        '/cg': V1_ROOT,
      });
      expect(shown(choice)).to.equal(`${STANDARD} at /cg`);
      expect(choice.why).to.contain('opened at /cg');
    });

    it('opens neither what its own table covers, nor another part of the hierarchy', () => {
      const covered = [mounted, `520 510 0:91 / ${STANDARD} rw - tmpfs t rw`];
      const anotherPart = [mounted.replace('0:41 /', '0:41 /garden')];
      for (const lines of [covered, anotherPart])
        expect(shown(choiceWith(lines, { [STANDARD]: V1_ROOT }))).to.equal('none at null');
    });

    it('says that it sees only its own mount namespace, and names what bpm lacks', () => {
      const choice = choose({}, { ownTable: tableOf(...ownLines) });
      expect(choice.why).to.contain('sees only its own mount namespace');
      expect(choice.why).to.contain('unsafe.unrestricted_volumes with the path /sys/fs/cgroup');
      expect(verdicts(choice)).to.equal(`${STANDARD} not-confirmed, ${TAGGED} not-confirmed`);
    });

    it('opens a cell below a directory there, before its own mounts', () => {
      const root = '/proc/7/root';
      const below = `${root}${STANDARD}`;
      const both = choiceWith([mounted], { [below]: V1_ROOT, [STANDARD]: V1_ROOT }, { root });
      expect(both.openedAt).to.equal(below);
      const onlyOwn = choiceWith([mounted], { [STANDARD]: V1_ROOT }, { root });
      expect(onlyOwn.openedAt).to.equal(STANDARD);
    });
  });

  describe('in a private cgroup namespace', () => {
    const own = '40 30 0:41 / /sys/fs/cgroup rw - cgroup2 c rw';
    const inV2 = (cgroup: string): Membership => ({ v2: path(cgroup) });
    const inPrivate = (stats: Stats, more: Situation = {}) =>
      choose(stats, { table: tableOf(own), namespace: 'private', ...more });

    it('does not take the deepest way up if it does not end at the top', () => {
      const between = '42 30 0:41 /.. /near/cgroup rw - cgroup2 c rw';
      const stats = { '/sys/fs/cgroup': V2_BELOW, '/near/cgroup': V2_BELOW };
      const choice = inPrivate(stats, { table: tableOf(own, between) });
      expect(verdicts(choice)).to.equal('/sys/fs/cgroup own-namespace, /near/cgroup not-confirmed');
    });

    it('takes a root / where its own cgroup is the root of the hierarchy', () => {
      const choice = inPrivate({ '/sys/fs/cgroup': V2_ROOT });
      expect(shown(choice)).to.equal('/sys/fs/cgroup at /sys/fs/cgroup');
    });

    it('takes its top if the cell is itself a container that contains gdn', () => {
      const choice = inPrivate(
        { '/sys/fs/cgroup': V2_BELOW },
        { gdnPaths: inV2('/system.slice/garden'), firstProcessPaths: inV2('/') },
      );
      expect(shown(choice)).to.equal('/sys/fs/cgroup at /sys/fs/cgroup');
      expect(choice.why).to.contain('itself a container');
    });

    interface Refused {
      /** What stat shows at the top. */
      readonly top: Seen;
      readonly gdn: Membership | null;
      readonly firstProcess: Membership | null;
      readonly verdict: 'own-namespace' | 'not-confirmed';
    }
    const IN_UNIT = inV2('/garden.service');
    const AT_TOP = inV2('/');
    const REFUSED: Readonly<Record<string, Refused>> = {
      'the cgroups of gdn and of pid 1 are not known': {
        top: V2_BELOW,
        gdn: null,
        firstProcess: null,
        verdict: 'own-namespace',
      },
      'the cgroup of gdn is not known': {
        top: V2_BELOW,
        gdn: null,
        firstProcess: AT_TOP,
        verdict: 'own-namespace',
      },
      'gdn is beside the top': {
        top: V2_BELOW,
        gdn: inV2('/../garden.service'),
        firstProcess: AT_TOP,
        verdict: 'own-namespace',
      },
      'gdn is above the top': {
        top: V2_BELOW,
        gdn: inV2('/..'),
        firstProcess: AT_TOP,
        verdict: 'own-namespace',
      },
      'pid 1 is above the top': {
        top: V2_BELOW,
        gdn: IN_UNIT,
        firstProcess: inV2('/../..'),
        verdict: 'own-namespace',
      },
      'the cgroup of pid 1 is not known': {
        top: V2_BELOW,
        gdn: IN_UNIT,
        firstProcess: null,
        verdict: 'own-namespace',
      },
      'the cgroup of gdn is known in another hierarchy only': {
        top: V2_BELOW,
        gdn: { memory: path('/') },
        firstProcess: AT_TOP,
        verdict: 'own-namespace',
      },
      'a tmpfs is there': {
        top: { ...V1_ROOT, magic: 0x1021994 },
        gdn: IN_UNIT,
        firstProcess: AT_TOP,
        verdict: 'not-confirmed',
      },
      'another device is there': {
        top: { ...V2_BELOW, device: asDevice('0:1') },
        gdn: IN_UNIT,
        firstProcess: AT_TOP,
        verdict: 'not-confirmed',
      },
      'a cgroup is there that has no file of a cgroup below the root': {
        top: { ...V2_BELOW, hasCgroupEvents: false },
        gdn: IN_UNIT,
        firstProcess: AT_TOP,
        verdict: 'not-confirmed',
      },
    };
    for (const [title, { top, gdn, firstProcess, verdict }] of Object.entries(REFUSED)) {
      it(`does not take its top where ${title}`, () => {
        const choice = inPrivate(
          { '/sys/fs/cgroup': top },
          { gdnPaths: gdn, firstProcessPaths: firstProcess },
        );
        expect(verdicts(choice)).to.equal(`/sys/fs/cgroup ${verdict}`);
        if (verdict === 'own-namespace')
          expect(choice.why).to.contain("only this process's own cgroup namespace");
      });
    }
  });
});

describe('the paths to stat', () => {
  it('are those of the cgroup mounts of both tables, once each, below the root', () => {
    const own = tableOf(
      '1 0 0:41 / /own rw - cgroup c rw,memory',
      '2 0 0:42 / /tmp rw - tmpfs cgroup rw',
    );
    for (const [table, root, paths] of [
      [own, '/', `${STANDARD} ${TAGGED} /own`],
      [CELL, '/', `${STANDARD} ${TAGGED}`],
      [own, '/cell/', `/cell${STANDARD} /cell${TAGGED} /own`],
    ] as const)
      expect(pathsToStat(CELL, table, root).join(' ')).to.equal(paths);
  });
});
