import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEndOfTest } from './at-end-of-test.ts';

/** A folder until the end of the test. Its path is short enough for sockets. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-'));
  atEndOfTest(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
