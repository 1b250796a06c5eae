import { createInterface } from 'node:readline';
import { execa } from 'execa';
import {
  demoFailed,
  kill,
  killStarted,
  startedProcess,
  type StartedProcess,
} from '../cgroups/processes.ts';
import type { CellNetwork } from '../gdn/config.ts';
import { ONLY_CELL_ENVIRONMENT } from '../gdn/programs.ts';

const STOP_DEADLINE_MILLISECONDS = 60_000;

const spawnOuter = (args: readonly string[]) =>
  execa('sh', args, {
    ...ONLY_CELL_ENVIRONMENT,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
    cleanup: false,
    detached: true,
  });

/** The processes that hold a cell: one outside, one between, and its pid 1. */
export class CellProcess {
  readonly #outer: ReturnType<typeof spawnOuter>;
  readonly #root: StartedProcess;

  private constructor(outer: ReturnType<typeof spawnOuter>, rootPid: number) {
    this.#outer = outer;
    this.#root = startedProcess(rootPid);
  }

  get rootPid(): number {
    return this.#root.pid;
  }

  /** Resolves when the mount table is complete. @throws KnownFailure DEMO_FAILED */
  static async start(
    mountLines: readonly string[],
    namespaces: OwnNamespaces,
    bases: readonly string[],
    deadlineSeconds: number,
  ): Promise<CellProcess> {
    const outer = spawnOuter(outerArguments(mountLines, namespaces, bases));
    const late = AbortSignal.timeout(deadlineSeconds * 1000);
    let root = 0;
    for await (const line of createInterface({ input: outer.stdout, signal: late })) {
      if (line.startsWith('root ')) root = Number(line.slice('root '.length));
      if (line === 'ready') return new CellProcess(outer, root);
    }
    if (late.aborted) {
      // A shell that waits for a mount does not notice that its input closes.
      if (outer.pid !== undefined) kill(-outer.pid);
      throw demoFailed(`the cell did not start within ${deadlineSeconds} seconds`);
    }
    const { stderr } = await outer;
    const why = stderr.trim().split('\n').at(-1);
    throw demoFailed(`the cell did not start: ${why ?? 'no reason given'}`);
  }

  /** Keeps the cell when this process ends, until the cell's pid 1 is killed. */
  keep(): void {
    this.#outer.stdin.end(`${KEEP_WORD}\n`);
    this.#outer.stdout.destroy();
    this.#outer.stderr.destroy();
    this.#outer.nodeChildProcess.unref();
  }

