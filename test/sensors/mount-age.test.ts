import { expect } from 'chai';
import { predict } from '../../src/sensors/predict.ts';
import { toolVersions } from '../../src/sensors/sensor-reports.ts';
import { mountText } from '../../src/sensors/sentences.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { cellOf, container, mountInputs, sensorProcess } from './sensed-cells.ts';

const OLDER = '8a37cb6f-385b-4dd3-732c-34d6';
const YOUNGER = 'deadbeef-0001-4002-8003-abcd';
const HOST = '21 1 0:21 / /sys/fs/cgroup/cpuset rw shared:1 - cgroup c rw,cpuset';
const imageOf = (handle: string): string => `/images/${handle}/rootfs/sys/fs/cgroup/cpuset`;
const mountOf = (handle: string, at = imageOf(handle)): string =>
  `30 1 0:21 /garden/${handle} ${at} rw shared:1 - cgroup c rw,cpuset`;

/**
 * What Tracee v0.19, which takes the last mount, does on a cell with these mounts; it started
 * between two apps.
 */
function traceeOn(...lines: readonly string[]) {
  const cell = cellOf(mountInputs(tableOf(HOST, ...lines)), [
    container(OLDER, { cpuset: `/garden/${OLDER}` }, { startTicks: 100 }),
    container(YOUNGER, { cpuset: `/garden/${YOUNGER}` }, { startTicks: 900 }),
  ]);
  const tracee = sensorProcess({ startTicks: 500 });
  const [predicted] = predict(toolVersions('tracee', typedVersion('0.19')), cell, tracee);
  if (predicted?.prediction.kind !== 'predicted') throw new Error('nothing is predicted');
  const { prediction, why } = predicted;
  return { mount: mountText(prediction.taken), seen: prediction.counts.seen, why };
}

describe('the mount that a running sensor took when it started', () => {
  it('is never that of a younger container', () => {
    const { mount, seen, why } = traceeOn(mountOf(YOUNGER));
    expect(mount).to.equal('/sys/fs/cgroup/cpuset');
    expect(seen).to.equal(2);
    expect(why).not.to.contain('/images/');
  });

  it('can be that of an older container, whatever came later', () => {
    const { mount, seen } = traceeOn(mountOf(OLDER), mountOf(YOUNGER));
    expect(mount).to.equal(imageOf(OLDER));
    expect(seen).to.equal(1);
  });

  it('is not named if nothing shows how old it is', () => {
    const { mount, seen, why } = traceeOn(mountOf(OLDER, '/mnt/sys/fs/cgroup/cpuset'));
    expect(mount).to.equal(null);
    expect(seen).to.equal(1);
    expect(why).to.contain('would use a mount that may be younger than its process');
    expect(why).not.to.contain('/mnt');
  });
});
