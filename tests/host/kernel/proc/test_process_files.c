/* SPDX-License-Identifier: MIT */
/*
 * What /proc/PID says of a process and of a thread: status, stat, limits, comm, oom_score,
 * cmdline, memory; and which tasks may look. Formats: proc(5).
 *
 * sources: kernel/proc/process.c kernel/proc/processes.c kernel/proc/account.c kernel/proc/mem.c
 * sources: kernel/proc/links.c kernel/proc/threads.c kernel/task/pid.c kernel/task/files.c
 * sources: tests/host/kernel/proc/tasks_rig.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/mman.h"
#include "fs/process.h"
#include "kernel/cpu/irq.h"
#include "kernel/proc/proc.h"
#include "kernel/task/pid.h"
#include "mm/user_space/mm.h"
#include "tests/host/console.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/fs/proc/proc_rig.h"
#include "tests/host/kernel/proc/tasks_rig.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

/* Of files that another test sees. */
void proc_add_inspection(void)
{
}

void proc_add_devices(void)
{
}

void proc_add_machine(const char *options)
{
	EXPECT_TEXT(options, "");
}

/* ---- status ---- */

static void status_of_a_program(void)
{
	struct fs_struct fs = { .umask = 0137 };
	struct files_struct table = { .size = 64 };
	struct thread_group *group = &groups[PROGRAM];

	tasks_boot();
	expect_lines("/proc/2/status",
		     "Name:\tprogram\nUmask:\t0022\nState:\tR (running)\n"
		     "Tgid:\t2\nPid:\t2\nPPid:\t1\nTracerPid:\t0\n"
		     "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t0\nGroups:\t\n");
	tasks[PROGRAM].fs = &fs;
	tasks[PROGRAM].files = &table;
	group->user = (struct id_set){ 1, 2, 3, 4 };
	group->groups = (struct group_ids){ { 5, 6, 7, 8 }, 2, { 100, 4000000000u } };
	job_move(group, 7, 9);
	group->flags.no_new_privs = true;
	group->caps = (struct capabilities){ .inheritable = 1,
					     .permitted = 0x1ffffffffff,
					     .effective = 0xab,
					     .bounding = 0x10000000000,
					     .ambient = 2 };
	tasks[PROGRAM].usage.voluntary = 10;
	tasks[PROGRAM].usage.involuntary = 20;
	expect_lines("/proc/2/status", "Umask:\t0137\n");
	expect_lines("/proc/2/status",
		     "Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nFDSize:\t64\n"
		     "Groups:\t100 4000000000 \nNSpid:\t2\nNSpgid:\t7\nNSsid:\t9\nKthread:\t0\n");
	expect_lines("/proc/2/status", "CapInh:\t0000000000000001\nCapPrm:\t000001ffffffffff\n"
				       "CapEff:\t00000000000000ab\nCapBnd:\t0000010000000000\n"
				       "CapAmb:\t0000000000000002\nNoNewPrivs:\t1\n"
				       "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n"
				       "voluntary_ctxt_switches:\t10\n"
				       "nonvoluntary_ctxt_switches:\t20\n");
	tasks[PROGRAM].fs = NULL;
	tasks[PROGRAM].files = NULL;
}

