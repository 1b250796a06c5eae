import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { judge } from '../../tools/checks/mocha-step.ts';
import type { Progress } from '../../tools/checks/run-steps.ts';
import {
  runTestFiles,
  type Limits,
  type RanTests,
  type TestRun,
} from '../../tools/checks/test-workers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { MAX_WAIT, waitFor } from '../wait-for.ts';

const LIMITS: Limits = { silentMilliseconds: MAX_WAIT, endMilliseconds: MAX_WAIT };
const STORIES = `describe('one', () => { it('story', () => {}); it('other', () => {}); });`;

/** Runs these texts as test files in a folder that they know. */
async function ranTests(
  texts: readonly (string | { readonly text: string; readonly story: string })[],
  { jobs = 1, ...options }: Partial<Pick<TestRun, 'stop' | 'limits'>> & { jobs?: number } = {},
): Promise<{ ran: RanTests; said: readonly Progress[]; folder: string }> {
  const folder = temporaryFolder();
  const files = texts.map((one, index) => {
    const { text, story } = typeof one === 'string' ? { text: one, story: null } : one;
    const file = path.join(folder, `${index}.test.ts`);
    const head = `import { skip } from '${path.join(root, 'test/skip.ts')}';
      import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      const folder = ${JSON.stringify(folder)};`;
    writeFileSync(file, `${head}\n${text}`);
    return { file, story };
  });
  const said: Progress[] = [];
  const ran = await runTestFiles({
    batches: [{ files, jobs }],
    env: {},
    stop: new AbortController().signal,
    limits: LIMITS,
    say: (progress) => said.push(progress),
    ...options,
  });
  return { ran, said, folder };
}

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/**
 * Test files, and what each of them counts: the tests that passed and failed, and the skipped ones.
 */
const COUNTED: readonly (readonly [
  file: Parameters<typeof ranTests>[0][number],
  counts: string,
])[] = [
  [
    `it('passes', () => {});
      it('fails', () => { throw new Error('as it must'); });
      describe('broken', () => {
        before(() => { throw new Error('too'); });
        it('never runs', () => {});
      });`,
    '1 2',
  ],
  [
    `describe('some', () => {
        it('passes', () => {});
        describe('deeper', () => { it('passes', () => {}); });
      });
      it('one', function () { skip(this, 'no gcc'); });
      describe('each', () => {
        beforeEach(function () { skip(this, 'not root'); });
        it('two', () => {});
      });
      describe('all', () => {
        before(function () { skip(this, 'no recordings'); });
        it('three', () => {});
        describe('below', () => { it('four', () => {}); });
      });`,
    '2 0; one: no gcc; each two: not root; all three: no recordings; all below four: no recordings',
  ],
  [`it.skip('hides', () => {});`, '0 1; hides: no reason given, which fails'],
  // No test ran.
  ['', '0 1'],
  [`import './missing.ts';`, '0 1'],
  [`it.only('alone', () => {});`, '0 1'],
  [{ text: STORIES, story: 'one (?!other)' }, '1 0'],
  [{ text: STORIES, story: 'two' }, '0 1'],
];

describe('npm test', () => {
  it('runs all files, in two processes too, prints what failed, and says how far it is', async () => {
    const texts = COUNTED.map(([file]) => file);
    const { ran: all, said } = await ranTests(texts, { jobs: 2 });
    const { files, broken, output } = all;
    for (const [index, [, counts]] of COUNTED.entries()) {
      const own = files.filter(({ file }) => path.basename(file) === `${index}.test.ts`);
      const { passed, failed, skipped } = judge({ files: own, broken, output: '' });
      const named = skipped.map(({ title, reason }) => `${title}: ${reason}`);
      expect([`${passed} ${failed}`, ...named].join('; '), `${index}`).to.equal(counts);
    }
    expect(judge({ files: [], broken, output: '' }).output).to.equal('\nno test ran');
    expect(judge(all)).to.include({ passed: 4, failed: 6 });
    expect(output)
      .to.match(/Error: as it must/)
      .and.match(/0\.test\.ts:/)
      .and.match(/missing\.ts/);
    expect(output)
      .to.match(/`\.only` forbidden/)
      .and.match(/no title matches two/);
    expect(said.map(({ total }) => total)).to.deep.equal(texts.map(() => texts.length));
    expect(said[0]).to.include({ done: 0, tests: 0 });
    expect(said[2]?.done).to.be.at.least(1);
  });
});

describe('a run of tests ends', () => {
  it('although a test left a timer and a child that never ends: it fails with a message, and the child is killed', async () => {
    const { ran, folder } = await ranTests(
      [
        `it('leaves', () => {
          setInterval(() => {}, 1000);
          const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
          writeFileSync(folder + '/pid', String(child.pid));
        });`,
      ],
      { limits: { ...LIMITS, endMilliseconds: 300 } },
    );
    expect(judge(ran)).to.include({ passed: 1, failed: 1 });
    expect(judge(ran).output).to.match(
      /still running [\d.]+ s after the last test: something is left open/,
    );
    const child = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    await waitFor('the end of the child', () => !isRunning(child));
  });

  it('although a test blocks the thread or ends the process: it is named, and the next file runs', async () => {
    const { ran } = await ranTests(
      [
        `it('exits', () => { process.exit(0); });`,
        `it('blocks', () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`,
        `it('passes', () => {});`,
      ],
      { limits: { ...LIMITS, silentMilliseconds: 4000 } },
    );
    const { output, ...counts } = judge(ran);
    expect(counts).to.include({ passed: 1, failed: 2 });
    expect(output).to.match(/0\.test\.ts: ended in "exits" \(exit code 0\)/);
    expect(output).to.match(/1\.test\.ts: silent for 4 s in "blocks"; killed/);
    expect(output).to.match(/^ *\d+ S.* test\/worker\.ts$/m);
  });

  it('when it is stopped, with what a test has started', async () => {
    const folder = temporaryFolder();
    const pidFile = path.join(folder, 'pid');
    const stop = new AbortController();
    const run = ranTests(
      [
        `it('waits', () => new Promise(() => {
            const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
            writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
          }));`,
        `it('never runs', () => {});`,
      ],
      { stop: stop.signal },
    );
    await waitFor('the child', () => existsSync(pidFile));
    stop.abort();
    expect((await run).ran.files).to.deep.equal([]);
    const child = Number(readFileSync(pidFile, 'utf8'));
    await waitFor('the end of the child', () => !isRunning(child));
  });
});
