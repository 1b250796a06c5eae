import { expect } from 'chai';
import fc from 'fast-check';
import { NO_LEDGER } from '../../src/model/ledger.ts';
import { asByteString } from '../../src/model/ids.ts';
import type { Sight } from '../../src/model/sensor.ts';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';
import { isBlind, predict, type SensedCell } from '../../src/sensors/predict.ts';
import { TOOLS, sensorsByRule, type ToolVersions } from '../../src/sensors/tools.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { rowsOf } from '../rows.ts';
import {
  cellOf,
  container,
  membership,
  mountInputs,
  predictOne,
  sensorProcess,
} from './sensed-cells.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const OTHER = 'deadbeef-0001-4002-8003-abcd';
const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const UNIT = '/system.slice/garden.service';
const IMAGE = `/var/vcap/data/grootfs/store/unprivileged/images/${H}/rootfs`;

const versions = (tool: string, beginning: string): ToolVersions => {
  const found = TOOLS.find((one) => one.tool === tool && one.versions.startsWith(beginning));
  if (found === undefined) throw new Error(`no ${tool} ${beginning}`);
  return found;
};
const TRACEE = {
  '0.18': versions('tracee', 'up to v0.18'),
  '0.19': versions('tracee', 'v0.19'),
  '0.20': versions('tracee', 'v0.20'),
  '0.21': versions('tracee', 'v0.21'),
  '0.22.3': versions('tracee', 'v0.22.3'),
};
const FALCO = versions('falco', '0.41');

const NESTED = tableOf(
  '20 1 0:20 / /sys/fs/cgroup rw - tmpfs t rw',
  '21 20 0:21 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset',
  '22 20 0:22 / /sys/fs/cgroup/memory rw - cgroup c rw,memory',
  `30 1 0:21 /garden/${H} ${IMAGE}/sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset`,
);
const INODES = { '/sys/fs/cgroup/cpuset': 1, [`${IMAGE}/sys/fs/cgroup/cpuset`]: 77 };
const v1Paths = (handle: string) => ({
  memory: `${UNIT}/garden/${handle}`,
  cpuset: `/garden/${handle}`,
});
const CONTAINERS = [H, OTHER, TASK].map((handle) => container(handle, v1Paths(handle)));
const CELL = cellOf(mountInputs(NESTED, INODES), CONTAINERS);

function sights(
  tool: ToolVersions,
  cell: SensedCell,
  sensor = null as Parameters<typeof predictOne>[2],
) {
  const prediction = predictOne(tool, cell, sensor);
  if (prediction.kind === 'cannot-be-told') return prediction.why;
  return [...prediction.sights.values()].map((sight: Sight) =>
    'id' in sight ? `${sight.kind} ${sight.id}` : sight.kind,
  );
}

