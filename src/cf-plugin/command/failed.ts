import { inspect } from 'node:util';
import { KnownFailure } from '../../model/failure.ts';
import { oneLine } from '../../model/text.ts';
import { colors } from '../../present/color.ts';
import { jsonText } from '../../present/json-text.ts';
import { wantsColor, type Io } from './io.ts';
import type { FailureForm } from './options.ts';

/** cf makes 1 of whatever else a plugin exits with. */
export const EXIT_FAILED = 1;

/**
 * The end of a command that failed, as cf's own commands end: what happened on stderr, FAILED on stdout. With JSON stdout
 * holds that it could not tell, and nothing else; on one line where --watch writes lines. What is no known failure is a defect of
 * ours, and said to be one.
 */
export function reportFailure(error: unknown, form: FailureForm, io: Io): number {
  const isKnown = error instanceof KnownFailure;
  const message = isKnown ? oneLine(error.message, 600) : 'This is a defect of rollcall.';
  io.stderr(`${message}\n`);
  if (!isKnown) io.stderr(`${inspect(error)}\n`);
  if (form === 'table') {
    const { bold, red } = colors(wantsColor(io));
    io.stdout(`${bold(red('FAILED'))}\n`);
  } else {
    const code = isKnown ? error.code : 'DEFECT';
    const indent = form === 'json' ? 2 : undefined;
    io.stdout(`${jsonText(failureJson(code, message), indent)}\n`);
  }
  return EXIT_FAILED;
}

/** What stands on stdout where a status would. */
export const failureJson = (code: string, message: string) => ({
  schemaVersion: 1,
  verdict: 'unknown',
  why: message,
  complete: false,
  error: { code, message },
});
