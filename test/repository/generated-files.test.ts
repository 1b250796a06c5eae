import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { generatedFiles, staleFiles, writeFiles } from '../../tools/generated-files.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('the generated files', () => {
  it('are as `npm run generate` would write them', () => {
    expect(staleFiles(generatedFiles(null), root)).to.deep.equal([]);
  });

  it('are reported as stale if they are missing or were changed by hand', () => {
    const folder = temporaryFolder();
    const files = generatedFiles(null);
    expect(staleFiles(files, folder)).to.deep.equal([...files.keys()]);
    writeFiles(files, folder);
    expect(staleFiles(files, folder)).to.deep.equal([]);
    appendFileSync(join(folder, 'docs/metrics.md'), 'by hand\n');
    rmSync(join(folder, 'manifests/alerts/rollcall.rules.yml'));
    expect(staleFiles(files, folder)).to.have.members([
      'docs/metrics.md',
      'manifests/alerts/rollcall.rules.yml',
    ]);
  });
});
