import { existsSync, readFileSync } from 'node:fs';
import { isInPath, whyNoCell } from '../demo-cell/cell/requirements.ts';
import { CELL_ENVIRONMENT, SYSTEM_PATH } from '../demo-cell/gdn/programs.ts';
import { BPM_PACKAGE, JOB } from './bpm-config.ts';
import { standInBpm } from './stand-in-bpm.ts';
import { expected, type Vm } from './vm.ts';
import type { CellOptions } from '../demo-cell/cell/start-cell.ts';

/** The commands that monit gives to bpm. */
export interface Bpm {
  /** Starts the job unless it runs, and first removes the remains of one that died. */
  start(): Promise<void>;
  /** Sends TERM and removes the job when it has ended. */
  stop(): Promise<void>;
}

/** Why this machine needs the stand-in for bpm, in one line; null if it can run bpm itself. */
export function whyStandIn(): string | null {
  if (!isInPath('bpm', SYSTEM_PATH)) return 'bpm is not on the PATH';
  return existsSync('/run/systemd/system')
    ? "bpm would create its cgroups through this machine's systemd"
    : null;
}

/** Installs the machine's runc and tini like the package bpm, and bpm itself if it runs here. */
export async function installBpm(vm: Vm): Promise<Bpm> {
  const isReal = whyStandIn() === null;
  await vm.must(['mkdir', '-p', BPM_PACKAGE]);
  for (const tool of ['runc', 'tini', ...(isReal ? ['bpm'] : [])]) {
    // Found on the caller's own PATH.
    const copy = ['sh', '-c', 'cp "$(command -v "$1")" "$2"', 'sh', tool, BPM_PACKAGE];
    const { exitCode, stderr } = await vm.run(copy, { env: CELL_ENVIRONMENT });
    expected(exitCode === 0, `cannot install ${tool}: ${stderr.trim()}`);
  }
  if (!isReal) return standInBpm(vm);
  const controllers = vm.cell.hierarchies.flatMap((one) => one.controllers);
  const table = readFileSync('/proc/cgroups', 'utf8');
  await vm.cover('/proc/cgroups', withoutUnmounted(table, controllers));
  // bpm finds runc and tini in its own folder.
  const bpm = async (what: string) => void (await vm.must([`${BPM_PACKAGE}/bpm`, what, JOB]));
  return { start: () => bpm('start'), stop: () => bpm('stop') };
}

/**
 * The text of /proc/cgroups with all controllers but these disabled. Without systemd bpm mounts
 * every enabled controller (cgroups/cgroup.go, Setup), and the machine would keep that new
 * hierarchy of version 1.
 */
export const withoutUnmounted = (table: string, mounted: readonly string[]): string =>
  table.replace(/^(\w+)(\t\d+\t\d+\t)1$/gm, (line, name: string, numbers: string) =>
    mounted.includes(name) ? line : `${name}${numbers}0`,
  );

/** With the Debian package of each program. */
const PROGRAMS = { runc: 'runc', tini: 'tini', ruby: 'ruby', curl: 'curl', pgrep: 'procps' };

/** Why the release cannot run here, in one line that says what to do; null if it can. */
export function whyNoMiniBosh(mode: CellOptions['mode']): string | null {
  const obstacle = whyNoCell(mode);
  if (obstacle !== null) return obstacle.message;
  if (process.arch !== 'x64') return `the release is for x64, and this machine is ${process.arch}`;
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInPath(program, SYSTEM_PATH));
  if (missing.length === 0) return null;
  return `the release cannot run: install ${missing.map(([, name]) => name).join(' ')}`;
}
