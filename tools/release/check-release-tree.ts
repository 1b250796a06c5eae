import { checkBlobs } from './check-blobs.ts';
import { checkFinalConfig } from './check-config.ts';
import { checkEntries } from './check-entries.ts';
import { checkJobs } from './check-jobs.ts';
import { checkPackages } from './check-packages.ts';
import { checkProperties } from './check-properties.ts';
import { checkSchema } from './check-schema.ts';
import type { ReleaseFinding } from './finding.ts';
import { releaseContents, type ReleaseContents } from './release-contents.ts';
import type { ReleaseTree } from './release-tree.ts';

export interface CheckedRelease {
  readonly contents: ReleaseContents;
  /** Everything that bosh or the Director would reject, and what they take although it breaks. */
  readonly findings: readonly ReleaseFinding[];
}

/** Judges a release (docs/decisions/release-check.md says by what). */
export function checkReleaseTree(tree: ReleaseTree): CheckedRelease {
  const contents = releaseContents(tree);
  const findings = [
    ...checkEntries(tree),
    ...checkFinalConfig(tree),
    ...checkBlobs(tree, contents),
    ...contents.findings,
    ...checkPackages(tree, contents),
    ...checkJobs(tree, contents),
    ...contents.jobs.flatMap((job) => [...checkProperties(job, tree), ...checkSchema(job, tree)]),
  ];
  return { contents, findings };
}
