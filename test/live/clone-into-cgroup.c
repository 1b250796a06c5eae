/*
 * Starts a child directly in the given cgroup (v2), in a cgroup namespace of its own, and ends. The
 * child sleeps until it is killed. It never moves: no write to cgroup.procs shows where it went.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 64;
  int cgroup = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (cgroup < 0) return 1;
  struct clone_args args = {
    .flags = CLONE_INTO_CGROUP | CLONE_NEWCGROUP,
    .exit_signal = SIGCHLD,
    .cgroup = (uint64_t)cgroup,
  };
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return 2;
  while (pid == 0) pause();
  return 0;
}
