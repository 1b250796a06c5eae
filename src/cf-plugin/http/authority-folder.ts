import { X509Certificate } from 'node:crypto';
import { opendirSync, readFileSync, statSync, type Dir } from 'node:fs';
import path from 'node:path';

/** Debian has about 150 authorities, twice; each is a few kilobytes. */
const MAX_FILES = 2_000;
const MAX_BYTES_A_FILE = 1024 * 1024;
const MAX_BYTES = 16 * 1024 * 1024;

/** Whether a file of authorities begins with one that can be read. */
export function holdsCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).raw.length > 0;
  } catch {
    return false;
  }
}

/** The certificates in the files of a folder, each text once; none of what cannot be read, as Go reads SSL_CERT_DIR. */
export function certificatesOf(folder: string): readonly string[] {
  const found = new Set<string>();
  let bytes = 0;
  for (const name of namesIn(folder)) {
    const text = textOf(path.join(folder, name));
    if (text === null || found.has(text) || !holdsCertificate(text)) continue;
    bytes += text.length;
    if (bytes > MAX_BYTES) break;
    found.add(text);
  }
  return [...found];
}

function namesIn(folder: string): readonly string[] {
  let opened: Dir | null = null;
  const names: string[] = [];
  try {
    opened = opendirSync(folder);
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      names.push(entry.name);
      if (names.length === MAX_FILES) break;
    }
  } catch {
    // What was read before is of use.
  } finally {
    opened?.closeSync();
  }
  return names;
}

function textOf(file: string): string | null {
  try {
    const found = statSync(file);
    // What is no file might never end.
    if (!found.isFile() || found.size > MAX_BYTES_A_FILE) return null;
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
