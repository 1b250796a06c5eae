import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { rootImageReader } from '../../src/probe/root-image-reader.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { inTime } from './in-time.ts';

/** The whole table of a mount namespace (fs.mount-max), without a line of `/`. */
const MOUNTS = 100_000;
const tableOf = (id: number): string =>
  Array.from({ length: MOUNTS }, (_, n) => `${id + n} 1 0:5 / /d${n} rw - tmpfs t rw\n`).join('');

describe('no mount table takes longer to read than its length', () => {
  for (const [what, text] of Object.entries({
    'in lines': tableOf(1).repeat(10),
    'in one line': 'x'.repeat(30_000_000),
  })) {
    it(what, () => {
      const root = temporaryFolder();
      writeFileSync(join(root, 'table'), text);
      const reader = new KernelReader(root);
      const count = (): number => [...reader.lines('/table', Infinity)].length;
      expect(inTime(count)).to.equal(text.split('\n').length - 1);
    });
  }

  // Each once took many seconds, twice in every sweep.
  it('that of a process in a plain directory with many mounts', () => {
    const root = temporaryFolder();
    for (let pid = 1; pid <= 10; pid++) {
      mkdirSync(join(root, `proc/${pid}`), { recursive: true });
      writeFileSync(join(root, `proc/${pid}/mountinfo`), tableOf(pid * MOUNTS));
    }
    const imagesOf = rootImageReader(new KernelReader(root));
    inTime(() => {
      for (let pid = 1; pid <= 10; pid++) expect(imagesOf(pid)).to.equal(null);
    });
  });
});
