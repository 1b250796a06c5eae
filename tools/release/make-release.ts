// `npm run release`: builds the release's tarball with bosh, and its runtime config.
import path from 'node:path';
import { root } from '../bootstrap/place.mjs';
import { packageVersion, sha256OfFile } from '../artifact.ts';
import { checkUrl } from '../runtime-config/complete-config.ts';
import { writeConfig } from '../runtime-config/write-config.ts';
import { print, runTool } from '../tool.ts';
import { createRelease, needBosh, runScript } from './create-release.ts';

const options = {
  final: { type: 'boolean', default: false },
  url: { type: 'string' },
} as const;

await runTool(options, async ({ final, url }) => {
  // Before bosh makes a final release, because it makes the same version only once.
  if (url !== undefined) checkUrl(url);
  await needBosh();
  const version = packageVersion(root);
  // Even if the blob exists, because a release must prove that it has the bytes in the index.
  await runScript('blobs', 'release/blobs.ts');
  await runScript('release:check', 'release/check-release.ts');
  const tarball = path.join(root, `rollcall-${version}.tgz`);
  await createRelease({ root, version, tarball, final });
  print(`${await sha256OfFile(tarball)}  ${path.relative(root, tarball)}`);
  const config = await writeConfig({ ops: [], variables: [], url: url ?? null });
  print(`${config}: for bosh update-runtime-config --name rollcall ${config}`);
});
