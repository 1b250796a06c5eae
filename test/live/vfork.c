/* The child of a vfork that never ends: its parent waits, and both have the same memory. */
#include <unistd.h>

int main(void) {
  if (vfork() == 0)
    for (;;) pause();
  return 0;
}
