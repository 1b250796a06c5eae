import { expect } from 'chai';
import { isBlind, predict } from '../../src/sensors/predict.ts';
import { runningSensors } from '../../src/sensors/presence.ts';
import { sensorReport, toolVersions } from '../../src/sensors/sensor-reports.ts';
import type { ToolVersions } from '../../src/sensors/tools.ts';
import type { SensorName } from '../../src/model/sensor.ts';
import { typedVersion } from '../../src/sensors/versions.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { cellOf, container, mountInputs, sensorProcess } from './sensed-cells.ts';

const CELL = cellOf(mountInputs(tableOf('1 0 8:1 / / rw - ext4 d rw')), [
  container('8a37cb6f-385b-4dd3-732c-34d6', { cpuset: '/garden/8a37cb6f-385b-4dd3-732c-34d6' }),
]);

function rulesOf(name: SensorName, version: string): ToolVersions {
  const [versions] = toolVersions(name, typedVersion(version));
  if (versions === undefined) throw new Error(`no rule of ${name} ${version}`);
  return versions;
}

function reportOf(comm: string) {
  const [sensor] = runningSensors([sensorProcess({ comm, command: `/opt/${comm}/${comm}` })]);
  if (sensor === undefined) throw new Error(`${comm} is not recognised`);
  return sensorReport(sensor, CELL, null);
}

describe('KubeArmor', () => {
  it('sees no container of Garden, because it asks containerd in two other namespaces', () => {
    const [predicted] = predict([rulesOf('kubearmor', '1.7')], CELL, null);
    expect(predicted?.why).to.equal(
      'KubeArmor would miss 1 of 1 container: ' +
        'it asks containerd in the namespaces k8s.io and moby, not garden (a known limit).',
    );
    expect(predicted && isBlind(predicted.prediction)).to.equal(true);
  });

  it('is blind where it runs, as no flag changes the namespaces', () => {
    expect(reportOf('kubearmor')).to.include({ name: 'kubearmor', blind: true });
  });
});

describe('osquery', () => {
  it('is unknown, as its queries decide whether they read the path that holds the handle', () => {
    const { blind, why } = reportOf('osqueryd');
    expect(blind).to.equal(null);
    expect(why).to.contain('cgroup_path');
  });

  it('has that path since 5.5.1', () => {
    expect(toolVersions('osquery', typedVersion('5.5.0'))).to.deep.equal([]);
    expect(toolVersions('osquery', typedVersion('5.5.1'))).to.have.length(1);
  });
});

describe('the rules of Tracee', () => {
  it('say that no policy can name a container of which two cgroups carry the id', () => {
    expect(rulesOf('tracee', '0.24').limits.join('\n')).to.contain('container id is ambiguous');
  });
});
