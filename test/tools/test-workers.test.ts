import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { judge } from '../../tools/checks/mocha-step.ts';
import type { Progress, StepResult } from '../../tools/checks/run-steps.ts';
import {
  parseWorkerMessage,
  runTestFiles,
  type Limits,
  type TestRun,
} from '../../tools/checks/test-workers.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { MAX_WAIT, waitFor } from '../wait-for.ts';

const LIMITS: Limits = { silentMilliseconds: MAX_WAIT, endMilliseconds: MAX_WAIT };
const PASSES = `it('passes', () => {});`;

interface Ran extends StepResult {
  readonly said: readonly Progress[];
  readonly folder: string;
}

interface Options extends Partial<Pick<TestRun, 'stop' | 'limits'>> {
  readonly jobs?: number;
  readonly story?: string | null;
}

/** Runs these texts as test files of one step, then asks. */
function ranTests(
  texts: readonly string[],
  use: (ran: Ran) => void | Promise<void>,
  { jobs = 1, story = null, ...options }: Options = {},
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const files = texts.map((text, index) => {
      const file = path.join(folder, `${index}.test.ts`);
      const imports = `import { skip } from '${path.join(root, 'test/skip.ts')}';\nimport { spawn } from 'node:child_process';\nimport { writeFileSync } from 'node:fs';\n`;
      writeFileSync(file, `${imports}const folder = ${JSON.stringify(folder)};\n${text}`);
      return { file, story };
    });
    const said: Progress[] = [];
    const ran = await runTestFiles({
      batches: [{ files, jobs }],
      stop: new AbortController().signal,
      limits: LIMITS,
      say: (progress) => said.push(progress),
      ...options,
    });
    await use({ ...judge(ran), said, folder });
  });
}

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('what npm test counts', () => {
  it('a test that passed, one that failed, a hook that failed', () =>
    ranTests(
      [
        `
      it('passes', () => {});
      it('fails', () => { throw new Error('as it must'); });
      describe('broken', () => { before(() => { throw new Error('too'); }); it('never runs', () => {}); });`,
      ],
      ({ passed, failed, skipped, ran, output }) => {
        expect({ passed, failed, skipped }).to.deep.equal({ passed: 1, failed: 2, skipped: [] });
        expect(ran).to.deep.equal(['  1 passed: passes']);
        expect(output).to.contain('Error: as it must').and.to.contain('0.test.ts:');
      },
    ));

  it('a skipped test with its reason, said in the test, before each or before all', () =>
    ranTests(
      [
        `
      describe('some', () => { it('passes', () => {}); describe('deeper', () => { it('passes', () => {}); }); });
      it('one', function () { skip(this, 'no gcc'); });
      describe('each', () => { beforeEach(function () { skip(this, 'not root'); }); it('two', () => {}); });
      describe('all', () => {
        before(function () { skip(this, 'no recordings'); });
        it('three', () => {});
        describe('below', () => { it('four', () => {}); });
      });`,
      ],
      ({ passed, failed, skipped, ran, output }) => {
        expect({ passed, failed, output }).to.deep.equal({ passed: 2, failed: 0, output: '' });
        expect(ran).to.deep.equal(['  2 passed: some']);
        expect(skipped).to.deep.equal([
          { title: 'one', reason: 'no gcc' },
          { title: 'each two', reason: 'not root' },
          { title: 'all three', reason: 'no recordings' },
          { title: 'all below four', reason: 'no recordings' },
        ]);
      },
    ));

  it('a skipped test without a reason as failed, and a run without a test', async () => {
    await ranTests([`it.skip('hides', () => {});`], ({ failed, skipped }) => {
      expect(failed).to.equal(1);
      expect(skipped).to.deep.equal([{ title: 'hides', reason: 'no reason given, which fails' }]);
    });
    await ranTests([''], ({ failed, output }) => {
      expect(failed).to.equal(1);
      expect(output).to.contain('no test ran');
    });
  });

  it('a file that cannot be loaded, and a test.only that hides others, as failed', () =>
    ranTests(
      [`import './missing.ts';`, `it.only('alone', () => {});`, PASSES],
      ({ passed, failed, output }) => {
        expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 2 });
        expect(output).to.contain('missing.ts').and.to.contain('`.only` forbidden');
      },
    ));

  it('only the tests of a story, which must exist', async () => {
    const tests = `describe('one', () => { it('story', () => {}); it('other', () => {}); });`;
    await ranTests([tests], ({ ran }) => void expect(ran).to.deep.equal(['  1 passed: one']), {
      story: 'one story',
    });
    await ranTests(
      [tests],
      ({ passed, failed, output }) => {
        expect({ passed, failed }).to.deep.equal({ passed: 0, failed: 1 });
        expect(output).to.contain('no title contains "two"');
      },
      { story: 'two' },
    );
  });

  it('the tests of all files, in two processes too, and says how far it is', () =>
    ranTests(
      [PASSES, PASSES, PASSES],
      ({ passed, failed, files, said }) => {
        expect({ passed, failed }).to.deep.equal({ passed: 3, failed: 0 });
        expect(files?.map(({ file }) => path.basename(file))).to.have.members([
          '0.test.ts',
          '1.test.ts',
          '2.test.ts',
        ]);
        expect(said.map(({ total }) => total)).to.deep.equal([3, 3, 3]);
        expect(said[0]).to.include({ done: 0, tests: 0 });
        expect(said[2]?.done).to.be.at.least(1);
      },
      { jobs: 2 },
    ));

  it('refuses an outcome that is cut short', () => {
    const outcome = { passed: 1, failed: 0, skipped: [] };
    expect(() => parseWorkerMessage({ kind: 'ended', outcome })).to.throw(/suites/);
    expect(() => parseWorkerMessage({ kind: 'over' })).to.throw(/kind|over/i);
  });
});

