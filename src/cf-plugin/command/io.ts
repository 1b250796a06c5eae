import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { inspect } from 'node:util';
import * as v from 'valibot';
import { KnownFailure } from '../../model/failure.ts';
import { colors } from '../../present/color.ts';
import { cutEnd } from '../../present/display-width.ts';
import { jsonText } from '../../present/json-text.ts';
import { terminalWidth, wantsColor, type Io } from '../../terminal/io.ts';
import type { FailureForm } from './options.ts';
import { oneLine } from '../../model/text.ts';

/** The streams of a command, as cf's own commands use them. */
export interface PluginIo extends Io {
  /** Whether stderr is a terminal, so that progress may be shown there. */
  readonly showsProgress: boolean;
  readonly stderrColumns: number;
  /** As set by `cf config --color`; null where it is not set. */
  readonly configuredColor: boolean | null;
}

/** The streams of this process. Unlike terminal's processIo it ignores COLUMNS, as cf does. */
export function pluginIo(): PluginIo {
  const { stdout, stderr, env } = process;
  return {
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    isTty: stdout.isTTY,
    showsProgress: stderr.isTTY,
    // The window may change its width during --watch.
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

/** As in cf: CF_COLOR overrides its configuration, which overrides NO_COLOR and the terminal. */
export const wantsCfColor = (io: PluginIo): boolean =>
  booleanOf(io.env['CF_COLOR'] ?? '') ?? io.configuredColor ?? wantsColor('auto', io);

/** cf's own file has some kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** The file also has the user's tokens: only this key is kept, and no error quotes the file. */
const config = v.pipe(v.string(), v.parseJson(), v.object({ ColorEnabled: v.string() }));

/**
 * What `cf config --color` has set; null where it has not, or the file cannot be read.
 * @param home the parent of cf's folder unless CF_HOME is set
 */
export function configuredColor(env: PluginIo['env'], home: string = homedir()): boolean | null {
  const cfHome = env['CF_HOME'] ?? '';
  const file = path.join(cfHome === '' ? home : cfHome, '.cf', 'config.json');
  try {
    const found = statSync(file);
    // A pipe or a device might never end.
    if (!found.isFile() || found.size > MAX_BYTES) return null;
    const read = v.safeParse(config, readFileSync(file, 'utf8'));
    return read.success ? booleanOf(read.output.ColorEnabled) : null;
  } catch {
    return null;
  }
}

/** The words that cf accepts in CF_COLOR and in its configuration; null for all others. */
function booleanOf(text: string): boolean | null {
  if (/^(true|t|1)$/i.test(text)) return true;
  return /^(false|f|0)$/i.test(text) ? false : null;
}

/** Clears the line of the cursor: of a text that wrapped, that is its last line only. */
const CLEAR_LINE = '\r\u001b[2K';

/** Shows what the command waits for, on a terminal only, and removes it afterwards. */
export async function showingProgress<T>(
  text: string,
  io: PluginIo,
  work: () => Promise<T>,
): Promise<T> {
  if (!io.showsProgress) return work();
  // A terminal may wrap once the last column is filled.
  io.stderr(cutEnd(text, io.stderrColumns - 1));
  try {
    return await work();
  } finally {
    io.stderr(CLEAR_LINE);
  }
}

/** cf turns every exit code of a plugin but 0 into 1, so `unknown` cannot have a 2 of its own. */
export const EXIT_CF_FAILED = 1;

/**
 * Ends a failed command as cf ends its own: the message on stderr, FAILED on stdout. As JSON,
 * stdout has one object with the verdict `unknown` instead. An error that is not a KnownFailure is
 * reported as a defect of rollcall.
 */
export function reportFailure(error: unknown, form: FailureForm, io: PluginIo): number {
  const isKnown = error instanceof KnownFailure;
  const message = isKnown ? oneLine(error.message, 600) : 'This is a defect of rollcall.';
  io.stderr(`${message}\n`);
  if (!isKnown) io.stderr(`${inspect(error)}\n`);
  if (form === 'table') {
    const { bold, red } = colors(wantsCfColor(io));
    io.stdout(`${bold(red('FAILED'))}\n`);
  } else {
    const code = isKnown ? error.code : 'DEFECT';
    const indent = form === 'json' ? 2 : undefined;
    io.stdout(`${jsonText(failureJson(code, message), indent)}\n`);
  }
  return EXIT_CF_FAILED;
}

/** The JSON on stdout instead of a status. */
export const failureJson = (code: string, message: string) => ({
  schemaVersion: 1,
  verdict: 'unknown',
  why: message,
  complete: false,
  error: { code, message },
});
