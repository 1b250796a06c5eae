import { expect } from 'chai';
import { ProgressLine, summary, type TimedResult } from '../../tools/checks/run-steps.ts';

/** What a step writes, on a clock that stands still until it is set. */
function writing(isTty: boolean) {
  const written: string[] = [];
  const clock = { now: 0 };
  const write = (text: string): void => void written.push(text);
  const line = new ProgressLine('tests', { isTty, write, now: () => clock.now });
  return { written, clock, line };
}

const at = (file: string, done: number) => ({ file, done, total: 9, tests: done * 10 });

describe('the progress of a step', () => {
  it('is one line on a terminal, written anew and at last removed', () => {
    const { written, clock, line } = writing(true);
    line.show(at('test/parse/octal.test.ts', 1));
    clock.now = 2000;
    line.tick();
    line.end();
    expect(written).to.deep.equal([
      '\r\u001b[K     tests …',
      '\r\u001b[K     tests: 1/9 files, 10 tests, 0 s: test/parse',
      '\r\u001b[K     tests: 1/9 files, 10 tests, 2 s: test/parse',
      '\r\u001b[K',
    ]);
  });

  it('is a line for each folder elsewhere', () => {
    const { written, line } = writing(false);
    line.show(at('test/cf-plugin/cf/gob.test.ts', 0));
    line.show(at('test/cf-plugin/host.test.ts', 1));
    line.show(at('test/parse/octal.test.ts', 2));
    line.end();
    expect(written).to.deep.equal([
      '     tests: 0/9 files, 0 tests, 0 s: test/cf-plugin\n',
      '     tests: 2/9 files, 20 tests, 0 s: test/parse\n',
    ]);
  });

  it('and a line for each ten seconds in which nothing else is written', () => {
    const { written, clock, line } = writing(false);
    for (clock.now = 0; clock.now <= 25_000; clock.now += 1000) line.tick();
    expect(written).to.deep.equal(['     tests: 10 s\n', '     tests: 20 s\n']);
  });
});

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

  it('says where the time went: the steps, and the five slowest files', () => {
    const files = [1, 9, 3, 7, 5, 2].map((seconds) => ({
      file: `${seconds}.test.ts`,
      milliseconds: seconds * 1000,
    }));
    const { lines } = summary([step('lint', 4), step('tests', 27, { files })]);
    expect(lines).to.deep.equal([
      'time: tests 27 s, lint 4 s',
      'slowest files: 9.test.ts 9 s, 7.test.ts 7 s, 5.test.ts 5 s, 3.test.ts 3 s, 2.test.ts 2 s',
      '2 passed, 0 failed, 0 skipped',
    ]);
  });
});