static void memory_in_status(void)
{
	struct mm_struct *mm = &spaces[PROGRAM];

	tasks_boot();
	*mm = (struct mm_struct){ .mm_users = 1,
				  .mm_count = 1,
				  .max_vm = 100,
				  .total_vm = 90,
				  .locked_vm = 3,
				  .max_rss = 50,
				  .rss = 40,
				  .data_vm = 20,
				  .stack_vm = 33,
				  .exec_vm = 12,
				  .nr_ptes = 5,
				  .nr_swap = 6,
				  .start_code = 0x8048100,
				  .end_code = 0x804a001 };
	expect_lines("/proc/2/status",
		     "VmPeak:\t     400 kB\nVmSize:\t     360 kB\nVmLck:\t      12 kB\n"
		     "VmPin:\t       0 kB\nVmHWM:\t     200 kB\nVmRSS:\t     160 kB\n"
		     "VmData:\t      80 kB\nVmStk:\t     132 kB\nVmExe:\t      12 kB\n"
		     "VmLib:\t      36 kB\nVmPTE:\t      20 kB\nVmSwap:\t      24 kB\n"
		     "HugetlbPages:\t       0 kB\nThreads:\t2\n");
	mm->total_vm = 110;
	mm->rss = 60;
	mm->exec_vm = 2; /* its text is not all executable */
	expect_lines("/proc/2/status", "VmPeak:\t     440 kB\nVmSize:\t     440 kB\n");
	expect_lines("/proc/2/status", "VmHWM:\t     240 kB\nVmRSS:\t     240 kB\n");
	expect_lines("/proc/2/status", "VmLib:\t       0 kB\n");
	mm->exec_vm = 4;
	expect_lines("/proc/2/status", "VmLib:\t       4 kB\n");
	mm->rss = 0;
}

static void signals_in_status(void)
{
	tasks_boot();
	groups[PROGRAM].queued = 3;
	groups[PROGRAM].rlim[RLIMIT_SIGPENDING].cur = 77;
	groups[PROGRAM].pending.signals = 0x8000000000000001ull;
	tasks[PROGRAM].pending.signals = 0x100;
	tasks[PROGRAM].blocked = 0x200000000ull;
	handlers.set = SIGMASK(1) | SIGMASK(2) | SIGMASK(40) | SIGMASK(64);
	handlers.actions[0].handler = SIG_IGN;
	handlers.actions[1].handler = 0x8048000;
	handlers.actions[39].handler = SIG_DFL;
	handlers.actions[63].handler = 0x8048000;
	expect_lines("/proc/2/status", "Threads:\t2\nSigQ:\t3/77\nSigPnd:\t0000000000000100\n"
				       "ShdPnd:\t8000000000000001\nSigBlk:\t0000000200000000\n"
				       "SigIgn:\t0000000000000001\nSigCgt:\t8000000000000002\n");
	/* Those of a kernel task. */
	expect_lines("/proc/1/status", "Threads:\t1\nSigQ:\t0/0\n");
	expect_lines("/proc/1/status", "SigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
}

/* A kernel task and a zombie have no memory; a leader that has ended still counts. */
static void status_of_others(void)
{
	static const struct {
		enum task_state state;
		const char *line;
	} states[] = { { TASK_RUNNING, "R (running)" },	  { TASK_WAITING, "S (sleeping)" },
		       { TASK_SLEEPING, "S (sleeping)" }, { TASK_BLOCKED, "D (disk sleep)" },
		       { TASK_STOPPED, "T (stopped)" },	  { TASK_ZOMBIE, "Z (zombie)" },
		       { TASK_DEAD, "X (dead)" } };

	tasks_boot();
	expect_lines("/proc/1/status", "PPid:\t0\n");
	expect_lines("/proc/1/status", "Kthread:\t1\nThreads:\t1\n");
	expect_lines("/proc/4/status", "State:\tZ (zombie)\nTgid:\t4\nPid:\t4\nPPid:\t2\n");
	expect_lines("/proc/4/status", "Kthread:\t0\nThreads:\t1\n");
	expect_lines("/proc/2/task/3/status", "Name:\tthread\n");
	expect_lines("/proc/2/task/3/status", "Tgid:\t2\nPid:\t3\nPPid:\t1\n");
	for (u32 i = 0; i < ARRAY_SIZE(states); i++) {
		tasks[OTHER].state = states[i].state;
		EXPECT_TEXT(proc_state(&tasks[OTHER]), states[i].line);
	}
	tasks[OTHER].state = TASK_RUNNING;
}

/* ---- comm, limits, oom ---- */

static void names(void)
{
	tasks_boot();
	expect_file("/proc/2/comm", "program\n");
	expect_file("/proc/2/task/3/comm", "thread\n");
	EXPECT_EQ(write_to("/proc/2/comm", "new\nmore"), 8);
	expect_file("/proc/2/comm", "new\n");
	EXPECT_EQ(write_to("/proc/2/task/3/comm", "a name of 15 by"), 15);
	expect_file("/proc/2/task/3/comm", "a name of 15 by\n");
	EXPECT_EQ(write_to("/proc/2/comm", "a name of 16 byt"), 16);
	expect_file("/proc/2/comm", "a name of 16 by\n");
	EXPECT_EQ(write_to("/proc/5/comm", "of another"), -EINVAL);
	expect_file("/proc/5/comm", "other (1) x\n");
}

static void limits(void)
{
	static const char *const wanted =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max cpu time              unlimited            unlimited            seconds   \n"
		"Max file size             1                    101                  bytes     \n"
		"Max data size             2                    102                  bytes     \n"
		"Max stack size            3                    103                  bytes     \n"
		"Max core file size        4                    104                  bytes     \n"
		"Max resident set          5                    105                  bytes     \n"
		"Max processes             6                    106                  processes \n"
		"Max open files            7                    107                  files     \n"
		"Max locked memory         8                    108                  bytes     \n"
		"Max address space         9                    109                  bytes     \n"
		"Max file locks            10                   110                  locks     \n"
		"Max pending signals       11                   111                  signals   \n"
		"Max msgqueue size         12                   112                  bytes     \n"
		"Max nice priority         13                   113                            \n"
		"Max realtime priority     14                   114                            \n"
		"Max realtime timeout      15                   4294967294           us        \n";

	tasks_boot();
	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		groups[OTHER].rlim[i] = (struct rlimit){ i, 100 + i };
	groups[OTHER].rlim[0] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	groups[OTHER].rlim[15].max = RLIM_INFINITY - 1;
	expect_file("/proc/5/limits", wanted);
}

static void out_of_memory(void)
{
	tasks_boot();
	expect_file("/proc/2/oom_score_adj", "0\n");
	expect_file("/proc/2/oom_score", "666\n");
	expect_file("/proc/1/oom_score", "0\n"); /* without memory */
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "-1001"), -EINVAL);
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "1001"), -EINVAL);
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "x"), -EINVAL);
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "1000"), 4);
	expect_file("/proc/2/oom_score_adj", "1000\n");
	EXPECT_EQ(groups[PROGRAM].oom.least, 1000);
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "-1000"), 5);
	expect_file("/proc/2/oom_score_adj", "-1000\n");
	expect_file("/proc/2/oom_score", "0\n");
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "-5\n"), 3);
	host_privileged = false;
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "-6"), -EACCES);
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "100"), 3);
	EXPECT_EQ(write_to("/proc/2/oom_score_adj", "-5"), 2); /* what the super-user set */
	expect_file("/proc/2/oom_score_adj", "-5\n");
	EXPECT_EQ(groups[PROGRAM].oom.least, -5);
}

