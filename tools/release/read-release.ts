import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  parseJobSpec,
  parsePackageSpec,
  releaseFailure,
  type JobSpec,
  type PackageSpec,
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

export interface Release {
  readonly jobs: readonly Packed<JobSpec>[];
  readonly packages: readonly Packed<PackageSpec>[];
}

/**
 * Reads the jobs and packages of a release, with the files that bosh would pack for each.
 * @param root the top of the release
 * @throws ToolFailure RELEASE_INVALID for what cannot be packed, and for what bosh packs silently
 * and nobody can use: an unknown or duplicate key in a spec, a link, a glob that leads out of src/
 * and blobs/, a blob in no package
 */
export function readRelease(root: string): Release {
  const specsOf = <Spec>(kind: string, parse: (file: string, text: string) => Spec) =>
    foldersOf(path.join(root, kind)).map((folder) => {
      const file = `${kind}/${folder}/spec`;
      return { folder, spec: parse(file, readFileSync(path.join(root, file), 'utf8')) };
    });

  const jobs = specsOf('jobs', parseJobSpec).map(({ folder, spec }) => {
    const schema = ['properties_schema.json'].filter((name) =>
      existsSync(path.join(root, 'jobs', folder, name)),
    );
    const templates = Object.keys(spec.templates).map((name) => `templates/${name}`);
    const files = [
      { path: 'job.MF', from: `jobs/${folder}/spec` },
      ...['monit', ...schema, ...templates].map((name) => ({
        path: name,
        from: `jobs/${folder}/${name}`,
      })),
    ];
    return { folder, spec, files };
  });

  /** A package's globs are resolved in these folders; of two equal paths the first wins. */
  const sources = ['src', 'blobs'].flatMap((source) =>
    filesBelow(root, source).map((name) => ({ path: name, from: `${source}/${name}` })),
  );
  const packages = specsOf('packages', parsePackageSpec).map(({ folder, spec }) => {
    const excluded = new Set(spec.excluded_files.flatMap((glob) => matches(glob, sources)));
    const chosen = new Map<string, PackedFile>();
    for (const glob of spec.files)
      for (const match of matchesOf(glob, `packages/${folder}/spec`, sources))
        if (!excluded.has(match) && !chosen.has(match.path)) chosen.set(match.path, match);
    const packaging = { path: 'packaging', from: `packages/${folder}/packaging` };
    return { folder, spec, files: [packaging, ...chosen.values()] };
  });
  const packed = new Set(packages.flatMap(({ files }) => files.map(({ from }) => from)));
  // For example the new blob after an update of Node, while the package still uses the old one.
  const unused = sources.find(({ from }) => from.startsWith('blobs/') && !packed.has(from));
  if (unused === undefined) return { jobs, packages };
  throw releaseFailure(
    unused.from,
    'is in no package: list it in the spec of a package, or remove it here and from config/blobs.yml',
  );
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

function matchesOf(
  glob: string,
  spec: string,
  sources: readonly PackedFile[],
): readonly PackedFile[] {
  // bosh accepts ../x, and packs it under the path that the checkout has on this machine.
  if (glob.split('/').includes('..'))
    throw releaseFailure(spec, `files: ${glob} is outside src/ and blobs/: move the file`);
  const found = matches(glob, sources);
  if (found.length > 0) return found;
  throw releaseFailure(
    spec,
    `files: ${glob} matches no file below src/ or blobs/ (links do not count): correct the glob, ` +
      'or make the file with npm run tool -- build or npm run tool -- blobs',
  );
}

/** The files that match a glob (bosh-cli: release/pkg/dir_reader.go). */
const matches = (glob: string, sources: readonly PackedFile[]): readonly PackedFile[] =>
  sources.filter((one) => path.posix.matchesGlob(withoutHidden(one.path), withoutHidden(glob)));

/** bosh's `*` matches hidden files, Node's does not. */
const withoutHidden = (name: string): string => name.replaceAll(/(^|\/)\./g, '$1\u0001');
