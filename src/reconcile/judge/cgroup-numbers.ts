import type { CgroupFile, CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';
import type { ByteString } from '../../model/ids.ts';
import type { Answers } from '../../model/snapshot.ts';

/** Files of one cgroup of the primary hierarchy. */
export interface WantedNumbers {
  readonly path: ByteString;
  readonly files: readonly CgroupFile[];
}

/** One question per cgroup, with the files that are still unanswered. */
export function cgroupQuestions(
  wanted: readonly WantedNumbers[],
  openedAt: ByteString,
  { cgroupNumbers }: Answers,
): readonly CgroupNumbersQuestion[] {
  return [...Map.groupBy(wanted, ({ path }) => path)].flatMap(([path, group]) => {
    const known = cgroupNumbers.get(path) ?? {};
    const files = [...new Set(group.flatMap((one) => one.files))].filter(
      (file) => !Object.hasOwn(known, file),
    );
    return files.length === 0 ? [] : [{ openedAt, path, files }];
  });
}
