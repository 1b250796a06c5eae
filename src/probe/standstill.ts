import process from 'node:process';
import { Worker } from 'node:worker_threads';

/** The main thread beats more often than the other one looks. */
const BEAT_MILLISECONDS = 4000;
const LOOK_MILLISECONDS = 5000;
/** Looks that find the main thread without a beat, in the same system call. */
const MAX_STILL = 2;
const SMALL_HEAP = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 };

/**
 * The script of the thread that looks: a text, because the program is one file. It asks the kernel
 * which system call the main thread waits in, and which file that names (proc_pid_syscall(5)): openat
 * has its path in memory, the others have a descriptor.
 */
const LOOKING = String.raw`
const fs = require('node:fs');
const { beats, main, note, end, wait, most } = require('node:worker_threads').workerData;
const read = (path) => {
  try {
    return fs.readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};
const pathAt = (address) => {
  const memory = fs.openSync('/proc/self/mem', 'r');
  const bytes = Buffer.alloc(4096);
  fs.readSync(memory, bytes, 0, bytes.length, address);
  fs.closeSync(memory);
  const path = bytes.toString('latin1', 0, bytes.indexOf(0));
  return path.startsWith('/') ? path : fs.readlinkSync('/proc/self/cwd', 'latin1') + '/' + path;
};
const OPENAT = process.arch === 'arm64' ? '56' : '257';
const fileOf = ([number, first, second]) => {
  try {
    return number === OPENAT
      ? pathAt(BigInt(second))
      : fs.readlinkSync('/proc/self/fd/' + Number(first), 'latin1');
  } catch {
    return 'a file';
  }
};
let seen = -1;
let call = '';
for (let still = 0; Atomics.wait(beats, 1, 0, wait) === 'timed-out'; ) {
  const beat = Atomics.load(beats, 0);
  const now = beat === seen ? read('/proc/self/task/' + main + '/syscall') : '';
  still = now !== '' && !now.startsWith('running') && now === call ? still + 1 : 0;
  seen = beat;
  call = now;
  if (still < most) continue;
  const file = fileOf(now.trim().split(' '));
  try {
    if (note !== null) fs.writeFileSync(note, file, { encoding: 'latin1', mode: 0o600 });
  } catch {}
  const shown = file.replace(/[^ -~]/g, '?').slice(0, 300);
  fs.writeSync(2, 'rollcall: A read of ' + shown + ' hangs in the kernel. ' + end + '\n');
  process.kill(process.pid, 'SIGKILL');
}
`;

/**
 * Ends this process with SIGKILL once its main thread has waited in one system call for 10 to 20
 * seconds, and says on stderr which file keeps it. Somebody who decides about each open in a cgroup
 * (fanotify) lets it wait for as long as they like, and no other signal has an effect then.
 * @param note a file that gets the path, for the next process; null: there is none
 * @param end what follows from that, a sentence
 * @returns stops it
 */
export function watchStandstill({
  note,
  end,
}: {
  readonly note: string | null;
  readonly end: string;
}): () => void {
  /** How many beats there were, and whether it ends. */
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const beating = setInterval(() => Atomics.add(beats, 0, 1), BEAT_MILLISECONDS).unref();
  const times = { wait: LOOK_MILLISECONDS, most: MAX_STILL };
  const looking = new Worker(LOOKING, {
    eval: true,
    execArgv: [],
    resourceLimits: SMALL_HEAP,
    workerData: { beats, main: process.pid, note, end, ...times },
  });
  looking.unref();
  return () => {
    clearInterval(beating);
    Atomics.store(beats, 1, 1);
    Atomics.notify(beats, 1);
  };
}
