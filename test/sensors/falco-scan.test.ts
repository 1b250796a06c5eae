import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { asByteString, asHandle } from '../../src/model/ids.ts';
import { parentOf, ROOT } from '../../src/model/paths.ts';
import { falcoScan } from '../../src/sensors/falco-paths.ts';
import { isBlind, predict } from '../../src/sensors/predict.ts';
import type { SensorProcess } from '../../src/model/sensor.ts';
import type { CgroupLevel, RunningContainer, SensedCell } from '../../src/sensors/sensed-cell.ts';
import { toolVersions } from '../../src/sensors/sensor-reports.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { recording } from '../recordings.ts';
import { cellOf, container, mountInputs, sensorProcess } from './sensed-cells.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';
const J = 'deadbeef-0001-4002-8003-abcd';
const IMAGES = '/var/vcap/data/grootfs/store/unprivileged/images';

const ROOT_LINE = '1 0 8:1 / / rw - ext4 d rw';
const STANDARD = '20 1 0:30 / /sys/fs/cgroup rw - cgroup2 c rw';
const OF_H = `21 1 0:30 /garden/${H} ${IMAGES}/${H}/rootfs/sys/fs/cgroup rw - cgroup2 c rw`;
const OF_J = `22 1 0:30 /garden/${J} ${IMAGES}/${J}/rootfs/sys/fs/cgroup rw - cgroup2 c rw`;

const CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'pids'];

/** A cgroup and all above it, as a real gdn makes them: each has all controllers. */
function levelsOf(path: string): readonly CgroupLevel[] {
  const levels: CgroupLevel[] = [];
  for (let at = asByteString(path); ; at = parentOf(at)) {
    levels.push({ path: at, controllers: CONTROLLERS });
    if (at === ROOT) return levels;
  }
}

const app = (handle: string, more: Partial<RunningContainer> = {}): RunningContainer =>
  container(
    handle,
    { v2: `/garden/${handle}` },
    { levels: levelsOf(`/garden/${handle}`), startTicks: CONTAINERS_STARTED_AT, ...more },
  );

/** Two apps on a v2 cell with these lines of mountinfo. */
const cellWith = (...lines: readonly string[]): SensedCell =>
  cellOf(mountInputs(tableOf(ROOT_LINE, ...lines)), [app(H), app(J)], 'v2');

const CONTAINERS_STARTED_AT = 100;

/** A Falco that runs on the cell, by its start in clock ticks. */
const falcoStartedAt = (startTicks: number): SensorProcess =>
  sensorProcess({ comm: 'falco', startTicks });

/**
 * What a version of Falco would see of the cell.
 * @param sensor the process that runs; null: as if it started now
 */
function predictedBy(version: string, cell: SensedCell, sensor: SensorProcess | null = null) {
  const versions = toolVersions('falco', typedVersion(version));
  const [predicted] = predict(versions, cell, sensor);
  if (predicted?.prediction.kind !== 'predicted') throw new Error('nothing is predicted');
  const { prediction, why } = predicted;
  const { seen, missed, knownLimits } = prediction.counts;
  return { seen, missed, knownLimits, blind: isBlind(prediction), why };
}

const BLIND = { seen: 0, missed: 2, knownLimits: 0, blind: true };
const SEES_ALL = { seen: 2, missed: 0, knownLimits: 0, blind: false };

