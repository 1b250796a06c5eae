import fs from 'node:fs';
import path from 'node:path';
import { errnoOf, KnownFailure } from '../model/failure.ts';

/** Set in an executable, which has no files beside it. */
declare const ROLLCALL_RUNBOOK: string | undefined;

/** Beside the program in its package; in docs/ of a clone. */
const PLACES = ['runbook.md', '../../docs/runbook.md'];

/** @throws KnownFailure FILE_UNREADABLE */
export function readRunbook(): string {
  if (typeof ROLLCALL_RUNBOOK === 'string') return ROLLCALL_RUNBOOK;
  const files = PLACES.map((place) => path.join(import.meta.dirname, place));
  const file = files.find((one) => fs.existsSync(one)) ?? files[0] ?? '';
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new KnownFailure(
      'FILE_UNREADABLE',
      `The runbook ${file} cannot be read (${errnoOf(error)}): the package has it beside the program.`,
    );
  }
}
