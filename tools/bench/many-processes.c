/* many-processes NAME COUNT GROUPS ROOT DIRECTORY SECONDS IMAGES: keeps so many processes of a name running, each
   with so many supplementary groups, which /proc/PID/status lists. ROOT, a mount, is all that is left of
   the mounts, as in a container; DIRECTORY in it becomes their root. Each is replaced by another one after
   so many seconds; 0: never. Unless IMAGES is empty, each but the first has a root that its mount table
   shows as an image of a store, called IMAGES and a number. */
#define _GNU_SOURCE
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int seconds;
static const char *images;

/* Of no overlay, because its options would name the image of the container. */
static int make_store(void) {
  return mount("none", "/empty", "tmpfs", 0, NULL) || mkdir("/empty/images", 0755);
}

static int enter_image(int number) {
  char path[256];
  snprintf(path, sizeof path, "/empty/images/%s%d", images, number);
  if (mkdir(path, 0755)) return 1;
  snprintf(path, sizeof path, "/empty/images/%s%d/rootfs", images, number);
  return mkdir(path, 0755) || unshare(CLONE_NEWNS) || mount(path, path, NULL, MS_BIND, NULL) || chroot(path);
}

static void start(void) {
  static int number;
  number++;
  if (fork() != 0) return;
  if (*images && enter_image(number)) _exit(1);
  if (seconds > 0) {
    sleep(seconds);
    _exit(0);
  }
  for (;;) pause();
}

/* The kernel goes through all mounts of a namespace, also those that a root does not reach. */
static int enter(const char *root) {
  return unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) || chdir(root) ||
         syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH);
}

int main(int argc, char **argv) {
  if (argc != 8) return 2;
  static gid_t groups[65536];
  int count = atoi(argv[2]), size = atoi(argv[3]);
  seconds = atoi(argv[6]);
  images = argv[7];
  for (int n = 0; n < size; n++) groups[n] = 4000000000u + n;
  if (setgroups(size, groups) || enter(argv[4]) || chroot(argv[5])) return 1;
  if (*images && make_store()) return 1;
  prctl(PR_SET_NAME, argv[1]);
  for (int n = 1; n < count; n++) start();
  while (wait(NULL) > 0) start();
  return 0;
}
