import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asByteString } from '../../../src/model/ids.ts';
import type { Sweep, SweepPlan } from '../../../src/model/sweep.ts';
import { KernelReader } from '../../../src/probe/kernel-reader.ts';
import { sweeper } from '../../../src/probe/sweep/sweeper.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { NotingReader, processNames, showProcess } from '../shown-process.ts';

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
  readonly isExiting?: boolean;
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
          : `${pid} 1 0:57 / / rw - overlay overlay ` +
            `rw,upperdir=${images}/diff,workdir=${images}/work\n`,
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
      homes: {
        primary: 'memory',
        handles: new Set(['H', 'G', 'H-2', 'store'].map(asByteString)),
        byName: new Map(),
        places: new Map(),
        roots: new Map(),
      },
      gardenNamespaces: 1,
      suspects: [],
      isWhole: false,
      isAnnounced: false,
      ...more,
    };
  }
}

/** A cell, its reader and its sweep, which tells `shown` of containers. */
function sweptCell() {
  const cell = new ShownCell(temporaryFolder());
  const reader = new NotingReader(cell.root);
  const shown: string[] = [];
  const shows = (container: string) => shown.push(container);
  const learns = { names: processNames(reader), shows };
  const { sweep, glance } = sweeper(reader, () => Promise.resolve(), learns);
  return { cell, reader, sweep, glance, shown };
}

const WHOLE = { isWhole: true };
const pidsOf = ({ suspects }: Sweep): readonly number[] =>
  suspects.map(({ process: { pid } }) => pid);

