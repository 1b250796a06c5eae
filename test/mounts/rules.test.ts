import { expect } from 'chai';
import type { MountChoice, MountStat, Rule } from '../../src/model/hierarchy.ts';
import { asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { chooseMounts, type MountsQuestion } from '../../src/mounts/choose-mounts.ts';
import type { LiveCell } from '../../src/mounts/judge-mount.ts';
import { rowsOf } from '../rows.ts';
import { goodPaths } from './expected-mounts.ts';
import { path, statOfV1, tableOf } from './mount-lines.ts';
import { ruledTable } from './rule-scores.ts';
import { parseMounts } from '../../src/parse/mount-table.ts';

const STANDARD = '/sys/fs/cgroup/memory';
const LONG = '/var/vcap/data/grootfs/store/unprivileged/images/h/rootfs/sys/fs/cgroup/memory';

/** Mounts as `ID ROOT POINT`, of memory or of the controllers that follow, each with its device. */
const tableIn = (mounts: string): MountTable =>
  tableOf(
    ...mounts.split('; ').map((one) => {
      const [id, root, point, controllers = 'memory'] = one.split(' ');
      const device = 40 + controllers.length;
      return `${id} 4 0:${device} ${root} ${point} rw shared:2 - cgroup c rw,${controllers}`;
    }),
  );
const REVERSED = tableIn(`8 / ${STANDARD}; 9 /garden/h ${LONG}`);

/** A running cell whose mount points have these inodes, as `POINT=INODE`; null for no inodes. */
function liveWith(table: MountTable, inodes: string): LiveCell | null {
  if (inodes === '') return null;
  const inodeAt = new Map(inodes.split(' ').map((one) => one.split('=') as [string, string]));
  const stats = new Map<ByteString, MountStat>(
    table.mounts.map(({ mountPoint, device }) => {
      const inode = inodeAt.get(mountPoint);
      if (inode === undefined) return [mountPoint, { kind: 'failed', errno: 'ENOENT' }];
      return [mountPoint, statOfV1(device ?? asDevice('0:0'), Number(inode))];
    }),
  );
  return { ownTable: table, root: '/', stats, gdnPaths: null, firstProcessPaths: null };
}

type Question = Omit<MountsQuestion, 'rule'>;
const text = (table: MountTable): Question => ({ table, namespace: 'initial', live: null });

/** What rules pick for a controller, and how right that is. */
function picked(question: Question, name: string, rules: string): string {
  const { verified, mountOf, scoreOf } = ruledTable(question);
  const [correct = null, ...equivalent] = goodPaths(verified, name);
  const picks = (rules.split(' ') as Rule[]).map((rule) => {
    const mount = mountOf(rule, name);
    const score = scoreOf(rule, name, { correct, equivalent });
    return `${mount?.mountPoint ?? 'nothing'} ${score}`;
  });
  return picks.join(', ');
}

describe('the rules of other tools', () => {
  /** The mounts, inodes of a running cell, the controller with the rules, and their picks. */
  const cases = `
last-match takes whatever comes last | 9 /garden/h ${LONG}; 8 / ${STANDARD} | | memory last-match | ${STANDARD} right
and so a container's | 8 / ${STANDARD}; 9 /garden/h ${LONG} | | memory last-match | ${LONG} wrong
last-match takes cpuset for cpu | 8 / /cg/cpu cpu; 9 / /cg/cpuset cpuset | | cpu last-match verified | /cg/cpuset wrong, /cg/cpu right
longest-path then sees that it does not hold the full hierarchy | 9 /garden/h ${LONG}; 8 / ${STANDARD} | | memory longest-path | nothing missed
in either order | 8 / ${STANDARD}; 9 /garden/h ${LONG} | | memory longest-path | nothing missed
longest-path takes the last of equally long paths | 8 / /a/memory; 9 / /b/memory | | memory longest-path | /b/memory equivalent
lowest-inode has no answer for a text | 8 / ${STANDARD}; 9 /garden/h ${LONG} | | memory lowest-inode | nothing no score
lowest-inode needs a running cell | 8 / ${STANDARD}; 9 /garden/h ${LONG} | ${STANDARD}=1 ${LONG}=77 | memory lowest-inode | ${STANDARD} right
on a tie lowest-inode takes the shorter path, root-only the longer one | 8 / /longer/memory; 9 / /a/memory | /longer/memory=1 /a/memory=1 | memory lowest-inode root-only | /a/memory equivalent, /longer/memory right
root-only skips mounts that stat cannot open, and every root except / | 8 / /longer/memory; 9 / /a/memory; 7 /x /the/longest/memory | /a/memory=1 /the/longest/memory=1 | memory root-only | /a/memory right
a path with octal escapes is nowhere | 8 / /cg/my\\040memory | | memory last-match first-root root-only verified | /cg/my memory wrong, /cg/my memory wrong, nothing missed, /cg/my memory right
`;
  for (const [title = '', mounts = '', inodes = '', asked = '', picks] of rowsOf(cases)) {
    it(title, () => {
      const table = tableIn(mounts);
      const [name = '', ...rules] = asked.split(' ');
      const question = { ...text(table), live: liveWith(table, inodes) };
      expect(picked(question, name, rules.join(' '))).to.equal(picks);
    });
  }

  it('longest-path cannot see what a mount holds in the format of /proc/mounts', () => {
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

  it('finds nothing after a line of 64 KiB, as Go reads lines', () => {
    const table = tableOf(
      `7 4 0:50 / /a rw shared:1 - overlay o rw,${'x'.repeat(65_536)}`,
      `8 4 0:41 / ${STANDARD} rw shared:2 - cgroup c rw,memory`,
    );
    expect(picked(text(table), 'memory', 'last-match first-root root-only verified')).to.equal(
      `nothing missed, nothing missed, nothing missed, ${STANDARD} right`,
    );
  });

  it('lowest-inode takes the ninth field for the type, and root-only the one after the separator', () => {
    for (const [fields, score] of [
      ['shared:1 - cgroup c', 'right'],
      ['- cgroup cgroup', 'right'],
      ['- cgroup none', 'missed'],
      ['shared:9 master:1 - cgroup cgroup', 'missed'],
    ] as const) {
      const table = tableOf(`8 4 0:41 / ${STANDARD} rw ${fields} rw,memory`);
      const question = { ...text(table), live: liveWith(table, `${STANDARD}=1`) };
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
    expect(picked(question, 'v2', 'root-only verified longest-path')).to.equal(
      '/sys/fs/cgroup wrong, /host/cgroup right, nothing missed',
    );
  });
});

describe('chooseMounts by another rule', () => {
  const by = (
    rule: Rule,
    table: MountTable,
    live: LiveCell | null = null,
  ): readonly MountChoice[] => chooseMounts({ ...text(table), rule, live }).choices;

  it('shows what the rule takes, what is wrong with it and what it passed over', () => {
    const [choice] = by('last-match', REVERSED);
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
      tableIn('8 / /cg/cpuacct cpu,cpuacct; 9 / /cg/cpuset cpuset'),
    );
    expect(choice?.chosen?.mountPoint).to.equal('/cg/cpuacct');
    expect(choice?.why).to.contain('for cpu it takes /cg/cpuset');
  });

  it('does not confirm a wrong mount of a running cell', () => {
    const live = liveWith(REVERSED, `${STANDARD}=1 ${LONG}=77`);
    const [wrong] = by('last-match', REVERSED, live);
    expect(wrong).to.include({ confirmed: false, openedAt: null });
    const [right] = by('lowest-inode', REVERSED, live);
    expect(right).to.include({ confirmed: true, openedAt: STANDARD });
  });

  it('says that a text has no inodes', () => {
    const [choice] = by('lowest-inode', REVERSED);
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
