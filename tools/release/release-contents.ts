import { isUnread } from './check-entries.ts';
import type { ReleaseFinding } from './finding.ts';
import { parseJobSpec, type JobSpec } from './job-spec.ts';
import { packageFiles } from './package-files.ts';
import { parsePackageSpec, type PackageSpec } from './package-spec.ts';
import { byPath, type PackedFile } from './packed-file.ts';
import type { ReleaseTree } from './release-tree.ts';
import type { YamlFile } from './yaml-file.ts';

interface Packed<Spec> {
  /** The folder's name below jobs/ or packages/. */
  readonly folder: string;
  readonly spec: Spec;
  /** What goes into its archive and its fingerprint, sorted by path in the archive. */
  readonly files: readonly PackedFile[];
}

export type ReleaseJob = Packed<JobSpec>;
export type ReleasePackage = Packed<PackageSpec>;

export interface ReleaseContents {
  readonly jobs: readonly ReleaseJob[];
  readonly packages: readonly ReleasePackage[];
  /** What hindered the reading: a spec that is missing or has another shape, a glob without files. */
  readonly findings: readonly ReleaseFinding[];
}

/** The jobs and packages of a release, with the files that bosh would pack for each. */
export function releaseContents(tree: ReleaseTree): ReleaseContents {
  const jobs = readSpecs('jobs', parseJobSpec, tree);
  const packages = readSpecs('packages', parsePackageSpec, tree);
  const chosen = packages.read.map(({ folder, spec }) => ({
    folder,
    spec,
    chosen: packageFiles(folder, spec, tree),
  }));
  return {
    jobs: jobs.read.map(({ folder, spec }) => ({
      folder,
      spec,
      files: jobFiles(folder, spec, tree),
    })),
    packages: chosen.map(({ folder, spec, chosen: { files } }) => ({
      folder,
      spec,
      files: [...present(`packages/${folder}`, ['packaging'], tree), ...files].toSorted(byPath),
    })),
    findings: [
      ...jobs.findings,
      ...packages.findings,
      ...chosen.flatMap((one) => one.chosen.findings),
    ],
  };
}

function readSpecs<Spec>(
  kind: 'jobs' | 'packages',
  parse: (file: string, text: string) => YamlFile<Spec>,
  tree: ReleaseTree,
): {
  readonly read: readonly { readonly folder: string; readonly spec: Spec }[];
  readonly findings: readonly ReleaseFinding[];
} {
  const read: { readonly folder: string; readonly spec: Spec }[] = [];
  const findings: ReleaseFinding[] = [];
  for (const folder of foldersOf(kind, tree)) {
    const file = `${kind}/${folder}/spec`;
    const text = tree.texts.get(file);
    if (text === undefined) {
      if (!isUnread(file, tree))
        findings.push({ file, what: 'is missing', todo: 'write it, or remove the folder' });
      continue;
    }
    const parsed = parse(file, text);
    if (parsed.kind === 'read') read.push({ folder, spec: parsed.value });
    else findings.push(...parsed.findings);
  }
  return { read, findings };
}

const foldersOf = (kind: string, tree: ReleaseTree): readonly string[] =>
  [...tree.entries]
    .flatMap(([name, entry]) => {
      const [top, folder, ...rest] = name.split('/');
      return top === kind && entry.kind === 'folder' && folder !== undefined && rest.length === 0
        ? [folder]
        : [];
    })
    .toSorted();

function jobFiles(folder: string, spec: JobSpec, tree: ReleaseTree): readonly PackedFile[] {
  const top = `jobs/${folder}`;
  const templates = Object.keys(spec.templates).map((name) => `templates/${name}`);
  return [
    { path: 'job.MF', from: `${top}/spec` },
    ...present(top, ['monit', 'properties_schema.json', ...templates], tree),
  ].toSorted(byPath);
}

const present = (top: string, names: readonly string[], tree: ReleaseTree): readonly PackedFile[] =>
  names.flatMap((name) => {
    const kind = tree.entries.get(`${top}/${name}`)?.kind;
    return kind === 'file' || kind === 'link to a file'
      ? [{ path: name, from: `${top}/${name}` }]
      : [];
  });
