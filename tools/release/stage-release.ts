import { chmodSync, copyFileSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../../src/model/failure.ts';
import { readRelease, type PackedFile } from './read-release.ts';
import { checkPacking } from './release-checks.ts';
import { findingLine } from './spec-files.ts';

export interface StagedJob {
  readonly name: string;
  /** Holds job.MF, monit, templates/ and properties_schema.json, as the Director unpacks a job. */
  readonly folder: string;
  /** The names of the packages that its instances get. */
  readonly packages: readonly string[];
  /** From the file below templates/ to the place below /var/vcap/jobs/NAME. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface StagedPackage {
  readonly name: string;
  /** Holds `packaging` and the package's files: the folder in which a compile VM runs `packaging`. */
  readonly folder: string;
  readonly dependencies: readonly string[];
}

export interface StagedRelease {
  readonly folder: string;
  readonly jobs: readonly StagedJob[];
  /** Each one after those that it depends on. */
  readonly packages: readonly StagedPackage[];
}

/**
 * Lays a release out as compile VMs and the Director get it, without bosh. Needs `npm run build` and `npm run blobs` before.
 * @param root the top of the release
 * @param folder gets jobs/NAME and packages/NAME
 * @throws KnownFailure RELEASE_INVALID with the first finding, if a part of a job or a package is missing or wrong
 */
export function stageRelease(root: string, folder: string): StagedRelease {
  const release = readRelease(root);
  const { jobs, packages } = release;
  const [finding] = checkPacking(release);
  if (finding !== undefined) throw new KnownFailure('RELEASE_INVALID', findingLine(finding));
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
    // All that bosh keeps of a mode.
    chmodSync(target, (statSync(path.join(root, from)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/**
 * Puts every package after the ones it depends on, as the compile VMs build them.
 * @param dependencies of each package; a name that is no key is left out
 * @throws KnownFailure RELEASE_INVALID if packages wait for each other
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
    throw new KnownFailure(
      'RELEASE_INVALID',
      `the packages ${circular.join(', ')} depend on each other: remove a dependency`,
    );
  return [...order];
}
