import { expect } from 'chai';
import { summary, type TimedResult } from '../../tools/checks/run-steps.ts';

describe('the end of a run', () => {
  const step = (name: string, seconds: number, rest: Partial<TimedResult> = {}): TimedResult => ({
    name,
    milliseconds: seconds * 1000,
    passed: 1,
    failed: 0,
    skipped: [],
    detail: '',
    output: '',
    ...rest,
  });

  it('names each reason of a skip once, with a few of its tests', () => {
    const skipped = ['a', 'b', 'c', 'd'].map((title) => ({ title, reason: 'no gcc' }));
    const other = { title: 'e', reason: 'not root' };
    const { lines, isPassed } = summary([step('tests', 1, { skipped: [...skipped, other] })]);
    expect(lines).to.deep.equal([
      'skipped 4, no gcc: a; b; c; 1 more',
      'skipped 1, not root: e',
      '1 passed, 0 failed, 5 skipped',
    ]);
    expect(isPassed).to.equal(true);
  });

  it('says where the time went: the steps, and the five files that took most of it, and of the CPU time', () => {
    const files = [1, 9, 3, 7, 5, 2].map((seconds) => ({
      file: `${seconds}.test.ts`,
      milliseconds: seconds * 1000,
      cpuMilliseconds: (10 - seconds) * 1000,
    }));
    const { lines } = summary([step('lint', 4), step('tests', 27, { files })]);
    expect(lines).to.deep.equal([
      'time: tests 27 s, lint 4 s',
      'slowest files: 9.test.ts 9 s, 7.test.ts 7 s, 5.test.ts 5 s, 3.test.ts 3 s, 2.test.ts 2 s',
      'most CPU time: 1.test.ts 9 s, 2.test.ts 8 s, 3.test.ts 7 s, 5.test.ts 5 s, 7.test.ts 3 s',
      '2 passed, 0 failed, 0 skipped',
    ]);
  });
});
