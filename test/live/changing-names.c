/* changing-names NAME… [/PATH]: takes one name after the other, as fast as it can, and has a child that
   stays, called child-of-names. The path is only there to be seen. */
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int names = argc - 1;
  if (argc > 1 && argv[argc - 1][0] == '/') names--;
  if (names < 1) return 2;
  if (fork() == 0) {
    prctl(PR_SET_NAME, "child-of-names");
    for (;;) pause();
  }
  /* Whoever it must not keep from running comes first. */
  if (nice(19) == -1) return 1;
  for (int n = 0;; n = (n + 1) % names) prctl(PR_SET_NAME, argv[1 + n]);
}
