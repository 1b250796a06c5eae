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

const runcState = v.object({ status: v.string() });

/** As bpm does (commands/start.go, runc/lifecycle/lifecycle.go), with the same runc. */
export class StandInBpm {
  readonly #vm: Vm;

  constructor(vm: Vm) {
    this.#vm = vm;
  }

  async start(job: string): Promise<void> {
    const status = await this.#status(job);
    if (status === 'running') return;
    if (status !== null) await this.#remove(job);
    const wanted = bpmProcess(job, await this.#vm.read(`${jobDirectory(job)}/config/bpm.yml`));
    this.#makePrerequisites(job, wanted);
    const bundle = bundleDirectory(job);
    rmSync(this.#vm.path(bundle), { recursive: true, force: true });
    mkdirSync(this.#vm.path(`${bundle}/rootfs`), { recursive: true });
    await this.#vm.must([`${BPM_PACKAGE}/runc`, 'spec', '--bundle', bundle]);
    const config = ociConfig(this.#vm, job, wanted, {
      specText: await this.#vm.read(`${bundle}/config.json`),
      cgroupsPath: await this.#cgroupsPath(job),
    });
    this.#vm.write(`${bundle}/config.json`, JSON.stringify(config));
    await this.#withLogs(job, [wanted.hooks.pre_start]);
    await this.#withLogs(job, [
      ...this.#runc,
      'run',
      '--bundle',
      bundle,
      '--pid-file',
      pidFile(job),
      '--detach',
      containerId(job),
    ]);
  }

  async stop(job: string): Promise<void> {
    if ((await this.#status(job)) === null) return;
    await this.#vm.must([...this.#runc, 'kill', containerId(job), 'TERM']);
    const ended = async () => ((await this.#status(job)) === 'running' ? null : true);
    await waitFor('the end of the job', STOP_SECONDS, ended);
    await this.#remove(job);
  }

  /**
   * bpm treats a volume without `mount_only` as the job's own: its owner becomes vcap, and a
   * directory gets mode 0700, whatever it was before and whoever owned it (runc/adapter/adapter.go,
   * CreateJobPrerequisites).
   */
  #makePrerequisites(job: string, wanted: BpmProcess): void {
    const volumes = wanted.additional_volumes.filter(({ mount_only: isMountOnly }) => !isMountOnly);
    for (const { path } of volumes) {
      this.#makeForVcap(path);
      chmodSync(this.#vm.path(path), 0o700);
    }
    mkdirSync(this.#vm.path(`${runDirectory('bpm')}/${job}`), { recursive: true });
    this.#makeForVcap(logDirectory(job));
    this.#makeForVcap(runDirectory(job));
    this.#makeForVcap(`${dataDirectory(job)}/tmp`);
    if (wanted.ephemeral_disk) this.#makeForVcap(dataDirectory(job));
  }

  #makeForVcap(path: string): void {
    mkdirSync(this.#vm.path(path), { recursive: true, mode: 0o700 });
    chownSync(this.#vm.path(path), this.#vm.vcap.uid, this.#vm.vcap.gid);
  }

  /** Everything that bpm starts writes to the job's logs, including the hook and runc itself. */
  async #withLogs(job: string, command: readonly string[]): Promise<void> {
    const log = `${logDirectory(job)}/${job}`;
    const env = { OUT: `${log}.stdout.log`, ERR: `${log}.stderr.log` };
    const logs = [env.OUT, env.ERR];
    const { uid, gid } = this.#vm.vcap;
    // By numbers, so that no lookup of a name can fail.
    const own = `touch "$@" && chmod 0600 "$@" && chown ${uid}:${gid} "$@"`;
    await this.#vm.must(['sh', '-c', own, 'sh', ...logs]);
    const shell = ['sh', '-c', WITH_LOGS, 'sh', ...command];
    const { exitCode, stderr } = await this.#vm.run(shell, { env });
    // What the shell says before it has opened the logs is not in them.
    const words = exitCode === 0 ? '' : `${stderr}${await this.#vm.read(env.ERR)}`;
    expected(exitCode === 0, `${command[0] ?? ''} exited ${exitCode}: ${words.trim().slice(-500)}`);
  }

  /**
   * Under systemd a scope, as slice:prefix:name; monit starts bpm. Otherwise below the caller's
   * cgroup of version 2, in every hierarchy (cgroups/cgroup.go).
   */
  async #cgroupsPath(job: string): Promise<string> {
    if (this.#vm.hasSystemd) return `system.slice:${SCOPE_PREFIX}:${containerId(job)}`;
    const own = await this.#vm.read('/proc/self/cgroup');
    const path = /^0::(.*)$/m.exec(own)?.[1] ?? '';
    return `${path}/${containerId(job)}`.replaceAll('//', '/');
  }

  /** The status as runc reports it; null if runc does not know the container. */
  async #status(job: string): Promise<string | null> {
    const command = [...this.#runc, 'state', containerId(job)];
    const { stdout, stderr, exitCode } = await this.#vm.run(command);
    if (exitCode !== 0 && stderr.includes('does not exist')) return null;
    expected(exitCode === 0, `${command.join(' ')} exited ${exitCode}: ${stderr.trim()}`);
    const state: unknown = JSON.parse(stdout);
    return v.parse(runcState, state).status;
  }

  get #runc(): readonly string[] {
    const global = ['--root', RUNC_ROOT, ...(this.#vm.hasSystemd ? ['--systemd-cgroup'] : [])];
    return [`${BPM_PACKAGE}/runc`, ...global];
  }

  async #remove(job: string): Promise<void> {
    await this.#vm.must([...this.#runc, 'delete', '--force', containerId(job)]);
    rmSync(this.#vm.path(bundleDirectory(job)), { recursive: true });
    rmSync(this.#vm.path(pidFile(job)));
  }
}