describe('the sweep', () => {
  interface SweptProcess {
    readonly cgroup: string;
    /** Whose image its root filesystem is; null: of no container; left out: of H. */
    readonly image?: string | null;
    /** In how many pid namespaces it has a pid; left out: in two. */
    readonly namespaces?: number;
    /** Left out: S. */
    readonly state?: string;
  }
  const SWEPT: readonly {
    readonly isSuspect: boolean;
    readonly what: string;
    readonly process: SweptProcess;
  }[] = [
    { isSuspect: true, what: 'in the cgroup of a unit', process: { cgroup: UNIT } },
    { isSuspect: true, what: 'at the top', process: { cgroup: '/' } },
    {
      isSuspect: true,
      what: 'in the cgroup of another container',
      process: { cgroup: `${GARDEN}/G` },
    },
    {
      isSuspect: true,
      what: 'in the cgroup of a container whose handle begins with its own',
      process: { cgroup: `${GARDEN}/H-2` },
    },
    {
      isSuspect: true,
      what: 'in a cgroup with a name that only begins as its own',
      process: { cgroup: '/g/Hx' },
    },
    {
      isSuspect: true,
      what: 'in one like a unit, with a name that begins as its own',
      process: { cgroup: '/H-x.service' },
    },
    { isSuspect: true, what: 'of a handle called store', process: { cgroup: '/', image: 'store' } },
    {
      isSuspect: true,
      what: 'of a handle that nobody knows',
      process: { cgroup: '/', image: 'unknown' },
    },
    {
      isSuspect: true,
      what: 'in a pid namespace of its own',
      process: { cgroup: '/', image: 'H', namespaces: 3 },
    },
    { isSuspect: false, what: 'in its own cgroup', process: { cgroup: `${GARDEN}/H` } },
    { isSuspect: false, what: 'in a leaf of it', process: { cgroup: `${GARDEN}/H/init` } },
    {
      isSuspect: false,
      what: "in its cgroup outside Garden's directories",
      process: { cgroup: '/g/H' },
    },
    {
      isSuspect: false,
      what: 'in the cgroup of its pea',
      process: { cgroup: `${GARDEN}/H-envoy` },
    },
    {
      isSuspect: false,
      what: 'of a pea with an image of its own',
      process: { cgroup: `${GARDEN}/H/H-envoy`, image: 'H-envoy' },
    },
    {
      isSuspect: false,
      what: 'of the host',
      process: { cgroup: UNIT, image: null, namespaces: 1 },
    },
    {
      isSuspect: false,
      what: 'that only has its root, as nstar for a stream',
      process: { cgroup: '/g', image: 'H', namespaces: 1 },
    },
    {
      isSuspect: false,
      what: 'of docker',
      process: { cgroup: `/docker/${'a'.repeat(64)}`, image: null },
    },
    {
      isSuspect: false,
      what: 'that is a zombie',
      process: { cgroup: '/', image: 'H', namespaces: 2, state: 'Z' },
    },
    {
      isSuspect: false,
      what: 'that is dead',
      process: { cgroup: '/', image: 'H', namespaces: 2, state: 'X' },
    },
  ];
  for (const { isSuspect, what, process } of SWEPT) {
    it(`${isSuspect ? 'suspects' : 'does not suspect'} a process ${what}`, async () => {
      const { cell, sweep } = sweptCell();
      const { cgroup, image = 'H', namespaces = 2, state = 'S' } = process;
      cell.show(10, { cgroup, image, namespaces, state });
      const swept = await sweep(cell.plan(WHOLE));
      expect(swept.namespaces).to.equal(1);
      const found = swept.suspects.map((one) => ({ ...one, process: one.process.startTicks }));
      const suspect = {
        process: 10,
        membership: { memory: cgroup },
        image: { name: image, store: STORE },
        byGlance: false,
      };
      expect(found).to.deep.equal(isSuspect ? [suspect] : []);
    });
  }

  describe('on a cell with several hierarchies', () => {
    /**
     * /proc/PID/cgroup of a process that is in the cgroup of H in these hierarchies, and elsewhere
     * in the others.
     */
    const linesIn = (...inside: readonly string[]): readonly string[] =>
      ['memory', 'pids', 'cpu', 'hugetlb', 'name=systemd', ''].map((name, index) => {
        const id = name === '' ? 0 : index + 1;
        const cgroup = inside.includes(name || 'v2') ? `${GARDEN}/H` : '/';
        return `${id}:${name}:${cgroup}`;
      });
    const GARDENS = ['memory', 'pids', 'cpu', 'name=systemd', 'v2'] as const;
    const cellOf = (...processes: readonly (readonly [number, readonly string[]])[]) => {
      const swept = sweptCell();
      showProcess(swept.cell.root, { pid: 'self', pids: [1], start: 1, cgroups: linesIn() });
      for (const [pid, inside] of processes) {
        const cgroup = inside.includes('memory') ? `${GARDEN}/H` : '/';
        swept.cell.show(pid, { image: 'H', cgroup, lines: linesIn(...inside) });
      }
      return swept;
    };

    it('suspects a process that is in its cgroup only where no controller is', async () => {
      const { cell, sweep } = cellOf([10, GARDENS], [11, ['v2', 'name=systemd']]);
      expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([11]);
    });

    it('suspects one that left its cgroup in the primary hierarchy alone', async () => {
      const { cell, sweep } = cellOf([10, GARDENS], [11, ['pids', 'cpu', 'v2']]);
      expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([11]);
    });

    it('suspects one that left it in another hierarchy, where others of its container are', async () => {
      const { cell, sweep } = cellOf([10, GARDENS], [11, ['memory', 'pids']], [12, GARDENS]);
      expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([11]);
    });

    it('does not suspect all of them in a hierarchy that Garden does not use', async () => {
      const { cell, sweep } = cellOf([10, GARDENS], [11, GARDENS]);
      expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([]);
    });

    it('comes across one that left it in another hierarchy, 16 processes in a pass', async () => {
      const pids = Array.from({ length: 40 }, (_, n) => 10 + n);
      const { cell, reader, sweep } = cellOf(...pids.map((pid) => [pid, GARDENS] as const));
      await sweep(cell.plan(WHOLE));
      cell.show(30, { image: 'H', cgroup: `${GARDEN}/H`, lines: linesIn('memory') });
      reader.taken();
      await sweep(cell.plan());
      expect(reader.taken().filter((path) => path.endsWith('/cgroup'))).to.have.length(16);
      let passes = 1;
      while (!pidsOf(await sweep(cell.plan())).includes(30) && passes < 10) passes += 1;
      expect(passes).to.be.below(3);
      expect(pidsOf(await sweep(cell.plan())), 'in every later pass').to.deep.equal([30]);
    });

    it('reads what memory suspects again, also after a restart', async () => {
      const { cell, sweep } = cellOf([10, ['memory', 'pids']]);
      const suspects = [{ pid: 10, startTicks: 10 }];
      expect(pidsOf(await sweep(cell.plan({ suspects })))).to.deep.equal([10]);
    });

    // The kernel shows `/` in every v1 hierarchy for a process that is exiting, and keeps it in v2.
    it('does not suspect a process that is exiting', async () => {
      const { cell, sweep } = cellOf([10, GARDENS]);
      cell.show(11, { image: 'H', cgroup: '/', lines: linesIn('v2'), isExiting: true });
      expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([]);
    });

    it('lets no suspects that keep a cgroup keep out those that keep none', async () => {
      const { cell, sweep } = cellOf();
      for (let n = 0; n < 200; n++)
        cell.show(100 + n, { image: `h${n}`, cgroup: '/', lines: [`1:memory:/`, `2:pids:/h${n}`] });
      cell.show(900, { image: 'H', cgroup: '/', lines: linesIn() });
      let passes = 0;
      while (!pidsOf(await sweep(cell.plan())).includes(900) && passes < 30) passes += 1;
      expect(passes).to.be.below(10);
    });
  });

  it('does not suspect a process that ends, or moves, while it is read', async () => {
    const { cell, reader, sweep } = sweptCell();
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
  });

  // A v1 cgroup can be renamed 100,000 times a second: its processes were never suspects.
  it('suspects a process in a cgroup that is renamed while it is read', async () => {
    const { cell, reader, sweep } = sweptCell();
    cell.show(10, { image: 'H', cgroup: '/r0' });
    cell.hide(10);
    const read = reader.text.bind(reader);
    let renames = 0;
    reader.text = (path, ...rest) => {
      if (path.endsWith('/10/cgroup')) cell.file(10, 'cgroup', `1:memory:/r${renames++}\n`);
      return read(path, ...rest);
    };
    for (let pass = 0; pass < 12; pass++)
      expect(pidsOf(await sweep(cell.plan())), `pass ${pass}`).to.deep.equal([10]);
  });

  it('counts NSpid entries from those of gdn where bpm runs it', async () => {
    const { cell, sweep } = sweptCell();
    cell.show(10, { image: 'H', cgroup: '/g', namespaces: 2 });
    cell.show(11, { image: 'H', cgroup: '/', namespaces: 3 });
    const swept = await sweep(cell.plan({ ...WHOLE, gardenNamespaces: 2 }));
    expect(swept.namespaces).to.equal(2);
    expect(pidsOf(swept)).to.deep.equal([11]);
  });

  it('sees a process that the walk does not show, and shows its container if it is in its cgroup', async () => {
    const { cell, sweep, shown } = sweptCell();
    cell.show(10, { image: 'H', cgroup: '/beyond' });
    cell.show(11, { image: 'unknown', cgroup: `${GARDEN}/unknown` });
    for (const pid of [10, 11]) cell.hide(pid);
    cell.show(12, { image: 'H', cgroup: `${GARDEN}/H` });
    expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([10]);
    expect(shown).to.deep.equal(['unknown']);
  });

  it('reads a process in its own cgroup once, by its mount table alone', async () => {
    const { cell, reader, sweep } = sweptCell();
    const pids = Array.from({ length: 10 }, (_, n) => 10 + n);
    for (const pid of pids) cell.show(pid, { image: 'H', cgroup: `${GARDEN}/H` });
    await sweep(cell.plan(WHOLE));
    expect(reader.taken()).to.have.members(pids.map((pid) => `/proc/${pid}/mountinfo`));
    for (let pass = 0; pass < 25; pass++) await sweep(cell.plan());
    expect(reader.taken()).to.deep.equal([]);
    cell.show(10, { image: 'H', cgroup: UNIT });
    expect(pidsOf(await sweep(cell.plan())), 'it moves').to.deep.equal([10]);
  });

  it('reads a zombie once, and nothing of it that can be long', async () => {
    const { cell, reader, sweep } = sweptCell();
    cell.show(10, { image: 'H', cgroup: '/', state: 'Z' });
    cell.hide(10);
    await sweep(cell.plan(WHOLE));
    expect(reader.taken().filter((path) => path.startsWith('/proc/10/'))).to.deep.equal([
      '/proc/10/stat',
    ]);
    await sweep(cell.plan(WHOLE));
    expect(reader.taken()).to.deep.equal([]);
    cell.end(10);
    cell.show(10, { image: 'H', cgroup: UNIT });
    expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([10]);
  });

  it('suspects a process that took the pid of one in its own cgroup, within 20 passes', async () => {
    const { cell, sweep } = sweptCell();
    cell.show(10, { image: 'H', cgroup: `${GARDEN}/H` });
    expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([]);
    cell.end(10);
    cell.show(10, { image: 'G', cgroup: `${GARDEN}/H`, start: 11 });
    let passes = 0;
    while ((await sweep(cell.plan())).suspects.length === 0 && passes < 21) passes += 1;
    expect(passes).to.be.below(20);
  });

  it('suspects a process that took the pid of one of the host', async () => {
    const { cell, sweep } = sweptCell();
    cell.show(10, { namespaces: 1, cgroup: UNIT });
    expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([]);
    cell.end(10);
    cell.show(10, { image: 'G', cgroup: UNIT, start: 11 });
    expect(pidsOf(await sweep(cell.plan(WHOLE)))).to.deep.equal([10]);
  });

  it("reads the status of the host's once, and their names once in every later sweep", async () => {
    const { cell, reader, sweep } = sweptCell();
    const pids = Array.from({ length: 20 }, (_, n) => 10 + n);
    for (const pid of pids) cell.show(pid, { namespaces: 1, cgroup: UNIT });
    for (const file of ['status', 'comm']) {
      for (let pass = 0; pass < 10; pass++) await sweep(cell.plan());
      expect(reader.taken()).to.have.members(pids.map((pid) => `/proc/${pid}/${file}`));
    }
  });

  it('takes at most ten passes, however long a process takes', async () => {
    const { cell, reader, sweep } = sweptCell();
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
  });

  it('reads 32 of many new processes in a pass, the oldest first, and all in the next sweep', async () => {
    const { cell, sweep } = sweptCell();
    const escapesIn = (from: number, to: number): void => {
      for (let pid = from; pid < to; pid++) cell.show(pid, { image: `I${pid}`, cgroup: UNIT });
    };
    for (let pid = 1000; pid < 1600; pid++) cell.show(pid, { image: 'H', cgroup: `${GARDEN}/H` });
    await sweep(cell.plan(WHOLE));
    escapesIn(100, 140);
    const first = pidsOf(await sweep(cell.plan()));
    expect(first).to.deep.equal(Array.from({ length: 32 }, (_, n) => 100 + n));
    for (const pid of first) cell.end(pid);
    escapesIn(200, 260);
    const second = pidsOf(await sweep(cell.plan()));
    expect(second.slice(0, 8)).to.deep.equal([132, 133, 134, 135, 136, 137, 138, 139]);
    expect(second).to.have.lengthOf(32);
    for (let pass = 3; pass <= 20; pass++) await sweep(cell.plan());
    expect(pidsOf(await sweep(cell.plan()))).to.include(259);
  });

  it('reads a suspect in every pass, and those of memory, too', async () => {
    const { cell, sweep } = sweptCell();
    cell.show(10, { image: 'H', cgroup: UNIT });
    for (let pass = 0; pass < 12; pass++)
      expect(pidsOf(await sweep(cell.plan())), `pass ${pass}`).to.deep.equal([10]);
    const other = new KernelReader(cell.root);
    const learns = { names: processNames(other), shows: () => undefined };
    const { sweep: again } = sweeper(other, () => Promise.resolve(), learns);
    await again(cell.plan());
    const suspects = [{ pid: 10, startTicks: 10 }];
    expect(pidsOf(await again(cell.plan({ suspects })))).to.deep.equal([10]);
    cell.end(10);
    expect(pidsOf(await again(cell.plan({ suspects })))).to.deep.equal([]);
  });

  it('keeps at most 5 suspects of an image, and 64 in a pass', async () => {
    const { cell, sweep } = sweptCell();
    for (let n = 0; n < 200; n++) cell.show(100 + n, { image: `h${n % 20}`, cgroup: '/' });
    const { suspects } = await sweep(cell.plan(WHOLE));
    expect(suspects, 'of a check').to.have.length(100);
    const counts = Map.groupBy(suspects, ({ image }) => image.name);
    expect(Math.max(...[...counts.values()].map((ofIt) => ofIt.length))).to.equal(5);
    expect((await sweep(cell.plan())).suspects).to.have.length(64);
  });

  // 65 processes with roots of a tmpfs once kept out the escapes of all containers for good.
  for (const [what, fake] of Object.entries<(n: number) => Partial<Shown>>({
    'of no container': (n) => ({ image: `x${n}` }),
    'with the name of a container, but in another store': (n) => ({ image: 'H', store: `/s${n}` }),
  })) {
    it(`lets no suspects ${what} keep out those of a container`, async () => {
      const { cell, sweep } = sweptCell();
      for (let pid = 100; pid < 300; pid++)
        cell.show(pid, { cgroup: UNIT, ...fake(Math.floor(pid / 5)) });
      cell.show(900, { image: 'H', cgroup: UNIT });
      let passes = 0;
      while (!pidsOf(await sweep(cell.plan())).includes(900) && passes < 30) passes += 1;
      expect(passes).to.be.below(30);
      const suspects = [{ pid: 900, startTicks: 900 }];
      for (let pass = 0; pass < 20; pass++)
        expect(pidsOf(await sweep(cell.plan({ suspects }))), `${pass} later`).to.include(900);
    });
  }

  describe('with more suspects than it keeps', () => {
    const HOME = { path: asByteString(GARDEN), kind: 'garden' } as const;
    /** Garden lists the container G. */
    const inG = (plan: SweepPlan): SweepPlan => {
      const byName = new Map([[asByteString('G'), HOME]]);
      return { ...plan, homes: { ...plan.homes, byName } };
    };

    it('says how many it leaves out, and in whose cgroup most of them are, until they end', async () => {
      const { cell, sweep } = sweptCell();
      for (let n = 0; n < 40; n++) cell.show(100 + n, { image: `x${n}`, cgroup: `${GARDEN}/G` });
      let last = await sweep(inG(cell.plan()));
      for (let pass = 0; pass < 10; pass++) last = await sweep(inG(cell.plan()));
      expect(last.suspects).to.have.lengthOf(16);
      expect(last.omitted).to.deep.equal({ processes: 24, container: 'G' });
      for (let n = 0; n < 40; n++) cell.end(100 + n);
      for (let pass = 0; pass < 11; pass++) last = await sweep(inG(cell.plan()));
      expect(last.omitted).to.equal(null);
    });

    it('keeps an escape of another container', async () => {
      const { cell, sweep } = sweptCell();
      for (let n = 0; n < 2000; n++) cell.show(100 + n, { image: `x${n}`, cgroup: `${GARDEN}/G` });
      cell.show(9000, { image: 'H', cgroup: UNIT });
      const { suspects, omitted } = await sweep(inG(cell.plan(WHOLE)));
      expect(suspects.map(({ process: { pid } }) => pid)).to.include(9000);
      expect(omitted).to.deep.equal({ processes: 2000 - 256, container: 'G' });
    });
  });

  it('tells the roots in the cgroups of their containers where there is a suspect', async () => {
    const { cell, sweep } = sweptCell();
    for (const pid of [10, 12]) cell.show(pid, { image: 'G', cgroup: `${GARDEN}/G` });
    expect((await sweep(cell.plan(WHOLE))).roots).to.deep.equal([]);
    cell.show(11, { image: 'H', cgroup: '/' });
    expect((await sweep(cell.plan())).roots).to.deep.equal([
      { name: 'G', store: STORE, cgroup: `${GARDEN}/G` },
    ]);
  });

  it('skips what it may not read', async () => {
    const { cell, sweep } = sweptCell();
    for (const [pid, file] of [
      [10, 'mountinfo'],
      [11, 'status'],
    ] as const) {
      cell.show(pid, { image: 'H', cgroup: UNIT });
      rmSync(join(cell.root, `proc/${pid}/${file}`));
    }
    expect((await sweep(cell.plan(WHOLE))).suspects).to.deep.equal([]);
  });

  describe('after a glance between two passes', () => {
    /** A cell whose processes were swept in the cgroup of H, and have gone outside since. */
    const leftSince = async (...pids: readonly number[]) => {
      const swept = sweptCell();
      for (const pid of pids) swept.cell.show(pid, { image: 'H', cgroup: `${GARDEN}/H` });
      await swept.sweep(swept.cell.plan(WHOLE));
      const atHome = swept.cell.plan();
      for (const pid of pids) swept.cell.show(pid, { image: 'H', cgroup: UNIT });
      return { ...swept, atHome };
    };
    const goHome = (cell: ShownCell, pid: number): void =>
      cell.show(pid, { image: 'H', cgroup: `${GARDEN}/H` });
    const glanced = ({ suspects }: Sweep): readonly number[] =>
      suspects.flatMap(({ process: { pid }, byGlance }) => (byGlance ? [pid] : []));

    it('suspects a process that was outside then, and is at home again', async () => {
      const { cell, sweep, glance, atHome } = await leftSince(10);
      glance();
      goHome(cell, 10);
      const swept = await sweep(atHome);
      expect(glanced(swept)).to.deep.equal([10]);
      expect(swept.suspects[0]?.membership).to.deep.equal({ memory: UNIT });
      expect(glanced(await sweep(atHome)), 'in the pass after it').to.deep.equal([]);
    });

    it('suspects one that came home only for the sweep, as soon as it is outside again', async () => {
      const { cell, sweep } = await leftSince(10);
      const shownOutside = cell.plan();
      goHome(cell, 10);
      expect(pidsOf(await sweep(shownOutside))).to.deep.equal([]);
      cell.show(10, { image: 'H', cgroup: UNIT });
      expect(pidsOf(await sweep(cell.plan()))).to.deep.equal([10]);
    });

    it('tells it again in the pass after one that a change announced', async () => {
      const { cell, sweep, glance, atHome } = await leftSince(10);
      glance();
      goHome(cell, 10);
      expect(glanced(await sweep({ ...atHome, isAnnounced: true }))).to.deep.equal([10]);
      expect(glanced(await sweep(atHome))).to.deep.equal([10]);
    });

    it('suspects none that stayed at home, is exiting, or is another one with its pid', async () => {
      const { cell, sweep, glance, atHome } = await leftSince(10, 11, 12);
      goHome(cell, 10);
      cell.show(11, { image: 'H', cgroup: '/', isExiting: true });
      cell.end(12);
      cell.show(13, { image: 'H', cgroup: UNIT });
      renameSync(join(cell.root, 'proc/13'), join(cell.root, 'proc/12'));
      glance();
      for (const pid of [11, 12]) goHome(cell, pid);
      expect(glanced(await sweep(atHome))).to.deep.equal([]);
    });

    it('comes to each process in turn, and opens nothing but files of processes', async () => {
      const pids = Array.from({ length: 40 }, (_, n) => 10 + n);
      const { reader, glance } = await leftSince(...pids);
      reader.taken();
      for (let times = 0; times < 40; times++) glance();
      const read = reader.taken();
      const asked = new Set(read.flatMap((path) => /proc\/(\d+)\/cgroup$/.exec(path)?.[1] ?? []));
      expect([...asked].map(Number).toSorted((a, b) => a - b)).to.deep.equal(pids);
      expect(read.filter((path) => !path.includes('/proc/'))).to.deep.equal([]);
    });

    it('reads processes of a container that it saw outside more often than others', async () => {
      const { cell, reader, sweep, glance } = sweptCell();
      for (let pid = 100; pid < 200; pid++) cell.show(pid, { image: 'G', cgroup: `${GARDEN}/G` });
      cell.show(10, { image: 'H', cgroup: `${GARDEN}/H` });
      await sweep(cell.plan(WHOLE));
      cell.show(10, { image: 'H', cgroup: UNIT });
      const isRead = (): boolean => reader.taken().some((path) => path.endsWith('/proc/10/cgroup'));
      reader.taken();
      let times = 0;
      for (glance(); !isRead(); glance()) times += 1;
      expect(times).to.be.below(26);
      for (let again = 0; again < 10; again++) {
        glance();
        expect(isRead(), `glance ${again} after that`).to.equal(true);
      }
    });
  });
});
