import fs, { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../../src/model/ids.ts';
import type { MustRead } from '../../../src/model/snapshot.ts';
import type { Walk } from '../../../src/model/walk.ts';
import { walkHierarchy } from '../../../src/probe/walk/walk-hierarchy.ts';
import { CrowdedDirectories } from '../../../src/probe/walk/crowded-directories.ts';
import { reusedWalk } from '../../../src/probe/walk/reused-walk.ts';
import { KernelReader, type Unread } from '../../../src/probe/kernel-reader.ts';
import { PassUnderWay } from '../../../src/probe/rereads.ts';
import { walkComparison } from '../../../src/probe/walk/walk-comparison.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { atEndOfTest } from '../../at-end-of-test.ts';

const NOTHING: MustRead = { directories: new Set(), names: new Set(), pids: new Set() };

/** Notes which containers are read. */
class NotingReader extends KernelReader {
  reads: string[] = [];
  /** Called before each read. */
  before: () => void = () => undefined;

  override whole(path: string | Buffer): string | Unread {
    this.before();
    this.reads.push(/(?<=^|\/)[ce]\d+/.exec(path.toString())?.[0] ?? 'above');
    return super.whole(path);
  }
}

class WalkedCell {
  readonly #folder = temporaryFolder();
  readonly #reader = new NotingReader('/');
  readonly #pass = new PassUnderWay();
  readonly #crowded = new CrowdedDirectories(this.#pass, { whole: 40, part: 16 });
  readonly #walk = reusedWalk(
    (plan, record) => walkHierarchy(this.#reader, plan, record),
    walkComparison(this.#reader),
    this.#pass,
    this.#crowded,
  );

  constructor() {
    atEndOfTest(() => this.#crowded.close());
    this.put('', []);
    this.put('garden', []);
    for (let n = 0; n < 8; n++) this.put(`garden/c${n}`, [100 + n]);
  }

  put(path: string, pids: readonly number[]): void {
    mkdirSync(join(this.#folder, path), { recursive: true });
    writeFileSync(join(this.#folder, path, 'cgroup.procs'), pids.map((pid) => `${pid}\n`).join(''));
  }

  /** Renames a directory while one pass reads, before this read of it, and then renames it back. */
  blinks(path: string, beforeRead: number): void {
    const [here, aside] = [join(this.#folder, path), `${this.#folder}-aside`];
    let left = beforeRead;
    this.#reader.before = () => {
      if (--left === 0) renameSync(here, aside);
    };
    this.pass();
    this.#reader.before = () => undefined;
    if (left <= 0) renameSync(aside, here);
  }

  note(path: string): void {
    writeFileSync(join(this.#folder, path), '');
  }

  replace(path: string, by: string): void {
    renameSync(join(this.#folder, path), join(this.#folder, 'was'));
    renameSync(join(this.#folder, by), join(this.#folder, path));
    this.remove('was');
  }

  remove(path: string): void {
    rmSync(join(this.#folder, path), { recursive: true });
  }

  /** One walk; returns it with the containers that it read. */
  pass(
    mustRead: MustRead = NOTHING,
    known: readonly string[] = [],
  ): { walk: Walk; read: readonly string[] } {
    this.#reader.reads = [];
    this.#pass.starts(mustRead, new Set(known.map(asByteString)));
    const openedAt = asByteString(this.#folder);
    const plan = { controller: 'memory', openedAt, scope: asByteString('/'), first: [] };
    const steps = this.#walk(plan);
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const read = new Set(this.#reader.reads.filter((one) => one !== 'above'));
    return { walk: step.value, read: [...read].toSorted() };
  }

  shows(container: string): void {
    this.#crowded.shows(asByteString(container));
  }

  passes(count: number): void {
    for (let left = count; left > 0; left--) this.pass();
  }
}

/** A cell after which every container takes its turn; `make` adds to what it has. */
function settledCell(make: (cell: WalkedCell) => void = () => undefined): WalkedCell {
  const cell = new WalkedCell();
  make(cell);
  cell.passes(5);
  return cell;
}

/** The directories that are listed meanwhile. */
function listedBy(work: () => void): readonly string[] {
  const listed: string[] = [];
  const { readdirSync } = fs;
  fs.readdirSync = ((...args: Parameters<typeof readdirSync>) => {
    listed.push(String(args[0]));
    return readdirSync(...args);
  }) as typeof readdirSync;
  try {
    work();
  } finally {
    fs.readdirSync = readdirSync;
  }
  return listed;
}

const pidsOf = (walk: Walk, name: string): readonly number[] | undefined =>
  walk.kind === 'read'
    ? walk.directories.find(({ path }) => path.endsWith(`/${name}`))?.pids
    : undefined;

const pathsOf = (walk: Walk): readonly string[] =>
  walk.kind === 'read' ? walk.directories.map(({ path }) => path).toSorted() : [];

describe('a walk that reads again only a part', () => {
  it('reads a quarter of the containers in each pass, and all in four', () => {
    const cell = new WalkedCell();
    cell.passes(4);
    const four = Array.from({ length: 4 }, () => cell.pass().read);
    expect(four.map(({ length }) => length)).to.deep.equal([2, 2, 2, 2]);
    expect(new Set(four.flat()).size).to.equal(8);
  });

  it('is the same value while nothing changes, whatever it reads', () => {
    const cell = new WalkedCell();
    const { walk } = cell.pass();
    for (let pass = 0; pass < 8; pass++) expect(cell.pass().walk).to.equal(walk);
    expect(cell.pass('everything').walk).to.equal(walk);
  });

  it('sees at once that a container has come or gone', () => {
    const cell = settledCell();
    cell.put('garden/c9', [999]);
    cell.remove('garden/c1');
    const { walk, read } = cell.pass();
    expect(read).to.include('c9');
    expect(pidsOf(walk, 'c9')).to.deep.equal([999]);
    expect(pidsOf(walk, 'c1')).to.equal(undefined);
  });

  it('sees in the next pass what was away when its turn came, whenever that was', () => {
    for (const name of ['garden/c9', 'garden/good/c9', 'unit', 'garden-2', 'garden-2/c9']) {
      for (let read = 1; read <= 8; read++) {
        const cell = settledCell((made) => made.put('garden/good', []));
        cell.put(name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : 'garden', []);
        cell.put(name, [999]);
        cell.blinks(name, read);
        const { walk } = cell.pass();
        expect(pidsOf(walk, name), `${name} before read ${read}`).to.deep.equal([999]);
      }
    }
  });

  it('sees in four passes what happens in a container, then reads it in each of the next three', () => {
    const cell = settledCell();
    cell.put('garden/c3', [7]);
    cell.put('garden/c3/c3-inner', [8]);
    let passes = 1;
    while (pidsOf(cell.pass().walk, 'c3')?.[0] !== 7) passes += 1;
    expect(passes).to.be.at.most(4);
    for (let pass = 0; pass < 3; pass++) expect(cell.pass().read).to.include('c3');
    expect(pidsOf(cell.pass().walk, 'c3-inner')).to.deep.equal([8]);
  });

  it('sees in four passes which children a container has, whatever came and went', () => {
    const cell = new WalkedCell();
    const children = (walk: Walk): readonly string[] =>
      pathsOf(walk).flatMap((path) => path.split('/garden/c3/')[1] ?? []);
    // As many as before, one less and two more, another below the first.
    const states = [['a', 'b'], ['a', 'c'], ['a'], ['a', 'a/b', 'd'], ['b', 'a', 'a/c'], []];
    for (const state of states) {
      for (const name of children(cell.pass('everything').walk).toReversed())
        cell.remove(`garden/c3/${name}`);
      for (const name of state.toSorted()) cell.put(`garden/c3/${name}`, []);
      cell.passes(3);
      expect(children(cell.pass().walk)).to.deep.equal(state.toSorted());
    }
  });

  it('lists no directory of which it knows as many children as there are', () => {
    const cell = settledCell((made) => made.put('garden/c3/a', []));
    const listed = listedBy(() => cell.passes(4));
    expect(listed.filter((path) => path.includes('c3'))).to.deep.equal([]);
    expect(listed).to.have.lengthOf(8);
    cell.put('garden/c3/a', [8]);
    const above = listedBy(() => cell.passes(4)).filter((path) => !path.includes('c3'));
    expect(above, 'once in a pass that walks').to.have.lengthOf(8);
  });

  it('lists again, once, if something else than a container has come', () => {
    const cell = settledCell();
    const { walk } = cell.pass();
    cell.note('garden/memory.new');
    const listed = [1, 2, 3].map(() => listedBy(() => expect(cell.pass().walk).to.equal(walk)));
    expect(listed.map(({ length }) => length)).to.deep.equal([4, 2, 2]);
  });

  it('reads a container that is not the same one, with the processes that it had', () => {
    const cell = settledCell();
    const { walk } = cell.pass();
    cell.put('garden/another', [103]);
    cell.replace('garden/c3', 'garden/another');
    const states = [1, 2, 3, 4].map(() => cell.pass().walk);
    expect(states.at(-1)).not.to.equal(walk);
    expect(pidsOf(states.at(-1) ?? walk, 'c3')).to.deep.equal([103]);
  });

  it('reads in every pass what it must, by its path or its name, and everything if it must', () => {
    const cell = settledCell();
    const directories = new Set([asByteString('/garden/c2/below')]);
    const names = new Set([asByteString('c5')]);
    for (let pass = 0; pass < 4; pass++) {
      expect(cell.pass({ ...NOTHING, directories, names }).read).to.include.members(['c2', 'c5']);
    }
    expect(cell.pass('everything').read).to.have.lengthOf(8);
  });

  it('reads everything again if a limit cut the walk before', () => {
    const cell = settledCell();
    let path = 'garden/c4';
    for (let depth = 0; depth < 50; depth++) cell.put((path += '/d'), []);
    cell.passes(4);
    expect(cell.pass().read).to.have.lengthOf(8);
  });

  describe('of a Garden directory with more children than one pass reads', () => {
    const KNOWN = Array.from({ length: 8 }, (_, n) => `c${n}`);
    const EMPTY = 100;

    const crowdedCell = (): WalkedCell => {
      const cell = new WalkedCell();
      cell.pass('everything', KNOWN);
      for (let n = 0; n < EMPTY; n++) cell.put(`garden/e${n}`, []);
      return cell;
    };

    it('reads a quarter of the known containers and a part of the others, and says so', () => {
      const cell = crowdedCell();
      cell.pass(NOTHING, KNOWN);
      for (let pass = 0; pass < 8; pass++) {
        const { walk, read } = cell.pass(NOTHING, KNOWN);
        expect(walk).to.deep.include({ unseen: [{ path: '/garden', why: 'many', errno: null }] });
        for (const [n, name] of KNOWN.entries())
          expect(pidsOf(walk, name)).to.deep.equal([100 + n]);
        // At first they are new.
        const known = read.filter((name) => name.startsWith('c'));
        expect(known.length).to.be.at.most(pass < 3 ? 8 : 2);
        expect(read.filter((name) => name.startsWith('e')).length).to.be.within(8, 16);
      }
    });

    it('reads each of the others in turn, so that an unknown container is found', () => {
      const cell = crowdedCell();
      cell.put('garden/c77', [777]);
      const found = new Set<string>();
      let seen = 0;
      const rounds = Math.ceil((EMPTY + 9) / 16) + 1;
      for (let pass = 0; pass < rounds; pass++) {
        const { walk, read } = cell.pass(NOTHING, KNOWN);
        for (const name of read) found.add(name);
        if (pidsOf(walk, 'c77')?.[0] === 777) seen += 1;
      }
      expect(seen).to.be.at.least(1);
      expect(found.size).to.equal(EMPTY + 9);
      expect(pidsOf(cell.pass(NOTHING, [...KNOWN, 'c77']).walk, 'c77')).to.deep.equal([777]);
    });

    it('reads in each pass what the sweep has come across, if it can be the name of a child', () => {
      const cell = crowdedCell();
      cell.put('garden/c77', [777]);
      cell.put('c99', [99]);
      for (const name of ['c77', '../../c99', '..']) cell.shows(name);
      for (let pass = 0; pass < 3; pass++) {
        const { walk } = cell.pass(NOTHING, KNOWN);
        expect(pidsOf(walk, 'c77')).to.deep.equal([777]);
        expect(pathsOf(walk)).not.to.include('/garden/../c99');
      }
    });

    it('sees that a known container is gone, and reads all again once the others are', () => {
      const cell = crowdedCell();
      cell.pass(NOTHING, KNOWN);
      cell.remove('garden/c1');
      expect(pidsOf(cell.pass(NOTHING, KNOWN).walk, 'c1')).to.equal(undefined);
      for (let n = 0; n < EMPTY; n++) cell.remove(`garden/e${n}`);
      const { walk } = cell.pass(NOTHING, KNOWN);
      expect(walk).to.deep.include({ unseen: [] });
      expect(pathsOf(walk)).to.have.lengthOf(2 + 7);
    });

    it('reads as many of the others as it reads without them if it must read everything', () => {
      const cell = crowdedCell();
      const { read } = cell.pass('everything', KNOWN);
      expect(read).to.include.members(KNOWN);
      expect(read.length).to.be.within(40, 40 + 8);
    });

    it('reads no more of many such directories than twice the part of one', () => {
      const cell = crowdedCell();
      for (let n = 0; n < 12; n++) {
        cell.put(`garden-${n}`, []);
        for (let m = 0; m < 50; m++) cell.put(`garden-${n}/e${n}0${m}`, []);
      }
      const { walk, read } = cell.pass(NOTHING, KNOWN);
      expect(walk.kind === 'read' && walk.unseen.length).to.equal(13);
      expect(read.filter((name) => name.startsWith('e')).length).to.be.within(16, 32);
    });

    it('opens no path that a name makes', () => {
      const cell = crowdedCell();
      cell.put('c99', [99]);
      const { walk, read } = cell.pass(NOTHING, [...KNOWN, 'cgroup.procs', 'none']);
      expect(read).not.to.include('none');
      expect(pidsOf(walk, 'cgroup.procs')).to.equal(undefined);
    });
  });
});
