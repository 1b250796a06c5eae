import { bpmProcess, type BpmProcess } from '../bpm-config.ts';
import { changedByJob } from '../changed-by-job.ts';
import { expected } from '../expected.ts';
import { asGreenskeeper } from '../garden-directory.ts';
import { INSTALLED_JOBS } from '../places.ts';
import type { Stage } from '../stage.ts';
import type { Step } from './step.ts';

const BPM_YML = `${INSTALLED_JOBS}/rollcall/1/config/bpm.yml`;

type Change = (whole: BpmProcess) => BpmProcess;

/** With another bpm.yml for the time of `use`; afterwards it is the old one, and the job runs with it. */
async function withOther(
  { vm, job }: Stage,
  change: Change,
  use: () => Promise<void>,
): Promise<void> {
  const whole = await vm.read(BPM_YML);
  const changed = change(bpmProcess('rollcall', whole));
  vm.write(BPM_YML, JSON.stringify({ processes: [changed] }));
  try {
    await use();
  } finally {
    vm.write(BPM_YML, whole);
  }
  await job.restart();
  await job.until('a verdict again', ({ verdict }) => verdict === 'untracked');
}

export const withoutMountOnly: Step = {
  title: "Check of this check: without mount_only the job changes what is Garden's",
  take: async (stage) => {
    const change: Change = (whole) => ({
      ...whole,
      additional_volumes: whole.additional_volumes.map((one) => ({ ...one, mount_only: false })),
    });
    asGreenskeeper(stage.vm);
    await withOther(stage, change, async () => {
      const why = await changedByJob(stage.job);
      expected(why !== null, 'a start of the job without mount_only changed nothing');
      stage.say(why);
    });
    asGreenskeeper(stage.vm);
  },
};

/** The agent must say that it cannot tell, and what to do, and raise no alarm. */
async function couldNotTell(stage: Stage, change: Change, advice: string): Promise<void> {
  const { job, say } = stage;
  const before = job.alarms();
  await withOther(stage, change, async () => {
    await job.restart();
    await job.nextReport();
    const { verdict, why } = await job.nextReport();
    say(`verdict ${verdict}: ${why}`);
    expected(verdict === 'unknown', `the verdict is ${verdict}`);
    expected(why.includes(advice), `the agent does not say what to do: ${why}`);
    expected(job.alarms() === before, `${job.alarms() - before} false alarms were raised`);
  });
}

export const withoutCgroups: Step = {
  title: 'Without the volume /sys/fs/cgroup the agent says that it cannot tell',
  take: (stage) =>
    couldNotTell(
      stage,
      (whole) => ({ ...whole, unsafe: { ...whole.unsafe, unrestricted_volumes: [] } }),
      'unsafe.unrestricted_volumes',
    ),
};

export const withoutHostPids: Step = {
  title: 'Without host_pid_namespace the agent says that it cannot tell',
  take: (stage) =>
    couldNotTell(
      stage,
      (whole) => ({ ...whole, unsafe: { ...whole.unsafe, host_pid_namespace: false } }),
      'unsafe.host_pid_namespace',
    ),
};
