import fs from 'node:fs';
import { accessOf } from '../parse/process-files.ts';
import type { KernelReader } from './kernel-reader.ts';

/** gdn has a few for each container (docs/decisions/diego.md). */
const MAX_OF_GDN = 16_384;
const MAX_OF_OTHERS = 256;
/** The descriptors 0 to 2 belong to whoever started gdn, and are no pipes to a container. */
const STANDARD_STREAMS = 3;
/** Processes between two pauses. */
const PROCESSES_AT_ONCE = 32;

/**
 * gdn reads the output of a command from a pipe until nobody can write to it any more (Go's
 * os/exec), so it also waits for what a command has left behind.
 * @returns which of these processes can write to a pipe that gdn reads; null if this user may not
 * see the descriptors of gdn, or there are too many
 */
export async function pipeHolders(
  reader: KernelReader,
  { gdnPid, among }: { readonly gdnPid: number; readonly among: readonly number[] },
  pause: () => Promise<void>,
): Promise<readonly number[] | null> {
  const own = pipesOf(reader, gdnPid, MAX_OF_GDN);
  if (own === null) return null;
  const readByGdn = new Map<string, number>();
  for (const { descriptor, pipe } of own)
    if (descriptor >= STANDARD_STREAMS) readByGdn.set(pipe, descriptor);
  const holders: number[] = [];
  for (const [index, pid] of among.entries()) {
    if (index % PROCESSES_AT_ONCE === PROCESSES_AT_ONCE - 1) await pause();
    const isHolder = (pipesOf(reader, pid, MAX_OF_OTHERS) ?? []).some(({ descriptor, pipe }) => {
      const ofGdn = readByGdn.get(pipe);
      return (
        ofGdn !== undefined &&
        accessTo(reader, gdnPid, ofGdn) !== 'write' &&
        accessTo(reader, pid, descriptor) !== 'read'
      );
    });
    if (isHolder) holders.push(pid);
  }
  return holders;
}

interface OpenPipe {
  readonly descriptor: number;
  /** `pipe:[inode]`. */
  readonly pipe: string;
}

/** Only the links are read, never what they lead to. */
function pipesOf(reader: KernelReader, pid: number, max: number): readonly OpenPipe[] | null {
  const folder = `${reader.root}/proc/${pid}/fd`;
  try {
    const names = fs.readdirSync(folder);
    if (names.length > max) return null;
    return names.flatMap((name) => {
      const target = linkOf(`${folder}/${name}`);
      return target !== null && /^pipe:\[\d+\]$/.test(target)
        ? [{ descriptor: Number(name), pipe: target }]
        : [];
    });
  } catch {
    return null; // the process is gone, or this user may not see it
  }
}

function linkOf(path: string): string | null {
  try {
    return fs.readlinkSync(path);
  } catch {
    return null; // closed meanwhile
  }
}

const accessTo = (reader: KernelReader, pid: number, descriptor: number) =>
  accessOf(reader.text(`/proc/${pid}/fdinfo/${descriptor}`) ?? '');
