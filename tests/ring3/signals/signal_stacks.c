/* SPDX-License-Identifier: MIT */
/* Alternate signal stacks. */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
/* Room for the extended state of a large processor, which Linux puts below the frame. */
#define ALTSTACK_PAGES 16u

static struct altstack altstack_get(void)
{
	struct altstack stack = { 1, 1, 1 };

	EXPECT_EQ(sys_sigaltstack(NULL, &stack), 0);
	return stack;
}

static bool on_stack(u32 esp, const struct altstack *stack)
{
	return esp > stack->start && esp < stack->start + stack->size;
}

static struct altstack in_handler;
static long set_in_handler;

static void note_altstack(int signal, struct siginfo *info, struct ucontext *context)
{
	struct altstack other = { 0x1000, 0, 0x10000 };

	skip_two(signal, info, context);
	in_handler = altstack_get();
	set_in_handler = sys_sigaltstack(&other, NULL);
}

static void altstack_in_use(void)
{
	u8 *memory = memory_map(ALTSTACK_PAGES, READ_WRITE);
	struct altstack stack = { (u32)memory, 0, ALTSTACK_PAGES * PAGE_SIZE };

	handled_clear();
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	EXPECT_EQ(altstack_get().flags, 0);
	EXPECT_EQ(altstack_get().start, stack.start);
	EXPECT_EQ(altstack_get().size, stack.size);
	handler_set(SIGSEGV, note_altstack, SA_SIGINFO | SA_ONSTACK, 0);
	write_at(0);
	EXPECT_EQ(handled.count, 1);
	EXPECT(on_stack(handled.esp, &stack));
	EXPECT(handled.context.stack.start == stack.start && handled.context.stack.flags == 0);
	EXPECT_EQ(handled.context.stack.size, stack.size);
	EXPECT_EQ(in_handler.flags, SS_ONSTACK);
	EXPECT_EQ(in_handler.start, stack.start);
	EXPECT_EQ(set_in_handler, -EPERM);
	EXPECT_EQ(altstack_get().flags, 0);
	/* Without SA_ONSTACK it is not taken. */
	handler_set(SIGSEGV, note_altstack, SA_SIGINFO, 0);
	write_at(0);
	EXPECT(!on_stack(handled.esp, &stack));
	EXPECT_EQ(in_handler.flags, 0);
	EXPECT_EQ(set_in_handler, 0);
	/* The return has set again what the frame says. */
	EXPECT_EQ(altstack_get().start, stack.start);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(memory, ALTSTACK_PAGES);
}

/* sigaltstack() with this stack pointer, which the kernel only compares. */
static long altstack_at(u32 esp, const struct altstack *set, struct altstack *old)
{
	long result = NR_sigaltstack;

	asm volatile("xchgl %%edx, %%esp; int $0x80; movl %%edx, %%esp"
		     : "+a"(result), "+d"(esp)
		     : "b"(set), "c"(old)
		     : "memory");
	return result;
}

/* The stack is in use from its first byte on, up to the place behind its last. */
static void altstack_ends(void)
{
	static const struct {
		s32 offset; /* from the start, or below 0 from the end */
		bool used;
	} places[] = {
		{ 0, false }, { 1, true }, { -1, true }, { 0x10000, true }, { 0x10001, false }
	};
	struct altstack stack = { 0x20000, 0, 0x10000 }, old;

	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		u32 esp = stack.start + (places[i].offset < 0 ? stack.size : 0) +
			  (u32)places[i].offset;

		EXPECT_EQ(altstack_at(esp, NULL, &old), 0);
		EXPECT_EQ(old.flags, places[i].used ? SS_ONSTACK : 0);
		EXPECT_EQ(altstack_at(esp, &stack, NULL), places[i].used ? -EPERM : 0);
	}
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
}

