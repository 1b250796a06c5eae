import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { skip } from './skip.ts';

const folder =
  process.env['ROLLCALL_RECORDINGS'] ??
  fileURLToPath(new URL('../../shared/recordings', import.meta.url));

/** The folder of the recordings of real servers; a test that needs them is skipped where they are absent. */
export function recordings(context: Mocha.Context): string {
  return existsSync(folder) ? folder : skip(context, `no recordings at ${folder}`);
}