/* ---- stat ---- */

static void stat_of_a_program(void)
{
	struct thread_group *group = &groups[PROGRAM];
	struct task *task = &tasks[PROGRAM];

	tasks_boot();
	expect_file("/proc/5/stat", "5 (other (1) x) R 1 5 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 50 "
				    "0 0 4294967295 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
				    "0 0 0 0\n");
	spaces[PROGRAM].total_vm = 3;
	spaces[PROGRAM].rss = 2;
	spaces[PROGRAM].start_code = 11;
	spaces[PROGRAM].end_code = 12;
	spaces[PROGRAM].start_stack = 13;
	spaces[PROGRAM].start_data = 14;
	spaces[PROGRAM].end_data = 15;
	spaces[PROGRAM].start_brk = 16;
	spaces[PROGRAM].arg_start = 17;
	spaces[PROGRAM].arg_end = 18;
	spaces[PROGRAM].env_start = 19;
	spaces[PROGRAM].env_end = 21;
	task->usage = (struct usage){ .time = { 1000, 2000 }, .faults = 30, .major_faults = 4 };
	group->ended = (struct usage){ .time = { 50, 60 }, .faults = 5, .major_faults = 1 };
	group->children = (struct usage){ .time = { 110, 219 }, .faults = 9, .major_faults = 2 };
	task->policy.nice = -7;
	task->pending.signals = 1;
	task->blocked = 2;
	handlers.set = SIGMASK(3) | SIGMASK(4);
	handlers.actions[2].handler = SIG_IGN;
	handlers.actions[3].handler = 0x8048000;
	task->exit_signal = 17;
	task->exit_status = 256;
	expect_file(
		"/proc/2/stat",
		"2 (program) R 1 2 1 0 -1 0 30 7 5 2 105 206 11 21 13 -7 2 0 20 12288 2 "
		"4294967295 11 12 13 0 0 1 2 4 8 0 0 0 17 0 0 0 0 0 0 14 15 16 17 18 19 21 256\n");
	/* Of a thread its own times; a policy of real time. */
	tasks[THREAD].usage = (struct usage){ .time = { 10, 20 }, .faults = 3, .major_faults = 1 };
	tasks[THREAD].policy.priority = 50;
	tasks[THREAD].policy.kind = 2;
	inspects = false;
	expect_file("/proc/2/task/3/stat",
		    "3 (thread) R 1 2 1 0 -1 0 2 7 1 2 1 2 11 21 -51 0 2 0 30 12288 2 "
		    "4294967295 0 0 0 0 0 0 0 4 8 0 0 0 0 0 50 2 0 0 0 0 0 0 0 0 0 0 0\n");
	/* A process that has ended shows its status to those that may look. */
	tasks[CHILD].exit_status = 9;
	expect_lines("/proc/4/stat", "4 (child) Z 2 4 1 ");
	EXPECT_TEXT(strrchr(text, ' '), " 0\n");
	inspects = true;
	expect_lines("/proc/4/stat", " 0 0 0 0 0 0 0 9\n");
	spaces[PROGRAM].rss = 0;
}

