import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

export interface Ran {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Places that a script names, and where they are in a test; the script itself takes no other ones.
 */
export type Places = Readonly<Record<string, string>>;

/** Runs a rendered script, its places exchanged. */
export async function run(
  text: string,
  places: Places,
  folder: string,
  deadlineMilliseconds = 10_000,
): Promise<Ran> {
  const script = program(folder, 'script', elsewhere(text, places));
  const { exitCode, stdout, stderr } = await execa(script, {
    reject: false,
    stdin: 'ignore',
    timeout: deadlineMilliseconds,
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
  });
  return { code: exitCode, stdout, stderr };
}

function elsewhere(text: string, places: Places): string {
  return Object.entries(places).reduce((changed, [place, other]) => {
    if (!changed.includes(place)) throw new Error(`the script does not name ${place}`);
    return changed.replaceAll(place, other);
  }, text);
}

/**
 * An executable file. Where `run` gets the same folder, a script finds it before the system's
 * program of that name.
 */
export function program(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
