import {
  HOST_PARTS,
  MAX_HOST_PROCESSES,
  type DestroyEvidence,
  type DestroyQuestion,
  type HostProcess,
} from '../model/destroy.ts';
import type { Handle } from '../model/ids.ts';
import { hasEnded, isInGarden, type ProcessFacts } from '../model/process.ts';
import { bytesOfText } from '../model/text.ts';
import { parseStatus, runcCommand } from '../parse/process-files.ts';
import { overlaysOf } from '../parse/root-images.ts';
import type { CommandLines } from './command-lines.ts';
import { pipeHolders } from './gdn-pipes.ts';
import { readBytes, textOf, type KernelReader } from './kernel-reader.ts';
import { isZombie, membershipOf } from './live-thread.ts';
import { parentsOf, processFacts } from './processes.ts';

/** Processes between two pauses: about 5 ms of work. */
const PROCESSES_AT_ONCE = 64;
/** How many processes of the cell are listed; those of containers cost a read of their cgroups. */
const MAX_PROCESSES = 32_768;
/**
 * How many processes of the host are searched, those below gdn first. A cell with 250 containers has
 * about 1,000.
 */
const MAX_OF_HOST = 4096;
/** A status with many groups takes the kernel milliseconds, and counts as so many processes. */
const LONG_STATUS = 8192;
const OF_LONG_STATUS = 64;

interface Sources {
  readonly reader: KernelReader;
  readonly commands: CommandLines;
}

/** What works on a destroy or is still mounted; nothing that a container wrote is read. */
export async function destroyEvidence(
  sources: Sources,
  { handles, gdnPid }: DestroyQuestion,
  pause: () => Promise<void>,
): Promise<ReadonlyMap<Handle, DestroyEvidence>> {
  if (handles.length === 0) return new Map();
  const { processes, isCut } = await hostProcesses(sources, gdnPid, pause);
  const host = new HostProcesses(processes, gdnPid);
  const found = new Map(handles.map((handle) => [handle, host.concerning(handle)]));
  const isSearched = gdnPid !== null && [...found.values()].some((all) => !all.some(isWorking));
  const holding = isSearched
    ? await pipeHolders(sources.reader, { gdnPid, among: host.outsideGdn() }, pause)
    : null;
  const holders = host.named(holding ?? [], 'holds');
  const overlaysOfHandle = overlayCounter(sources.reader, gdnPid);
  const at = new Date().toISOString();
  return new Map(
    [...found].map(([handle, concerning]) => {
      const working = concerning.filter(isWorking).length;
      const others = concerning.filter(({ pid }) => !holders.some((one) => one.pid === pid));
      const all = working > 0 ? concerning : [...holders, ...others];
      const evidence = {
        at,
        processes: all.toSorted(worstFirst).slice(0, MAX_HOST_PROCESSES),
        omitted: Math.max(0, working - MAX_HOST_PROCESSES),
        hasWorked: working > 0,
        isCut,
        pipesRead: working === 0 && holding !== null && !isCut,
        mounts: overlaysOfHandle(handle),
      };
      return [handle, evidence];
    }),
  );
}

const isWorking = ({ part }: HostProcess): boolean => part === 'works';

/** By their part; then those in uninterruptible sleep, then the oldest. */
const worstFirst = (a: HostProcess, b: HostProcess): number =>
  HOST_PARTS.indexOf(a.part) - HOST_PARTS.indexOf(b.part) ||
  Number(b.state === 'D') - Number(a.state === 'D') ||
  a.startTicks - b.startTicks;

interface Known {
  readonly process: ProcessFacts;
  readonly cmdline: string;
}

/** The processes of the host as a tree. */
class HostProcesses {
  readonly #all: readonly Known[];
  readonly #gdnPid: number | null;
  readonly #byParent: ReadonlyMap<number, readonly Known[]>;

  constructor(all: readonly Known[], gdnPid: number | null) {
    this.#all = all;
    this.#gdnPid = gdnPid;
    this.#byParent = Map.groupBy(all, ({ process }) => process.parentPid);
  }

  /** The processes that name the handle, and all below what gdn started for it. */
  concerning(handle: Handle): readonly HostProcess[] {
    const naming = this.#all.filter(({ cmdline }) => names(cmdline, handle));
    const staying = naming.filter(isStaying);
    const others = naming.filter((one) => !isStaying(one));
    const started = others.filter(({ process }) => process.parentPid === this.#gdnPid);
    const working = this.#withAllBelow(started);
    return [
      ...[...working].map((one) => hostProcess(one, 'works')),
      ...others.filter((one) => !working.has(one)).map((one) => hostProcess(one, 'names')),
      ...staying.map((one) => hostProcess(one, 'stays')),
    ];
  }

  /** Whatever may have been left by a command of gdn; helpers may outlive the gdn that started them. */
  outsideGdn(): readonly number[] {
    const children = this.#byParent.get(this.#gdnPid ?? 0) ?? [];
    const below = this.#withAllBelow(children);
    return this.#all.flatMap((one) =>
      below.has(one) || isStaying(one) || one.process.pid === this.#gdnPid ? [] : [one.process.pid],
    );
  }

