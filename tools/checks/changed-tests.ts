import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { root } from '../bootstrap/place.mjs';

/** Names of the branch that a change will be merged into; the first that exists counts. */
const BASES = ['@{upstream}', 'origin/HEAD', 'origin/main', 'main'];

/** Paths of test files, null: all; and what was compared, in one line. */
type ChangedTests = { readonly files: ReadonlySet<string> | null; readonly why: string };

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
  const since = `${changed.length} files changed since ${base.slice(0, 8)}`;
  return { ...chosen, why: `${since}: ${chosen.why}` };
}

/** All tests where it is not sure that a change reaches only some of them. */
export function testsFor(changed: readonly string[], checkout: Checkout): ChangedTests {
  const all = (why: string): ChangedTests => ({ files: null, why: `all tests, because ${why}` });
  const reached = reachedFiles(changed, checkout);
  // The process that runs every test file, and the versions of all packages.
  if (reached.has('test/worker.ts') || changed.includes('package-lock.json'))
    return all('all depend on a change');
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

/** The files of a checkout; all paths begin at its top. */
interface Checkout {
  readonly files: readonly string[];
  readonly textOf: (file: string) => string;
}

/** Each file that names one, in an import or another string, by itself, a folder or a pattern. */
function reachedFiles(
  changed: readonly string[],
  { files, textOf }: Checkout,
): ReadonlySet<string> {
  const namedBy = new Map<string, Set<string>>();
  for (const program of files.filter((file) => /\.(?:ts|mjs)$/.test(file))) {
    for (const name of namesIn(program, textOf(program))) {
      namedBy.set(name, (namedBy.get(name) ?? new Set()).add(program));
    }
  }
  const patterns = [...namedBy.keys()].filter((name) => name.includes('*'));
  const reached = new Set(changed);
  // A set also iterates over what is added meanwhile.
  for (const file of reached) {
    // Nothing depends on what a test says.
    if (isTest(file)) continue;
    const names = [...withFolders(file), ...patterns.filter((one) => path.matchesGlob(file, one))];
    for (const name of names) for (const program of namedBy.get(name) ?? []) reached.add(program);
  }
  return reached;
}

const isTest = (file: string): boolean => file.endsWith('.test.ts');

/** A string up to its end or its first `${`; the text between two strings contains no path. */
const STRING = /['"`]([\w.@{},*/-]+)/g;

/** A path may begin at the top of the checkout or in the folder of the program. */
function namesIn(program: string, text: string): readonly string[] {
  const own = withFolders(program);
  return Array.from(text.matchAll(STRING), ([, name = '']) => name)
    .flatMap((name) =>
      /\w/.test(name) ? [path.normalize(name), path.join(path.dirname(program), name)] : [],
    )
    .map((name) => name.replace(/\/$/, ''))
    .filter((name) => !own.includes(name));
}

/** `a/b/c`, `a/b`, `a`. */
function withFolders(file: string): readonly string[] {
  const parts = file.split('/');
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'));
}
