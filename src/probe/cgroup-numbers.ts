import type {
  CgroupNumber,
  CgroupNumbers,
  CgroupNumbersQuestion,
} from '../model/cgroup-numbers.ts';
import type { ByteString } from '../model/ids.ts';
import { joinPath } from '../model/paths.ts';
import { parseCgroupNumber } from '../parse/cgroup-number.ts';
import { type KernelReader, openablePath, shortage } from './kernel-reader.ts';

/** Cgroups between two pauses: about 1 ms of work. */
const SLICE = 32;
const MAX_LENGTH = 64;

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
    const directory = path === '/' ? openedAt : joinPath(openedAt, path.slice(1));
    const numbers = files.map(
      (file) => [file, readNumber(reader, joinPath(directory, file))] as const,
    );
    found.set(path, { ...found.get(path), ...Object.fromEntries(numbers) });
  }
  return found;
}

function readNumber(reader: KernelReader, path: ByteString): CgroupNumber {
  const result = reader.read(openablePath(path), MAX_LENGTH);
  if (result.kind === 'failed') {
    const why = shortage(path, result.errno);
    if (why !== null) throw why;
    return null;
  }
  return parseCgroupNumber(reader.buffer.toString('latin1', 0, result.length));
}
