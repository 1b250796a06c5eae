import fs from 'node:fs';
import { join } from 'node:path';
import { mock } from 'node:test';
import { expect } from 'chai';
import type { FilePlace, FileReading } from '../../src/model/observation.ts';
import { SensorFiles } from '../../src/probe/sensor-files.ts';
import { traceeLine } from '../sensors/event-lines.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { atEndOfTest } from '../at-end-of-test.ts';

type Read = Extract<FileReading, { kind: 'read' }>;

/** A reader of one file, and the place that its caller remembers. */
class Reader {
  readonly path: string;
  place: FilePlace | null = null;
  #files = new SensorFiles(() => Promise.resolve());

  constructor(text?: string) {
    this.path = join(temporaryFolder(), 'events');
    if (text !== undefined) fs.writeFileSync(this.path, text);
    atEndOfTest(() => this.#files.close());
  }

  async read(format: 'ids' | 'tracee' = 'ids'): Promise<Read> {
    const reading = await this.any(format);
    if (reading.kind !== 'read') throw new Error(reading.kind);
    this.place = reading.place;
    return reading;
  }

  any(format: 'ids' | 'tracee' = 'ids'): Promise<FileReading> {
    const { path, place } = this;
    return this.#files.read({ name: 'one', path, format, place, known: new Set() });
  }

  async ids(): Promise<readonly string[]> {
    return idsOf(await this.read());
  }

  restart(): void {
    this.#files.close();
    this.#files = new SensorFiles(() => Promise.resolve());
  }
}

const idsOf = ({ facts }: Read): readonly string[] =>
  facts.flatMap((fact) => ('id' in fact ? [fact.id] : []));

describe('the event file of a sensor', () => {
  it('is read once, line by line, and a half line when it is whole', async () => {
    const reader = new Reader('a\nb\nhal');
    const first = await reader.read();
    expect(first).to.deep.include({ isAnew: true, isWhole: true, isAtEnd: true, lines: 2 });
    expect(idsOf(first)).to.deep.equal(['a', 'b']);
    expect(await reader.ids()).to.deep.equal([]);
    fs.appendFileSync(reader.path, 'f\nc\n');
    expect(await reader.ids()).to.deep.equal(['half', 'c']);
  });

  it('is followed after a rename until another takes its place', async () => {
    const reader = new Reader('a\n');
    const fd = fs.openSync(reader.path, 'a');
    await reader.read();
    fs.renameSync(reader.path, `${reader.path}.1`);
    fs.writeSync(fd, 'b\n');
    expect(await reader.ids(), 'the sensor does not reopen it').to.deep.equal(['b']);
    fs.writeFileSync(reader.path, '');
    fs.writeSync(fd, 'c\n');
    expect(await reader.ids(), 'as logrotate makes it').to.deep.equal(['c']);
    fs.writeSync(fd, 'd\nhalf of a li');
    fs.writeFileSync(reader.path, 'e\n');
    expect(await reader.ids()).to.deep.equal(['d']);
    const next = await reader.read();
    expect(next.isAnew).to.equal(true);
    expect(idsOf(next)).to.deep.equal(['e']);
    fs.closeSync(fd);
  });

  it('that is deleted does not keep its space', async () => {
    const reader = new Reader('a\n');
    await reader.read();
    fs.rmSync(reader.path);
    expect(await reader.any()).to.deep.equal({ kind: 'absent', isDirectoryMissing: false });
    fs.writeFileSync(reader.path, 'b\n');
    expect(await reader.ids()).to.deep.equal(['b']);
  });

  it('starts anew after a restarted sensor truncated it, even if it is longer again', async () => {
    const reader = new Reader('a\nb\nc\n');
    await reader.read();
    fs.writeFileSync(reader.path, 'x\n');
    expect(await reader.read()).to.deep.include({ isAnew: true, isWhole: true, lines: 1 });
    fs.writeFileSync(reader.path, 'y\nz\nlonger\n');
    const longer = await reader.read();
    expect(longer.isAnew).to.equal(true);
    expect(idsOf(longer)).to.deep.equal(['y', 'z', 'longer']);
  });

  it('is read on after the hole that copytruncate leaves', async () => {
    const reader = new Reader();
    const fd = fs.openSync(reader.path, 'w');
    fs.writeSync(fd, 'first\nsecond\n');
    await reader.read();
    fs.writeSync(fd, 'cut off with the tr');
    fs.truncateSync(reader.path, 0);
    fs.writeSync(fd, 'uncation\nthird\n');
    const reading = await reader.read();
    expect(reading.isAnew).to.equal(false);
    expect(idsOf(reading)).to.include('third').and.not.include('second');
    // After a restart nothing tells what was there before.
    reader.place = null;
    expect(await reader.read()).to.deep.include({ isAnew: true, isWhole: false });
    fs.closeSync(fd);
  });

  it('costs nothing to read past a hole of a gigabyte', async () => {
    const reader = new Reader();
    const fd = fs.openSync(reader.path, 'w');
    fs.writeSync(fd, 'a\n', 1024 ** 3);
    fs.closeSync(fd);
    const reading = await reader.read();
    expect(idsOf(reading)).to.deep.equal(['a']);
    expect(reading).to.deep.include({ isAtEnd: true, hasGap: false });
  });

  it('is read on after a line longer than a megabyte, which is skipped', async () => {
    const reader = new Reader(`a\n${'x'.repeat(3 * 1024 * 1024)}\nb\n`);
    expect(await reader.ids()).to.deep.equal(['a', 'b']);
  });

  it('is read in limited parts during a flood, and the skipped rest is reported', async () => {
    const reader = new Reader();
    const line = `${traceeLine('v0.18-v0.24', 'process', { id: 'flood' })}\n`;
    const block = line.repeat(Math.ceil((8 * 1024 * 1024) / line.length));
    const fd = fs.openSync(reader.path, 'w');
    for (let written = 0; written < 48; written++) fs.writeSync(fd, block);
    fs.writeSync(fd, `${traceeLine('v0.18-v0.24', 'process', { id: 'last' })}\n`);
    fs.closeSync(fd);
    const readings: Read[] = [];
    do {
      readings.push(await reader.read('tracee'));
    } while (readings.at(-1)?.isAtEnd !== true && readings.length < 10);
    expect(readings.map(({ hasGap }) => hasGap)).to.deep.equal([false, true]);
    expect(readings.flatMap(idsOf)).to.deep.equal(['flood', 'flood', 'last']);
  });

  it('continues after a restart of the agent at the remembered place, with the next whole line', async () => {
    const reader = new Reader('first\nsecond\nthird\n');
    const { place } = await reader.read();
    reader.restart();
    reader.place = { ...place, offset: 3 };
    const reading = await reader.read();
    expect(reading.isAnew).to.equal(false);
    expect(idsOf(reading)).to.deep.equal(['second', 'third']);
    reader.restart();
    reader.place = { ...place, inode: place.inode + 1 };
    expect(await reader.read()).to.deep.include({ isAnew: true, lines: 3 });
  });

  // Each ended the pass, so that no container of the cell was compared.
  it('that fails while it is read is unreadable, and is read again when it no longer fails', async () => {
    const reader = new Reader('a\n');
    await reader.read();
    fs.appendFileSync(reader.path, 'b\n');
    const broken = mock.method(fs, 'readSync', () => {
      throw Object.assign(new Error('broken disk'), { code: 'EIO' });
    });
    atEndOfTest(() => broken.mock.restore());
    for (let pass = 0; pass < 2; pass++)
      expect(await reader.any()).to.include({ kind: 'unreadable', errno: 'EIO' });
    broken.mock.restore();
    expect(await reader.ids()).to.deep.equal(['a', 'b']);
  });

  // A tmpfs lets everybody make such a file, with one call and without any space.
  it('with a hole that is larger than an offset can tell is unreadable', async () => {
    const reader = new Reader('a\n');
    fs.truncateSync(reader.path, 3 * 1024 * 1024);
    const size = 2 ** 62;
    const stat = Object.assign(fs.statSync(reader.path), { size, blocks: 8 });
    const huge = mock.method(fs, 'fstatSync', () => stat);
    atEndOfTest(() => huge.mock.restore());
    expect(await reader.any()).to.include({ kind: 'unreadable', errno: 'ERR_OUT_OF_RANGE' });
    huge.mock.restore();
    expect(await reader.ids()).to.deep.equal(['a']);
  });

  it('that cannot be read says why', async () => {
    const folder = temporaryFolder();
    fs.mkdirSync(join(folder, 'directory'));
    fs.symlinkSync('/etc/hostname', join(folder, 'link'));
    const files = new SensorFiles(() => Promise.resolve());
    for (const [name, reading] of Object.entries({
      'none/events': { kind: 'absent', isDirectoryMissing: true },
      events: { kind: 'absent', isDirectoryMissing: false },
      directory: { kind: 'unreadable', errno: 'not a file' },
      link: { kind: 'unreadable', errno: 'ELOOP' },
    })) {
      const path = join(folder, name);
      const file = {
        name: 'one',
        path,
        format: 'ids',
        place: null,
        known: new Set<string>(),
      } as const;
      expect(await files.read(file), name).to.include(reading);
    }
  });
});
