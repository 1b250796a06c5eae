import { asByteString, type Handle } from '../model/ids.ts';
import {
  type Membership,
  type ProcessFacts,
  type ProcessInCgroups,
  hasEnded,
  isGardenServer,
  isStartedByBpm,
} from '../model/process.ts';
import {
  parseProcCgroup,
  parseBootTime,
  serverFlags,
  type ProcessStat,
} from '../parse/process-files.ts';
import { isEqual } from '../model/equal.ts';
import type { CommandLines } from './command-lines.ts';
import type { KernelReader } from './kernel-reader.ts';
import { membershipOf } from './live-thread.ts';
import { processFinder, type ProcessFinder } from './process-finder.ts';
import {
  GDN,
  nameOfProcess,
  pidsNamed,
  ProcessNames,
  type NamedProcesses,
} from './process-names.ts';
import { PassUnderWay, Rereads } from './rereads.ts';
import { rootImageReader } from './root-image-reader.ts';
import { isInCgroupOf } from '../model/sweep.ts';
import { bytesOfText } from '../model/text.ts';

/** USER_HZ, fixed at 100 on every architecture Linux runs Node on (proc_pid_stat(5) field 22). */
const TICKS_PER_SECOND = 100;
/** A little longer than the reads of one pass. */
const BOOT_TIME_MILLISECONDS = 1000;
const MAX_ANCESTORS = 32;
/** Between gdn and pid 1 there is only bpm's init, and gdn itself if this is its child. */
const MAX_ABOVE_GDN = 4;
const MAX_KNOWN = 20_000;
/** Processes between two pauses: about 5 ms of work. */
const MEMBERSHIPS_AT_ONCE = 250;
/** Processes between two pauses: about 5 ms of work. */
const TABLES_AT_ONCE = 32;
/** How many processes of the cell are searched for a root filesystem. */
const MAX_SEARCHED = 32_768;
/** Of their mount tables. A few hundred bytes of each are read, of one that hides its root 16 KiB. */
const MAX_BYTES_OF_TABLES = 8 * 1024 * 1024;

/** Without its command line; null if it is gone, or another process took its pid meanwhile. */
export const processFacts = (reader: KernelReader, pid: number): ProcessFacts | null =>
  reader.sameProcess(pid, (stat) => factsBeside(reader, pid, stat));

function factsBeside(reader: KernelReader, pid: number, stat: ProcessStat): ProcessFacts | null {
  const status = reader.status(pid);
  const comm = nameOfProcess(reader, pid);
  if (status === null || comm === null) return null;
  const startedAt = timeOf(reader, stat.startTicks);
  return { pid, ...stat, startedAt, ...status, comm, command: '', launched: null };
}

export interface FactsInCgroups extends ProcessFacts {
  readonly membership: Membership;
}

/** The same with its cgroups. */
export const factsInCgroups = (reader: KernelReader, pid: number): FactsInCgroups | null =>
  reader.sameProcess(pid, (stat) => {
    const membership = membershipOf(reader, pid);
    const facts = factsBeside(reader, pid, stat);
    return membership === null || facts === null ? null : { ...facts, membership };
  });

/** Null for one that cannot be Garden's server, or poses as bpm's. */
async function processInCgroups(
  reader: KernelReader,
  commands: CommandLines,
  pid: number,
): Promise<ProcessInCgroups | null> {
  const facts = factsInCgroups(reader, pid);
  if (facts === null) return null;
  if (!isGardenServer(facts)) return null;
  if (facts.namespacePids.length > 1) {
    const above = await ancestorsOf(reader, commands, pid, MAX_ABOVE_GDN);
    if (!isStartedByBpm([facts, ...above])) return null;
  }
  const known = await commands.added(facts);
  return known === null ? null : { ...known.process, ...serverFlags(known.cmdline), children: 0 };
}

/** The processes that can be Garden's server, read once. */
export const gardenProcesses = (
  reader: KernelReader,
  commands: CommandLines,
): Promise<readonly ProcessInCgroups[]> =>
  gardenProcessFinder(reader, commands, new ProcessNames(reader, new PassUnderWay())).search();

/** The chain of parents, nearest first, up to but not including pid 1; without command lines. */
export function* parentsOf(
  reader: KernelReader,
  pid: number,
  max = MAX_ANCESTORS,
): Generator<ProcessFacts, void> {
  let current = processFacts(reader, pid)?.parentPid ?? 0;
  for (let count = 0; current > 1 && count < max; count++) {
    const facts = processFacts(reader, current);
    if (facts === null) return;
    yield facts;
    current = facts.parentPid;
  }
}

/** The same with command lines. */
export async function ancestorsOf(
  reader: KernelReader,
  commands: CommandLines,
  pid: number,
  max = MAX_ANCESTORS,
): Promise<readonly ProcessFacts[]> {
  const chain: ProcessFacts[] = [];
  for (const facts of parentsOf(reader, pid, max)) {
    const known = await commands.added(facts);
    if (known === null) break;
    chain.push(known.process);
  }
  return chain;
}

/** RFC 3339; up to a second early, because the kernel gives its boot time in whole seconds. */
export function timeOf(reader: KernelReader, startTicks: number): string {
  return new Date((bootTime(reader) + startTicks / TICKS_PER_SECOND) * 1000).toISOString();
}

