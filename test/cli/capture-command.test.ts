import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { RECORDED } from '../../tools/demo-cell/scenes.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { capturedCell } from './captured-cell.ts';
import { expectRefused, typed } from './rollcall.ts';

function changed(change: (text: string) => string): string {
  const file = join(temporaryFolder(), 'changed.json.gz');
  const text = gunzipSync(readFileSync(capturedCell())).toString('utf8');
  writeFileSync(file, gzipSync(change(text)));
  return file;
}

describe('rollcall capture --verify', () => {
  it('says of an intact capture what it is, and that this proves no origin', async () => {
    const { code, stdout } = await typed(['capture', '--verify', capturedCell()]);
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /^SHA-256 {2}[0-9a-f]{64}\ncell {5}\S+\nmade {5}2026-01-01T00:00:00Z by alice with rollcall 0\.0\.0\n/,
    );
    expect(stdout).to.match(/not who\s+made it/);
  });

  it('exits with 1 if the content is another one, and with 2 if it cannot be read', async () => {
    const file = changed((text) => text.replace('"alice"', '"mallory"'));
    const damaged = await typed(['capture', '--verify', file]);
    expect(damaged.code).to.equal(1);
    expect(damaged.stdout)
      .to.contain('DAMAGED or changed')
      .and.match(/\ncontent {2}[0-9a-f]{64}\n/);
    const json = await typed(['capture', '--verify', file, '--format', 'json']);
    expect(json.code).to.equal(1);
    expect(JSON.parse(json.stdout)).to.include({ intact: false, capturedBy: 'mallory' });
    const without = changed((text) => text.replace(/"sha256":"\w+",/, ''));
    expectRefused(await typed(['capture', '--verify', without]), 'begin with its SHA-256');
    const second = changed((text) => text.replace('"schemaVersion":3', '"schemaVersion":2'));
    expectRefused(
      await typed(['capture', '--verify', second]),
      'has the schemaVersion 2, this rollcall reads 3: use the rollcall that made it.',
    );
  });
});

describe('a replayed capture', () => {
  it('has the mounts of its cell', async () => {
    const { code, stdout } = await typed(['mounts', '--capture', RECORDED.healthy]);
    expect(code).to.equal(0);
    expect(stdout)
      .to.match(/^Capture of /)
      .and.contain('One hierarchy: v2, mounted at /sys/fs/cgroup');
    const json = await typed(['mounts', '-o', 'json', '--capture', RECORDED.healthy]);
    const alike = await typed(['mounts', '--json', '--capture', RECORDED.healthy]);
    expect(JSON.parse(json.stdout)).to.include({ mode: 'v2', source: '/proc/1/mountinfo' });
    expect(alike).to.deep.equal(json);
  });

  it('begins with which cell, when and by whom, and JSON has only the answer', async () => {
    const file = capturedCell();
    const { stdout } = await typed(['check', '--capture', file]);
    expect(stdout).to.match(
      /^Capture of \S+, 2026-01-01T00:00:00Z \(\d+ days before this replay\)\nSHA-256 /,
    );
    const json = await typed(['check', '--format', 'json', '--capture', file]);
    expect(json.stdout).to.match(/^\{/);
  });
});
