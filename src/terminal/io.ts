import process from 'node:process';
import { EXIT_FAILED } from './failing.ts';

/** The world of a command, so that it can be tested without a process. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly isTty: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/** https://no-color.org: NO_COLOR switches colour off where it was not asked for. */
export const wantsColor = (choice: ColorChoice, io: Io): boolean =>
  choice === 'always' || (choice === 'auto' && io.isTty && (io.env['NO_COLOR'] ?? '') === '');

/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;
/** Of less nobody can read a table; a terminal without a size says 0. */
const NARROWEST = 20;

/** The columns of the first that has a usable width. */
export const terminalWidth = (...widths: readonly (number | undefined)[]): number =>
  widths.find((columns) => columns !== undefined && columns >= NARROWEST) ?? USUAL_COLUMNS;

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
