import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { asHandle } from '../../src/model/ids.ts';
import { KernelReader } from '../../src/probe/kernel-reader.ts';
import { readSignals } from '../../src/probe/signals.ts';
import { TimedReads } from '../../src/probe/timed-reads.ts';
import { readWaits } from '../../src/probe/waits.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { NotingReader, showProcess, type ShownProcess } from './shown-process.ts';

const H = asHandle('aaaaaaaa-0000-4000-8000-0000');
const pause = () => Promise.resolve();
const [NONE, KILL] = ['0000000000000000', '0000000000000100'];

interface ShownThread {
  readonly state: string;
  readonly own?: string;
  readonly shared?: string;
  readonly wchan?: string;
  /** PF_ flags, as a number in its stat. */
  readonly flags?: number;
}

const write = (directory: string, thread: ShownThread) => {
  const { state, own = NONE, shared = NONE, wchan, flags } = thread;
  fs.mkdirSync(directory, { recursive: true });
  const lines = ['', `State:\t${state}`, 'TracerPid:\t0', `SigPnd:\t${own}`, `ShdPnd:\t${shared}`];
  fs.appendFileSync(path.join(directory, 'status'), `${lines.join('\n')}\n`);
  if (flags !== undefined)
    fs.writeFileSync(path.join(directory, 'stat'), `9 (a) b) D 1 1 1 0 -1 ${flags} 1 0`);
  if (wchan !== undefined) fs.writeFileSync(path.join(directory, 'wchan'), wchan);
};

function show(
  root: string,
  shown: ShownProcess & { readonly main: ShownThread },
  threads: readonly ShownThread[] = [],
): void {
  showProcess(root, shown);
  const directory = path.join(root, `proc/${shown.pid}`);
  write(directory, shown.main);
  for (const [index, thread] of [shown.main, ...threads].entries())
    write(path.join(directory, 'task', String(Number(shown.pid) + index)), thread);
}

const signalsOf = (root: string, ...pids: readonly number[]) =>
  readSignals(new KernelReader(root), pids, pause);

describe('the signals of a process', () => {
  it('are those of its main thread and of the process; null if it is gone', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, main: { state: 'S (sleeping)' } });
    show(root, { pid: 11, main: { state: 'D (disk sleep)', shared: KILL } });
    expect(await signalsOf(root, 10, 11, 12)).to.deep.equal(
      new Map([
        [10, { state: 'S', isKilled: false, isExiting: false, tracer: 0 }],
        [11, { state: 'D', isKilled: true, isExiting: false, tracer: 0 }],
        [12, null],
      ]),
    );
  });

  // Measured with cgroup.kill on Linux 6.18: each thread gets SIGKILL, the main one is a zombie.
  it('are those of a thread that lives on after the main one', async () => {
    const root = temporaryFolder();
    const ended = { state: 'Z (zombie)' };
    show(root, { pid: 10, main: ended }, [ended, { state: 'D (disk sleep)', own: KILL }]);
    show(root, { pid: 20, main: ended }, [{ state: 'S (sleeping)' }]);
    show(root, { pid: 30, main: ended });
    expect(await signalsOf(root, 10, 20, 30)).to.deep.equal(
      new Map([
        [10, { state: 'D', isKilled: true, isExiting: false, tracer: 0 }],
        [20, { state: 'S', isKilled: false, isExiting: false, tracer: 0 }],
        [30, { state: 'Z', isKilled: false, isExiting: false, tracer: 0 }],
      ]),
    );
  });

  // Measured on Linux 6.18: no mask shows a signal, also after cgroup.kill and after kill -9.
  it('are none for one that exits, whose flags say so for each of its threads', async () => {
    const root = temporaryFolder();
    const exits = { state: 'S (sleeping)', flags: 0x40004c };
    const ended = { state: 'Z (zombie)', flags: 0x40804c };
    show(root, { pid: 10, main: exits });
    show(root, { pid: 20, main: ended }, [exits]);
    show(root, { pid: 30, main: exits }, [{ state: 'R (running)', flags: 0x400040 }]);
    show(
      root,
      { pid: 50, main: ended },
      Array.from({ length: 17 }, () => exits),
    );
    show(root, { pid: 80, main: ended }, [ended]);
    const seen = [...(await signalsOf(root, 10, 20, 30, 50, 80))].map(([pid, signals]) => [
      pid,
      signals?.state,
      signals?.isExiting,
    ]);
    expect(seen).to.deep.equal([
      [10, 'S', true],
      [20, 'S', true],
      [30, 'R', false],
      [50, 'S', false],
      [80, 'Z', true],
    ]);
  });

  it('takes two reads of each process that lives', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, main: { state: 'S' } }, [{ state: 'S' }]);
    const reader = new NotingReader(root);
    await readSignals(reader, [10], pause);
    expect(reader.reads).to.deep.equal(['/proc/10/status', '/proc/10/stat']);
  });
});

describe('what killed processes wait for', () => {
  const waitsOf = async (root: string, pids: readonly number[], gdnPid: number | null) => {
    const asked = [{ handle: H, pids, gdnPid }];
    return (await readWaits(new KernelReader(root), new TimedReads(), asked, pause)).get(H);
  };

  it('is the function of the kernel that each waits in, also of a thread that lives on', async () => {
    const root = temporaryFolder();
    const waits = { state: 'D', wchan: 'request_wait_answer' };
    show(root, { pid: 10, comm: 'cat', main: waits });
    show(root, { pid: 20, comm: 'java', main: { state: 'Z', wchan: '0' } }, [waits]);
    show(root, { pid: 30, comm: 'sh', main: { state: 'D', wchan: '0' } });
    show(root, { pid: 40, comm: 'odd', main: { state: 'D', wchan: 'a\u001b[2J' } });
    expect((await waitsOf(root, [10, 20, 30, 40, 50], null))?.processes).to.deep.equal([
      { pid: 10, comm: 'cat', state: 'D', wchan: 'request_wait_answer' },
      { pid: 20, comm: 'java', state: 'D', wchan: 'request_wait_answer' },
      { pid: 30, comm: 'sh', state: 'D', wchan: null },
      { pid: 40, comm: 'odd', state: 'D', wchan: null },
    ]);
  });

  it('is a file server in the mount table of a thread if the main one has ended', async () => {
    const root = temporaryFolder();
    show(root, { pid: 10, main: { state: 'Z' } }, [{ state: 'D' }]);
    const table = '36 35 0:51 / /m rw - nfs a rw\n';
    fs.writeFileSync(path.join(root, 'proc/10/task/11/mountinfo'), table);
    expect(await waitsOf(root, [10], null)).to.deep.include({ servers: [{ kind: 'nfs' }] });
  });

  it('is a file server in the first mount table that can be read, and the overlay in that of gdn', async () => {
    const root = temporaryFolder();
    const overlay = `30 20 0:30 / /store/images/${H}/rootfs rw - overlay overlay rw,upperdir=/store/images/${H}/diff\n`;
    const table = '36 35 0:57 / /mnt rw - fuse data rw\n';
    show(root, { pid: 10, main: { state: 'D' } });
    show(root, { pid: 20, main: { state: 'D' }, table });
    show(root, { pid: 90, main: { state: 'S' }, table: overlay });
    expect(await waitsOf(root, [10, 20], 90)).to.deep.include({
      servers: [{ kind: 'fuse', connection: 57 }],
      mounts: 1,
    });
    expect(await waitsOf(root, [10], 91)).to.deep.include({ servers: null, mounts: null });
    expect(await waitsOf(root, [20], 20)).to.deep.include({ mounts: 0 });
  });
});
