import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { MustRead } from '../../src/model/must-read.ts';
import type { Scan } from '../../src/model/scan.ts';
import { scanHierarchy } from '../../src/probe/cgroup-scan.ts';
import { KeptWalk } from '../../src/probe/kept-walk.ts';
import { KernelReader, type ReadResult } from '../../src/probe/kernel-reader.ts';
import { PassUnderWay } from '../../src/probe/rereads.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';

const NOTHING: MustRead = { directories: new Set(), names: new Set(), pids: new Set() };

/** Notes which containers are read. */
class NotingReader extends KernelReader {
  reads: string[] = [];

  override read(path: string | Buffer): ReadResult {
    this.reads.push(/c\d+/.exec(path.toString())?.[0] ?? 'above');
    return super.read(path);
  }
}

class WalkedCell {
  readonly #folder: string;
  readonly #reader = new NotingReader('/');
  readonly #pass = new PassUnderWay();
  readonly #walk = new KeptWalk(
    (plan, record) => scanHierarchy(this.#reader, plan, record),
    this.#pass,
  );

  constructor(folder: string) {
    this.#folder = folder;
    this.put('', []);
    this.put('garden', []);
    for (let n = 0; n < 8; n++) this.put(`garden/c${n}`, [100 + n]);
  }

  put(path: string, pids: readonly number[]): void {
    mkdirSync(join(this.#folder, path), { recursive: true });
    writeFileSync(join(this.#folder, path, 'cgroup.procs'), pids.map((pid) => `${pid}\n`).join(''));
  }

  remove(path: string): void {
    rmSync(join(this.#folder, path), { recursive: true });
  }

  /** One walk; returns it with the containers that it read. */
  pass(mustRead: MustRead = NOTHING): { scan: Scan; read: readonly string[] } {
    this.#reader.reads = [];
    this.#pass.starts(mustRead);
    const openedAt = asByteString(this.#folder);
    const plan = { controller: 'memory', openedAt, scope: asByteString('/'), first: [] };
    const step = this.#walk.scan(plan).next();
    if (step.done !== true) throw new Error('A walk of a few directories paused.');
    const read = new Set(this.#reader.reads.filter((one) => one !== 'above'));
    return { scan: step.value, read: [...read].toSorted() };
  }

  /** After it every container takes its turn. */
  passes(count: number): void {
    for (let left = count; left > 0; left--) this.pass();
  }
}

const inCell = (test: (cell: WalkedCell) => void): Promise<void> =>
  inTemporaryFolder((folder) => {
    test(new WalkedCell(folder));
  });

const pidsOf = (scan: Scan, name: string): readonly number[] | undefined =>
  scan.kind === 'seen'
    ? scan.directories.find(({ path }) => path.endsWith(`/${name}`))?.pids
    : undefined;

describe('a walk that reads again only a part', () => {
  it('reads a quarter of the containers in each pass, and all in four', () =>
    inCell((cell) => {
      cell.passes(4);
      const four = Array.from({ length: 4 }, () => cell.pass().read);
      expect(four.map(({ length }) => length)).to.deep.equal([2, 2, 2, 2]);
      expect(new Set(four.flat()).size).to.equal(8);
    }));

  it('is the same value while nothing changes, whatever it reads', () =>
    inCell((cell) => {
      const { scan } = cell.pass();
      for (let pass = 0; pass < 8; pass++) expect(cell.pass().scan).to.equal(scan);
      expect(cell.pass('everything').scan).to.equal(scan);
    }));

  it('sees at once that a container has come or gone', () =>
    inCell((cell) => {
      cell.passes(5);
      cell.put('garden/c9', [999]);
      cell.remove('garden/c1');
      const { scan, read } = cell.pass();
      expect(read).to.include('c9');
      expect(pidsOf(scan, 'c9')).to.deep.equal([999]);
      expect(pidsOf(scan, 'c1')).to.equal(undefined);
    }));

  it('sees in four passes what happens in a container, then reads it in each of the next three', () =>
    inCell((cell) => {
      cell.passes(5);
      cell.put('garden/c3', [7]);
      cell.put('garden/c3/c3-inner', [8]);
      let passes = 1;
      while (pidsOf(cell.pass().scan, 'c3')?.[0] !== 7) passes += 1;
      expect(passes).to.be.at.most(4);
      for (let pass = 0; pass < 3; pass++) expect(cell.pass().read).to.include('c3');
      expect(pidsOf(cell.pass().scan, 'c3-inner')).to.deep.equal([8]);
    }));

  it('reads in every pass what it must, by its path or its name, and everything if it must', () =>
    inCell((cell) => {
      cell.passes(5);
      const directories = new Set([asByteString('/garden/c2/below')]);
      const names = new Set([asByteString('c5')]);
      for (let pass = 0; pass < 4; pass++) {
        expect(cell.pass({ ...NOTHING, directories, names }).read).to.include.members(['c2', 'c5']);
      }
      expect(cell.pass('everything').read).to.have.lengthOf(8);
    }));

  it('reads everything again if a limit cut the walk before', () =>
    inCell((cell) => {
      cell.passes(5);
      let path = 'garden/c4';
      for (let depth = 0; depth < 50; depth++) cell.put((path += '/d'), []);
      cell.passes(4);
      expect(cell.pass().read).to.have.lengthOf(8);
    }));
});
