import process from 'node:process';
import { terminalWidth } from '../../terminal/io.ts';
import { configuredColor } from './cf-config.ts';
import type { Io } from './io.ts';

/** This process as the world of the command. */
export function processIo(): Io {
  const { stdout, stderr, env } = process;
  return {
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    isTty: stdout.isTTY,
    showsProgress: stderr.isTTY,
    // --watch goes on while its window is made wider or narrower.
    get columns() {
      return terminalWidth(stdout.columns);
    },
    get stderrColumns() {
      return terminalWidth(stderr.columns);
    },
    configuredColor: configuredColor(env),
    env,
  };
}