static void machine_accounts(void)
{
	tasks_boot();
	load = (struct load){ .average = { LOAD_ONE, LOAD_ONE / 2 - LOAD_ONE / 200 - 1,
					   3 * LOAD_ONE - 1 },
			      .switches = 5000000000ull,
			      .started = 9,
			      .ready = 2,
			      .blocked = 3,
			      .time = { 1230, 4560, 78909 } };
	irq_counts[0] = 1;
	irq_counts[VECTOR_COUNT - 1] = 20;
	monotonic = 83456789012ull;
	console_date = monotonic + 1700000000123456789ull;
	expect_file("/proc/stat", "cpu  123 0 456 7890 0 0 0 0 0 0\n"
				  "cpu0 123 0 456 7890 0 0 0 0 0 0\n"
				  "intr 21\nctxt 5000000000\nbtime 1700000000\nprocesses 9\n"
				  "procs_running 3\nprocs_blocked 3\n");
	EXPECT(marks);
	marks = 0;
	expect_file("/proc/uptime", "83.45 78.90\n");
	EXPECT(marks);
	expect_file("/proc/loadavg", "1.00 0.49 3.00 3/5 5\n");
}

/* ---- Memory ---- */

/* Two pages at 0x400000, the second one read-only, and a stack's strings in them. */
static struct mm_struct *with_memory(void)
{
	struct mm_struct *mm = mm_alloc();
	vaddr_t start = user_map(mm, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE);
	char words[] = "prog\0-x\0A=1\0B=2\0\0";

	EXPECT_EQ(user_write(mm, start + PAGE_SIZE - 8, words, sizeof(words)), FAULT_OK);
	mm->arg_start = start + PAGE_SIZE - 8;
	mm->arg_end = mm->env_start = mm->arg_start + 8;
	mm->env_end = mm->env_start + 8;
	mm->auxv_start = mm->env_end;
	mm->auxv_end = mm->auxv_start + 2;
	tasks[PROGRAM].mm = mm;
	return mm;
}

