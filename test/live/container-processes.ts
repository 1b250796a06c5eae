import { dirname } from 'node:path';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Cell } from '../../tools/demo-cell/cell/cell.ts';
import { DEPOT, IMAGE_STORE } from '../../tools/demo-cell/gdn/config.ts';
import { commOf, membershipOf } from '../../tools/demo-cell/cgroups/processes.ts';
import { waitFor } from '../wait-for.ts';
import { ancestryOf, processesNamed } from './cells.ts';
import { inside, type Ran } from './rollcall.ts';

const PROGRAMS = '/var/vcap/data/test-programs';

/** A process that a test starts in a cell as Garden, or somebody else, would start it. */
export interface Start {
  /** The name of the program that starts it and waits for it: `dadoo` for Garden. */
  readonly by: string;
  /** The directory that becomes its `/`. */
  readonly root: string;
  /** The container whose pid namespace it enters; null: it stays in that of the cell. */
  readonly inside: string | null;
}

/** The root filesystem of a container as gdn makes it. */
export const rootOf = (
  handle: string,
  kind: 'privileged' | 'unprivileged' = 'unprivileged',
): string => `${IMAGE_STORE}/${kind}/images/${handle}/rootfs`;

/** An image in a store of its own, with the machine's programs: what another runtime would make. */
export async function makeImage(cell: Cell, image: string): Promise<string> {
  const root = `${image}/rootfs`;
  const layers = `lowerdir=/,upperdir=${image}/diff,workdir=${image}/workdir`;
  await inShell(
    cell,
    `mkdir -p ${image}/diff ${image}/workdir ${root} && mount -t overlay -o ${layers} overlay ${root}`,
  );
  return root;
}

/** With mounts of its own, as containers have them: it keeps its root when gdn unmounts that. */
const PROGRAM = `#!/bin/sh
unshare --mount chroot "$1" sh -c "$2" </dev/null >/dev/null 2>&1 &
wait
`;

/** Starts `sleep`, after `before`; it ends with the cell. The pid as the machine has it. */
export async function startProcess(
  cell: Cell,
  { by, root, inside: handle }: Start,
  before = ':',
): Promise<number> {
  const program = `${PROGRAMS}/${by}`;
  writeProgram(cell, program, PROGRAM);
  const enter = handle === null ? [] : ['nsenter', '-t', initOf(cell, handle), '-p', '--no-fork'];
  const bundle = `${DEPOT}/${handle ?? 'none'}/processes/0b1c`;
  const seconds = uniqueSeconds();
  const command = [...enter, program, root, `${before}; exec sleep ${seconds}`, bundle];
  await inBackground(cell, command);
  return pidOfSleep(cell, seconds);
}

const AT_PID = `#!/bin/sh
echo $(($2 - 1)) >/proc/sys/kernel/ns_last_pid
chroot "$1" sleep "$3" </dev/null >/dev/null 2>&1 &
wait
`;
const MAX_STARTS = 20;

/**
 * Starts `sleep` in a container, with a pid that is free in the cell. The pid as the machine has
 * it.
 */
export async function startAtPid(cell: Cell, pid: number, handle: string): Promise<number> {
  const program = `${PROGRAMS}/at-pid/dadoo`;
  writeProgram(cell, program, AT_PID);
  for (let starts = 0; starts < MAX_STARTS; starts++) {
    const seconds = uniqueSeconds();
    const enter = ['nsenter', '-t', initOf(cell, handle), '-p', '--no-fork'];
    await inBackground(cell, [...enter, program, rootOf(handle), `${pid}`, seconds]);
    const started = await pidOfSleep(cell, seconds);
    if (pidInCell(started) === pid) return started;
    // Something else in the cell started first.
    process.kill(started, 'SIGKILL');
  }
  throw new Error(`no process got the pid ${pid}`);
}

