import type { Launched } from '../model/process.ts';
import { maskSecrets } from './masked-secrets.ts';

/**
 * /proc/<pid>/stat: `pid (comm) state ppid … starttime …`. The name may hold spaces, brackets and newlines, so the
 * fields are counted from the last `)` (proc_pid_stat(5); fields 4 and 22). Null if the text is cut or garbage.
 */
export function parseStat(text: string): { parentPid: number; startTicks: number } | null {
  const end = text.lastIndexOf(')');
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(' ');
  const parentPid = Number(fields[1]);
  const startTicks = Number(fields[19]);
  if (!Number.isSafeInteger(parentPid) || !Number.isSafeInteger(startTicks)) return null;
  return { parentPid, startTicks };
}

/** /proc/<pid>/status: the real uid and the pids of NSpid, outermost first (since Linux 4.1). */
export function parseStatus(
  text: string,
): { realUid: number; namespacePids: readonly number[] } | null {
  const uid = /^Uid:\t(\d+)/m.exec(text)?.[1];
  const pids = /^NSpid:((?:\t\d+)+)$/m.exec(text)?.[1];
  if (uid === undefined || pids === undefined) return null;
  return { realUid: Number(uid), namespacePids: pids.trim().split('\t').map(Number) };
}

/** The boot time of /proc/stat in seconds since 1970; null if the line is missing. */
export function parseBootTime(text: string): number | null {
  const seconds = /^btime (\d+)$/m.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds);
}

/**
 * Whose container a helper of the runtime started, by its arguments: `containerd-shim-runc-v2 -namespace garden -id H …`,
 * `dadoo … <depot>/H/processes/<process>` (seen in every mode). Believe it only of a process that is no container's.
 */
export function launchedBy(comm: string, cmdline: string): Launched | null {
  const argv = cmdline.slice(0, 4096).split('\0');
  const after = (flag: string): string | undefined => {
    const index = argv.indexOf(flag);
    return index < 0 ? undefined : argv[index + 1];
  };
  if (comm.startsWith('containerd-shim')) {
    const namespace = after('-namespace');
    const id = after('-id');
    return namespace === undefined || id === undefined
      ? null
      : { by: 'containerd-shim', namespace, id };
  }
  if (comm !== 'dadoo') return null;
  const id = argv.flatMap(
    (argument) => /\/([^/]+)\/processes\/[^/]+$/.exec(argument)?.[1] ?? [],
  )[0];
  return id === undefined ? null : { by: 'dadoo', id };
}

/** A command line for reports: arguments joined by spaces, values that look secret masked, at most 256 characters. */
export function commandOf(cmdline: string): string {
  const ended = cmdline.slice(0, 4096).replace(/(?<!\0)\0+$/, '');
  const masked = maskSecrets(ended.replaceAll('\0', ' '));
  return masked.length > 256 ? `${masked.slice(0, 255)}…` : masked;
}
