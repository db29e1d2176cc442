/* SPDX-License-Identifier: MIT */
#include "lib/types.h"

/* Kernel addresses have 32 bits. */
#pragma GCC diagnostic ignored "-Wpointer-to-int-cast"

#include "kernel/process/fork.c"

#include "tests/host/kernel/process/fork_rig.h"

#include <string.h>

#include "tests/host/kernel/user_bytes.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

struct task *current, *init_task;
u32 nr_tasks;
const struct rlimit *current_rlim;
char trap_return[1];

struct thread_group own_group, child_group;
struct task above, leader, thread, child;
struct mm_struct space, copied_space;
struct file *open_files[2], pidfd;
struct files_struct table = { .fd = open_files }, copied_table;
union fpu_state registers;
struct sighand *const own_actions = (struct sighand *)&leader, *const child_actions =
								       (struct sighand *)&child;
struct ldt own_ldt;

static struct thread_group init_group, above_group;
static struct fs_struct folders;
static struct ldt copied_ldt;
static char stack[64 + KERNEL_STACK];

const char *fails;
int error;
bool cleared_actions, reset_stack;
u32 pidfd_flags, sleeps;
void (*while_asleep)(void);

/* ---- The parts of a task. Each is noted as it is made, and with a ~ as it is undone ---- */

static int step(const char *name)
{
	note("%s ", name);
	return fails && !strcmp(name, fails) ? error : 0;
}

struct task *task_alloc(struct task *parent, struct thread_group *group, const char *name)
{
	if (step("task"))
		return NULL;
	EXPECT_TEXT(name, current->name);
	memset(&child, 0, sizeof(child));
	memset(&child_group, 0, sizeof(child_group));
	memset(stack, 0xee, sizeof(stack));
	child.pid = 50;
	child.parent = parent;
	child.group = group ? group : &child_group;
	child_group.leader = &child;
	return &child;
}

void task_free(struct task *task)
{
	EXPECT(task == &child && !child.mm && !child.files && !child.fs && !child.fpu);
	EXPECT(!child.sighand && (child.group == current->group || !child.group->ldt));
	note("~task ");
}

int tls_set(struct task *task, vaddr_t place, bool allocate)
{
	EXPECT(task == &child && !allocate);
	if (step("tls"))
		return error;
	child.tls[1] = place;
	child.extras |= EXTRA_TLS;
	return 0;
}

int ldt_copy(struct task *task)
{
	EXPECT(task == &child);
	if (step("ldt"))
		return error;
	if (child.group != current->group)
		child.group->ldt = &copied_ldt;
	return 0;
}

void ldt_free(struct thread_group *group)
{
	EXPECT(group == &child_group);
	if (group->ldt)
		note("~ldt ");
	group->ldt = NULL;
}

void files_get(struct files_struct *files)
{
	EXPECT(files == &table);
	note("share-files ");
	files->count++;
}

struct files_struct *files_copy(const struct files_struct *from)
{
	EXPECT(from == &table);
	copied_table.count = 1;
	return step("files") ? NULL : &copied_table;
}

/* Other tasks may run. */
void files_put(struct files_struct *files)
{
	EXPECT(!child.files && !child.mm);
	if (!files)
		return;
	note("~files ");
	files->count--;
}

int fs_copy(struct task *task, bool share)
{
	if (step(share ? "share-fs" : "fs"))
		return error;
	task->fs = &folders;
	return 0;
}

void fs_leave(struct task *task)
{
	if (task->fs)
		note("~fs ");
	task->fs = NULL;
}

int fpu_copy(struct task *task)
{
	if (step("fpu"))
		return error;
	task->fpu = &registers;
	return 0;
}

void fpu_release(struct task *task)
{
	if (task->fpu)
		note("~fpu ");
	task->fpu = NULL;
}

int signal_copy(struct task *task, bool share_actions)
{
	if (step(share_actions ? "share-signals" : "signals"))
		return error;
	task->sighand = share_actions ? own_actions : child_actions;
	task->altstack_size = 9000;
	return 0;
}

void sighand_exec(struct sighand *sighand)
{
	EXPECT(sighand == child_actions);
	cleared_actions = true;
}

void altstack_reset(struct task *task)
{
	EXPECT(task == &child);
	task->altstack_size = 0;
	reset_stack = true;
}

