import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { SensorName } from '../../src/model/sensor.ts';
import { diagnose } from '../../src/sensors/diagnosis.ts';
import { predict } from '../../src/sensors/predict.ts';
import type { SensedCell } from '../../src/sensors/sensed-cell.ts';
import { toolVersions } from '../../src/sensors/sensor-reports.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { cellOf, container, mountInputs } from './sensed-cells.ts';

const APP = '8a37cb6f-385b-4dd3-732c-34d6';
const OTHER = 'deadbeef-0001-4002-8003-abcd';
const TASK = '5f3b1c1e-6a2d-4b52-9e0a-77d1f0a3c111';
const UNIT = '/system.slice/garden.service';
const IMAGE = `/images/${APP}/rootfs/sys/fs/cgroup/cpuset`;

/** A cell with cgroup v1 whose table also shows the mount of a container. */
const V1: SensedCell = cellOf(
  mountInputs(
    tableOf(
      '20 1 0:20 / /sys/fs/cgroup rw shared:1 - tmpfs t rw',
      '21 20 0:21 / /sys/fs/cgroup/cpuset rw shared:2 - cgroup c rw,cpuset',
      `30 1 0:21 /garden/${APP} ${IMAGE} rw shared:2 - cgroup c rw,cpuset`,
    ),
    { '/sys/fs/cgroup/cpuset': 1, [IMAGE]: 9 },
  ),
  [APP, OTHER, TASK].map((handle) =>
    container(handle, { memory: `${UNIT}/garden/${handle}`, cpuset: `/garden/${handle}` }),
  ),
);

/** A cell with cgroup v2 and CPU throttling. */
const V2_THROTTLED: SensedCell = cellOf(
  mountInputs(tableOf('21 1 0:30 / /sys/fs/cgroup rw shared:1 - cgroup2 c rw'), {
    '/sys/fs/cgroup': 1,
  }),
  [APP, OTHER].map((handle) => container(handle, { v2: `/garden/good/${handle}` })),
  'v2',
);

/** What is wrong with a sensor that starts now on a cell; with its version, if that is known. */
function diagnosisOf(tool: SensorName, typed: string | null, cell: SensedCell) {
  const version = typed === null ? null : typedVersion(typed);
  const predictions = predict(toolVersions(tool, version), cell, null);
  return diagnose(tool, predictions, { cell, version });
}

const settingsOf = ({ remedies }: ReturnType<typeof diagnosisOf>): readonly (string | null)[] =>
  remedies.flatMap(({ steps }) => steps.map(({ setting }) => setting));

describe('what is wrong with a sensor', () => {
  it('is said for its version, if that is given', () => {
    const { wrong, notes } = diagnosisOf('tracee', '0.19', V1);
    expect(wrong).to.equal(
      'Tracee 0.19 would miss 2 of 3 containers, and miss 1 by a known limit.',
    );
    expect(notes).to.deep.equal([]);
  });

  it('is said with the ranges for which it is true, if the version is unknown', () => {
    const { wrong, notes } = diagnosisOf('tracee', null, V1);
    expect(wrong).to.equal(
      'Tracee would miss all 3 containers (up to v0.18), ' +
        'or miss 2 of 3 containers, and miss 1 by a known limit (v0.19), ' +
        'or miss 1 of 3 containers by a known limit, and see 2 (v0.20 and newer).',
    );
    expect(notes.join()).to.contain('sensors --tool tracee@VERSION');
  });

  it('names no range where all versions are alike', () => {
    expect(diagnosisOf('inspektor-gadget', null, V1).wrong).to.equal(
      'Inspektor Gadget would miss all 3 containers, whatever its version.',
    );
    expect(diagnosisOf('inspektor-gadget', null, V1).notes).to.deep.equal([]);
  });

  it('is predicted for a version newer than any whose code was read, which is said', () => {
    const { wrong, notes } = diagnosisOf('falco', '9', V2_THROTTLED);
    expect(wrong).to.equal(
      'Falco 9 would give all 2 containers only a part of the handle, such as good/8a37cb6.',
    );
    expect(notes).to.deep.equal([
      '9 is newer than 0.44.1, the newest whose code was read; it is predicted as that one.',
    ]);
    expect(diagnosisOf('falco', '0.44', V2_THROTTLED).notes).to.deep.equal([]);
  });

  it('is unknown where nothing shows it', () => {
    expect(diagnosisOf('osquery', null, V1).wrong).to.match(
      /^What osquery would see is unknown: its queries decide/,
    );
    expect(diagnosisOf('wazuh', null, V1).wrong).to.contain('knows no rule of Wazuh agent');
  });
});

