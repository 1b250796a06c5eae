import { expect } from 'chai';
import type { ObservationState } from '../../src/model/observation.ts';
import { missesContainers, type ObservationView } from '../../src/model/report-view.ts';
import type { SensedCell } from '../../src/sensors/sensed-cell.ts';
import { runningSensors } from '../../src/sensors/presence.ts';
import { sensorReport, toolPredictions, toolVersions } from '../../src/sensors/sensor-reports.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { cellOf, container, mountInputs, sensorProcess } from './sensed-cells.ts';

const HANDLES = ['8a37cb6f-385b-4dd3-732c-34d6', 'deadbeef-0001-4002-8003-abcd'];
const [H = ''] = HANDLES;
/** A container before the sensor starts, which shows its cgroup in its image, and one after it. */
const CELL_OF_TWO = cellOf(
  mountInputs(
    tableOf(
      '20 1 0:20 / /sys/fs/cgroup rw - tmpfs t rw',
      '21 20 0:21 / /sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset',
      `30 1 0:21 /garden/${H} /images/${H}/sys/fs/cgroup/cpuset rw - cgroup c rw,cpuset`,
    ),
    { '/sys/fs/cgroup/cpuset': 1, [`/images/${H}/sys/fs/cgroup/cpuset`]: 9 },
  ),
  HANDLES.map((handle, index) =>
    container(handle, { cpuset: `/garden/${handle}` }, { startTicks: index === 0 ? 100 : 900 }),
  ),
);

/** A container whose cgroups could not be read. */
const unread = container('unread', null);
/** Both containers, each in a cgroup in this one. */
const bothIn = (path: string) =>
  HANDLES.map((handle) =>
    container(handle, { cpuset: `${path}/${handle}`, cpu: `${path}/${handle}` }),
  );
const CELL_OF_TWO_AND_UNREAD = cellOf(CELL_OF_TWO.mounts, [...CELL_OF_TWO.containers, unread]);
const CELL_OF_UNREAD = cellOf(CELL_OF_TWO.mounts, [
  unread,
  container('b', null),
  container('c', null),
]);
const CELL_IN_GOOD_DIRECTORY = cellOf(
  CELL_OF_TWO.mounts,
  bothIn('/system.slice/garden.service/garden/good'),
);
const CELL_OF_ELSEWHERE_AND_UNREAD = cellOf(CELL_OF_TWO.mounts, [
  container('a', { cpuset: '/elsewhere' }),
  container('b', { cpuset: '/elsewhere' }),
  unread,
]);

interface Reported {
  /** The name of its process. */
  readonly process: string;
  /** As typed; left out: not given. */
  readonly version?: string;
  /** Null: no container could be compared. */
  readonly cell: SensedCell | null;
  readonly name: string;
  readonly olderContainers: number | null;
  readonly containers: number | null;
  readonly blind: boolean | null;
  /** Left out: no prediction is made. */
  readonly counts?: Readonly<
    Record<'seen' | 'missed' | 'misnamed' | 'unknown' | 'knownLimits', number>
  >;
  /** For each container. */
  readonly sees: readonly string[];
  readonly why: string;
}

const giveVersionOf = (tool: string): string =>
  'The running version is not visible from outside; give it with ' +
  `sudo /var/vcap/jobs/rollcall/bin/rollcall sensors --tool ${tool}@VERSION.`;

const TRACEE_SEES_BY_VERSION =
  'Tracee would see, by version: 0 of 2 (up to v0.18); 1 of 2 (v0.19); 2 of 2 (v0.20); ' +
  '2 of 2 (v0.21 to v0.22.2); 2 of 2 (v0.22.3 and newer). ';
const TAKES_MOUNT_OF_CONTAINER =
  `Tracee would use /images/${H}/sys/fs/cgroup/cpuset, ` +
  `which shows only the cgroup /garden/${H}.`;
