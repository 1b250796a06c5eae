import { expect } from 'chai';
import { resultOf } from '../../../tools/vm/step.ts';
import { root } from '../../../tools/bootstrap/place.mjs';
import { testFiles } from '../../../tools/vm/arguments.ts';
import { credentials, guestLine } from '../../../tools/vm/guest.ts';

describe('npm run tool -- vm', () => {
  it('takes test files and globs', () => {
    const page = 'test/live/page.test.ts';
    expect(testFiles([], root)).to.include(page);
    expect(testFiles([page, 'test/live/pa*.test.ts'], root)).to.deep.equal([page]);
    for (const wrong of [['v2'], ['--v2'], [page, '--grep=x.ts']]) {
      expect(() => testFiles(wrong, root)).to.throw(/is not a test file/);
    }
    expect(() => testFiles([page, 'test/live/paeg.test.ts'], root)).to.throw(
      'no test file matches test/live/paeg.test.ts',
    );
  });

  it('reads what the machine says about itself', () => {
    expect(guestLine('@vm up')).to.deep.equal({ word: 'up', number: 0 });
    expect(guestLine('@vm exit 1')).to.deep.equal({ word: 'exit', number: 1 });
    expect(guestLine('@vm clock 12')).to.deep.equal({ word: 'clock', number: 12 });
    for (const text of ['', 'ok   live tests', '@vm exit x', '@vm clock ', ' @vm up'])
      expect(guestLine(text), text).to.equal(null);
  });

  it('quotes tests for the shell of the machine', () => {
    const { 'rollcall.script': script } = credentials([`a 'b'.test.ts`]);
    expect(script).to.contain(`'a '\\''b'\\''.test.ts'`);
  });

  it('takes its result in npm test from the last line of the tests', () => {
    const all = ['ok   a', '4 passed, 0 failed, 2 skipped', 'Powering off.'];
    expect(resultOf(all, 0)).to.include({ passed: 4, failed: 0, detail: all[1] });
    const some = ['3 passed, 1 failed, 0 skipped'];
    expect(resultOf(some, 1)).to.include({ passed: 3, failed: 1 });
    expect(resultOf(all, 1)).to.include({ passed: 4, failed: 1 });
    expect(resultOf([], 2)).to.include({ passed: 0, failed: 1 });
  });
});
