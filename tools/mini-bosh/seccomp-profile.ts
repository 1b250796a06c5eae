/**
 * What a job may ask of the kernel. Whatever is not named is refused with EPERM, as bpm does it; everything named here is
 * also allowed by bpm (runc/specbuilder/seccomp.go), so that what runs here is not refused there.
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

/** Of clone(2): a new namespace of any kind. */
const NEW_NAMESPACES = 0x7e020000;
const ENOSYS = 38;

/** The `linux.seccomp` of an OCI configuration, for x64 as the release is. */
export const SECCOMP_PROFILE: object = {
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
    // Its flags lie in memory, where no filter can look; libc then falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ],
};
