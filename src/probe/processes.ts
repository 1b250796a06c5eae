import fs from 'node:fs';
import { asByteString, type ByteString, type Handle } from '../model/ids.ts';
import {
  type Membership,
  type ProcessFacts,
  type ProcessInCgroups,
  hasEnded,
  isGardenServer,
} from '../model/process.ts';
import { parseMountInfo } from '../parse/mount-table.ts';
import {
  parseProcCgroup,
  commandOf,
  launchedBy,
  parseBootTime,
  parseStat,
  parseStatus,
  rootMountComponents,
} from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';
import { bytesOfText } from '../model/text.ts';

/** USER_HZ, fixed at 100 on every architecture Linux runs Node on (proc_pid_stat(5) field 22). */
const TICKS_PER_SECOND = 100;
const MAX_ANCESTORS = 32;
const MAX_CMDLINE_BYTES = 8192;
/** Every so many passes all processes are searched, to notice a second gdn server. */
const SEARCH_EVERY = 20;
const MAX_KNOWN = 20_000;
/** Processes between two pauses: about 5 ms of work. */
const MEMBERSHIPS_AT_ONCE = 250;
const TABLES_AT_ONCE = 32;
/** A process's own table; 1 MiB would cut the tables of busy hosts. */
const MAX_MOUNTINFO_BYTES = 4 * 1024 * 1024;
/** So many characters identify a table: mount ids are unique to a mount namespace. */
const BEGINNING = 256;

/** The pids below /proc; throws what readdir throws if /proc cannot be listed. */
function pidsOf(reader: KernelReader): number[] {
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

/** Null if the process is gone, or if another one took its pid while it was read. */
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
 * A process with its cgroups; null if it is gone or was replaced while it was read. Any container
 * can name a process `gdn`: the command line is read only if it can be Garden's server.
 */
function processInCgroups(reader: KernelReader, pid: number): ProcessInCgroups | null {
  const membership = membershipOf(reader, pid);
  if (membership === null) return null;
  const facts = factsOf(reader, pid, (one) => isGardenServer({ ...one, membership, children: 0 }));
  const again = parseStat(reader.text(`/proc/${pid}/stat`) ?? '');
  if (facts === null || again?.startTicks !== facts.startTicks) return null;
  return { ...facts, membership, children: 0 };
}

/** Every process with this name, with its cgroups. Reads one small file per process. */
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

export interface GardenProcessFinder {
  /** Those found before, read again. Searches if one of them is gone, and in one of 20 calls. */
  readonly known: () => readonly ProcessInCgroups[];
  readonly search: () => readonly ProcessInCgroups[];
}

/**
 * Finds the processes called `gdn`. Reading the name of every process costs more than the rest of a
 * pass, so those found before are only read again, and recognised by pid and start time.
 */
export function gardenProcessFinder(reader: KernelReader): GardenProcessFinder {
  let found: readonly ProcessInCgroups[] = [];
  let callsSinceSearch = 0;
  const search = (): readonly ProcessInCgroups[] => {
    found = withChildren(reader, processesNamed(reader, 'gdn'));
    callsSinceSearch = 0;
    return found;
  };
  const known = (): readonly ProcessInCgroups[] => {
    callsSinceSearch += 1;
    const again = found.flatMap((before) => {
      const now = processInCgroups(reader, before.pid);
      const isSame = now?.startTicks === before.startTicks && now.comm === 'gdn';
      return isSame ? [{ ...now, children: before.children }] : [];
    });
    const isComplete = found.length > 0 && again.length === found.length;
    if (!isComplete || callsSinceSearch >= SEARCH_EVERY) return search();
    found = again;
    return found;
  };
  return { known, search };
}

/** Counts children only where several could be Garden's server: it reads every process. */
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
 * Reads /proc/<pid>/cgroup of many processes, pass after pass. The text rarely changes, and parsing
 * costs more than reading, so the same text gives the same value.
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
 * The processes whose `/` mount names one of the handles: the root filesystem is in use although
 * Garden's cgroup for it is empty. Processes with the same mount table share one read of it; pid
 * 1's is skipped.
 */
export async function processesOnRootOf(
  reader: KernelReader,
  handles: readonly Handle[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, readonly number[]>> {
  const found = new Map<Handle, number[]>(handles.map((handle) => [handle, []]));
  const asked = handles.map((handle) => [handle, bytesOfText(handle)] as const);
  const known = new Map<string, readonly Handle[]>([[beginningOf(reader, 1), []]]);
  for (const [index, pid] of pidsOf(reader).entries()) {
    if (index % TABLES_AT_ONCE === TABLES_AT_ONCE - 1) await pause();
    const beginning = beginningOf(reader, pid);
    if (beginning === '') continue;
    let named = known.get(beginning);
    if (named === undefined) {
      const words = wordsOf(reader, pid);
      if (words === null) continue;
      named = asked.flatMap(([handle, bytes]) => (words.has(bytes) ? [handle] : []));
      known.set(beginning, named);
    }
    for (const handle of named) found.get(handle)?.push(pid);
  }
  return found;
}

const beginningOf = (reader: KernelReader, pid: number): string =>
  reader.text(`/proc/${pid}/mountinfo`, 2 * BEGINNING)?.slice(0, BEGINNING) ?? '';

function wordsOf(reader: KernelReader, pid: number): ReadonlySet<ByteString> | null {
  const table = reader.text(`/proc/${pid}/mountinfo`, MAX_MOUNTINFO_BYTES);
  return table === null ? null : rootMountComponents(parseMountInfo(asByteString(table)).mounts);
}
