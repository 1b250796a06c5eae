import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { root } from '../tools/bootstrap/place.mjs';
import { bundleFor } from '../tools/bundle.ts';

/** Always the same file, because Node keeps compiled code by its path. */
const FILE = path.join(root, 'node_modules/.cache/rollcall/rollcall.cjs');

/**
 * The program for processes that tests start: in one file, as on a cell, because a start of it
 * takes three fifths of what the sources take. Coverage counts lines of the sources.
 */
export const PROGRAM =
  process.env['NODE_V8_COVERAGE'] === undefined
    ? await bundled()
    : path.join(root, 'src/cli/main.ts');

async function bundled(): Promise<string> {
  mkdirSync(path.dirname(FILE), { recursive: true });
  const built = `${FILE}.${process.pid}`;
  await bundleFor('src/cli/main.ts', built);
  renameSync(built, FILE);
  return FILE;
}
