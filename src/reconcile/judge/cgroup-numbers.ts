import type { CgroupNumbersQuestion } from '../../model/cgroup-numbers.ts';

/** The same questions, one per cgroup. */
export const oncePerCgroup = (
  questions: readonly CgroupNumbersQuestion[],
): readonly CgroupNumbersQuestion[] =>
  [...Map.groupBy(questions, ({ openedAt, path }) => `${openedAt}\0${path}`).values()].flatMap(
    ([first, ...more]) =>
      first === undefined
        ? []
        : [{ ...first, files: [...new Set([first, ...more].flatMap(({ files }) => files))] }],
  );
