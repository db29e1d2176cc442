/* SPDX-License-Identifier: MIT */
/* /proc/PID/status: its lines, in the order of Linux, and what signals and groups make of it. */
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"

static const char *const names[] = {
	"Name:",
	"Umask:",
	"State:",
	"Tgid:",
	"Pid:",
	"PPid:",
	"TracerPid:",
	"Uid:",
	"Gid:",
	"FDSize:",
	"Groups:",
	"NSpid:",
	"NSpgid:",
	"NSsid:",
	"VmPeak:",
	"VmSize:",
	"VmLck:",
	"VmPin:",
	"VmHWM:",
	"VmRSS:",
	"VmData:",
	"VmStk:",
	"VmExe:",
	"VmLib:",
	"VmPTE:",
	"VmSwap:",
	"HugetlbPages:",
	"Threads:",
	"SigQ:",
	"SigPnd:",
	"ShdPnd:",
	"SigBlk:",
	"SigIgn:",
	"SigCgt:",
	"CapInh:",
	"CapPrm:",
	"CapEff:",
	"CapBnd:",
	"CapAmb:",
	"NoNewPrivs:",
	"Cpus_allowed:",
	"Cpus_allowed_list:",
	"voluntary_ctxt_switches:",
	"nonvoluntary_ctxt_switches:",
};

/* Linux has lines between these. */
static void all_lines(void)
{
	const char *line = file_text("/proc/self/status");

	for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
		while (line && !text_begins(line, names[i]))
			line = next_line(line);
		if (!line)
			tap_line(names[i]);
		EXPECT(line);
		if (!line)
			return;
	}
}

/* The line of this name, behind the name and the tab; "" without one. */
static const char *value_of(const char *path, const char *name)
{
	for (const char *line = file_text(path); line; line = next_line(line))
		if (text_begins(line, name))
			return line + strlen(name) + 1;
	return "";
}

/* The signals 1 to 32 of a set. */
static u32 set_of(const char *name)
{
	const char *digits = value_of("/proc/self/status", name);

	return *digits ? number_in(digits + 8, 16) : 0xdead;
}

static void handler(int signal)
{
	(void)signal;
}

#define BIT(signal) (1u << ((signal)-1))

static void has_signals(void *unused)
{
	const u64 blocked = BIT(SIGHUP) | BIT(SIGTERM);

	(void)unused;
	EXPECT_EQ(set_of("SigBlk:") & blocked, 0);
	EXPECT_EQ(set_of("SigCgt:"), 0);
	sys_signal(SIGUSR1, (u32)handler);
	sys_signal(SIGUSR2, (u32)SIG_IGN);
	EXPECT_EQ(set_of("SigCgt:"), BIT(SIGUSR1));
	EXPECT_EQ(set_of("SigIgn:") & (BIT(SIGUSR1) | BIT(SIGUSR2)), BIT(SIGUSR2));
	sys_signal(SIGUSR1, (u32)SIG_DFL);
	EXPECT_EQ(set_of("SigCgt:"), 0);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &blocked, NULL), 0);
	EXPECT_EQ(set_of("SigBlk:") & blocked, blocked);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGTERM), 0);
	EXPECT_EQ(sys_tkill(sys_gettid(), SIGHUP), 0);
	EXPECT_EQ(set_of("SigPnd:"), BIT(SIGHUP));
	EXPECT_EQ(set_of("ShdPnd:"), BIT(SIGTERM));
}

static void signals(void)
{
	EXPECT_CHILD(has_signals, NULL, EXITED(0));
}

static void has_groups(void *unused)
{
	static const u32 groups[] = { 5, 7 };

	(void)unused;
	EXPECT_EQ(system_call(NR_setgroups32, 2, (long)groups, 0, 0, 0, 0), 0);
	EXPECT(text_begins(value_of("/proc/self/status", "Groups:"), "5 7 \n"));
	sys_umask(027);
	EXPECT(text_begins(value_of("/proc/self/status", "Umask:"), "0027\n"));
	EXPECT_EQ(sys_dup2(1, 200), 200);
	EXPECT_EQ(number_in(value_of("/proc/self/status", "FDSize:"), 10), 256);
	EXPECT_EQ(system_call(NR_setresgid32, 11, 12, 13, 0, 0, 0), 0);
	EXPECT(text_begins(value_of("/proc/self/status", "Gid:"), "11\t12\t13\t12\n"));
	EXPECT_EQ(system_call(NR_setresuid32, 1, 0, 3, 0, 0, 0), 0);
	EXPECT(text_begins(value_of("/proc/self/status", "Uid:"), "1\t0\t3\t0\n"));
}

static void groups_and_masks(void)
{
	EXPECT_CHILD(has_groups, NULL, EXITED(0));
}

/* What has ended has no memory any more, but its signals and its parent. */
static void zombie(void)
{
	long pid = sys_fork();
	const char *path;

	if (!pid)
		sys_exit(0);
	path = proc_path((int)pid, "/status");
	while (*value_of(path, "State:") != 'Z')
		sys_sched_yield();
	EXPECT(text_begins(value_of(path, "State:"), "Z (zombie)\n"));
	EXPECT_EQ(number_in(value_of(path, "PPid:"), 10), sys_getpid());
	EXPECT(!*value_of(path, "VmSize:") && *value_of(path, "SigCgt:"));
	EXPECT_EQ(number_in(value_of(path, "Threads:"), 10), 1);
	EXPECT_EQ(sys_waitpid((int)pid, NULL, 0), pid);
}

static const struct tap_case cases[] = {
	{ "lines", all_lines },
	{ "signals", signals },
	{ "groups and masks", groups_and_masks },
	{ "a zombie", zombie },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