const NO_DIRECTORY = 'no directory below that mount is named after the handle.';
const NO_ID_KNOWN_LIMIT = 'it finds no id for any process of a Garden container (a known limit).';
const ONE_UNREAD =
  'Unknown for 1 of 3 containers: the cgroups of their processes could not be read.';

const REPORTS: Readonly<Record<string, Reported>> = {
  'is unknown without its version, where versions differ': {
    process: 'tracee',
    cell: CELL_OF_TWO,
    name: 'tracee',
    olderContainers: 1,
    containers: 2,
    blind: null,
    sees: ['unknown', 'unknown'],
    why: TRACEE_SEES_BY_VERSION + giveVersionOf('tracee'),
  },
  'is blind to the older container in a version that takes the mount of a container': {
    process: 'tracee',
    version: '0.19',
    cell: CELL_OF_TWO,
    name: 'tracee',
    olderContainers: 1,
    containers: 2,
    blind: true,
    counts: { seen: 1, missed: 1, misnamed: 0, unknown: 0, knownLimits: 0 },
    sees: ['no', 'yes'],
    why: `${TAKES_MOUNT_OF_CONTAINER} Tracee would miss 1 of 2 containers: ${NO_DIRECTORY}`,
  },
  'is not blind in a version that takes the mount of the host': {
    process: 'tracee',
    version: '0.22.5',
    cell: CELL_OF_TWO,
    name: 'tracee',
    olderContainers: 1,
    containers: 2,
    blind: false,
    counts: { seen: 2, missed: 0, misnamed: 0, unknown: 0, knownLimits: 0 },
    sees: ['yes', 'yes'],
    why: 'Tracee would see every container. Tracee would use /sys/fs/cgroup/cpuset.',
  },
  'is not blind where both possible versions see all': {
    process: 'tracee',
    version: '0.22',
    cell: CELL_OF_TWO,
    name: 'tracee',
    olderContainers: 1,
    containers: 2,
    blind: false,
    sees: ['yes', 'yes'],
    why: 'Tracee would see, by version: 2 of 2 (v0.21 to v0.22.2); 2 of 2 (v0.22.3 and newer).',
  },
  'is unknown where the possible versions differ': {
    process: 'tracee',
    version: '0',
    cell: CELL_OF_TWO,
    name: 'tracee',
    olderContainers: 1,
    containers: 2,
    blind: null,
    sees: ['unknown', 'unknown'],
    why: TRACEE_SEES_BY_VERSION + giveVersionOf('tracee'),
  },
  'is blind where it sees no container by its name in any version': {
    process: 'falco',
    cell: CELL_IN_GOOD_DIRECTORY,
    name: 'falco',
    olderContainers: 2,
    containers: 2,
    blind: true,
    sees: ['no', 'no'],
    why:
      'Falco would see, by version: 0 of 2 (up to 0.40); 0 of 2, 2 misnamed (0.41); ' +
      '0 of 2, 2 misnamed (0.42 and newer). No version would see any container by its name.',
  },
  'is blind where it sees none, though each miss is a known limit': {
    process: 'tetragon',
    cell: CELL_OF_TWO,
    name: 'tetragon',
    olderContainers: 1,
    containers: 2,
    blind: true,
    counts: { seen: 0, missed: 2, misnamed: 0, unknown: 0, knownLimits: 2 },
    sees: ['no', 'no'],
    why: `Tetragon would miss 2 of 2 containers: ${NO_ID_KNOWN_LIMIT}`,
  },
  'counts what could not be read neither as seen nor as missed': {
    process: 'tetragon',
    cell: CELL_OF_UNREAD,
    name: 'tetragon',
    olderContainers: 3,
    containers: 3,
    blind: null,
    counts: { seen: 0, missed: 0, misnamed: 0, unknown: 3, knownLimits: 0 },
    sees: ['unknown', 'unknown', 'unknown'],
    why: 'Unknown for 3 of 3 containers: the cgroups of their processes could not be read.',
  },
  'is unknown where a container could not be read and the others are missed by a known limit': {
    process: 'tetragon',
    cell: CELL_OF_ELSEWHERE_AND_UNREAD,
    name: 'tetragon',
    olderContainers: 3,
    containers: 3,
    blind: null,
    counts: { seen: 0, missed: 2, misnamed: 0, unknown: 1, knownLimits: 2 },
    sees: ['no', 'no', 'unknown'],
    why: `Tetragon would miss 2 of 3 containers: ${NO_ID_KNOWN_LIMIT} ${ONE_UNREAD}`,
  },
  'is unknown in every version where none could be read, so that its version would not help': {
    process: 'tracee',
    cell: CELL_OF_UNREAD,
    name: 'tracee',
    olderContainers: 3,
    containers: 3,
    blind: null,
    sees: ['unknown', 'unknown', 'unknown'],
    why:
      'Tracee would see, by version: 0 of 3, 3 unknown (up to v0.18); 0 of 3, 3 unknown (v0.19); ' +
      '0 of 3, 3 unknown (v0.20); 0 of 3, 3 unknown (v0.21 to v0.22.2); ' +
      '0 of 3, 3 unknown (v0.22.3 and newer).',
  },
  'is not blind for sure where it may see the container that could not be read': {
    process: 'falco',
    cell: CELL_OF_ELSEWHERE_AND_UNREAD,
    name: 'falco',
    olderContainers: 3,
    containers: 3,
    blind: null,
    sees: ['no', 'no', 'unknown'],
    why:
      'Falco would see, by version: 0 of 3, 1 unknown (up to 0.40); 0 of 3, 1 unknown (0.41); ' +
      '0 of 3, 1 unknown (0.42 and newer). ' +
      giveVersionOf('falco'),
  },
  'is blind where one container is certainly missed, whatever could not be read': {
    process: 'tracee',
    version: '0.19',
    cell: CELL_OF_TWO_AND_UNREAD,
    name: 'tracee',
    olderContainers: 2,
    containers: 3,
    blind: true,
    counts: { seen: 1, missed: 1, misnamed: 0, unknown: 1, knownLimits: 0 },
    sees: ['no', 'yes', 'unknown'],
    why: [
      TAKES_MOUNT_OF_CONTAINER,
      `Tracee would miss 1 of 3 containers: ${NO_DIRECTORY}`,
      ONE_UNREAD,
    ].join(' '),
  },
  'is unknown where all are seen but the one that could not be read': {
    process: 'tracee',
    version: '0.22.5',
    cell: CELL_OF_TWO_AND_UNREAD,
    name: 'tracee',
    olderContainers: 2,
    containers: 3,
    blind: null,
    counts: { seen: 2, missed: 0, misnamed: 0, unknown: 1, knownLimits: 0 },
    sees: ['yes', 'yes', 'unknown'],
    why: `Tracee would use /sys/fs/cgroup/cpuset. ${ONE_UNREAD}`,
  },
  'is only said to run where rollcall knows no rule of it': {
    process: 'falcond',
    cell: CELL_OF_TWO,
    name: 'crowdstrike',
    olderContainers: 1,
    containers: 2,
    blind: null,
    sees: [],
    why:
      'rollcall knows no rule of CrowdStrike Falcon that would predict which Garden ' +
      'containers it sees.',
  },
  'has no containers, and so no older ones, where none could be compared': {
    process: 'tracee',
    cell: null,
    name: 'tracee',
    olderContainers: null,
    containers: null,
    blind: null,
    sees: [],
    why: 'No container could be compared in this pass.',
  },
};

