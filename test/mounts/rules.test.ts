import { expect } from 'chai';
import type { MountChoice, MountStat, Rule } from '../../src/model/hierarchy.ts';
import { asDevice, type ByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { chooseMounts, type MountsQuestion } from '../../src/mounts/choose-mounts.ts';
import { compareRules } from '../../src/mounts/compare-rules.ts';
import type { LiveCell } from '../../src/mounts/judge-mount.ts';
import { path, statOfV1, tableOf } from './mount-lines.ts';
import { parseMounts } from '../../src/parse/mount-table.ts';

const LONG = '/var/vcap/data/grootfs/store/unprivileged/images/h/rootfs/sys/fs/cgroup/memory';
const NESTED = tableOf(
  `9 5 0:41 /garden/h ${LONG} rw shared:2 - cgroup c rw,memory`,
  '8 4 0:41 / /sys/fs/cgroup/memory rw shared:2 - cgroup c rw,memory',
);
const REVERSED = tableOf(
  '8 4 0:41 / /sys/fs/cgroup/memory rw shared:2 - cgroup c rw,memory',
  `9 5 0:41 /garden/h ${LONG} rw shared:2 - cgroup c rw,memory`,
);
const CONTROLLERS = tableOf(
  '8 4 0:41 / /sys/fs/cgroup/cpu rw - cgroup c rw,cpu',
  '9 4 0:42 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset',
);

function liveWith(table: MountTable, inodes: Readonly<Record<string, number>>): LiveCell {
  const stats = new Map<ByteString, MountStat>();
  for (const { mountPoint, device } of table.mounts) {
    const inode = inodes[mountPoint];
    stats.set(
      mountPoint,
      inode === undefined
        ? { kind: 'failed', errno: 'ENOENT' }
        : statOfV1(device ?? asDevice('0:0'), inode),
    );
  }
  return { ownTable: table, root: '/', stats, gdnPaths: null, firstProcessPaths: null };
}

const text = (table: MountTable): Omit<MountsQuestion, 'rule'> => ({
  table,
  namespace: 'initial',
  live: null,
});

/** What a rule picks for this controller, and how right that is. */
function compare(question: Omit<MountsQuestion, 'rule'>, name: string) {
  const verified = chooseMounts({ ...question, rule: 'verified' }).choices;
  const comparison = compareRules({ ...question, verified });
  return (rule: Rule): string => {
    const pick = comparison.get(rule)?.get(name);
    if (pick === undefined) throw new Error(`${rule} was not asked for ${name}`);
    return `${pick.mount?.mountPoint ?? 'nothing'}: ${pick.score ?? 'no score'}`;
  };
}

describe('the rules of other tools', () => {
  it('last-match takes whatever comes last', () => {
    expect(compare(text(NESTED), 'memory')('last-match')).to.equal('/sys/fs/cgroup/memory: right');
    expect(compare(text(REVERSED), 'memory')('last-match')).to.equal(`${LONG}: wrong`);
  });

  it('last-match takes cpuset for cpu', () => {
    expect(compare(text(CONTROLLERS), 'cpu')('last-match')).to.equal(
      '/sys/fs/cgroup/cpuset: wrong',
    );
    expect(compare(text(CONTROLLERS), 'cpu')('verified')).to.equal('/sys/fs/cgroup/cpu: right');
  });

  it('longest-path takes the longest and then sees that it does not hold the full hierarchy', () => {
    for (const table of [NESTED, REVERSED]) {
      expect(compare(text(table), 'memory')('longest-path')).to.equal('nothing: missed');
    }
  });

  it('longest-path takes the last of equally long paths', () => {
    const table = tableOf(
      '8 4 0:41 / /a/memory rw - cgroup c rw,memory',
      '9 5 0:41 / /b/memory rw - cgroup c rw,memory',
    );
    expect(compare(text(table), 'memory')('longest-path')).to.equal('/b/memory: equivalent');
  });

  it('longest-path cannot see what a mount holds in the format of /proc/mounts', () => {
    const table = parseMounts(
      path(`c /sys/fs/cgroup/memory cgroup rw,memory 0 0\nc ${LONG} cgroup rw,memory 0 0\n`),
    );
    expect(compare(text(table), 'memory')('longest-path')).to.equal(`${LONG}: right`);
    expect(compare(text(table), 'memory')('root-only')).to.match(/: no score$/);
  });

  it('longest-path takes a mount that another one covers', () => {
    const table = tableOf(
      '1 0 8:1 / / rw - ext4 d rw',
      '8 1 0:41 / /a/memory rw - cgroup c rw,memory',
      '9 1 0:50 / /a rw - tmpfs t rw',
    );
    expect(compare(text(table), 'memory')('longest-path')).to.equal('/a/memory: false');
  });

  it('lowest-inode needs a running cell, and has no answer for a text', () => {
    expect(compare(text(REVERSED), 'memory')('lowest-inode')).to.equal('nothing: no score');
    const live = liveWith(REVERSED, { '/sys/fs/cgroup/memory': 1, [LONG]: 77 });
    expect(compare({ ...text(REVERSED), live }, 'memory')('lowest-inode')).to.equal(
      '/sys/fs/cgroup/memory: right',
    );
  });

  it('lowest-inode takes the shorter path on a tie, root-only the longer one', () => {
    const table = tableOf(
      '8 4 0:41 / /longer/memory rw shared:2 - cgroup c rw,memory',
      '9 5 0:41 / /a/memory rw shared:2 - cgroup c rw,memory',
    );
    const live = liveWith(table, { '/longer/memory': 1, '/a/memory': 1 });
    const picked = compare({ ...text(table), live }, 'memory');
    expect(picked('lowest-inode')).to.match(/^\/a\/memory: /);
    expect(picked('root-only')).to.match(/^\/longer\/memory: /);
  });

  it('root-only skips mounts that stat cannot open, and every root except /', () => {
    const table = tableOf(
      '8 4 0:41 / /longer/memory rw shared:2 - cgroup c rw,memory',
      '9 5 0:41 / /a/memory rw shared:2 - cgroup c rw,memory',
      '7 5 0:41 /x /the/longest/memory rw shared:2 - cgroup c rw,memory',
    );
    const live = liveWith(table, { '/a/memory': 1, '/the/longest/memory': 1 });
    expect(compare({ ...text(table), live }, 'memory')('root-only')).to.match(/^\/a\/memory: /);
  });

  it('finds nothing after a line of 64 KiB, as Go reads lines', () => {
    const layers = 'x'.repeat(65_536);
    const table = tableOf(
      `7 4 0:50 / /a rw shared:1 - overlay o rw,${layers}`,
      '8 4 0:41 / /sys/fs/cgroup/memory rw shared:2 - cgroup c rw,memory',
    );
    const picked = compare(text(table), 'memory');
    for (const rule of ['last-match', 'first-root', 'root-only'] as const)
      expect(picked(rule), rule).to.equal('nothing: missed');
    expect(picked('verified')).to.equal('/sys/fs/cgroup/memory: right');
  });

  it('opens a path with octal escapes, which is nowhere', () => {
    const table = tableOf(
      '8 4 0:41 / /sys/fs/cgroup/my\\040memory rw shared:2 - cgroup c rw,memory',
    );
    const picked = compare(text(table), 'memory');
    for (const rule of ['last-match', 'first-root'] as const)
      expect(picked(rule), rule).to.match(/: wrong$/);
    expect(picked('root-only')).to.equal('nothing: missed');
    expect(picked('verified')).to.match(/: right$/);
  });

  it('lowest-inode takes the ninth field for the type, and root-only the one after the separator', () => {
    const rows = [
      ['shared:1 - cgroup c', true],
      ['- cgroup cgroup', true],
      ['- cgroup none', false],
      ['shared:9 master:1 - cgroup cgroup', false],
    ] as const;
    for (const [fields, isFound] of rows) {
      const table = tableOf(`8 4 0:41 / /sys/fs/cgroup/memory rw ${fields} rw,memory`);
      const live = liveWith(table, { '/sys/fs/cgroup/memory': 1 });
      const picked = compare({ ...text(table), live }, 'memory');
      expect(picked('lowest-inode'), fields).to.match(isFound ? /: right$/ : /: missed$/);
      expect(picked('root-only'), fields).to.match(/: right$/);
    }
  });

  it("root-only takes the reader's own cgroup for the host's in a private namespace", () => {
    const table = tableOf(
      '8 4 0:41 / /sys/fs/cgroup rw - cgroup2 c rw',
      '9 5 0:41 /../.. /host/cgroup rw - cgroup2 c rw',
    );
    const picked = compare({ table, namespace: 'private', live: null }, 'v2');
    expect(picked('root-only')).to.equal('/sys/fs/cgroup: wrong');
    expect(picked('verified')).to.equal('/host/cgroup: right');
    expect(picked('longest-path')).to.equal('nothing: missed');
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
      tableOf(
        '8 4 0:41 / /cg/cpuacct rw - cgroup c rw,cpu,cpuacct',
        '9 4 0:42 / /cg/cpuset rw - cgroup c rw,cpuset',
      ),
    );
    expect(choice?.chosen?.mountPoint).to.equal('/cg/cpuacct');
    expect(choice?.why).to.contain('for cpu it takes /cg/cpuset');
  });

  it('does not confirm a wrong mount of a running cell', () => {
    const live = liveWith(REVERSED, { '/sys/fs/cgroup/memory': 1, [LONG]: 77 });
    const [wrong] = by('last-match', REVERSED, live);
    expect(wrong).to.include({ confirmed: false, openedAt: null });
    const [right] = by('lowest-inode', REVERSED, live);
    expect(right).to.include({ confirmed: true, openedAt: '/sys/fs/cgroup/memory' });
  });

  it('says that a text has no inodes', () => {
    const [choice] = by('lowest-inode', REVERSED);
    expect(choice?.chosen).to.equal(null);
    expect(choice?.why).to.contain('inodes');
  });
});
