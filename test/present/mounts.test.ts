import { expect } from 'chai';
import type { MountsReport, Rule } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { MountTable } from '../../src/model/mount.ts';
import { chooseMounts } from '../../src/mounts/choose-mounts.ts';
import { colors } from '../../src/present/color.ts';
import { displayWidth } from '../../src/present/display-width.ts';
import { mountsJson } from '../../src/present/mounts-json.ts';
import { documentText } from '../../src/present/document/terminal.ts';
import { mountsDocument } from '../../src/present/mounts.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';

function reportOf(table: MountTable, rule: Rule = 'verified'): MountsReport {
  const { mode, choices } = chooseMounts({ table, namespace: 'initial', live: null, rule });
  return {
    source: 'table.mountinfo',
    rule,
    namespace: 'initial',
    namespaceAssumed: false,
    mode,
    malformed: table.malformed,
    choices,
  };
}

const lines = (report: MountsReport, columns: number): string[] =>
  documentText(mountsDocument(report), { colors: colors(false), columns }).split('\n');

const IMAGE =
  '/var/vcap/data/grootfs/store/unprivileged/images/0badcafe-1111-4222-7333-4444/rootfs';
const CELL = tableOf(
  '8 4 0:41 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup c rw,cpu,cpuacct',
  '9 4 0:42 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset',
  `10 5 0:42 /garden/h ${IMAGE}/sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset`,
  '11 4 0:43 /garden/h /sys/fs/cgroup/pids rw - cgroup c rw,pids',
);

const UNIFIED = tableOf('30 4 0:26 / /sys/fs/cgroup rw - cgroup2 c rw');

describe('the document of mounts', () => {
  it('shows each hierarchy with its mount, why, and every other mount of it', () => {
    expect(lines(reportOf(CELL), 100)).to.deep.equal([
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
      '  No mount is known to show the root of this hierarchy: ' +
        '/sys/fs/cgroup/pids (mount id 11) shows only',
      '  the cgroup /garden/h.',
      '',
      '1 of 3 hierarchies has no mount that shows the root: pids.',
      '',
    ]);
  });

  it('has one short screen for a cell with only cgroup v2', () => {
    expect(lines(reportOf(UNIFIED), 100)).to.deep.equal([
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
    expect(lines(reportOf(both), 100).slice(2)).to.deep.equal([
      'One hierarchy: v2, mounted at /sys/fs/cgroup',
      '  Shows the root of the hierarchy; 1 other does not show the root.',
      '  - sub-cgroup: /mnt/h (mount id 31) shows only the cgroup /garden/h',
      '',
    ]);
    expect(lines(reportOf(tableOf(second)), 160).slice(2)).to.deep.equal([
      'One hierarchy: v2, without a usable mount',
      '  No mount is known to show the root of this hierarchy: ' +
        '/mnt/h (mount id 31) shows only the cgroup /garden/h.',
      '',
    ]);
  });

  it('says whether the kernel confirms a mount only if it was asked', () => {
    const { choices, ...rest } = reportOf(CELL);
    const live = choices.map((choice) => ({ ...choice, confirmed: choice.chosen !== null }));
    expect(lines({ ...rest, choices: live }, 100)).to.include.members([
      'HIERARCHY    MOUNT                       CONFIRMED',
      'cpu,cpuacct  /sys/fs/cgroup/cpu,cpuacct  yes',
      'pids         none                        no',
    ]);
  });

  it('names the rule by which it chooses, and what the rule passed over', () => {
    const shown = lines(reportOf(CELL, 'last-match'), 120);
    expect(shown[0]).to.equal(
      'table.mountinfo: cgroup v1, read in the initial cgroup namespace, by the rule last-match',
    );
    expect(shown).to.include(
      '  - passed over: /sys/fs/cgroup/cpuset (mount id 9) shows the root of the hierarchy',
    );
  });

  for (const columns of [80, 60, 40, 20]) {
    it(`fits ${columns} columns`, () => {
      for (const table of [CELL, UNIFIED]) {
        for (const line of lines(reportOf(table), columns)) {
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
    const text = documentText(mountsDocument(reportOf(table)), {
      colors: colors(false),
      columns: 80,
    });
    expect(text).not.to.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text).to.contain('\\u{1b}]0;x\\u{7}');
  });

  it('shows a dozen mounts of a hierarchy, and says that there are more', () => {
    const many = Array.from(
      { length: 40 },
      (_, index) => `${100 + index} 7 0:41 /garden/${index} /m/${index} rw - cgroup c rw,pids`,
    );
    const text = lines(reportOf(tableOf('8 4 0:41 / /cg rw - cgroup c rw,pids', ...many)), 100);
    expect(text.filter((line) => line.includes('- sub-cgroup'))).to.have.length(12);
    expect(text).to.include('  … and 28 more (--format json has all)');
  });
});

describe('mountsJson', () => {
  it('has the keys of the interface in their order', () => {
    const json = mountsJson(reportOf(CELL));
    expect(Object.keys(json).join(' ')).to.equal(
      'schemaVersion source rule cgroupNamespace mode malformedLines hierarchies',
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

  it('shows bytes that are UTF-8 as text and others escaped', () => {
    const table = parseMountInfo(
      asByteString(
        '8 4 0:41 / /caf\xc3\xa9 rw - cgroup c rw,cpu\n9 4 0:42 / /caf\xe9 rw - cgroup c rw,pids\n',
      ),
    );
    const { hierarchies } = mountsJson(reportOf(table));
    expect(hierarchies.map(({ chosen }) => chosen?.mountPoint)).to.deep.equal([
      '/café',
      '/caf\\xe9',
    ]);
  });
});
