import { expect } from 'chai';
import { driverInRunId, driverOf, isAlive, makeRunId } from '../../src/demo-cell/run-id.ts';
import { guidOf, healthCheckHandle, instanceHandle } from '../../src/demo-cell/handles.ts';
import { recipeOf } from '../../src/demo-cell/container-spec.ts';
import { KnownFailure } from '../../src/model/failure.ts';

describe('the id of a run', function () {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('names the process that drives it, whatever label comes before', () => {
    for (const label of [null, 'bench', 'with-12-34-5', '../etc passwd']) {
      const runId = makeRunId(label);
      expect(driverInRunId(runId), runId).to.deep.equal(driverOf(process.pid));
      expect(runId).to.match(/^[\w.-]+$/);
    }
  });

  it('is another one for every cell of a process', () => {
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

describe("what a cell's containers are called", function () {
  it('handles have the forms that Diego gives them', () => {
    expect(instanceHandle('a')).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){4}$/);
    expect(guidOf('a')).to.match(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[4-7][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(healthCheckHandle('a')).to.equal(`check-${guidOf('a')}`);
  });

  it('properties tell who owns a container and which app it is', () => {
    const app = recipeOf({ handle: 'h', kind: 'app', app: { name: 'billing', index: 2 } });
    expect(app.properties).to.include({
      'executor:owner': 'executor',
      'network.container_workload': 'app',
    });
    expect(JSON.parse(app.properties['log_config'] ?? '')).to.deep.include({ index: 2 });
    expect(recipeOf({ handle: 'h', kind: 'health-check' })).to.deep.include({ processes: 0 });
    expect(recipeOf({ handle: 'h', kind: 'other' }).properties).not.to.have.property(
      'executor:owner',
    );
  });

  it('a name that cannot be one component of a cgroup path is refused', () => {
    for (const handle of ['', '.', '..', 'a/b', 'a\0b', 'a\nb', 'ü'.repeat(101)]) {
      expect(() => recipeOf({ handle, kind: 'app' }), handle).to.throw(KnownFailure);
    }
  });
});
