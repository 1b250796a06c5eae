import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top of the checkout. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Locks and a spare npm cache; not below node_modules, because `npm ci` removes that. Ignored by git. */
export const stateFolder = path.join(root, '.rollcall');

/** npm runs scripts at the top of the checkout and keeps where the user stood in INIT_CWD; relative paths mean that place. */
export function userDirectory() {
  const startedByNpm = process.env['npm_lifecycle_event'] !== undefined && process.cwd() === root;
  return startedByNpm ? (process.env['INIT_CWD'] ?? root) : process.cwd();
}
