import { expect } from 'chai';
import { driverInRunId, driverOf, isAlive, makeRunId } from '../../../src/demo-cell/cell/runs.ts';
import { skip } from '../../skip.ts';

describe('the id of a run', function () {
  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux');
  });

  it('names the process that drives it, whatever label comes before', () => {
    for (const label of [null, 'bench', 'with-12-34-5', '../etc passwd']) {
      const runId = makeRunId(label);
      expect(driverInRunId(runId), runId).to.deep.equal(driverOf(process.pid));
      expect(runId).to.match(/^[\w.-]+$/);
    }
  });

  it('is different for every cell of a process', () => {
    expect(makeRunId(null)).not.to.equal(makeRunId(null));
  });

  it('tells a process from a later one with the same pid', () => {
    const own = driverOf(process.pid) ?? { pid: 0, startTicks: 0 };
    expect(isAlive(own)).to.equal(true);
    expect(isAlive({ ...own, startTicks: own.startTicks - 1 })).to.equal(false);
  });

  it('is none of ours without a driver in it', () => {
    expect(driverInRunId('somebody-elses')).to.equal(null);
    expect(driverInRunId('12-34')).to.equal(null);
  });
});
