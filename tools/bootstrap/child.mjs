import { spawn } from 'node:child_process';
import os from 'node:os';
import { isatty } from 'node:tty';

// npm signals only the shell between npm and this process, and that shell dies silently. A changed
// parent reveals it.
const parent = process.ppid;
const startedByNpm = process.env['npm_lifecycle_event'] !== undefined;

const passedSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a program to its end, passes signals on, and ends this process in the same way: with the
 * same exit code or signal.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<void>} rejects when it cannot be started
 */
export function runProgram(node, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, stdio: 'inherit' });
    /** @param {NodeJS.Signals} signal */
    const pass = (signal) => {
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
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearInterval(parentWatch);
      for (const each of passedSignals) process.off(each, pass);
      process.exitCode = code ?? 128 + (signal === null ? 1 : os.constants.signals[signal]);
      if (signal !== null) process.kill(process.pid, signal);
      resolve();
    });
  });
}