describe('what Tracee would see', () => {
  const all = [`seen ${H}`, `seen ${OTHER}`, 'missed'];
  it('0.19 takes the mount of a container and sees nothing, since paths begin below it', () => {
    expect(sights(TRACEE['0.19'], CELL)).to.deep.equal(['missed', 'missed', 'missed']);
    const prediction = predictOne(TRACEE['0.19'], CELL, null);
    expect(prediction.kind === 'predicted' && isBlind(prediction)).to.equal(true);
    expect(prediction.kind === 'predicted' && prediction.counts).to.deep.equal({
      seen: 0,
      missed: 3,
      misnamed: 0,
      unknown: 0,
      knownLimits: 1,
    });
  });

  for (const version of ['0.20', '0.21', '0.22.3'] as const) {
    it(`${version} takes the host's mount and sees all but the task`, () => {
      expect(sights(TRACEE[version], CELL)).to.deep.equal(all);
      const prediction = predictOne(TRACEE[version], CELL, null);
      expect(isBlind(prediction)).to.equal(false);
    });
  }

  it('0.18 knows no id of Garden, whatever the mount', () => {
    expect(sights(TRACEE['0.18'], CELL)).to.deep.equal(['missed', 'missed', 'missed']);
    expect(isBlind(predictOne(TRACEE['0.18'], CELL, null))).to.equal(true);
  });

  it('0.21 is unknown where an inode is out of reach and no root is among the others', () => {
    const hidden = tableOf(
      `30 1 0:21 /garden/${H} ${IMAGE}/sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset`,
    );
    const inputs = mountInputs(hidden, {}, { ownTable: tableOf('1 0 8:1 / / rw - ext4 d rw') });
    expect(sights(TRACEE['0.21'], cellOf(inputs, CONTAINERS))).to.match(
      /^its rule compares inodes/,
    );
  });

  it('0.21 asks mounts of ours that show the same, and a root decides', () => {
    const own = tableOf('9 1 0:21 / /mnt/cpuset rw - cgroup c rw,cpuset');
    const inputs = mountInputs(NESTED, { '/mnt/cpuset': 1 }, { ownTable: own });
    expect(sights(TRACEE['0.21'], cellOf(inputs, CONTAINERS))).to.deep.equal(all);
  });

  it('a running one is blind to the older containers only: younger ones come as events', () => {
    const containers = [
      container(H, v1Paths(H), { startTicks: 100 }),
      container(OTHER, v1Paths(OTHER), { startTicks: 900 }),
      container('c0ffee00-1234-4567-89ab-cdef', v1Paths('c0ffee00-1234-4567-89ab-cdef'), {
        startTicks: null,
      }),
    ];
    const cell = cellOf(mountInputs(NESTED, INODES), containers);
    expect(sights(TRACEE['0.19'], cell, sensorProcess())).to.deep.equal([
      'missed',
      `seen ${OTHER}`,
      'seen c0ffee00-1234-4567-89ab-cdef',
    ]);
  });

  it('a running one looks through its own mounts', () => {
    const table = tableOf('21 1 0:21 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset');
    expect(sights(TRACEE['0.19'], CELL, sensorProcess({ table }))).to.deep.equal(all);
    expect(sights(TRACEE['0.19'], CELL, sensorProcess({ table: null }))).to.equal(
      'its own mount table cannot be read',
    );
  });

  /** A cell of v1 with an app at /garden/H and a privileged one at /P. */
  const P = 'c0ffee00-1234-4567-89ab-cdef';
  const coveredBy = (line: string, inodes: Readonly<Record<string, number>>) => {
    const table = tableOf(
      '1 0 8:1 / / rw shared:1 - ext4 d rw',
      '20 1 0:20 / /sys/fs/cgroup rw shared:2 - tmpfs t rw',
      '21 20 0:21 / /sys/fs/cgroup/cpuset rw shared:3 - cgroup c rw,cpuset',
      line,
    );
    const containers = [
      container(H, { cpuset: `/garden/${H}` }),
      container(P, { cpuset: `/${P}` }),
    ];
    return cellOf(mountInputs(table, inodes), containers);
  };
  const walked = ['0.19', '0.20', '0.21', '0.22.3'] as const;

  it('walks what covers its mount: /garden, bound over the root', () => {
    const cell = coveredBy(
      '22 21 0:21 /garden /sys/fs/cgroup/cpuset rw shared:3 - cgroup c rw,cpuset',
      { '/sys/fs/cgroup/cpuset': 40 },
    );
    for (const version of walked)
      expect(sights(TRACEE[version], cell), version).to.deep.equal([`seen ${H}`, 'missed']);
  });

  it('walks what covers its mount: a tmpfs', () => {
    const cell = coveredBy('22 21 0:50 / /sys/fs/cgroup/cpuset rw shared:3 - tmpfs t rw', {
      '/sys/fs/cgroup/cpuset': 1,
    });
    for (const version of walked)
      expect(sights(TRACEE[version], cell), version).to.deep.equal(['missed', 'missed']);
    const [{ why } = { why: '' }] = predict([TRACEE['0.20']], cell, null);
    expect(why).to.match(
      /^It would use \/sys\/fs\/cgroup\/cpuset, which the tmpfs mount at \/sys\/fs\/cgroup\/cpuset covers;/,
    );
  });

  it('does not see below a mount inside the tree, but what that mount shows', () => {
    const below = (line: string) => {
      const table = tableOf('21 1 0:30 / /sys/fs/cgroup rw shared:1 - cgroup2 c rw', line);
      const inputs = mountInputs(table, { '/sys/fs/cgroup': 1 });
      return cellOf(inputs, [container(P, { v2: `/system.slice/${P}` })], 'v2');
    };
    const hidden = below('22 21 0:50 / /sys/fs/cgroup/system.slice rw shared:1 - tmpfs t rw');
    const moved = below(
      '22 21 0:30 /system.slice /sys/fs/cgroup/garden rw shared:1 - cgroup2 c rw',
    );
    for (const version of walked) {
      expect(sights(TRACEE[version], hidden), version).to.deep.equal(['missed']);
      expect(sights(TRACEE[version], moved), version).to.deep.equal([`seen ${P}`]);
    }
  });

  it('takes an escaped path literally: up to 0.20 it finds nothing, later it skips the mount', () => {
    const table = tableOf(
      '20 1 0:20 / /sys/fs/cgroup rw shared:2 - tmpfs t rw',
      '21 20 0:21 / /sys/fs/cgroup/my\\040cpuset rw shared:3 - cgroup c rw,cpuset',
    );
    const cell = cellOf(mountInputs(table, { '/sys/fs/cgroup/my cpuset': 1 }), CONTAINERS);
    for (const version of ['0.19', '0.20'] as const)
      expect(sights(TRACEE[version], cell), version).to.deep.equal(['missed', 'missed', 'missed']);
    for (const version of ['0.21', '0.22.3'] as const) {
      const prediction = predictOne(TRACEE[version], cell, null);
      expect(prediction.kind === 'predicted' && prediction.taken.kind, version).to.equal('own');
    }
  });

  it('takes v2 where cpuset is in no v1 hierarchy, whatever is at /sys/fs/cgroup', () => {
    const table = tableOf('21 1 0:30 / /mnt/cgroup rw shared:1 - cgroup2 c rw');
    const inputs = mountInputs(table, {}, { firstProcessPaths: membership({ v2: '/init.scope' }) });
    const cell = cellOf(inputs, [container(H, { v2: `/garden/${H}` })], 'v2');
    expect(sights(TRACEE['0.22.3'], cell)).to.deep.equal([`seen ${H}`]);
  });

  it('has no answer for what could not be read', () => {
    const cell = cellOf(mountInputs(NESTED, INODES), [container(H, null)]);
    expect(sights(TRACEE['0.22.3'], cell)).to.deep.equal(['unknown']);
    expect(sights(FALCO, cell)).to.deep.equal(['unknown']);
  });
});

