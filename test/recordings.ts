import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('fixtures/recordings/', import.meta.url);

/** The path of a recording of a real server; test/fixtures/recordings/README.md describes them. */
export const recording = (file: string): string => fileURLToPath(new URL(file, folder));

/** The parts of a recording by name: each begins with a line `=== NAME` and ends with a newline that is not its own. */
export function recordedParts(file: string): ReadonlyMap<string, string> {
  const [, ...pieces] = readFileSync(recording(file), 'utf8').split(/^=== (.*)\n/m);
  const parts = new Map<string, string>();
  for (let at = 0; at + 1 < pieces.length; at += 2) {
    parts.set(pieces[at] ?? '', (pieces[at + 1] ?? '').replace(/\n$/, ''));
  }
  return parts;
}
