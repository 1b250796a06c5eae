import { expect } from 'chai';
import { isScreen, terminalWidth, wantsColor, type Io } from '../../src/terminal/io.ts';

describe('the width of a terminal', () => {
  it('is the first value that is wide enough; a terminal without a size reports 0', () => {
    expect(terminalWidth(132, 40)).to.equal(132);
    expect(terminalWidth(0, 40)).to.equal(40);
    expect(terminalWidth(undefined, Number.NaN)).to.equal(80);
    expect(terminalWidth(-5, 1)).to.equal(80);
    expect(terminalWidth()).to.equal(80);
  });
});

describe('a terminal', () => {
  it('gets no colours and no screen if it is dumb', () => {
    const on = (TERM: string | undefined): Io => ({
      stdout: () => undefined,
      stderr: () => undefined,
      isTty: true,
      columns: 80,
      env: { TERM },
    });
    expect([isScreen(on('xterm')), wantsColor('auto', on('xterm'))]).to.deep.equal([true, true]);
    expect([isScreen(on('dumb')), wantsColor('auto', on('dumb'))]).to.deep.equal([false, false]);
    expect(wantsColor('always', on('dumb'))).to.equal(true);
  });
});
