import fs from 'node:fs';
import { asByteString, type Handle } from '../model/ids.ts';
import {
  type Membership,
  type ProcessFacts,
  type ProcessInCgroups,
  hasEnded,
  isGardenServer,
  isStartedByBpm,
} from '../model/process.ts';
import { MAX_COMMAND_LINE_BYTES, shownCommand } from '../parse/shown-command.ts';
import {
  parseProcCgroup,
  launchedBy,
  parseBootTime,
  parseStat,
  parseStatus,
  serverFlags,
} from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import { processFinder, type ProcessFinder } from './process-finder.ts';
import { rootImageReader } from './root-image-reader.ts';
import { isInCgroupOf } from '../model/sweep.ts';
import { bytesOfText } from '../model/text.ts';

/** USER_HZ, fixed at 100 on every architecture Linux runs Node on (proc_pid_stat(5) field 22). */
const TICKS_PER_SECOND = 100;
const MAX_ANCESTORS = 32;
/** Between gdn and pid 1 there is only bpm's init, and gdn itself if this is its child. */
const MAX_ABOVE_GDN = 4;
const GDN = 'gdn';
const MAX_KNOWN = 20_000;
/** Processes between two pauses: about 5 ms of work. */
const MEMBERSHIPS_AT_ONCE = 250;
/** Processes between two pauses: about 5 ms of work. */
const TABLES_AT_ONCE = 32;

/** The pids in /proc. Throws the error of readdir if /proc cannot be listed. */
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

/** Null if the process is gone, or if another process took its pid during the read. */
export const processFacts = (reader: KernelReader, pid: number): ProcessFacts | null =>
  factsOf(reader, pid, () => true)?.facts ?? null;

function factsOf(
  reader: KernelReader,
  pid: number,
  wantsCommand: (facts: ProcessFacts) => boolean,
): { readonly facts: ProcessFacts; readonly cmdline: string } | null {
  const before = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  const status = parseStatus(reader.text(`/proc/${pid}/status`) ?? '');
  const comm = reader.text(`/proc/${pid}/comm`);
  if (before === null || status === null || comm === null) return null;
  const name = comm.replace(/\n$/, '');
  const startedAt = timeOf(reader, before.startTicks);
  const facts = { pid, ...before, startedAt, ...status, comm: name, command: '', launched: null };
  const cmdline = wantsCommand(facts)
    ? (reader.text(`/proc/${pid}/cmdline`, MAX_COMMAND_LINE_BYTES, 'utf8') ?? '')
    : '';
  const after = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (after?.startTicks !== before.startTicks) return null;
  const launched = launchedBy(name, cmdline);
  return { facts: { ...facts, command: shownCommand(cmdline), launched }, cmdline };
}

interface FactsInCgroups extends ProcessFacts {
  readonly membership: Membership;
}

/** A process with its cgroups; null if it ended or its pid was reused during the read. */
export function factsInCgroups(
  reader: KernelReader,
  pid: number,
  wantsCommand: (process: FactsInCgroups) => boolean,
): { readonly process: FactsInCgroups; readonly cmdline: string } | null {
  const membership = membershipOf(reader, pid);
  if (membership === null) return null;
  const known = factsOf(reader, pid, (facts) => wantsCommand({ ...facts, membership }));
  const again = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (known === null || again?.startTicks !== known.facts.startTicks) return null;
  return { process: { ...known.facts, membership }, cmdline: known.cmdline };
}

/**
 * Any container can call a process `gdn`, so the command line is read only if the process can be
 * Garden's server. Null also for one that poses as bpm's.
 */
function processInCgroups(reader: KernelReader, pid: number): ProcessInCgroups | null {
  const known = factsInCgroups(reader, pid, isGardenServer);
  if (known === null) return null;
  const { process, cmdline } = known;
  const isPosing =
    isGardenServer(process) &&
    process.namespacePids.length > 1 &&
    !isStartedByBpm([process, ...ancestorsOf(reader, pid, MAX_ABOVE_GDN)]);
  return isPosing ? null : { ...process, ...serverFlags(cmdline), children: 0 };
}

type Visit = (pid: number, comm: string) => void;

/**
 * Every process with this name, with its cgroups. Reads one small file per process, and passes each
 * name to `visit`.
 */
