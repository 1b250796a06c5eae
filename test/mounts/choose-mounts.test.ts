import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { controllerNames, type CgroupMode } from '../../src/model/hierarchy.ts';
import { asByteString } from '../../src/model/ids.ts';
import { assumedNamespace } from '../../src/mounts/judge-mount.ts';
import { primaryHierarchy } from '../../src/mounts/resolve.ts';
import { parseMounts } from '../../src/parse/mount-table.ts';
import { readTable } from './recorded-tables.ts';
import {
  checkExpected,
  choiceOf,
  goodPaths,
  verify,
  type ExpectedMounts,
} from './expected-mounts.ts';
import { tableOf } from './mount-lines.ts';

interface OwnExpected extends ExpectedMounts {
  readonly says: string;
  readonly mode: CgroupMode;
  readonly malformed?: readonly number[];
  readonly primary?: 'v2';
}

const folder = fileURLToPath(new URL('../fixtures/mounts', import.meta.url));
const expectations = JSON.parse(
  readFileSync(`${folder}/expected.json`, 'utf8'),
) as readonly OwnExpected[];

/** What is said of each mount of a hierarchy of a recorded table. */
const verdicts = (file: string, name: string, namespace: 'initial' | 'private' = 'initial') =>
  (choiceOf(verify(readTable(folder, file), namespace), name)?.candidates ?? [])
    .map(({ mount, verdict }) => `${mount.mountPoint} ${verdict}`)
    .join(', ');

/**
 * A table that changed while it was read: two lines that differ in nothing but their mount points.
 */
const SAME_ID_AT_TWO_PLACES = [
  '1 0 0:1 / / rw - tmpfs cgroup rw',
  '3 9 0:1 / /sys rw - tmpfs cgroup rw',
  '5 6 0:1 / /sys rw - cgroup2 c rw',
  '6 3 0:1 / /sys/fs/cgroup rw - tmpfs cgroup rw',
  '5 6 0:1 / /sys/fs/cgroup/cpu rw - cgroup2 c rw',
  '2 1 0:2 / /sys/fs/cgroup/cpu rw - cgroup c rw,cpu',
  '4 1 0:2 / /sys/fs/cgroup/cpu rw - cgroup c rw,cpu',
];

