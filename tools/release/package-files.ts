import path from 'node:path';
import { oneLine } from '../../src/model/one-line.ts';
import { BLOB_INDEX } from './blob-index.ts';
import type { ReleaseFinding } from './finding.ts';
import type { PackageSpec } from './package-spec.ts';
import { byPath, type PackedFile } from './packed-file.ts';
import type { ReleaseTree } from './release-tree.ts';

export interface PackageFiles {
  readonly files: readonly PackedFile[];
  readonly findings: readonly ReleaseFinding[];
}

/** Where the globs of a package are looked for; of two files with one path the first wins. */
const SOURCES = ['src', 'blobs'] as const;

/** The files that the globs of packages/FOLDER/spec choose (bosh-cli: release/pkg/dir_reader.go), and what is wrong with the globs. */
export function packageFiles(folder: string, spec: PackageSpec, tree: ReleaseTree): PackageFiles {
  const file = `packages/${folder}/spec`;
  const findings: ReleaseFinding[] = [];
  const chosen = new Map<string, PackedFile>();
  const usable = (globs: readonly string[], key: string): readonly string[] =>
    globs.filter((glob) => {
      const problem = globProblem(glob);
      if (problem !== null)
        findings.push({ file, what: `${key}: ${oneLine(glob, 200)} ${problem}`, todo: INSIDE });
      return problem === null;
    });
  const excluded = new Set(
    usable(spec.excluded_files, 'excluded_files').flatMap((glob) =>
      matches(glob, tree).map((match) => match.path),
    ),
  );
  for (const glob of usable(spec.files, 'files')) {
    const found = matches(glob, tree);
    if (found.length === 0) findings.push({ file, ...nothingMatches(glob, tree) });
    for (const match of found) {
      const other = chosen.get(match.path);
      if (other !== undefined && other.from !== match.from)
        findings.push({
          file,
          what: `files: ${match.from} is hidden by ${other.from}`,
          todo: 'rename one of them, because both are packed under one path',
        });
      else if (!excluded.has(match.path)) chosen.set(match.path, match);
    }
  }
  const files = [...chosen.values()].toSorted(byPath);
  return { files, findings: [...findings, ...linked(file, files, tree)] };
}

const INSIDE = 'name files below src/ or blobs/, relative to them';
/** Matching takes time with each of them, and more than that when they stand side by side. */
const MAX_WILDCARDS = 20;
const MAX_ALTERNATIVES = 100;

function globProblem(glob: string): string | null {
  if (glob.startsWith('/')) return 'is absolute';
  // bosh would take it, and pack the files under the path that the checkout has on this machine.
  if (glob.split('/').includes('..')) return 'leaves src/ and blobs/';
  const withoutBraces = glob.replaceAll(BRACES, '');
  if (/[!()+@\\{}]/.test(withoutBraces)) return 'has signs that not every glob library reads alike';
  const alternatives = [...glob.matchAll(BRACES)].reduce(
    (product, [braces]) => product * braces.split(',').length,
    1,
  );
  if (alternatives > MAX_ALTERNATIVES) return `stands for over ${MAX_ALTERNATIVES} globs`;
  const wildcards = glob.match(/[*?[]/g)?.length ?? 0;
  return wildcards > MAX_WILDCARDS ? `has over ${MAX_WILDCARDS} wildcards` : null;
}

/** Braces without braces or a range (`{1..9}`) in them. */
const BRACES = /\{(?:(?!\.\.)[^{}])*\}/g;

function matches(glob: string, tree: ReleaseTree): readonly PackedFile[] {
  const pattern = withoutHidden(path.posix.normalize(glob));
  return SOURCES.flatMap((source) =>
    [...tree.entries].flatMap(([from, { kind }]) => {
      if (!from.startsWith(`${source}/`) || (kind !== 'file' && kind !== 'link to a file'))
        return [];
      const inside = from.slice(source.length + 1);
      return path.posix.matchesGlob(withoutHidden(inside), pattern) ? [{ path: inside, from }] : [];
    }),
  );
}

/** bosh's `*` takes hidden files too, Node's does not. */
const withoutHidden = (name: string): string => name.replaceAll(/(^|\/)\./g, '$1\u0001');

function nothingMatches(glob: string, tree: ReleaseTree): Omit<ReleaseFinding, 'file'> {
  const what = `files: ${glob} matches no file below src/ or blobs/`;
  const link = [...tree.entries].find(
    ([name, { kind }]) =>
      kind === 'link to a folder' &&
      SOURCES.some((source) => `${source}/${glob}`.startsWith(`${name}/`)),
  );
  if (link !== undefined)
    return {
      what: `${what}; ${link[0]} is a link, and bosh skips the files in a linked folder`,
      todo: 'make it a folder',
    };
  if (glob.startsWith('dist/')) return { what, todo: 'run npm run build, or correct the glob' };
  const tracked = tree.texts.get(BLOB_INDEX)?.includes(glob) ?? false;
  return { what, todo: tracked ? 'run npm run blobs' : 'correct the glob' };
}

function linked(
  file: string,
  files: readonly PackedFile[],
  tree: ReleaseTree,
): readonly ReleaseFinding[] {
  return files
    .filter(({ from }) => tree.entries.get(from)?.kind === 'link to a file')
    .map(({ from }) => ({
      file,
      what: `files: ${from} is a link, which is packed as a link that leads nowhere on a cell`,
      todo: 'make it a file',
    }));
}