describe('what the others would see', () => {
  it('Falco takes the first line that gives an id', () => {
    const paths = v1Paths(H);
    const memoryFirst = container(H, paths);
    const cpusetFirst = container(OTHER, {
      cpuset: `/garden/${OTHER}`,
      memory: `${UNIT}/garden/x`,
    });
    const cell = cellOf(mountInputs(NESTED), [memoryFirst, cpusetFirst]);
    expect(sights(FALCO, cell)).to.deep.equal(['misnamed garden.servi', 'seen deadbeef-000']);
    const sensor = sensorProcess({ startTicks: 50 });
    expect(sights(FALCO, cell, sensor), 'new processes').to.deep.equal([
      'seen 8a37cb6f-385',
      'seen deadbeef-000',
    ]);
  });

  it('Falco on v2 takes for each controller the innermost cgroup that has it', () => {
    const ALL = ['cpuset', 'cpu', 'io', 'memory', 'pids'];
    const path = `/garden/good/${H}`;
    const falco = (...controllers: readonly (readonly string[] | null)[]) => {
      const paths = [path, '/garden/good', '/garden', '/'];
      const levels = paths.map((one, index) => ({
        path: asByteString(one),
        controllers: controllers[index] ?? null,
      }));
      const cell = cellOf(mountInputs(NESTED), [container(H, { v2: path }, { levels })], 'v2');
      return [null, sensorProcess({ startTicks: 50 })].flatMap((sensor) =>
        sights(FALCO, cell, sensor),
      );
    };
    const both = (sight: string) => [sight, sight];
    expect(falco(ALL, ALL, ALL, ALL)).to.deep.equal(both('misnamed good/8a37cb6'));
    expect(falco(['memory', 'pids'], ALL, ALL, ALL), 'the order of events').to.deep.equal([
      'misnamed good/8a37cb6',
      'misnamed good',
    ]);
    expect(falco(['pids'], ['pids'], ALL, ALL), 'pids is in no event').to.deep.equal([
      'misnamed good/8a37cb6',
      'missed',
    ]);
    expect(falco([], ALL, ALL, ALL)).to.deep.equal(both('misnamed good'));
    expect(falco([], [], ALL, ALL)).to.deep.equal(both('missed'));
    expect(falco([], [], [], [])).to.deep.equal(both('missed'));
    expect(falco(null, ALL, ALL, ALL), 'it has vanished').to.deep.equal(both('unknown'));
  });

  it('Falco has six components of a path in an event, and all at its start', () => {
    const cell = cellOf(mountInputs(NESTED), [container(H, { cpuset: `/a/b/c/d/e/f/${H}` })]);
    expect(sights(FALCO, cell)).to.deep.equal(['misnamed b/c/d/e/f/8a']);
    expect(sights(FALCO, cell, sensorProcess({ startTicks: 50 }))).to.deep.equal([
      'misnamed c/d/e/f/8a37',
    ]);
  });

  it("Falco's paths begin at pid 1's cgroup, as on a cell", () => {
    const mounts = mountInputs(
      NESTED,
      {},
      { firstProcessPaths: membership({ cpuset: '/outer/init.scope' }) },
    );
    const cell = cellOf(mounts, [container(H, { cpuset: `/outer/garden/${H}` })]);
    expect(sights(FALCO, cell)).to.deep.equal(['seen 8a37cb6f-385']);
  });

  it('Falco up to 0.40, Tetragon and Inspektor Gadget know none', () => {
    for (const [tool, beginning] of [
      ['falco', 'up to'],
      ['tetragon', ''],
      ['inspektor-gadget', ''],
    ] as const) {
      expect(sights(versions(tool, beginning), CELL), tool).to.deep.equal([
        'missed',
        'missed',
        'missed',
      ]);
    }
    expect(isBlind(predictOne(versions('tetragon', ''), CELL, null)), 'a known limit').to.equal(
      false,
    );
    expect(isBlind(predictOne(versions('falco', 'up to'), CELL, null))).to.equal(true);
  });

  it('Falco on v2 takes the own cgroup where the controllers are not known', () => {
    const cell = cellOf(mountInputs(NESTED), [container(H, { v2: `/garden/${H}` })], 'v2');
    expect(sights(FALCO, cell)).to.deep.equal(['seen 8a37cb6f-385']);
    const inV1 = cellOf(mountInputs(NESTED), [container(H, v1Paths(H))], 'v2');
    expect(sights(FALCO, inV1)).to.deep.equal(['missed']);
  });

  it('Datadog knows what Garden lists', () => {
    const cell = cellOf(mountInputs(NESTED), [
      container(H, v1Paths(H)),
      container(OTHER, v1Paths(OTHER), { listedBy: NO_LEDGER }),
    ]);
    expect(sights(versions('datadog', ''), cell)).to.deep.equal([`seen ${H}`, 'missed']);
  });

  /** A known limit, or what another version or mount changes. */
  const reasons = `
falco | up to | changes | it attributes the processes to the host
tetragon | | limit | it finds no id for any process of a Garden container
inspektor-gadget | | changes | it asks containerd in the namespace k8s.io, not garden
datadog | | limit | Garden does not list it
tracee | up to | changes | only ids of 64 hexadecimal digits count
tracee | v0.20 | limit | no component of the path has the form of an id
`;
  for (const [tool = '', beginning = '', limit, why] of rowsOf(reasons)) {
    it(`says why ${tool} ${beginning} misses a container`, () => {
      const task = container(TASK, { cpuset: `/garden/${TASK}` }, { listedBy: NO_LEDGER });
      const cell = cellOf(mountInputs(NESTED, INODES), [task]);
      const prediction = predictOne(versions(tool, beginning), cell, null);
      if (prediction.kind !== 'predicted') throw new Error(prediction.why);
      expect(prediction.taken.kind).to.equal(tool === 'tracee' ? 'mount' : 'none');
      expect([...prediction.sights.values()]).to.deep.equal([
        { kind: 'missed', why, isKnownLimit: limit === 'limit' },
      ]);
    });
  }

  it('a running Inspektor Gadget and system-probe are unknown', () => {
    const ig = versions('inspektor-gadget', '');
    expect(sights(ig, CELL, sensorProcess({ comm: 'ig' }))).to.match(/its flags/);
    expect(sights(versions('datadog-system-probe', ''), CELL)).to.match(/no flag shows which/);
  });

  it('every rule of Tracee has its tools named', () => {
    expect([...sensorsByRule()]).to.deep.equal([
      ['last-match', 'Tracee up to v0.18, v0.19'],
      ['first-root', 'Tracee v0.20'],
      ['lowest-inode', 'Tracee v0.21 to v0.22.2'],
      ['root-only', 'Tracee v0.22.3 and newer'],
    ]);
  });
});

