import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { rootImageReader } from '../../src/probe/root-image-reader.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { expect } from 'chai';
import { bytesOfText } from '../../src/model/text.ts';
import { coversBelow } from '../../src/mounts/covers.ts';
import { pathWalk } from '../../src/mounts/reachability.ts';
import { parseMountInfo } from '../../src/parse/mount-table.ts';
import { inTime } from './in-time.ts';

/** As many as a mount namespace holds (fs.mount-max). */
const MOUNTS = 100_000;
const FIRST_ID = 10;
const NO_SUCH_MOUNT = 1_000_000;

type LineOf = (index: number) => readonly [parent: number, point: string];

const TABLES: Readonly<Record<string, LineOf>> = {
  // 32,000 of them once took 13 seconds: each was asked about every other one.
  'that lost their parents, at one mount point': (index) => [NO_SUCH_MOUNT + index, '/a'],
  'that lost their parents, each below another directory': (index) => [
    NO_SUCH_MOUNT + index,
    `/a/${index}`,
  ],
  'that lost their parents, with a mount below each': (index) =>
    index % 2 === 0 ? [NO_SUCH_MOUNT + index, '/a'] : [FIRST_ID + index - 1, `/a/${index}`],
  'in one stack': (index) => [FIRST_ID + index - 1, '/a'],
  'of one parent at one mount point': () => [1, '/a'],
};

describe('The path walk takes time in proportion to the length of a table', () => {
  for (const [name, lineOf] of Object.entries(TABLES)) {
    it(`with ${MOUNTS.toLocaleString('en')} mounts ${name}`, () => {
      const lines = Array.from({ length: MOUNTS }, (_, index) => {
        const [parent, point] = lineOf(index);
        return `${FIRST_ID + index} ${parent} 0:5 / ${point} rw - tmpfs t rw\n`;
      });
      const table = parseMountInfo(bytesOfText(`1 0 8:1 / / rw - ext4 d rw\n${lines.join('')}`));
      expect(table.mounts).to.have.length(MOUNTS + 1);
      inTime(() => {
        const walk = pathWalk(table);
        for (const mount of table.mounts) if (!walk.reaches(mount)) walk.endsOn(mount.mountPoint);
      });
    });
  }
});

describe('The search for the mounts to which parents lead takes time in proportion to a table', () => {
  // 5,400 of them once took 3 seconds.
  it(`with ${MOUNTS.toLocaleString('en')} lines that repeat two mounts`, () => {
    const lines = `80 1 0:40 / /c rw - tmpfs t rw
81 80 0:41 / /c/memory rw - cgroup c rw,memory
`;
    const table = parseMountInfo(
      bytesOfText(`1 0 8:1 / / rw - ext4 d rw\n${lines.repeat(MOUNTS / 2)}`),
    );
    expect(table.mounts).to.have.length(MOUNTS + 1);
    const led = inTime(() => {
      const walk = pathWalk(table);
      return table.mounts.filter((mount) => walk.parentsLeadTo(mount));
    });
    expect(led.filter(({ fstype }) => fstype === 'cgroup')).to.have.length(MOUNTS / 2);
  });
});

describe('The search for covered cgroups takes time in proportion to the length of a table', () => {
  for (const [name, pointOf] of Object.entries({
    'beside each other': (index: number) => `/cgroup/${index}`,
    'in one stack': () => '/cgroup/garden',
    'twenty below one another': (index: number) => `/cgroup/${index}${'/a'.repeat(index % 20)}`,
  }))
    it(`with ${MOUNTS.toLocaleString('en')} mounts inside that of a hierarchy, ${name}`, () => {
      const lines = Array.from(
        { length: MOUNTS },
        (_, index) => `${FIRST_ID + index} 2 0:5 / ${pointOf(index)} rw - tmpfs t rw\n`,
      );
      const table = parseMountInfo(
        bytesOfText(
          `1 0 8:1 / / rw - ext4 d rw\n2 1 0:3 / /cgroup rw - cgroup2 c rw\n${lines.join('')}`,
        ),
      );
      const covers = inTime(() => coversBelow([bytesOfText('/cgroup')], table));
      expect(covers.get(bytesOfText('/cgroup'))).not.to.equal(undefined);
    });
});

/** A whole table without a line of `/`. */
const tableOf = (id: number): string =>
  Array.from({ length: MOUNTS }, (_, n) => `${id + n} 1 0:5 / /d${n} rw - tmpfs t rw\n`).join('');

describe('A mount table is read in time that is in proportion to its length', () => {
  for (const [what, text] of Object.entries({
    'if it has many lines': tableOf(1).repeat(10),
    'if it is one line': 'x'.repeat(30_000_000),
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
  it('if it is that of a process in a plain directory with many mounts', () => {
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
