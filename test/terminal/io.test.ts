import { expect } from 'chai';
import { terminalWidth } from '../../src/terminal/io.ts';

describe('the width of a terminal', () => {
  it('is the first value that is wide enough; a terminal without a size reports 0', () => {
    expect(terminalWidth(132, 40)).to.equal(132);
    expect(terminalWidth(0, 40)).to.equal(40);
    expect(terminalWidth(undefined, Number.NaN)).to.equal(80);
    expect(terminalWidth(-5, 1)).to.equal(80);
    expect(terminalWidth()).to.equal(80);
  });
});