const bootTimes = new WeakMap<
  KernelReader,
  { readonly seconds: number; readonly readAt: number }
>();

/** Moves when the clock is set. The kernel generates this file for all processors: read once. */
function bootTime(reader: KernelReader): number {
  const known = bootTimes.get(reader);
  if (known !== undefined && performance.now() - known.readAt < BOOT_TIME_MILLISECONDS)
    return known.seconds;
  const seconds = parseBootTime(reader.text('/proc/stat') ?? '') ?? 0;
  bootTimes.set(reader, { seconds, readAt: performance.now() });
  return seconds;
}

/** Finds the processes that can be Garden's server. */
export const gardenProcessFinder = (
  reader: KernelReader,
  commands: CommandLines,
  names: ProcessNames,
  searches: (named: NamedProcesses) => void = () => undefined,
): ProcessFinder<ProcessInCgroups> =>
  processFinder(reader, names, {
    search: async (named) => {
      searches(named);
      const found: ProcessInCgroups[] = [];
      for (const pid of pidsNamed(GDN, named)) {
        const process = await processInCgroups(reader, commands, pid);
        if (process !== null) found.push(process);
      }
      return withChildren(reader, found);
    },
    reread: async ({ pid, children }) => {
      const now = await processInCgroups(reader, commands, pid);
      return now === null ? null : { ...now, children };
    },
  });

/** Only if several processes could be Garden's server, because it reads every process. */
function withChildren(
  reader: KernelReader,
  processes: readonly ProcessInCgroups[],
): readonly ProcessInCgroups[] {
  if (processes.filter(isGardenServer).length < 2) return processes;
  const counts = new Map<number, number>();
  for (const pid of reader.pids()) {
    const stat = reader.stat(pid);
    if (stat === null || hasEnded(stat.state)) continue;
    counts.set(stat.parentPid, (counts.get(stat.parentPid) ?? 0) + 1);
  }
  return processes.map((process) => ({ ...process, children: counts.get(process.pid) ?? 0 }));
}

/**
 * Reads /proc/<pid>/cgroup of many processes. The text rarely changes and parsing costs more than
 * reading, so an unchanged text returns the same parsed value, and most passes do not read it.
 */
export function membershipReader(
  reader: KernelReader,
  pause: () => Promise<void>,
  pass = new PassUnderWay(),
): (pids: readonly number[]) => Promise<Map<number, Membership | null>> {
  const known = new Map<number, { readonly text: string; readonly membership: Membership }>();
  const rereads = new Rereads<number>(pass);
  let last = { pids: NO_PIDS, found: new Map<number, Membership | null>() };
  return async (pids) => {
    if (known.size > MAX_KNOWN) known.clear();
    const { mustRead } = pass;
    let isSame = areSame(pids, last.pids);
    for (const [index, pid] of pids.entries()) {
      const before = known.get(pid);
      const isDue = mustRead === 'everything' || mustRead.pids.has(pid) || rereads.isDue(pid);
      if (before !== undefined && !isDue) continue;
      if (index % MEMBERSHIPS_AT_ONCE === MEMBERSHIPS_AT_ONCE - 1) await pause();
      const text = reader.text(`/proc/${pid}/cgroup`);
      const isChanged = text !== before?.text;
      rereads.wasRead(pid, isChanged);
      if (!isChanged) continue;
      isSame = false;
      if (text === null) known.delete(pid);
      else known.set(pid, { text, membership: parseProcCgroup(asByteString(text)) });
    }
    if (isSame) return last.found;
    const found = new Map(pids.map((pid) => [pid, known.get(pid)?.membership ?? null] as const));
    if (isEqual(found, last.found)) return last.found;
    rereads.keepOnly(known);
    last = { pids, found };
    return found;
  };
}

const NO_PIDS: readonly number[] = [];

const areSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((pid, index) => pid === b[index]);

/**
 * Whose root filesystem is still in use although their cgroup is empty, by these processes. Those of
 * peas do not count. Null: none was found, but not all processes were searched.
 */
export async function processesOnRootOf(
  reader: KernelReader,
  handles: readonly Handle[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, readonly number[] | null>> {
  const found = new Map<Handle, number[]>(handles.map((handle) => [handle, []]));
  const asked = new Map(handles.map((handle) => [bytesOfText(handle), handle] as const));
  const names: ReadonlySet<string> = new Set(asked.keys());
  let left = MAX_BYTES_OF_TABLES;
  const imagesOf = rootImageReader(reader, (bytes) => {
    left -= bytes;
  });
  const all = reader.pids();
  let searched = 0;
  for (const pid of all.slice(0, MAX_SEARCHED)) {
    if (left <= 0) break;
    searched += 1;
    if (searched % TABLES_AT_ONCE === 0) await pause();
    for (const { name } of imagesOf(pid) ?? []) {
      const handle = asked.get(name);
      if (handle === undefined) continue;
      const paths = Object.values(membershipOf(reader, pid) ?? {});
      if (!paths.some((path) => isInCgroupOf(name, path, names))) found.get(handle)?.push(pid);
    }
  }
  if (searched === all.length) return found;
  return new Map([...found].map(([handle, pids]) => [handle, pids.length === 0 ? null : pids]));
}
