import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { isInPath } from '../../src/demo-cell/cell/requirements.ts';
import { root } from '../bootstrap/place.mjs';
import type { Properties } from '../release/render-job.ts';
import { packageVersion } from '../artifact.ts';
import { copyRelease, createRelease, needBosh } from '../release/create-release.ts';
import { stageRelease, unpackRelease, type StagedRelease } from '../release/stage-release.ts';

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

/** The properties that a runtime config sets for a job; none if it does not mention the job. */
export function propertiesOf(runtimeConfigText: string, job: string): Properties {
  const value: unknown = parse(runtimeConfigText);
  const { addons } = v.parse(runtimeConfig, value);
  return addons.flatMap(({ jobs }) => jobs).find(({ name }) => name === job)?.properties ?? {};
}
