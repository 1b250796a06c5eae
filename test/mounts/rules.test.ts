import { expect } from 'chai';
import type { MountChoice, MountStat, Rule } from '../../src/model/hierarchy.ts';
import { asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { chooseMounts, type MountsQuestion } from '../../src/mounts/choose-mounts.ts';
import type { LiveCell } from '../../src/mounts/judge-mount.ts';
import { goodPaths } from './expected-mounts.ts';
import { path, statOfV1, tableOf } from './mount-lines.ts';
import { ruledTable } from './rule-scores.ts';
import { parseMounts } from '../../src/parse/mount-table.ts';

const STANDARD = '/sys/fs/cgroup/memory';
const LONG = '/var/vcap/data/grootfs/store/unprivileged/images/h/rootfs/sys/fs/cgroup/memory';

const ROOT = '/';
const OF_CONTAINER = '/garden/h';

/** A line of a mount of v1, of memory or of other controllers, which have a device of their own. */
function mounted(id: number, root: string, point: string, controllers = 'memory'): string {
  const device = 40 + controllers.length;
  return `${id} 4 0:${device} ${root} ${point} rw shared:2 - cgroup c rw,${controllers}`;
}

const HOST_FIRST = [mounted(8, ROOT, STANDARD), mounted(9, OF_CONTAINER, LONG)];
const CONTAINER_FIRST = [mounted(9, OF_CONTAINER, LONG), mounted(8, ROOT, STANDARD)];
const HOST_FIRST_TABLE = tableOf(...HOST_FIRST);

type Inodes = Readonly<Record<string, number>>;

/** A running cell whose mount points have these inodes. */
function liveWith(table: MountTable, inodes: Inodes): LiveCell {
  const stats = new Map<ByteString, MountStat>(
    table.mounts.map(({ mountPoint, device }) => {
      const inode = inodes[mountPoint];
      if (inode === undefined) return [mountPoint, { kind: 'failed', errno: 'ENOENT' }];
      return [mountPoint, statOfV1(device ?? asDevice('0:0'), inode)];
    }),
  );
  return { ownTable: table, root: '/', stats, gdnPaths: null, firstProcessPaths: null };
}

type Question = Omit<MountsQuestion, 'rule'>;
const text = (table: MountTable): Question => ({ table, namespace: 'initial', live: null });

/** What a rule picks for a controller, and how right that is. */
function picked(question: Question, name: string, rule: Rule): string {
  const { verified, mountOf, scoreOf } = ruledTable(question);
  const [correct = null, ...equivalent] = goodPaths(verified, name);
  const mount = mountOf(rule, name);
  return `${mount?.mountPoint ?? 'nothing'} ${scoreOf(rule, name, { correct, equivalent })}`;
}

interface Picked {
  /** Lines of mountinfo. */
  readonly mounts: readonly string[];
  /** Of the mount points of a running cell; left out: only the text is known. */
  readonly inodes?: Inodes;
  /** Left out: memory. */
  readonly controller?: string;
  readonly picks: Readonly<Partial<Record<Rule, string>>>;
}

const PICKED: Readonly<Record<string, Picked>> = {
  'last-match takes the mount of the host where that comes last': {
    mounts: CONTAINER_FIRST,
    picks: { 'last-match': `${STANDARD} right` },
  },
  'last-match takes the mount of a container where that comes last': {
    mounts: HOST_FIRST,
    picks: { 'last-match': `${LONG} wrong` },
  },
  'last-match takes cpuset for cpu': {
    mounts: [mounted(8, ROOT, '/cg/cpu', 'cpu'), mounted(9, ROOT, '/cg/cpuset', 'cpuset')],
    controller: 'cpu',
    picks: { 'last-match': '/cg/cpuset wrong', verified: '/cg/cpu right' },
  },
  'longest-path takes nothing where the longest does not show the full hierarchy': {
    mounts: CONTAINER_FIRST,
    picks: { 'longest-path': 'nothing missed' },
  },
  'longest-path takes nothing in the reverse order either': {
    mounts: HOST_FIRST,
    picks: { 'longest-path': 'nothing missed' },
  },
  'longest-path takes the last of equally long paths': {
    mounts: [mounted(8, ROOT, '/a/memory'), mounted(9, ROOT, '/b/memory')],
    picks: { 'longest-path': '/b/memory equivalent' },
  },
  'lowest-inode has no answer for a text': {
    mounts: HOST_FIRST,
    picks: { 'lowest-inode': 'nothing no score' },
  },
  'lowest-inode takes the mount of the host of a running cell': {
    mounts: HOST_FIRST,
    inodes: { [STANDARD]: 1, [LONG]: 77 },
    picks: { 'lowest-inode': `${STANDARD} right` },
  },
  'lowest-inode takes the shorter path on a tie, root-only the longer one': {
    mounts: [mounted(8, ROOT, '/longer/memory'), mounted(9, ROOT, '/a/memory')],
    inodes: { '/longer/memory': 1, '/a/memory': 1 },
    picks: { 'lowest-inode': '/a/memory equivalent', 'root-only': '/longer/memory right' },
  },
  'root-only skips mounts that stat cannot open, and every root except /': {
    mounts: [
      mounted(8, ROOT, '/longer/memory'),
      mounted(9, ROOT, '/a/memory'),
      mounted(7, '/x', '/the/longest/memory'),
    ],
    inodes: { '/a/memory': 1, '/the/longest/memory': 1 },
    picks: { 'root-only': '/a/memory right' },
  },
  'a path with octal escapes is opened by the rules that decode it only': {
    mounts: [mounted(8, ROOT, String.raw`/cg/my\040memory`)],
    picks: {
      'last-match': '/cg/my memory wrong',
      'first-root': '/cg/my memory wrong',
      'root-only': 'nothing missed',
      verified: '/cg/my memory right',
    },
  },
};

const picksOf = (
  question: Question,
  controller: string,
  rules: readonly Rule[],
): Readonly<Partial<Record<Rule, string>>> =>
  Object.fromEntries(rules.map((rule) => [rule, picked(question, controller, rule)]));

describe('the rules of other tools', () => {
  for (const [title, { mounts, inodes, controller = 'memory', picks }] of Object.entries(PICKED))
    it(title, () => {
      const table = tableOf(...mounts);
      const live = inodes === undefined ? null : liveWith(table, inodes);
      const rules = Object.keys(picks) as Rule[];
      expect(picksOf({ ...text(table), live }, controller, rules)).to.deep.equal(picks);
    });

  it('longest-path cannot see what a mount shows in the format of /proc/mounts', () => {
    const table = parseMounts(
      path(`c ${STANDARD} cgroup rw,memory 0 0\nc ${LONG} cgroup rw,memory 0 0\n`),
    );
    expect(picked(text(table), 'memory', 'longest-path')).to.equal(`${LONG} right`);
    expect(picked(text(table), 'memory', 'root-only')).to.match(/ no score$/);
  });

  it('longest-path takes a mount that another one covers', () => {
    const table = tableOf(
      '1 0 8:1 / / rw - ext4 d rw',
      '8 1 0:41 / /a/memory rw - cgroup c rw,memory',
      '9 1 0:50 / /a rw - tmpfs t rw',
    );
    expect(picked(text(table), 'memory', 'longest-path')).to.equal('/a/memory false');
  });

  it('find nothing after a line of 64 KiB, as Go reads lines', () => {
    const table = tableOf(
      `7 4 0:50 / /a rw shared:1 - overlay o rw,${'x'.repeat(65_536)}`,
      `8 4 0:41 / ${STANDARD} rw shared:2 - cgroup c rw,memory`,
    );
    for (const rule of ['last-match', 'first-root', 'root-only'] as const)
      expect(picked(text(table), 'memory', rule), rule).to.equal('nothing missed');
    expect(picked(text(table), 'memory', 'verified')).to.equal(`${STANDARD} right`);
  });

  it('lowest-inode takes the ninth field for the type, and root-only the one after the separator', () => {
    for (const [fields, score] of [
      ['shared:1 - cgroup c', 'right'],
      ['- cgroup cgroup', 'right'],
      ['- cgroup none', 'missed'],
      ['shared:9 master:1 - cgroup cgroup', 'missed'],
    ] as const) {
      const table = tableOf(`8 4 0:41 / ${STANDARD} rw ${fields} rw,memory`);
      const question = { ...text(table), live: liveWith(table, { [STANDARD]: 1 }) };
      expect(picked(question, 'memory', 'lowest-inode'), fields).to.match(RegExp(` ${score}$`));
      expect(picked(question, 'memory', 'root-only'), fields).to.match(/ right$/);
    }
  });

  it("root-only takes the reader's own cgroup for the host's in a private namespace", () => {
    const table = tableOf(
      '8 4 0:41 / /sys/fs/cgroup rw - cgroup2 c rw',
      '9 5 0:41 /../.. /host/cgroup rw - cgroup2 c rw',
    );
    const question = { table, namespace: 'private', live: null } as const;
    expect(picked(question, 'v2', 'root-only')).to.equal('/sys/fs/cgroup wrong');
    expect(picked(question, 'v2', 'verified')).to.equal('/host/cgroup right');
    expect(picked(question, 'v2', 'longest-path')).to.equal('nothing missed');
  });
});

describe('chooseMounts by another rule', () => {
  const by = (
    rule: Rule,
    table: MountTable,
    live: LiveCell | null = null,
  ): readonly MountChoice[] => chooseMounts({ ...text(table), rule, live }).choices;

  it('shows what the rule takes, what is wrong with it and what it passed over', () => {
    const [choice] = by('last-match', HOST_FIRST_TABLE);
    expect(choice?.chosen?.mountPoint).to.equal(LONG);
    expect(choice?.why).to.equal(
      `The rule last-match takes ${LONG} (mount id 9), which shows only the cgroup /garden/h.`,
    );
    expect(choice?.candidates.map(({ verdict }) => verdict)).to.deep.equal([
      'passed-over',
      'chosen',
    ]);
    expect(choice?.confirmed).to.equal(null);
  });

  it('asks for every controller of a co-mounted hierarchy', () => {
    const [choice] = by(
      'last-match',
      tableOf(
        mounted(8, ROOT, '/cg/cpuacct', 'cpu,cpuacct'),
        mounted(9, ROOT, '/cg/cpuset', 'cpuset'),
      ),
    );
    expect(choice?.chosen?.mountPoint).to.equal('/cg/cpuacct');
    expect(choice?.why).to.contain('for cpu it takes /cg/cpuset');
  });

  it('does not confirm a wrong mount of a running cell', () => {
    const live = liveWith(HOST_FIRST_TABLE, { [STANDARD]: 1, [LONG]: 77 });
    const [wrong] = by('last-match', HOST_FIRST_TABLE, live);
    expect(wrong).to.include({ confirmed: false, openedAt: null });
    const [right] = by('lowest-inode', HOST_FIRST_TABLE, live);
    expect(right).to.include({ confirmed: true, openedAt: STANDARD });
  });

  it('says that a text has no inodes', () => {
    const [choice] = by('lowest-inode', HOST_FIRST_TABLE);
    expect(choice?.chosen).to.equal(null);
    expect(choice?.why).to.contain('inodes');
  });

  it('says that the format of /proc/mounts has no roots', () => {
    const table = parseMounts(path(`c ${STANDARD} cgroup rw,memory 0 0\n`));
    for (const rule of ['first-root', 'root-only'] as const) {
      const [choice] = by(rule, table);
      expect(choice?.chosen).to.equal(null);
      expect(choice?.why).to.equal(
        `The rule ${rule} needs the roots of the mounts, which the format of /proc/mounts lacks.`,
      );
    }
  });
});
