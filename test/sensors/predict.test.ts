import { expect } from 'chai';
import fc from 'fast-check';
import { asByteString } from '../../src/model/ids.ts';
import type { SensorPrediction, SensorProcess } from '../../src/model/sensor.ts';
import {
  falcoId,
  tetragonId,
  traceeId,
  traceeIdBefore19,
} from '../../src/sensors/container-ids.ts';
import { isBlind, predict } from '../../src/sensors/predict.ts';
import type { RunningContainer, SensedCell } from '../../src/sensors/sensed-cell.ts';
import { TOOLS, type ToolVersions } from '../../src/sensors/tools.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import {
  cellOf,
  container,
  membership,
  mountInputs,
  predictOne,
  sensorProcess,
} from './sensed-cells.ts';

/** The handles of two apps, a privileged one and a task. */
const H = '8a37cb6f-385b-4dd3-732c-34d6';
const J = 'deadbeef-0001-4002-8003-abcd';
const P = 'c0ffee00-1234-4567-89ab-cdef';
const T = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const GDN_UNIT = '/system.slice/garden.service';
/** Where the container H shows the hierarchy of cpuset. */
const IN_IMAGE = '/var/vcap/data/grootfs/store/unprivileged/images/h/rootfs/sys/fs/cgroup/cpuset';

interface Mounted {
  /** Of mountinfo. */
  readonly line: string;
  /** What stat shows at the mount point; left out: that is out of reach. */
  readonly inode?: number;
}

const ROOT_FILESYSTEM: Mounted = { line: '1 0 8:1 / / rw shared:1 - ext4 d rw' };
const CGROUP_TMPFS: Mounted = { line: '20 1 0:20 / /sys/fs/cgroup rw shared:2 - tmpfs t rw' };
const CPUSET: Mounted = {
  line: '21 20 0:21 / /sys/fs/cgroup/cpuset rw shared:3 - cgroup c rw,cpuset',
  inode: 1,
};
const MEMORY: Mounted = {
  line: '22 20 0:22 / /sys/fs/cgroup/memory rw shared:4 - cgroup c rw,memory',
  inode: 1,
};
const UNREACHABLE_CPUSET_IN_CONTAINER: Mounted = {
  line: `30 1 0:21 /garden/${H} ${IN_IMAGE} rw shared:5 - cgroup c rw,cpuset`,
};
const CPUSET_IN_CONTAINER: Mounted = { ...UNREACHABLE_CPUSET_IN_CONTAINER, inode: 77 };
const GARDEN_BOUND_OVER_CPUSET: Mounted = {
  line: '23 21 0:21 /garden /sys/fs/cgroup/cpuset rw shared:3 - cgroup c rw,cpuset',
  inode: 40,
};
const TMPFS_OVER_CPUSET: Mounted = {
  line: '23 21 0:50 / /sys/fs/cgroup/cpuset rw shared:3 - tmpfs t rw',
};
const CPUSET_AT_ESCAPED_PATH: Mounted = {
  line: '21 20 0:21 / /sys/fs/cgroup/my\\040cpuset rw shared:3 - cgroup c rw,cpuset',
  inode: 1,
};
const CPUSET_OF_AGENT: Mounted = {
  line: '9 1 0:21 / /mnt/cpuset rw - cgroup c rw,cpuset',
  inode: 1,
};
const V2: Mounted = {
  line: '21 1 0:30 / /sys/fs/cgroup rw shared:1 - cgroup2 c rw',
  inode: 1,
};
const TMPFS_IN_V2: Mounted = {
  line: '22 21 0:50 / /sys/fs/cgroup/system.slice rw shared:1 - tmpfs t rw',
};
const SLICE_MOUNTED_IN_V2: Mounted = {
  line: '22 21 0:30 /system.slice /sys/fs/cgroup/garden rw shared:1 - cgroup2 c rw',
};
const V2_ELSEWHERE: Mounted = { line: '21 1 0:30 / /mnt/cgroup rw shared:1 - cgroup2 c rw' };
/** A v1 cell of which the container H shows a part. */
const NESTED = [CGROUP_TMPFS, CPUSET, MEMORY, CPUSET_IN_CONTAINER];

