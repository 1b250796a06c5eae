import type { CellOptions } from '../../src/demo-cell/cell/start-cell.ts';
import {
  resolveMode,
  hostHierarchies,
  readHostTables,
} from '../../src/demo-cell/cgroups/hierarchies.ts';
import { isInPath, whyNoCell } from '../../src/demo-cell/cell/requirements.ts';
import { SYSTEM_PATH } from '../../src/demo-cell/gdn/programs.ts';
import { KnownFailure } from '../../src/model/failure.ts';

/** With the Debian package of each program. */
const PROGRAMS = { runc: 'runc', tini: 'tini', ruby: 'ruby', curl: 'curl', pgrep: 'procps' };

/** Why the release cannot run here, in one line that says what to do; null if it can. */
export function whyNoMiniBosh(mode: CellOptions['mode']): string | null {
  const obstacle = whyNoCell() ?? whyNoMode(mode);
  if (obstacle !== null) return obstacle.message;
  if (process.arch !== 'x64') return `the release is for x64, and this machine is ${process.arch}`;
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInPath(program, SYSTEM_PATH));
  if (missing.length === 0) return null;
  return `the release cannot run: install ${missing.map(([, name]) => name).join(' ')}`;
}

function whyNoMode(mode: CellOptions['mode']): KnownFailure | null {
  try {
    resolveMode(mode, hostHierarchies(readHostTables()));
    return null;
  } catch (error) {
    if (error instanceof KnownFailure) return error;
    throw error;
  }
}
