import { on, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { KnownFailure, messageOf } from '../../../src/model/failure.ts';
import { moveInto } from '../cgroups/cgroup-tree.ts';
import { kill } from '../cgroups/processes.ts';
import { GDN_LOG } from './config.ts';
import {
  APP_LAUNCHER,
  DADOO,
  LAYER,
  NOTHING,
  RUNC,
  SHIM,
  CELL_ENVIRONMENT,
  ONLY_CELL_ENVIRONMENT,
} from './programs.ts';

const DEADLINE_MILLISECONDS = 10_000;
/** proc_pid_comm(5): TASK_COMM_LEN without its NUL. */
const MAX_COMM = 15;

/** The program that one process becomes, and where it must be before that. */
export interface Launch {
  readonly handle: string;
  /** The directory that becomes its `/`; null: it keeps the cell's own root. */
  readonly root: string | null;
  readonly program: string;
  readonly arguments: string;
  readonly cgroups: readonly string[];
}

/** Starts pid 1 of a container; returns its pid in the cell. */
export const launchInit = (
  launch: Launch,
  runtime: 'runc' | 'containerd',
  namespaces: readonly string[],
): Promise<number> =>
  runtime === 'containerd'
    ? // A shim is started by another shim that ends at once, so that its parent is pid 1 and not Garden.
      start(launch, [
        ...ORPHAN,
        'unshare',
        '--pid',
        ...namespaces,
        '--',
        SHIM,
        ...shimArguments(launch.handle),
      ])
    : start(launch, ['unshare', '--pid', ...namespaces, '--', ...RUNC_START, launch.handle], {
        CELL_LEAVE: 'yes',
      });

const RUNC_START = [RUNC, '--root', '/run/runc', 'start'];

/** Starts a further process in the pid namespace of init, as the child of a dadoo. */
export function launchBeside(
  launch: Launch,
  initPid: number,
  namespaces: readonly string[],
): Promise<number> {
  const enter = ['nsenter', '--target', `${initPid}`, '--pid', ...namespaces, '--no-fork', '--'];
  const bundle = `/var/vcap/data/garden/depot/${launch.handle}/processes/app`;
  const dadoo = [DADOO, '-runc-root', '/run/containerd/runc/garden', 'exec', '/usr/sbin/runc'];
  return start(launch, [...enter, ...dadoo, bundle]);
}

/** Starts this many plain processes, orphans of one shell; returns their pids in the cell. */
export async function launchPlain(count: number): Promise<readonly number[]> {
  const { stdout } = await execa('sh', ['-c', PLAIN, 'sh', `${count}`, NOTHING], {
    ...OPTIONS,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: DEADLINE_MILLISECONDS + count * 20,
  });
  return stdout.split('\n').map(Number);
}

const PLAIN = `
left=$1
while [ "$left" -gt 0 ]; do
  ${LAYER}${APP_LAUNCHER} app <>"$2" >/dev/null 2>&1 &
  echo $!
  left=$((left - 1))
done
`;

const CONTAINERD = '/var/vcap/sys/run/containerd/containerd.sock';

const shimArguments = (handle: string): readonly string[] => [
  '-namespace',
  'garden',
  '-id',
  handle,
  '-address',
  CONTAINERD,
];

/** It waits for the go-ahead, because node closes the pipe of a child that has ended. */
const ORPHAN = ['sh', '-c', 'exec 3<&0; "$@" <&3 3<&- & read -r go <&3', 'sh'] as const;

/** The processes outlive Garden: nothing ends them when it ends, and no pipe to it stays open. */
const OPTIONS = { ...ONLY_CELL_ENVIRONMENT, cleanup: false } as const;

async function start(
  launch: Launch,
  [file = '', ...args]: readonly string[],
  extra: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = execa(file, args, {
    ...OPTIONS,
    env: { ...CELL_ENVIRONMENT, ...environmentOf(launch), ...extra },
    // Their messages go to gdn's own log, which outlives gdn.
    stdio: ['pipe', 'pipe', 'inherit'],
    buffer: false,
    reject: false,
    detached: true,
  });
  // On timeout the closed pipe ends the processes that wait for the go-ahead.
  const signal = AbortSignal.timeout(DEADLINE_MILLISECONDS);
  let pid = 0;
  try {
    pid = Number(await firstLine(child.stdout, signal));
    await moveInto(launch.cgroups, pid);
    // Its end of the pipe closes just before it executes the program.
    const done = once(child.stdout.resume(), 'end', { signal });
    // One line for each reader. sh reads a pipe byte by byte, so neither takes the other's line.
    child.stdin.end('\n\n');
    await done;
    await untilItIs(launch.program, pid, signal);
    return pid;
  } catch (error) {
    child.stdin.destroy();
    if (pid > 0) kill(pid);
    const what = `${launch.program} of ${JSON.stringify(launch.handle)} did not start`;
    const why = messageOf(error);
    throw new KnownFailure('DEMO_FAILED', `${what}: ${why}; see ${GDN_LOG} in the cell`, {
      cause: error,
    });
  }
}

/** Before that it lacks the name, environment and root by which others recognise it. */
async function untilItIs(program: string, pid: number, signal: AbortSignal): Promise<void> {
  const name = path.basename(program).slice(0, MAX_COMM);
  while ((await readFile(`/proc/${pid}/comm`, 'utf8')).trim() !== name) {
    await sleep(2, undefined, { signal });
  }
}

async function firstLine(stream: Readable, signal: AbortSignal): Promise<string> {
  let text = '';
  for await (const [chunk] of on(stream, 'data', { signal, close: ['end'] })) {
    text += String(chunk);
    const end = text.indexOf('\n');
    if (end > 0) return text.slice(0, end);
  }
  throw new Error('it ended without a word');
}

const environmentOf = ({ handle, root, program, ...rest }: Launch): Record<string, string> => ({
  CELL_NOTHING: NOTHING,
  CELL_LAYER: LAYER,
  CELL_HANDLE: handle,
  CELL_ROOT: root ?? '',
  CELL_PROGRAM: program,
  CELL_ARGUMENTS: rest.arguments,
});