describe('a run of tests ends', () => {
  it('although a test left a timer and a child that never ends: it fails with a message, and the child is killed', () =>
    ranTests(
      [
        `it('leaves', () => {
          setInterval(() => {}, 1000);
          const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
          writeFileSync(folder + '/pid', String(child.pid));
        });`,
      ],
      async ({ passed, failed, output, folder }) => {
        expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 });
        expect(output).to.match(
          /still running [\d.]+ s after the last test: something is left open/,
        );
        const child = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
        await waitFor('the end of the child', () => !isRunning(child));
      },
      { limits: { ...LIMITS, endMilliseconds: 300 } },
    ));

  it('although a test blocks the thread: it is named, and the next file runs', () =>
    ranTests(
      [`it('spins', () => { for (;;); });`, PASSES],
      ({ passed, failed, output }) => {
        expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 });
        expect(output).to.match(/0\.test\.ts: silent for 4 s in "spins"; killed/);
        expect(output).to.match(/^ *\d+ R.* test\/worker\.ts$/m);
      },
      { limits: { ...LIMITS, silentMilliseconds: 4000 } },
    ));

  it('although a test ends the process: it is named, and the next file runs', () =>
    ranTests([`it('exits', () => { process.exit(0); });`, PASSES], ({ passed, failed, output }) => {
      expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 });
      expect(output).to.match(/0\.test\.ts: ended in "exits" \(exit code 0\)/);
    }));

  it('when it is stopped, with what a test has started', () =>
    inTemporaryFolder(async (folder) => {
      const pidFile = path.join(folder, 'pid');
      const stop = new AbortController();
      const run = ranTests(
        [
          `it('waits', () => new Promise(() => {
            const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
            writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
          }));`,
          PASSES,
        ],
        ({ files }) => {
          expect(files).to.deep.equal([]);
        },
        { stop: stop.signal },
      );
      await waitFor('the child', () => existsSync(pidFile));
      stop.abort();
      await run;
      const child = Number(readFileSync(pidFile, 'utf8'));
      await waitFor('the end of the child', () => !isRunning(child));
    }));
});
