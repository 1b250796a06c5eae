/*
 * Decides about each open of a directory and of what is in it (fanotify, FAN_OPEN_PERM), as root of a
 * container with CAP_SYS_ADMIN can. Says "ready", and "PID" for each process that it lets wait.
 *
 *   open-guard hold SECONDS PID DIRECTORY...        lets it wait for so long, but only processes in the
 *                                                   pid namespace of PID, not others of this machine
 *   open-guard home PID HOME OUT DIRECTORY...       lets it wait until the process PID is in the cgroup
 *                                                   whose list of members is HOME; without an open for
 *                                                   half a second, the process goes to that of OUT
 *
 * It marks only these directories, ends after three minutes at the latest, and with its parent. The kernel
 * then lets everybody go on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { LONGEST_SECONDS = 180, QUIET_MILLISECONDS = 500 };

static int namespace_of(int pid, char *name, int size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
  ssize_t length = readlink(path, name, size - 1);
  name[length < 0 ? 0 : length] = 0;
  return length > 0;
}

static void move(int list, const char *pid) {
  if (pwrite(list, pid, strlen(pid), 0) < 0) perror("move");
}

int main(int argc, char **argv) {
  if (argc < 5) return 64;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(LONGEST_SECONDS);
  int is_home = strcmp(argv[1], "home") == 0;
  const char *pid = argv[2];
  int home = -1, out = -1, first = 5;
  char waits_in[64] = "", is_in[64];
  if (is_home) {
    home = open(argv[3], O_WRONLY | O_CLOEXEC);
    out = open(argv[4], O_WRONLY | O_CLOEXEC);
    if (home < 0 || out < 0) return perror("open"), 1;
  } else {
    alarm(atoi(argv[2]));
    if (!namespace_of(atoi(argv[3]), waits_in, sizeof waits_in)) return perror(argv[3]), 1;
    first = 4;
  }
  int group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
  if (group < 0) return perror("fanotify_init"), 1;
  for (int n = first; n < argc; n++) {
    unsigned long mask = FAN_OPEN_PERM | FAN_ONDIR | FAN_EVENT_ON_CHILD;
    if (fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, argv[n]) < 0) return perror(argv[n]), 1;
  }
  printf("ready\n");
  fflush(stdout);
  int is_out = 0;
  for (;;) {
    struct pollfd waits = {.fd = group, .events = POLLIN};
    if (poll(&waits, 1, is_home ? QUIET_MILLISECONDS : -1) == 0) {
      if (!is_out) move(out, pid);
      is_out = 1;
      continue;
    }
    char events[4096] __attribute__((aligned(8)));
    ssize_t length = read(group, events, sizeof events);
    if (length < 0) return perror("read"), 1;
    if (is_home && is_out) {
      move(home, pid);
      is_out = 0;
    }
    struct fanotify_event_metadata *event = (void *)events;
    for (; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
      int waits = !is_home && namespace_of(event->pid, is_in, sizeof is_in) && strcmp(is_in, waits_in) == 0;
      if (!waits) {
        struct fanotify_response answer = {.fd = event->fd, .response = FAN_ALLOW};
        if (write(group, &answer, sizeof answer) < 0) return perror("answer"), 1;
        close(event->fd);
      } else {
        printf("%d\n", event->pid);
        fflush(stdout);
      }
    }
  }
}
