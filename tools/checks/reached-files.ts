import path from 'node:path';

/** The files of a checkout; all paths begin at its top. */
export interface Checkout {
  readonly files: readonly string[];
  readonly textOf: (file: string) => string;
}

/**
 * The files that a change of others can reach, and these themselves. A program is reached by each
 * file that it names in an import or in another string, by itself or with a folder or a pattern.
 */
export function reachedFiles(
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

export const isTest = (file: string): boolean => file.endsWith('.test.ts');

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
