import { bytesOf, type BpmProcess } from './bpm-config.ts';
import { jobMounts, type OciMount } from './job-mounts.ts';
import { BPM_PACKAGE, dataDirectory, jobDirectory } from './places.ts';
import { SECCOMP_PROFILE } from './seccomp-profile.ts';
import type { User } from './vcap-user.ts';

export interface OciRequest {
  readonly job: string;
  readonly process: BpmProcess;
  readonly user: User;
  /** The directory of the container's root filesystem: empty but for mounts. */
  readonly rootDirectory: string;
  readonly resolverDirectories: readonly string[];
  readonly cgroupsPath: string;
  readonly limits: LimitSupport;
}

/** What the cgroups of the machine can limit. */
export interface LimitSupport {
  readonly memoryAndPids: boolean;
  readonly swap: boolean;
}

const TINI = `${BPM_PACKAGE}/tini`;

const special = (
  destination: string,
  type: string,
  source: string,
  options: readonly string[],
): OciMount => ({ destination, type, source, options });

const SPECIAL: readonly OciMount[] = [
  special('/proc', 'proc', 'proc', []),
  special('/dev', 'tmpfs', 'tmpfs', ['nosuid', 'noexec', 'mode=755']),
  special('/dev/pts', 'devpts', 'devpts', [
    'nosuid',
    'noexec',
    'newinstance',
    'ptmxmode=0666',
    'mode=0620',
    'gid=5',
  ]),
  special('/dev/shm', 'tmpfs', 'shm', ['nosuid', 'noexec', 'nodev', 'mode=1777']),
  special('/dev/mqueue', 'mqueue', 'mqueue', ['nosuid', 'noexec', 'nodev']),
  // Fresh: without a cgroup in it, unless a volume brings them.
  special('/sys', 'sysfs', 'sysfs', ['nosuid', 'noexec', 'nodev', 'ro']),
];

const MASKED = [
  '/etc/sv',
  '/proc/kcore',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/firmware',
];
const READ_ONLY = [
  '/proc/asound',
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];

/**
 * The config.json with which bpm starts a job (runc/specbuilder/specbuilder.go, runc/adapter/adapter.go): own ipc, mount, uts
 * and pid namespaces, the host's network, cgroups and users. The capabilities have no effective set: the kernel makes it.
 */
export function ociConfig(request: OciRequest): object {
  const { job, process: wanted, user } = request;
  const capabilities = wanted.capabilities.map((name) => `CAP_${name}`);
  const namespaces = ['ipc', 'mount', 'uts'];
  if (!wanted.unsafe.host_pid_namespace) namespaces.push('pid');
  const files = wanted.limits.open_files;
  return {
    ociVersion: '1.0.2',
    root: { path: request.rootDirectory },
    process: {
      user,
      args: [TINI, '-w', '-s', '--', wanted.executable, ...wanted.args],
      env: Object.entries(environment(job, wanted.env)).map(([name, text]) => `${name}=${text}`),
      cwd: wanted.workdir ?? jobDirectory(job),
      capabilities: {
        ambient: capabilities,
        bounding: capabilities,
        inheritable: capabilities,
        permitted: capabilities,
      },
      noNewPrivileges: true,
      rlimits: files === undefined ? [] : [{ type: 'RLIMIT_NOFILE', hard: files, soft: files }],
    },
    mounts: [...SPECIAL, ...jobMounts(job, wanted, request.resolverDirectories)],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      cgroupsPath: request.cgroupsPath,
      resources: resources(wanted.limits, request.limits),
      rootfsPropagation: 'private',
      seccomp: SECCOMP_PROFILE,
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  };
}

/** What bpm sets unless the job does, and one more. */
const environment = (
  job: string,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  // tini then writes to the log how the agent ended, which nobody else could tell of a detached process.
  TINI_VERBOSITY: '2',
  TMPDIR: `${dataDirectory(job)}/tmp`,
  LANG: 'en_US.UTF-8',
  PATH: `${jobDirectory(job)}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:.`,
  HOME: dataDirectory(job),
  ...own,
});

function resources({ memory, processes }: BpmProcess['limits'], can: LimitSupport): object {
  if (!can.memoryAndPids) return {};
  const bytes = memory === undefined ? null : bytesOf(memory);
  return {
    ...(bytes === null ? {} : { memory: { limit: bytes, ...(can.swap ? { swap: bytes } : {}) } }),
    ...(processes === undefined ? {} : { pids: { limit: processes } }),
  };
}
