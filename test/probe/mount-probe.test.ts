import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { KnownFailure } from '../../src/model/failure.ts';
import { asByteString } from '../../src/model/ids.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { MountReader, readTables, statMount } from '../../src/probe/mount-probe.ts';
import { skip } from '../skip.ts';
import { temporaryFolder, writeFiles } from '../temporary-folder.ts';

describe('MountReader', () => {
  before(function () {
    if (process.platform !== 'linux') skip(this, 'needs Linux with /proc');
  });

  it("reads the cell's table below the root and our own above it", () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'proc', '1'), { recursive: true });
    const line = '9 8 0:77 / /sys/fs/cgroup/caf\xe9 rw - cgroup c rw,memory\n';
    writeFileSync(join(folder, 'proc', '1', 'mountinfo'), line, 'latin1');
    writeFileSync(join(folder, 'proc', '1', 'cgroup'), '3:memory:/init.scope\nbroken\n');
    const inputs = new MountReader(folder).read();
    expect(inputs.source).to.equal(`${folder}/proc/1/mountinfo`);
    expect(inputs.root).to.equal(folder);
    expect(inputs.cellTable.mounts.map(({ mountPoint }) => mountPoint)).to.deep.equal([
      '/sys/fs/cgroup/caf\xe9',
    ]);
    expect(inputs.ownTable.mounts.some(({ mountPoint }) => mountPoint === '/')).to.equal(true);
    expect(inputs.firstProcessPaths).to.deep.equal({ memory: '/init.scope' });
    expect(inputs.stats.get(asByteString(`${folder}/sys/fs/cgroup/caf\xe9`))).to.deep.equal({
      kind: 'failed',
      errno: 'ENOENT',
    });
  });

  it('is the same value until a table, or a mount in it, has changed', () => {
    const folder = temporaryFolder();
    const mount = join(folder, 'mount');
    const table = (id: number): void =>
      writeFiles(folder, {
        'proc/1/mountinfo': `${id} 8 0:77 / /mount rw - cgroup c rw,memory\n`,
      });
    mkdirSync(mount);
    table(9);
    const reader = new MountReader(folder);
    const first = reader.read();
    expect(reader.read()).to.equal(first);
    table(10);
    expect(reader.read(false)).to.equal(first);
    const second = reader.read();
    expect(second.cellTable.mounts[0]?.id).to.equal(10);
    // Another directory at the path of the mount: the tables are read, too.
    table(11);
    mkdirSync(join(folder, 'other'));
    rmSync(mount, { recursive: true });
    renameSync(join(folder, 'other'), mount);
    expect(reader.read(false).cellTable.mounts[0]?.id).to.equal(11);
  });

  it('reads the tables also where pid 1 has no cgroups', () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'proc/1/mountinfo': '' });
    expect(new MountReader(folder).read().firstProcessPaths).to.equal(null);
  });

  it('says what to do when there is no table', () => {
    const folder = temporaryFolder();
    expect(() => new MountReader(folder).read())
      .to.throw(KnownFailure, 'unsafe.host_pid_namespace')
      .with.property('code', 'PROC_UNREADABLE');
  });
});

describe('readTables', () => {
  /** Appends to the table after each of its first reads. */
  class GrowingTable extends KernelReader {
    reads = 0;
    readonly #growing: number;

    constructor(file: string, text: string, growing: number) {
      super(temporaryFolder());
      writeFiles(this.root, { [file]: text });
      this.#growing = growing;
    }

    override read(path: string | Buffer, limit?: number) {
      const result = super.read(path, limit);
      if (++this.reads <= this.#growing) appendFileSync(path, 'b');
      return result;
    }
  }

  it('reads until two reads agree, and gives up after eight more with what it read then', () => {
    for (const [growing, table, reads] of [
      [0, 'a', 2],
      [3, 'abbb', 5],
      [20, 'abbbbbbbb', 9],
    ] as const) {
      const cell = new GrowingTable('proc/1/mountinfo', 'a', growing);
      const own = new GrowingTable('proc/self/mountinfo', 'own', 0);
      expect(readTables(cell, own)).to.deep.equal({ cell: table, own: 'own' });
      expect(cell.reads).to.equal(reads);
    }
  });

  it('needs no second read where the two are equal', () => {
    const cell = new GrowingTable('proc/1/mountinfo', 'a', 0);
    const own = new GrowingTable('proc/self/mountinfo', 'a', 0);
    expect(readTables(cell, own)).to.deep.equal({ cell: 'a', own: 'a' });
    expect([cell.reads, own.reads]).to.deep.equal([1, 1]);
  });
});

describe('statMount', () => {
  it('tells what is at a path, whatever bytes are in it', () => {
    const folder = temporaryFolder();
    const directory = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]);
    mkdirSync(directory);
    writeFileSync(Buffer.concat([directory, Buffer.from('/release_agent')]), '');
    const stat = statMount(asByteString(directory.toString('latin1')));
    expect(stat).to.include({ kind: 'read', hasReleaseAgent: true, hasCgroupEvents: false });
    expect(stat.kind === 'read' && stat.device).to.match(/^\d+:\d+$/);
    expect(stat.kind === 'read' && stat.inode).to.be.greaterThan(0);
  });
});
