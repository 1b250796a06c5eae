import { expected } from '../expected.ts';
import { ERRAND } from '../places.ts';
import { FORGOTTEN } from './handles.ts';
import type { Step } from './step.ts';

export const gardenForgets: Step = {
  title: 'Garden forgets a container: metric, errand and command line tell it',
  take: async ({ vm, job, say, renderErrand }) => {
    const healthy = await vm.run(ERRAND);
    expected(healthy.exitCode === 0, `the errand exited ${healthy.exitCode}: ${healthy.stderr}`);
    await vm.cell.forget(FORGOTTEN);
    const { why } = await job.until('the untracked container', ({ summary }) => {
      return summary.untracked === 1;
    });
    say(`the agent says: ${why}`);
    const metrics = await job.metrics();
    const lines = metrics
      .split('\n')
      .filter((line) =>
        /^rollcall_(untracked|containers|garden_up|could_not_tell)\b.* [^0]/.test(line),
      );
    for (const line of lines) say(`/metrics: ${line}`);
    expected(
      /^rollcall_untracked\{.*reason="unknown-to-garden".*\} 1$/m.test(metrics),
      'the metric rollcall_untracked does not tell it',
    );
    const errand = await vm.run(ERRAND);
    for (const line of errand.stdout.trimEnd().split('\n')) say(`errand: ${line}`);
    expected(errand.stdout.includes(FORGOTTEN), 'the errand does not name the container');
    expected(errand.exitCode === 0, `the errand exited ${errand.exitCode}`);
    await renderErrand({ fail_on_untracked: true, format: 'json' });
    const failing = await vm.run(ERRAND);
    say(`errand with fail_on_untracked: exit ${failing.exitCode}`);
    expected(failing.exitCode === 1, `the errand that shall fail exited ${failing.exitCode}`);
    expected(failing.stdout.startsWith('{'), 'the errand does not print JSON');
    const check = await job.command('check', '--settle', '100ms');
    for (const line of check.stdout.trimEnd().split('\n')) say(`sudo rollcall check: ${line}`);
    expected(check.exitCode === 1, `rollcall check exited ${check.exitCode}: ${check.stderr}`);
    expected(check.stdout.includes(FORGOTTEN), 'rollcall check does not name the container');
  },
};
