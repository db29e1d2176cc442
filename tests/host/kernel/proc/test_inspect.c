/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/wchan, stack, syscall and personality: of tasks that run, wait, have ended, or are
 * only half made. The stack and the names of code are the test's. Source: proc(5).
 */
#include <string.h>

#include "fs/proc/proc.h"

static void note_files(const struct proc_entry *entries, u32 count);

#define proc_add_process note_files
#include "kernel/proc/inspect.c"

#include "tests/host/console.h"
#include "tests/host/low_memory.h"
#include "tests/host/tap.h"

#define STACK 0x20000000u /* an address of 32 bits */

struct task *current;

static struct task task, self;
static struct mm_struct space;
static struct pt_regs frame;
static const struct proc_entry *files;
static u32 nr_files;
static struct task *found; /* by proc_task() */
static bool allowed;
static uintptr_t callers[STACK_DEPTH];
static u32 nr_callers;

/* Addresses 0x1000 * n + 1 to 0x1000 * n + 0xfff are in the function n. */
static const char *const names[] = {
	NULL,
	"sys_read",
	"switch_for",
	"schedule",
	"schedule_timeout",
	"waiter_sleep",
	"sleep_unless_woken",
	"poll_sleep",
	"let_others_run",
	"schedule_chosen",
	"let_others_run_chosen",
	"do_syscall",
};
enum { SYS_READ = 0x1000, SCHEDULE = 0x3000, LAST_WAIT = 0xa000, DO_SYSCALL = 0xb000 };

const char *ksym_lookup(uintptr_t address, size_t *offset)
{
	*offset = address % 0x1000;
	return address / 0x1000 < ARRAY_SIZE(names) ? names[address / 0x1000] : NULL;
}

u32 backtrace_callers(uintptr_t ebp, uintptr_t *places, u32 max)
{
	EXPECT_EQ(ebp, 0xeb);
	EXPECT_EQ(max, 23);
	/* Behind the callers is no caller. */
	for (u32 i = 0; i < max; i++)
		places[i] = i < nr_callers ? callers[i] : DO_SYSCALL + 0x99;
	return nr_callers;
}

struct task *proc_task(const struct proc_subject *subject)
{
	EXPECT_EQ(subject->pid, 9);
	return found;
}

bool may_inspect(const struct task *of)
{
	EXPECT(of == found);
	return allowed;
}

struct pt_regs *task_regs(struct task *of)
{
	EXPECT(of == found);
	return &frame;
}

static void note_files(const struct proc_entry *of, u32 count)
{
	files = of;
	nr_files = count;
}

static char text[2000];

/* The whole file, as one record; returns what show() does at first. */
static int show(const char *name)
{
	static const struct proc_subject subject = { .pid = 9 };
	struct seq seq = { text, sizeof(text), 0 };
	u64 cursor = 0;
	int result = -1;

	text[0] = '\0';
	for (u32 i = 0; i < nr_files; i++) {
		if (strcmp(files[i].name, name))
			continue;
		result = files[i].show(&seq, &subject, &cursor);
		if (result == 1)
			EXPECT_EQ(files[i].show(&seq, &subject, &cursor), 0);
	}
	return result;
}

/* Sleeps in sys_read(), called by do_syscall(). */
static void begin(void)
{
	static u32 *stack;

	if (!stack)
		stack = low_memory(STACK, 4096);
	memset(&task, 0, sizeof(task));
	stack[3] = 0xeb;
	stack[4] = SCHEDULE + 0x12;
	callers[0] = SYS_READ + 0x34;
	callers[1] = DO_SYSCALL + 1;
	nr_callers = 2;
	task.esp = (u32)(uintptr_t)stack;
	task.state = TASK_SLEEPING;
	task.mm = &space;
	found = &task;
	current = &self;
	allowed = true;
	frame = (struct pt_regs){ .ebx = 1,
				  .ecx = 2,
				  .edx = 3,
				  .esi = 4,
				  .edi = 5,
				  .ebp = 6,
				  .orig_eax = 142,
				  .esp = 0xbffff000,
				  .eip = 0x8048123 };
	proc_add_inspection();
}

