import { expect } from 'chai';
import { isBlind, predict } from '../../src/sensors/predict.ts';
import type { RunningContainer } from '../../src/sensors/sensed-cell.ts';
import { toolVersions } from '../../src/sensors/sensor-reports.ts';
import { tableOf } from '../mounts/mount-lines.ts';
import { cellOf, container, mountInputs, sensorProcess } from './sensed-cells.ts';

const H = '8a37cb6f-385b-4dd3-732c-34d6';

const app = (more: Partial<RunningContainer> = {}): RunningContainer =>
  container(H, { memory: `/garden/${H}` }, more);

/**
 * What the Datadog agent would see of one container, and why; `isRunning`: it is a process of the
 * cell.
 */
function seenByDatadog(one: RunningContainer, { isRunning = false } = {}) {
  const cell = cellOf(mountInputs(tableOf('1 0 8:1 / / rw - ext4 d rw')), [one]);
  const sensor = isRunning ? sensorProcess({ comm: 'agent' }) : null;
  const [predicted] = predict(toolVersions('datadog', null), cell, sensor);
  if (predicted?.prediction.kind !== 'predicted') throw new Error('nothing is predicted');
  const sight = predicted.prediction.sights.get(one.handle);
  return { ...sight, blind: isBlind(predicted.prediction), sentence: predicted.why };
}

describe('the Datadog agent, which asks Garden for its list with garden.state=created', () => {
  it('sees a container that Garden calls created', () => {
    expect(seenByDatadog(app({ isCreated: true }))).to.include({ kind: 'seen', id: H });
  });

  it('misses one that Garden lists but no longer calls created, such as a half-destroyed one', () => {
    const seen = seenByDatadog(app({ isCreated: false }));
    expect(seen).to.include({ kind: 'missed', isKnownLimit: true });
    expect(seen.sentence).to.contain(
      'their state in Garden is not created, and it asks only for created containers',
    );
  });

  it('misses one that Garden does not list', () => {
    expect(seenByDatadog(app({ isListed: false, isCreated: false }))).to.include({
      kind: 'missed',
      why: "Garden's list lacks them",
    });
  });

  it('may see one if Garden did not say whether the container is created', () => {
    const seen = seenByDatadog(app({ isCreated: null }));
    expect(seen).to.include({ kind: 'unknown', blind: null });
    expect(seen.sentence).to.equal(
      'Unknown for 1 of 1 container: Garden did not give their state.',
    );
  });

  it('may see a created one where it runs: its configuration decides whether it asks Garden', () => {
    const created = seenByDatadog(app({ isCreated: true }), { isRunning: true });
    expect(created).to.include({ kind: 'unknown', blind: null });
    expect(created.sentence).to.contain('cloud_foundry');
  });

  it('misses one that is not created where it runs, whatever its configuration', () => {
    const notCreated = seenByDatadog(app({ isCreated: false }), { isRunning: true });
    expect(notCreated).to.include({ kind: 'missed', blind: true });
  });
});
