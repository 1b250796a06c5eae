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
const PF_EXITING = 4;

interface Thread {
  readonly state: string;
  /** For whom a SIGKILL is pending: for the thread alone or for the whole process. */
  readonly killed?: 'thread' | 'process';
  /** Left out: it has no file that shows whether it exits. */
  readonly isExiting?: boolean;
  /** The function of the kernel in which it waits. */
  readonly wchan?: string;
}

function write(directory: string, { state, killed, isExiting, wchan }: Thread): void {
  fs.mkdirSync(directory, { recursive: true });
  const own = killed === 'thread' ? KILL : NONE;
  const shared = killed === 'process' ? KILL : NONE;
  const masks = [`SigPnd:\t${own}`, `ShdPnd:\t${shared}`];
  const lines = ['', `State:\t${state} (x)`, 'TracerPid:\t0', ...masks, ''];
  fs.appendFileSync(path.join(directory, 'status'), lines.join('\n'));
  const flags = 0x400048 + (isExiting === true ? PF_EXITING : 0);
  if (isExiting !== undefined)
    fs.writeFileSync(path.join(directory, 'stat'), `9 (a) b) D 1 1 1 0 -1 ${flags} 1 0`);
  if (wchan !== undefined) fs.writeFileSync(path.join(directory, 'wchan'), wchan);
}

/** Shows a process with a main thread and others. */
function show(root: string, main: Thread, threads: readonly Thread[], shown: ShownProcess): void {
  showProcess(root, shown);
  const directory = path.join(root, `proc/${shown.pid}`);
  write(directory, main);
  for (const [index, thread] of [main, ...threads].entries())
    write(path.join(directory, 'task', String(Number(shown.pid) + index)), thread);
}

describe('the signals of a process', () => {
  // Measured on Linux 6.18: cgroup.kill gives each thread SIGKILL, the main one is a zombie; and no
  // mask shows a signal for one that exits, also after cgroup.kill and after kill -9.
  const EXITING: Thread = { state: 'S', isExiting: true };
  const ENDED_AND_EXITED: Thread = { state: 'Z', isExiting: true };
  interface Signalled {
    readonly main: Thread;
    readonly threads: readonly Thread[];
    readonly shown: {
      readonly state: string;
      readonly isKilled?: boolean;
      readonly isExiting?: boolean;
    };
  }
  const SIGNALLED: Readonly<Record<string, Signalled>> = {
    'those of its main thread': {
      main: { state: 'S' },
      threads: [{ state: 'S' }],
      shown: { state: 'S' },
    },
    'those of the process': {
      main: { state: 'D', killed: 'process' },
      threads: [],
      shown: { state: 'D', isKilled: true },
    },
    'those of a thread that lives on after the main one': {
      main: { state: 'Z' },
      threads: [{ state: 'Z' }, { state: 'D', killed: 'thread' }],
      shown: { state: 'D', isKilled: true },
    },
    'none where none is pending for the thread that lives on': {
      main: { state: 'Z' },
      threads: [{ state: 'S' }],
      shown: { state: 'S' },
    },
    'none once every thread has ended': {
      main: { state: 'Z' },
      threads: [],
      shown: { state: 'Z' },
    },
    'none for one that exits': {
      main: EXITING,
      threads: [],
      shown: { state: 'S', isExiting: true },
    },
    'none for one whose other thread exits': {
      main: ENDED_AND_EXITED,
      threads: [EXITING],
      shown: { state: 'S', isExiting: true },
    },
    'those of the thread that does not exit': {
      main: EXITING,
      threads: [{ state: 'R', isExiting: false }],
      shown: { state: 'R' },
    },
    'not known to exit with more threads than are read': {
      main: ENDED_AND_EXITED,
      threads: Array.from({ length: 17 }, () => EXITING),
      shown: { state: 'S' },
    },
    'none once all that exited have ended': {
      main: ENDED_AND_EXITED,
      threads: [ENDED_AND_EXITED],
      shown: { state: 'Z', isExiting: true },
    },
  };
  for (const [what, { main, threads, shown }] of Object.entries(SIGNALLED)) {
    it(`are ${what}`, async () => {
      const root = temporaryFolder();
      show(root, main, threads, { pid: 10 });
      const signals = (await readSignals(new KernelReader(root), [10], pause)).get(10);
      expect(signals).to.include({ isKilled: false, isExiting: false, ...shown });
    });
  }

  it('take two reads of a process that lives, and are null for one that is gone', async () => {
    const root = temporaryFolder();
    show(root, { state: 'S' }, [{ state: 'S' }], { pid: 10 });
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
    const waiting = { state: 'D', wchan: 'request_wait_answer' };
    show(root, waiting, [], { pid: 10, comm: 'cat' });
    show(root, { state: 'Z', wchan: '0' }, [waiting], { pid: 20, comm: 'java' });
    show(root, { state: 'D', wchan: '0' }, [], { pid: 30, comm: 'sh' });
    show(root, { state: 'D', wchan: 'a\u001b[2J' }, [], { pid: 40, comm: 'odd' });
    expect((await waitsOf(root, [10, 20, 30, 40, 50], null))?.processes).to.deep.equal([
      { pid: 10, comm: 'cat', state: 'D', wchan: 'request_wait_answer' },
      { pid: 20, comm: 'java', state: 'D', wchan: 'request_wait_answer' },
      { pid: 30, comm: 'sh', state: 'D', wchan: null },
      { pid: 40, comm: 'odd', state: 'D', wchan: null },
    ]);
  });

  it('is a file server in the mount table of a thread if the main one has ended', async () => {
    const root = temporaryFolder();
    show(root, { state: 'Z' }, [{ state: 'D' }], { pid: 10 });
    const table = '36 35 0:51 / /m rw - nfs a rw\n';
    fs.writeFileSync(path.join(root, 'proc/10/task/11/mountinfo'), table);
    expect(await waitsOf(root, [10], null)).to.deep.include({
      servers: [{ kind: 'nfs', minor: 51 }],
    });
  });

  it('is a file server in the first mount table that can be read, and the overlay in that of gdn', async () => {
    const root = temporaryFolder();
    const image = `/store/images/${H}`;
    const overlay = `30 20 0:30 / ${image}/rootfs rw - overlay overlay rw,upperdir=${image}/diff\n`;
    const table = '36 35 0:57 / /mnt rw - fuse data rw\n';
    show(root, { state: 'D' }, [], { pid: 10 });
    show(root, { state: 'D' }, [], { pid: 20, table });
    show(root, { state: 'S' }, [], { pid: 90, table: overlay });
    expect(await waitsOf(root, [10, 20], 90)).to.deep.include({
      servers: [{ kind: 'fuse', connection: 57 }],
      mounts: 1,
    });
    expect(await waitsOf(root, [10], 91)).to.deep.include({ servers: null, mounts: null });
    expect(await waitsOf(root, [20], 20)).to.deep.include({ mounts: 0 });
  });
});