void signal_exit(struct task *task)
{
	if (task->sighand)
		note("~signals ");
	task->sighand = NULL;
}

void signal_flush(struct thread_group *group, struct sigpending *pending, u64 mask)
{
	EXPECT(group == &child_group && pending == &child_group.pending && mask == ~0ull);
	note("~pending ");
}

struct mm_struct *mm_copy(struct mm_struct *mm)
{
	EXPECT(mm == &space && mm->holder == current);
	copied_space.mm_users = 1;
	return step("mm") ? NULL : &copied_space;
}

void mm_unpark(struct mm_struct *mm)
{
	EXPECT(mm == &space && !mm->holder);
	note("unpark ");
	list_init(&mm->parked);
}

void mm_put(struct mm_struct *mm)
{
	EXPECT(!child.mm);
	note("~mm ");
	mm->mm_users--;
}

int pidfd_open(const struct task *task, u32 flags, struct file **opened)
{
	EXPECT(task == &child);
	pidfd.count = 1;
	pidfd_flags = flags;
	*opened = &pidfd;
	return step("pidfd");
}

void file_close(struct file *file)
{
	EXPECT(file == &pidfd);
	note("~pidfd ");
}

int fd_alloc(struct files_struct *files, u32 least, u32 limit, bool close_on_exec)
{
	EXPECT(files == &table && least == 0 && limit == 20 && close_on_exec);
	return step("fd");
}

void fd_release(struct files_struct *files, u32 fd)
{
	EXPECT(files == &table && fd == 0);
	note("~fd ");
}

u32 access_process_vm(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		      enum fault_access access)
{
	EXPECT(mm == child.mm && bytes == 4 && access == FAULT_WRITE && current->ends_none);
	note("tell(%#x,%u) ", address, *(u32 *)buffer);
	return address == NOWHERE ? 0 : bytes;
}

struct pt_regs *task_regs(struct task *task)
{
	EXPECT(task == &child);
	return (struct pt_regs *)(stack + sizeof(stack)) - 1;
}

void task_wake(struct task *task)
{
	note("wake(%d) ", task->pid);
	task->state = TASK_RUNNING;
}

void schedule(void)
{
	sleeps++;
	EXPECT(current->state == TASK_BLOCKED && current->vfork_child == &child);
	EXPECT(child.vfork_parent == current);
	if (while_asleep)
		while_asleep();
}

void robust_list_exit(void)
{
	note("robust ");
}

void usage_leave_mm(void)
{
	note("usage ");
}

int futex_wake(vaddr_t address, bool shared, u32 count, u32 bits)
{
	EXPECT(shared && count == 1 && bits == FUTEX_BITSET_MATCH_ANY);
	note("futex(%#x) ", address);
	return 0;
}

/* ---- The process, its leader current ---- */

struct pt_regs regs = { 1, 2,	 3,   4,	 5,    6,     120,	  0x7b, 0x7b,
			0, 0x33, 120, 0x8048000, 0x73, 0x202, 0xbffff000, 0x7b };

void start(void)
{
	static struct rlimit limits[RLIM_NLIMITS];
	static struct task init = { .pid = 1, .group = &init_group };

	limits[RLIMIT_NOFILE].cur = 20;
	current_rlim = limits;
	init_group.leader = init_task = &init;
	above_group.leader = &above;
	own_group.leader = &leader;
	above = (struct task){ .pid = 10, .group = &above_group, .parent = &init };
	leader = (struct task){ .pid = 20,
				.group = &own_group,
				.parent = &above,
				.mm = &space,
				.files = &table,
				.sighand = own_actions,
				.exit_signal = SIGUSR1,
				.name = "program" };
	thread = leader;
	thread.pid = 21;
	memset(&space, 0, sizeof(space));
	list_init(&space.parked);
	space.mm_users = 1;
	table.count = 1;
	open_files[0] = NULL;
	memset(user_bytes, 0xee, sizeof(user_bytes));
	cleared_actions = reset_stack = false;
	sleeps = 0;
	fails = NULL;
	did[0] = '\0';
	current = &leader;
}

int clone(const struct clone_args *args)
{
	did[0] = '\0';
	return do_clone(&regs, args);
}

int clone_flags(u32 flags)
{
	return clone(&(struct clone_args){ .flags = flags });
}
