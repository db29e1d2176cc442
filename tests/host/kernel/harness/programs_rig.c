/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/harness/programs_rig.h"

#include <setjmp.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "fs/namei.h"
#include "fs/tmpfs/initramfs.h"
#include "tests/host/record.h"

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

struct program_model model;

static struct task self, child;
static jmp_buf exited;

/* What do_wait() reports, one after the other; then there is no child. */
static struct {
	int pid, status;
} news[12];
static u32 nr_news;

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
	return !strcmp(path, "/bench/loops") || (model.has_operations && strstr(path, "operations"))
		       ? 0
		       : -ENOENT;
}

/* ---- The kernel ---- */

static int model_lookup(const char *path, struct inode **found)
{
	*found = (struct inode *)&self;
	note("lookup %s ", path);
	return model.no_folder;
}

int fs_set_cwd(struct inode *folder)
{
	EXPECT(folder == (struct inode *)&self);
	note("cwd ");
	return model.bad_cwd;
}

int console_files(struct task *task)
{
	EXPECT(task == current);
	note("files ");
	return model.no_files;
}

int do_execve(const char *path, const struct exec_strings *argv, const struct exec_strings *envp,
	      struct pt_regs *regs)
{
	EXPECT(regs == (struct pt_regs *)did);
	note("execve %s %s %s ", path, argv->kernel[0], envp->kernel[0] ? envp->kernel[0] : "-");
	return model.no_exec;
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
	if (model.each_ends)
		model.next_news = 0;
	return model.no_task ? NULL : &child;
}

void task_set_policy(struct task *task, const struct sched_policy *policy)
{
	EXPECT(task == current);
	note("priority %u ", policy->priority);
}

int do_wait(int pid, int *status, int options)
{
	model.may_end_meanwhile = run_may_end;
	EXPECT(pid == -1 && (!options || options == WNOHANG));
	if (model.is_slow && options == WNOHANG && !strstr(did, "end ")) {
		*status = 0;
		return 0;
	}
	if (model.next_news == nr_news)
		return -ECHILD;
	*status = news[model.next_news].status;
	return news[model.next_news++].pid;
}

u32 sleep_for_child(u32 ticks)
{
	model.sleeps++;
	return ticks > 100 ? ticks - 100 : 0;
}

u32 end_processes(void)
{
	u32 count = model.orphans;

	model.orphans = 0;
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
	return model.verdict;
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
	return !model.memory_differs;
}

bool report_without_tick(const char *kind, const char *name, const char *patterns)
{
	EXPECT(!strcmp(kind, "ring3/") && strstr(patterns, "vfork"));
	return model.lacks_tick && !strncmp(name, "fpu", 3);
}

enum outcome explore_cases(const struct program_start *start, const struct program_tap *tap)
{
	EXPECT(start->is_test && tap->plan == 3);
	note("explore ");
	return model.explored;
}

enum outcome replay_case(const struct program_start *start, struct program_tap *tap)
{
	(void)tap;
	EXPECT(start->is_test);
	note("replay ");
	return OUTCOME_FAILED;
}

/* ---- The interface of the rig ---- */

const char *const program_words[] = { "/tests/cow", NULL }, *const no_words[] = { NULL };

void begin_program(void)
{
	did[0] = '\0';
	console_clear();
	current = &self;
	child.pid = 5;
	list_init(&task_list);
	nr_news = 0;
	model = (struct program_model){ .verdict = TAP_NONE, .explored = OUTCOME_PASSED };
}

void ends_with(int pid, int status)
{
	news[nr_news].pid = pid;
	news[nr_news++].status = status;
}

void start_in(const char *cwd)
{
	struct program_start start = { program_words, no_words, .cwd = cwd };

	did[0] = '\0';
	console_clear();
	if (!setjmp(exited))
		start_program(&start);
}
