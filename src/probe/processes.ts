import fs from 'node:fs';
import { asByteString } from '../model/ids.ts';
import {
  type Membership,
  type ProcessFacts,
  type ProcessInCgroups,
  isGardenServer,
} from '../model/process.ts';
import {
  parseProcCgroup,
  commandOf,
  launchedBy,
  parseBootTime,
  parseStat,
  parseStatus,
} from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';

/** USER_HZ, fixed at 100 on every architecture Linux runs Node on (proc_pid_stat(5) field 22). */
const TICKS_PER_SECOND = 100;
const MAX_ANCESTORS = 32;
const MAX_CMDLINE_BYTES = 8192;

/** The pids below /proc; throws what readdir throws if /proc cannot be listed. */
export function pidsOf(reader: KernelReader): number[] {
  const pids: number[] = [];
  for (const name of fs.readdirSync(`${reader.root}/proc`)) {
    const pid = Number(name);
    if (Number.isInteger(pid)) pids.push(pid);
  }
  return pids;
}

function membershipOf(reader: KernelReader, pid: number): Membership | null {
  const text = reader.text(`/proc/${pid}/cgroup`);
  return text === null ? null : parseProcCgroup(asByteString(text)).membership;
}

/** Null if the process is gone, or was replaced by another one of the same pid while it was read. */
export const processFacts = (reader: KernelReader, pid: number): ProcessFacts | null =>
  factsOf(reader, pid, () => true);

function factsOf(
  reader: KernelReader,
  pid: number,
  wantsCommand: (facts: ProcessFacts) => boolean,
): ProcessFacts | null {
  const before = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  const status = parseStatus(reader.text(`/proc/${pid}/status`) ?? '');
  const comm = reader.text(`/proc/${pid}/comm`);
  if (before === null || status === null || comm === null) return null;
  const name = comm.replace(/\n$/, '');
  const startedAt = timeOf(reader, before.startTicks);
  const facts = { pid, ...before, startedAt, ...status, comm: name, command: '', launched: null };
  const cmdline = wantsCommand(facts)
    ? (reader.text(`/proc/${pid}/cmdline`, MAX_CMDLINE_BYTES, 'utf8') ?? '')
    : '';
  const after = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (after?.startTicks !== before.startTicks) return null;
  return { ...facts, command: commandOf(cmdline), launched: launchedBy(name, cmdline) };
}

/**
 * A process with its cgroups; null if it is gone, or was replaced while it was read. Any container can call processes as
 * Garden's server is called: what else such a process says of itself is read only of one that can be the server.
 */
export function processInCgroups(reader: KernelReader, pid: number): ProcessInCgroups | null {
  const facts = factsOf(reader, pid, isGardenServer);
  const membership = membershipOf(reader, pid);
  const again = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (facts === null || membership === null || again?.startTicks !== facts.startTicks) return null;
  return { ...facts, membership };
}

/** Every process with this name, with its cgroups. Reads one small file a process. */
export function processesNamed(reader: KernelReader, name: string): ProcessInCgroups[] {
  const wanted = `${name}\n`;
  return pidsOf(reader).flatMap((pid) =>
    reader.text(`/proc/${pid}/comm`) === wanted ? (processInCgroups(reader, pid) ?? []) : [],
  );
}

/** The chain of parents, nearest first, ending below pid 1. */
export function ancestorsOf(reader: KernelReader, pid: number): ProcessFacts[] {
  const chain: ProcessFacts[] = [];
  let current = processFacts(reader, pid)?.parentPid ?? 0;
  while (current > 1 && chain.length < MAX_ANCESTORS) {
    const facts = processFacts(reader, current);
    if (facts === null) break;
    chain.push(facts);
    current = facts.parentPid;
  }
  return chain;
}

function timeOf(reader: KernelReader, startTicks: number): string {
  const boot = parseBootTime(reader.text('/proc/stat') ?? '') ?? 0;
  return new Date((boot + startTicks / TICKS_PER_SECOND) * 1000).toISOString();
}
