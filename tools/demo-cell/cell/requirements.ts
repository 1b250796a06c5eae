import { demoFailed } from '../cgroups/processes.ts';
import { accessSync, constants } from 'node:fs';
import { execaSync } from 'execa';
import path from 'node:path';
import { KnownFailure } from '../../../src/model/failure.ts';
import { type CellMode, hostHierarchies, ownMode } from '../cgroups/hierarchies.ts';
import { SYSTEM_PATH } from '../gdn/programs.ts';

const PROGRAMS = ['sh', 'mount', 'umount', 'unshare', 'nsenter', 'find', 'mkfifo', 'chroot', 'env'];

/** Why no cell of this mode can be built here, in one line that says what to do; null if one can. */
export function whyNoCell(mode: CellMode | 'auto' = 'auto'): KnownFailure | null {
  if (process.platform !== 'linux') {
    return new KnownFailure(
      'NEEDS_LINUX',
      'a cell in a box needs Linux: its cgroups are real ones',
    );
  }
  if (process.getuid?.() !== 0) {
    return new KnownFailure(
      'NEEDS_ROOT',
      'a cell in a box needs root, to mount and to make cgroups: use sudo',
    );
  }
  // Asked once in a process, because each cell of the tests asks, and starting a process takes 50 ms.
  known ??= { why: whatIsMissing() };
  const why = known.why ?? whyNoMode(mode, ownMode(hostHierarchies()));
  return why === null ? null : demoFailed(why);
}

let known: { readonly why: string | null } | null = null;

function whatIsMissing(): string | null {
  const missing = PROGRAMS.filter((program) => !isInPath(program, SYSTEM_PATH));
  if (missing.length > 0) {
    return `a cell in a box needs ${missing.join(', ')}: install util-linux, coreutils and findutils`;
  }
  const hierarchies = hostHierarchies();
  if (hierarchies.every(({ version, controllers }) => version === 1 && controllers.length === 0))
    return 'a cell in a box needs cgroups, and none are mounted here';
  const readOnly = hierarchies.find(({ mountPoint }) => !isWritable(mountPoint));
  if (readOnly !== undefined) {
    return `a cell in a box needs to make cgroups, and ${readOnly.mountPoint} cannot be written: use a privileged container`;
  }
  const { failed } = execaSync('unshare', ['--mount', '--pid', '--fork', 'true'], {
    reject: false,
    stdio: 'ignore',
  });
  return failed
    ? 'a cell in a box needs namespaces of its own, and unshare is not permitted here: use a privileged container'
    : null;
}

/** A hybrid machine can show every mode, others only their own. */
export const whyNoMode = (wanted: CellMode | 'auto', own: CellMode): string | null =>
  wanted === 'auto' || wanted === own || own === 'hybrid'
    ? null
    : `this machine has cgroup ${own} only, so a ${wanted} cell cannot be built on it`;

/** A read-only mount says EROFS even to root. */
const isWritable = (directory: string): boolean => isAccessible(directory, constants.W_OK);

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

export const isInPath = (program: string, searchPath = process.env['PATH'] ?? ''): boolean =>
  searchPath
    .split(path.delimiter)
    .some((folder) => folder !== '' && isAccessible(path.join(folder, program), constants.X_OK));