/** A second gdn of this machine, in a cgroup of its own. */
export async function startSecondGdn(cell: Cell, path: string): Promise<void> {
  const seconds = uniqueSeconds();
  const copy = 'mkdir -p "$1" && cp "$(command -v sleep)" "$1/gdn" && exec "$1/gdn" "$2"';
  await inBackground(cell, ['sh', '-c', copy, 'sh', `${PROGRAMS}/second`, seconds]);
  moveTo(cell, await pidOf(cell, 'gdn', seconds), path);
}

function inBackground(cell: Cell, command: readonly string[]): Promise<Ran> {
  return inShell(cell, '"$@" </dev/null >/dev/null 2>&1 &', command);
}

/** Somebody who logged in to the cell enters the container with a shell of his own. */
export async function enterByHand(cell: Cell, handle: string): Promise<number> {
  const seconds = uniqueSeconds();
  // The containers of a cell in a box have no mount namespace: their root is entered by its own
  // option.
  await inBackground(cell, ['nsenter', '-t', initOf(cell, handle), '-a', '-r', 'sleep', seconds]);
  return pidOfSleep(cell, seconds);
}

/**
 * Moves a process to a cgroup below the cell's own, in every hierarchy; it is made where it is
 * missing.
 */
export function moveTo(cell: Cell, pid: number, path: string): void {
  for (const { root } of cell.hierarchies) {
    mkdirSync(root + path, { recursive: true });
    writeFileSync(`${root}${path}/cgroup.procs`, `${pid}`);
  }
}

/** The lists of members of a process's cgroups, as paths of the machine. */
export function listsOf(cell: Cell, pid: number): readonly string[] {
  const membership = membershipOf(pid);
  return cell.hierarchies.flatMap(({ key, root }) => {
    const path = membership[key.split(',')[0] ?? ''];
    // The cell's own cgroup is at the top of the machine's hierarchy.
    const above = root.slice(0, root.lastIndexOf('/'));
    return path === undefined ? [] : [`${above}${path}/cgroup.procs`];
  });
}

/** The process of a container with this name. */
export function processOf(cell: Cell, handle: string, comm: string): number {
  const pid = cell.pids(handle).find((one) => commOf(one) === comm);
  if (pid === undefined) throw new Error(`${handle} has no process called ${comm}`);
  return pid;
}

async function inShell(cell: Cell, script: string, args: readonly string[] = []): Promise<Ran> {
  const ran = await inside(cell, ['sh', '-c', script, 'sh', ...args]);
  if (ran.exitCode !== 0) throw new Error(`${script}: ${ran.stderr}`);
  return ran;
}

function writeProgram(cell: Cell, path: string, text: string): void {
  mkdirSync(dirname(cell.outside(path)), { recursive: true });
  writeFileSync(cell.outside(path), text, { mode: 0o755 });
}

/** As the cell numbers it. */
const initOf = (cell: Cell, handle: string): string =>
  `${pidInCell(processOf(cell, handle, 'garden-init'))}`;

/** The pid of a container's process as the cell numbers it. */
export const pidInCell = (pid: number): number => ancestryOf(pid).namespacePids.at(-2) ?? 0;

let started = 0;

/** No other process of this machine sleeps so long. */
function uniqueSeconds(): string {
  started += 1;
  return `${process.pid}${String(started).padStart(4, '0')}`;
}

const pidOfSleep = (cell: Cell, seconds: string): Promise<number> => pidOf(cell, 'sleep', seconds);

/** The process of this name whose last argument is the mark. */
async function pidOf(cell: Cell, comm: string, mark: string): Promise<number> {
  let pid: number | undefined;
  await waitFor(`${comm} ${mark}`, () => {
    // What starts it has the same arguments, and another name until it becomes it.
    pid = processesNamed(comm, cell.rootPid).find((one) =>
      commandLine(one).endsWith(`\0${mark}\0`),
    );
    return pid !== undefined;
  });
  return pid ?? 0;
}

/** Its arguments, each with a NUL behind it. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // the process is gone
  }
}
