/* SPDX-License-Identifier: MIT */
/*
 * Runs programs of others one after the other, on Linux and on Pagewright alike, and tells how
 * each ended. For tools/conformance, which reads its output:
 *
 *     driver SECONDS LIST [FOLDER [NAME=VALUE...]]
 *
 * LIST has lines NAME ARGUMENT..., of programs in FOLDER, by default where the driver is. It
 * prints:
 *
 *     @@ begin NAME
 *     | the last lines of what it wrote
 *     @@ end NAME exit 0      or: signal 11, timeout, missing
 *
 * Each program is the leader of a session of its own, in an empty folder of its own, with
 * /dev/null as its input. It is killed with its process group after SECONDS. What it wrote goes
 * to a file first, so that it can't write between the marks of the next one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHOWN	  4000 /* bytes of the output of one program that are shown */
#define ARGUMENTS 16
#define POLL_NS	  20000000 /* between two looks at a program */

static char scratch[64]; /* where programs run; a child of it is their output */
static char output[80];

static void become(const char *folder, char **argv)
{
	char program[PATH_MAX];
	int in = open("/dev/null", O_RDONLY);
	int out = open(output, O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0666);

	signal(SIGUSR1, SIG_DFL);
	setsid();
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	if (in > 2)
		close(in);
	if (out > 2)
		close(out);
	snprintf(program, sizeof(program), "%s:/bin", folder);
	setenv("PATH", program, 0);
	setenv("TMPDIR", scratch, 1);
	snprintf(program, sizeof(program), "%s/%s", folder, argv[0]);
	argv[0] = program;
	if (!chdir(scratch))
		execv(program, argv);
	_exit(127);
}

/* Waits for one process, at most so long; returns 0 when the time is over. */
static int wait_for(pid_t pid, int seconds, int *status)
{
	struct timespec pause = { 0, POLL_NS }, now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	while (!waitpid(pid, status, WNOHANG)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= end.tv_sec)
			return 0;
		nanosleep(&pause, NULL);
	}
	return 1;
}

/* The tail of what the program wrote, each line marked. */
static void show_output(void)
{
	static char text[SHOWN + 1];
	int fd = open(output, O_RDONLY);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t length;
	char *line;

	length = size ? pread(fd, text, SHOWN, size > SHOWN ? size - SHOWN : 0) : 0;
	close(fd);
	text[length < 0 ? 0 : length] = 0;
	for (line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n"))
		printf("| %s\n", line);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	if (place->level)
		remove(path);
	return 0;
}

/* Is it a child of this process, or of the session? `session`: the pid of its leader. */
static int is_left(int pid, int session)
{
	char path[64], text[512] = "", *at;
	int parent = 0, group = 0, its_session = 0, fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	/* After the name, which may hold anything: state, parent, process group, session. */
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %*c %d %d %d", &parent, &group, &its_session) != 3)
		return 0;
	return parent == getpid() || its_session == session;
}

/* Ends what the program left: its children may be in groups of their own. */
static void end_left(int session)
{
	struct dirent *entry;
	DIR *proc;
	int found, rounds = 0;

	do {
		found = 0;
		proc = opendir("/proc");
		while (proc && (entry = readdir(proc))) {
			int pid = atoi(entry->d_name);

			if (pid <= 1 || pid == getpid() || !is_left(pid, session))
				continue;
			found = !kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		if (proc)
			closedir(proc);
	} while (found && ++rounds < 100);
}

static void run(const char *folder, int seconds, char **argv)
{
	int status = 0, ended;
	pid_t pid;

	nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	printf("@@ begin %s\n", argv[0]);
	fflush(stdout);
	pid = fork();
	if (!pid)
		become(folder, argv);
	ended = wait_for(pid, seconds, &status);
	kill(-pid, SIGKILL);
	if (!ended)
		waitpid(pid, &status, 0);
	end_left(pid);
	show_output();
	if (!ended)
		printf("@@ end %s timeout\n", argv[0]);
	else if (WIFSIGNALED(status))
		printf("@@ end %s signal %d\n", argv[0], WTERMSIG(status));
	else if (WEXITSTATUS(status) == 127)
		printf("@@ end %s missing\n", argv[0]);
	else
		printf("@@ end %s exit %d\n", argv[0], WEXITSTATUS(status));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char *words[ARGUMENTS + 1], line[1024], *folder;
	FILE *list;
	int n;

	if (argc < 3 || !(list = fopen(argv[2], "re"))) {
		fprintf(stderr, "usage: %s SECONDS LIST [FOLDER [NAME=VALUE...]]\n", argv[0]);
		return 2;
	}
	folder = argc > 3 ? argv[3] : dirname(realpath(argv[0], NULL));
	for (n = 4; n < argc; n++)
		putenv(argv[n]);
	snprintf(scratch, sizeof(scratch), "/tmp/conformance-%d", getpid());
	snprintf(output, sizeof(output), "%s.out", scratch);
	mkdir(scratch, 0777);
	chmod(scratch, 0777);
	/* A child of a program that was killed may take this process for its parent. */
	signal(SIGUSR1, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	while (fgets(line, sizeof(line), list)) {
		n = 0;
		for (char *word = strtok(line, " \n"); word && n < ARGUMENTS;
		     word = strtok(NULL, " \n"))
			words[n++] = word;
		words[n] = NULL;
		if (n)
			run(folder, atoi(argv[1]), words);
	}
	nftw(scratch, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	rmdir(scratch);
	unlink(output);
	puts("@@ all");
	return 0;
}
