import { expect } from 'chai';
import { terminalWidth, wantsColor, type Io } from '../../src/terminal/io.ts';

describe('the width of a terminal', () => {
  it('is the first value that is wide enough; a terminal without a size reports 0', () => {
    expect(terminalWidth(132, 40)).to.equal(132);
    expect(terminalWidth(0, 40)).to.equal(40);
    expect(terminalWidth(undefined, Number.NaN)).to.equal(80);
    expect(terminalWidth(-5, 1)).to.equal(80);
    expect(terminalWidth()).to.equal(80);
  });
});

describe('colours', () => {
  const io = (isTty: boolean, env: Io['env']): Io => ({
    stdout: () => undefined,
    stderr: () => undefined,
    isTty,
    columns: 80,
    env,
  });
  it('are for a terminal, unless an option or NO_COLOR says otherwise, and not for a dumb one', () => {
    for (const [isTty, env, choices] of [
      [false, {}, [false, true, false]],
      [true, { TERM: 'xterm' }, [true, true, false]],
      [true, { NO_COLOR: '' }, [true, true, false]],
      [true, { NO_COLOR: '1' }, [false, true, false]],
      [true, { TERM: 'dumb' }, [false, true, false]],
    ] as const) {
      const wanted = (['auto', 'always', 'never'] as const).map((one) =>
        wantsColor(one, io(isTty, env)),
      );
      expect(wanted, JSON.stringify(env)).to.deep.equal(choices);
    }
  });
});
