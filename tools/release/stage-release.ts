import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { KnownFailure } from '../../src/model/failure.ts';
import { checkJobs } from './check-jobs.ts';
import { checkPackages } from './check-packages.ts';
import { compileOrder } from './compile-order.ts';
import { findingLine } from './finding.ts';
import type { PackedFile } from './packed-file.ts';
import { releaseContents } from './release-contents.ts';
import { readReleaseTree, type ReleaseTree } from './release-tree.ts';

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
export async function stageRelease(root: string, folder: string): Promise<StagedRelease> {
  const tree = await readReleaseTree(root);
  const contents = releaseContents(tree);
  const { jobs, packages } = contents;
  const [finding] = [
    ...contents.findings,
    ...checkJobs(tree, contents),
    ...checkPackages(tree, contents),
  ];
  if (finding !== undefined) throw new KnownFailure('RELEASE_INVALID', findingLine(finding));
  for (const job of jobs) copyFiles(root, path.join(folder, 'jobs', job.folder), job.files, tree);
  for (const one of packages)
    copyFiles(root, path.join(folder, 'packages', one.folder), one.files, tree);
  const { order } = compileOrder(
    new Map(packages.map((one) => [one.folder, one.spec.dependencies])),
  );
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

function copyFiles(
  root: string,
  folder: string,
  files: readonly PackedFile[],
  tree: ReleaseTree,
): void {
  for (const { path: name, from } of files) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(path.join(root, from), target);
    // All that bosh keeps of a mode.
    chmodSync(target, tree.entries.get(from)?.executable === true ? 0o755 : 0o644);
  }
}
