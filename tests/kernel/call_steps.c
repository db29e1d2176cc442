/* SPDX-License-Identifier: MIT */
/*
 * See call_steps.h.
 */
#include "tests/kernel/call_steps.h"

#include "abi/linux/errno.h"
#include "kernel/cpu/gdt.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/exit.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/wait_child.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/sched.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/user_space.h"

s32 call_five(u32 number, u32 first, u32 second, u32 third, u32 fourth, u32 fifth)
{
	struct pt_regs regs = {
		.eax = number,
		.orig_eax = number,
		.ebx = first,
		.ecx = second,
		.edx = third,
		.esi = fourth,
		.edi = fifth,
		.cs = USER_CS,
		.eflags = 0x202,
	};

	do_syscall(&regs);
	return (s32)regs.eax;
}

s32 call(u32 number, u32 first, u32 second, u32 third, u32 fourth)
{
	return call_five(number, first, second, third, fourth, 0);
}

vaddr_t call_path(const char *text)
{
	EXPECT_EQ(copy_to_user(CALL_TEXT, text, (u32)strlen(text) + 1), 0);
	return CALL_TEXT;
}

vaddr_t call_put(const void *bytes, u32 count)
{
	EXPECT_EQ(copy_to_user(CALL_BYTES, bytes, count), 0);
	return CALL_BYTES;
}

bool call_open_table(void)
{
	current->files = files_alloc();
	return current->files;
}

static bool make_calls(void *context)
{
	const struct call_list *list = context;
	bool good = true;

	if (list->begin && !list->begin())
		return false;
	for (u32 i = 0; i < list->count && good; i++) {
		s32 result = list->steps[i].run();

		good = result >= 0;
		if (!good && result != list->steps[i].error && result != -ENOMEM) {
			printk("  # step %u\n", i);
			EXPECT_EQ((u32)result, (u32)list->steps[i].error);
		}
	}
	list->undo();
	return good;
}

static void make_list(void *context)
{
	const struct call_list *list = context;
	u32 failed;

	current->sighand = sighand_alloc();
	current->blocked = ~0ull;
	EXPECT(current->sighand && fs_own() && user_enter());
	EXPECT(map_anonymous(current->mm, CALL_DATA, CALL_PAGES, PROT_RW) == CALL_DATA);
	for (u32 i = 0; i < CALL_PAGES; i++)
		EXPECT(user_write(CALL_DATA + i * PAGE_SIZE, 0));
	if (list->files)
		EXPECT(call_open_table());
	failed = fail_sweep(make_calls, context);
	EXPECT(failed >= list->least);
	printk("  # failures: %u injected\n", failed);
	do_exit(0);
}

void call_list_run(const struct call_list *list)
{
	struct task *task = kernel_task("nomem", make_list, (void *)(uintptr_t)list);
	int status;

	EXPECT(task);
	EXPECT_EQ((u32)do_wait(task->pid, &status, 0), (u32)task->pid);
}
