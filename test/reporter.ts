import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { TestOutcome } from '../tools/checks/test-outcome.ts';
import { skipReason } from './skip.ts';

/** Prints what failed and writes the counts to the file named by the reporter option `outcome`, for tools/checks/mocha-step.ts. */
// oxlint-disable-next-line import/no-default-export -- mocha takes a reporter that way
export default function report(runner: Mocha.Runner, options: Mocha.MochaOptions): void {
  const failures: Mocha.Test[] = [];
  const skipped: { title: string; reason: string }[] = [];
  let passed = 0;
  let unexplained = 0;
  const suites = new Map<string, number>();
  runner.on('pass', (test) => {
    passed += 1;
    const suite = test.titlePath()[0] ?? '';
    suites.set(suite, (suites.get(suite) ?? 0) + 1);
  });
  runner.on('pending', (test) => {
    const reason = skipReason(test);
    if (reason === null) unexplained += 1;
    skipped.push({ title: test.fullTitle(), reason: reason ?? 'no reason given, which fails' });
  });
  runner.on('fail', (test, error: Error) => {
    // Where the list looks for what to print.
    test.err = error;
    failures.push(test);
  });
  runner.once('end', () => {
    if (failures.length > 0) Mocha.reporters.Base.list(failures);
    const outcome: TestOutcome = {
      passed,
      failed: failures.length + unexplained,
      skipped,
      suites: [...suites].map(([title, count]) => ({ title, passed: count })),
    };
    writeFileSync(outcomeFile(options), JSON.stringify(outcome));
  });
}

function outcomeFile(options: Mocha.MochaOptions): string {
  const named: unknown = options.reporterOptions;
  if (typeof named === 'object' && named !== null && 'outcome' in named) {
    return String(named.outcome);
  }
  throw new TypeError('the reporter option "outcome" is missing');
}
