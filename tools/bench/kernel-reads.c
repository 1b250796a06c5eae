/*
 * The floor for `npm run bench`: makes the reads of a list by the system calls with which rollcall makes
 * them, and nothing else. It keeps no answer and compares none, so no program that reads the same can be
 * cheaper. It does not ask Garden: that takes the agent four calls a pass.
 *
 *     kernel-reads LIST PASSES MILLISECONDS
 *
 * makes so many passes, with so many milliseconds between two of them, and prints for each the
 * nanoseconds of CPU time that it took, and how many reads failed. It exits with 2 if there is no list.
 * tools/bench/read-lists.ts makes the lists, and says what a quiet pass reads. After the last pass of a
 * list comes its first one. A line is
 *
 *     r PATH   open, read until nothing comes, close
 *     s PATH   statx
 *     l PATH   open a directory, fstat, getdents until nothing comes, close
 *     c PATH   chdir
 *     -        the end of a pass
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Each function that reads returns 0, or -1 if that failed. */

static int read_whole(const char *path)
{
	static char bytes[1 << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (read(fd, bytes, sizeof bytes) > 0)
		;
	return close(fd);
}

static int list_directory(const char *path)
{
	DIR *directory = opendir(path);
	if (!directory)
		return -1;
	while (readdir(directory))
		;
	return closedir(directory);
}

/* Makes the read that a line of a list says. */
static int make(const char *line)
{
	const char *path = line + 2;
	struct statx found;
	switch (line[0]) {
	case 'r':
		return read_whole(path);
	case 's':
		return statx(AT_FDCWD, path, 0, STATX_ALL, &found);
	case 'l':
		return list_directory(path);
	default:
		return chdir(path);
	}
}

static long long cpu_nanoseconds(void)
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return at.tv_sec * 1000000000LL + at.tv_nsec;
}

struct list {
	char **lines;
	size_t length;
};

/* The lines of a file, without their newlines; none if it cannot be read. */
static struct list lines_of(const char *path)
{
	struct list found = {NULL, 0};
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	FILE *file = fopen(path, "r");
	if (!file)
		return found;
	while ((size = getline(&line, &room, file)) > 0) {
		line[size - 1] = 0;
		found.lines = realloc(found.lines, (found.length + 1) * sizeof *found.lines);
		found.lines[found.length] = strdup(line);
		found.length++;
	}
	fclose(file);
	free(line);
	return found;
}

/* Makes the reads of the pass that begins at a line, and prints its cost. Returns where the next begins. */
static size_t make_pass(struct list list, size_t at)
{
	long long start = cpu_nanoseconds();
	int failed = 0;
	while (list.lines[at][0] != '-') {
		if (make(list.lines[at]) < 0)
			failed++;
		at++;
	}
	printf("%lld %d\n", cpu_nanoseconds() - start, failed);
	fflush(stdout);
	return (at + 1) % list.length;
}

int main(int count, char **arguments)
{
	if (count != 4) {
		fprintf(stderr, "usage: kernel-reads LIST PASSES MILLISECONDS\n");
		return 2;
	}
	struct list list = lines_of(arguments[1]);
	long passes = atol(arguments[2]);
	long milliseconds = atol(arguments[3]);
	if (list.length == 0) {
		fprintf(stderr, "kernel-reads: %s has no lines\n", arguments[1]);
		return 2;
	}
	size_t at = 0;
	for (long made = 0; made < passes; made++) {
		at = make_pass(list, at);
		usleep(milliseconds * 1000);
	}
	return 0;
}
