import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import type { ByteString } from '../../model/ids.ts';

/** Files of one cgroup of the primary hierarchy. */
export interface WantedNumbers {
  readonly path: ByteString;
  readonly files: readonly CgroupFile[];
}

/** One question per cgroup. */
export const cgroupQuestions = (
  wanted: readonly WantedNumbers[],
  openedAt: ByteString,
): readonly CgroupNumbersQuestion[] =>
  [...Map.groupBy(wanted, ({ path }) => path)].map(([path, group]) => ({
    openedAt,
    path,
    files: [...new Set(group.flatMap(({ files }) => files))],
  }));