static void strings(void)
{
	struct mm_struct *mm;

	tasks_boot();
	mm = with_memory();
	EXPECT_EQ(read_file("/proc/2/cmdline", 4096), 8);
	EXPECT(!memcmp(text, "prog\0-x", 8));
	EXPECT_EQ(read_file("/proc/2/cmdline", 3), 8);
	EXPECT(!memcmp(text, "prog\0-x", 8));
	EXPECT_EQ(read_file("/proc/2/environ", 4096), 8);
	EXPECT(!memcmp(text, "A=1\0B=2", 8));
	EXPECT_EQ(read_file("/proc/2/auxv", 4096), 2);
	mm->arg_start = mm->arg_end;
	EXPECT_EQ(read_file("/proc/2/cmdline", 4096), 0);
	/* More than a record; the end is not mapped. */
	mm->env_end = mm->env_start + 3 * PAGE_SIZE;
	EXPECT_EQ(read_file("/proc/2/environ", 4096), PAGE_SIZE);
	EXPECT(!memcmp(text, "A=1\0B=2\0", 9));
	EXPECT_EQ(read_file("/proc/1/cmdline", 4096), 0);
	EXPECT_EQ(read_file("/proc/1/environ", 4096), 0);
	EXPECT_EQ(read_file("/proc/1/auxv", 4096), 0);
	EXPECT_EQ(read_file("/proc/4/cmdline", 4096), 0);
	tasks[PROGRAM].mm = &spaces[PROGRAM];
	mm_put(mm);
}

static s32 mem_write_at(u64 position, const char *from)
{
	struct file *file = opened("/proc/2/mem", O_RDWR);
	s32 result = file_write(file, &position, (u32)strlen(from), copy_from_buffer, &from);

	file_put(file);
	return result;
}

static s32 mem_read_at(u64 position, u32 bytes)
{
	struct file *file = open_file("/proc/2/mem");
	s32 result = read_at(file, text, bytes, position);

	file_put(file);
	return result;
}

static u32 none(void *memory, u32 bytes, void *context)
{
	(void)memory;
	(void)context;
	return bytes;
}

static u32 turns;

static void count_turn(void)
{
	turns++;
}

static void memory(void)
{
	struct mm_struct *mm;
	vaddr_t start;
	char pattern[2000];
	struct file *file;
	u64 position;

	tasks_boot();
	mm = with_memory();
	start = mm->arg_start + 8 - PAGE_SIZE;
	for (u32 i = 0; i < sizeof(pattern) - 1; i++)
		pattern[i] = (char)('a' + i % 23);
	pattern[sizeof(pattern) - 1] = '\0';
	EXPECT_EQ(mem_write_at(start + 100, pattern), 1999);
	EXPECT_EQ(mem_read_at(start + 100, 1999), 1999);
	EXPECT(!memcmp(text, pattern, 1999));
	EXPECT_EQ(user_peek(mm, start + 100 + 1998), pattern[1998]);
	/* To the end of what is mapped, and beyond. */
	EXPECT_EQ(mem_read_at(start + 2 * PAGE_SIZE - 700, 2000), 700);
	EXPECT_EQ(mem_read_at(start + 2 * PAGE_SIZE, 1), -EIO);
	EXPECT_EQ(mem_write_at(start + 2 * PAGE_SIZE - 3, "four"), 3);
	EXPECT_EQ(mem_write_at(start + 2 * PAGE_SIZE, "x"), -EIO);
	EXPECT_EQ(mem_read_at(0, 1), -EIO);
	EXPECT_EQ(mem_read_at(TASK_SIZE, 1), -EIO);
	EXPECT_EQ(mem_read_at(0x100000000ull + start, 1), -EIO);
	EXPECT_EQ(mem_read_at(start, 0), 0);
	/* Others run after each piece. */
	host_others = count_turn;
	EXPECT_EQ(mem_read_at(start + 100, 1999), 1999);
	EXPECT(turns >= 2);
	host_others = NULL;
	/* The caller's memory is bad. */
	file = opened("/proc/2/mem", O_RDWR);
	position = start;
	EXPECT_EQ(file_read(file, &position, 10, none, NULL), -EFAULT);
	EXPECT_EQ(file_write(file, &position, 10, none, NULL), -EFAULT);
	/* The process has ended meanwhile: the end of the file. */
	tasks[PROGRAM].mm = &spaces[PROGRAM];
	mm_put(mm);
	EXPECT_EQ(read_at(file, text, 10, start), 0);
	file_put(file);
	tasks[PROGRAM].mm = NULL;
	EXPECT_EQ(mem_read_at(start, 10), 0); /* without memory from the start */
	tasks[PROGRAM].mm = &spaces[PROGRAM];
}

