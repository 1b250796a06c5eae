import { expect } from 'chai';
import {
  guidOf,
  healthCheckHandle,
  instanceHandle,
  recordOf,
} from '../../../../tools/demo-cell/cgroups/container-spec.ts';
import { KnownFailure } from '../../../../src/model/failure.ts';

describe('A container of a cell in a box', function () {
  it('has a handle of the form that Diego gives', () => {
    expect(instanceHandle('a')).to.match(/^[0-9a-f]{8}(-[0-9a-f]{4}){4}$/);
    expect(guidOf('a')).to.match(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[4-7][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(healthCheckHandle('a')).to.equal(`check-${guidOf('a')}`);
  });

  it('has properties that say who owns it and which app it is', () => {
    const app = recordOf({ handle: 'h', kind: 'app', app: { name: 'billing', index: 2 } });
    expect(app.properties).to.include({
      'executor:owner': 'executor',
      'network.container_workload': 'app',
    });
    expect(JSON.parse(app.properties['log_config'] ?? '')).to.deep.include({ index: 2 });
    expect(recordOf({ handle: 'h', kind: 'health-check' })).to.deep.include({ processes: 0 });
    expect(recordOf({ handle: 'h', kind: 'other' }).properties).not.to.have.property(
      'executor:owner',
    );
  });

  it('is refused with a name that cannot be one component of a cgroup path', () => {
    for (const handle of ['', '.', '..', 'a/b', 'a\0b', 'a\nb', 'ü'.repeat(101)]) {
      expect(() => recordOf({ handle, kind: 'app' }), handle).to.throw(KnownFailure);
    }
  });
});