describe('a sensor of a report', () => {
  for (const [title, { process: comm, version = '', cell, ...expected }] of Object.entries(REPORTS))
    it(title, () => {
      const [sensor = expect.fail(comm)] = runningSensors([sensorProcess({ comm })]);
      const report = sensorReport(sensor, cell, typedVersion(version));
      const { counts = null, sees, ...rest } = expected;
      expect(report).to.include(rest);
      expect([...report.sees.values()]).to.deep.equal(sees);
      if (counts === null) expect(report.prediction).to.equal(null);
      else expect(report.prediction).to.include(counts);
    });
});

describe('the predictions of a sensor', () => {
  const [tracee] = runningSensors([sensorProcess({ comm: 'tracee', startTicks: 500 })]);
  const V19 = typedVersion('0.19');

  it('are about the process that runs, as in its report', () => {
    if (tracee === undefined) throw new Error('no Tracee runs');
    const report = sensorReport(tracee, CELL_OF_TWO, V19);
    const [row] = toolPredictions(['tracee'], {
      cell: CELL_OF_TWO,
      running: [tracee],
      version: V19,
    });
    // It took the mount of a container, and learned of the younger one from an event.
    expect(report.prediction).to.include({ seen: 1, missed: 1 });
    expect(row?.prediction).to.have.property('counts').that.includes({ seen: 1, missed: 1 });
    expect(row).to.include({ isRunning: true, why: report.why });
  });

  it('are as if it started now where it does not run', () => {
    const [row] = toolPredictions(['tracee'], { cell: CELL_OF_TWO, running: [], version: V19 });
    expect(row?.prediction).to.have.property('counts').that.includes({ seen: 0, missed: 2 });
    expect(row).to.include({ isRunning: false });
  });
});

