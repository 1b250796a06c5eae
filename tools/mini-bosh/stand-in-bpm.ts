import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import * as v from 'valibot';
import {
  BPM_PACKAGE,
  bpmProcess,
  bundleDirectory,
  containerId,
  pidFile,
  RUNC_ROOT,
  SCOPE_PREFIX,
  type BpmProcess,
} from './bpm-config.ts';
import { ociConfig } from './oci-config.ts';
import {
  dataDirectory,
  expected,
  jobDirectory,
  logDirectory,
  runDirectory,
  waitFor,
  type Vm,
} from './vm.ts';

/** After this time bpm removes the container in any case; here it is a failure. */
const STOP_SECONDS = 17;

/** Opened for appending, because logrotate truncates open files. */
const WITH_LOGS = 'exec "$@" >>"$OUT" 2>>"$ERR" </dev/null';

const runcState = v.pipe(v.string(), v.parseJson(), v.object({ status: v.string() }));

/** As bpm does (commands/start.go, runc/lifecycle/lifecycle.go), with the same runc. */
export function standInBpm(vm: Vm) {
  const global = ['--root', RUNC_ROOT, ...(vm.hasSystemd ? ['--systemd-cgroup'] : [])];
  const runc = [`${BPM_PACKAGE}/runc`, ...global];

  async function start(job: string): Promise<void> {
    const status = await statusOf(job);
    if (status === 'running') return;
    if (status !== null) await remove(job);
    const wanted = bpmProcess(job, await vm.read(`${jobDirectory(job)}/config/bpm.yml`));
    makePrerequisites(job, wanted);
    const bundle = bundleDirectory(job);
    rmSync(vm.path(bundle), { recursive: true, force: true });
    mkdirSync(vm.path(`${bundle}/rootfs`), { recursive: true });
    await vm.must([`${BPM_PACKAGE}/runc`, 'spec', '--bundle', bundle]);
    const config = ociConfig(vm, job, wanted, {
      specText: await vm.read(`${bundle}/config.json`),
      cgroupsPath: await cgroupsPath(job),
    });
    vm.write(`${bundle}/config.json`, JSON.stringify(config));
    await withLogs(job, [wanted.hooks.pre_start]);
    const options = ['--bundle', bundle, '--pid-file', pidFile(job), '--detach'];
    await withLogs(job, [...runc, 'run', ...options, containerId(job)]);
  }

  async function stop(job: string): Promise<void> {
    if ((await statusOf(job)) === null) return;
    await vm.must([...runc, 'kill', containerId(job), 'TERM']);
    const ended = async () => ((await statusOf(job)) === 'running' ? null : true);
    await waitFor('the end of the job', STOP_SECONDS, ended);
    await remove(job);
  }

  /**
   * bpm treats a volume without `mount_only` as the job's own: its owner becomes vcap, and a
   * directory gets mode 0700, whatever it was before and whoever owned it (runc/adapter/adapter.go,
   * CreateJobPrerequisites).
   */
  function makePrerequisites(job: string, wanted: BpmProcess): void {
    const volumes = wanted.additional_volumes.filter(({ mount_only: isMountOnly }) => !isMountOnly);
    for (const { path } of volumes) {
      makeForVcap(path);
      chmodSync(vm.path(path), 0o700);
    }
    mkdirSync(vm.path(`${runDirectory('bpm')}/${job}`), { recursive: true });
    makeForVcap(logDirectory(job));
    makeForVcap(runDirectory(job));
    makeForVcap(`${dataDirectory(job)}/tmp`);
    if (wanted.ephemeral_disk) makeForVcap(dataDirectory(job));
  }

  function makeForVcap(path: string): void {
    mkdirSync(vm.path(path), { recursive: true, mode: 0o700 });
    chownSync(vm.path(path), vm.vcap.uid, vm.vcap.gid);
  }

  /** Everything that bpm starts writes to the job's logs, including the hook and runc itself. */
  async function withLogs(job: string, command: readonly string[]): Promise<void> {
    const log = `${logDirectory(job)}/${job}`;
    const env = { OUT: `${log}.stdout.log`, ERR: `${log}.stderr.log` };
    const logs = [env.OUT, env.ERR];
    const { uid, gid } = vm.vcap;
    // By numbers, so that no lookup of a name can fail.
    const own = `touch "$@" && chmod 0600 "$@" && chown ${uid}:${gid} "$@"`;
    await vm.must(['sh', '-c', own, 'sh', ...logs]);
    const shell = ['sh', '-c', WITH_LOGS, 'sh', ...command];
    const { exitCode, stderr } = await vm.run(shell, { env });
    // What the shell says before it has opened the logs is not in them.
    const words = exitCode === 0 ? '' : `${stderr}${await vm.read(env.ERR)}`;
    expected(exitCode === 0, `${command[0] ?? ''} exited ${exitCode}: ${words.trim().slice(-500)}`);
  }

  /**
   * Under systemd a scope, as slice:prefix:name; monit starts bpm. Otherwise below the caller's
   * cgroup of version 2, in every hierarchy (cgroups/cgroup.go).
   */
  async function cgroupsPath(job: string): Promise<string> {
    if (vm.hasSystemd) return `system.slice:${SCOPE_PREFIX}:${containerId(job)}`;
    const own = await vm.read('/proc/self/cgroup');
    const path = /^0::(.*)$/m.exec(own)?.[1] ?? '';
    return `${path}/${containerId(job)}`.replaceAll('//', '/');
  }

  /** The status as runc reports it; null if runc does not know the container. */
  async function statusOf(job: string): Promise<string | null> {
    const command = [...runc, 'state', containerId(job)];
    const { stdout, stderr, exitCode } = await vm.run(command);
    if (exitCode !== 0 && stderr.includes('does not exist')) return null;
    expected(exitCode === 0, `${command.join(' ')} exited ${exitCode}: ${stderr.trim()}`);
    return v.parse(runcState, stdout).status;
  }

  async function remove(job: string): Promise<void> {
    await vm.must([...runc, 'delete', '--force', containerId(job)]);
    rmSync(vm.path(bundleDirectory(job)), { recursive: true });
    rmSync(vm.path(pidFile(job)));
  }

  return { start, stop };
}
