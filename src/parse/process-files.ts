import type { ControllerName, CgroupNamespace } from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { Launched, Membership, ProcessInCgroups, ProcessSignals } from '../model/process.ts';
import { isAboveNamespace } from '../model/paths.ts';

export type ProcessStat = { parentPid: number; startTicks: number; state: string };
export type ProcessStatus = { realUid: number; namespacePids: readonly number[] };

/**
 * /proc/<pid>/stat: `pid (comm) state ppid … starttime …`. The name may contain spaces, brackets
 * and newlines, so the fields are counted from the last `)` (proc_pid_stat(5); fields 3, 4 and 22).
 * Null if the text is cut or garbage.
 */
export function parseStat(text: string): ProcessStat | null {
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(' ');
  const parentPid = Number(fields[1]);
  const startTicks = Number(fields[19]);
  if (!Number.isSafeInteger(parentPid) || !Number.isSafeInteger(startTicks)) return null;
  return { parentPid, startTicks, state: fields[0]?.[0] ?? '?' };
}

/** The real uid, and NSpid, outermost first (Linux 4.1). Newlines in the name are escaped. */
export function parseStatus(text: string): ProcessStatus | null {
  const [uid] = statusLine(text, '\nUid:\t');
  const pids = statusLine(text, '\nNSpid:\t');
  if (uid === undefined || pids.length === 0) return null;
  if (![uid, ...pids].every((number) => /^\d+$/.test(number))) return null;
  return { realUid: Number(uid), namespacePids: pids.map(Number) };
}

/** The name of the process in /proc/<pid>/status, with backslashes and newlines escaped. */
export const nameInStatus = (text: string): string | null =>
  statusLine(`\n${text}`, '\nName:\t')[0] ?? null;

/** SIGKILL is the ninth signal. */
const KILL_BIT = 1n << 8n;

/** Null if a line is missing. `SigPnd` is of the thread, `ShdPnd` of its process. */
export function parseSignals(text: string): Omit<ProcessSignals, 'isExiting'> | null {
  const first = (key: string): string => statusLine(text, `\n${key}:\t`)[0] ?? '';
  const masks = [first('SigPnd'), first('ShdPnd')];
  const tracer = first('TracerPid');
  const [state = ''] = first('State');
  const isWhole =
    state !== '' &&
    /^\d{1,10}$/.test(tracer) &&
    masks.every((mask) => /^[\da-f]{1,32}$/.test(mask));
  if (!isWhole) return null;
  return {
    state,
    isKilled: masks.some((mask) => (BigInt(`0x${mask}`) & KILL_BIT) !== 0n),
    tracer: Number(tracer),
  };
}

/** What a descriptor is open for, by /proc/<pid>/fdinfo/<fd>: `flags` is octal (O_ACCMODE). */
export function accessOf(fdinfo: string): 'read' | 'write' | 'both' | null {
  const flags = /^flags:\t([0-7]{1,11})$/m.exec(fdinfo)?.[1];
  if (flags === undefined) return null;
  return (['read', 'write', 'both'] as const)[Number.parseInt(flags, 8) & 3] ?? null;
}

const PF_EXITING = 4;

/**
 * Whether the thread of a /proc/<pid>/stat exits: PF_EXITING in its flags (field 9; include/linux/sched.h).
 * If it hangs there, it sleeps in state D or S, and no mask shows a signal: prepare_signal drops one for
 * a process that exits, and a thread takes that of `cgroup.kill` when it begins to (measured on 6.18).
 */
export const isExiting = (stat: string): boolean => {
  const flags = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 7)[6];
  return (Number(flags) & PF_EXITING) !== 0;
};

/** The fields of a whole line. Many of these files are read, and this costs less than a pattern. */
function statusLine(text: string, begin: string): readonly string[] {
  const start = text.indexOf(begin);
  const end = start === -1 ? -1 : text.indexOf('\n', start + begin.length);
  return end === -1 ? [] : text.slice(start + begin.length, end).split('\t');
}

