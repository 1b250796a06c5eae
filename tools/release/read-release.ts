import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ToolFailure } from '../failure.ts';
import {
  parseJobSpec,
  parsePackageSpec,
  type JobSpec,
  type PackageSpec,
  type ReleaseFinding,
  type YamlFile,
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
  /** The texts of monit, properties_schema.json and the templates, by their path in the archive. */
  readonly texts: ReadonlyMap<string, string>;
}

type ReleasePackage = Packed<PackageSpec>;

export interface Release {
  readonly jobs: readonly ReleaseJob[];
  readonly packages: readonly ReleasePackage[];
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
  const jobs = readSpecs(root, 'jobs', parseJobSpec);
  const packages = readSpecs(root, 'packages', parsePackageSpec);
  const sources = SOURCES.flatMap((source) => sourceFiles(root, source));
  const filled = packages.read.map((one) => fillPackage(root, one, sources));
  return {
    jobs: jobs.read.map((one) => fillJob(root, one)),
    packages: filled.map((one) => one.filled),
    findings: [
      ...jobs.findings,
      ...packages.findings,
      ...jobs.read.flatMap((one) => templateFindings(root, one)),
      ...filled.flatMap(({ findings }) => findings),
      ...unusedBlobs(
        sources,
        filled.flatMap((one) => one.filled.files),
      ),
    ],
  };
}

interface Read<Spec> {
  readonly folder: string;
  readonly spec: Spec;
}

function readSpecs<Spec>(
  root: string,
  kind: 'jobs' | 'packages',
  parse: (file: string, text: string) => YamlFile<Spec>,
): { readonly read: readonly Read<Spec>[]; readonly findings: readonly ReleaseFinding[] } {
  const read: Read<Spec>[] = [];
  const findings: ReleaseFinding[] = [];
  for (const folder of foldersOf(path.join(root, kind))) {
    const file = `${kind}/${folder}/spec`;
    if (!isFile(root, file)) {
      findings.push({ file, what: 'is missing', todo: 'write it, or remove the folder' });
      continue;
    }
    const parsed = parse(file, readFileSync(path.join(root, file), 'utf8'));
    if (parsed.kind === 'read') read.push({ folder, spec: parsed.value });
    else findings.push(...parsed.findings);
  }
  return { read, findings };
}

const isFile = (root: string, file: string): boolean =>
  statSync(path.join(root, file), { throwIfNoEntry: false })?.isFile() === true;

const foldersOf = (place: string): readonly string[] =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(place, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted()
    : [];

function fillJob(root: string, { folder, spec }: Read<JobSpec>): ReleaseJob {
  const top = `jobs/${folder}`;
  const templates = Object.keys(spec.templates).map((name) => `templates/${name}`);
  const parts = ['monit', 'properties_schema.json', ...templates]
    .filter((name) => isFile(root, `${top}/${name}`))
    .map((name) => ({ path: name, from: `${top}/${name}` }));
  const texts = parts.map(
    ({ path: name, from }) => [name, readFileSync(path.join(root, from), 'utf8')] as const,
  );
  const files = [{ path: 'job.MF', from: `${top}/spec` }, ...parts];
  return { folder, spec, files, texts: new Map(texts) };
}

function templateFindings(
  root: string,
  { folder, spec }: Read<JobSpec>,
): readonly ReleaseFinding[] {
  const top = `jobs/${folder}/templates`;
  const there = filesBelow(root, top);
  const listed = Object.keys(spec.templates);
  const missing = listed
    .filter((name) => !isFile(root, `${top}/${name}`))
    .map((name) => ({
      file: `${top}/${name}`,
      what: 'is missing',
      todo: `write it, or remove it from jobs/${folder}/spec`,
    }));
  const unlisted = there
    .filter((name) => !listed.includes(name))
    .map((name) => ({
      file: `${top}/${name}`,
      what: 'is not listed in the spec, so it is not packed',
      todo: `list it in jobs/${folder}/spec, or remove it`,
    }));
  return [...missing, ...unlisted];
}

/** The folders in which a package's globs are resolved; of two equal paths the first wins. */
const SOURCES = ['src', 'blobs'] as const;

/** Excludes links: bosh packs a link to a file as a dangling link, and skips linked folders. */
const filesBelow = (root: string, folder: string): readonly string[] =>
  statSync(path.join(root, folder), { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          path.relative(path.join(root, folder), path.join(entry.parentPath, entry.name)),
        )
        .toSorted()
    : [];

const sourceFiles = (root: string, source: string): readonly PackedFile[] =>
  filesBelow(root, source).map((name) => ({ path: name, from: `${source}/${name}` }));

function fillPackage(
  root: string,
  { folder, spec }: Read<PackageSpec>,
  sources: readonly PackedFile[],
): { readonly filled: ReleasePackage; readonly findings: readonly ReleaseFinding[] } {
  const file = `packages/${folder}/spec`;
  const packaging = `packages/${folder}/packaging`;
  const findings: ReleaseFinding[] = isFile(root, packaging)
    ? []
    : [{ file: packaging, what: 'is missing', todo: 'write it' }];
  const excluded = new Set(spec.excluded_files.flatMap((glob) => matches(glob, sources)));
  const chosen = new Map<string, PackedFile>();
  for (const glob of spec.files) {
    const found = matches(glob, sources);
    for (const match of found)
      if (!excluded.has(match) && !chosen.has(match.path)) chosen.set(match.path, match);
    // bosh accepts ../x, and packs it under the path that the checkout has on this machine.
    if (glob.split('/').includes('..'))
      findings.push({
        file,
        what: `files: ${glob} is outside src/ and blobs/`,
        todo: 'move the file',
      });
    else if (found.length === 0)
      findings.push({
        file,
        what: `files: ${glob} matches no file below src/ or blobs/`,
        todo: 'correct the glob, or make the file with npm run build or npm run blobs',
      });
  }
  const files = [{ path: 'packaging', from: packaging }, ...chosen.values()];
  return { filled: { folder, spec, files }, findings };
}

/** For example the new blob after an update of Node, while the package still uses the old one. */
function unusedBlobs(
  sources: readonly PackedFile[],
  packed: readonly PackedFile[],
): readonly ReleaseFinding[] {
  const taken = new Set(packed.map(({ from }) => from));
  return sources
    .filter(({ from }) => from.startsWith('blobs/') && !taken.has(from))
    .map(({ from }) => ({
      file: from,
      what: 'is in no package',
      todo: 'list it in the spec of a package, or remove it here and from config/blobs.yml',
    }));
}

/** The files that match a glob (bosh-cli: release/pkg/dir_reader.go). */
const matches = (glob: string, sources: readonly PackedFile[]): readonly PackedFile[] =>
  sources.filter((one) => path.posix.matchesGlob(withoutHidden(one.path), withoutHidden(glob)));

/** bosh's `*` matches hidden files, Node's does not. */
const withoutHidden = (name: string): string => name.replaceAll(/(^|\/)\./g, '$1\u0001');