describe('what to change in a sensor', () => {
  it('is a flag of its version, with the mount of this cell', () => {
    const blind = cellOf(
      mountInputs(
        tableOf(
          '21 1 0:21 / /sys/fs/cgroup/cpuset rw shared:2 - cgroup c rw,cpuset',
          '22 21 0:50 / /sys/fs/cgroup/cpuset rw shared:3 - tmpfs t rw',
          '23 1 0:21 / /mnt/cpuset rw shared:2 - cgroup c rw,cpuset',
        ),
        { '/sys/fs/cgroup/cpuset': 1, '/mnt/cpuset': 1 },
      ),
      [container(APP, { cpuset: `/garden/${APP}` })],
    );
    expect(settingsOf(diagnosisOf('tracee', '0.24', blind))).to.deep.equal([
      '--containers cgroupfs.path=/mnt/cpuset --containers cgroupfs.force=true',
    ]);
    expect(settingsOf(diagnosisOf('tracee', '0.25', blind))).to.deep.equal([
      '--enrichment container.cgroupfs.path=/mnt/cpuset --enrichment container.cgroupfs.force',
    ]);
  });

  it('is the socket for a Falco that can ask for names', () => {
    const settings = settingsOf(diagnosisOf('falco', '0.42', V2_THROTTLED));
    expect(settings).to.deep.equal([
      'names.cri: true',
      'cri: {enabled: true, sockets: [/var/vcap/data/rollcall/cri/cri.sock]}',
    ]);
  });

  it('is an upgrade, and until then the table, for Falco 0.41', () => {
    expect(settingsOf(diagnosisOf('falco', '0.41', V2_THROTTLED))).to.deep.equal([
      null,
      'names.files: true',
    ]);
  });

  it('promises no name for garden.servi, but shows what cgroup v2 would change', () => {
    const { remedies } = diagnosisOf('falco', '0.42', V1);
    const steps = remedies.flatMap((remedy) => remedy.steps);
    expect(steps).to.have.length(1);
    expect(steps[0]?.action).to.contain('No setting, socket or table');
    expect(steps[0]?.setting).to.contain('sensors --tool falco --if v2');
  });

  it('stands once if all versions need it, and otherwise under its versions', () => {
    const versions = diagnosisOf('falco', null, V1).remedies.map((remedy) => remedy.versions);
    expect(versions).to.deep.equal(['up to 0.40', '0.41', '0.42 and newer']);
    const alike = diagnosisOf('falco', '0', V2_THROTTLED).remedies;
    expect(alike.map((remedy) => remedy.versions)).to.deep.equal([
      'up to 0.40',
      '0.41',
      '0.42 and newer',
    ]);
    expect(diagnosisOf('inspektor-gadget', null, V1).remedies).to.have.length(1);
  });

  it('has at most three steps for each range', () => {
    for (const tool of ['tracee', 'falco', 'tetragon', 'inspektor-gadget', 'datadog'] as const)
      for (const cell of [V1, V2_THROTTLED])
        for (const { steps } of diagnosisOf(tool, null, cell).remedies)
          expect(steps.length, tool).to.be.within(1, 3);
  });

  it('is nothing where every container that can be seen is seen', () => {
    expect(diagnosisOf('tracee', '0.22.3', V1).remedies).to.deep.equal([]);
  });
});

describe('whom a gap of a sensor concerns', () => {
  it('is told once for each reason, known limits last', () => {
    const { gaps } = diagnosisOf('tracee', '0.19', V1);
    expect(gaps.map(({ containers }) => containers.map(({ handle }) => handle))).to.deep.equal([
      [APP, OTHER],
      [TASK],
    ]);
    expect(gaps[0]?.why).to.contain(`Tracee would use ${IMAGE}`);
    expect(gaps[1]).to.include({ isKnownLimit: true });
  });

  it('names the ranges of versions that have it', () => {
    const gaps = diagnosisOf('tracee', null, V1).gaps.map(({ versions }) => versions);
    expect(gaps).to.deep.equal([['up to v0.18'], ['v0.19'], ['v0.19 and newer']]);
  });

  /** An app whose own cgroup has no controllers; those above it have these. */
  const appWithoutControllers = (above: readonly string[]): SensedCell => {
    const path = asByteString(`/garden/${APP}`);
    const levels = [
      { path, controllers: [] },
      { path: asByteString('/garden'), controllers: above },
    ];
    return { ...V2_THROTTLED, containers: [container(APP, { v2: path }, { levels })] };
  };

  it('names the sensor, and says where cgroups have no controllers, which Falco needs', () => {
    const withoutControllers = appWithoutControllers([]);
    expect(
      diagnosisOf('falco', '0.42', withoutControllers).gaps.map(({ why }) => why),
    ).to.deep.equal([
      'Falco attributes the processes to the host, ' +
        'because their cgroups have none of the controllers that it reads.',
    ]);
  });

  it('offers no upgrade to a version that would see none of these containers either', () => {
    const withoutControllers = appWithoutControllers([]);
    const { remedies, notes } = diagnosisOf('falco', '0.40', withoutControllers);
    expect(remedies).to.deep.equal([]);
    expect(notes).to.deep.equal(['No newer version of Falco would see these containers either.']);
    expect(diagnosisOf('falco', null, withoutControllers).remedies).to.deep.equal([]);
    expect(diagnosisOf('falco', '0.40', V2_THROTTLED).remedies).to.have.length(1);
  });

  it('says so too where only cgroups above the container have controllers', () => {
    const { gaps } = diagnosisOf('falco', '0.42', appWithoutControllers(['memory']));
    expect(gaps.map(({ why, isKnownLimit }) => [why, isKnownLimit])).to.deep.equal([
      [
        'Falco attributes the processes to the host, ' +
          'because their cgroups have none of the controllers that it reads.',
        true,
      ],
    ]);
  });

  it('comes with the ids that the sensor gives', () => {
    const { gaps } = diagnosisOf('falco', '0.42', V2_THROTTLED);
    expect(gaps[0]?.containers).to.deep.equal([
      { handle: APP, id: 'good/8a37cb6' },
      { handle: OTHER, id: 'good/deadbee' },
    ]);
  });
});
