import { expect } from 'chai';
import { isPeaBelow, ownerOfPea } from '../../src/reconcile/observe/cgroup-names.ts';

describe('the owner of a pea', () => {
  it('is the longest name that is known', () => {
    const name = 'H-envoy-liveness-healthcheck-0';
    expect(ownerOfPea(name, (owner) => owner === 'H')).to.equal('H');
    expect(ownerOfPea(name, () => true)).to.equal('H-envoy');
    expect(ownerOfPea('H-envoy-x', () => true)).to.equal(null);
    expect(isPeaBelow('H-envoy', 'H')).to.equal(true);
    expect(isPeaBelow(name, 'H-envoy')).to.equal(true);
    expect(isPeaBelow(name, 'H')).to.equal(true);
    for (const [other, container] of [
      ['H-x-envoy', 'H'],
      ['Hx-envoy', 'H'],
      ['H', 'H'],
      ['-envoy', ''],
    ] as const)
      expect(isPeaBelow(other, container), other).to.equal(false);
  });
});