  /** Ends every process of the cell, and waits until its cgroups are removed. */
  async stop(): Promise<void> {
    // The shells outlive it while they remove its cgroups, and another process may have its pid by then.
    killStarted(this.#root);
    const deadline = setTimeout(() => this.#outer.kill('SIGKILL'), STOP_DEADLINE_MILLISECONDS);
    await this.#outer;
    clearTimeout(deadline);
  }
}

/** Which namespaces the cell has of its own, beside those of mounts and pids. */
export interface OwnNamespaces {
  readonly cgroupNamespace: 'host' | 'private';
  readonly network: CellNetwork;
}

/** The flags of unshare and nsenter, and the file of each in /proc/PID/ns. */
const NAMESPACE_FILES = { '--mount': 'mnt', '--cgroup': 'cgroup', '--net': 'net' } as const;

/** For unshare and nsenter. */
const flagsOf = ({
  cgroupNamespace,
  network,
}: OwnNamespaces): readonly (keyof typeof NAMESPACE_FILES)[] => [
  ...(cgroupNamespace === 'private' ? (['--cgroup'] as const) : []),
  ...(network === 'silk' ? (['--net'] as const) : []),
];
const LOOPBACK = 'must ip link set lo up';

/** The line with which a driver keeps the cell running after it exits. */
const KEEP_WORD = 'keep';

/**
 * Pid 1 of the cell. It is sh and not node, because pid 1 must reap orphans: Garden's shims are
 * orphans by design, and node waits only for children that it started. It prints `root <pid>` (its
 * pid outside) before it mounts the cell's own /proc, and `ready` when the mount table is complete.
 * It ends when its standard input closes, and then the kernel ends every process of the cell.
 */
const pidOneScript = (mountLines: readonly string[]): string => `
must() { "$@" || { echo "failed: $*" >&2; exit 1; }; }
read -r pid rest </proc/self/stat
echo "root $pid"
exec 3<&0
${mountLines.join('\n')}
must mkdir -p /var/vcap/data
cd /
{
  kept=
  while read -r word; do [ "$word" = ${KEEP_WORD} ] && kept=yes; done
  while [ -n "$kept" ]; do sleep 86400; done
} <&3 3<&- &
exec 3<&- </dev/null
echo ready
wait $!
`;

/**
 * The process between the two, in the machine's pid namespace: the first process that it starts is
 * pid 1 of the new namespace. Only that one joins the cell's cgroups, because the cell would see
 * this one as pid 0.
 */
const MIDDLE = `
script=$1 flags=$2
shift 2
exec 3<&0
{
  for base in "$@"; do echo 0 >"$base/cgroup.procs" || exit 1; done
  exec unshare --mount $flags --propagation private -- sh -c "$script" <&3 3<&-
} &
exec 3<&- </dev/null
wait $!
`;

/** Waits for the cell to end and removes its cgroups, in a session that Ctrl-C does not reach. */
const OUTER = `
middle=$1 script=$2 flags=$3
shift 3
unshare --pid -- sh -c "$middle" sh "$script" "$flags" "$@"
status=$?
tries=0
while [ $tries -lt 100 ]; do
  left=
  for base in "$@"; do
    find "$base" -depth -type d -delete 2>/dev/null
    [ -d "$base" ] && left=yes
  done
  [ -z "$left" ] && break
  tries=$((tries + 1))
  sleep 0.1
done
exit $status
`;

/** The arguments of sh for the whole construction; `bases`: the cell's cgroups, which exist. */
const outerArguments = (
  mountLines: readonly string[],
  namespaces: OwnNamespaces,
  bases: readonly string[],
): readonly string[] => [
  '-c',
  OUTER,
  'rollcall-cell',
  MIDDLE,
  pidOneScript(namespaces.network === 'silk' ? [...mountLines, LOOPBACK] : mountLines),
  flagsOf(namespaces).join(' '),
  ...bases,
];

const JOIN_AND_ENTER = `
files=$1
shift
while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit 1; shift; done
shift
exec nsenter $files -- "$@"
`;

/**
 * The prefix of a command that runs in the cell, as a member of these cgroups. It enters the pid
 * namespace first, because only nsenter's child is in it; that child joins the cgroups by the
 * machine's paths, then enters the other namespaces. It enters them by their files: since util-linux
 * 2.41, --target would mean the process that has this pid in the cell.
 */
export const enterArguments = (
  rootPid: number,
  namespaces: OwnNamespaces,
  directories: readonly string[],
): readonly string[] => {
  const outer = ['nsenter', '--target', `${rootPid}`, '--pid', '--'];
  const files = (['--mount', ...flagsOf(namespaces)] as const).map(
    (flag) => `${flag}=/proc/${rootPid}/ns/${NAMESPACE_FILES[flag]}`,
  );
  return [...outer, 'sh', '-c', JOIN_AND_ENTER, 'sh', files.join(' '), ...directories, '--'];
};

/**
 * The same for people: shorter, but the command stays in the caller's cgroups, and in the caller's
 * folder, for what it writes.
 */
export const enterForPeople = (rootPid: number, namespaces: OwnNamespaces): readonly string[] => [
  'nsenter',
  '--target',
  `${rootPid}`,
  '--mount',
  '--pid',
  '--wd=.',
  ...flagsOf(namespaces),
  '--',
];