const tableOfMounts = (mounts: readonly Mounted[]) => tableOf(...mounts.map(({ line }) => line));

/** A container in the cgroups that gdn makes for it. */
const gardenContainer = (handle: string, more: Partial<RunningContainer> = {}): RunningContainer =>
  container(handle, { memory: `${GDN_UNIT}/garden/${handle}`, cpuset: `/garden/${handle}` }, more);

interface Cell {
  readonly mounts: readonly Mounted[];
  /** Those of the agent's own table; left out: the same. */
  readonly ownMounts?: readonly Mounted[];
  /** The cgroups of pid 1; left out: not known. */
  readonly firstProcess?: Readonly<Record<string, string>>;
  readonly containers: readonly RunningContainer[];
}

function cellWith({ mounts, ownMounts = mounts, firstProcess, containers }: Cell): SensedCell {
  const ownTable = tableOfMounts(ownMounts);
  const inodes = ownMounts.flatMap(({ inode }, index): [string, number][] =>
    inode === undefined ? [] : [[ownTable.mounts[index]?.mountPoint ?? '', inode]],
  );
  const inputs = mountInputs(tableOfMounts(mounts), Object.fromEntries(inodes), {
    ownTable,
    ...(firstProcess !== undefined && { firstProcessPaths: membership(firstProcess) }),
  });
  const isV2 = containers.some(({ membership: of }) => of !== null && 'v2' in of);
  return cellOf(inputs, containers, isV2 ? 'v2' : 'v1');
}

/** Two apps and a task on a v1 cell of which the container H shows a part. */
const CELL = cellWith({
  mounts: NESTED,
  containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
});

/** The versions of a tool whose name begins so: `tracee v0.19`, `falco up to`. */
const versionsOf = (name: string): ToolVersions =>
  TOOLS.find((one) => `${one.tool} ${one.versions}`.startsWith(name)) ?? expect.fail(name);
const FALCO = versionsOf('falco 0.41');

/** What versions see of each container, with the id that they show. */
function sightsIn(prediction: SensorPrediction): readonly string[] {
  if (prediction.kind === 'unknown') return [];
  return [...prediction.sights.values()].map((sight) => {
    if ('id' in sight) return `${sight.kind} ${sight.id}`;
    return sight.kind === 'missed' && sight.isKnownLimit ? 'missed, a known limit' : sight.kind;
  });
}

interface Predicted extends Cell {
  /** All of them see the same. */
  readonly versions: readonly string[];
  /** The tick at which the running sensor started; left out: it would start now. */
  readonly runsSince?: number;
  /** For each container. */
  readonly sees?: readonly string[];
  /** It mounts the hierarchy itself. */
  readonly takesOwnMount?: boolean;
  readonly isBlind?: boolean;
  /** Why there is no prediction. */
  readonly cannotTell?: string;
}

