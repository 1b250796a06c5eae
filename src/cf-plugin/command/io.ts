import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { inspect } from 'node:util';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { colors } from '../../present/color.ts';
import { jsonText } from '../../present/json-text.ts';
import { processIo, terminalWidth, wantsColor, type Io } from '../../terminal/io.ts';
import type { Form } from '../cf/options.ts';

/** The streams of this process. Unlike those of other commands they ignore COLUMNS, as cf does. */
export const pluginIo = (): Io => ({
  ...processIo,
  columns: terminalWidth(process.stdout.columns),
});

/** As in cf: CF_COLOR overrides NO_COLOR and the terminal. */
export const wantsCfColor = (io: Io): boolean =>
  booleanOf(io.env['CF_COLOR'] ?? '') ?? wantsColor('auto', io);

/** Null for words that cf does not accept. */
function booleanOf(text: string): boolean | null {
  if (/^(true|t|1)$/i.test(text)) return true;
  return /^(false|f|0)$/i.test(text) ? false : null;
}

/** Writes each request to where CF_TRACE says: stderr for `true`, or the file. Null: no tracing. */
export function traceOf(io: Io): ((line: string) => void) | null {
  const to = io.env['CF_TRACE'] ?? '';
  if (to === '' || booleanOf(to) === false) return null;
  if (booleanOf(to) === true) return (line) => io.stderr(`rollcall: ${line}\n`);
  return (line) => {
    try {
      appendFileSync(to, `${new Date().toISOString()} rollcall: ${line}\n`, { mode: 0o600 });
    } catch {
      // As in cf, an unwritable trace does not stop the command.
    }
  };
}

/** cf turns every nonzero exit code of a plugin into 1, so `unknown` cannot have exit code 2. */
export const EXIT_CF_FAILED = 1;

/**
 * Ends a failed command as cf does: the message on stderr, FAILED on stdout. With JSON output,
 * stdout gets one object with the verdict `unknown` instead.
 * @param to `api`: null if cf has no target, or was not asked for it yet
 */
export function reportFailure(
  error: unknown,
  { form, api }: { readonly form: Form; readonly api: string | null },
  io: Io,
): number {
  const isKnown = error instanceof KnownFailure;
  const message = isKnown ? oneLine(error.message, 600) : 'This is a bug in rollcall.';
  io.stderr(isKnown ? `${message}\n` : `${message}\n${inspect(error)}\n`);
  if (form === 'table') {
    const { bold, red } = colors(wantsCfColor(io));
    io.stdout(`${bold(red('FAILED'))}\n`);
  } else {
    const json = {
      schemaVersion: 1,
      api,
      verdict: 'unknown',
      why: message,
      complete: false,
      error: { code: isKnown ? error.code : 'DEFECT', message },
    };
    io.stdout(`${jsonText(json, 2)}\n`);
  }
  return EXIT_CF_FAILED;
}
