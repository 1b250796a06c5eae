import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { execa } from 'execa';
import { CELL_ENVIRONMENT, ONLY_CELL_ENVIRONMENT, RUNC } from './programs.ts';

/**
 * Runs a command as gdn does, with a pipe for its output: until it has ended and nobody can write
 * to that pipe any more, which its own children can, too (Go's os/exec, without WaitDelay).
 */
export async function runWithPipe([file = '', ...args]: readonly string[]): Promise<void> {
  const { readEnd, writeEnd } = await newPipe();
  const child = spawn(file, args, {
    env: CELL_ENVIRONMENT,
    stdio: ['ignore', writeEnd, writeEnd],
  });
  closeSync(writeEnd);
  const output = new Socket({ fd: readEnd, readable: true, writable: false });
  await Promise.all([once(child, 'exit'), once(output.resume(), 'end')]);
}

/** The second part says its pid, and has the pipe as descriptor 5. Both stay until their input ends. */
const WITH_PIPE =
  'exec 4<&0; { read -r end <&4; } | { exec 5<&0; sh -c "echo \\$PPID"; read -r end <&4; }';

/** Node connects its children by sockets, so this opens the pipe of a shell once more. */
async function newPipe(): Promise<{ readonly readEnd: number; readonly writeEnd: number }> {
  const shell = spawn('sh', ['-c', WITH_PIPE], {
    env: CELL_ENVIRONMENT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const said = (await once(shell.stdout, 'data')) as readonly unknown[];
  const pipe = `/proc/${String(said[0]).trim()}/fd/5`;
  const readEnd = openSync(pipe, 'r');
  const writeEnd = openSync(pipe, 'w');
  shell.stdin.end();
  await once(shell, 'exit');
  return { readEnd, writeEnd };
}

/**
 * Starts the runc that gdn keeps as its child in runc mode, to hear of a container's events
 * (guardian rundmc/runrunc/create.go:101). It ends with gdn, and with what this returns.
 */
export function watchEvents(handle: string): () => void {
  const watcher = execa(RUNC, ['--root', '/run/runc', 'events', handle], {
    ...ONLY_CELL_ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'inherit'],
    cleanup: false,
    reject: false,
  });
  return () => watcher.stdin.end();
}
