/* many-processes NAME COUNT GROUPS DIRECTORY: starts so many processes of a name, each with so many
   supplementary groups, which /proc/PID/status lists, and with this directory as its root. */
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  static gid_t groups[65536];
  int count = atoi(argv[2]), size = atoi(argv[3]);
  for (int n = 0; n < size; n++) groups[n] = 4000000000u + n;
  if (setgroups(size, groups) != 0 || chroot(argv[4]) != 0) return 1;
  signal(SIGCHLD, SIG_IGN);
  for (int n = 1; n < count; n++)
    if (fork() == 0) break;
  prctl(PR_SET_NAME, argv[1]);
  for (;;) pause();
}
