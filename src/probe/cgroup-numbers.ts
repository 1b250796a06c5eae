import {
  type CgroupDirectory,
  type CgroupNumbers,
  type CgroupNumbersQuestion,
  fileName,
} from '../model/cgroup-numbers.ts';
import type { ByteString } from '../model/ids.ts';
import { joinPath } from '../model/paths.ts';
import { parseCgroupNumber } from '../parse/cgroup-number.ts';
import { type KernelReader, openablePath, textOf, unreadable } from './kernel-reader.ts';

/** Cgroups between two pauses: about 1 ms of work. */
const SLICE = 32;
/** `io.max` has a line for each device; the kernel limits others to a page. */
const MAX_LENGTH = 4096;

/**
 * The numbers of each cgroup; several questions may name files of the same path. A cgroup that
 * vanished in the meantime has only nulls, which is normal.
 */
export async function readCgroupNumbers(
  reader: KernelReader,
  questions: readonly CgroupNumbersQuestion[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<ByteString, CgroupNumbers>> {
  const found = new Map<ByteString, CgroupNumbers>();
  for (const [index, { openedAt, path, files }] of questions.entries()) {
    if (index % SLICE === SLICE - 1) await pause();
    const directory = directoryOf({ openedAt, path });
    const numbers = files.map((file) => {
      const text = readText(reader, joinPath(directory, fileName(file)));
      return [file, text === null ? null : parseCgroupNumber(file, text)] as const;
    });
    found.set(path, { ...found.get(path), ...Object.fromEntries(numbers) });
  }
  return found;
}

/** The names in cgroup.controllers, which has one line. */
export const readControllers = (
  reader: KernelReader,
  directories: readonly CgroupDirectory[],
): ReadonlyMap<ByteString, readonly string[] | null> =>
  new Map(
    directories.map((directory) => {
      const text = readText(reader, joinPath(directoryOf(directory), 'cgroup.controllers'));
      return [directory.path, text?.split(/\s+/).filter((name) => name !== '') ?? null] as const;
    }),
  );

/** Where this process opens a cgroup. */
export const directoryOf = ({ openedAt, path }: CgroupDirectory): ByteString =>
  path === '/' ? openedAt : joinPath(openedAt, path.slice(1));

/** Null if the file cannot be read. */
function readText(reader: KernelReader, path: ByteString): string | null {
  const bytes = reader.read(openablePath(path), MAX_LENGTH);
  return Buffer.isBuffer(bytes) ? textOf(bytes) : unreadable(path, bytes.errno);
}
