import { expect } from 'chai';
import { isSelected } from '../../../src/cf-plugin/foundation/order.ts';

describe('a cell that is asked for', () => {
  it('is found by the beginning of its index, and by that of its group only with a slash', () => {
    const place = { deployment: 'cf', instanceGroup: 'diego_cell', index: '0aaa', ip: '10.0.4.1' };
    const isFound = (cell: string): boolean =>
      isSelected(place, { cell, deployment: null, untrackedOnly: false });
    for (const cell of ['0', '0aaa', '10.0.4.1', 'diego_cell/', 'diego_cell/0a', 'diego_cell/0aaa'])
      expect(isFound(cell), cell).to.equal(true);
    for (const cell of ['d', 'diego_cell', '10.0.4', 'cell/0aaa', 'diego_cell/1', 'aaa'])
      expect(isFound(cell), cell).to.equal(false);
  });
});
