import { expect } from 'chai';
import { recordedModes } from '../../../tools/sensors-page/cells.ts';
import { summaryTable } from '../../../tools/sensors-page/summary.ts';

const ROWS = new Map(
  summaryTable(recordedModes())
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, sensor = '', ...cells]) => [sensor, cells]),
);

const rowOf = (sensor: string): Readonly<Record<string, string | undefined>> => {
  const [v1, v2, throttled, containersMount, change] = ROWS.get(sensor) ?? [];
  return { v1, v2, throttled, containersMount, change };
};

describe('the first table about sensors', () => {
  it('says which versions of Tracee see no older container once a container mounts cgroups', () => {
    expect(rowOf('Tracee v0.19')).to.include({
      v1: 'sees all but tasks',
      containersMount: 'v1, v2: only newer ones',
      change: 'Upgrade Tracee to v0.22.3 or newer',
    });
    expect(rowOf('Tracee v0.22.3 and newer').containersMount).to.equal('no difference');
  });

  it('says where Falco gives most containers another id than their own', () => {
    const { v1, v2, throttled } = rowOf('Falco 0.42 and newer');
    expect(v1).to.equal('misnames some');
    expect(v2).to.equal('sees all');
    expect(throttled).to.equal('misnames most');
  });

  it('says to upgrade Falco 0.41, although settings help until then', () => {
    expect(rowOf('Falco 0.41').change).to.equal(
      'Upgrade Falco to 0.42 or newer, with its container plugin',
    );
  });

  it('does not say what it cannot know', () => {
    expect(rowOf('Datadog system-probe')).to.include({ v1: 'unknown', v2: 'unknown' });
    expect(rowOf('Tetragon')).to.include({
      v1: 'sees none',
      change: '[how](appendix/sensors.md#tetragon)',
    });
    expect(rowOf('KubeArmor')).to.include({ change: 'nothing known' });
  });
});
