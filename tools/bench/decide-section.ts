import { EMPTY_MEMORY } from '../../src/model/memory.ts';
import { gracePeriodsOfCheck } from '../../src/pass/check.ts';
import { decide } from '../../src/reconcile/reconcile.ts';
import { timed, timingOf, type Timing } from './samples.ts';
import { growthGoal, timingText, type Section } from './section.ts';
import { syntheticLook } from './synthetic-look.ts';

const SIZES = [
  { containers: 250, dead: 0 },
  { containers: 1000, dead: 0 },
  { containers: 5000, dead: 0 },
  { containers: 250, dead: 20_000 },
] as const;
const TIMES = 25;

/** From what a pass read to its report: pure, so the pass can be made up. */
export function decideSection(): Section {
  const measured = SIZES.map((size) => ({ ...size, timing: timeOf(size) }));
  const [few, , many] = measured;
  return {
    title: 'The decision alone',
    about:
      'From all that a pass has read to the report, with memory, on looks that are made up: healthy app instances of three ' +
      'processes each, in eight hierarchies.',
    columns: ['containers', 'dead', 'rollcall', 'µs each'],
    rows: measured.map(({ containers, dead, timing }) => [
      `${containers}`,
      `${dead}`,
      timingText(timing),
      ((timing.median * 1000) / (containers + dead)).toFixed(1),
    ]),
    goals: few === undefined || many === undefined ? [] : [growthGoal('decision', few, many)],
  };
}

function timeOf({ containers, dead }: (typeof SIZES)[number]): Timing {
  const gracePeriods = gracePeriodsOfCheck(2000);
  const look = syntheticLook(containers, dead);
  const first = decide(look, EMPTY_MEMORY, gracePeriods);
  const { report } = first;
  let { memory } = first;
  if (report.verdict !== 'all-tracked') throw new Error(`the decision was ${report.verdict}`);
  const samples: number[] = [];
  for (let time = 0; time < 2 * TIMES; time++) {
    ({ memory } = timed(samples, () => decide(look, memory, gracePeriods)));
  }
  // The first half is for the compiler.
  return timingOf(samples.slice(TIMES));
}
