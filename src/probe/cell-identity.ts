import fs from 'node:fs';
import path from 'node:path';
import { JOB_CONFIG, JOB_PATH, type CellIdentity } from '../model/cell-identity.ts';
import { cellIdentityIn } from '../parse/agent-config.ts';
import { readTextFile } from './own-files.ts';

const MAX_CONFIG_BYTES = 1024 * 1024;

/** From the job's configuration; null if that cannot be read, because a check works without it. */
export function readCellIdentity(root: string): CellIdentity | null {
  try {
    const place = path.join(root, linkedJob(root), JOB_CONFIG);
    const stored = readTextFile(place, MAX_CONFIG_BYTES);
    return stored.kind === 'read' ? cellIdentityIn(stored.text) : null;
  } catch {
    return null;
  }
}

/** The target of the job's symlink. The link is absolute, so another root must resolve it. */
function linkedJob(root: string): string {
  const job = path.join(root, JOB_PATH);
  if (!fs.lstatSync(job).isSymbolicLink()) return JOB_PATH;
  return path.resolve(path.dirname(JOB_PATH), fs.readlinkSync(job));
}
