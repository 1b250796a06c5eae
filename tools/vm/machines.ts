import { existsSync } from 'node:fs';
import os from 'node:os';
import { boot, type VmRun } from './machine.ts';
import { MEMORY_BYTES } from './qemu.ts';

const MAX_MACHINES = 4;

/** Runs the tests in one machine. @returns their exit code; null: KVM does not work here */
export const runWithKvm = (run: VmRun): Promise<number | null> =>
  hasKvm() ? boot(run, 'kvm') : Promise.resolve(null);

export const hasKvm = (): boolean => existsSync('/dev/kvm');

/**
 * Runs the tests in one machine. An emulated machine has only one processor, so without KVM several
 * machines share the files.
 * @returns the exit code of the tests
 * @throws ToolFailure VM_FAILED with the last boot messages of a machine whose tests did not start
 */
export async function runInVms(run: VmRun): Promise<number> {
  const { say, print, tests } = run;
  const exitCode = await runWithKvm(run);
  if (exitCode !== null) return exitCode;
  const why = hasKvm() ? 'KVM does not work here' : 'without /dev/kvm';
  say(`${why}: the processor is emulated, which is slow`);
  const shares = inShares(tests, machinesHere());
  if (shares.length < 2) return (await boot(run, 'tcg')) ?? 2;
  const total = { passed: 0, failed: 0, skipped: 0 };
  const endings = await Promise.allSettled(
    shares.map((share, index) => {
      const name = `machine ${index + 1}: `;
      const add = (line: string): void => {
        print(`${name}${line}`);
        const counts = countsOf(line);
        if (counts === null) return;
        total.passed += counts.passed;
        total.failed += counts.failed;
        total.skipped += counts.skipped;
      };
      const one = {
        ...run,
        tests: share,
        say: (line: string) => say(`${name}${line}`),
        print: add,
      };
      return boot(one, 'tcg');
    }),
  );
  for (const ending of endings) if (ending.status === 'rejected') throw ending.reason;
  print(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return Math.max(
    ...endings.map((ending) => (ending.status === 'fulfilled' ? (ending.value ?? 2) : 2)),
  );
}

const machinesHere = (): number =>
  Math.max(
    1,
    Math.min(
      MAX_MACHINES,
      os.availableParallelism(),
      Math.floor(process.availableMemory() / MEMORY_BYTES),
    ),
  );

/** Neighbours by name take about equally long, so they go to different machines. */
export const inShares = (
  tests: readonly string[],
  machines: number,
): readonly (readonly string[])[] =>
  Array.from({ length: Math.min(machines, tests.length) }, (_, machine) =>
    tests.filter((_test, index) => index % machines === machine),
  );

/** From the last line of the tests; null for any other line. */
export function countsOf(
  line: string,
): { readonly passed: number; readonly failed: number; readonly skipped: number } | null {
  const [, passed, failed, skipped] =
    /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line)?.map(Number) ?? [];
  return passed === undefined || failed === undefined || skipped === undefined
    ? null
    : { passed, failed, skipped };
}
