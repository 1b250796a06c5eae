import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as v from 'valibot';
import { parse } from 'yaml';
import { isInPath } from '../../src/demo-cell/cell/requirements.ts';
import { ToolFailure } from '../failure.ts';
import { root } from '../bootstrap/place.mjs';
import type { Properties } from '../release/render-job.ts';
import { packageVersion } from '../artifact.ts';
import { copyRelease, createRelease, needBosh } from '../release/create-release.ts';
import { stageRelease, unpackRelease, type StagedRelease } from '../release/stage-release.ts';

const NODE_BLOBS = join(root, 'blobs/nodejs-24');

/**
 * Builds the files that the packages list: the bundle always, because it may be older than its
 * sources, the blob only if it is missing.
 */
export async function makeParts(): Promise<void> {
  await run('tools/build.ts');
  if (!existsSync(NODE_BLOBS)) await run('tools/release/blobs.ts');
}

async function run(program: string): Promise<void> {
  const made = await execa(process.execPath, [join(root, program)], { reject: false, all: true });
  if (!made.failed) return;
  throw new ToolFailure('MINI_BOSH_FAILED', `${program} failed: ${made.all.trim().slice(-500)}`);
}

/**
 * The release as the Director has it after an upload: the unpacked tarball of bosh, or the same
 * folders made without bosh.
 */
export async function uploadedRelease(folder: string): Promise<StagedRelease> {
  if (!isInPath('bosh')) return stageRelease(root, folder);
  await needBosh();
  const temporary = mkdtempSync(join(tmpdir(), 'rollcall-release-'));
  try {
    const version = packageVersion(root);
    const tarball = join(temporary, `rollcall-${version}.tgz`);
    const copy = join(temporary, 'release');
    copyRelease(root, copy);
    await createRelease({ root: copy, version, tarball, final: false, isShown: false });
    return await unpackRelease(tarball, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

const runtimeConfig = v.object({
  addons: v.array(
    v.object({
      jobs: v.array(
        v.object({
          name: v.string(),
          properties: v.optional(v.record(v.string(), v.unknown()), {}),
        }),
      ),
    }),
  ),
});

/**
 * The properties that the text of a runtime config sets for a job; none if it does not mention the
 * job.
 */
export function propertiesOf(runtimeConfigText: string, job: string): Properties {
  const value: unknown = parse(runtimeConfigText);
  const { addons } = v.parse(runtimeConfig, value);
  return addons.flatMap(({ jobs }) => jobs).find(({ name }) => name === job)?.properties ?? {};
}