static void rights(void)
{
	begin();
	for (u32 i = 0; i < nr_files; i++) {
		bool open_to_all = !strcmp(files[i].name, "wchan");

		EXPECT_EQ(files[i].mode, open_to_all ? 0444 : 0400);
		EXPECT_EQ(files[i].flags, open_to_all ? 0 : PROC_INSPECT);
		found = NULL;
		EXPECT_EQ(show(files[i].name), -ESRCH);
	}
	EXPECT_EQ(nr_files, 4);
}

static void wait_place(void)
{
	begin();
	EXPECT_EQ(show("wchan"), 1);
	EXPECT_TEXT(text, "sys_read");
	allowed = false;
	show("wchan");
	EXPECT_TEXT(text, "0");
	begin();
	task.state = TASK_RUNNING;
	show("wchan");
	EXPECT_TEXT(text, "0");
	EXPECT_TEXT(task_wait_place(&task), "sys_read"); /* it is switched away */

	/* Of functions that wait for others the caller is told. */
	begin();
	for (u32 n = 2; n <= LAST_WAIT / 0x1000; n++) {
		((u32 *)(uintptr_t)STACK)[4] = n * 0x1000 + 0x10;
		callers[0] = DO_SYSCALL + 5;
		EXPECT_TEXT(task_wait_place(&task), "do_syscall");
	}
	((u32 *)(uintptr_t)STACK)[4] = SYS_READ + 1; /* the first byte behind a call is its end */
	EXPECT_TEXT(task_wait_place(&task), "sys_read");
	/* A call as the last instruction: the address behind it is the next function's. */
	((u32 *)(uintptr_t)STACK)[4] = SYS_READ + 0x1000;
	EXPECT_TEXT(task_wait_place(&task), "sys_read");
	/* No place at all. */
	((u32 *)(uintptr_t)STACK)[4] = SCHEDULE + 0x12;
	callers[0] = 0x99000;
	nr_callers = 1;
	EXPECT_TEXT(task_wait_place(&task), "0");
}

/* Tasks without a stack to read. */
static void no_stack(void)
{
	for (u32 i = 0; i < 4; i++) {
		begin();
		if (i == 0)
			current = &task;
		if (i == 1)
			task.esp = 0;
		if (i == 2)
			task.state = TASK_ZOMBIE;
		if (i == 3)
			task.state = TASK_DEAD;
		EXPECT_TEXT(task_wait_place(&task), "0");
		EXPECT_EQ(show("stack"), 1);
		EXPECT_TEXT(text, "");
	}
}

static void stack(void)
{
	begin();
	EXPECT_EQ(show("stack"), 1);
	EXPECT_TEXT(text, "[<0>] schedule+0x12\n[<0>] sys_read+0x34\n[<0>] do_syscall+0x1\n");
	callers[1] = 0x99123;
	show("stack");
	EXPECT_TEXT(text, "[<0>] schedule+0x12\n[<0>] sys_read+0x34\n[<0>] ?+0x0\n");
	nr_callers = 23;
	for (u32 i = 0; i < 23; i++)
		callers[i] = SYS_READ + i + 1;
	show("stack");
	EXPECT(strstr(text, "[<0>] sys_read+0x17\n"));
}

static void call(void)
{
	begin();
	EXPECT_EQ(show("syscall"), 1);
	EXPECT_TEXT(text, "142 0x1 0x2 0x3 0x4 0x5 0x6 0xbffff000 0x8048123\n");
	frame.orig_eax = (u32)-1; /* a fault */
	show("syscall");
	EXPECT_TEXT(text, "-1 0xbffff000 0x8048123\n");
	task.state = TASK_RUNNING;
	show("syscall");
	EXPECT_TEXT(text, "running\n");
	current = &task; /* its own call */
	frame.orig_eax = 3;
	show("syscall");
	EXPECT_TEXT(text, "3 0x1 0x2 0x3 0x4 0x5 0x6 0xbffff000 0x8048123\n");
	begin();
	task.mm = NULL; /* a kernel task */
	show("syscall");
	EXPECT_TEXT(text, "running\n");
}

static void personality(void)
{
	begin();
	task.personality = 0x40008;
	EXPECT_EQ(show("personality"), 1);
	EXPECT_TEXT(text, "00040008\n");
}

TAP_MAIN({ "modes, and processes that ended", rights }, { "wchan", wait_place },
	 { "tasks without a stack to read", no_stack }, { "stack", stack }, { "syscall", call },
	 { "personality", personality })