describe('a sensor misses containers', () => {
  const observed = (state: ObservationState, ...unseen: readonly string[]): ObservationView => ({
    name: 'tracee',
    format: 'tracee',
    path: '/x',
    state,
    up: true,
    silent: false,
    seen: 1,
    unseen,
    expectedUnseen: 0,
    undecided: 0,
    unknownIds: [],
    unknownIdsOmitted: 0,
    lastLineAt: null,
    sentence: '',
  });

  it('if its own file shows that, whatever is predicted', () => {
    expect(missesContainers({ blind: true, observation: observed('fresh') })).to.equal(false);
    expect(missesContainers({ blind: false, observation: observed('fresh', H) })).to.equal(true);
  });

  it('if that is predicted, and nothing fresh contradicts it', () => {
    expect(missesContainers({ blind: true, observation: null })).to.equal(true);
    expect(missesContainers({ blind: true, observation: observed('stale') })).to.equal(true);
    expect(missesContainers({ blind: false, observation: observed('stale', H) })).to.equal(false);
    expect(missesContainers({ blind: null, observation: null })).to.equal(false);
  });
});

describe('versions', () => {
  const ranges = (text: string): readonly string[] =>
    toolVersions('tracee', typedVersion(text)).map(({ versions }) => versions);

  it('fall into ranges', () => {
    expect(ranges('v0.13.1')).to.deep.equal(['up to v0.18']);
    expect(ranges('0.19')).to.deep.equal(['v0.19']);
    expect(ranges('0.20.0')).to.deep.equal(['v0.20']);
    expect(ranges('0.22.2')).to.deep.equal(['v0.21 to v0.22.2']);
    expect(ranges('0.22.3')).to.deep.equal(['v0.22.3 and newer']);
    expect(ranges('0.22')).to.deep.equal(['v0.21 to v0.22.2', 'v0.22.3 and newer']);
    expect(ranges('0.22.4.1')).to.deep.equal(['v0.22.3 and newer']);
    expect(ranges('v0.20.0-rc')).to.deep.equal(['v0.20']);
    expect(ranges('1.4')).to.deep.equal(['v0.22.3 and newer']);
  });

  it('are nothing else', () => {
    for (const text of ['', 'x', '0.19-x', '0..1', '1.2.3.4.5', '-1', '-rc', '9'.repeat(30)])
      expect(typedVersion(text), text).to.equal(null);
  });
});
