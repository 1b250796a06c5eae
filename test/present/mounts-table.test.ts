import { expect } from 'chai';
import { RULES, type MountsReport } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { compareRules } from '../../src/mounts/compare-rules.ts';
import { colors } from '../../src/present/color.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { mountsJson } from '../../src/present/mounts-json.ts';
import { mountsTable } from '../../src/present/mounts-table.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';

function reportOf(table: MountTable, compare: boolean): MountsReport {
  const question = { table, namespace: 'initial', live: null } as const;
  const { mode, choices } = chooseMounts({ ...question, rule: 'verified' });
  return {
    source: 'table.mountinfo',
    rule: 'verified',
    namespace: 'initial',
    namespaceAssumed: false,
    mode,
    malformed: table.malformed,
    choices,
    sensorsByRule: new Map([['last-match', 'Tracee v0.19']]),
    comparison: compare ? compareRules({ ...question, verified: choices }) : null,
  };
}

const lines = (report: MountsReport, columns: number): string[] =>
  mountsTable(report, { colors: colors(false), columns }).split('\n');

const IMAGE =
  '/var/vcap/data/grootfs/store/unprivileged/images/0badcafe-1111-4222-7333-4444/rootfs';
const CELL = tableOf(
  '8 4 0:41 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup c rw,cpu,cpuacct',
  '9 4 0:42 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset',
  `10 5 0:42 /garden/h ${IMAGE}/sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset`,
  '11 4 0:43 /garden/h /sys/fs/cgroup/pids rw - cgroup c rw,pids',
);

const UNIFIED = tableOf('30 4 0:26 / /sys/fs/cgroup rw - cgroup2 c rw');

describe('mountsTable', () => {
  it('shows each hierarchy with its mount, why, and every other mount of it', () => {
    expect(lines(reportOf(CELL, false), 100)).to.deep.equal([
      'table.mountinfo: cgroup v1, read in the initial cgroup namespace',
      '',
      'HIERARCHY    MOUNT',
      'cpu,cpuacct  /sys/fs/cgroup/cpu,cpuacct',
      '  Shows the root of the hierarchy.',
      'cpuset       /sys/fs/cgroup/cpuset',
      '  Shows the root of the hierarchy; 1 other does not show the root.',
      '  - sub-cgroup:',
      `  ${IMAGE}/sys/fs/cgroup`,
      '  /cpuset (mount id 10) shows only the cgroup /garden/h',
      'pids         none',
      '  No mount is known to show the root of this hierarchy: /sys/fs/cgroup/pids (mount id 11) shows only',
      '  the cgroup /garden/h.',
      '',
      '1 of 3 hierarchies has no mount that shows the root: pids.',
      '',
    ]);
  });

  it('has one short screen for a cell with only cgroup v2', () => {
    expect(lines(reportOf(UNIFIED, false), 100)).to.deep.equal([
      'table.mountinfo: cgroup v2, read in the initial cgroup namespace',
      '',
      'One hierarchy: v2, mounted at /sys/fs/cgroup',
      '  Shows the root of the hierarchy.',
      '',
    ]);
  });

  it('says there why another mount of cgroup v2 was not chosen, and that none is usable', () => {
    const second = '31 4 0:26 /garden/h /mnt/h rw - cgroup2 c rw';
    const both = tableOf('30 4 0:26 / /sys/fs/cgroup rw - cgroup2 c rw', second);
    expect(lines(reportOf(both, false), 100).slice(2)).to.deep.equal([
      'One hierarchy: v2, mounted at /sys/fs/cgroup',
      '  Shows the root of the hierarchy; 1 other does not show the root.',
      '  - sub-cgroup: /mnt/h (mount id 31) shows only the cgroup /garden/h',
      '',
    ]);
    expect(lines(reportOf(tableOf(second), false), 160).slice(2)).to.deep.equal([
      'One hierarchy: v2, without a usable mount',
      '  No mount is known to show the root of this hierarchy: /mnt/h (mount id 31) shows only the cgroup /garden/h.',
      '',
    ]);
  });

  it('says whether the kernel confirms a mount only if it was asked', () => {
    const { choices, ...rest } = reportOf(CELL, false);
    const live = choices.map((choice) => ({ ...choice, confirmed: choice.chosen !== null }));
    expect(lines({ ...rest, choices: live }, 100)).to.include.members([
      'HIERARCHY    MOUNT                       CONFIRMED',
      'cpu,cpuacct  /sys/fs/cgroup/cpu,cpuacct  yes',
      'pids         none                        no',
    ]);
  });

  it('marks the choices of other rules', () => {
    const shown = lines(reportOf(CELL, true), 100);
    expect(shown).to.include(
      'CONTROLLER  VERIFIED  LONGEST-PATH  LAST-MATCH  FIRST-ROOT  LOWEST-INODE  ROOT-ONLY',
    );
    expect(shown).to.include(
      'cpu         1         1             2 WRONG     1           -             1',
    );
    expect(shown).to.include(
      'cpuset      3         none MISSED   2 WRONG     3           -             3',
    );
    expect(shown).to.include(
      'pids        none      none          4 FALSE     none        -             none',
    );
    expect(shown).to.include('3   /sys/fs/cgroup/cpuset (mount id 9)');
    expect(shown).to.include('LAST-MATCH: Tracee v0.19.');
  });

  for (const columns of [80, 60, 40, 20]) {
    it(`fits ${columns} columns`, () => {
      for (const table of [CELL, UNIFIED]) {
        for (const line of lines(reportOf(table, true), columns)) {
          expect(displayWidth(line), line).to.be.at.most(columns);
        }
      }
    });
  }

  it('lets nothing in a table control the terminal', () => {
    const hostile = '/\x1b]0;x\x07\x1b[31m/\x9b2J/\xe2\x80\xae/a\\012b';
    const table = parseMountInfo(
      asByteString(
        `8 4 0:41 / ${hostile} rw - cgroup c rw,cpu,name=\x1b[2J\n9 4 0:41 /${hostile} /x rw - cgroup c rw,cpu,name=\x1b[2J\n`,
      ),
    );
    const text = mountsTable(reportOf(table, true), { colors: colors(false), columns: 80 });
    expect(text).not.to.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text).to.contain('\\u{1b}]0;x\\u{7}');
  });

  it('shows a dozen mounts of a hierarchy, and says that there are more', () => {
    const many = Array.from(
      { length: 40 },
      (_, index) => `${100 + index} 7 0:41 /garden/${index} /m/${index} rw - cgroup c rw,pids`,
    );
    const text = lines(
      reportOf(tableOf('8 4 0:41 / /cg rw - cgroup c rw,pids', ...many), false),
      100,
    );
    expect(text.filter((line) => line.includes('- sub-cgroup'))).to.have.length(12);
    expect(text).to.include('  … and 28 more (--format json has all)');
  });
});

