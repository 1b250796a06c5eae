import fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { destroyEvidence } from '../../src/probe/destroy-evidence.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { commandLines, NotingReader, showProcess, type ShownProcess } from './shown-process.ts';

const H = 'aaaaaaaa-0000-4000-8000-0000';
const handles = [asHandle(H)];
const GDN = 9;
const pause = () => Promise.resolve();
const sourcesOf = (reader: KernelReader) => ({ reader, commands: commandLines(reader) });

/** Its name is that of its program. */
const show = (root: string, { command = [], ...shown }: ShownProcess): void =>
  showProcess(root, { ...shown, command, comm: command[0]?.split('/').at(-1) ?? '' });

const evidenceBy = async (reader: KernelReader, gdnPid: number | null = null) =>
  (await destroyEvidence(sourcesOf(reader), { handles, gdnPid }, pause)).values().next().value;

const pidsFound = async (root: string): Promise<readonly number[] | undefined> =>
  (await evidenceBy(new KernelReader(root)))?.processes.map(({ pid }) => pid);

describe('what keeps a destroy from finishing', () => {
  it('is a process of the host that names the handle: runc, grootfs, a network plugin', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, command: ['/bin/runc', 'delete', '--force', H] });
    show(root, { pid: 11, command: ['grootfs', 'delete', `/store/images/${H}`] });
    show(root, { pid: 12, command: ['plugin', '--action', 'down', `--handle=${H}`] });
    show(root, { pid: 13, command: ['runc', 'delete', `${H}-envoy`] });
    show(root, { pid: 14, command: ['runc', 'delete', `x${H}`] });
    show(root, { pid: 15, command: [H, 'is its own name'] });
    expect(await pidsFound(root)).to.deep.equal([10, 11, 12]);
  });

  it('is what gdn started for it, and not the runc that gdn keeps to watch the container', async () => {
    const root = temporaryFolder();
    const flags = ['--root', '/run/runc'];
    show(root, { pid: 10, parent: GDN, command: ['/bin/runc', ...flags, 'events', H] });
    show(root, { pid: 11, parent: GDN, command: ['/bin/runc', ...flags, 'delete', '--force', H] });
    show(root, { pid: 12, parent: GDN, command: ['plugin', '--action', 'down', '--handle', H] });
    show(root, { pid: 13, parent: GDN, command: ['dadoo', 'exec', `/depot/${H}/processes/app`] });
    show(root, { pid: 14, parent: 1, command: ['grootfs', 'delete', H] });
    const found = await evidenceBy(new KernelReader(root), GDN);
    expect(found?.processes.map(({ name, part }) => [name, part])).to.deep.equal([
      ['runc delete', 'works'],
      ['plugin', 'works'],
      ['grootfs', 'names'],
      ['runc events', 'stays'],
      ['dadoo', 'stays'],
    ]);
  });

  it('is everything below what gdn started for it, although that does not name the handle', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, parent: GDN, command: ['networker', '--action', 'down', '--handle', H] });
    show(root, { pid: 11, parent: 10, command: ['sh', '-c', 'sleep 600'] });
    show(root, { pid: 12, parent: 11, command: ['sleep', '600'] });
    show(root, { pid: 13, parent: GDN, command: ['networker', '--handle', 'another'] });
    show(root, { pid: 14, parent: 13, command: ['sleep', '600'] });
    const found = await evidenceBy(new KernelReader(root), GDN);
    expect(found?.processes.map(({ pid, part }) => [pid, part])).to.deep.equal([
      [10, 'works'],
      [11, 'works'],
      [12, 'works'],
    ]);
    expect(found?.hasWorked).to.equal(true);
    expect(found?.omitted).to.equal(0);
  });

  it('counts what works on it beyond eight processes', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, parent: GDN, command: ['networker', '--handle', H] });
    for (let pid = 11; pid <= 20; pid++) show(root, { pid, parent: 10, command: ['sleep', '600'] });
    const found = await evidenceBy(new KernelReader(root), GDN);
    expect([found?.processes.length, found?.omitted]).to.deep.equal([8, 3]);
  });

  it('shows which runc it is, and still no text that may be a secret', async () => {
    const root = temporaryFolder();
    const secret = 'Tr0ub4dor&3';
    show(root, { pid: 10, parent: GDN, command: ['runc', 'events', H, secret] });
    const found = await evidenceBy(new KernelReader(root), GDN);
    expect(found?.processes[0]?.command).to.equal('runc events …');
  });

  it('is never a process in a container, and nothing that such a process wrote is read', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, pids: [10, 1], command: ['runc', 'delete', H] });
    const reader = new NotingReader(root);
    expect((await evidenceBy(reader))?.processes).to.deep.equal([]);
    const read = reader.reads.filter((path) => path.includes('/10/'));
    expect(read).to.deep.equal(['/proc/10/cgroup', '/proc/10/stat', '/proc/10/status']);
  });

  it('is never in a Garden directory, and nothing that such a process can make long is read', async () => {
    const root = temporaryFolder();
    const command = ['runc', 'delete', H];
    for (let pid = 100; pid < 300; pid++)
      show(root, { pid, pids: [pid, 7], command, cgroups: ['1:memory:/g/garden/H'] });
    show(root, { pid: 10, command });
    const reader = new NotingReader(root);
    expect((await evidenceBy(reader))?.processes.map(({ pid }) => pid)).to.deep.equal([10]);
    const read = reader.taken().filter((path) => /^\/proc\/[12]\d\d\//.test(path));
    expect(read).to.have.lengthOf(200);
    expect(read.filter((path) => !path.endsWith('/cgroup'))).to.deep.equal([]);
  });

  it('is no zombie, and the status of none is read', async () => {
    const root = temporaryFolder();
    for (let pid = 100; pid < 200; pid++) show(root, { pid, pids: [pid, 7], state: 'Z' });
    show(root, { pid: 10, command: ['runc', 'delete', H] });
    const reader = new NotingReader(root);
    expect((await evidenceBy(reader))?.processes.map(({ pid }) => pid)).to.deep.equal([10]);
    expect(reader.taken().filter((path) => /^\/proc\/1\d\d\/status$/.test(path))).to.deep.equal([]);
  });

  it('is found below gdn first, and a search that the host fills says that it was cut', async () => {
    const root = temporaryFolder();
    const groups = `Groups:\t${'4711 '.repeat(2000)}\n`;
    const filling = Array.from({ length: 100 }, (_, n) => 100 + n);
    for (const pid of filling) {
      show(root, { pid, command: ['app'] });
      fs.appendFileSync(join(root, `proc/${pid}/status`), groups);
    }
    show(root, { pid: 300, parent: GDN, command: ['runc', 'delete', H] });
    show(root, { pid: 301, parent: 300, command: ['sleep', '600'] });
    show(root, { pid: 302, command: ['grootfs', 'delete', H] });
    const reader = new NotingReader(root);
    const found = await evidenceBy(reader, GDN);
    expect(found?.processes.map(({ pid }) => pid)).to.deep.equal([300, 301]);
    expect(found?.isCut).to.equal(true);
    const filled = reader.taken().filter((path) => /^\/proc\/1\d\d\/status$/.test(path));
    expect(new Set(filled).size).to.be.below(70);
    for (const pid of filling) fs.rmSync(join(root, `proc/${pid}`), { recursive: true });
    expect((await evidenceBy(new KernelReader(root), GDN))?.isCut).to.equal(false);
  });

  it('is not this process or its ancestors', async () => {
    const root = temporaryFolder();
    const explain = ['node', 'rollcall', 'explain', H];
    show(root, { pid: 'self', pids: [30], command: explain, start: 30 });
    show(root, { pid: 30, command: explain, parent: 20 });
    show(root, { pid: 20, command: ['sudo', 'rollcall', 'explain', H] });
    show(root, { pid: 31, command: ['runc', 'delete', H] });
    expect(await pidsFound(root)).to.deep.equal([31]);
  });

  it('is at most eight processes, those in uninterruptible sleep first, then the oldest', async () => {
    const root = temporaryFolder();
    const command = ['runc', 'delete', H];
    for (const pid of [10, 11, 12, 13, 14, 15, 16, 17, 18]) show(root, { pid, command });
    show(root, { pid: 19, command, state: 'D' });
    expect(await pidsFound(root)).to.deep.equal([19, 10, 11, 12, 13, 14, 15, 16]);
  });

  it('is an overlay of its image in the mount table of gdn', async () => {
    const root = temporaryFolder();
    const overlay = (id: number, name: string): string =>
      `${id} 20 0:${id} / /store/images/${name}/rootfs rw - overlay overlay ` +
      `rw,lowerdir=/l,upperdir=/store/images/${name}/diff,workdir=/store/images/${name}/workdir`;
    const table = [
      '20 1 8:1 / / rw - ext4 /dev/sda1 rw',
      overlay(30, H),
      overlay(31, `${H}-envoy`),
      '',
    ].join('\n');
    show(root, { pid: 40, command: ['gdn'], table });
    const reader = new KernelReader(root);
    expect((await evidenceBy(reader, 40))?.mounts).to.equal(1);
    expect((await evidenceBy(reader, null))?.mounts).to.equal(null);
    expect((await evidenceBy(reader, 41))?.mounts, 'gone').to.equal(null);
  });

  it('is not asked for without a handle', async () => {
    const reader = new KernelReader('/nowhere');
    const nothing = { handles: [], gdnPid: 1 };
    expect((await destroyEvidence(sourcesOf(reader), nothing, pause)).size).to.equal(0);
  });
});