const name = fc.oneof(
  fc.constantFrom(
    'garden',
    'good',
    'bad',
    'init',
    'system.slice',
    'garden.service',
    H,
    OTHER,
    TASK,
  ),
  fc.constantFrom(`${H}-envoy`, 'garden-ab', 'x', `docker-${'ab'.repeat(32)}.scope`),
  fc.stringMatching(/^[a-z0-9._-]{1,40}$/),
);
const path = fc.array(name, { maxLength: 5 }).map((names) => `/${names.join('/')}`);

describe('a prediction', () => {
  it('never says "seen" where the rule of the tool makes no id of any path', () => {
    const rules = [
      [TRACEE['0.18'], traceeIdBefore19],
      [TRACEE['0.19'], traceeId],
      [TRACEE['0.20'], traceeId],
      [TRACEE['0.21'], traceeId],
      [TRACEE['0.22.3'], traceeId],
      [FALCO, falcoId],
      [versions('falco', 'up to'), () => null],
      [versions('tetragon', ''), tetragonId],
    ] as const;
    fc.assert(
      fc.property(
        fc.record({ cpuset: path, memory: path, cpu: path }),
        fc.constantFrom(H, OTHER, TASK, 'x'),
        fc.boolean(),
        (paths, handle, isRunning) => {
          const cell = cellOf(mountInputs(NESTED, INODES), [container(handle, paths)]);
          for (const [tool, idOf] of rules) {
            const prediction = predictOne(tool, cell, isRunning ? sensorProcess() : null);
            if (prediction.kind !== 'predicted') continue;
            const ids = Object.values(paths).map((one) => idOf(one));
            for (const sight of prediction.sights.values()) {
              if (sight.kind === 'missed' || sight.kind === 'unknown') continue;
              expect(ids).to.include(sight.id);
              if (sight.kind === 'seen') expect(handle.startsWith(sight.id)).to.equal(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
