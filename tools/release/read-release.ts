import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ToolFailure } from '../failure.ts';
import {
  parseJobSpec,
  parsePackageSpec,
  UnusableFile,
  type JobSpec,
  type PackageSpec,
  type ReleaseFinding,
} from './spec-files.ts';

export interface PackedFile {
  /** In the archive of the job or package. */
  readonly path: string;
  /** In the checkout. */
  readonly from: string;
}

interface Packed<Spec> {
  /** The folder's name below jobs/ or packages/. */
  readonly folder: string;
  readonly spec: Spec;
  readonly files: readonly PackedFile[];
}

export interface ReleaseJob extends Packed<JobSpec> {
  /** The text of its monit file; null: there is none. */
  readonly monit: string | null;
}

export interface Release {
  readonly jobs: readonly ReleaseJob[];
  readonly packages: readonly Packed<PackageSpec>[];
  /** Found while reading: a missing file, a spec of another structure, a glob without files. */
  readonly findings: readonly ReleaseFinding[];
}

/**
 * Reads the jobs and packages of a release, with the files that bosh would pack for each.
 * @param root the top of the release
 * @throws ToolFailure RELEASE_INVALID if `root` is not a folder
 */
export function readRelease(root: string): Release {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ToolFailure(
      'RELEASE_INVALID',
      `${root} is not a folder: name the top folder of a release`,
    );
  const findings: ReleaseFinding[] = [];
  const find = (file: string, what: string, todo: string): void =>
    void findings.push({ file, what, todo });
  const isFile = (file: string): boolean =>
    statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true;
  const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

  function specsOf<Spec>(kind: string, parse: (file: string, text: string) => Spec) {
    return foldersOf(path.join(root, kind)).flatMap((folder) => {
      const file = `${kind}/${folder}/spec`;
      try {
        if (isFile(file)) return [{ folder, spec: parse(file, textOf(file)) }];
        find(file, 'is missing', 'write it, or remove the folder');
      } catch (error) {
        if (!(error instanceof UnusableFile)) throw error;
        findings.push(...error.findings);
      }
      return [];
    });
  }

  const jobs = specsOf('jobs', parseJobSpec).map(({ folder, spec }) => {
    const top = `jobs/${folder}`;
    const listed = Object.keys(spec.templates);
    for (const name of listed)
      if (!isFile(`${top}/templates/${name}`))
        find(`${top}/templates/${name}`, 'is missing', `write it, or remove it from ${top}/spec`);
    for (const name of filesBelow(root, `${top}/templates`))
      if (!listed.includes(name))
        find(
          `${top}/templates/${name}`,
          'is not listed in the spec, so it is not packed',
          `list it in ${top}/spec, or remove it`,
        );
    const templates = listed.map((name) => `templates/${name}`);
    const parts = ['monit', 'properties_schema.json', ...templates]
      .filter((name) => isFile(`${top}/${name}`))
      .map((name) => ({ path: name, from: `${top}/${name}` }));
    const monit = isFile(`${top}/monit`) ? textOf(`${top}/monit`) : null;
    return { folder, spec, files: [{ path: 'job.MF', from: `${top}/spec` }, ...parts], monit };
  });

  /** A package's globs are resolved in these folders; of two equal paths the first wins. */
  const sources = ['src', 'blobs'].flatMap((source) =>
    filesBelow(root, source).map((name) => ({ path: name, from: `${source}/${name}` })),
  );
  const unused = new Set(
    sources.map(({ from }) => from).filter((from) => from.startsWith('blobs/')),
  );
  const packages = specsOf('packages', parsePackageSpec).map(({ folder, spec }) => {
    const packaging = `packages/${folder}/packaging`;
    if (!isFile(packaging)) find(packaging, 'is missing', 'write it');
    const excluded = new Set(spec.excluded_files.flatMap((glob) => matches(glob, sources)));
    const chosen = new Map<string, PackedFile>();
    for (const glob of spec.files) {
      const found = matches(glob, sources);
      for (const match of found) {
        if (excluded.has(match)) continue;
        if (!chosen.has(match.path)) chosen.set(match.path, match);
        unused.delete(match.from);
      }
      const file = `packages/${folder}/spec`;
      // bosh accepts ../x, and packs it under the path that the checkout has on this machine.
      if (glob.split('/').includes('..'))
        find(file, `files: ${glob} is outside src/ and blobs/`, 'move the file');
      else if (found.length === 0)
        find(
          file,
          `files: ${glob} matches no file below src/ or blobs/`,
          'correct the glob, or make the file with npm run tool -- build or npm run tool -- blobs',
        );
    }
    return { folder, spec, files: [{ path: 'packaging', from: packaging }, ...chosen.values()] };
  });
  // For example the new blob after an update of Node, while the package still uses the old one.
  for (const from of unused)
    find(
      from,
      'is in no package',
      'list it in the spec of a package, or remove it here and from config/blobs.yml',
    );
  return { jobs, packages, findings };
}

const foldersOf = (place: string): readonly string[] =>
  existsSync(place)
    ? readdirSync(place, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted()
    : [];

/** Excludes links: bosh packs a link to a file as a dangling link, and skips linked folders. */
function filesBelow(root: string, folder: string): readonly string[] {
  const top = path.join(root, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(top, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

/** The files that match a glob (bosh-cli: release/pkg/dir_reader.go). */
const matches = (glob: string, sources: readonly PackedFile[]): readonly PackedFile[] =>
  sources.filter((one) => path.posix.matchesGlob(withoutHidden(one.path), withoutHidden(glob)));

/** bosh's `*` matches hidden files, Node's does not. */
const withoutHidden = (name: string): string => name.replaceAll(/(^|\/)\./g, '$1\u0001');
