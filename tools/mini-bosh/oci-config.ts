import { BPM_PACKAGE, bytesOf, type BpmProcess } from './bpm-config.ts';
import { jobMounts, type MountedVm, type OciMount } from './job-mounts.ts';
import { dataDirectory, jobDirectory, type User } from './vm.ts';

interface OciRequest {
  readonly job: string;
  readonly process: BpmProcess;
  readonly user: User;
  /** The directory of the container's root filesystem; it is empty except for mounts. */
  readonly rootDirectory: string;
  readonly mounted: MountedVm;
  readonly cgroupsPath: string;
  readonly canLimitSwap: boolean;
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
  // A fresh sysfs: it contains no cgroups unless a volume adds them.
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
 * The system calls that a job may make. All others fail with EPERM, as with bpm. bpm also allows
 * every call in this list (runc/specbuilder/seccomp.go), so a job that works here is not restricted
 * further by bpm.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  files:
    'access chdir chmod chown close copy_file_range creat dup dup2 dup3 faccessat fadvise64 fallocate fchdir fchmod fchmodat ' +
    'fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fstat fstatfs fsync ftruncate getcwd getdents getdents64 ' +
    'getxattr ioctl lchown lgetxattr link linkat listxattr llistxattr lseek lstat mkdir mkdirat newfstatat open openat ' +
    'openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename ' +
    'renameat renameat2 rmdir sendfile splice stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate ' +
    'umask unlink unlinkat utime utimensat utimes vmsplice write writev',
  waiting:
    'epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_wait eventfd eventfd2 inotify_add_watch inotify_init ' +
    'inotify_init1 inotify_rm_watch pause poll ppoll pselect6 select signalfd signalfd4',
  memory: 'brk madvise memfd_create mincore mlock mlock2 mmap mprotect mremap msync munlock munmap',
  processes:
    'arch_prctl capget capset execve execveat exit exit_group fork futex get_robust_list getcpu getegid geteuid getgid ' +
    'getgroups getpgid getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid prctl ' +
    'prlimit64 sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam ' +
    'sched_getscheduler sched_setaffinity sched_yield seccomp set_robust_list set_tid_address setgid setgroups setpgid ' +
    'setpriority setresgid setresuid setrlimit setsid setuid sysinfo uname vfork wait4 waitid',
  signals:
    'kill restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend ' +
    'rt_sigtimedwait rt_tgsigqueueinfo sigaltstack tgkill tkill',
  sockets:
    'accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto ' +
    'setsockopt shutdown socket socketpair',
  time:
    'alarm clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer time timer_create ' +
    'timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times',
  randomness: 'getrandom',
};

/** The flags of clone(2) for a new namespace of any kind. */
const NEW_NAMESPACES = 0x7e020000;
const ENOSYS = 38;

/** The `linux.seccomp` of an OCI configuration, for x64 like the release. */
const SECCOMP_PROFILE: object = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  syscalls: [
    {
      names: Object.values(ALLOWED).flatMap((names) => names.split(' ')),
      action: 'SCMP_ACT_ALLOW',
    },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    // Its flags are in memory, where no filter can read them; libc then falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ],
};

/**
 * The config.json with which bpm starts a job (runc/specbuilder/specbuilder.go,
 * runc/adapter/adapter.go): its own ipc, mount, uts and pid namespaces; the host's network, cgroups
 * and users. The capabilities have no effective set, because the kernel computes it.
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
    mounts: [...SPECIAL, ...jobMounts(job, wanted, request.mounted)],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      cgroupsPath: request.cgroupsPath,
      resources: resources(wanted.limits, request.canLimitSwap),
      rootfsPropagation: 'private',
      seccomp: SECCOMP_PROFILE,
      maskedPaths: MASKED,
      readonlyPaths: READ_ONLY,
    },
  };
}

/** bpm's default variables, and one more. */
const environment = (
  job: string,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  // Makes tini log how the agent ended. Nobody else can see that of a detached process.
  TINI_VERBOSITY: '2',
  TMPDIR: `${dataDirectory(job)}/tmp`,
  LANG: 'en_US.UTF-8',
  PATH: `${jobDirectory(job)}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:.`,
  HOME: dataDirectory(job),
  ...own,
});

function resources({ memory, processes }: BpmProcess['limits'], canLimitSwap: boolean): object {
  const bytes = memory === undefined ? null : bytesOf(memory);
  return {
    ...(bytes === null
      ? {}
      : { memory: { limit: bytes, ...(canLimitSwap ? { swap: bytes } : {}) } }),
    ...(processes === undefined ? {} : { pids: { limit: processes } }),
  };
}
