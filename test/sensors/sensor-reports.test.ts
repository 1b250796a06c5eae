import { expect } from 'chai';
import type { ObservationState } from '../../src/model/observation.ts';
import { missesContainers, type ObservationView } from '../../src/model/report-view.ts';
import type { SensedCell } from '../../src/sensors/sensed-cell.ts';
import { runningSensors } from '../../src/sensors/presence.ts';
import { sensorReport, toolPredictions, toolVersions } from '../../src/sensors/sensor-reports.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { rowsOf } from '../rows.ts';
import { cellOf, container, mountInputs, sensorProcess } from './sensed-cells.ts';

const HANDLES = ['8a37cb6f-385b-4dd3-732c-34d6', 'deadbeef-0001-4002-8003-abcd'];
const [H = ''] = HANDLES;
const CELL = cellOf(
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

const unread = container('unread', null);
/** Both containers in such a cgroup, with another that could not be read. */
const in2 = (path: string) =>
  HANDLES.map((handle) =>
    container(handle, { cpuset: `${path}/${handle}`, cpu: `${path}/${handle}` }),
  );
const CELLS: Readonly<Record<string, SensedCell | null>> = {
  none: null,
  two: CELL,
  'two and unread': cellOf(CELL.mounts, [...CELL.containers, unread]),
  'all unread': cellOf(CELL.mounts, [unread, container('b', null), container('c', null)]),
  good: cellOf(CELL.mounts, in2('/system.slice/garden.service/garden/good')),
  'elsewhere and unread': cellOf(CELL.mounts, [
    ...['a', 'b'].map((handle) => container(handle, { cpuset: '/elsewhere' })),
    unread,
  ]),
};

/** What is reported of one running sensor, and why. */
function reported(comm: string, version: string, cell: string): readonly [string, string] {
  const [sensor] = runningSensors([sensorProcess({ comm })]);
  const report = sensorReport(
    sensor ?? expect.fail(comm),
    CELLS[cell] ?? null,
    typedVersion(version),
  );
  const { name, olderContainers, containers, prediction, blind, sees, why } = report;
  const counts = prediction === null ? '-' : Object.values(prediction).slice(0, 5).join(' ');
  const older = `${olderContainers} of ${containers} older`;
  return [`${name}, ${older}, blind ${blind}, ${counts}: ${[...sees.values()].join(' ')}`, why];
}

/** A sensor … | its process and version | cell | what is reported, with the counts of its prediction: seen, missed, misnamed, unknown, known limits | why. */
const REPORTS = `
is unknown without its version, which some versions decide | tracee | two | tracee, 1 of 2 older, blind null, -: unknown unknown | Tracee would see, by version: 0 of 2 (up to v0.18); 1 of 2 (v0.19); 2 of 2 (v0.20); 2 of 2 (v0.21 to v0.22.2); 2 of 2 (v0.22.3 and newer). The running version is not visible from outside; give it with sudo /var/vcap/jobs/rollcall/bin/rollcall sensors --tool tracee@VERSION.
is blind to the older container in a version that takes the mount of a container | tracee 0.19 | two | tracee, 1 of 2 older, blind true, 1 1 0 0 0: no yes | Tracee would use /images/H/sys/fs/cgroup/cpuset, which shows only the cgroup /garden/H. Tracee would miss 1 of 2 containers: no directory below that mount is named after the handle.
sees all in a version that does not | tracee 0.22.5 | two | tracee, 1 of 2 older, blind false, 2 0 0 0 0: yes yes | Tracee would see every container. Tracee would use /sys/fs/cgroup/cpuset.
sees all where both possible versions do | tracee 0.22 | two | tracee, 1 of 2 older, blind false, -: yes yes | Tracee would see, by version: 2 of 2 (v0.21 to v0.22.2); 2 of 2 (v0.22.3 and newer).
is unknown where they differ | tracee 0 | two | tracee, 1 of 2 older, blind null, -: unknown unknown | Tracee would see, by version: 0 of 2 (up to v0.18); 1 of 2 (v0.19); 2 of 2 (v0.20); 2 of 2 (v0.21 to v0.22.2); 2 of 2 (v0.22.3 and newer). The running version is not visible from outside; give it with sudo /var/vcap/jobs/rollcall/bin/rollcall sensors --tool tracee@VERSION.
is blind where it sees no container by its name in any version | falco | good | falco, 2 of 2 older, blind true, -: no no | Falco would see, by version: 0 of 2 (up to 0.40); 0 of 2, 2 misnamed (0.41); 0 of 2, 2 misnamed (0.42 and newer). No version would see any container by its name.
is blind where it sees none, with known limits alone | tetragon | two | tetragon, 1 of 2 older, blind true, 0 2 0 0 2: no no | Tetragon would miss 2 of 2 containers: it finds no id for any process of a Garden container (a known limit).
counts what could not be read neither as seen nor as missed | tetragon | all unread | tetragon, 3 of 3 older, blind null, 0 0 0 3 0: unknown unknown unknown | Unknown for 3 of 3 containers: the cgroups of their processes could not be read.
is unknown then, with known limits beside it | tetragon | elsewhere and unread | tetragon, 3 of 3 older, blind null, 0 2 0 1 2: no no unknown | Tetragon would miss 2 of 3 containers: it finds no id for any process of a Garden container (a known limit). Unknown for 1 of 3 containers: the cgroups of their processes could not be read.
is unknown in every version, so that no version would decide | tracee | all unread | tracee, 3 of 3 older, blind null, -: unknown unknown unknown | Tracee would see, by version: 0 of 3, 3 unknown (up to v0.18); 0 of 3, 3 unknown (v0.19); 0 of 3, 3 unknown (v0.20); 0 of 3, 3 unknown (v0.21 to v0.22.2); 0 of 3, 3 unknown (v0.22.3 and newer).
may see the unread one, so that it is not said to see none | falco | elsewhere and unread | falco, 3 of 3 older, blind null, -: no no unknown | Falco would see, by version: 0 of 3, 1 unknown (up to 0.40); 0 of 3, 1 unknown (0.41); 0 of 3, 1 unknown (0.42 and newer). The running version is not visible from outside; give it with sudo /var/vcap/jobs/rollcall/bin/rollcall sensors --tool falco@VERSION.
is blind to one that is certainly missed, whatever could not be read | tracee 0.19 | two and unread | tracee, 2 of 3 older, blind true, 1 1 0 1 0: no yes unknown | Tracee would use /images/H/sys/fs/cgroup/cpuset, which shows only the cgroup /garden/H. Tracee would miss 1 of 3 containers: no directory below that mount is named after the handle. Unknown for 1 of 3 containers: the cgroups of their processes could not be read.
is unknown where all but the unread are seen | tracee 0.22.5 | two and unread | tracee, 2 of 3 older, blind null, 2 0 0 1 0: yes yes unknown | Tracee would use /sys/fs/cgroup/cpuset. Unknown for 1 of 3 containers: the cgroups of their processes could not be read.
is only said to run where no rule is known | falcond | two | crowdstrike, 1 of 2 older, blind null, -:  | rollcall knows no rule of CrowdStrike Falcon that would predict which Garden containers it sees.
has no older container where there is none to look for | tracee | none | tracee, null of null older, blind null, -:  | No container could be compared in this pass.
`;

describe('the sensors of a report', () => {
  for (const [title = '', process = '', cell = '', shown, why] of rowsOf(REPORTS))
    it(`one ${title}: ${process}`, () => {
      const [comm = '', version = ''] = process.split(' ');
      const of = reported(comm, version, cell).map((one) => one.replaceAll(H, 'H').trim());
      expect(of).to.deep.equal([shown, why]);
    });
});

describe('the predictions of a sensor', () => {
  const [tracee] = runningSensors([sensorProcess({ comm: 'tracee', startTicks: 500 })]);
  const V19 = typedVersion('0.19');

  it('are about the process that runs, as in its report', () => {
    if (tracee === undefined) throw new Error('no Tracee runs');
    const report = sensorReport(tracee, CELL, V19);
    const [row] = toolPredictions(['tracee'], { cell: CELL, running: [tracee], version: V19 });
    // It took the mount of a container, and learned of the younger one from an event.
    expect(report.prediction).to.include({ seen: 1, missed: 1 });
    expect(row?.prediction).to.have.property('counts').that.includes({ seen: 1, missed: 1 });
    expect(row).to.include({ isRunning: true, why: report.why });
  });

  it('are as if it started now where it does not run', () => {
    const [row] = toolPredictions(['tracee'], { cell: CELL, running: [], version: V19 });
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
