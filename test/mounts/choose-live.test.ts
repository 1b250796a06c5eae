import { expect } from 'chai';
import type { MountChoice, MountStat } from '../../src/model/hierarchy.ts';
import { asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { pathsToStat } from '../../src/model/paths.ts';
import type { Membership } from '../../src/model/process.ts';
import { chooseMounts, type MountsQuestion } from '../../src/mounts/choose-mounts.ts';
import { rowsOf } from '../rows.ts';
import { path, tableOf } from './mount-lines.ts';

type Seen = Extract<MountStat, { kind: 'seen' }>;
const V1_ROOT: Seen = {
  kind: 'seen',
  magic: 0x27e0eb,
  device: asDevice('0:41'),
  inode: 1,
  hasReleaseAgent: true,
  hasCgroupEvents: false,
};
const V1_BELOW = { ...V1_ROOT, inode: 35, hasReleaseAgent: false };
const V2_ROOT = { ...V1_ROOT, magic: 0x63677270, hasReleaseAgent: false };
const V2_BELOW = { ...V2_ROOT, inode: 35, hasCgroupEvents: true };
/** What is at a path, by its name. */
const STATS = new Map<string, Seen>([
  ['v1', V1_ROOT],
  ['v1-below', V1_BELOW],
  ['v2', V2_ROOT],
  ['v2-below', V2_BELOW],
  ['tmpfs', { ...V1_ROOT, magic: 0x1021994 }],
  ['other', { ...V1_ROOT, device: asDevice('0:99') }],
  ['inode-alone', { ...V1_ROOT, hasReleaseAgent: false }],
  ['file-alone', { ...V1_ROOT, inode: 35 }],
  ['v2-of-other', { ...V2_BELOW, device: asDevice('0:1') }],
  ['v2-file-alone', { ...V2_BELOW, hasCgroupEvents: false }],
]);

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

/** The choice for the only hierarchy, with `PATH=STAT` for what is there, or for an errno. */
function choose(stats: string, situation: Situation = {}): MountChoice {
  const { table = CELL, ownTable = table, root = '/', namespace = 'initial' } = situation;
  const { gdnPaths = null, firstProcessPaths = null } = situation;
  const there = new Map(stats.split(' ').map((one) => one.split('=') as [string, string]));
  const statOf = (one: ByteString): MountStat => {
    const name = there.get(one) ?? 'ENOENT';
    return STATS.get(name) ?? { kind: 'failed', errno: name };
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
    const choice = choose(`${STANDARD}=v1 ${TAGGED}=v1`);
    expect(shown(choice)).to.equal(`${STANDARD} at ${STANDARD}`);
    expect(verdicts(choice)).to.equal(`${STANDARD} chosen, ${TAGGED} equivalent`);
    expect(choice.why).to.contain('device 0:41, inode 1, release_agent');
  });

  /** What is at a mount, and what is said of it. */
  const wrong = `
EACCES | EACCES
tmpfs | magic 0x1021994
v2 | not a cgroup v1
other | device 0:99
v1-below | below the root
inode-alone | disagree (device 0:41, inode 1, no release_agent
file-alone | disagree (device 0:41, inode 35, release_agent
`;
  for (const [stat, says] of rowsOf(wrong)) {
    it(`takes the next mount when this is at the first, and says so if it is there, too: ${stat}`, () => {
      const next = choose(`${STANDARD}=${stat} ${TAGGED}=v1`);
      expect(shown(next)).to.equal(`${TAGGED} at ${TAGGED}`);
      expect(verdicts(next)).to.equal(`${STANDARD} not-confirmed, ${TAGGED} chosen`);
      const none = choose(`${STANDARD}=${stat} ${TAGGED}=${stat}`);
      expect(shown(none)).to.equal('none at null');
      expect(none.why).to.contain(says);
    });
  }

  it('never takes a sub-cgroup, even if nothing else is there', () => {
    const table = tableOf('30 20 0:41 /garden/h /sys/fs/cgroup/memory rw - cgroup c rw,memory');
    expect(verdicts(choose(`${STANDARD}=v1`, { table }))).to.equal(`${STANDARD} sub-cgroup`);
  });

  describe('in another mount namespace than the cell (bpm)', () => {
    const ownLines = ['500 400 8:1 / / rw - ext4 d rw', '501 500 0:90 / /sys rw - sysfs s rw'];
    const mounted = `510 501 0:41 / ${STANDARD} ro - cgroup c rw,memory`;
    const choiceWith = (line: string, stats: string, more: Situation = {}) =>
      choose(stats, { ownTable: tableOf(...ownLines, ...line.split('; ')), ...more });

    it('opens it at any place where its own table shows the same', () => {
      const choice = choiceWith('510 500 0:41 / /cg rw - cgroup c rw,memory', '/cg=v1');
      expect(shown(choice)).to.equal(`${STANDARD} at /cg`);
      expect(choice.why).to.contain('opened at /cg');
    });

    it('opens neither what its own table covers, nor another part of the hierarchy', () => {
      for (const lines of [
        `${mounted}; 520 510 0:91 / ${STANDARD} rw - tmpfs t rw`,
        mounted.replace('0:41 /', '0:41 /garden'),
      ])
        expect(shown(choiceWith(lines, `${STANDARD}=v1`))).to.equal('none at null');
    });

    it('says that it sees only its own mount namespace, and names what bpm lacks', () => {
      const choice = choose('', { ownTable: tableOf(...ownLines) });
      expect(choice.why).to.contain('sees only its own mount namespace');
      expect(choice.why).to.contain('unsafe.unrestricted_volumes with the path /sys/fs/cgroup');
      expect(verdicts(choice)).to.equal(`${STANDARD} not-confirmed, ${TAGGED} not-confirmed`);
    });

    it('opens a cell below a directory there, before its own mounts', () => {
      const root = '/proc/7/root';
      const [below, own] = [`${root}${STANDARD}=v1`, `${STANDARD}=v1`];
      expect(choiceWith(mounted, `${below} ${own}`, { root }).openedAt).to.equal(
        `${root}${STANDARD}`,
      );
      expect(choiceWith(mounted, own, { root }).openedAt).to.equal(STANDARD);
    });
  });

  describe('in a private cgroup namespace', () => {
    const own = '40 30 0:41 / /sys/fs/cgroup rw - cgroup2 c rw';
    const inPrivate = (stats: string, gdn = '', first = '', ...lines: readonly string[]) => {
      const at = (text: string): Membership | null => {
        const [controller = '', place = ''] = text.split(' ');
        return text === '' ? null : { [controller]: path(place) };
      };
      const paths = { gdnPaths: at(gdn), firstProcessPaths: at(first) };
      return choose(stats, { table: tableOf(own, ...lines), namespace: 'private', ...paths });
    };

    it('does not take the deepest way up if it does not end at the top', () => {
      const between = '42 30 0:41 /.. /near/cgroup rw - cgroup2 c rw';
      const stats = '/sys/fs/cgroup=v2-below /near/cgroup=v2-below';
      expect(verdicts(inPrivate(stats, '', '', between))).to.equal(
        '/sys/fs/cgroup own-namespace, /near/cgroup not-confirmed',
      );
    });

    it('takes a root / where its own cgroup is the root of the hierarchy', () => {
      expect(shown(inPrivate('/sys/fs/cgroup=v2'))).to.equal('/sys/fs/cgroup at /sys/fs/cgroup');
    });

    it('takes its top if the cell is itself a container that contains gdn', () => {
      const choice = inPrivate('/sys/fs/cgroup=v2-below', 'v2 /system.slice/garden', 'v2 /');
      expect(shown(choice)).to.equal('/sys/fs/cgroup at /sys/fs/cgroup');
      expect(choice.why).to.contain('itself a container');
    });

    /** What is at the top, the cgroups of gdn and of pid 1, and the verdict. */
    const refused = `
v2-below | | | own-namespace
v2-below | | v2 / | own-namespace
v2-below | v2 /../garden.service | v2 / | own-namespace
v2-below | v2 /.. | v2 / | own-namespace
v2-below | v2 /garden.service | v2 /../.. | own-namespace
v2-below | v2 /garden.service | | own-namespace
v2-below | memory / | v2 / | own-namespace
tmpfs | v2 /garden.service | v2 / | not-confirmed
v2-of-other | v2 /garden.service | v2 / | not-confirmed
v2-file-alone | v2 /garden.service | v2 / | not-confirmed
`;
    for (const [stat, gdn = '', first = '', verdict = ''] of rowsOf(refused)) {
      it(`refuses ${stat} with gdn in "${gdn}" and pid 1 in "${first}"`, () => {
        const choice = inPrivate(`/sys/fs/cgroup=${stat}`, gdn, first);
        expect(verdicts(choice)).to.equal(`/sys/fs/cgroup ${verdict}`);
        if (verdict === 'own-namespace')
          expect(choice.why).to.contain("only this process's own cgroup namespace");
      });
    }
  });
});

describe('pathsToStat', () => {
  it('asks for the cgroup mounts of both tables, once each, below the root', () => {
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
