import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { canLimitSwap } from './confinement.ts';
import { RESOLVER_DIRECTORIES } from './job-mounts.ts';
import { ociConfig } from './oci-config.ts';
import { volumePaths } from './volume-globs.ts';
import {
  dataDirectory,
  expected,
  jobDirectory,
  logDirectory,
  runDirectory,
  type Vm,
} from './vm.ts';

/** bpm's own limits: after the first it sends QUIT, after the second it removes the container. */
const STOP_MILLISECONDS = 15_000;
const QUIT_MILLISECONDS = 2000;
const POLL_MILLISECONDS = 100;

/** Opened for appending, because logrotate truncates open files. */
const WITH_LOGS = 'exec "$@" >>"$OUT" 2>>"$ERR" </dev/null';

const runcState = v.object({ status: v.string() });

/**
 * Treats a job as bpm does (commands/start.go, runc/lifecycle/lifecycle.go), with the same runc.
 */
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
    const config = ociConfig({
      job,
      process: wanted,
      user: this.#vm.vcap,
      rootDirectory: `${bundleDirectory(job)}/rootfs`,
      mounted: {
        resolverDirectories: RESOLVER_DIRECTORIES.filter((path) => existsSync(this.#vm.path(path))),
        pathsOf: (pattern) => volumePaths(this.#vm, pattern),
      },
      cgroupsPath: await this.#cgroupsPath(job),
      canLimitSwap: canLimitSwap(this.#vm),
    });
    mkdirSync(this.#vm.path(`${bundleDirectory(job)}/rootfs`), { recursive: true });
    this.#vm.write(`${bundleDirectory(job)}/config.json`, JSON.stringify(config));
    if (wanted.hooks !== undefined) await this.#withLogs(job, [wanted.hooks.pre_start]);
    await this.#withLogs(job, [
      ...this.#runc,
      'run',
      '--bundle',
      bundleDirectory(job),
      '--pid-file',
      pidFile(job),
      '--detach',
      containerId(job),
    ]);
  }

  async stop(job: string): Promise<void> {
    if ((await this.#status(job)) === null) return;
    await this.#vm.must([...this.#runc, 'kill', containerId(job), 'TERM']);
    if (!(await this.#endsIn(job, STOP_MILLISECONDS))) {
      await this.#vm.must([...this.#runc, 'kill', containerId(job), 'QUIT']);
      await this.#endsIn(job, QUIT_MILLISECONDS);
    }
    await this.#remove(job);
  }

  /**
   * bpm treats a volume without `mount_only` as the job's own: its owner becomes vcap, and a
   * directory gets mode 0700, whatever it was before and whoever owned it (runc/adapter/adapter.go,
   * CreateJobPrerequisites).
   */
  #makePrerequisites(job: string, wanted: BpmProcess): void {
    this.#makeDirectory(`${runDirectory('bpm')}/${job}`);
    for (const { path, mount_only: isMountOnly } of wanted.additional_volumes) {
      if (isMountOnly) continue;
      const real = this.#vm.path(path);
      const isOther = statSync(real, { throwIfNoEntry: false })?.isDirectory() === false;
      if (!isOther) this.#makeDirectory(path);
      if (!isOther) chmodSync(real, 0o700);
      this.#giveToVcap(path);
    }
    const own = [logDirectory(job), runDirectory(job), `${dataDirectory(job)}/tmp`];
    if (wanted.ephemeral_disk) own.push(dataDirectory(job));
    for (const directory of own) {
      this.#makeDirectory(directory);
      this.#giveToVcap(directory);
    }
  }

  #makeDirectory(path: string): void {
    mkdirSync(this.#vm.path(path), { recursive: true, mode: 0o700 });
  }

  #giveToVcap(path: string): void {
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
    const { exitCode } = await this.#vm.run(['sh', '-c', WITH_LOGS, 'sh', ...command], { env });
    expected(
      exitCode === 0,
      `${command[0] ?? ''} exited ${exitCode}: ${(await this.#vm.read(env.ERR)).trim().slice(-500)}`,
    );
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

  async #endsIn(job: string, milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while ((await this.#status(job)) === 'running') {
      if (performance.now() > end) return false;
      await sleep(POLL_MILLISECONDS);
    }
    return true;
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
