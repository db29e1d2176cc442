/* SPDX-License-Identifier: MIT */
/*
 * Thread-local storage of the i386: set_thread_area() gives a segment, GS names it, and every
 * thread finds other data at the same offset.
 *
 * The number of the entry is the kernel's choice, so it is used and never printed.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define THREADS	   6
#define TURNS	   100
#define DATA_FLAGS (DESC_32BIT | DESC_PAGES | DESC_USEABLE)
#define SLOTS	   3

static struct thread threads[THREADS];
static u32 areas[THREADS + 1][4];
static u32 entry; /* that GS names */

static struct user_desc describe(u32 number, void *base)
{
	return (struct user_desc){ number, (u32)base, 0xfffff, DATA_FLAGS };
}

static void load_gs(u32 selector)
{
	asm volatile("movl %0, %%gs" : : "r"(selector));
}

static u32 store_gs(void)
{
	u32 selector;

	asm volatile("movl %%gs, %0" : "=r"(selector));
	return selector & 0xffff;
}

static u32 read_gs(void)
{
	u32 value;

	asm volatile("movl %%gs:0, %0" : "=r"(value));
	return value;
}

static void write_gs(u32 value)
{
	asm volatile("movl %0, %%gs:0" : : "r"(value) : "memory");
}

static void use(void *base)
{
	struct user_desc desc = describe(entry, base);

	EXPECT_EQ(sys_set_thread_area(&desc), 0);
	load_gs(entry * 8 + 3);
}

static void allocated(void)
{
	struct user_desc desc = describe(~0u, areas[0]);

	areas[0][0] = 0x1234;
	EXPECT_EQ(sys_set_thread_area(&desc), 0);
	EXPECT(desc.entry != ~0u);
	entry = desc.entry;
	load_gs(entry * 8 + 3);
	EXPECT_EQ(read_gs(), 0x1234);
	write_gs(0x5678);
	EXPECT_EQ(areas[0][0], 0x5678);
	sys_sched_yield();
	EXPECT_EQ(store_gs(), entry * 8 + 3);
	EXPECT_EQ(read_gs(), 0x5678);
}

static void asked(void)
{
	struct user_desc desc = { .entry = entry, .base = 1, .limit = 2, .flags = 0 };

	EXPECT_EQ(sys_get_thread_area(&desc), 0);
	EXPECT_EQ(desc.base, areas[0]);
	EXPECT_EQ(desc.limit, 0xfffff);
	EXPECT_EQ(desc.flags & 0x7f, DATA_FLAGS);
	desc.entry = 0;
	EXPECT_EQ(sys_get_thread_area(&desc), -EINVAL);
	EXPECT_EQ(sys_get_thread_area((void *)16), -EFAULT);
}

static void runs_out(void *argument)
{
	struct user_desc desc;

	(void)argument;
	for (u32 i = 1; i < SLOTS; i++) {
		desc = describe(~0u, areas[i]);
		EXPECT_EQ(sys_set_thread_area(&desc), 0);
		EXPECT_EQ(desc.entry, entry + i);
	}
	desc = describe(~0u, areas[0]);
	EXPECT_EQ(sys_set_thread_area(&desc), -ESRCH);
	/* An empty one frees the entry. */
	desc = (struct user_desc){ .entry = entry + 1, .flags = DESC_READ_ONLY | DESC_NOT_PRESENT };
	EXPECT_EQ(sys_set_thread_area(&desc), 0);
	desc = describe(~0u, areas[0]);
	EXPECT_EQ(sys_set_thread_area(&desc), 0);
	EXPECT_EQ(desc.entry, entry + 1);
}

static void three(void)
{
	EXPECT_CHILD(runs_out, NULL, EXITED(0));
}

static void refused(void)
{
	struct user_desc desc = describe(entry, areas[0]);

	desc.flags = DESC_PAGES;
	EXPECT_EQ(sys_set_thread_area(&desc), -EINVAL); /* 16 bits */
	desc.flags = DATA_FLAGS | DESC_CODE;
	EXPECT_EQ(sys_set_thread_area(&desc), -EINVAL);
	desc.flags = DATA_FLAGS | DESC_NOT_PRESENT;
	EXPECT_EQ(sys_set_thread_area(&desc), -EINVAL);
	desc = describe(entry + SLOTS, areas[0]);
	EXPECT_EQ(sys_set_thread_area(&desc), -EINVAL);
	EXPECT_EQ(sys_set_thread_area((void *)16), -EFAULT);
	EXPECT_EQ(read_gs(), 0x5678);
}

