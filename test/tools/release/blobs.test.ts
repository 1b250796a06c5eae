import { chmodSync, existsSync, readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { ToolFailure } from '../../../tools/failure.ts';
import { indexWithBlob, installedNodeVersion, packNode } from '../../../tools/release/node-blob.ts';
import { codeOf } from '../../failure-of.ts';
import { temporaryFolder, writeFiles } from '../../temporary-folder.ts';

const blob = { name: 'nodejs-24/node.tar.gz', bytes: 12, sha256: 'ab'.repeat(32) };
const ENTRY = `nodejs-24/node.tar.gz:\n  size: 12\n  sha: sha256:${'ab'.repeat(32)}\n`;

describe('config/blobs.yml', () => {
  it('is made where there is none', () => {
    expect(indexWithBlob(undefined, blob, false)).to.deep.equal({
      kind: 'added',
      text: `---\n${ENTRY}`,
    });
  });

  it('stays as it is when it names the blob already, its place in the blobstore included', () => {
    const text = `---\n${ENTRY.replace('  sha', '  object_id: 36764f38\n  sha')}`;
    expect(indexWithBlob(text, blob, false)).to.deep.equal({ kind: 'unchanged', text });
  });

  it('keeps other entries and comments', () => {
    const other = `# Kept.
other/blob.tgz:
  size: 1
  object_id: x
  sha: sha256:${'0'.repeat(64)}
`;
    expect(indexWithBlob(other, blob, false)).to.deep.equal({ kind: 'added', text: other + ENTRY });
  });

  it('is not changed to other bytes unless they are accepted', () => {
    const text = ENTRY.replace('  sha', '  object_id: old\n  sha');
    const changed = { ...blob, sha256: 'cd'.repeat(32) };
    expect(() => indexWithBlob(text, changed, false))
      .to.throw(ToolFailure, /the new blob has sha256:cdcd.* npm run tool -- blobs --accept$/)
      .with.property('code', 'RELEASE_BLOB');
    const { kind, text: after } = indexWithBlob(text, changed, true);
    expect(kind).to.equal('replaced');
    expect(after, 'in the blobstore lies the old one').to.not.include('object_id');
  });

  it('is rejected if it is not an index', () => {
    expect(() => indexWithBlob('- a\n', blob, false))
      .to.throw(ToolFailure, /^config\/blobs\.yml: /)
      .with.property('code', 'RELEASE_INVALID');
  });
});

describe('the blob of Node', () => {
  it('has the same bytes whenever, wherever and by whomever it is packed, in the layout of nodejs.org', async () => {
    const folder = temporaryFolder();
    const blobs = ['one', 'two'].map((place) => path.join(folder, place, 'made/node.tar.gz'));
    for (const place of ['one', 'two']) {
      const from = path.join(folder, place);
      const texts = { LICENSE: 'licence', 'README.md': 'readme', 'bin/node': 'program' };
      writeFiles(from, { ...texts, 'CHANGELOG.md': '-' });
      chmodSync(path.join(from, 'bin/node'), place === 'one' ? 0o755 : 0o700);
      if (place === 'two') utimesSync(path.join(from, 'LICENSE'), 1, 1);
      await packNode(from, '24.0.0', path.join(from, 'made/node.tar.gz'));
    }
    const [one, two] = blobs.map((file) => readFileSync(file));
    expect(two?.equals(one ?? Buffer.alloc(0))).to.equal(true);
    const { stdout } = await execa('tar', ['tvzf', blobs[0] ?? '', '--numeric-owner']);
    expect(stdout.split('\n').map((line) => line.replaceAll(/\s+/g, ' '))).to.deep.equal([
      '-rw-r--r-- 0/0 7 2000-01-01 00:00 node-v24.0.0-linux-x64/LICENSE',
      '-rw-r--r-- 0/0 6 2000-01-01 00:00 node-v24.0.0-linux-x64/README.md',
      '-rwxr-xr-x 0/0 7 2000-01-01 00:00 node-v24.0.0-linux-x64/bin/node',
    ]);
  });

  it('is not left incomplete', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { LICENSE: 'licence' });
    const target = path.join(folder, 'made/node.tar.gz');
    expect(await codeOf(packNode(folder, '24.0.0', target))).to.equal('RELEASE_BLOB');
    expect(existsSync(target)).to.equal(false);
  });

  it('says where it can be made when npm did not install that Node', () => {
    expect(() => installedNodeVersion('/no/such'))
      .to.throw(ToolFailure, /make the blob on such a machine, or get it with bosh sync-blobs/)
      .with.property('code', 'RELEASE_BLOB');
  });
});