export function processesNamed(
  reader: KernelReader,
  name: string,
  visit: Visit = () => undefined,
): ProcessInCgroups[] {
  return pidsOf(reader).flatMap((pid) => {
    const comm = reader.text(`/proc/${pid}/comm`)?.replace(/\n$/, '');
    if (comm === undefined) return [];
    visit(pid, comm);
    return comm === name ? (processInCgroups(reader, pid) ?? []) : [];
  });
}

/** The chain of parents, nearest first, up to but not including pid 1. */
export function ancestorsOf(
  reader: KernelReader,
  pid: number,
  max = MAX_ANCESTORS,
): ProcessFacts[] {
  const chain: ProcessFacts[] = [];
  let current = processFacts(reader, pid)?.parentPid ?? 0;
  while (current > 1 && chain.length < max) {
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

/**
 * Finds the processes called `gdn`. A search passes every name that it reads to callers that look
 * for other processes.
 */
export const gardenProcessFinder = (
  reader: KernelReader,
  beginSearch: () => Visit = () => () => undefined,
): ProcessFinder<ProcessInCgroups> =>
  processFinder(
    () => withChildren(reader, processesNamed(reader, GDN, beginSearch())),
    ({ pid, children }) => {
      const now = processInCgroups(reader, pid);
      return now?.comm === GDN ? { ...now, children } : null;
    },
  );

/**
 * Counts children only if several processes could be Garden's server, because it reads every
 * process.
 */
function withChildren(
  reader: KernelReader,
  processes: readonly ProcessInCgroups[],
): readonly ProcessInCgroups[] {
  if (processes.filter(isGardenServer).length < 2) return processes;
  const counts = new Map<number, number>();
  for (const pid of pidsOf(reader)) {
    const stat = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
    if (stat === null || hasEnded(stat.state)) continue;
    counts.set(stat.parentPid, (counts.get(stat.parentPid) ?? 0) + 1);
  }
  return processes.map((process) => ({ ...process, children: counts.get(process.pid) ?? 0 }));
}

/**
 * Reads /proc/<pid>/cgroup of many processes in every pass. The text rarely changes and parsing
 * costs more than reading, so an unchanged text returns the same parsed value.
 */
export function membershipReader(
  reader: KernelReader,
  pause: () => Promise<void>,
): (pids: readonly number[]) => Promise<Map<number, Membership | null>> {
  const known = new Map<number, { readonly text: string; readonly membership: Membership }>();
  return async (pids) => {
    if (known.size > MAX_KNOWN) known.clear();
    const found = new Map<number, Membership | null>();
    for (const [index, pid] of pids.entries()) {
      if (index % MEMBERSHIPS_AT_ONCE === MEMBERSHIPS_AT_ONCE - 1) await pause();
      const text = reader.text(`/proc/${pid}/cgroup`);
      const before = known.get(pid);
      if (text === null) {
        known.delete(pid);
        found.set(pid, null);
      } else if (before?.text === text) found.set(pid, before.membership);
      else {
        const { membership } = parseProcCgroup(asByteString(text));
        known.set(pid, { text, membership });
        found.set(pid, membership);
      }
    }
    return found;
  };
}

/**
 * The processes outside a container's cgroup that have its root filesystem: it is still in use
 * although Garden's cgroup for it is empty. Processes of its peas do not count.
 */
export async function processesOnRootOf(
  reader: KernelReader,
  handles: readonly Handle[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, readonly number[]>> {
  const found = new Map<Handle, number[]>(handles.map((handle) => [handle, []]));
  const asked = new Map(handles.map((handle) => [bytesOfText(handle), handle] as const));
  const names: ReadonlySet<string> = new Set(asked.keys());
  const imagesOf = rootImageReader(reader);
  for (const [index, pid] of pidsOf(reader).entries()) {
    if (index % TABLES_AT_ONCE === TABLES_AT_ONCE - 1) await pause();
    for (const { name } of imagesOf(pid) ?? []) {
      const handle = asked.get(name);
      if (handle === undefined) continue;
      const paths = Object.values(membershipOf(reader, pid) ?? {});
      if (!paths.some((path) => isInCgroupOf(name, path, names))) found.get(handle)?.push(pid);
    }
  }
  return found;
}
