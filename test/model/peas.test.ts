import { expect } from 'chai';
import { isPeaOf, ownerOfPea } from '../../src/model/peas.ts';

describe('the owner of a pea', () => {
  it('is the longest name that is known', () => {
    const name = 'H-envoy-liveness-healthcheck-0';
    expect(ownerOfPea(name, (owner) => owner === 'H')).to.equal('H');
    expect(ownerOfPea(name, () => true)).to.equal('H-envoy');
    expect(ownerOfPea('H-envoy-x', () => true)).to.equal(null);
    expect(isPeaOf('H-envoy', 'H')).to.equal(true);
    expect(isPeaOf(name, 'H-envoy')).to.equal(true);
    expect(isPeaOf(name, 'H')).to.equal(true);
    for (const [other, container] of [
      ['H-x-envoy', 'H'],
      ['Hx-envoy', 'H'],
      ['H', 'H'],
      ['-envoy', ''],
    ] as const)
      expect(isPeaOf(other, container), other).to.equal(false);
  });
});
