import { existsSync, readFileSync } from 'node:fs';
import { expected } from '../expected.ts';
import { bundleDirectory, containerId, ERRAND, pidFile, RUNC_ROOT } from '../places.ts';
import type { Step } from './step.ts';

export const agentStops: Step = {
  title: 'The agent stops, and nothing of it is left',
  take: async ({ vm, job, say }) => {
    const cgroup = readFileSync(vm.path(`/proc/${job.pid()}/cgroup`), 'utf8')
      .trimEnd()
      .split('\n')
      .find((line) => line.endsWith(`/${containerId('rollcall')}`));
    const path = /:(\/.*)$/.exec(cgroup ?? '')?.[1] ?? '';
    const started = performance.now();
    await job.stop();
    const seconds = (performance.now() - started) / 1000;
    say(`stopped in ${seconds.toFixed(1)} s`);
    const last = job.log().at(-1)?.message;
    expected(last === 'rollcall.stopping', `the last line of its log is ${last ?? 'none'}`);
    const words = job.lastWordsOfTini();
    if (words !== null) {
      say(`tini says: ${words}`);
      expected(/exited normally.*'0'/.test(words), 'the agent did not exit with 0');
    }
    const errors = job.errors();
    expected(errors.length === 0, `the agent wrote to stderr: ${errors.join(' / ')}`);
    const errand = await vm.run(ERRAND);
    say(`errand: exit ${errand.exitCode}, ${errand.stderr.trim().split('\n').at(-1) ?? ''}`);
    expected(errand.exitCode === 2, `without an agent the errand exited ${errand.exitCode}`);
    const { stdout: processes } = await vm.run(['pgrep', '-u', 'vcap', '-a']);
    expected(processes === '', `processes of vcap are left: ${processes}`);
    const find = ['find', '/sys/fs/cgroup', '-type', 'd', '-path', `*${path}*`];
    const left = (await vm.run(find)).stdout.trim();
    expected(left === '', `cgroups are left: ${left}`);
    for (const place of [
      pidFile('rollcall'),
      bundleDirectory('rollcall'),
      `${RUNC_ROOT}/${containerId('rollcall')}`,
    ]) {
      expected(!existsSync(vm.path(place)), `${place} is left`);
    }
    const mounts = vm
      .mounts()
      .split('\n')
      .filter((line) => line.includes('/bpm/'));
    expected(mounts.length === 0, `mounts are left: ${mounts.join(' ')}`);
    say('no process, cgroup, mount, bundle or pid file of it is left');
  },
};