const PREDICTIONS: Readonly<Record<string, Predicted>> = {
  'Tracee up to 0.18 makes no id of a handle, whatever the mount': {
    versions: ['tracee up to'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    isBlind: true,
    sees: ['missed', 'missed', 'missed'],
  },
  'Tracee 0.19 takes the mount of a container and sees nothing, as paths begin below it': {
    versions: ['tracee v0.19'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    isBlind: true,
    sees: ['missed', 'missed', 'missed, a known limit'],
  },
  'Tracee from 0.20 on takes the mount of the host and sees all but the task': {
    versions: ['tracee v0.20', 'tracee v0.21', 'tracee v0.22.3'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    sees: [`seen ${H}`, `seen ${J}`, 'missed, a known limit'],
  },
  'Tracee 0.21 is unknown where an inode is out of reach and no other mount shows the root': {
    versions: ['tracee v0.21'],
    mounts: [UNREACHABLE_CPUSET_IN_CONTAINER],
    ownMounts: [ROOT_FILESYSTEM],
    containers: [gardenContainer(H)],
    cannotTell:
      'its rule compares inodes, but rollcall cannot reach every mount that the rule compares',
  },
  'Tracee 0.21 is decided by a root among the mounts of the agent that show the same': {
    versions: ['tracee v0.21'],
    mounts: NESTED,
    ownMounts: [CPUSET_OF_AGENT],
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    sees: [`seen ${H}`, `seen ${J}`, 'missed, a known limit'],
  },
  'A running Tracee 0.19 is blind to older containers only, as younger ones come as events': {
    versions: ['tracee v0.19'],
    runsSince: 500,
    mounts: NESTED,
    containers: [
      gardenContainer(H, { startTicks: 100 }),
      gardenContainer(J, { startTicks: 900 }),
      gardenContainer(P, { startTicks: null }),
    ],
    isBlind: true,
    sees: ['missed', `seen ${J}`, `seen ${P}`],
  },
  'Tracee from 0.19 on walks /garden where that is bound over the root of its mount': {
    versions: ['tracee v0.19', 'tracee v0.20', 'tracee v0.21', 'tracee v0.22.3'],
    mounts: [ROOT_FILESYSTEM, CGROUP_TMPFS, CPUSET, GARDEN_BOUND_OVER_CPUSET],
    containers: [gardenContainer(H), container(P, { cpuset: `/${P}` })],
    isBlind: true,
    sees: [`seen ${H}`, 'missed'],
  },
  'Tracee from 0.19 on walks a tmpfs that covers its mount': {
    versions: ['tracee v0.19', 'tracee v0.20', 'tracee v0.21', 'tracee v0.22.3'],
    mounts: [ROOT_FILESYSTEM, CGROUP_TMPFS, CPUSET, TMPFS_OVER_CPUSET],
    containers: [gardenContainer(H), container(P, { cpuset: `/${P}` })],
    isBlind: true,
    sees: ['missed', 'missed'],
  },
  'Tracee from 0.19 on does not see below a mount inside the tree': {
    versions: ['tracee v0.19', 'tracee v0.20', 'tracee v0.21', 'tracee v0.22.3'],
    mounts: [V2, TMPFS_IN_V2],
    containers: [container(P, { v2: `/system.slice/${P}` })],
    isBlind: true,
    sees: ['missed'],
  },
  'Tracee from 0.19 on sees what a mount inside the tree shows': {
    versions: ['tracee v0.19', 'tracee v0.20', 'tracee v0.21', 'tracee v0.22.3'],
    mounts: [V2, SLICE_MOUNTED_IN_V2],
    containers: [container(P, { v2: `/system.slice/${P}` })],
    sees: [`seen ${P}`],
  },
  'Tracee 0.19 and 0.20 find nothing at an escaped path, which they take literally': {
    versions: ['tracee v0.19', 'tracee v0.20'],
    mounts: [CGROUP_TMPFS, CPUSET_AT_ESCAPED_PATH],
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    isBlind: true,
    sees: ['missed', 'missed', 'missed, a known limit'],
  },
  'Tracee from 0.21 on skips the mount at an escaped path, and mounts its own': {
    versions: ['tracee v0.21', 'tracee v0.22.3'],
    mounts: [CGROUP_TMPFS, CPUSET_AT_ESCAPED_PATH],
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    takesOwnMount: true,
    sees: [`seen ${H}`, `seen ${J}`, 'missed, a known limit'],
  },
  'Tracee 0.22.3 takes v2 where cpuset is in no v1 hierarchy, whatever is at /sys/fs/cgroup': {
    versions: ['tracee v0.22.3'],
    mounts: [V2_ELSEWHERE],
    firstProcess: { v2: '/init.scope' },
    containers: [container(H, { v2: `/garden/${H}` })],
    takesOwnMount: true,
    sees: [`seen ${H}`],
  },
  'Tracee 0.22.3 is unknown for a container whose cgroups could not be read': {
    versions: ['tracee v0.22.3'],
    mounts: NESTED,
    containers: [container(H, null)],
    sees: ['unknown'],
  },
  'Falco 0.41 is unknown for a container whose cgroups could not be read': {
    versions: ['falco 0.41'],
    mounts: NESTED,
    containers: [container(H, null)],
    sees: ['unknown'],
  },
  'Falco 0.41 takes the first line that gives an id': {
    versions: ['falco 0.41'],
    mounts: NESTED,
    containers: [
      gardenContainer(H),
      container(J, { cpuset: `/garden/${J}`, memory: `${GDN_UNIT}/garden/x` }),
    ],
    sees: ['misnamed garden.servi', 'seen deadbeef-000'],
  },
  'Falco 0.41 has cpuset first in the event of a new process': {
    versions: ['falco 0.41'],
    runsSince: 50,
    mounts: NESTED,
    containers: [
      gardenContainer(H),
      container(J, { cpuset: `/garden/${J}`, memory: `${GDN_UNIT}/garden/x` }),
    ],
    sees: ['seen 8a37cb6f-385', 'seen deadbeef-000'],
  },
  'Falco 0.41 has the whole path at its start': {
    versions: ['falco 0.41'],
    mounts: NESTED,
    containers: [container(H, { cpuset: `/a/b/c/d/e/f/${H}` })],
    isBlind: true,
    sees: ['misnamed b/c/d/e/f/8a'],
  },
  'Falco 0.41 has six components of a path in an event': {
    versions: ['falco 0.41'],
    runsSince: 50,
    mounts: NESTED,
    containers: [container(H, { cpuset: `/a/b/c/d/e/f/${H}` })],
    isBlind: true,
    sees: ['misnamed c/d/e/f/8a37'],
  },
  'Falco 0.41 has paths that begin at the cgroup of pid 1, as on a cell': {
    versions: ['falco 0.41'],
    mounts: NESTED,
    firstProcess: { cpuset: '/outer/init.scope' },
    containers: [container(H, { cpuset: `/outer/garden/${H}` })],
    sees: ['seen 8a37cb6f-385'],
  },
  'Falco 0.41 takes the own cgroup on v2 where the controllers are not known': {
    versions: ['falco 0.41'],
    mounts: [V2],
    containers: [container(H, { v2: `/garden/${H}` })],
    sees: ['seen 8a37cb6f-385'],
  },
  'Falco 0.41 does not take a v1 path on v2': {
    versions: ['falco 0.41'],
    mounts: [V2],
    containers: [gardenContainer(H), container(J, { v2: `/garden/${J}` })],
    sees: ['missed, a known limit', 'seen deadbeef-000'],
  },
  'Falco up to 0.40 makes no id of a handle': {
    versions: ['falco up to'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    isBlind: true,
    sees: ['missed', 'missed', 'missed'],
  },
  'Tetragon makes no id of a handle, which is a known limit': {
    versions: ['tetragon'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    isBlind: true,
    sees: ['missed, a known limit', 'missed, a known limit', 'missed, a known limit'],
  },
  'Inspektor Gadget makes no id of a handle with its defaults': {
    versions: ['inspektor-gadget'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J), gardenContainer(T)],
    isBlind: true,
    sees: ['missed', 'missed', 'missed'],
  },
  'Inspektor Gadget is unknown where it runs': {
    versions: ['inspektor-gadget'],
    runsSince: 500,
    mounts: NESTED,
    containers: [gardenContainer(H)],
    cannotTell:
      'its flags and environment decide which containerd it asks, ' +
      'and rollcall cannot read that environment',
  },
  "Datadog's system-probe is unknown": {
    versions: ['datadog-system-probe'],
    mounts: NESTED,
    containers: [gardenContainer(H)],
    cannotTell:
      'some of its versions derive the handle from the path, others drop it, ' +
      'and no flag shows which',
  },
  'Datadog knows what Garden lists': {
    versions: ['datadog'],
    mounts: NESTED,
    containers: [gardenContainer(H), gardenContainer(J, { isListed: false })],
    sees: [`seen ${H}`, 'missed, a known limit'],
  },
};

describe('A prediction of what a sensor sees', () => {
  for (const [title, expected] of Object.entries(PREDICTIONS))
    it(title, () => {
      const { runsSince, isBlind: isExpectedBlind = false, takesOwnMount = false } = expected;
      const sensor = runsSince === undefined ? null : sensorProcess({ startTicks: runsSince });
      for (const name of expected.versions) {
        const prediction = predictOne(versionsOf(name), cellWith(expected), sensor);
        expect(sightsIn(prediction), name).to.deep.equal(expected.sees ?? []);
        if (prediction.kind === 'unknown') {
          expect(prediction.why).to.equal(expected.cannotTell);
          continue;
        }
        expect(isBlind(prediction) === true, name).to.equal(isExpectedBlind);
        expect(prediction.taken.kind === 'own', name).to.equal(takesOwnMount);
      }
    });

  it('takes the own mounts of a Tracee that runs', () => {
    const through = (table: SensorProcess['table']) =>
      predictOne(versionsOf('tracee v0.19'), CELL, sensorProcess({ table }));
    expect(sightsIn(through(tableOfMounts([CPUSET])))).to.deep.equal([
      `seen ${H}`,
      `seen ${J}`,
      'missed, a known limit',
    ]);
    expect(through(null)).to.include({ why: 'its own mount table cannot be read' });
  });

  it('says what covers the mount that Tracee takes', () => {
    const cell = cellWith({
      mounts: [ROOT_FILESYSTEM, CGROUP_TMPFS, CPUSET, TMPFS_OVER_CPUSET],
      containers: [gardenContainer(H)],
    });
    const [{ why } = { why: '' }] = predict([versionsOf('tracee v0.20')], cell, null);
    expect(why.split('. ')[0]).to.equal(
      'Tracee would use /sys/fs/cgroup/cpuset, ' +
        'which the tmpfs mount at /sys/fs/cgroup/cpuset covers',
    );
  });

  const ALL = ['cpuset', 'cpu', 'io', 'memory', 'pids'];

  interface ControllersOnV2 {
    /** Of its cgroup and of each above it; null: that is gone. */
    readonly controllers: readonly (readonly string[] | null)[];
    /** What Falco sees where it starts now, and of a new process. */
    readonly atStart: string;
    readonly later: string;
    readonly isBlind: boolean;
  }
  const CONTROLLERS_ON_V2: Readonly<Record<string, ControllersOnV2>> = {
    'the innermost cgroup has all': {
      controllers: [ALL, ALL, ALL, ALL],
      atStart: 'misnamed good/8a37cb6',
      later: 'misnamed good/8a37cb6',
      isBlind: true,
    },
    'the innermost cgroup has memory and pids': {
      controllers: [['memory', 'pids'], ALL, ALL, ALL],
      atStart: 'misnamed good/8a37cb6',
      later: 'misnamed good',
      isBlind: true,
    },
    'the two innermost cgroups have pids': {
      controllers: [['pids'], ['pids'], ALL, ALL],
      atStart: 'misnamed good/8a37cb6',
      later: 'missed, a known limit',
      isBlind: true,
    },
    'the innermost cgroup has none': {
      controllers: [[], ALL, ALL, ALL],
      atStart: 'misnamed good',
      later: 'misnamed good',
      isBlind: true,
    },
    'the two innermost cgroups have none': {
      controllers: [[], [], ALL, ALL],
      atStart: 'missed, a known limit',
      later: 'missed, a known limit',
      isBlind: true,
    },
    'no cgroup has any': {
      controllers: [[], [], [], []],
      atStart: 'missed, a known limit',
      later: 'missed, a known limit',
      isBlind: true,
    },
    'the innermost cgroup is gone': {
      controllers: [null, ALL, ALL, ALL],
      atStart: 'unknown',
      later: 'unknown',
      isBlind: false,
    },
  };
  for (const [where, expected] of Object.entries(CONTROLLERS_ON_V2))
    it(`takes, for Falco on v2, the innermost cgroup of each controller: ${where}`, () => {
      const paths = [`/garden/good/${H}`, '/garden/good', '/garden', '/'];
      const levels = expected.controllers.map((controllers, index) => ({
        path: asByteString(paths[index] ?? ''),
        controllers,
      }));
      const cell = cellWith({
        mounts: [V2],
        containers: [container(H, { v2: `/garden/good/${H}` }, { levels })],
      });
      const atStart = predictOne(FALCO, cell, null);
      const later = predictOne(FALCO, cell, sensorProcess({ startTicks: 50 }));
      expect(sightsIn(atStart)).to.deep.equal([expected.atStart]);
      expect(sightsIn(later)).to.deep.equal([expected.later]);
      for (const one of [atStart, later]) expect(isBlind(one) === true).to.equal(expected.isBlind);
    });

  const REASONS: Readonly<Record<string, string>> = {
    'falco up to': 'it attributes the processes to the host',
    tetragon: 'it finds no id for any process of a Garden container',
    'inspektor-gadget': 'it asks containerd in the namespace k8s.io, not garden',
    datadog: "Garden's list lacks them",
    'tracee up to': 'only ids of 64 hexadecimal digits count',
    'tracee v0.20': 'no component of the path has the form of an id',
  };
  const nameOf = ({ tool, versions }: ToolVersions): string => `${tool} ${versions}`.trim();
  for (const [tool, why] of Object.entries(REASONS))
    it(`says why ${nameOf(versionsOf(tool))} misses a container`, () => {
      const unlistedTask = container(T, { cpuset: `/garden/${T}` }, { isListed: false });
      const cell = cellWith({ mounts: NESTED, containers: [unlistedTask] });
      const prediction = predictOne(versionsOf(tool), cell, null);
      if (prediction.kind !== 'predicted') throw new Error(prediction.why);
      expect(prediction.taken.kind).to.equal(tool.startsWith('tracee') ? 'mount' : 'none');
      expect([...prediction.sights.values()]).to.have.nested.property('0.why', why);
    });
});

describe('a sensor is blind', () => {
  const isBlindTo = (tool: string, ...containers: readonly RunningContainer[]): boolean | null =>
    isBlind(predictOne(versionsOf(tool), cellWith({ mounts: NESTED, containers }), null));

  it('if it misses a container that another version would see', () => {
    expect(isBlindTo('tracee up to', gardenContainer(H), gardenContainer(J))).to.equal(true);
  });

  it('if it sees no container under its own name, although each miss is a known limit', () => {
    expect(isBlindTo('tetragon', gardenContainer(H), gardenContainer(J))).to.equal(true);
    expect(isBlindTo('tracee v0.22.3', gardenContainer(T))).to.equal(true);
  });

  it('if it gives every container another id', () => {
    const inGood = [H, J].map((handle) => container(handle, { cpuset: `/garden/good/${handle}` }));
    expect(isBlindTo('falco 0.41', ...inGood)).to.equal(true);
  });

  it('only if more than a known limit is missed, where it sees another container', () => {
    expect(isBlindTo('tracee v0.22.3', gardenContainer(H), gardenContainer(T))).to.equal(false);
  });

  it('only if a container runs', () => {
    expect(isBlindTo('tetragon')).to.equal(false);
  });

  it('or unknown, if it might see a container whose cgroups could not be read', () => {
    expect(isBlindTo('tetragon', gardenContainer(H), container(J, null))).to.equal(null);
  });
});

const NAMES_ON_CELL = [
  'garden',
  'good',
  'bad',
  'init',
  'system.slice',
  'garden.service',
  'garden-ab',
  'x',
  H,
  J,
  T,
  `${H}-envoy`,
];
const name = fc.oneof(
  fc.constantFrom(...NAMES_ON_CELL, `docker-${'ab'.repeat(32)}.scope`),
  fc.stringMatching(/^[a-z0-9._-]{1,40}$/),
);
const path = fc.array(name, { maxLength: 5 }).map((names) => `/${names.join('/')}`);

describe('a prediction', () => {
  it('never says "seen" where the rule of the tool makes no id of any path', () => {
    const rules = [
      ['tracee up to', traceeIdBefore19],
      ['tracee v0.19', traceeId],
      ['tracee v0.20', traceeId],
      ['tracee v0.21', traceeId],
      ['tracee v0.22.3', traceeId],
      ['falco 0.41', falcoId],
      ['falco up to', () => null],
      ['tetragon', tetragonId],
    ] as const;
    fc.assert(
      fc.property(
        fc.record({ cpuset: path, memory: path, cpu: path }),
        fc.constantFrom(H, J, T, 'x'),
        fc.boolean(),
        (paths, handle, isRunning) => {
          const cell = cellWith({ mounts: NESTED, containers: [container(handle, paths)] });
          for (const [tool, idOf] of rules) {
            const prediction = predictOne(
              versionsOf(tool),
              cell,
              isRunning ? sensorProcess() : null,
            );
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
