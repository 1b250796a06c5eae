import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { inspect } from 'node:util';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { colors } from '../../present/color.ts';
import { jsonText } from '../../present/json-text.ts';
import { terminalWidth, wantsColor, type Io } from '../../terminal/io.ts';
import type { FailureForm } from './options.ts';

/** The streams of this process. Unlike terminal's processIo it ignores COLUMNS, as cf does. */
export const pluginIo: Io = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTty: process.stdout.isTTY,
  // The window may change its width during --watch.
  get columns() {
    return terminalWidth(process.stdout.columns);
  },
  env: process.env,
};

/** As in cf: CF_COLOR overrides NO_COLOR and the terminal. */
export const wantsCfColor = (io: Io): boolean =>
  booleanOf(io.env['CF_COLOR'] ?? '') ?? wantsColor('auto', io);

/** The words that cf accepts; null for all others. */
function booleanOf(text: string): boolean | null {
  if (/^(true|t|1)$/i.test(text)) return true;
  return /^(false|f|0)$/i.test(text) ? false : null;
}

/** Writes each request where CF_TRACE says: `true` is stderr, a path is a file; else null. */
export function traceOf(io: Io): ((line: string) => void) | null {
  const to = io.env['CF_TRACE'] ?? '';
  if (to === '' || booleanOf(to) === false) return null;
  if (booleanOf(to) === true) return (line) => io.stderr(`rollcall: ${line}\n`);
  return (line) => {
    try {
      appendFileSync(to, `${new Date().toISOString()} rollcall: ${line}\n`, { mode: 0o600 });
    } catch {
      // As in cf, a trace that cannot be written does not stop the command.
    }
  };
}

/** cf turns every exit code of a plugin but 0 into 1, so `unknown` cannot have a 2 of its own. */
export const EXIT_CF_FAILED = 1;

/**
 * Ends a failed command as cf ends its own: the message on stderr, FAILED on stdout; as JSON,
 * stdout
 * has one object with the verdict `unknown` instead.
 */
export function reportFailure(
  error: unknown,
  { form, api }: { readonly form: FailureForm; readonly api: string | null },
  io: Io,
): number {
  const isKnown = error instanceof KnownFailure;
  const message = isKnown ? oneLine(error.message, 600) : 'This is a defect of rollcall.';
  io.stderr(isKnown ? `${message}\n` : `${message}\n${inspect(error)}\n`);
  if (form === 'table') {
    const { bold, red } = colors(wantsCfColor(io));
    io.stdout(`${bold(red('FAILED'))}\n`);
  } else {
    const json = failureJson(isKnown ? error.code : 'DEFECT', message, api);
    io.stdout(`${jsonText(json, form === 'json' ? 2 : undefined)}\n`);
  }
  return EXIT_CF_FAILED;
}

/** The JSON on stdout instead of a status. `api`: null where cf has none. */
export const failureJson = (code: string, message: string, api: string | null) => ({
  schemaVersion: 1,
  api,
  verdict: 'unknown',
  why: message,
  complete: false,
  error: { code, message },
});
