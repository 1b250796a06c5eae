import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from '../../tools/bootstrap/place.mjs';
import { generatedFiles, staleFiles, writeFiles } from '../../tools/generated-files.ts';
import { recordings } from '../recordings.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

const SOURCES = { recordings: null, runbookUrl: null };

describe('the generated files', () => {
  it('are as `npm run generate` would write them', () => {
    expect(staleFiles(generatedFiles(SOURCES), root)).to.deep.equal([]);
  });

  it('are so too where they come from recordings', function () {
    const files = generatedFiles({ ...SOURCES, recordings: recordings(this) });
    expect([...files.keys()]).to.include('docs/mount-rules.md');
    expect(staleFiles(files, root)).to.deep.equal([]);
  });

  it('are told to be stale when they are missing or were changed by hand', () =>
    inTemporaryFolder((folder) => {
      const files = generatedFiles(SOURCES);
      expect(staleFiles(files, folder)).to.deep.equal([...files.keys()]);
      writeFiles(files, folder);
      expect(staleFiles(files, folder)).to.deep.equal([]);
      appendFileSync(join(folder, 'docs/metrics.md'), 'by hand\n');
      rmSync(join(folder, 'manifests/alerts/rollcall.rules.yml'));
      expect(staleFiles(files, folder)).to.have.members([
        'docs/metrics.md',
        'manifests/alerts/rollcall.rules.yml',
      ]);
    }));
});
