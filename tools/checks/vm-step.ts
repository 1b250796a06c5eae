import { ToolFailure } from '../failure.ts';
import { vmImage, type VmImage } from '../vm/image.ts';
import { countsOf, hasKvm, runWithKvm } from '../vm/machines.ts';
import { whyNoVm } from '../vm/requirements.ts';
import type { Step, StepResult } from './run-steps.ts';

/** The few short tests that need systemd and all controllers in cgroup v2. */
const TESTS: readonly string[] = ['test/live/systemd-cell-short.test.ts'];
const DEADLINE_MILLISECONDS = 240_000;
const NAME = 'vm tests';

/** Only with KVM: with an emulated processor the tests take minutes, and `npm run vm` runs them. */
export const vmStep: Step = {
  name: NAME,
  run: async (stop, say) => {
    const obstacle = whyNoVm() ?? (hasKvm() ? null : 'there is no /dev/kvm: npm run vm');
    if (obstacle !== null) return skipped(obstacle);
    const progress = { done: 0, total: TESTS.length, tests: 0, file: TESTS[0] ?? '' };
    say(progress);
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const image = await imageOrReason(stop, print);
    if (typeof image === 'string') return skipped(image);
    const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
    const exitCode = await runWithKvm({
      image,
      mode: 'v2',
      tests: TESTS,
      say: print,
      print,
      stop: AbortSignal.any([stop, deadline]),
    });
    if (exitCode === null) return skipped('KVM does not work here: npm run vm');
    if (deadline.aborted) print(`stopped after ${DEADLINE_MILLISECONDS / 60_000} minutes`);
    return resultOf(lines, exitCode);
  },
};

async function imageOrReason(
  stop: AbortSignal,
  print: (line: string) => void,
): Promise<VmImage | string> {
  try {
    return (await vmImage(stop, print)) ?? 'interrupted';
  } catch (error) {
    if (error instanceof ToolFailure) return error.message;
    throw error;
  }
}

/** The output of the tests ends with `N passed, N failed, N skipped`, like that of `npm test`. */
export function resultOf(lines: readonly string[], exitCode: number): StepResult {
  const last = lines.findLast((line) => countsOf(line) !== null);
  const { passed, failed } = countsOf(last ?? '') ?? { passed: 0, failed: 0 };
  const isBroken = exitCode !== 0 && failed === 0;
  return {
    passed,
    failed: failed + (isBroken ? 1 : 0),
    skipped: [],
    detail: last ?? 'the machine ended without a result',
    output: lines.join('\n'),
  };
}

const skipped = (reason: string): StepResult => ({
  passed: 0,
  failed: 0,
  skipped: [{ title: NAME, reason }],
  detail: 'skipped',
  output: '',
});
