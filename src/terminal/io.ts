import process from 'node:process';
import { EXIT_FAILED } from './failing.ts';

/** The streams and settings of a command, replaceable in tests. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly isTty: boolean;
  /** Standard error is a terminal; otherwise nobody reads it while it is written. */
  readonly isErrorTty?: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/**
 * Automatically only for a terminal that takes escape codes. NO_COLOR disables colour unless an option
 * asks for it: https://no-color.org.
 */
export const wantsColor = (choice: ColorChoice, { isTty, env }: Io): boolean =>
  choice === 'always' ||
  (choice === 'auto' && isTty && env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === '');

/** Words and paths, such as `sudo /var/vcap/jobs/rollcall/bin/rollcall`. */
const WORDS = /^[\w.@/-]+(?: [\w.@/-]+){0,9}$/;
const MAX_TYPED_LENGTH = 200;

/**
 * How the caller types the program, for the commands that it prints. A wrapper says it in
 * ROLLCALL_TYPED_AS; `rollcall` without one, or where it holds more than words and paths.
 */
export function typedAs({ env }: Pick<Io, 'env'>): string {
  const text = env['ROLLCALL_TYPED_AS'] ?? '';
  return text.length <= MAX_TYPED_LENGTH && WORDS.test(text) ? text : 'rollcall';
}

/** For a terminal that does not report its width. */
const DEFAULT_COLUMNS = 80;
/** Narrower tables cannot be read; a terminal without a known size reports 0. */
const MIN_COLUMNS = 20;

/** Nothing is shortened without a terminal: a pipe has no width. */
const UNBOUNDED = 100_000;

export const terminalWidth = (...widths: readonly (number | undefined)[]): number =>
  widths.find((columns) => columns !== undefined && columns >= MIN_COLUMNS) ?? DEFAULT_COLUMNS;

export const processIo: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTty: process.stdout.isTTY,
  isErrorTty: process.stderr.isTTY,
  // A getter, because the window can change size during `drill --wait`.
  get columns() {
    const widths = [process.stdout.columns, Number(process.env['COLUMNS'])];
    return process.stdout.isTTY ? terminalWidth(...widths) : terminalWidth(...widths, UNBOUNDED);
  },
  env: process.env,
};

/**
 * A reader that has seen enough (`| head`) is not an error, although Node would throw EPIPE. Output
 * that cannot be written for another reason (a full disk) must not end as "all tracked", and is
 * reported once. A daemon continues without its log.
 */
export function handleOutputErrors(
  streams: Pick<typeof process, 'stdout' | 'stderr'>,
  isDaemon: boolean,
): void {
  let isReported = false;
  streams.stderr.on('error', () => undefined); // nobody is left to report it to
  streams.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isReported) return;
    isReported = true;
    const why = error.code ?? error.message;
    processIo.stderr(
      `rollcall: The output cannot be written (${why}); free some space or write elsewhere.\n`,
    );
    if (isDaemon) return;
    process.once('exit', () => {
      process.exitCode = EXIT_FAILED;
    });
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs something until Ctrl-C, or until nobody reads its output; either stops it in order. */
export async function untilInterrupted<T>(run: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  process.stdout.on('error', stop);
  try {
    return await run(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    process.stdout.off('error', stop);
  }
}
