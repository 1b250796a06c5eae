import { execa } from 'execa';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { ToolFailure } from '../failure.ts';
import { readRelease, type PackedFile } from './read-release.ts';
import { parseYamlFile } from './spec-files.ts';

/**
 * A job with job.MF, monit, templates/ and properties_schema.json, as unpacked by the Director; or a
 * package with `packaging`, which a compile VM runs there, and its files.
 */
export interface Staged {
  readonly name: string;
  readonly folder: string;
}

export interface StagedRelease {
  readonly jobs: readonly Staged[];
  /** Each package comes after its dependencies. */
  readonly packages: readonly Staged[];
}

/**
 * Lays out a release as compile VMs and the Director receive it, without bosh. The package and the
 * blob must have been made (`npm run tool -- build` and `-- blobs`).
 * @param root the top of the release
 * @param folder gets jobs/NAME and packages/NAME
 * @throws ToolFailure RELEASE_INVALID as `readRelease`
 */
export function stageRelease(root: string, folder: string): StagedRelease {
  const release = readRelease(root);
  const placed = (kind: string, name: string): Staged => ({
    name,
    folder: path.join(folder, kind, name),
  });
  for (const [kind, all] of Object.entries({ jobs: release.jobs, packages: release.packages }))
    for (const one of all) copyFiles(root, placed(kind, one.folder).folder, one.files);
  const needs = release.packages.map((one) => [one.folder, one.spec.dependencies] as const);
  return {
    jobs: release.jobs.map((job) => placed('jobs', job.folder)),
    packages: compileOrder(new Map(needs)).map((name) => placed('packages', name)),
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

/** Each package after its dependencies; bosh refuses packages that depend on each other. */
function compileOrder(dependencies: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const order = new Set<string>();
  const add = (name: string): void => {
    dependencies.get(name)?.forEach(add);
    order.add(name);
  };
  for (const name of dependencies.keys()) add(name);
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
  const text = readFileSync(path.join(folder, 'release.MF'), 'utf8');
  const manifest = parseYamlFile('release.MF', text, ReleaseManifest);
  const member = async (kind: string, one: string): Promise<Staged> => {
    const place = path.join(folder, kind, one);
    await unpack(`${place}.tgz`, place);
    return { name: one, folder: place };
  };
  const jobs = [];
  for (const job of manifest.jobs) jobs.push(await member('jobs', job.name));
  const needs = manifest.packages.map((one) => [one.name, one.dependencies] as const);
  const packages = [];
  for (const one of compileOrder(new Map(needs))) packages.push(await member('packages', one));
  return { jobs, packages };
}

async function unpack(archive: string, place: string): Promise<void> {
  mkdirSync(place, { recursive: true });
  const { failed, stderr } = await execa('tar', ['-xzf', archive, '-C', place], { reject: false });
  if (failed) throw new ToolFailure('RELEASE_INVALID', `${archive}: ${stderr.slice(0, 300)}`);
}