static void altstack_errors(void)
{
	struct altstack stack = { 0x10000, 0, MINSIGSTKSZ - 1 }, old;

	EXPECT_EQ(altstack_get().flags, SS_DISABLE);
	EXPECT_EQ(altstack_get().size, 0);
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -ENOMEM);
	stack.size = 0;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -ENOMEM);
	stack.size = MINSIGSTKSZ;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	stack.size = 0x10000;
	stack.flags = 4;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -EINVAL);
	stack.flags = SS_ONSTACK | SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), -EINVAL);
	EXPECT_EQ(sys_sigaltstack((struct altstack *)16, NULL), -EFAULT);
	EXPECT_EQ(sys_sigaltstack(NULL, (struct altstack *)16), -EFAULT);
	EXPECT_EQ(sys_sigaltstack(NULL, NULL), 0);
	EXPECT_EQ(altstack_get().flags, SS_DISABLE);
	/* SS_ONSTACK in a request is allowed and means nothing. */
	stack.flags = SS_ONSTACK;
	EXPECT_EQ(sys_sigaltstack(&stack, &old), 0);
	EXPECT_EQ(old.flags, SS_DISABLE);
	EXPECT_EQ(altstack_get().flags, 0);
	/* SS_DISABLE needs no size. */
	stack = (struct altstack){ 0x20000, SS_DISABLE, 1 };
	EXPECT_EQ(sys_sigaltstack(&stack, &old), 0);
	EXPECT(old.start == 0x10000 && old.size == 0x10000 && old.flags == 0);
	EXPECT(altstack_get().start == 0 && altstack_get().size == 0);
}

/* The alternate stack serves a fault on an unusable stack. */
static void altstack_saves(void)
{
	u8 *memory = memory_map(ALTSTACK_PAGES, READ_WRITE);
	struct altstack stack = { (u32)memory, 0, ALTSTACK_PAGES * PAGE_SIZE };

	handled_clear();
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_note(SIGUSR1, 0);
	handler_note(SIGSEGV, SA_SIGINFO | SA_ONSTACK);
	/* The frame for SIGUSR1 can't be written: that is a SIGSEGV, which has a stack. */
	kill_on_stack(64, SIGUSR1);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.signo, SIGSEGV);
	EXPECT_EQ(handled.info.code, SI_KERNEL);
	EXPECT(on_stack(handled.esp, &stack));
	EXPECT_EQ(handled.context.context.esp, 64);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(memory, ALTSTACK_PAGES);
}

static void recurse_on_altstack(int signal)
{
	handled.count++;
	sys_kill(sys_getpid(), signal);
}

static void overflow_altstack(void *argument)
{
	struct altstack stack = { (u32)argument + 2 * PAGE_SIZE, 0, 0x10000 };

	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGUSR1, recurse_on_altstack, SA_ONSTACK | SA_NODEFER, 0);
	sys_kill(sys_getpid(), SIGUSR1);
}

/* Memory below an overflowing alternate stack is not written. */
static void altstack_overflow(void)
{
	u8 *memory = memory_map(2 + 16, READ_WRITE);

	memory_fill(memory, 2, 3);
	EXPECT_CHILD(overflow_altstack, memory, KILLED(SIGSEGV));
	EXPECT(memory_check(memory, 2, 3));
	memory_unmap(memory, 2 + 16);
}

static void altstack_disarms(void)
{
	u8 *memory = memory_map(ALTSTACK_PAGES, READ_WRITE);
	struct altstack stack = { (u32)memory, SS_AUTODISARM, ALTSTACK_PAGES * PAGE_SIZE };

	handled_clear();
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	EXPECT_EQ(altstack_get().flags, SS_AUTODISARM);
	handler_set(SIGSEGV, note_altstack, SA_SIGINFO | SA_ONSTACK, 0);
	write_at(0);
	EXPECT(on_stack(handled.esp, &stack));
	EXPECT(in_handler.flags == SS_DISABLE && in_handler.size == 0);
	EXPECT_EQ(set_in_handler, 0);
	EXPECT_EQ(altstack_get().start, stack.start);
	EXPECT_EQ(altstack_get().flags, SS_AUTODISARM);
	stack.flags = SS_DISABLE;
	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGSEGV, SIG_DFL, 0, 0);
	memory_unmap(memory, ALTSTACK_PAGES);
}

static const struct tap_case cases[] = {
	{ "an alternate stack in use", altstack_in_use },
	{ "the ends of an alternate stack", altstack_ends },
	{ "alternate stack errors", altstack_errors },
	{ "an alternate stack for a bad stack", altstack_saves },
	{ "an alternate stack runs over", altstack_overflow },
	{ "SS_AUTODISARM", altstack_disarms },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
