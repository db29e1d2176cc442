/* SPDX-License-Identifier: MIT */
/*
 * What terminal.t types at: lines, signals, jobs in the background, single characters. It starts
 * as the leader of a session, with the terminal as the controlling one.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static char line[256];

static void say(const char *text)
{
	if (write(1, text, strlen(text)) < 0)
		_exit(9);
}

static void say_number(const char *text, int number)
{
	char all[100];

	snprintf(all, sizeof(all), "%s %d\n", text, number);
	say(all);
}

static int read_line(void)
{
	int count = (int)read(0, line, sizeof(line) - 1);

	line[count > 0 ? count : 0] = '\0';
	return count < 0 ? -errno : count;
}

static void caught(int signal)
{
	say_number("caught", signal);
}

/* A child in a group of its own; in the foreground if `foreground`. */
static int job(void (*body)(void), int foreground)
{
	int pid = fork();

	if (!pid) {
		signal(SIGTTOU, SIG_IGN);
		setpgid(0, 0);
		if (foreground)
			tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		body();
		_exit(0);
	}
	setpgid(pid, pid);
	if (foreground)
		tcsetpgrp(0, pid);
	return pid;
}

static void told(int pid)
{
	int status;

	if (waitpid(pid, &status, WUNTRACED) != pid)
		say("no status\n");
	else if (WIFSTOPPED(status))
		say_number("stopped by", WSTOPSIG(status));
	else if (WIFSIGNALED(status))
		say_number("ended by", WTERMSIG(status));
	else
		say_number("status", WEXITSTATUS(status));
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(0, getpgrp());
	signal(SIGTTOU, SIG_DFL);
}

static void waits(void)
{
	say("job waits\n");
	for (;;)
		pause();
}

static void reads(void)
{
	say_number("job reads", read_line());
}

static void changes(void)
{
	struct termios settings;

	tcgetattr(0, &settings);
	tcsetattr(0, TCSANOW, &settings);
}

static void jobs(void)
{
	int pid = job(waits, 1);

	told(pid);
	tcsetpgrp(0, pid);
	kill(-pid, SIGCONT);
	say("again\n");
	told(pid);
	pid = job(reads, 0);
	told(pid);
	tcsetpgrp(0, pid);
	kill(-pid, SIGCONT);
	told(pid);
	pid = job(changes, 0);
	told(pid);
	kill(pid, SIGKILL);
	told(pid);
}

static void single_characters(void)
{
	struct termios saved, raw;
	struct pollfd item = { 0, POLLIN, 0 };

	tcgetattr(0, &saved);
	raw = saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 3;
	raw.c_cc[VTIME] = 0;
	tcsetattr(0, TCSANOW, &raw);
	say("raw\n");
	say_number("read", read_line());
	for (int i = 0; line[i]; i++)
		say_number("character", line[i]);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 1;
	tcsetattr(0, TCSANOW, &raw);
	say_number("read", read_line());
	say_number("ready", poll(&item, 1, 0));
	tcsetattr(0, TCSAFLUSH, &saved);
}

int main(void)
{
	struct winsize size = { 0 };
	struct sigaction action = { .sa_handler = caught };
	int fd = open("/dev/tty", O_RDWR);

	ioctl(0, TIOCGWINSZ, &size);
	say_number("columns", size.ws_col);
	say_number("rows", size.ws_row);
	say_number("leads", getsid(0) == getpid() && tcgetpgrp(fd) == getpid());
	sigaction(SIGINT, &action, NULL);
	say("line\n");
	say_number("read", read_line());
	say(line);
	say("interrupt\n");
	say_number("read", read_line());
	signal(SIGINT, SIG_DFL);
	jobs();
	single_characters();
	say("end\n");
	say_number("read", read_line());
	return 5;
}
