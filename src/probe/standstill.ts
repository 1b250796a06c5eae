import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { READS_UNDER_WAY } from './timed-reads.ts';

/** The main thread beats more often than the other one checks. */
const TIMES = { beatMilliseconds: 4000, watchMilliseconds: 5000 };
/** Checks that find the main thread without a beat, in the same system call. */
const MAX_STILL = 2;
const SMALL_HEAP = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 8 };

/**
 * The system calls that can hang, by number: what each does to a file, and which argument names that, a
 * path or a descriptor (x86: syscall_64.tbl, arm64: asm-generic/unistd.h).
 */
const CALLS = {
  x64: {
    0: ['A read of', 0, 'descriptor'],
    1: ['A write to', 0, 'descriptor'],
    17: ['A read of', 0, 'descriptor'],
    18: ['A write to', 0, 'descriptor'],
    89: ['A look-up of', 0, 'path'],
    217: ['A listing of', 0, 'descriptor'],
    257: ['An open of', 1, 'path'],
    262: ['A look-up of', 1, 'path'],
    332: ['A look-up of', 1, 'path'],
  },
  arm64: {
    56: ['An open of', 1, 'path'],
    61: ['A listing of', 0, 'descriptor'],
    63: ['A read of', 0, 'descriptor'],
    64: ['A write to', 0, 'descriptor'],
    67: ['A read of', 0, 'descriptor'],
    68: ['A write to', 0, 'descriptor'],
    78: ['A look-up of', 1, 'path'],
    79: ['A look-up of', 1, 'path'],
    291: ['A look-up of', 1, 'path'],
  },
};

const named = (text: string): string =>
  Buffer.from([text.length, ...Buffer.from(text)]).toString('hex');

/**
 * A WebAssembly module that calls proc_exit(2). Of all that Node offers, only this ends the process with
 * an exit code from another thread: uvwasi calls exit(3), and exit_group(2) also ends a thread that
 * waits in state D for nothing but SIGKILL.
 */
const EXIT_WITH_2 = [
  '0061736d 01000000', // magic number, version 1
  '01 08 02 60017f00 600000', // types: a function of an i32, and one of nothing
  `02 24 01 ${named('wasi_snapshot_preview1')} ${named('proc_exit')} 00 00`, // function 0, imported
  '03 02 01 01', // function 1, of nothing
  '05 03 01 00 01', // memory: one page
  `07 13 02 ${named('memory')} 02 00 ${named('_start')} 00 01`, // exports
  '0a 08 01 06 00 4102 1000 0b', // function 1: i32.const 2, call 0, end
]
  .join('')
  .replaceAll(' ', '');

/**
 * The script of the thread that watches: a text, because the program is one file. It asks the kernel
 * which system call the main thread waits in, and which file that names (proc_pid_syscall(5)).
 */
const WATCHING = String.raw`
const fs = require('node:fs');
const { beats, reads, main, note, end, exits, calls, program, wait, most } =
  require('node:worker_threads').workerData;
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
const callOf = ([number, ...args]) => {
  const [does, at, kind] = calls[number] ?? ['System call ' + number + ' on', 0, 'descriptor'];
  try {
    const file =
      kind === 'path'
        ? pathAt(BigInt(args[at]))
        : fs.readlinkSync('/proc/self/fd/' + Number(args[at]), 'latin1');
    return { does, file };
  } catch {
    return { does, file: 'a file' };
  }
};
const exitWith2 = () => {
  const { WASI } = require('node:wasi');
  const wasi = new WASI({ version: 'preview1', returnOnExit: false });
  const module = new WebAssembly.Module(Buffer.from(program, 'hex'));
  wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
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
  const { does, file } = callOf(now.trim().split(' '));
  try {
    if (note !== null) {
      fs.rmSync(note, { force: true });
      fs.writeFileSync(note, file, { flag: 'wx', mode: 0o600 });
    }
  } catch {}
  const shown = file.replace(/[^ -~]/g, '?').slice(0, 300);
  fs.writeSync(2, 'rollcall: ' + does + ' ' + shown + ' hangs in the kernel. ' + end + '\n');
  // exit(3) waits for every thread of libuv's pool.
  if (exits && Atomics.load(reads, 0) === 0) exitWith2();
  process.kill(process.pid, 'SIGKILL');
}
`;

/**
 * Ends this process once its main thread has waited in one system call for 10 to 20 seconds, and says
 * on stderr which file keeps it. Somebody who decides about each open in a cgroup (fanotify) lets it
 * wait for as long as they like.
 * @param note a file that gets the path, for the next process, as UTF-8 of a character for each byte;
 *   null: there is none
 * @param end what follows from that, a sentence
 * @param exits whether the exit code is 2; otherwise, and while a read on another thread hangs, it is
 *   ended by SIGKILL
 * @returns stops it
 */
export function watchStandstill(
  {
    note,
    end,
    exits,
  }: {
    readonly note: string | null;
    readonly end: string;
    readonly exits: boolean;
  },
  { beatMilliseconds, watchMilliseconds } = TIMES,
): () => void {
  /** How many beats there were, and whether it ends. */
  const beats = new Int32Array(new SharedArrayBuffer(8));
  const beating = setInterval(() => Atomics.add(beats, 0, 1), beatMilliseconds).unref();
  const calls = process.arch === 'arm64' ? CALLS.arm64 : CALLS.x64;
  const fixed = { main: process.pid, calls, program: EXIT_WITH_2, most: MAX_STILL };
  const watching = new Worker(WATCHING, {
    eval: true,
    // WASI is experimental, and says so.
    execArgv: ['--no-warnings'],
    resourceLimits: SMALL_HEAP,
    workerData: {
      beats,
      reads: READS_UNDER_WAY,
      note,
      end,
      exits,
      wait: watchMilliseconds,
      ...fixed,
    },
  });
  watching.unref();
  return () => {
    clearInterval(beating);
    Atomics.store(beats, 1, 1);
    Atomics.notify(beats, 1);
  };
}