describe('the scan of Falco at its start, on cgroup v2', () => {
  const containerMounts = cellWith(STANDARD, OF_H, OF_J);

  it('sees no container in 0.41 where a container has the last cgroup2 mount of the cell', () => {
    expect(predictedBy('0.41', containerMounts)).to.deep.include(BLIND);
  });

  it('sees all of them from 0.42 on, which takes the first mount that has controllers', () => {
    expect(predictedBy('0.42', containerMounts)).to.deep.include(SEES_ALL);
    expect(predictedBy('0.44.1', containerMounts)).to.deep.include(SEES_ALL);
  });

  it('sees none from 0.42 on where the mount of a container comes first', () => {
    expect(predictedBy('0.42', cellWith(OF_H, STANDARD))).to.deep.include(BLIND);
    expect(predictedBy('0.41', cellWith(OF_H, STANDARD))).to.deep.include(SEES_ALL);
  });

  it('sees all in every version on a cell without container mounts', () => {
    for (const version of ['0.41', '0.42', '0.44'])
      expect(predictedBy(version, cellWith(STANDARD)), version).to.deep.include(SEES_ALL);
  });

  it('passes over a mount that a tmpfs covers, from 0.42 on', () => {
    const covered = '23 20 0:50 / /sys/fs/cgroup rw - tmpfs t rw';
    const elsewhere = '24 1 0:30 / /run/calico/cgroup rw - cgroup2 c rw';
    expect(predictedBy('0.42', cellWith(STANDARD, covered, elsewhere))).to.deep.include(SEES_ALL);
    expect(predictedBy('0.42', cellWith(STANDARD, covered))).to.deep.include(BLIND);
  });

  it('does not decide about containers that came later, as kernel events need no mount', () => {
    const before = falcoStartedAt(CONTAINERS_STARTED_AT - 50);
    const after = falcoStartedAt(CONTAINERS_STARTED_AT + 400);
    expect(predictedBy('0.41', containerMounts, before)).to.deep.include(SEES_ALL);
    expect(predictedBy('0.41', containerMounts, after)).to.deep.include(BLIND);
  });

  it('is explained by the mount that it takes', () => {
    expect(predictedBy('0.41', containerMounts).why).to.equal(
      `Falco would use ${IMAGES}/${J}/rootfs/sys/fs/cgroup, ` +
        `which shows only the cgroup /garden/${J}. ` +
        'Falco would miss 2 of 2 containers: ' +
        'the mount that its scan takes does not show their cgroups.',
    );
  });

  it('finds the cgroup itself where its controllers were not read', () => {
    const unread = [H, J].map((handle) => app(handle, { levels: null }));
    const cell = { ...containerMounts, containers: unread };
    expect(predictedBy('0.42', cell)).to.deep.include(SEES_ALL);
    expect(predictedBy('0.41', cell)).to.deep.include(BLIND);
  });

  it('needs no mount on cgroup v1, and sees the container there', () => {
    const v1 = cellOf(
      mountInputs(tableOf(ROOT_LINE, STANDARD, OF_H)),
      [container(H, { cpuset: `/garden/${H}`, v2: '/' })],
      'v1',
    );
    expect(predictedBy('0.41', v1)).to.deep.include({ seen: 1, missed: 0 });
  });
});

/** What libs resolved for each process, by a mount table and the controllers of each cgroup. */
interface Row {
  readonly libs: string;
  readonly table: string;
  readonly mounts: readonly string[];
  readonly controllers: Readonly<Record<string, string>>;
  /** `CONTROLLER=PATH`, in its order; null: it failed, and the process is unknown. */
  readonly cgroups: Readonly<Record<string, readonly string[] | null>>;
}

const rows = gunzipSync(readFileSync(recording('sensors/falco-scan.jsonl.gz')))
  .toString()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

function recordedCell({ mounts, controllers, cgroups }: Row): SensedCell {
  const containers = Object.keys(cgroups).map((path) => {
    const levels = levelsOf(path).map((level) => ({
      ...level,
      controllers: (controllers[level.path] ?? '').split(' ').filter((name) => name !== ''),
    }));
    return container(asHandle(path), { v2: path }, { levels });
  });
  return cellOf(mountInputs(tableOf(...mounts)), containers, 'v2');
}

describe("the scan of Falco's own code", () => {
  for (const [title, ofTable] of Map.groupBy(rows, ({ libs, table }) => `libs ${libs}: ${table}`))
    it(`resolves the cgroups that rollcall predicts, with ${title}`, () => {
      for (const row of ofTable) {
        const cell = recordedCell(row);
        const scan = falcoScan(
          row.libs.startsWith('0.20') ? 'last' : 'first-with-controllers',
          cell,
        );
        for (const one of cell.containers) {
          const paths = (row.cgroups[one.handle] ?? []).map((text) => text.replace(/^.*?=/, ''));
          expect(scan.pathsOf(one), one.handle).to.deep.equal(paths);
        }
      }
    });

  it('is recorded in 130 rows', () => {
    expect(rows).to.have.length(130);
  });
});
