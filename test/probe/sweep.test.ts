import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../src/model/ids.ts';
import type { SweepPlan } from '../../src/model/sweep.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { sweeper } from '../../src/probe/sweep.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { NotingReader, processNames, showProcess } from './shown-process.ts';

const STORE = '/store';
const GARDEN = '/g/garden';
const UNIT = '/system.slice/cron.service';

interface Shown {
  /** NSpid entries. */
  readonly namespaces?: number;
  /** The container whose root filesystem it has; null: the host's. */
  readonly image?: string | null;
  readonly store?: string;
  readonly cgroup: string;
  /** Lines of /proc/PID/cgroup instead of that cgroup in memory. */
  readonly lines?: readonly string[];
  readonly state?: string;
  readonly start?: number;
}

/** A cell of files, and the walk of it. */
class ShownCell {
  readonly root: string;
  readonly #paths = new Map<number, string>();

  constructor(root: string) {
    this.root = root;
    showProcess(root, { pid: 'self', pids: [1], start: 1 });
  }

  show(pid: number, shown: Shown): void {
    const { namespaces = 2, image = null, store = STORE, cgroup, lines, ...more } = shown;
    const images = `${store}/images/${image ?? ''}`;
    showProcess(this.root, {
      pid,
      pids: Array.from({ length: namespaces }, () => 1),
      command: ['app', String(pid)],
      cgroups: lines ?? [`1:memory:${cgroup}`],
      table:
        image === null
          ? '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n'
          : `${pid} 1 0:57 / / rw - overlay overlay rw,upperdir=${images}/diff,workdir=${images}/work\n`,
      ...more,
    });
    this.#paths.set(pid, cgroup);
  }

  file(pid: number, name: string, text: string): void {
    writeFileSync(join(this.root, `proc/${pid}/${name}`), text);
  }

  end(pid: number): void {
    rmSync(join(this.root, `proc/${pid}`), { recursive: true });
    this.#paths.delete(pid);
  }

  /** The walk does not show it. */
  hide(pid: number): void {
    this.#paths.delete(pid);
  }

  plan(more: Partial<SweepPlan> = {}): SweepPlan {
    const byPath = Map.groupBy(this.#paths, ([, path]) => path);
    return {
      directories: [...byPath].map(([path, members], inode) => ({
        path: asByteString(path),
        inode,
        pids: [0, ...members.map(([pid]) => pid)],
        trouble: null,
      })),
      handles: new Set(['H', 'G', 'H-2', 'store'].map(asByteString)),
      gardenNamespaces: 1,
      suspects: [],
      isWhole: false,
      ...more,
    };
  }
}

const inCell = async (
  use: (cell: ShownCell, reader: NotingReader, sweep: ReturnType<typeof sweeper>) => Promise<void>,
  shows: (container: string) => void = () => undefined,
): Promise<void> => {
  const root = temporaryFolder();
  const reader = new NotingReader(root);
  await use(
    new ShownCell(root),
    reader,
    sweeper(reader, () => Promise.resolve(), { names: processNames(reader), shows }),
  );
};

const WHOLE = { isWhole: true };

describe('the sweep', () => {
  for (const [what, shown] of Object.entries<Shown>({
    'in the cgroup of a unit': { image: 'H', cgroup: UNIT },
    'at the top': { image: 'H', cgroup: '/' },
    'in the cgroup of another container': { image: 'H', cgroup: `${GARDEN}/G` },
    'in the cgroup of a container whose handle begins with its own': {
      image: 'H',
      cgroup: `${GARDEN}/H-2`,
    },
    'in a cgroup with a name that only begins as its own': { image: 'H', cgroup: '/g/Hx' },
    'in one like a unit, with a name that begins as its own': {
      image: 'H',
      cgroup: '/H-x.service',
    },
    'of a handle called store': { image: 'store', cgroup: '/' },
    'of a handle that nobody knows': { image: 'unknown', cgroup: '/' },
    'in a pid namespace of its own': { image: 'H', cgroup: '/', namespaces: 3 },
  })) {
    it(`suspects a process ${what}`, () =>
      inCell(async (cell, _reader, sweep) => {
        cell.show(10, shown);
        const { suspects } = await sweep(cell.plan(WHOLE));
        expect(suspects).to.have.length(1);
        expect(suspects[0]?.process).to.include({ pid: 10, startTicks: 10 });
        expect(suspects[0]?.membership).to.deep.equal({ memory: shown.cgroup });
        expect(suspects[0]?.image).to.deep.equal({ name: shown.image, store: STORE });
      }));
  }

  for (const [what, shown] of Object.entries<Shown>({
    'in its own cgroup': { image: 'H', cgroup: `${GARDEN}/H` },
    'in a leaf of it': { image: 'H', cgroup: `${GARDEN}/H/init` },
    "in its cgroup outside Garden's directories": { image: 'H', cgroup: '/g/H' },
    'in the cgroup of its pea': { image: 'H', cgroup: `${GARDEN}/H-envoy` },
    'of a pea with an image of its own': { image: 'H-envoy', cgroup: `${GARDEN}/H/H-envoy` },
    'of the host': { namespaces: 1, cgroup: UNIT },
    'that only has its root, as nstar does for a stream': {
      namespaces: 1,
      image: 'H',
      cgroup: '/g',
    },
    'of docker': { cgroup: `/docker/${'a'.repeat(64)}` },
    'that is a zombie': { image: 'H', cgroup: '/', state: 'Z' },
    'that is dead': { image: 'H', cgroup: '/', state: 'X' },
    'that is in its cgroup on another hierarchy': {
      image: 'H',
      cgroup: '/',
      lines: ['2:memory:/', `1:pids:${GARDEN}/H`],
    },
  })) {
    it(`does not suspect a process ${what}`, () =>
      inCell(async (cell, _reader, sweep) => {
        cell.show(10, shown);
        expect(await sweep(cell.plan(WHOLE))).to.deep.include({ suspects: [], namespaces: 1 });
      }));
  }

  it('does not suspect a process that ends, or moves, while it is read', () =>
    inCell(async (cell, reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: '/' });
      cell.file(10, 'mountinfo', '');
      expect((await sweep(cell.plan(WHOLE))).suspects, 'ends').to.deep.equal([]);
      cell.show(10, { image: 'H', cgroup: '/' });
      const read = reader.lines.bind(reader);
      reader.lines = (path, limit) => {
        cell.file(10, 'cgroup', `1:memory:${GARDEN}/H\n`);
        return read(path, limit);
      };
      expect((await sweep(cell.plan(WHOLE))).suspects, 'moves').to.deep.equal([]);
    }));

