import process from 'node:process';
import { configuredColor } from './cf-config.ts';
import type { Io } from './io.ts';

/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

const widthOf = ({ columns }: { readonly columns?: number }): number =>
  columns === undefined || columns < 1 ? USUAL_COLUMNS : columns;

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
      return widthOf(stdout);
    },
    get stderrColumns() {
      return widthOf(stderr);
    },
    configuredColor: configuredColor(env),
    env,
  };
}
