import { expected, waitFor } from '../expected.ts';
import { FORGOTTEN } from './handles.ts';
import type { Step } from './step.ts';

export const agentKilled: Step = {
  title: 'The agent is killed; monit starts it again, and it raises no alarm twice',
  take: async ({ vm, job, say }) => {
    const before = job.alarms();
    const since = (await job.report())?.containers.find(
      ({ handle }) => handle === FORGOTTEN,
    )?.since;
    await vm.must(['kill', '-KILL', `${job.pid()}`]);
    await waitFor('its end', 20, () => (job.isRunning() ? null : true));
    await job.start();
    const report = await job.until('the untracked container', ({ summary }) => {
      return summary.untracked === 1;
    });
    await job.nextReport();
    const found = report.containers.find(({ handle }) => handle === FORGOTTEN);
    say(`untracked since ${found?.since ?? 'never'}, as before`);
    expected(found?.since === since, `it was untracked since ${since}, and now ${found?.since}`);
    expected(job.alarms() === before, `${job.alarms() - before} alarms were raised again`);
  },
};
