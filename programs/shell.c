/* SPDX-License-Identifier: MIT */
/*
 * shell: BusyBox's sh where there is BusyBox, else a small monitor: it starts the programs of
 * /bin, and shows files. `run=/bin/shell` starts it.
 *
 *   /programs/busybox, /bin/busybox ──> exec sh
 *   else: read a line ──> builtin, or fork, exec /bin/WORD, wait
 */
#include "programs/runtime/runtime.h"
#include "tests/ring3/runtime/signal_calls.h"

#define LINE_SIZE 512u
#define WORDS_MAX 32u

static const char *const help =
	"frames            a picture of all memory, by owner\n"
	"buddy             the free lists of the buddy system\n"
	"slabs [N]         the caches with the most memory\n"
	"areas [PID]       the areas of a process, and what of them is in memory\n"
	"pagetable PID [ADDRESS]   the page tables of a process\n"
	"hog N [SECONDS]   takes N MiB\n"
	"cow               copy on write, frame by frame\n"
	"show FILE         a file, such as /proc/meminfo\n"
	"kill PID          ends a process\n"
	"PATH ARGUMENTS    any program; & at the end: in the background\n"
	"exit [STATUS]     ends the machine\n";

/* The next line of the input; false at its end. Longer lines are cut. */
static bool read_line(char *line)
{
	u32 length = 0;
	char c;

	for (;;) {
		long done = sys_read(0, &c, 1);

		if (done == -EINTR)
			continue;
		if (done <= 0)
			return length;
		if (c == '\n')
			break;
		if (length < LINE_SIZE - 1)
			line[length++] = c;
	}
	line[length] = '\0';
	return true;
}

static void show(const char *path)
{
	char buffer[4096];
	long fd = sys_open(path, O_RDONLY), done;

	if (fd < 0) {
		say("%s: error %ld\n", path, -fd);
		return;
	}
	while ((done = sys_read((int)fd, buffer, sizeof(buffer))) > 0)
		sys_write(1, buffer, (u32)done);
	sys_close((int)fd);
}

/* Tells how a process ended, if not by the status 0. */
static void tell_end(long pid, int status)
{
	if (status & 0x7f)
		say("[%ld] signal %d\n", pid, status & 0x7f);
	else if (status)
		say("[%ld] status %d\n", pid, status >> 8);
}

static void execute(const char *const *words)
{
	char path[LINE_SIZE + 8];
	long err;

	scnprintf(path, sizeof(path), "%s%s", strchr(words[0], '/') ? "" : "/bin/", words[0]);
	err = sys_execve(path, words, (const char *const *)start_environment);
	die("%s: error %ld; help tells what there is\n", words[0], -err);
}

static void start(const char *const *words, bool background)
{
	long pid = sys_fork();
	int status;

	if (!pid)
		execute(words);
	if (pid < 0) {
		say("fork: error %ld\n", -pid);
		return;
	}
	if (background)
		say("[%ld]\n", pid);
	else if (sys_waitpid((int)pid, &status, 0) == pid)
		tell_end(pid, status);
}

static void obey(const char *const *words, bool background)
{
	if (!strcmp(words[0], "help"))
		say("%s", help);
	else if (!strcmp(words[0], "exit"))
		sys_exit_group((int)decimal(words[1] ? words[1] : "0"));
	else if (!strcmp(words[0], "show") && words[1])
		show(words[1]);
	else if (!strcmp(words[0], "kill") && words[1])
		sys_kill((int)decimal(words[1]), SIGTERM);
	else
		start(words, background);
}

static void monitor(void)
{
	const char *words[WORDS_MAX + 1];
	char line[LINE_SIZE];
	int status;
	long pid;

	say("Pagewright's monitor. help tells what there is; `make clients` fetches BusyBox's "
	    "sh.\n");
	for (;;) {
		char *rest = line;
		bool background;
		u32 count = 0;

		while ((pid = sys_waitpid(-1, &status, WNOHANG)) > 0)
			tell_end(pid, status);
		say("> ");
		if (!read_line(line))
			break;
		while (count < WORDS_MAX && *(words[count] = next_word(&rest)))
			count++;
		background = count && !strcmp(words[count - 1], "&");
		words[count -= background] = NULL;
		if (count)
			obey(words, background);
	}
}

int main(void)
{
	static const char *const places[] = { "/programs/busybox", "/bin/busybox" };
	static const char *const words[] = { "sh", NULL };

	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		sys_execve(places[i], words, (const char *const *)start_environment);
	monitor();
	return 0;
}
