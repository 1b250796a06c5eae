import { spawn } from 'node:child_process';
import os from 'node:os';
import { isatty } from 'node:tty';

/** @typedef {{ readonly code: number | null, readonly signal: NodeJS.Signals | null }} Ended */
/**
 * @typedef {Ended & { readonly output: string, readonly stoppedBy: NodeJS.Signals | null }}
 *   ChildResult
 */

const keptOutput = 64 * 1024;
// npm signals only the shell between npm and this process, and that shell dies silently. A changed
// parent reveals it.
const parent = process.ppid;
const startedByNpm = process.env['npm_lifecycle_event'] !== undefined;

const passedSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a child to its end.
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions & {
 *   whenStopped: 'pass on' | 'kill' | 'wait', onStart?: (pid: number) => void }} options
 *   `whenStopped`: the effect on the child of a signal to us
 * @returns {Promise<ChildResult>} rejects when it cannot be started
 */
export function runChild(file, args, options) {
  const { whenStopped, onStart, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, spawnOptions);
    let output = '';
    /** @type {NodeJS.Signals | null} */
    let stoppedBy = null;

    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
      stoppedBy ??= signal;
      if (whenStopped === 'wait') return;
      if (whenStopped === 'kill') {
        child.kill('SIGKILL');
        return;
      }
      // Ctrl-C reaches the whole foreground group; a second one would cut the child's cleanup
      // short.
      const hasItFromTheTerminal = signal === 'SIGINT' && [0, 1, 2].some((fd) => isatty(fd));
      if (!hasItFromTheTerminal) child.kill(signal);
    };
    const parentWatch = setInterval(() => {
      if (!startedByNpm || process.ppid === parent) return;
      clearInterval(parentWatch);
      pass('SIGTERM');
    }, 250);

    for (const signal of passedSignals) process.on(signal, pass);
    const stopListening = () => {
      clearInterval(parentWatch);
      for (const signal of passedSignals) process.off(signal, pass);
    };

    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-keptOutput);
      });
    }
    child.once('spawn', () => {
      if (child.pid !== undefined) onStart?.(child.pid);
    });
    child.once('error', (error) => {
      stopListening();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stopListening();
      resolve({ code, signal, output, stoppedBy });
    });
  });
}

/**
 * Ends this process in the same way as the child: with the same exit code or signal.
 * @param {Ended} ended
 */
export function endLike({ code, signal }) {
  process.exitCode = code ?? 128 + (signal === null ? 1 : os.constants.signals[signal]);
  if (signal !== null) process.kill(process.pid, signal);
}

/** A problem that the user can fix: one line, no stack trace, exit code 2. */
export class SetUpFailure extends Error {}

/** A signal stopped the set-up. */
export class StoppedBySignal extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/**
 * Writes to stderr, so that `npm run --silent rollcall -- check --format json | jq` works on a
 * fresh clone too.
 * @param {string} message
 */
export function say(message) {
  process.stderr.write(`rollcall: ${message}\n`);
}
