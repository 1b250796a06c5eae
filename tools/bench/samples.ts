/** What many runs of one thing took, in milliseconds. */
export interface Timing {
  readonly median: number;
  /** The least disturbed run. */
  readonly least: number;
}

export function timingOf(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? upper);
  return { median: (lower + upper) / 2, least: sorted[0] ?? Number.NaN };
}

/**
 * How many times as long ours took as theirs: the median of the rounds' own ratios, because what disturbs the machine for
 * longer than a round disturbs both sides of it.
 */
export function ratioOf(
  ours: readonly number[],
  theirs: readonly number[],
  rounds: number,
): number {
  const inRound = (samples: readonly number[], round: number): number => {
    const size = samples.length / rounds;
    return timingOf(samples.slice(round * size, (round + 1) * size)).median;
  };
  const ratios = Array.from(
    { length: rounds },
    (_, round) => inRound(ours, round) / inRound(theirs, round),
  );
  return timingOf(ratios).median;
}

/** Runs something, keeps how long it took, and gives its result on. */
export function timed<T>(samples: number[], work: () => T): T {
  const start = performance.now();
  const result = work();
  samples.push(performance.now() - start);
  return result;
}

/** Until the compiler has seen enough of it: an agent runs for weeks. */
export function warmUp(work: () => unknown, milliseconds = 500): void {
  const start = performance.now();
  while (performance.now() - start < milliseconds) work();
}
