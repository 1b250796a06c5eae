/*
 * The floor for `npm run bench`: makes the reads of a list by the system calls with which rollcall makes
 * them, and nothing else. It keeps no answer and compares none, so no program that reads the same can be
 * cheaper. It does not ask Garden: that takes the agent four calls a pass.
 *
 *     kernel-reads LIST PASSES MILLISECONDS
 *
 * makes so many passes, with so many milliseconds between two of them, and prints for each the
 * nanoseconds of CPU time that it took, and how many reads failed. tools/bench/read-lists.ts makes the
 * lists, and says what a quiet pass reads. After the last pass of a list comes its first one. A line is
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

static int list(const char *path)
{
	DIR *directory = opendir(path);
	if (!directory)
		return -1;
	while (readdir(directory))
		;
	return closedir(directory);
}

static int make(char kind, const char *path)
{
	struct statx found;
	switch (kind) {
	case 'r':
		return read_whole(path);
	case 's':
		return statx(AT_FDCWD, path, 0, STATX_ALL, &found);
	case 'l':
		return list(path);
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

int main(int count, char **arguments)
{
	char **lines = NULL, *line = NULL;
	size_t length = 0, room = 0, at = 0;
	FILE *file = count == 4 ? fopen(arguments[1], "r") : NULL;
	for (ssize_t size; file && (size = getline(&line, &room, file)) > 0;) {
		line[size - 1] = 0;
		lines = realloc(lines, (length + 1) * sizeof *lines);
		lines[length++] = strdup(line);
	}
	if (!length)
		return 2;
	for (long passes = atol(arguments[2]); passes > 0; passes--) {
		long long start = cpu_nanoseconds();
		int failed = 0;
		for (; lines[at][0] != '-'; at++)
			failed += make(lines[at][0], lines[at] + 2) < 0;
		at = (at + 1) % length;
		printf("%lld %d\n", cpu_nanoseconds() - start, failed);
		fflush(stdout);
		usleep(atol(arguments[3]) * 1000);
	}
}
