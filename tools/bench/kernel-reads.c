/*
 * The cost of the same reads without a runtime, for `npm run bench`:
 *
 *     kernel-reads mountinfo FILE ROUNDS  reads until two reads agree, then parses every field
 *     kernel-reads walk DIRECTORY ROUNDS  the members of each directory of the tree, with inodes
 *
 * Prints one line per round, in nanoseconds of CPU time: `<read> <parse> <what was found>` for
 * mountinfo, `<all> 0 <what was found>` for walk, so that the caller can check that both did the
 * same work.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "kernel-reads: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long long now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return at.tv_sec * 1000000000LL + at.tv_nsec;
}

struct text {
	char *bytes;
	size_t length, room;
};

static void read_whole(int directory, const char *path, struct text *text)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	text->length = 0;
	if (fd < 0) {
		if (errno == ENOENT)
			return;
		fail(path);
	}
	for (;;) {
		if (text->length == text->room) {
			text->room = text->room ? 2 * text->room : 65536;
			text->bytes = realloc(text->bytes, text->room);
			if (!text->bytes)
				fail("realloc");
		}
		ssize_t got = read(fd, text->bytes + text->length, text->room - text->length);
		if (got < 0 && errno != ENODEV)
			fail(path);
		if (got <= 0)
			break;
		text->length += got;
	}
	close(fd);
}

/* The parser splits and unescapes fields in place. */

struct mount {
	unsigned id, parent_id, major, minor, option_count, super_option_count;
	char *root, *mount_point, *options, *optional, *type, *source, *super_options;
};

static struct mount *mounts;
static size_t mount_count, mount_room;

static char *unescape(char *field)
{
	char *from = strchr(field, '\\');
	if (!from)
		return field;
	for (char *to = from;; to++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' && from[2] <= '7' &&
		    from[3] >= '0' && from[3] <= '7') {
			*to = (from[1] - '0') * 64 + (from[2] - '0') * 8 + from[3] - '0';
			from += 4;
		} else if (!(*to = *from++))
			return field;
	}
}

static char *cut(char **rest, char until)
{
	char *field = *rest, *end = field ? strchr(field, until) : NULL;
	if (end)
		*end = 0;
	*rest = end ? end + 1 : NULL;
	return field;
}

/* Splits a list at its commas and unescapes each part. */
static unsigned cut_options(char *list)
{
	unsigned count = 0;
	for (char *one = cut(&list, ','); one; one = cut(&list, ','), count++)
		unescape(one);
	return count;
}

static void parse_line(char *line)
{
	struct mount mount = {0};
	char *end;
	mount.id = strtoul(line, &end, 10);
	mount.parent_id = strtoul(end, &end, 10);
	mount.major = strtoul(end, &end, 10);
	mount.minor = strtoul(end + 1, &end, 10);
	char *rest = end + 1;
	mount.root = cut(&rest, ' ');
	mount.mount_point = cut(&rest, ' ');
	mount.options = cut(&rest, ' ');
	mount.optional = rest;
	char *separator = rest && rest[0] == '-' && rest[1] == ' ' ? rest : rest ? strstr(rest, " - ") : NULL;
	if (!separator)
		return;
	rest = separator + (separator == rest ? 2 : 3);
	*separator = 0;
	mount.type = cut(&rest, ' ');
	mount.source = cut(&rest, ' ');
	mount.super_options = rest;
	if (!mount.super_options)
		return;
	unescape(mount.root);
	unescape(mount.mount_point);
	unescape(mount.type);
	unescape(mount.source);
	mount.option_count = cut_options(mount.options);
	mount.super_option_count = cut_options(mount.super_options);
	if (mount_count == mount_room) {
		mount_room = mount_room ? 2 * mount_room : 1024;
		mounts = realloc(mounts, mount_room * sizeof *mounts);
		if (!mounts)
			fail("realloc");
	}
	mounts[mount_count++] = mount;
}

static void mountinfo(const char *path)
{
	static struct text one, other;
	long long start = now();
	struct text *last = &other, *text = &one;
	read_whole(AT_FDCWD, path, last);
	for (int attempt = 0; attempt < 8; attempt++) {
		read_whole(AT_FDCWD, path, text);
		if (text->length == last->length && !memcmp(text->bytes, last->bytes, text->length))
			break;
		struct text *swap = last;
		last = text;
		text = swap;
	}
	long long read = now();
	mount_count = 0;
	for (char *line = text->bytes, *end = line + text->length; line < end;) {
		char *newline = memchr(line, '\n', end - line);
		if (!newline)
			break;
		*newline = 0;
		parse_line(line);
		line = newline + 1;
	}
	printf("%lld %lld %zu\n", read - start, now() - read, mount_count);
}

/* The scans parse and keep each pid, as any reader would. */

static int *pids;
static size_t pid_count, pid_room;
static unsigned long long inode_sum;

static void members(int directory, const char *path)
{
	static struct text text;
	read_whole(directory, path, &text);
	int pid = 0;
	for (size_t at = 0; at < text.length; at++) {
		if (text.bytes[at] != '\n') {
			pid = pid * 10 + text.bytes[at] - '0';
			continue;
		}
		if (pid_count == pid_room) {
			pid_room = pid_room ? 2 * pid_room : 1024;
			pids = realloc(pids, pid_room * sizeof *pids);
			if (!pids)
				fail("realloc");
		}
		pids[pid_count++] = pid;
		pid = 0;
	}
}

static DIR *open_directory(int directory, const char *path)
{
	int fd = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	DIR *stream = fdopendir(fd);
	if (!stream)
		fail(path);
	return stream;
}

static int is_child(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

/* A directory without children has two links, so it need not be listed. */
static void walk(int parent, const char *name)
{
	char file[300];
	struct stat stat;
	if (fstatat(parent, name, &stat, 0))
		fail(name);
	inode_sum += stat.st_ino;
	snprintf(file, sizeof file, "%s/cgroup.procs", name);
	members(parent, file);
	if (stat.st_nlink == 2)
		return;
	DIR *stream = open_directory(parent, name);
	for (struct dirent *entry; (entry = readdir(stream));)
		if (is_child(entry))
			walk(dirfd(stream), entry->d_name);
	closedir(stream);
}

static void scan(const char *path)
{
	long long start = now();
	pid_count = 0;
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	walk(fd, ".");
	close(fd);
	printf("%lld 0 %zu\n", now() - start, pid_count);
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	for (int left = atoi(arguments[3]); left > 0; left--) {
		if (!strcmp(arguments[1], "mountinfo"))
			mountinfo(arguments[2]);
		else
			scan(arguments[2]);
	}
	return 0;
}
