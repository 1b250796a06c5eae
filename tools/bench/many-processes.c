/* many-processes NAME COUNT GROUPS DIRECTORY SECONDS: keeps so many processes of a name running, each
   with so many supplementary groups, which /proc/PID/status lists, and with this directory as its root.
   Each is replaced by another one after so many seconds; 0: never. */
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int seconds;

static void start(void) {
  if (fork() != 0) return;
  if (seconds > 0) {
    sleep(seconds);
    _exit(0);
  }
  for (;;) pause();
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  static gid_t groups[65536];
  int count = atoi(argv[2]), size = atoi(argv[3]);
  seconds = atoi(argv[5]);
  for (int n = 0; n < size; n++) groups[n] = 4000000000u + n;
  if (setgroups(size, groups) != 0 || chroot(argv[4]) != 0) return 1;
  prctl(PR_SET_NAME, argv[1]);
  for (int n = 1; n < count; n++) start();
  while (wait(NULL) > 0) start();
  return 0;
}
