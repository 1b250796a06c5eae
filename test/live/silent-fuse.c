/*
 * silent-fuse map|read NAME DIRECTORY COUNT LIST...: processes that wait for a file system.
 *
 * This process, called NAME, serves a file system on DIRECTORY with one file, and never answers a read of it. Its
 * COUNT children add themselves to each LIST of a cgroup's processes. Killing this process ends all of it.
 *
 * map: nobody can read their memory. In each, one thread reads a mapping of the file, which waits for the page with the
 * lock of the memory held, and another waits to change the memory. Whoever then reads /proc/PID/cmdline waits behind them.
 *
 * read: SIGKILL does not end them, because the kernel waits for the answer to a read that it has sent. In every second
 * one, another thread than the main one reads. Every third one exits, and waits there: to close the file is not answered.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ROOT = 1, FILE_NODE = 2, SIZE = 1 << 20, MAX_SECONDS = 100 };
static int fuse, maps;
static char *mapping;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void answer(uint64_t request, int error, void *data, size_t length) {
  struct fuse_out_header head = {.len = sizeof head + length, .error = error, .unique = request};
  struct iovec parts[] = {{&head, sizeof head}, {data, length}};
  if (writev(fuse, parts, length > 0 ? 2 : 1) < 0 && errno != ENOENT) perror("answer");
}

static struct fuse_attr attributes(uint64_t node) {
  return (struct fuse_attr){.ino = node,
                            .nlink = 1,
                            .blksize = 4096,
                            .size = node == ROOT ? 0 : SIZE,
                            .mode = node == ROOT ? S_IFDIR | 0755 : S_IFREG | 0644};
}

static void serve(void) {
  static char bytes[SIZE + 4096];
  for (;;) {
    if (read(fuse, bytes, sizeof bytes) < 0) {
      if (errno == EINTR || errno == ENOENT) continue;
      return;
    }
    struct fuse_in_header *asked = (void *)bytes;
    switch (asked->opcode) {
      case FUSE_INIT: {
        struct fuse_init_out out = {.major = 7, .minor = 31, .max_write = 4096, .time_gran = 1};
        answer(asked->unique, 0, &out, sizeof out);
        break;
      }
      case FUSE_LOOKUP: {
        struct fuse_entry_out out = {.nodeid = FILE_NODE, .attr_valid = 1000, .entry_valid = 1000};
        out.attr = attributes(FILE_NODE);
        answer(asked->unique, 0, &out, sizeof out);
        break;
      }
      case FUSE_GETATTR: {
        struct fuse_attr_out out = {.attr_valid = 1000, .attr = attributes(asked->nodeid)};
        answer(asked->unique, 0, &out, sizeof out);
        break;
      }
      case FUSE_OPEN: {
        /* Otherwise the second to open the file waits for the page that the first one reads, and has no mapping. */
        struct fuse_open_out out = {.fh = 1, .open_flags = maps ? FOPEN_KEEP_CACHE : FOPEN_DIRECT_IO};
        answer(asked->unique, 0, &out, sizeof out);
        break;
      }
      case FUSE_READ: /* never answered */
      case FUSE_INTERRUPT:
      case FUSE_FORGET:
      case FUSE_BATCH_FORGET: break;
      case FUSE_FLUSH:
        if (!maps) break;
        /* fallthrough */
      case FUSE_RELEASE: answer(asked->unique, 0, NULL, 0); break;
      default: answer(asked->unique, -ENOSYS, NULL, 0);
    }
  }
}

/* Through /proc: the kernel then takes the lock of the memory, and keeps it while it waits. */
static void *fault(void *unused) {
  char byte;
  int memory = open("/proc/self/mem", O_RDONLY);
  if (pread(memory, &byte, 1, (off_t)(uintptr_t)mapping) < 0) perror("pread");
  return unused;
}

/* Again and again, because the other thread may be late. The test waits until this one waits for good. */
static void *change(void *unused) {
  prctl(PR_SET_NAME, "change");
  for (;;) {
    usleep(100000);
    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  return unused;
}

static void join(char **lists) {
  for (; *lists != NULL; lists++) {
    int list = open(*lists, O_WRONLY);
    if (list < 0 || write(list, "0", 1) != 1) fail(*lists);
    close(list);
  }
}

static void *await_answer(void *file) {
  char byte;
  int fd = open(file, O_RDONLY);
  if (fd < 0 || read(fd, &byte, 1) < 0) perror(file);
  return NULL;
}

static void leave(const char *file) {
  if (open(file, O_RDONLY) < 0) fail(file);
  _exit(0);
}

static void reader(char *file, int is_thread) {
  pthread_t thread;
  if (!is_thread) await_answer(file);
  else pthread_create(&thread, NULL, await_answer, file);
  for (;;) pause();
}

static void unreadable(const char *file) {
  int fd = open(file, O_RDONLY);
  if (fd < 0) fail(file);
  mapping = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
  if (mapping == MAP_FAILED) fail("mmap");
  pthread_t one, other;
  /* In this order: to start a thread changes the memory, and waits for good once "fault" has the lock. */
  pthread_create(&other, NULL, change, NULL);
  pthread_create(&one, NULL, fault, NULL);
  for (;;) pause();
}

int main(int count, char **arguments) {
  if (count < 5) return 2;
  maps = strcmp(arguments[1], "map") == 0;
  char options[200], file[4096];
  if ((fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC)) < 0) fail("/dev/fuse");
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fuse);
  if (mount("rollcall-test", arguments[3], "fuse", MS_NOSUID | MS_NODEV, options) < 0) fail("mount");
  snprintf(file, sizeof file, "%s/f", arguments[3]);
  for (int children = atoi(arguments[4]); children > 0; children--) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child > 0) continue;
    close(fuse);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    join(arguments + 5);
    if (maps) unreadable(file);
    else if (children % 3 == 0) leave(file);
    else reader(file, children % 2 == 0);
  }
  prctl(PR_SET_NAME, arguments[2]);
  alarm(MAX_SECONDS); /* so that a test that hangs does not make the machine's `ps` hang for good */
  serve();
  return 0;
}