static void has_a_copy(void *argument)
{
	(void)argument;
	EXPECT_EQ(read_gs(), 0x5678);
	write_gs(1);
	use(areas[1]);
	EXPECT_EQ(areas[0][0], 1);
}

static void inherited(void)
{
	EXPECT_CHILD(has_a_copy, NULL, EXITED(0));
	EXPECT_EQ(read_gs(), 0x5678);
}

static int counts_in_its_own(void *argument)
{
	u32 number = (u32)argument;

	EXPECT_EQ(read_gs(), 1000 * number);
	for (u32 i = 0; i < TURNS; i++) {
		write_gs(read_gs() + 1);
		sys_sched_yield();
	}
	EXPECT_EQ(areas[number][0], 1000 * number + TURNS);
	return 0;
}

static void threads_have_their_own(void)
{
	for (u32 i = 0; i < THREADS; i++) {
		struct user_desc desc = describe(entry, areas[i + 1]);

		areas[i + 1][0] = 1000 * (i + 1);
		thread_start_flags(&threads[i], THREAD_FLAGS | CLONE_SETTLS, &desc,
				   counts_in_its_own, (void *)(i + 1));
	}
	for (u32 i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(read_gs(), 0x5678);
	for (u32 i = 1; i <= THREADS; i++)
		EXPECT_EQ(areas[i][0], 1000 * i + TURNS);
}

static int never(void *argument)
{
	(void)argument;
	return 1;
}

static void settls_refused(void)
{
	struct user_desc desc = describe(~0u, areas[0]);
	u8 *stack = threads[0].stack + THREAD_STACK;

	EXPECT_EQ(clone_call(THREAD_FLAGS | CLONE_SETTLS, stack, &threads[0].tid, &desc,
			     &threads[0].tid, never, NULL),
		  -EINVAL);
	EXPECT_EQ(clone_call(THREAD_FLAGS | CLONE_SETTLS, stack, &threads[0].tid, (void *)16,
			     &threads[0].tid, never, NULL),
		  -EFAULT);
	desc = describe(entry, areas[0]);
	desc.flags |= DESC_CODE;
	EXPECT_EQ(clone_call(CLONE_SETTLS | SIGCHLD, NULL, NULL, &desc, NULL, never, NULL),
		  -EINVAL);
	EXPECT_EQ(sys_waitpid(-1, NULL, __WALL), -ECHILD);
}

static const char *program_path;

static void becomes_an_image(void *argument)
{
	struct text number;
	const char *const argv[] = { program_path, number.data, NULL };
	static const char *const empty[] = { NULL };

	(void)argument;
	text_clear(&number);
	text_add_decimal(&number, (long)entry);
	sys_execve(program_path, argv, empty);
}

static void gone_after_execve(void)
{
	EXPECT_CHILD(becomes_an_image, NULL, EXITED(42));
}

/* The new image: no selector, no descriptor. */
static int run_image(const char *number)
{
	struct user_desc desc = { .entry = string_to_number(number) };

	return store_gs() == 0 && sys_get_thread_area(&desc) == 0 && !desc.base && !desc.limit ? 42
											       : 1;
}

static const struct tap_case cases[] = {
	{ "an entry is allocated, and GS reaches the data", allocated },
	{ "get_thread_area tells what was set", asked },
	{ "there are three, and one can be freed", three },
	{ "what is no data segment is refused", refused },
	{ "fork copies them", inherited },
	{ "CLONE_SETTLS: each thread has its own", threads_have_their_own },
	{ "CLONE_SETTLS that can't be makes no thread", settls_refused },
	{ "execve takes them away", gone_after_execve },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 1)
		return run_image(argv[1]);
	return tap_run(cases, ARRAY_SIZE(cases));
}
