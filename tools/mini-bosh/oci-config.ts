import { globSync } from 'node:fs';
import * as v from 'valibot';
import { BPM_PACKAGE, bytesOf, JOB, type BpmProcess } from './bpm-config.ts';
import { dataDirectory, jobDirectory, logDirectory, type Vm } from './vm.ts';

const TINI = `${BPM_PACKAGE}/tini`;

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

/** What the config.json of `runc spec` has for every container. */
const Spec = v.object({
  mounts: v.array(v.looseObject({ destination: v.string() })),
  linux: v.object({ maskedPaths: v.array(v.string()), readonlyPaths: v.array(v.string()) }),
});

type Rights = { readonly from?: string; readonly exec?: boolean; readonly write?: boolean };

const bind = (destination: string, { from, exec = false, write = false }: Rights = {}) => ({
  destination,
  source: from ?? destination,
  type: 'bind',
  options: ['rbind', exec ? 'exec' : 'noexec', 'nosuid', 'nodev', write ? 'rw' : 'ro'],
});

/** Parents first (bpm runc/adapter). An unrestricted volume is a glob, left out without a match. */
function jobMounts(vm: Vm, process: BpmProcess) {
  const data = dataDirectory(JOB);
  const temporary = { from: `${data}/tmp`, write: true };
  const programs = ['/bin', '/etc', '/lib', '/lib64', '/sbin', '/usr'];
  programs.push('/var/vcap/data/packages', '/var/vcap/packages', jobDirectory(JOB));
  const volumes = process.unsafe.unrestricted_volumes.flatMap(({ path }) =>
    globSync(path.slice(1), { cwd: vm.path('/') }).map((found) => `/${found}`),
  );
  return [
    ...programs.map((path) => bind(path, { exec: true })),
    bind(logDirectory(JOB), { write: true }),
    ...(process.ephemeral_disk ? [bind(data, { write: true })] : []),
    ...[`${data}/tmp`, '/tmp', '/var/tmp'].map((path) => bind(path, temporary)),
    ...[...process.additional_volumes.map(({ path }) => path), ...volumes].map((path) =>
      bind(path),
    ),
  ];
}

/**
 * The config.json with which bpm starts a job (runc/specbuilder/specbuilder.go,
 * runc/adapter/adapter.go): its own ipc, mount, uts and pid namespaces; the host's network, cgroups
 * and users; no capability.
 * @param specText what `runc spec` writes
 */
export function ociConfig(
  vm: Vm,
  process: BpmProcess,
  { specText, cgroupsPath }: { readonly specText: string; readonly cgroupsPath: string },
): object {
  const spec = v.parse(v.pipe(v.string(), v.parseJson(), Spec), specText);
  const namespaces = ['ipc', 'mount', 'uts'];
  if (!process.unsafe.host_pid_namespace) namespaces.push('pid');
  const { memory, processes, open_files: files } = process.limits;
  const env = {
    // Makes tini log how the agent ended. Nobody else can see that of a detached process.
    TINI_VERBOSITY: '2',
    TMPDIR: `${dataDirectory(JOB)}/tmp`,
    LANG: 'en_US.UTF-8',
    PATH: `${jobDirectory(JOB)}/bin:/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin:.`,
    HOME: dataDirectory(JOB),
  };
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: {
      user: vm.vcap,
      args: [TINI, '-w', '-s', '--', process.executable, ...process.args],
      env: Object.entries(env).map(([name, text]) => `${name}=${text}`),
      cwd: jobDirectory(JOB),
      capabilities: {},
      noNewPrivileges: true,
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: files, soft: files }],
    },
    mounts: [
      // The sysfs contains no cgroups unless a volume adds them.
      ...spec.mounts.filter(({ destination }) => destination !== '/sys/fs/cgroup'),
      ...jobMounts(vm, process),
    ],
    linux: {
      namespaces: namespaces.map((type) => ({ type })),
      cgroupsPath,
      resources: {
        ...(memory === undefined ? {} : { memory: { limit: bytesOf(memory) } }),
        ...(processes === undefined ? {} : { pids: { limit: processes } }),
      },
      rootfsPropagation: 'private',
      seccomp: SECCOMP_PROFILE,
      maskedPaths: spec.linux.maskedPaths,
      readonlyPaths: spec.linux.readonlyPaths,
    },
  };
}
