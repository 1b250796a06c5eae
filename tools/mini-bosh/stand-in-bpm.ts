import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs';
import * as v from 'valibot';
import { until } from '../demo-cell/cgroups/processes.ts';
import {
  BPM_PACKAGE,
  bpmProcess,
  BUNDLE,
  CONTAINER_ID,
  JOB,
  PID_FILE,
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
  type Vm,
} from './vm.ts';

/** After this time bpm removes the container in any case; here it is a failure. */
const STOP_MILLISECONDS = 17_000;

/** Opened for appending, because logrotate truncates open files. */
const WITH_LOGS = 'exec "$@" >>"$OUT" 2>>"$ERR" </dev/null';

const runcState = v.pipe(v.string(), v.parseJson(), v.object({ status: v.string() }));

/** As bpm does (commands/start.go, runc/lifecycle/lifecycle.go), with the same runc. */
export function standInBpm(vm: Vm) {
  const global = ['--root', RUNC_ROOT, ...(vm.hasSystemd ? ['--systemd-cgroup'] : [])];
  const runc = [`${BPM_PACKAGE}/runc`, ...global];

  async function start(): Promise<void> {
    const status = await statusOf();
    if (status === 'running') return;
    if (status !== null) await remove();
    const wanted = bpmProcess(await vm.read(`${jobDirectory(JOB)}/config/bpm.yml`));
    makePrerequisites(wanted);
    rmSync(vm.path(BUNDLE), { recursive: true, force: true });
    mkdirSync(vm.path(`${BUNDLE}/rootfs`), { recursive: true });
    await vm.must([`${BPM_PACKAGE}/runc`, 'spec', '--bundle', BUNDLE]);
    const config = ociConfig(vm, wanted, {
      specText: await vm.read(`${BUNDLE}/config.json`),
      cgroupsPath: await cgroupsPath(),
    });
    vm.write(`${BUNDLE}/config.json`, JSON.stringify(config));
    await withLogs([wanted.hooks.pre_start]);
    const options = ['--bundle', BUNDLE, '--pid-file', PID_FILE, '--detach'];
    await withLogs([...runc, 'run', ...options, CONTAINER_ID]);
  }

  async function stop(): Promise<void> {
    if ((await statusOf()) === null) return;
    await vm.must([...runc, 'kill', CONTAINER_ID, 'TERM']);
    const isRunning = async () =>
      (await statusOf()) === 'running' ? 'the job does not end on TERM' : null;
    await until(isRunning, STOP_MILLISECONDS);
    await remove();
  }

  /**
   * bpm treats a volume without `mount_only` as the job's own: its owner becomes vcap, and a
   * directory gets mode 0700, whatever it was before and whoever owned it (runc/adapter/adapter.go,
   * CreateJobPrerequisites).
   */
  function makePrerequisites(wanted: BpmProcess): void {
    const volumes = wanted.additional_volumes.filter(({ mount_only: isMountOnly }) => !isMountOnly);
    for (const { path } of volumes) {
      makeForVcap(path);
      chmodSync(vm.path(path), 0o700);
    }
    mkdirSync(vm.path(`${runDirectory('bpm')}/${JOB}`), { recursive: true });
    makeForVcap(logDirectory(JOB));
    makeForVcap(runDirectory(JOB));
    makeForVcap(`${dataDirectory(JOB)}/tmp`);
    if (wanted.ephemeral_disk) makeForVcap(dataDirectory(JOB));
  }

  function makeForVcap(path: string): void {
    mkdirSync(vm.path(path), { recursive: true, mode: 0o700 });
    chownSync(vm.path(path), vm.vcap.uid, vm.vcap.gid);
  }

  /** Everything that bpm starts writes to the job's logs, including the hook and runc itself. */
  async function withLogs(command: readonly string[]): Promise<void> {
    const log = `${logDirectory(JOB)}/${JOB}`;
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
  async function cgroupsPath(): Promise<string> {
    if (vm.hasSystemd) return `system.slice:${SCOPE_PREFIX}:${CONTAINER_ID}`;
    const own = await vm.read('/proc/self/cgroup');
    const path = /^0::(.*)$/m.exec(own)?.[1] ?? '';
    return `${path}/${CONTAINER_ID}`.replaceAll('//', '/');
  }

  /** The status as runc reports it; null if runc does not know the container. */
  async function statusOf(): Promise<string | null> {
    const command = [...runc, 'state', CONTAINER_ID];
    const { stdout, stderr, exitCode } = await vm.run(command);
    if (exitCode !== 0 && stderr.includes('does not exist')) return null;
    expected(exitCode === 0, `${command.join(' ')} exited ${exitCode}: ${stderr.trim()}`);
    return v.parse(runcState, stdout).status;
  }

  async function remove(): Promise<void> {
    await vm.must([...runc, 'delete', '--force', CONTAINER_ID]);
    rmSync(vm.path(BUNDLE), { recursive: true });
    rmSync(vm.path(PID_FILE));
  }

  return { start, stop };
}
