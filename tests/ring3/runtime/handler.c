/* SPDX-License-Identifier: MIT */
/* Signal handlers and the record of their calls. */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"

struct handled handled;

void handled_clear(void)
{
	memset(&handled, 0, sizeof(handled));
}

static void note(int signal, const void *first_argument)
{
	if (handled.count < ARRAY_SIZE(handled.order))
		handled.order[handled.count] = signal;
	handled.count++;
	handled.signal = signal;
	handled.esp = (u32)first_argument - 4;
	handled.blocked = mask_get();
}

void note_signal(int signal)
{
	/* The argument lies in the frame, after the return address. */
	note(signal, __builtin_frame_address(0) + 8);
}

void note_siginfo(int signal, struct siginfo *info, struct ucontext *context)
{
	note(signal, __builtin_frame_address(0) + 8);
	memcpy(handled.info_words, info, SI_MAX_SIZE);
	handled.context = *context;
	handled.info_place = (u32)info;
	handled.context_place = (u32)context;
}

void handler_set(int signal, const void *handler, u32 flags, u64 mask)
{
	struct sigaction action = { (u32)handler, flags, 0, mask };

	EXPECT_EQ(sys_rt_sigaction(signal, &action, NULL), 0);
}

void handler_note(int signal, u32 flags)
{
	const void *handler =
		flags & SA_SIGINFO ? (const void *)note_siginfo : (const void *)note_signal;

	handler_set(signal, handler, flags, 0);
}

u64 mask_get(void)
{
	u64 mask = 0;

	sys_rt_sigprocmask(SIG_BLOCK, NULL, &mask);
	return mask;
}

void mask_set(u64 mask)
{
	EXPECT_EQ(sys_rt_sigprocmask(SIG_SETMASK, &mask, NULL), 0);
}

u64 pending_get(void)
{
	u64 pending = 0;

	EXPECT_EQ(sys_rt_sigpending(&pending, 8), 0);
	return pending;
}

/* Both accesses are instructions of two bytes, which skip_two() steps over. */
void read_at(u32 address)
{
	asm volatile("movb (%%ecx), %%al" : : "c"(address) : "eax", "memory");
}

void write_at(u32 address)
{
	asm volatile("movb %%al, (%%ecx)" : : "c"(address), "a"(0x77) : "memory");
}

void skip_two(int signal, struct siginfo *info, struct ucontext *context)
{
	note_siginfo(signal, info, context);
	context->context.eip += 2;
}

/* One system call with another stack pointer. */
long kill_on_stack(u32 esp, int signal)
{
	long result;

	asm volatile("movl %%esp, %%esi\n\t"
		     "movl %%edx, %%esp\n\t"
		     "int $0x80\n\t"
		     "movl %%esi, %%esp"
		     : "=a"(result)
		     : "0"(NR_kill), "b"(sys_getpid()), "c"(signal), "d"(esp)
		     : "esi", "memory");
	return result;
}
