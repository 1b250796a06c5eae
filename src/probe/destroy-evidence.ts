import type { DestroyEvidence, DestroyQuestion, HostProcess } from '../model/destroy.ts';
import type { Handle } from '../model/ids.ts';
import type { ProcessFacts } from '../model/process.ts';
import { bytesOfText } from '../model/text.ts';
import { runcCommand } from '../parse/process-files.ts';
import { overlaysOf } from '../parse/root-images.ts';
import type { CommandLines } from './command-lines.ts';
import { readBytes, textOf, type KernelReader } from './kernel-reader.ts';
import { parentsOf, processFacts } from './processes.ts';

const MAX_PROCESSES = 5;
/** Processes between two pauses: about 5 ms of work. */
const PROCESSES_AT_ONCE = 64;

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
  const processes = await hostProcesses(sources, pause);
  const overlaysOfHandle = overlayCounter(sources.reader, gdnPid);
  const at = new Date().toISOString();
  return new Map(
    handles.map((handle) => {
      const found = processes
        .filter(({ cmdline }) => names(cmdline, handle))
        .map((one) => ({ ...one.process, name: nameOf(one), part: partOf(one, gdnPid) }))
        .toSorted(worstFirst)
        .slice(0, MAX_PROCESSES);
      return [handle, { at, processes: found, mounts: overlaysOfHandle(handle) }];
    }),
  );
}

const PARTS: readonly HostProcess['part'][] = ['works', 'names', 'stays'];

/** By their part; then those in uninterruptible sleep, then the oldest. */
const worstFirst = (a: HostProcess, b: HostProcess): number =>
  PARTS.indexOf(a.part) - PARTS.indexOf(b.part) ||
  Number(b.state === 'D') - Number(a.state === 'D') ||
  a.startTicks - b.startTicks;

interface Known {
  readonly process: ProcessFacts;
  readonly cmdline: string;
}

function nameOf({ process: { comm }, cmdline }: Known): string {
  const command = runcCommand(comm, cmdline);
  return command === null ? comm : `${comm} ${command}`;
}

/** Of one that names the handle. */
function partOf({ process, cmdline }: Known, gdnPid: number | null): HostProcess['part'] {
  const { comm, launched, parentPid } = process;
  if (launched !== null || runcCommand(comm, cmdline) === 'events') return 'stays';
  return parentPid === gdnPid ? 'works' : 'names';
}

/** Of no container, and not this process or one that started it. */
async function hostProcesses(
  { reader, commands }: Sources,
  pause: () => Promise<void>,
): Promise<readonly Known[]> {
  const found: Known[] = [];
  const self = namespacePidsOf(reader, 'self');
  const depth = Math.max(1, self.length);
  // `rollcall explain H` and the shell that runs it have the handle on their command lines, too.
  const [own = 0] = self;
  const ours = new Set([own, ...[...parentsOf(reader, own)].map(({ pid }) => pid)]);
  const isOfHost = (entries: readonly number[]): boolean =>
    entries.length > 0 && entries.length <= depth;
  for (const [index, pid] of reader.pids().entries()) {
    if (index % PROCESSES_AT_ONCE === PROCESSES_AT_ONCE - 1) await pause();
    if (ours.has(pid) || !isOfHost(namespacePidsOf(reader, pid))) continue;
    const facts = processFacts(reader, pid);
    if (facts === null || !isOfHost(facts.namespacePids)) continue;
    const known = await commands.added(facts);
    if (known !== null) found.push(known);
  }
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
