import path from 'node:path';
import process from 'node:process';
import { root } from '../tools/bootstrap/place.mjs';
import { cachedBundle } from '../tools/bundle.ts';

/**
 * A program for processes that tests start: in one file, as on a cell, because a start of it takes
 * three fifths of what the sources take. Coverage counts lines of the sources.
 */
export const programOf = (entry: string, name: string): string | Promise<string> =>
  process.env['NODE_V8_COVERAGE'] === undefined
    ? cachedBundle(entry, name)
    : path.resolve(root, entry);

export const PROGRAM = await programOf('src/cli/main.ts', 'rollcall.cjs');
