import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readSignals } from '../../src/probe/signals.ts';
import { TimedReads } from '../../src/probe/timed-reads.ts';
import { readWaits } from '../../src/probe/waits.ts';
import { rowsOf } from '../rows.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { NotingReader, showProcess, type ShownProcess } from './shown-process.ts';

const H = asHandle('aaaaaaaa-0000-4000-8000-0000');
const pause = () => Promise.resolve();
const [NONE, KILL] = ['0000000000000000', '0000000000000100'];
const PF_EXITING = 4;

/** Writes a thread: its state, `own` or `shared` for a SIGKILL, `exits`, and what it waits in. */
function write(directory: string, thread: string): void {
  const [state = '', ...signs] = thread.split(' ');
  const killed = (sign: string) => (signs.includes(sign) ? KILL : NONE);
  const wchan = signs.find((sign) => sign.startsWith('in:'))?.slice(3);
  fs.mkdirSync(directory, { recursive: true });
  const masks = [`SigPnd:\t${killed('own')}`, `ShdPnd:\t${killed('shared')}`];
  const lines = ['', `State:\t${state} (x)`, 'TracerPid:\t0', ...masks, ''];
  fs.appendFileSync(path.join(directory, 'status'), lines.join('\n'));
  const flags = 0x400048 + (signs.includes('exits') ? PF_EXITING : 0);
  if (signs.includes('exits') || signs.includes('runs'))
    fs.writeFileSync(path.join(directory, 'stat'), `9 (a) b) D 1 1 1 0 -1 ${flags} 1 0`);
  if (wchan !== undefined) fs.writeFileSync(path.join(directory, 'wchan'), wchan);
}

/** Shows a process with a main thread and others. */
function show(root: string, main: string, threads: readonly string[], shown: ShownProcess): void {
  showProcess(root, shown);
  const directory = path.join(root, `proc/${shown.pid}`);
  write(directory, main);
  for (const [index, thread] of [main, ...threads].entries())
    write(path.join(directory, 'task', String(Number(shown.pid) + index)), thread);
}

describe('the signals of a process', () => {
  // Measured on Linux 6.18: cgroup.kill gives each thread SIGKILL, the main one is a zombie; and no
  // mask shows a signal for one that exits, also after cgroup.kill and after kill -9.
  /** The main thread, the others, and the state of the process. */
  const cases = `
those of its main thread | S | S | S
those of the process | D shared | | D killed
those of a thread that lives on after the main one | Z | Z, D own | D killed
of such a thread, if none is pending | Z | S | S
none once every thread has ended | Z | | Z
none for one that exits | S exits | | S exiting
none for one whose other thread exits | Z exits | S exits | S exiting
of the one that does not exit | S exits | R runs | R
not known to exit with more threads than are read | Z exits | ${'S exits, '.repeat(16)}S exits | S
none once all that exited have ended | Z exits | Z exits | Z exiting
`;
  for (const [what, main = '', threads = '', expected] of rowsOf(cases)) {
    it(`are ${what}`, async () => {
      const root = temporaryFolder();
      show(root, main, threads === '' ? [] : threads.split(', '), { pid: 10 });
      const signals = (await readSignals(new KernelReader(root), [10], pause)).get(10);
      const signs = [
        signals?.isKilled === true ? ' killed' : '',
        signals?.isExiting === true ? ' exiting' : '',
      ];
      expect(`${signals?.state}${signs.join('')}`).to.equal(expected);
    });
  }

  it('take two reads of a process that lives, and are null for one that is gone', async () => {
    const root = temporaryFolder();
    show(root, 'S', ['S'], { pid: 10 });
    const reader = new NotingReader(root);
    const signals = { state: 'S', isKilled: false, isExiting: false, tracer: 0 };
    expect([...(await readSignals(reader, [10], pause))]).to.deep.equal([[10, signals]]);
    expect(reader.reads).to.deep.equal(['/proc/10/status', '/proc/10/stat']);
    expect([...(await readSignals(reader, [12], pause))]).to.deep.equal([[12, null]]);
  });
});

describe('what killed processes wait for', () => {
  const waitsOf = async (root: string, pids: readonly number[], gdnPid: number | null) => {
    const asked = [{ handle: H, pids, gdnPid }];
    return (await readWaits(new KernelReader(root), new TimedReads(), asked, pause)).get(H);
  };

  it('is the function of the kernel that each waits in, also of a thread that lives on', async () => {
    const root = temporaryFolder();
    const waits = 'D in:request_wait_answer';
    show(root, waits, [], { pid: 10, comm: 'cat' });
    show(root, 'Z in:0', [waits], { pid: 20, comm: 'java' });
    show(root, 'D in:0', [], { pid: 30, comm: 'sh' });
    show(root, 'D in:a\u001b[2J', [], { pid: 40, comm: 'odd' });
    expect((await waitsOf(root, [10, 20, 30, 40, 50], null))?.processes).to.deep.equal([
      { pid: 10, comm: 'cat', state: 'D', wchan: 'request_wait_answer' },
      { pid: 20, comm: 'java', state: 'D', wchan: 'request_wait_answer' },
      { pid: 30, comm: 'sh', state: 'D', wchan: null },
      { pid: 40, comm: 'odd', state: 'D', wchan: null },
    ]);
  });

  it('is a file server in the mount table of a thread if the main one has ended', async () => {
    const root = temporaryFolder();
    show(root, 'Z', ['D'], { pid: 10 });
    const table = '36 35 0:51 / /m rw - nfs a rw\n';
    fs.writeFileSync(path.join(root, 'proc/10/task/11/mountinfo'), table);
    expect(await waitsOf(root, [10], null)).to.deep.include({ servers: [{ kind: 'nfs' }] });
  });

  it('is a file server in the first mount table that can be read, and the overlay in that of gdn', async () => {
    const root = temporaryFolder();
    const overlay = `30 20 0:30 / /store/images/${H}/rootfs rw - overlay overlay rw,upperdir=/store/images/${H}/diff\n`;
    const table = '36 35 0:57 / /mnt rw - fuse data rw\n';
    show(root, 'D', [], { pid: 10 });
    show(root, 'D', [], { pid: 20, table });
    show(root, 'S', [], { pid: 90, table: overlay });
    expect(await waitsOf(root, [10, 20], 90)).to.deep.include({
      servers: [{ kind: 'fuse', connection: 57 }],
      mounts: 1,
    });
    expect(await waitsOf(root, [10], 91)).to.deep.include({ servers: null, mounts: null });
    expect(await waitsOf(root, [20], 20)).to.deep.include({ mounts: 0 });
  });
});
