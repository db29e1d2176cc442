/* SPDX-License-Identifier: MIT */
/*
 * Running a ring-3 program: its start, the wait for its end, what is made of its status, its
 * output, the processes and the memory that it leaves, and which programs of the archive run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/namei.h"
#include "fs/tmpfs/initramfs.h"
#include "kernel/harness/programs.h"

static char did[1200];

static void note(const char *format, ...) __printf(1, 2);

static bool model_next(size_t *cursor, struct initramfs_entry *entry);
static int model_find(const char *path, struct initramfs_entry *entry);
static int model_lookup(const char *path, struct inode **found);

#define initramfs_next			      model_next
#define initramfs_find			      model_find
#define path_lookup(from, path, flags, found) model_lookup(path, found)
#include "kernel/harness/programs.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct task *current;
LIST_HEAD(task_list);
struct orders_option orders_option;
bool run_may_end;
enum run_end run_end;

static struct task self, child;
static jmp_buf exited;
static int no_files, no_folder, no_exec, bad_cwd;
static bool no_task, memory_differs, lacks_tick, may_end_meanwhile;
static enum tap_verdict verdict;
static enum outcome explored;

/* What do_wait() reports, one after the other; then there is no child. */
static struct {
	int pid, status;
} news[12];
static u32 nr_news, next_news, orphans, sleeps;
static bool is_slow;   /* the child ends after the limit */
static bool each_ends; /* each child has the same news */

static void note(const char *format, ...)
{
	size_t length = strlen(did);
	va_list list;

	va_start(list, format);
	vsnprintf(did + length, sizeof(did) - length, format, list);
	va_end(list);
}

/* ---- The archive ---- */

static const struct {
	const char *name;
	u32 mode;
} archive[] = {
	{ "tests", S_IFDIR | 0755 },	   { "tests/cow", S_IFREG | 0755 },
	{ "bench/loops", S_IFREG | 0755 }, { "tests/fpu_signals", S_IFREG | 0755 },
	{ "tests/sub", S_IFDIR | 0755 },   { "test/x", S_IFREG | 0755 },
	{ "tests/swap", S_IFREG | 0755 },
};
static bool has_operations;

static bool model_next(size_t *cursor, struct initramfs_entry *entry)
{
	if (*cursor >= ARRAY_SIZE(archive))
		return false;
	entry->name = archive[*cursor].name;
	entry->mode = archive[(*cursor)++].mode;
	return true;
}

static int model_find(const char *path, struct initramfs_entry *entry)
{
	(void)entry;
	return !strcmp(path, "/bench/loops") || (has_operations && strstr(path, "operations"))
		       ? 0
		       : -ENOENT;
}

/* ---- The kernel ---- */

static int model_lookup(const char *path, struct inode **found)
{
	*found = (struct inode *)&self;
	note("lookup %s ", path);
	return no_folder;
}

int fs_set_cwd(struct inode *folder)
{
	EXPECT(folder == (struct inode *)&self);
	note("cwd ");
	return bad_cwd;
}

int console_files(struct task *task)
{
	EXPECT(task == current);
	note("files ");
	return no_files;
}

int do_execve(const char *path, const struct exec_strings *argv, const struct exec_strings *envp,
	      struct pt_regs *regs)
{
	EXPECT(regs == (struct pt_regs *)did);
	note("execve %s %s %s ", path, argv->kernel[0], envp->kernel[0] ? envp->kernel[0] : "-");
	return no_exec;
}

struct pt_regs *task_regs(struct task *task)
{
	EXPECT(task == current);
	return (struct pt_regs *)did;
}

void do_exit(int status)
{
	note("exit %d ", status >> 8);
	longjmp(exited, 1);
}

const char *program_name(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	EXPECT(function == start_program && argument);
	note("task %s ", name);
	if (each_ends)
		next_news = 0;
	return no_task ? NULL : &child;
}

void task_set_policy(struct task *task, const struct sched_policy *policy)
{
	EXPECT(task == current);
	note("priority %u ", policy->priority);
}

int do_wait(int pid, int *status, int options)
{
	may_end_meanwhile = run_may_end;
	EXPECT(pid == -1 && (!options || options == WNOHANG));
	if (is_slow && options == WNOHANG && !strstr(did, "end ")) {
		*status = 0;
		return 0;
	}
	if (next_news == nr_news)
		return -ECHILD;
	*status = news[next_news].status;
	return news[next_news++].pid;
}

