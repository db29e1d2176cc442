/* SPDX-License-Identifier: MIT */
/*
 * Process 1 of a Linux guest: runs ring-3 programs, so that Linux can be asked where the
 * machine's own kernel runs no i386 programs.
 *
 *   linux_oracle.py ──> QEMU: Debian's kernel + initramfs { /init, /orders, /tests/... }
 *               serial line <── what follows
 *
 *   oracle: begin NAME ...      a line of /orders: a program and its arguments, blanks between
 *   | LINE                      what it prints, standard output and error together
 *   oracle: end STATUS          its exit status, or 128 and the signal that ended it
 *   oracle: done                all of them ran
 *
 * A program gets what Pagewright gives it: its path as argument 0, an empty environment,
 * /dev/null as standard input.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16
#define SECONDS_MAX \
	300 /* for one program: one that hangs must not keep the others from their turns */

static pid_t child;

static void time_is_over(int signal)
{
	(void)signal;
	kill(child, SIGKILL);
}

static void mount_or_say(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL))
		printf("oracle: mount %s: %s\n", where, strerror(errno));
}

/* Linux's own defaults; Debian's kernels protect links and files in /tmp from the start. */
static void allow_links(void)
{
	static const char *const names[] = { "symlinks", "hardlinks", "fifos", "regular" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/sys/fs/protected_%s", names[i]);
		fd = open(path, O_WRONLY);
		if (fd < 0 || write(fd, "0", 1) != 1)
			printf("oracle: %s: %s\n", path, strerror(errno));
		close(fd);
	}
}

/* The child's side: takes the order apart and executes it. */
static void start(char *order, int output)
{
	char *arguments[ARGUMENTS_MAX + 1] = { NULL }, *none[] = { NULL }, path[256];
	int count = 0, input = open("/dev/null", O_RDONLY);

	for (char *word = strtok(order, " "); word && count < ARGUMENTS_MAX;
	     word = strtok(NULL, " "))
		arguments[count++] = word;
	snprintf(path, sizeof(path), "/tests/%s", arguments[0]);
	arguments[0] = path;
	dup2(input, 0);
	dup2(output, 1);
	dup2(output, 2);
	for (int fd = 3; fd < 16; fd++)
		close(fd);
	execve(path, arguments, none);
	_exit(127);
}

/*
 * Copies what comes, each line marked, until the program and its children have closed their
 * output.
 */
static void copy_lines(FILE *from)
{
	int c, before = '\n';

	for (; (c = getc(from)) != EOF; before = c) {
		if (before == '\n')
			fputs("| ", stdout);
		putchar(c);
	}
	if (before != '\n')
		putchar('\n');
}

static void run(char *order)
{
	int ends[2], status = 0;
	FILE *from;

	printf("oracle: begin %s\n", order);
	fflush(stdout);
	if (pipe(ends))
		exit(1);
	child = fork();
	if (!child)
		start(order, ends[1]);
	alarm(SECONDS_MAX);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	copy_lines(from);
	fclose(from);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	alarm(0);
	kill(-1, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	printf("oracle: end %d\n",
	       WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	fflush(stdout);
}

int main(void)
{
	FILE *orders = fopen("/orders", "re");
	struct termios serial;
	char order[4096];

	/* The output of programs is copied unchanged. */
	tcgetattr(1, &serial);
	cfmakeraw(&serial);
	tcsetattr(1, TCSANOW, &serial);

	mount_or_say("devtmpfs", "/dev");
	mount_or_say("proc", "/proc");
	mount_or_say("sysfs", "/sys");
	mount_or_say("tmpfs", "/tmp");
	mount_or_say("tmpfs", "/dev/shm");
	allow_links();
	signal(SIGALRM, time_is_over);
	while (orders && fgets(order, sizeof(order), orders)) {
		order[strcspn(order, "\n")] = '\0';
		run(order);
	}
	printf("oracle: done\n");
	fflush(stdout);
	tcdrain(1);
	reboot(RB_AUTOBOOT);
	return 1;
}
