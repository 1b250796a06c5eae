import { expect } from 'chai';
import type { ObservationState } from '../../src/model/observation.ts';
import { missesContainers, type ObservationView } from '../../src/model/report-view.ts';
import type { SensorProcess } from '../../src/model/sensor.ts';
import { runningSensors } from '../../src/sensors/presence.ts';
import { sensorReport, sensorReports, toolVersions } from '../../src/sensors/sensor-reports.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
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

const inputs = (...processes: readonly SensorProcess[]) => ({ processes, startTicks: new Map() });
const sensed = (version: string) => {
  const [sensor] = runningSensors([sensorProcess()]);
  if (sensor === undefined) throw new Error('no sensor');
  return sensorReport(sensor, CELL, typedVersion(version));
};

describe('the sensors of a report', () => {
  it('the prediction for a running Tracee is unknown without its version', () => {
    const [report] = sensorReports(inputs(sensorProcess()), CELL);
    expect(report).to.include({ name: 'tracee', blind: null, olderContainers: 1, containers: 2 });
    expect(report?.prediction).to.equal(null);
    expect(report?.why).to.equal(
      'Tracee would see, by version: 0 of 2 (up to v0.18); 1 of 2 (v0.19); 2 of 2 (v0.20); 2 of 2 (v0.21 to v0.22.2); 2 of 2 (v0.22.3 and newer). ' +
        'The running version is not visible from outside; give it with rollcall sensors --tool tracee@VERSION.',
    );
  });

  it('no version of Falco sees a container that Garden runs by its name', () => {
    const below = (handle: string) => `/system.slice/garden.service/garden/good/${handle}`;
    const cell = cellOf(
      CELL.mounts,
      HANDLES.map((handle) => container(handle, { cpuset: below(handle), cpu: below(handle) })),
    );
    const [report] = sensorReports(inputs(sensorProcess({ comm: 'falco' })), cell);
    expect(report?.why).to.match(/^Falco would see, by version: 0 of 2 \(up to 0\.40\); 0 of 2/);
    expect(report?.why).to.match(/\. No version would see any container by its name\.$/);
  });

  it('its version decides', () => {
    expect(sensed('0.19').blind).to.equal(true);
    expect(sensed('0.22.5').blind).to.equal(false);
    expect(sensed('0.22').blind, '0.22.2 and 0.22.3 both see').to.equal(false);
    expect(sensed('0').blind).to.equal(null);
  });

  it('a known limit does not make a sensor blind', () => {
    const [report] = sensorReports(inputs(sensorProcess({ comm: 'tetragon' })), CELL);
    expect(report).to.include({ blind: false });
    expect(report?.prediction).to.include({ seen: 0, missed: 2, knownLimits: 2 });
  });

  it('a container whose cgroups could not be read counts neither as seen nor as missed', () => {
    const cellWith = (paths: Readonly<Record<string, string>> | null) =>
      cellOf(CELL.mounts, [
        ...HANDLES.map((handle) => container(handle, paths)),
        container('unread', null),
      ]);
    const reportOf = (comm: string, paths: Readonly<Record<string, string>> | null) =>
      sensorReports(inputs(sensorProcess({ comm })), cellWith(paths))[0];
    const tetragon = reportOf('tetragon', null);
    expect(tetragon).to.include({ blind: null });
    expect(tetragon?.prediction).to.include({ seen: 0, missed: 0, unknown: 3 });
    expect(tetragon?.why).to.equal('The cgroups of 3 could not be read.');
    const limited = reportOf('tetragon', { cpuset: '/garden/h' });
    expect(limited, 'known limits beside it').to.include({ blind: null });
    const tracee = reportOf('tracee', null);
    expect(tracee?.blind).to.equal(null);
    expect(tracee?.why).to.match(
      /^Tracee would see, by version: 0 of 3, 3 unknown \(up to v0\.18\)/,
    );
    expect(tracee?.why, 'no version would decide').to.match(
      / 3 unknown \(v0\.22\.3 and newer\)\.$/,
    );
    expect([...(tracee?.sees.values() ?? [])], 'unread').to.deep.equal([
      'unknown',
      'unknown',
      'unknown',
    ]);
    const falco = reportOf('falco', { cpuset: '/elsewhere' });
    expect([...(falco?.sees.values() ?? [])], 'in every version').to.deep.equal([
      'no',
      'no',
      'unknown',
    ]);
    expect(falco?.why, 'two missed, one unknown').not.to.contain('No version would see');
  });

  it('a container that is certainly missed makes a sensor blind, whatever could not be read', () => {
    const [sensor] = runningSensors([sensorProcess()]);
    if (sensor === undefined) throw new Error('no sensor');
    const cell = cellOf(CELL.mounts, [...CELL.containers, container('unread', null)]);
    expect(sensorReport(sensor, cell, typedVersion('0.19')).blind).to.equal(true);
    expect(sensorReport(sensor, cell, typedVersion('0.22.5')).blind).to.equal(null);
  });

  it('says of one whose rule it does not know only that it runs and what is older', () => {
    const [report] = sensorReports(inputs(sensorProcess({ comm: 'falcond' })), CELL);
    expect(report).to.include({ name: 'crowdstrike', blind: null, olderContainers: 1 });
    expect(report?.prediction).to.equal(null);
    expect(report?.why).to.match(/Garden containers it sees\.$/);
  });

  it('no container to look for is not "none is older"', () => {
    const [report] = sensorReports(inputs(sensorProcess()), null);
    expect(report).to.include({ olderContainers: null, containers: null, blind: null });
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
