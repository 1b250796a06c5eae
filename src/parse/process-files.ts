import type { ControllerName, CgroupNamespace } from '../model/hierarchy.ts';
import { asByteString, type ByteString } from '../model/ids.ts';
import type { MalformedLine } from '../model/mount.ts';
import type { Launched, Membership, ProcessInCgroups, ProcessSignals } from '../model/process.ts';
import { Malformed, parseLines } from './mount-table.ts';
import { isAboveNamespace } from '../model/paths.ts';

/**
 * The name may contain anything, so fields count from the last `)` (proc_pid_stat(5); 3, 4 and 22).
 */
export function parseStat(
  text: string,
): { parentPid: number; startTicks: number; state: string } | null {
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(' ');
  const parentPid = Number(fields[1]);
  const startTicks = Number(fields[19]);
  if (!Number.isSafeInteger(parentPid) || !Number.isSafeInteger(startTicks)) return null;
  return { parentPid, startTicks, state: fields[0]?.[0] ?? '?' };
}

/** The real uid, and NSpid, outermost first (Linux 4.1). Newlines in the name are escaped. */
export function parseStatus(
  text: string,
): { realUid: number; namespacePids: readonly number[] } | null {
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

const PF_EXITING = 4;

/** PF_EXITING (field 9): the kernel drops a SIGKILL for a process that exits (measured on 6.18). */
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

export function parseBootTime(text: string): number | null {
  const seconds = /^btime (\d+)$/m.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

/** By its arguments (measured in every mode of gdn), which a process in a container can forge. */
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

/** The flags that distinguish one gdn from another. A configuration file may hold them instead. */
export function serverFlags(cmdline: string): Pick<ProcessInCgroups, 'depot' | 'containerdSocket'> {
  const flag = flagsOf(cmdline);
  return {
    depot: flag('--depot')?.replace(/(?<!\/)\/+$/, '') ?? null,
    containerdSocket: flag('--containerd-socket'),
  };
}

const argumentsOf = (cmdline: string): readonly string[] => cmdline.slice(0, 4096).split('\0');

function flagsOf(cmdline: string): (flag: string) => string | null {
  const argv = argumentsOf(cmdline);
  return (flag) => {
    const index = argv.indexOf(flag);
    if (index >= 0) return argv[index + 1] ?? null;
    const joined = argv.find((argument) => argument.startsWith(`${flag}=`));
    return joined?.slice(flag.length + 1) ?? null;
  };
}

export interface ProcCgroup {
  readonly membership: Membership;
  readonly malformed: readonly MalformedLine[];
}

/**
 * `id:controllers:path` a line (proc_cgroup_show); `0::path` is v2. The path is the rest of the
 * line, which may contain `:` and end in ` (deleted)`, but no newline: mkdir refuses one in a
 * cgroup.
 */
export function parseProcCgroup(bytes: ByteString): ProcCgroup {
  const seen = new Set<ControllerName>();
  const { parsed, malformed } = parseLines(bytes, (line) => {
    const hierarchy = hierarchyOfLine(line);
    if (hierarchy instanceof Malformed) return hierarchy;
    if (hierarchy.names.some((name) => seen.has(name)))
      return new Malformed('a controller appears twice');
    for (const name of hierarchy.names) seen.add(name);
    return hierarchy;
  });
  const entries = parsed.flatMap(({ names, path }) => names.map((name) => [name, path] as const));
  return { membership: Object.fromEntries(entries), malformed };
}

function hierarchyOfLine(
  line: string,
): { readonly names: readonly ControllerName[]; readonly path: ByteString } | Malformed {
  const idEnd = line.indexOf(':');
  const namesEnd = idEnd === -1 ? -1 : line.indexOf(':', idEnd + 1);
  if (namesEnd === -1) return new Malformed('fewer than three fields');
  const id = line.slice(0, idEnd);
  const names = line.slice(idEnd + 1, namesEnd);
  const path = line.slice(namesEnd + 1);
  if (!/^\d{1,10}$/.test(id)) return new Malformed('the hierarchy id is not a number');
  if (!path.startsWith('/')) return new Malformed('the path does not begin with /');
  const isUnified = Number(id) === 0;
  if (isUnified !== (names === '')) return new Malformed('only hierarchy 0 has no controllers');
  const split = isUnified ? ['v2'] : names.split(',');
  if (split.includes('')) return new Malformed('a controller without a name');
  return { names: split, path: asByteString(path) };
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
