import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { kill } from '../../tools/demo-cell/cgroups/processes.ts';
import { atEndOfTest } from '../at-end-of-test.ts';
import { skip } from '../skip.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { waitFor } from '../wait-for.ts';
import { processesNamed } from './cells.ts';
import { listsOf, processOf } from './container-processes.ts';

const SOURCE = fileURLToPath(new URL('silent-fuse.c', import.meta.url));
/** At most 15 bytes: the name by which the test finds it. */
const SERVER = `fuse-${process.pid}`;

export async function needsSilentFuse(context: Mocha.Context): Promise<void> {
  if (!fs.existsSync('/dev/fuse')) skip(context, 'needs /dev/fuse');
  const { exitCode } = await execa('gcc', ['--version'], { reject: false });
  if (exitCode !== 0) skip(context, 'needs gcc');
}

/**
 * Until the end of the test, so many processes in the cgroups of a container wait for a file system
 * that never answers. Resolves with their pids once this holds for each.
 */
export async function startSilentFuse(
  cell: Cell,
  handle: string,
  how: 'map' | 'read',
  { count, waits }: { readonly count: number; readonly waits: (pid: number) => boolean },
): Promise<readonly number[]> {
  const lists = listsOf(cell, processOf(cell, handle, 'garden-init'));
  const before = new Set(members(lists));
  const folder = temporaryFolder();
  const program = join(folder, 'silent-fuse');
  const mount = join(folder, 'mount');
  fs.mkdirSync(mount);
  await execa('gcc', ['-O1', '-pthread', '-o', program, SOURCE]);
  const command = [program, how, SERVER, mount, String(count), ...lists];
  // With mounts of its own, and in the pid namespace of the cell.
  const enter = ['-m', 'nsenter', '-t', String(cell.rootPid), '-p', ...command];
  const started = spawn('unshare', enter, { stdio: ['ignore', 'ignore', 'inherit'] });
  atEndOfTest(() => {
    // Not those of another run on this machine.
    const ours = [started.pid ?? 0, cell.rootPid].flatMap((of) => processesNamed(SERVER, of));
    for (const pid of ours) kill(pid);
    started.kill('SIGKILL');
  });
  const waiting = () => members(lists).filter((pid) => !before.has(pid) && waits(pid));
  await waitFor('the processes that wait', () => waiting().length === count);
  return waiting();
}

const members = ([list = '']: readonly string[]): readonly number[] =>
  fs.readFileSync(list, 'utf8').trim().split('\n').map(Number);
