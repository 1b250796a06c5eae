import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../tools/bootstrap/place.mjs';
import { parseTestOutcome, type TestOutcome } from '../../tools/checks/test-outcome.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

describe('what npm test counts', () => {
  it('a test that passed, one that failed, a hook that failed', async () => {
    const { output, suites, ...outcome } = await outcomeOf(`
      it('passes', () => {});
      it('fails', () => { throw new Error('as it must'); });
      describe('broken', () => { before(() => { throw new Error('too'); }); it('never runs', () => {}); });`);
    expect(outcome).to.deep.equal({ passed: 1, failed: 2, skipped: [] });
    expect(suites).to.deep.equal([{ title: 'passes', passed: 1 }]);
    expect(output).to.contain('Error: as it must').and.to.contain('sample.test.ts:4');
  });

  it('a skipped test with its reason, said in the test, before each or before all', async () => {
    const { output, suites, ...outcome } = await outcomeOf(`
      describe('some', () => { it('passes', () => {}); describe('deeper', () => { it('passes', () => {}); }); });
      it('one', function () { skip(this, 'no gcc'); });
      describe('each', () => { beforeEach(function () { skip(this, 'not root'); }); it('two', () => {}); });
      describe('all', () => {
        before(function () { skip(this, 'no recordings'); });
        it('three', () => {});
        describe('below', () => { it('four', () => {}); });
      });
`);
    expect(suites).to.deep.equal([{ title: 'some', passed: 2 }]);
    expect(output.trim()).to.equal('');
    expect(outcome).to.deep.equal({
      passed: 2,
      failed: 0,
      skipped: [
        { title: 'one', reason: 'no gcc' },
        { title: 'each two', reason: 'not root' },
        { title: 'all three', reason: 'no recordings' },
        { title: 'all below four', reason: 'no recordings' },
      ],
    });
  });

  it('a skipped test without a reason as failed', async () => {
    const { failed, skipped } = await outcomeOf(`it.skip('hides', () => {});`);
    expect(failed).to.equal(1);
    expect(skipped).to.deep.equal([{ title: 'hides', reason: 'no reason given, which fails' }]);
  });

  it('refuses an outcome that is cut short', () => {
    expect(() => parseTestOutcome('{"passed":1')).to.throw(SyntaxError);
    expect(() => parseTestOutcome('{"passed":1,"failed":0}')).to.throw(/skipped/);
    expect(() => parseTestOutcome('{"passed":1,"failed":0,"skipped":[]}')).to.throw(/suites/);
  });
});

function outcomeOf(tests: string): Promise<TestOutcome & { readonly output: string }> {
  return inTemporaryFolder(async (folder) => {
    const file = path.join(folder, 'sample.test.ts');
    const outcome = path.join(folder, 'outcome.json');
    writeFileSync(file, `import { skip } from '${path.join(root, 'test/skip.ts')}';\n${tests}`);
    const mocha = 'node_modules/mocha/bin/mocha.js';
    const reporter = ['--reporter', 'test/reporter.ts', '--reporter-option', `outcome=${outcome}`];
    const run = await execa(process.execPath, [mocha, ...reporter, file], {
      cwd: root,
      reject: false,
      all: true,
    });
    return { ...parseTestOutcome(readFileSync(outcome, 'utf8')), output: run.all };
  });
}