u32 sleep_for_child(u32 ticks)
{
	sleeps++;
	return ticks > 100 ? ticks - 100 : 0;
}

u32 end_processes(void)
{
	u32 count = orphans;

	orphans = 0;
	return count;
}

const char *proc_state(const struct task *task)
{
	return task->state == TASK_ZOMBIE ? "Z (zombie)" : "S (sleeping)";
}

const char *task_wait_place(const struct task *task)
{
	return task->pid == 8 ? "pipe_read" : "0";
}

void orders_begin(void)
{
	note("begin ");
}

void orders_follow(struct order_path *path)
{
	EXPECT(path == (struct order_path *)did);
	note("follow ");
}

void orders_end(void)
{
	note("end ");
}

void tap_begin(struct program_tap *tap)
{
	*tap = (struct program_tap){ .plan = 3, .results = 2, .failed = 1 };
}

enum tap_verdict tap_end(struct program_tap *tap)
{
	EXPECT_EQ(tap->plan, 3);
	return verdict;
}

void console_output_to(struct program_tap *tap, bool quiet)
{
	EXPECT(!quiet);
	note(tap ? "output " : "no-output ");
}

void console_end_line(void)
{
	note("line ");
}

void leftovers_remove(int blanks)
{
	EXPECT_EQ(blanks, 0);
	note("leftovers ");
}

void memory_check_begin(struct memory_state *state)
{
	state->mark = 77;
	note("check ");
}

bool memory_check_end(const struct memory_state *state, int blanks)
{
	EXPECT(state->mark == 77 && !blanks);
	note("checked ");
	return !memory_differs;
}

bool report_without_tick(const char *kind, const char *name, const char *patterns)
{
	EXPECT(!strcmp(kind, "ring3/") && strstr(patterns, "vfork"));
	return lacks_tick && !strncmp(name, "fpu", 3);
}

void report_subtest(const char *kind, const char *name)
{
	printk("<%s%s>\n", kind, name);
}

void report_result(const char *kind, const char *name, enum outcome outcome)
{
	static const char *const words[] = { "passed", "failed", "skipped", "timed out" };

	printk("<%s%s %s>\n", kind, name, words[outcome]);
}

enum outcome explore_cases(const struct program_start *start, const struct program_tap *tap)
{
	EXPECT(start->is_test && tap->plan == 3);
	note("explore ");
	return explored;
}

enum outcome replay_case(const struct program_start *start, struct program_tap *tap)
{
	(void)tap;
	EXPECT(start->is_test);
	note("replay ");
	return OUTCOME_FAILED;
}

/* ---- The cases ---- */

static const char *const words[] = { "/tests/cow", NULL }, *const none[] = { NULL };

static void begin(void)
{
	did[0] = '\0';
	console_clear();
	current = &self;
	child.pid = 5;
	list_init(&task_list);
	nr_news = next_news = sleeps = orphans = 0;
	verdict = TAP_NONE;
	is_slow = false;
}

static void ends_with(int pid, int status)
{
	news[nr_news].pid = pid;
	news[nr_news++].status = status;
}

static void start_of(const char *cwd)
{
	struct program_start start = { words, none, .cwd = cwd };

	did[0] = '\0';
	console_clear();
	if (!setjmp(exited))
		start_program(&start);
}

static void starts(void)
{
	begin();
	start_of(NULL);
	EXPECT_TEXT(did, "files execve /tests/cow /tests/cow - ");
	start_of("/tmp");
	EXPECT_TEXT(did, "files lookup /tmp cwd execve /tests/cow /tests/cow - ");
	EXPECT_TEXT(console_text(), "");
	no_exec = -ENOEXEC;
	start_of(NULL);
	EXPECT_TEXT(did, "files execve /tests/cow /tests/cow - exit 127 ");
	EXPECT_TEXT(console_text(), "init: error: path=/tests/cow errno=8: it can't be started\n");
	no_folder = -ENOENT;
	start_of("/tmp");
	EXPECT_TEXT(did, "files lookup /tmp exit 127 ");
	EXPECT_TEXT(console_text(), "init: error: path=/tests/cow errno=2: it can't be started\n");
	no_folder = 0;
	bad_cwd = -EACCES;
	start_of("/tmp");
	EXPECT_TEXT(did, "files lookup /tmp cwd exit 127 ");
	no_files = -ENOMEM;
	start_of("/tmp");
	EXPECT_TEXT(did, "files exit 127 ");
}