describe('mountsJson', () => {
  it('has the keys of the interface in their order', () => {
    const json = mountsJson(reportOf(CELL, true));
    expect(Object.keys(json).join(' ')).to.equal(
      'schemaVersion source rule cgroupNamespace mode malformedLines hierarchies rules',
    );
    expect(json.hierarchies[1]).to.deep.equal({
      device: '0:42',
      version: 1,
      controllers: ['cpuset'],
      name: null,
      chosen: { mountPoint: '/sys/fs/cgroup/cpuset', mountId: 9, root: '/' },
      confirmed: null,
      why: 'Shows the root of the hierarchy; 1 other does not show the root.',
      candidates: [
        {
          mountPoint: '/sys/fs/cgroup/cpuset',
          mountId: 9,
          root: '/',
          verdict: 'chosen',
          why: 'shows the root of the hierarchy',
        },
        {
          mountPoint: `${IMAGE}/sys/fs/cgroup/cpuset`,
          mountId: 10,
          root: '/garden/h',
          verdict: 'sub-cgroup',
          why: 'shows only the cgroup /garden/h',
        },
      ],
    });
  });

  it('has the mount of every rule per controller, null for none', () => {
    const { rules } = mountsJson(reportOf(CELL, true));
    expect(Object.keys(rules ?? {})).to.deep.equal(RULES);
    expect(rules?.['last-match']).to.deep.equal({
      cpu: `${IMAGE}/sys/fs/cgroup/cpuset`,
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
      cpuset: `${IMAGE}/sys/fs/cgroup/cpuset`,
      pids: '/sys/fs/cgroup/pids',
    });
    expect(rules?.['lowest-inode']).to.deep.equal({
      cpu: null,
      cpuacct: null,
      cpuset: null,
      pids: null,
    });
  });

  it('has no rules without a comparison', () => {
    expect(mountsJson(reportOf(CELL, false))).not.to.have.property('rules');
  });

  it('shows bytes that are UTF-8 as text and others escaped', () => {
    const table = parseMountInfo(
      asByteString(
        '8 4 0:41 / /caf\xc3\xa9 rw - cgroup c rw,cpu\n9 4 0:42 / /caf\xe9 rw - cgroup c rw,pids\n',
      ),
    );
    const { hierarchies } = mountsJson(reportOf(table, false));
    expect(hierarchies.map(({ chosen }) => chosen?.mountPoint)).to.deep.equal([
      '/café',
      '/caf\\xe9',
    ]);
  });
});
