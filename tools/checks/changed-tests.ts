import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';
import { isTest, reachedFiles, type Checkout } from './reached-files.ts';

/** Names of the branch that a change will be merged into; the first that exists counts. */
const BASES = ['@{upstream}', 'origin/HEAD', 'origin/main', 'main'];
/** The process that runs every test file. */
const WORKER = 'test/worker.ts';
/** The versions of all packages. */
const LOCKFILE = 'package-lock.json';

interface ChangedTests {
  /** Paths of test files; null: all. */
  readonly files: ReadonlySet<string> | null;
  /** What was compared, in one line. */
  readonly why: string;
}

/** The test files that the changes since the merge base can reach, committed or not. */
export async function changedTests(): Promise<ChangedTests> {
  const base = await mergeBase();
  if (base === null) return { files: null, why: 'all tests, because git finds no merge base' };
  const fresh = await gitFiles('ls-files', '--others', '--exclude-standard');
  const changed = [...(await gitFiles('diff', '--name-only', '--no-renames', base)), ...fresh];
  const files = [...(await gitFiles('ls-files')), ...fresh].filter((file) =>
    existsSync(path.join(root, file)),
  );
  const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
  const chosen = testsFor(changed, { files, textOf });
  return {
    ...chosen,
    why: `${changed.length} files changed since ${base.slice(0, 8)}: ${chosen.why}`,
  };
}

/** All tests where it is not sure that a change reaches only some of them. */
export function testsFor(changed: readonly string[], checkout: Checkout): ChangedTests {
  const all = (why: string): ChangedTests => ({ files: null, why: `all tests, because ${why}` });
  const reached = reachedFiles(changed, checkout);
  if (reached.has(WORKER) || changed.includes(LOCKFILE)) return all('all depend on a change');
  const alone = changed.find((file) => ![...reachedFiles([file], checkout)].some(isTest));
  if (alone !== undefined) return all(`no test names ${alone}`);
  const files = new Set([...reached].filter(isTest));
  return { files, why: `they reach ${files.size} test files` };
}

async function mergeBase(): Promise<string | null> {
  for (const base of BASES) {
    const { failed, stdout } = await git('merge-base', 'HEAD', base);
    if (!failed) return stdout.trim();
  }
  return null;
}

async function gitFiles(...args: readonly string[]): Promise<readonly string[]> {
  const { failed, stdout, stderr } = await git(...args, '-z');
  if (failed) throw new Error(`git ${args[0] ?? ''} failed: ${stderr}`);
  return stdout.split('\0').filter((file) => file !== '');
}

const git = (...args: readonly string[]) => execa('git', args, { cwd: root, reject: false });