  // A v1 cgroup can be renamed 100,000 times a second: its processes were never suspects.
  it('suspects a process in a cgroup that is renamed while it is read', () =>
    inCell(async (cell, reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: '/r0' });
      cell.hide(10);
      const read = reader.text.bind(reader);
      let renames = 0;
      reader.text = (path, ...rest) => {
        if (path.endsWith('/10/cgroup')) cell.file(10, 'cgroup', `1:memory:/r${renames++}\n`);
        return read(path, ...rest);
      };
      for (let pass = 0; pass < 12; pass++) {
        const { suspects } = await sweep(cell.plan());
        expect(
          suspects.map(({ process: { pid } }) => pid),
          `pass ${pass}`,
        ).to.deep.equal([10]);
      }
    }));

  it('counts NSpid entries from those of gdn where bpm runs it', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: '/g', namespaces: 2 });
      cell.show(11, { image: 'H', cgroup: '/', namespaces: 3 });
      const { suspects, namespaces } = await sweep(cell.plan({ ...WHOLE, gardenNamespaces: 2 }));
      expect(namespaces).to.equal(2);
      expect(suspects.map(({ process: { pid } }) => pid)).to.deep.equal([11]);
    }));

  it('sees a process that the walk does not show', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: '/beyond' });
      cell.hide(10);
      expect((await sweep(cell.plan(WHOLE))).suspects).to.have.length(1);
    }));

  it('shows the container of a process in its own cgroup that the walk did not read', async () => {
    const shown: string[] = [];
    await inCell(
      async (cell, _reader, sweep) => {
        cell.show(10, { image: 'H', cgroup: `${GARDEN}/H` });
        cell.show(11, { image: 'unknown', cgroup: `${GARDEN}/unknown` });
        cell.hide(11);
        expect((await sweep(cell.plan(WHOLE))).suspects).to.deep.equal([]);
      },
      (container) => shown.push(container),
    );
    expect(shown).to.deep.equal(['unknown']);
  });

  it('reads a process in its own cgroup once, by its mount table alone', () =>
    inCell(async (cell, reader, sweep) => {
      for (let pid = 10; pid < 20; pid++) cell.show(pid, { image: 'H', cgroup: `${GARDEN}/H` });
      await sweep(cell.plan(WHOLE));
      const first = reader.taken();
      expect(first).to.have.length(10);
      expect(first.every((path) => path.endsWith('/mountinfo'))).to.equal(true);
      for (let pass = 0; pass < 25; pass++) await sweep(cell.plan());
      expect(reader.taken()).to.deep.equal([]);
      cell.show(10, { image: 'H', cgroup: UNIT });
      expect((await sweep(cell.plan())).suspects, 'it moves').to.have.length(1);
    }));

  it('suspects a process that took the pid of one in its own cgroup, within 20 passes', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: `${GARDEN}/H` });
      expect((await sweep(cell.plan(WHOLE))).suspects).to.deep.equal([]);
      cell.end(10);
      cell.show(10, { image: 'G', cgroup: `${GARDEN}/H`, start: 11 });
      let passes = 0;
      while ((await sweep(cell.plan())).suspects.length === 0 && passes < 21) passes += 1;
      expect(passes).to.be.below(20);
    }));

  it('suspects a process that took the pid of one of the host', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { namespaces: 1, cgroup: UNIT });
      expect((await sweep(cell.plan(WHOLE))).suspects).to.deep.equal([]);
      cell.end(10);
      cell.show(10, { image: 'G', cgroup: UNIT, start: 11 });
      expect((await sweep(cell.plan(WHOLE))).suspects).to.have.length(1);
    }));

  it("reads the status of the host's once, and their names once in every later sweep", () =>
    inCell(async (cell, reader, sweep) => {
      for (let pid = 10; pid < 30; pid++) cell.show(pid, { namespaces: 1, cgroup: UNIT });
      for (const [round, file] of [
        ['the first', '/status'],
        ['the second', '/comm'],
      ] as const) {
        for (let pass = 0; pass < 10; pass++) await sweep(cell.plan());
        const read = reader.taken();
        expect(new Set(read).size, round).to.equal(20);
        expect(read, round).to.have.length(20);
        expect(
          read.every((path) => path.endsWith(file)),
          round,
        ).to.equal(true);
      }
    }));

  it('takes at most ten passes, however long a process takes', () =>
    inCell(async (cell, reader, sweep) => {
      const read = reader.text.bind(reader);
      reader.text = (path, ...rest) => {
        const until = performance.now() + 1;
        while (performance.now() < until);
        return read(path, ...rest);
      };
      for (let pid = 10; pid < 110; pid++) cell.show(pid, { namespaces: 1, cgroup: UNIT });
      await sweep(cell.plan());
      expect(reader.taken().length, 'a slice').to.be.within(10, 20);
      for (let pass = 1; pass < 10; pass++) await sweep(cell.plan());
      expect(new Set(reader.reads).size).to.be.at.least(90);
    }));

  it('reads a suspect in every pass, and those of memory, too', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: UNIT });
      for (let pass = 0; pass < 12; pass++) {
        expect((await sweep(cell.plan())).suspects, `pass ${pass}`).to.have.length(1);
      }
      const other = new KernelReader(cell.root);
      const learns = { names: processNames(other), shows: () => undefined };
      const again = sweeper(other, () => Promise.resolve(), learns);
      await again(cell.plan());
      const suspects = [{ pid: 10, startTicks: 10 }];
      expect((await again(cell.plan({ suspects }))).suspects).to.have.length(1);
      cell.end(10);
      expect((await again(cell.plan({ suspects }))).suspects).to.deep.equal([]);
    }));

  it('keeps at most 5 suspects of an image, and 64 in a pass', () =>
    inCell(async (cell, _reader, sweep) => {
      for (let n = 0; n < 20; n++) {
        for (let m = 0; m < 10; m++) cell.show(100 + n * 10 + m, { image: `h${n}`, cgroup: '/' });
      }
      const { suspects } = await sweep(cell.plan(WHOLE));
      expect(suspects, 'of a check').to.have.length(100);
      const counts = Map.groupBy(suspects, ({ image }) => image.name);
      expect(Math.max(...[...counts.values()].map((ofIt) => ofIt.length))).to.equal(5);
      expect((await sweep(cell.plan())).suspects).to.have.length(64);
    }));

  // 65 processes with roots of a tmpfs once kept out the escapes of all containers for good.
  for (const [what, fake] of Object.entries<(n: number) => Partial<Shown>>({
    'of no container': (n) => ({ image: `x${n}` }),
    'with the name of a container, but in another store': (n) => ({ image: 'H', store: `/s${n}` }),
  })) {
    it(`lets no suspects ${what} keep out those of a container`, () =>
      inCell(async (cell, _reader, sweep) => {
        for (let pid = 100; pid < 300; pid++)
          cell.show(pid, { cgroup: UNIT, ...fake(Math.floor(pid / 5)) });
        cell.show(900, { image: 'H', cgroup: UNIT });
        const isSeen = ({ suspects }: Awaited<ReturnType<typeof sweep>>) =>
          suspects.some(({ process: { pid } }) => pid === 900);
        let passes = 0;
        while (!isSeen(await sweep(cell.plan())) && passes < 30) passes += 1;
        expect(passes).to.be.below(30);
        for (let pass = 0; pass < 20; pass++) {
          const plan = cell.plan({ suspects: [{ pid: 900, startTicks: 900 }] });
          expect(isSeen(await sweep(plan)), `pass ${pass} later`).to.equal(true);
        }
      }));
  }

  it('tells the roots in the cgroups of their containers where there is a suspect', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { image: 'G', cgroup: `${GARDEN}/G` });
      cell.show(12, { image: 'G', cgroup: `${GARDEN}/G` });
      expect((await sweep(cell.plan(WHOLE))).roots).to.deep.equal([]);
      cell.show(11, { image: 'H', cgroup: '/' });
      expect((await sweep(cell.plan())).roots).to.deep.equal([
        { name: 'G', store: STORE, cgroup: `${GARDEN}/G` },
      ]);
    }));

  it('skips what it may not read', () =>
    inCell(async (cell, _reader, sweep) => {
      cell.show(10, { image: 'H', cgroup: UNIT });
      rmSync(join(cell.root, 'proc/10/mountinfo'));
      cell.show(11, { image: 'H', cgroup: UNIT });
      rmSync(join(cell.root, 'proc/11/status'));
      expect((await sweep(cell.plan(WHOLE))).suspects).to.deep.equal([]);
    }));
});
