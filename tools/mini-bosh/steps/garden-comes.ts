import { expected } from '../expected.ts';
import { asGreenskeeper } from '../garden-directory.ts';
import { FORGOTTEN, KEPT, SECOND } from './handles.ts';
import type { Step } from './step.ts';

export const gardenComes: Step = {
  title: 'Garden starts, and the agent finds it by itself',
  take: async ({ vm, job, say }) => {
    await vm.cell.garden.start();
    asGreenskeeper(vm);
    for (const handle of [KEPT, FORGOTTEN, SECOND]) {
      await vm.cell.create({ handle, kind: 'app', peas: ['envoy'] });
    }
    const report = await job.until('three tracked containers', ({ verdict, summary }) => {
      return verdict === 'all-tracked' && summary.tracked === 3;
    });
    say(`the agent says: ${report.why}`);
    expected(report.summary.untracked === 0, 'a container is untracked');
    expected(job.alarms() === 0, 'an alarm was raised while Garden started');
  },
};
