import process from 'node:process';
import { terminalWidth } from '../present/terminal-width.ts';
import { EXIT_FAILED } from './fail.ts';
import type { Io } from './io.ts';

/** This process as the world of a command. */
export const processIo: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTty: process.stdout.isTTY,
  // `status --watch` goes on while its window is made wider or narrower.
  get columns() {
    return terminalWidth(process.stdout.columns, Number(process.env['COLUMNS']));
  },
  env: process.env,
};

/**
 * A reader that has seen enough (`| head`) is no error; without this Node throws EPIPE. Output that could not be written for
 * another reason (a full disk) must not end as "all tracked"; it is told once. A daemon goes on without its log.
 */
export function minding(
  streams: Pick<typeof process, 'stdout' | 'stderr'>,
  isDaemon: boolean,
): void {
  let isTold = false;
  streams.stderr.on('error', () => undefined); // nobody is left to be told
  streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    isTold = true;
    const why = error.code ?? error.message;
    processIo.stderr(
      `rollcall: The output cannot be written (${why}); give it a place with room.\n`,
    );
    if (isDaemon) return;
    process.once('exit', () => {
      process.exitCode = EXIT_FAILED;
    });
  });
}