static void leave_space(void)
{
	if (schedules == 2)
		tasks[PROGRAM].mm->holder = NULL;
}

/* Another task is in the middle of a change of the areas. */
static void memory_that_changes(void)
{
	struct mm_struct *mm;

	tasks_boot();
	mm = with_memory();
	mm->holder = &tasks[THREAD];
	while_scheduled = leave_space;
	EXPECT_EQ(mem_read_at(mm->arg_start, 5), 5);
	EXPECT_TEXT(text, "prog");
	EXPECT_EQ(schedules, 2);
	EXPECT_EQ(mm->mm_users, 1);
	tasks[PROGRAM].mm = &spaces[PROGRAM];
	mm_put(mm);
}

/* ---- Which processes are there, and which may look ---- */

static void ended(void)
{
	static const char *const files[] = { "status",	  "comm",	   "limits",
					     "oom_score", "oom_score_adj", "stat" };

	tasks_boot();
	for (u32 i = 0; i < ARRAY_SIZE(files); i++) {
		struct file *file;
		char path[40], byte;

		snprintf(path, sizeof(path), "/proc/5/%s", files[i]);
		file = open_file(path);
		tasks[OTHER].born++; /* another process with that number */
		EXPECT_EQ(read_at(file, &byte, 1, 0), -ESRCH);
		tasks[OTHER].born--;
		file_put(file);
	}
	EXPECT_EQ(result_of("/proc/3/status"), 1); /* a thread's number leads to its process */
	expect_lines("/proc/3/status", "Pid:\t2\n");
	EXPECT_EQ(result_of("/proc/6/status"), -ENOENT);
	EXPECT_EQ(result_of("/proc/0/status"), -ENOENT);
	EXPECT_EQ(result_of("/proc/05/status"), -ENOENT);
}

static void may_not_look(void)
{
	static const char *const secret[] = { "/proc/2/mem", "/proc/2/auxv", "/proc/2/environ" };

	tasks_boot();
	inspects = false;
	for (u32 i = 0; i < ARRAY_SIZE(secret); i++)
		EXPECT_EQ(result_of(secret[i]), -EACCES);
	EXPECT_EQ(result_of("/proc/2/cmdline"), 0);
	EXPECT_EQ(result_of("/proc/2/status"), 1);
}

/* The files belong to the process's effective user, or to root if others must not inspect it. */
static void owners(void)
{
	struct inode *inode;

	tasks_boot();
	groups[OTHER].user.effective = 33;
	groups[OTHER].groups.ids.effective = 44;
	inode = found("/proc/5/status");
	EXPECT(inode && inode->uid == 33 && inode->gid == 44);
	groups[OTHER].flags.not_dumpable = true;
	inode = found("/proc/5/comm");
	EXPECT(inode && inode->uid == 0 && inode->gid == 0);
}

TAP_MAIN({ "status of a program", status_of_a_program }, { "memory in status", memory_in_status },
	 { "signals in status", signals_in_status }, { "status of others", status_of_others },
	 { "names", names }, { "limits", limits }, { "out of memory", out_of_memory },
	 { "stat", stat_of_a_program }, { "the machine's accounts", machine_accounts },
	 { "strings", strings }, { "memory", memory },
	 { "memory that changes", memory_that_changes }, { "processes that ended", ended },
	 { "which may look", may_not_look }, { "owners of the files", owners })
