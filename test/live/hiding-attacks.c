/*
 * Renames a cgroup v1 directory without a pause, until it is killed: in the given parent, to PREFIX0,
 * PREFIX1, … It begins with PREFIX0, which must exist.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc != 3) return 64;
  int parent = open(argv[1], O_RDONLY | O_DIRECTORY);
  if (parent < 0) return 1;
  char names[2][128];
  int now = 0;
  snprintf(names[now], sizeof names[now], "%s0", argv[2]);
  for (unsigned long turn = 1;; turn++) {
    snprintf(names[!now], sizeof names[!now], "%s%lu", argv[2], turn);
    if (renameat(parent, names[now], parent, names[!now]) == 0) now = !now;
    else if (errno == ENOENT) return 2;
  }
}