describe('chooseMounts on a text', () => {
  for (const expected of expectations) {
    it(`${expected.file} (${expected.cgroupNamespace}): ${expected.says}`, () => {
      const answer = checkExpected(folder, expected);
      expect(answer.mode).to.equal(expected.mode);
      const table = readTable(folder, expected.file);
      expect(table.malformed.map(({ line }) => line)).to.deep.equal(expected.malformed ?? []);
      if (expected.primary !== undefined) {
        const primary = primaryHierarchy(answer.choices, answer.mode);
        expect(primary?.hierarchy.version).to.equal(2);
      }
    });
  }

  it('explains why every other mount was rejected', () => {
    expect(verdicts('second-set-of-gdn-tag.mountinfo', 'memory')).to.equal(
      '/sys/fs/cgroup/memory chosen, /tmp/cgroups-blue/memory equivalent',
    );
    expect(verdicts('ancestor-covered.mountinfo', 'memory')).to.equal(
      '/sys/fs/cgroup/memory shadowed, /mnt/memory chosen',
    );
    expect(verdicts('deleted-root.mountinfo', 'memory')).to.equal('/sys/fs/cgroup/memory deleted');
    expect(verdicts('private-with-way-up.mountinfo', 'v2', 'private')).to.equal(
      [
        '/sys/fs/cgroup own-namespace',
        '/host/sys/fs/cgroup chosen',
        '/host/parent sub-cgroup',
        '/host/other sub-cgroup',
      ].join(', '),
    );
    expect(verdicts('unified.mountinfo', 'v2', 'private')).to.equal('/sys/fs/cgroup undecided');
  });

  it('names what covers a hidden mount', () => {
    const choice = choiceOf(verify(readTable(folder, 'sibling-covers.mountinfo'), 'initial'), 'v2');
    expect(choice?.why).to.contain('sysfs mount at /sys (mount id 1709)');
  });

  it('gives a co-mounted hierarchy one entry', () => {
    const { choices } = verify(readTable(folder, 'reordered-controllers.mountinfo'), 'initial');
    expect(choices.map(({ hierarchy }) => hierarchy.controllers.join()).join(' ')).to.equal(
      'cpuacct,cpu cpuset misc net_prio,net_cls ',
    );
  });

  it('keeps apart hierarchies that a table puts on one device', () => {
    const { choices } = verify(
      tableOf('5 1 0:1 / /a rw - cgroup c rw,cpu', '6 2 0:1 / /b rw - cgroup c rw,pids'),
      'initial',
    );
    expect(choices).to.have.length(2);
  });

  it('has no mode for a table without cgroups', () => {
    expect(verify(readTable(folder, 'not-cgroups.mountinfo'), 'initial')).to.deep.equal({
      mode: 'none',
      choices: [],
    });
  });

  const memoryMount = (id: number, parent: number, point: string): string =>
    `${id} ${parent} 0:9 / ${point} rw - cgroup c rw,memory`;
  const PREFERENCES: readonly {
    readonly because: string;
    /** The first one is preferred. */
    readonly mounts: readonly (readonly [id: number, parent: number, point: string])[];
  }[] = [
    {
      because: 'is reachable through listed mounts',
      mounts: [
        [5, 1, '/b'],
        [6, 9, '/sys/fs/cgroup/memory'],
      ],
    },
    {
      because: 'is at the standard path under /sys/fs/cgroup',
      mounts: [
        [5, 8, '/sys/fs/cgroup/memory'],
        [4, 9, '/sys/fs/cgroup/x/memory'],
      ],
    },
    {
      because: 'is at the standard path under /sys/fs/cgroup',
      mounts: [
        [5, 8, '/sys/fs/cgroup/x/y'],
        [4, 9, '/elsewhere/and/longer'],
      ],
    },
    {
      because: "is not inside a container's root file system",
      mounts: [
        [5, 8, '/c'],
        [4, 9, '/a/rootfs/c'],
      ],
    },
    {
      because: 'has the longest path',
      mounts: [
        [5, 8, '/aa'],
        [4, 9, '/b'],
      ],
    },
    {
      because: 'has the lowest mount id',
      mounts: [
        [5, 8, '/b'],
        [6, 9, '/a'],
      ],
    },
    {
      because: 'comes first by name',
      mounts: [
        [5, 9, '/a'],
        [5, 8, '/b'],
      ],
    },
    {
      because: 'comes first by what it shows',
      mounts: [
        [5, 8, '/a'],
        [5, 9, '/a'],
      ],
    },
  ];
  for (const { because, mounts } of PREFERENCES) {
    const points = mounts.map(([, , point]) => point).join(' to ');
    it(`prefers a mount because it ${because}, and says so: ${points}`, () => {
      const lines = mounts.map((one) => memoryMount(...one));
      const others = ['1 0 0:1 / / rw - ext4 x rw', '7 9 0:9 /x /z rw - cgroup c rw,memory'];
      for (const order of [lines, lines.toReversed()]) {
        const choice = choiceOf(verify(tableOf(...others, ...order), 'initial'), 'memory');
        expect(choice?.chosen?.parentId).to.equal(mounts[0]?.[1]);
        expect(choice?.why).to.contain(
          `; of 2 mounts that show the same, it ${because}; 1 other does not show the root.`,
        );
      }
    });
  }

  it('puts hierarchies in order: with a controller, then named ones, then v2', () => {
    const kinds = ['cgroup2 c rw,later', 'cgroup c rw,name=b', 'cgroup c rw,name=a'];
    const lines = [...kinds, 'cgroup c rw,pids', 'cgroup c rw,cpu,cpuacct'].map(
      (kind, n) => `${n} 9 0:${n} / /a${n} rw - ${kind}`,
    );
    for (const order of [lines, lines.toReversed()]) {
      const { choices } = verify(tableOf(...order), 'initial');
      const shown = choices.flatMap(({ hierarchy }) => controllerNames(hierarchy)[0] ?? []);
      expect(shown.join(' ')).to.equal('cpu pids name=a name=b v2');
      expect(choices.at(-1)?.hierarchy.controllers).to.deep.equal([]);
    }
  });

  it("does not treat the host's filesystem shown in a container as a container's", () => {
    const table = tableOf(
      '5 1 0:9 / /rootfs/sys/fs/cgroup/memory rw - cgroup c rw,memory',
      '6 2 0:9 / /rootfs/var/lib/docker/x/rootfs/sys/fs/cgroup/memory rw - cgroup c rw,memory',
    );
    expect(choiceOf(verify(table, 'initial'), 'memory')?.chosen?.id).to.equal(5);
  });

  it('assumes a private namespace only by a cgroup root that begins with /..', () => {
    for (const [type, shown, namespace] of [
      ['cgroup', '/..', 'private'],
      ['cgroup2', '/../../x', 'private'],
      ['cgroup', '/..x', 'initial'],
      ['ext4', '/../x', 'initial'],
      ['cgroup', '/', 'initial'],
    ] as const) {
      const table = tableOf(`5 1 0:9 ${shown} /a rw - ${type} c rw,memory`);
      expect(assumedNamespace(table), shown).to.equal(namespace);
    }
  });

  it('gives the same answer for any order of the lines of any table', () => {
    const line = fc
      .record({
        id: fc.integer({ min: 1, max: 12 }),
        parent: fc.integer({ min: 0, max: 12 }),
        device: fc.integer({ min: 1, max: 3 }),
        root: fc.constantFrom('/', '/', '/..', '/../..', '/garden/x', '/x//deleted'),
        point: fc.constantFrom(
          '/',
          '/sys',
          '/sys/fs/cgroup',
          '/sys/fs/cgroup/cpu',
          '/mnt/cpu',
          '/mnt/cpv',
        ),
        kind: fc.oneof(
          fc
            .constantFrom('cpu', 'cpu,cpuset', 'cpuset,cpu', 'name=cpu')
            .map((options) => `cgroup c rw,${options}`),
          fc.constantFrom('cgroup2 c rw', 'tmpfs cgroup rw'),
        ),
      })
      .map(
        ({ id, parent, device, root, point, kind }) =>
          `${id} ${parent} 0:${device} ${root} ${point} rw - ${kind}`,
      );
    const tables = fc
      .array(line, { maxLength: 12 })
      .chain((lines) =>
        fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })),
      );
    const shown = (lines: readonly string[], namespace: 'initial' | 'private'): string =>
      JSON.stringify(verify(tableOf(...lines), namespace), (key, value: unknown) =>
        key === 'line' ? undefined : value,
      );
    const [first = '', second = '', third = '', ...rest] = SAME_ID_AT_TWO_PLACES;
    const swapped = [first, third, second, ...rest];
    fc.assert(
      fc.property(tables, fc.constantFrom('initial', 'private'), ([lines, shuffled], namespace) => {
        expect(shown(shuffled, namespace)).to.equal(shown(lines, namespace));
      }),
      { numRuns: 1000, examples: [[[SAME_ID_AT_TWO_PLACES, swapped], 'initial']] },
    );
  });
});

describe('chooseMounts on the format of /proc/mounts', () => {
  it('keeps equal lines, because nothing shows that they are one mount', () => {
    const line = 'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n';
    const { choices } = verify(parseMounts(asByteString(line + line)), 'initial');
    expect(choices[0]?.candidates).to.have.length(2);
  });

  it('takes the longest path of each hierarchy, on a tie the last', () => {
    const table = readTable(folder, 'container-v1.mounts');
    const answer = verify(table, 'initial');
    expect(goodPaths(answer, 'memory')).to.deep.equal(['/host/sys/fs/cgroup/memory']);
    expect(goodPaths(answer, 'cpu')).to.deep.equal(['/b/cpu']);
    expect(goodPaths(answer, 'name=systemd')).to.deep.equal(['/sys/fs/cgroup/systemd']);
    expect(answer.mode).to.equal('v1');
    const memory = choiceOf(answer, 'memory');
    const verdictsOfMemory = memory?.candidates.map(({ verdict }) => verdict);
    expect(verdictsOfMemory).to.have.members(['chosen', 'undecided']);
    expect(memory?.hierarchy).to.include({ device: null, version: 1, name: null });
  });
});
