import { accessSync, constants } from 'node:fs';
import { execaSync } from 'execa';
import path from 'node:path';
import { KnownFailure } from '../../model/failure.ts';
import { hostHierarchies, readHostTables } from '../cgroups/hierarchies.ts';
import { SYSTEM_PATH } from '../gdn/programs.ts';

const PROGRAMS = ['sh', 'mount', 'umount', 'unshare', 'nsenter', 'find', 'mkfifo', 'chroot', 'env'];

/** Why no cell can be built here, in one line that says what to do; null if one can. */
export function whyNoCell(): KnownFailure | null {
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
  return known.why === null ? null : new KnownFailure('DEMO_FAILED', known.why);
}

let known: { readonly why: string | null } | null = null;

function whatIsMissing(): string | null {
  const missing = PROGRAMS.filter((program) => !isInPath(program, SYSTEM_PATH));
  if (missing.length > 0) {
    return `a cell in a box needs ${missing.join(', ')}: install util-linux, coreutils and findutils`;
  }
  const hierarchies = hostHierarchies(readHostTables());
  if (hierarchies.length === 0) return 'a cell in a box needs cgroups, and none are mounted here';
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

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false; // a read-only mount says EROFS even to root
  }
}

/** Whether a program can be started by its name. */
export const isInPath = (program: string, searchPath = process.env['PATH'] ?? ''): boolean =>
  searchPath.split(path.delimiter).some((folder) => {
    if (folder === '') return false;
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this one
    }
  });