/* A program of a test by what it did; `lines`: of the log. */
static enum outcome outcome_of(bool is_test, u32 limit)
{
	struct program_start start = { words, none, .is_test = is_test };
	struct program_tap tap;

	return program_execute(&start, &tap, limit, NULL);
}

static void statuses(void)
{
	static const struct {
		int status;
		u32 orphans;
		enum tap_verdict verdict;
		enum outcome outcome;
		const char *lines;
	} cases[] = {
		{ 0, 0, TAP_NONE, OUTCOME_PASSED, "" },
		{ 0, 0, TAP_PASSED, OUTCOME_PASSED, "" },
		{ 0, 0, TAP_SKIPPED, OUTCOME_SKIPPED, "" },
		{ 0, 0, TAP_FAILED, OUTCOME_FAILED,
		  "init: tap=failed plan=3 results=2 not_ok=1\n" },
		{ 3 << 8, 0, TAP_PASSED, OUTCOME_FAILED, "init: ended with status=3\n" },
		{ SIGSEGV | 0x80, 0, TAP_SKIPPED, OUTCOME_FAILED, "init: ended by signal=11\n" },
		{ 0, 2, TAP_PASSED, OUTCOME_FAILED, "init: orphans=2\n" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		ends_with(7, 1 << 8); /* an orphan ends first */
		ends_with(5, cases[i].status);
		ends_with(9, 2 << 8); /* and another one after it */
		orphans = cases[i].orphans;
		verdict = cases[i].verdict;
		EXPECT_EQ(outcome_of(true, 0), cases[i].outcome);
		EXPECT_TEXT(console_text(), cases[i].lines);
		EXPECT_TEXT(did, "task cow priority 100 begin end priority 0 ");
		EXPECT(!may_end_meanwhile && next_news == 3);
	}
	begin();
	no_task = true;
	EXPECT_EQ(outcome_of(true, 0), OUTCOME_FAILED);
	EXPECT_TEXT(console_text(), "init: ended with status=127\n");
	no_task = false;
}

static void order_of_a_path(void)
{
	struct program_start start = { words, none, .is_test = true };
	struct program_tap tap;

	begin();
	ends_with(5, 0);
	EXPECT_EQ(program_execute(&start, &tap, 10, (struct order_path *)did), OUTCOME_PASSED);
	EXPECT_TEXT(did, "task cow priority 100 follow end priority 0 ");
	EXPECT_EQ(sleeps, 0);
}

/* Its tasks and those that ended are named, and all are killed. */
static void time_is_over(void)
{
	static struct mm_struct space;
	static struct task places[4] = {
		{ .pid = 8, .tgid = 7, .name = "waits", .mm = &space },
		{ .pid = 9, .tgid = 9, .name = "ended", .state = TASK_ZOMBIE },
		{ .pid = 1, .tgid = 1, .name = "init" },
	};

	for (u32 is_test = 0; is_test < 2; is_test++) {
		begin();
		for (u32 i = 0; i < 3; i++)
			list_add_tail(&places[i].link, &task_list);
		is_slow = true;
		orphans = 3;
		ends_with(5, SIGKILL);
		EXPECT_EQ(outcome_of(is_test, 2), OUTCOME_TIMED_OUT);
		EXPECT_EQ(sleeps, 2 * HZ / 100);
		EXPECT_TEXT(console_text(),
			    is_test ? "stall: pid=8 tgid=7 name=waits state=S place=pipe_read\n"
				      "stall: pid=9 tgid=9 name=ended state=Z place=0\n"
				      "init: ended by signal=9\n"
				      "init: limit=2 unit=s killed=3\n"
				    : "stall: pid=8 tgid=7 name=waits state=S place=pipe_read\n"
				      "stall: pid=9 tgid=9 name=ended state=Z place=0\n"
				      "run: path=/tests/cow signal=9\n"
				      "init: limit=2 unit=s killed=3\n");
	}
}

/* run=: it may end in any way, and end the run. */
static void no_test(void)
{
	static const char *const ends[] = { NULL, "power-off", "restart", "halt" };
	char expected[80];

	begin();
	ends_with(5, 3 << 8);
	orphans = 4;
	verdict = TAP_FAILED;
	EXPECT_EQ(outcome_of(false, 0), OUTCOME_PASSED);
	EXPECT_TEXT(console_text(), "run: path=/tests/cow status=3\n");
	EXPECT(may_end_meanwhile && !run_may_end);
	begin();
	ends_with(5, SIGSEGV);
	outcome_of(false, 0);
	EXPECT_TEXT(console_text(), "run: path=/tests/cow signal=11\n");
	for (u32 i = RUN_POWER_OFF; i <= RUN_HALT; i++) {
		begin();
		ends_with(5, SIGKILL);
		run_end = (enum run_end)i;
		outcome_of(false, 0);
		snprintf(expected, sizeof(expected), "run: path=/tests/cow status=0 end=%s\n",
			 ends[i]);
		EXPECT_TEXT(console_text(), expected);
	}
}

#define WHOLE                                                                               \
	"check output task cow priority 100 begin end priority 0 no-output line leftovers " \
	"checked "

static void reported(void)
{
	begin();
	ends_with(5, 0);
	program_run("/tests/cow", 0);
	EXPECT_TEXT(console_text(), "<ring3/cow>\n<ring3/cow passed>\n");
	EXPECT_TEXT(did, WHOLE "explore ");
	begin();
	ends_with(5, 0);
	explored = OUTCOME_FAILED;
	program_run("/tests/cow", 0);
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	explored = OUTCOME_PASSED;
	begin();
	ends_with(5, 1);
	program_run("/tests/cow", 0);
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	EXPECT_TEXT(did, WHOLE);
	begin();
	ends_with(5, 0);
	memory_differs = true;
	program_run("/tests/cow", 0);
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	begin();
	is_slow = true;
	program_run("/tests/cow", 1);
	EXPECT(strstr(console_text(), "<ring3/cow timed out>\n"));
	memory_differs = false;
	/* A program that is no test. */
	begin();
	ends_with(5, 1);
	command_run(words, none, NULL);
	EXPECT(strstr(console_text(), "<ring3/cow passed>\n"));
	EXPECT_TEXT(did, WHOLE);
}

static void chosen_orders(void)
{
	begin();
	orders_option.mode = ORDERS_REPLAY;
	program_run("/tests/cow", 0);
	EXPECT_TEXT(did, "check output replay no-output line leftovers checked ");
	EXPECT(strstr(console_text(), "<ring3/cow failed>\n"));
	begin();
	ends_with(5, 0);
	command_run(words, none, NULL);
	EXPECT_TEXT(did, WHOLE);
	/* Without a tick they are skipped, but where there never is one. */
	lacks_tick = true;
	for (u32 mode = ORDERS_NORMAL; mode <= ORDERS_EXPLORE; mode++) {
		begin();
		ends_with(5, 0);
		orders_option.mode = (enum orders_mode)mode;
		program_run("/tests/fpu", 0);
		EXPECT_EQ(did[0] != '\0', mode == ORDERS_EXPLORE);
	}
	begin();
	orders_option.mode = ORDERS_NORMAL;
	ends_with(5, 0);
	command_run((const char *const[]){ "/tests/fpu", NULL }, none, NULL);
	EXPECT(did[0]);
}

static void of_the_archive(void)
{
	begin();
	EXPECT(programs_count("*") == 3 && programs_count("c*,swap") == 2 &&
	       programs_count("sub") == 0);
	ends_with(5, 0);
	each_ends = true;
	programs_run("swap,cow", 0);
	EXPECT_TEXT(console_text(), "<ring3/cow>\n<ring3/cow passed>\n"
				    "<ring3/swap>\n<ring3/swap passed>\n");
	EXPECT_EQ(bench_programs_count(), 1);
	begin();
	ends_with(5, 0);
	bench_programs_run("*");
	EXPECT_TEXT(console_text(), "<ring3/loops>\n<ring3/loops passed>\n");
	has_operations = true;
	EXPECT_EQ(bench_programs_count(), 2);
}

TAP_MAIN({ "the start", starts }, { "what the end says", statuses },
	 { "in the order of a path", order_of_a_path }, { "the time is over", time_is_over },
	 { "a program of run=", no_test }, { "the result", reported },
	 { "chosen orders, and no tick", chosen_orders },
	 { "programs of the archive", of_the_archive })
