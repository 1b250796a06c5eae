import { ToolFailure } from '../failure.ts';
import type { Step, StepResult } from '../checks/run-steps.ts';
import { vmImage } from './image.ts';
import { boot, hasKvm } from './machine.ts';
import { whyNoVm } from './requirements.ts';

/** The few short tests that need systemd and all controllers in cgroup v2. */
const TESTS: readonly string[] = ['test/live/systemd-cell-short.test.ts'];
const DEADLINE_MILLISECONDS = 240_000;
const NAME = 'vm tests';

/** Only with KVM: with an emulated processor the tests take minutes, and `npm run tool -- vm` runs them. */
export const vmStep: Step = {
  name: NAME,
  run: async (stop, say) => {
    const obstacle = whyNoVm() ?? (hasKvm() ? null : 'there is no /dev/kvm: npm run tool -- vm');
    if (obstacle !== null) return skipped(obstacle);
    say({ done: 0, total: TESTS.length, tests: 0, file: TESTS[0] ?? '' });
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    const image = await vmImage(stop, print).catch((error: unknown) => {
      if (error instanceof ToolFailure) return error.message;
      throw error;
    });
    if (image === null || typeof image === 'string') return skipped(image ?? 'interrupted');
    const deadline = AbortSignal.timeout(DEADLINE_MILLISECONDS);
    const run = { image, tests: TESTS, say: print, print, stop: AbortSignal.any([stop, deadline]) };
    const exitCode = await boot(run, 'kvm');
    if (exitCode === null) return skipped('KVM does not work here: npm run tool -- vm');
    if (deadline.aborted) print(`stopped after ${DEADLINE_MILLISECONDS / 60_000} minutes`);
    return resultOf(lines, exitCode);
  },
};

/** The output of the tests ends with `N passed, N failed, N skipped`, like that of `npm test`. */
export function resultOf(lines: readonly string[], exitCode: number): StepResult {
  const counts = /^(\d+) passed, (\d+) failed, \d+ skipped$/;
  const last = lines.findLast((line) => counts.test(line));
  const [, passed = 0, failed = 0] = counts.exec(last ?? '')?.map(Number) ?? [];
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
