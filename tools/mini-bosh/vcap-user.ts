import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { KnownFailure } from '../../src/model/failure.ts';
import type { Cell } from '../../src/demo-cell/cell.ts';
import { runInCell } from '../../src/demo-cell/run-in-cell.ts';
import { MINI_BOSH } from './places.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** As on every stemcell. */
const STEMCELL_VCAP: User = { uid: 1000, gid: 1000 };

/**
 * The user that bpm runs jobs as. Where the machine has none, the VM gets its own /etc/passwd and /etc/group, mounted over
 * the machine's in the VM's private mount namespace: the machine's files stay as they are.
 */
export async function makeVcap(cell: Cell): Promise<User> {
  const found = userOf(readFileSync('/etc/passwd', 'utf8'), 'vcap');
  if (found !== null) return found;
  const { uid, gid } = STEMCELL_VCAP;
  // First, so that a person of the machine who has the same uid does not give the name.
  await cover(cell, '/etc/passwd', `vcap:x:${uid}:${gid}:BOSH System User:/home/vcap:/bin/bash\n`);
  await cover(cell, '/etc/group', `vcap:x:${gid}:\n`);
  return STEMCELL_VCAP;
}

/** From the text of passwd(5). */
function userOf(passwd: string, name: string): User | null {
  const line = passwd.split('\n').find((one) => one.startsWith(`${name}:`));
  const [, , uid = '', gid = ''] = line?.split(':') ?? [];
  return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? { uid: Number(uid), gid: Number(gid) } : null;
}

async function cover(cell: Cell, path: string, firstLine: string): Promise<void> {
  const own = `${MINI_BOSH}${path}`;
  mkdirSync(cell.outside(`${MINI_BOSH}/etc`), { recursive: true });
  writeFileSync(cell.outside(own), firstLine + readFileSync(path, 'utf8'));
  const { exitCode, stderr } = await runInCell(cell, ['mount', '--bind', own, path]);
  if (exitCode === 0) return;
  throw new KnownFailure('MINI_BOSH_FAILED', `cannot mount over ${path}: ${stderr.trim()}`);
}
