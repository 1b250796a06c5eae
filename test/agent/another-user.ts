import { skip } from '../skip.ts';

/** A user who is not the one of the tests. */
export const NOBODY = 65_534;

/** Skips, with the reason, where a file cannot be given to another user. */
export function needsRoot(context: Mocha.Context): void {
  if (process.geteuid?.() !== 0) skip(context, 'only root can give a file to another user');
}
