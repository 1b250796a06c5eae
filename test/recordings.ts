import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../tools/bootstrap/place.mjs';

const folder = new URL('fixtures/recordings/', import.meta.url);

/** The path of a recording of a real server; test/fixtures/recordings/README.md describes them. */
export const recording = (file: string): string => fileURLToPath(new URL(file, folder));

/**
 * The path of a recording that is not in the repository (CONTRIBUTING.md); null if this machine has
 * none.
 */
export function outsideRecording(name: string): string | null {
  const all = process.env['ROLLCALL_RECORDINGS'] ?? path.join(root, '../shared/recordings');
  const file = path.join(all, name);
  return existsSync(file) ? file : null;
}

/**
 * The parts of a recording by name: each begins with a line `=== NAME` and ends with a newline that
 * is not its own.
 */
export function recordedParts(file: string): ReadonlyMap<string, string> {
  const [, ...pieces] = readFileSync(recording(file), 'utf8').split(/^=== (.*)\n/m);
  const parts = new Map<string, string>();
  for (let at = 0; at + 1 < pieces.length; at += 2) {
    parts.set(pieces[at] ?? '', (pieces[at + 1] ?? '').replace(/\n$/, ''));
  }
  return parts;
}

/** The files of a folder of fixtures, byte by byte. */
export function fixtures(subfolder: string, name: RegExp): readonly string[] {
  const at = new URL(`fixtures/${subfolder}/`, import.meta.url);
  const files = readdirSync(at).filter((file) => name.test(file));
  return files.map((file) => readFileSync(new URL(file, at), 'latin1'));
}

/** Of each recorded mount table as many lines as fit, so that a change hits one that matters. */
export const startsOfMountTables = (): readonly string[] =>
  [
    ...fixtures('mounts', /./),
    ...fixtures('hard-mount-tables', /mountinfo$/),
    ...['runc', 'v2-containerd'].map((mode) =>
      readFileSync(recording(`garden/${mode}/mountinfo`), 'latin1'),
    ),
  ].map((table) => table.slice(0, table.lastIndexOf('\n', 1500) + 1));