  named(pids: readonly number[], part: HostProcess['part']): readonly HostProcess[] {
    return this.#all
      .filter(({ process }) => pids.includes(process.pid))
      .map((one) => hostProcess(one, part));
  }

  #withAllBelow(roots: readonly Known[]): ReadonlySet<Known> {
    const found = new Set(roots);
    // A set also visits what is added meanwhile.
    for (const { process } of found)
      for (const child of this.#byParent.get(process.pid) ?? []) found.add(child);
    return found;
  }
}

function hostProcess(one: Known, part: HostProcess['part']): HostProcess {
  const { process, cmdline } = one;
  const command = runcCommand(process.comm, cmdline);
  return { ...process, name: command === null ? process.comm : `${process.comm} ${command}`, part };
}

/** Whether gdn keeps it for as long as its container. */
const isStaying = ({ process: { comm, launched }, cmdline }: Known): boolean =>
  launched !== null || runcCommand(comm, cmdline) === 'events';

interface Search {
  readonly processes: readonly Known[];
  /** Some processes were not read, because there are too many. */
  readonly isCut: boolean;
}

/**
 * The processes that are in no container, without this process and those that started it. Those in a
 * Garden directory are left out by their cgroups, because a process makes its status as long as it likes.
 */
async function hostProcesses(
  { reader, commands }: Sources,
  gdnPid: number | null,
  pause: () => Promise<void>,
): Promise<Search> {
  const processes: Known[] = [];
  const self = namespacePidsOf(reader, 'self');
  const depth = Math.max(1, self.length);
  // `rollcall explain H` and the shell that runs it have the handle on their command lines, too.
  const [own = 0] = self;
  const ours = new Set([own, ...[...parentsOf(reader, own)].map(({ pid }) => pid)]);
  const isOfHost = (entries: readonly number[]): boolean =>
    entries.length > 0 && entries.length <= depth;
  const all = reader.pids();
  const outside = await outsideGarden(reader, all.slice(0, MAX_PROCESSES), pause);
  let left = MAX_OF_HOST;
  for (const pid of belowFirst(outside, gdnPid)) {
    if (left <= 0) return { processes, isCut: true };
    if (left % PROCESSES_AT_ONCE === 0) await pause();
    left -= 1;
    if (ours.has(pid)) continue;
    const status = reader.text(`/proc/${pid}/status`) ?? '';
    if (status.length > LONG_STATUS) left -= OF_LONG_STATUS - 1;
    if (!isOfHost(parseStatus(status)?.namespacePids ?? [])) continue;
    const facts = processFacts(reader, pid);
    if (facts === null || !isOfHost(facts.namespacePids)) continue;
    const known = await commands.added(facts);
    if (known !== null) processes.push(known);
  }
  return { processes, isCut: all.length > MAX_PROCESSES };
}

type Parents = ReadonlyMap<number, readonly number[]>;

/** The processes that are in no Garden directory, by the pids of their parents. */
async function outsideGarden(
  reader: KernelReader,
  pids: readonly number[],
  pause: () => Promise<void>,
): Promise<Parents> {
  const ofFirst = membershipOf(reader, 1);
  const byParent = new Map<number, number[]>();
  for (const [index, pid] of pids.entries()) {
    if (index % PROCESSES_AT_ONCE === PROCESSES_AT_ONCE - 1) await pause();
    const membership = membershipOf(reader, pid);
    if (membership === null || isInGarden(membership, ofFirst)) continue;
    const stat = reader.stat(pid);
    // The kernel shows a zombie in no container.
    if (stat === null || (hasEnded(stat.state) && isZombie(reader, pid))) continue;
    const { parentPid: parent } = stat;
    const siblings = byParent.get(parent);
    if (siblings === undefined) byParent.set(parent, [pid]);
    else siblings.push(pid);
  }
  return byParent;
}

/** Whoever fills the search is not below gdn. */
function belowFirst(byParent: Parents, gdnPid: number | null): Iterable<number> {
  const found = new Set(byParent.get(gdnPid ?? 0));
  // A set also visits what is added meanwhile.
  for (const pid of found) for (const child of byParent.get(pid) ?? []) found.add(child);
  for (const pids of byParent.values()) for (const pid of pids) found.add(pid);
  return found;
}

const namespacePidsOf = (reader: KernelReader, pid: number | 'self'): readonly number[] =>
  reader.status(pid)?.namespacePids ?? [];

/** The handle is a whole argument, a path component of one, or the value in `--flag=value`. */
const names = (cmdline: string, handle: Handle): boolean =>
  cmdline.includes(handle) &&
  cmdline
    .split('\0')
    .slice(1)
    .some((argument) => argument === handle || argument.split(/[/=,:]/).includes(handle));

/** How many overlays of a handle's image gdn's mount table has; null if that cannot be read. */
export function overlayCounter(
  reader: KernelReader,
  gdnPid: number | null,
): (handle: Handle) => number | null {
  const bytes = gdnPid === null ? null : readBytes(reader, `/proc/${gdnPid}/mountinfo`);
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return () => null;
  const overlays = overlaysOf(textOf(bytes));
  return (handle) => overlays.get(bytesOfText(handle)) ?? 0;
}
