import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';

/** cf's has some kilobytes. */
const MAX_BYTES = 1024 * 1024;

/** The file also holds the tokens of the user: nothing but this key is kept, and no error tells what stands there. */
const config = v.pipe(v.string(), v.parseJson(), v.object({ ColorEnabled: v.string() }));

/**
 * What `cf config --color` left: true or false; null where it left nothing, or its file cannot be read.
 * @param home where cf looks unless CF_HOME says otherwise
 */
export function configuredColor(
  env: Readonly<Record<string, string | undefined>>,
  home: string = homedir(),
): boolean | null {
  const asked = env['CF_HOME'] ?? '';
  const file = path.join(asked === '' ? home : asked, '.cf', 'config.json');
  try {
    const found = statSync(file);
    // What is no file might never end.
    if (!found.isFile() || found.size > MAX_BYTES) return null;
    const read = v.safeParse(config, readFileSync(file, 'utf8'));
    return read.success ? booleanOf(read.output.ColorEnabled) : null;
  } catch {
    return null;
  }
}

/** As cf reads it in CF_COLOR and in its configuration; null: neither, so that something else decides. */
export function booleanOf(text: string): boolean | null {
  if (/^(true|t|1)$/i.test(text)) return true;
  return /^(false|f|0)$/i.test(text) ? false : null;
}
