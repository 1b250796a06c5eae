import { execa } from 'execa';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { ToolFailure } from '../failure.ts';
import { readRelease, type PackedFile } from './read-release.ts';
import { checkPacking } from './release-checks.ts';
import { findingLine, parseJobSpec, parseYamlFile, usable, type YamlFile } from './spec-files.ts';

export interface StagedJob {
  readonly name: string;
  /** Has job.MF, monit, templates/ and properties_schema.json, as unpacked by the Director. */
  readonly folder: string;
  /** The names of the packages that its instances get. */
  readonly packages: readonly string[];
  /** From the file below templates/ to the destination below /var/vcap/jobs/NAME. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface StagedPackage {
  readonly name: string;
  /** Contains `packaging` and the package's files; a compile VM runs `packaging` there. */
  readonly folder: string;
  readonly dependencies: readonly string[];
}

export interface StagedRelease {
  readonly folder: string;
  readonly jobs: readonly StagedJob[];
  /** Each package comes after its dependencies. */
  readonly packages: readonly StagedPackage[];
}

/**
 * Lays out a release as compile VMs and the Director receive it, without bosh. Run it after `npm
 * run build` and `npm run blobs`.
 * @param root the top of the release
 * @param folder gets jobs/NAME and packages/NAME
 * @throws ToolFailure RELEASE_INVALID with the first fault of a job or a package
 */
export function stageRelease(root: string, folder: string): StagedRelease {
  const release = readRelease(root);
  const { jobs, packages } = release;
  const [finding] = checkPacking(release);
  if (finding !== undefined) throw new ToolFailure('RELEASE_INVALID', findingLine(finding));
  for (const job of jobs) copyFiles(root, path.join(folder, 'jobs', job.folder), job.files);
  for (const one of packages) copyFiles(root, path.join(folder, 'packages', one.folder), one.files);
  const order = compileOrder(new Map(packages.map((one) => [one.folder, one.spec.dependencies])));
  return {
    folder,
    jobs: jobs.map((job) => ({
      name: job.folder,
      folder: path.join(folder, 'jobs', job.folder),
      packages: job.spec.packages,
      templates: job.spec.templates,
    })),
    packages: order.flatMap((name) =>
      packages
        .filter((one) => one.folder === name)
        .map((one) => ({
          name,
          folder: path.join(folder, 'packages', name),
          dependencies: one.spec.dependencies,
        })),
    ),
  };
}

function copyFiles(root: string, folder: string, files: readonly PackedFile[]): void {
  for (const { path: name, from } of files) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(path.join(root, from), target);
    // bosh keeps only this part of a mode.
    chmodSync(target, (statSync(path.join(root, from)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/**
 * Sorts packages so that each comes after its dependencies, as the compile VMs build them.
 * @param dependencies the dependencies of each package; unknown names are ignored
 * @throws ToolFailure RELEASE_INVALID if packages depend on each other in a cycle
 */
export function compileOrder(
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const order = new Set<string>();
  const isReady = ([, needs]: readonly [string, readonly string[]]): boolean =>
    needs.every((need) => order.has(need) || !dependencies.has(need));
  let waiting = [...dependencies];
  while (waiting.some(isReady)) {
    for (const each of waiting) if (isReady(each)) order.add(each[0]);
    waiting = waiting.filter(([name]) => !order.has(name));
  }
  const circular = waiting.map(([name]) => name);
  if (circular.length > 0)
    throw new ToolFailure(
      'RELEASE_INVALID',
      `the packages ${circular.join(', ')} depend on each other: remove a dependency`,
    );
  return [...order];
}

/** A name becomes part of paths. */
const name = v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/));
/** The parts of release.MF that are used here (bosh-cli release/manifest/manifest.go). */
const ReleaseManifest = v.object({
  version: v.string(),
  jobs: v.array(v.object({ name })),
  packages: v.array(v.object({ name, dependencies: v.nullish(v.array(name), []) })),
});

/**
 * Unpacks the tarball of a release as the Director does, into the same folders as a staged release.
 * @throws ToolFailure RELEASE_INVALID with the problem in the tarball
 */
export async function unpackRelease(tarball: string, folder: string): Promise<StagedRelease> {
  await unpack(tarball, folder);
  const manifest = read(folder, 'release.MF', (file, text) =>
    parseYamlFile(file, text, ReleaseManifest),
  );
  const jobs = [];
  for (const job of manifest.jobs) {
    const place = await unpackMember(folder, `jobs/${job.name}`);
    const { packages, templates } = read(folder, `jobs/${job.name}/job.MF`, parseJobSpec);
    jobs.push({
      name: job.name,
      folder: place,
      packages: packages ?? [],
      templates: templates ?? {},
    });
  }
  const dependencies = new Map(manifest.packages.map((one) => [one.name, one.dependencies]));
  const packages = [];
  for (const one of compileOrder(dependencies))
    packages.push({
      name: one,
      folder: await unpackMember(folder, `packages/${one}`),
      dependencies: dependencies.get(one) ?? [],
    });
  return { folder, jobs, packages };
}

async function unpackMember(folder: string, member: string): Promise<string> {
  const place = path.join(folder, member);
  await unpack(path.join(folder, `${member}.tgz`), place);
  return place;
}

async function unpack(archive: string, place: string): Promise<void> {
  mkdirSync(place, { recursive: true });
  const { failed, stderr } = await execa('tar', ['-xzf', archive, '-C', place], { reject: false });
  if (failed) throw new ToolFailure('RELEASE_INVALID', `${archive}: ${stderr.slice(0, 300)}`);
}

const read = <T>(
  folder: string,
  file: string,
  parse: (file: string, text: string) => YamlFile<T>,
): T => usable(parse(file, readFileSync(path.join(folder, file), 'utf8')));
