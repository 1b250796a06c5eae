/* A process whose first thread ends at SIGUSR1, while another one sleeps until the process is killed. */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

static void *stay(void *nothing) {
  for (;;) pause();
  return nothing;
}

int main(void) {
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGUSR1);
  sigprocmask(SIG_BLOCK, &end, NULL);
  pthread_t thread;
  int number;
  if (pthread_create(&thread, NULL, stay, NULL) != 0) return 1;
  sigwait(&end, &number);
  pthread_exit(NULL);
}