/** The boot time of /proc/stat in seconds since 1970; null if the line is missing. */
export function parseBootTime(text: string): number | null {
  const seconds = /^btime (\d+)$/m.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

/**
 * The container that a helper of the runtime serves, according to its arguments (measured in every
 * mode of gdn): `containerd-shim-runc-v2 -namespace garden -id H …`, `dadoo …
 * <depot>/H/processes/<process>`. A process in a container can forge them.
 */
export function launchedBy(comm: string, cmdline: string): Launched | null {
  const flag = flagsOf(cmdline);
  if (comm.startsWith('containerd-shim')) {
    const namespace = flag('-namespace');
    const id = flag('-id');
    return namespace === null || id === null
      ? null
      : { by: 'containerd-shim', namespace, id, address: flag('-address') };
  }
  if (comm !== 'dadoo') return null;
  for (const argument of argumentsOf(cmdline)) {
    const [, depot, id] = /^(.*)\/([^/]+)\/processes\/[^/]+$/s.exec(argument) ?? [];
    if (id !== undefined) return { by: 'dadoo', id, depot: depot ?? null };
  }
  return null;
}

/** The commands of runc 1.3 (`runc --help`). */
const RUNC_COMMANDS: ReadonlySet<string> = new Set(
  (
    'checkpoint create delete events exec features kill list pause ps restore resume run spec start ' +
    'state update'
  ).split(' '),
);

/** The command of a runc, after its global flags; null for any other process, and for one unknown. */
export const runcCommand = (comm: string, cmdline: string): string | null =>
  comm === 'runc' ? (argumentsOf(cmdline).find((one) => RUNC_COMMANDS.has(one)) ?? null) : null;

/** The flags that distinguish one gdn from another. A configuration file may hold them instead. */
export function serverFlags(cmdline: string): Pick<ProcessInCgroups, 'depot' | 'containerdSocket'> {
  const flag = flagsOf(cmdline);
  return {
    depot: flag('--depot')?.replace(/(?<!\/)\/+$/, '') ?? null,
    containerdSocket: flag('--containerd-socket'),
  };
}

const argumentsOf = (cmdline: string): readonly string[] => cmdline.slice(0, 4096).split('\0');

/** The value of a flag, given as `--flag value` or `--flag=value`. */
function flagsOf(cmdline: string): (flag: string) => string | null {
  const argv = argumentsOf(cmdline);
  return (flag) => {
    const index = argv.indexOf(flag);
    if (index >= 0) return argv[index + 1] ?? null;
    const joined = argv.find((argument) => argument.startsWith(`${flag}=`));
    return joined?.slice(flag.length + 1) ?? null;
  };
}

/**
 * /proc/<pid>/cgroup (kernel/cgroup/cgroup.c proc_cgroup_show), one line per hierarchy:
 * `id:controllers:path`. `0::path` is v2, and exists on v1 hosts too. A co-mounted hierarchy gets
 * one key for each controller, a named one `name=X`. The path is the rest of the line: systemd's
 * container scopes contain `:`, and a removed cgroup ends in ` (deleted)`, which is kept. It has no
 * newline, because mkdir refuses one in a cgroup for the sake of this file.
 */
export function parseProcCgroup(bytes: ByteString): Membership {
  const paths = new Map<ControllerName, ByteString>();
  for (const line of bytes.split('\n')) {
    const [, id, names = '', path = ''] = /^(\d{1,10}):([^:]*):(\/.*)$/s.exec(line) ?? [];
    const isUnified = Number(id) === 0;
    const split = isUnified ? ['v2'] : names.split(',');
    // The kernel writes no other line, and no controller twice.
    if (isUnified !== (names === '') || split.some((name) => name === '' || paths.has(name)))
      continue;
    for (const name of split) paths.set(name, asByteString(path));
  }
  return Object.fromEntries(paths);
}

/** PROC_CGROUP_INIT_INO (include/linux/proc_ns.h), the same since cgroup namespaces exist (4.6). */
const INITIAL = 'cgroup:[4026531835]';

/** Private if its link is not the initial one, or pid 1 is outside. No link: no such namespaces. */
export const cgroupNamespaceOf = (
  link: string | null,
  firstProcessPaths: Membership | null,
): CgroupNamespace =>
  (link !== null && link !== INITIAL) ||
  Object.values(firstProcessPaths ?? {}).some(isAboveNamespace)
    ? 'private'
    : 'initial';

/** PROC_PID_INIT_INO, 0xEFFFFFFC. Without a link, the kernel has no pid namespaces. */
export const pidNamespaceOf = (link: string | null): CgroupNamespace =>
  link === null || link === 'pid:[4026531836]' ? 'initial' : 'private';
