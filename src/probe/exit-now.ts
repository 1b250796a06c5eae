import fs from 'node:fs';
import process from 'node:process';
import { isReading } from './timed-reads.ts';

const SHELL = '/bin/sh';

/**
 * Exits with the process's exit code. While a read hangs, `process.exit` would wait for it, so the
 * process becomes a shell that exits with the same code: execve ends every other thread. Node before
 * 22.15 has no execve; there the process is killed.
 */
export function exitNow(): void {
  if (!isReading()) process.exit();
  process.emit('exit', Number(process.exitCode ?? 0));
  const code = Number(process.exitCode ?? 0);
  // Node aborts if execve fails.
  if (fs.existsSync(SHELL)) process.execve?.(SHELL, ['sh', '-c', `exit ${code}`], {});
  process.kill(process.pid, 'SIGKILL');
}
