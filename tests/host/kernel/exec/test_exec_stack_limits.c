/* SPDX-License-Identifier: MIT */
/*
 * The limits of a program's first stack, to the byte, and every error: strings that are not mapped
 * or change meanwhile, and no memory.
 *
 * sources: kernel/exec/exec_stack.c tests/host/kernel/exec/exec_stack_rig.c
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/kernel/exec/exec_stack_rig.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* ---- Limits ---- */

/* A limit of the stack of which a quarter is less than ARG_MAX_LEAST. */
#define SMALL (3u * ARG_MAX_LEAST)

static const char **empty_strings(u32 count)
{
	const char **strings = calloc(count + 1, sizeof(*strings));

	for (u32 i = 0; i < count; i++)
		strings[i] = "";
	return strings;
}

static int make_empty(u32 argc, u32 envc)
{
	const char **argv = empty_strings(argc), **envp = empty_strings(envc);
	const struct exec_strings args = { .kernel = argv }, environment = { .kernel = envp };
	int err = make_anew(&args, &environment);

	free(argv);
	free(envp);
	return err;
}

/* Pointers: each takes its four bytes of the room, and the end of each array needs some left. */
static void limit_of_pointers(void)
{
	stack_start();
	host_rlim[RLIMIT_STACK].cur = SMALL;
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4 - 1, 0), 0);
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4, 0), -E2BIG);
	EXPECT_EQ(make_empty(1, ARG_MAX_LEAST / 4 - 2), 0);
	EXPECT_EQ(make_empty(1, ARG_MAX_LEAST / 4 - 1), -E2BIG);
	host_rlim[RLIMIT_STACK].cur = 4 * (ARG_MAX_LEAST + 4);
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4, 0), 0);
	EXPECT_EQ(make_empty(ARG_MAX_LEAST / 4 + 1, 0), -E2BIG);
	host_rlim[RLIMIT_STACK].cur = RLIM_INFINITY;
	EXPECT_EQ(make_empty(ARG_MAX_MOST / 4, 0), -E2BIG);
	stack_stop();
}

/* argv is one string, envp none: what the length of that may be. */
static int make_string(u32 length)
{
	struct exec_strings strings = in_ring3(1, STRING);

	put_string(length);
	return make_anew(&strings, &none);
}

static void limit_of_strings(void)
{
	stack_start();
	host_rlim[RLIMIT_STACK].cur = SMALL;
	EXPECT_EQ(make_string(ARG_MAX_LEAST - 4 - 1), 0);
	EXPECT_EQ(make_string(ARG_MAX_LEAST - 4), -E2BIG);
	host_rlim[RLIMIT_STACK].cur = MiB(8);
	EXPECT_EQ(make_string(ARG_STRING_MAX - 1), 0);
	EXPECT_EQ(make_string(ARG_STRING_MAX), -E2BIG);
	stack_stop();
}

/* The room is one for all: what the first took is missing for the second. */
static void room_is_shared(void)
{
	struct exec_strings strings = in_ring3(2, STRING);

	stack_start();
	host_rlim[RLIMIT_STACK].cur = SMALL;
	put_string(ARG_MAX_LEAST / 2 - 4 - 1);
	EXPECT_EQ(make_anew(&strings, &none), 0);
	put_string(ARG_MAX_LEAST / 2 - 4);
	EXPECT_EQ(make_anew(&strings, &none), -E2BIG);
	stack_stop();
}

static u32 turns;

static void other_task(void)
{
	turns++;
}

/* Wherever there may be many strings, others may run: to count, to copy and to point at them. */
static void others_run(void)
{
	stack_start();
	host_others = other_task;
	EXPECT_EQ(make_empty(100, 0), 0);
	host_others = NULL;
	EXPECT(turns >= 300);
	stack_stop();
}

/* ---- Errors ---- */

static void bad_addresses(void)
{
	const struct exec_strings good = in_ring3(1, STRING), bad = { .user = 0x1000 };
	struct exec_strings ends = { .user = RING3 + RING3_BYTES - 4 };
	vaddr_t string = STRING;

	stack_start();
	put_string(3);
	EXPECT_EQ(make_stack(&bad, &none), -EFAULT);
	EXPECT_EQ(mm->map_count, 0);
	EXPECT_EQ(make_stack(&good, &bad), -EFAULT);
	memcpy(ring3 + RING3_BYTES - 4, &string, 4);
	EXPECT_EQ(make_stack(&ends, &none), -EFAULT);
	memcpy(ring3, &(u32){ 0x2000 }, 4);
	EXPECT_EQ(make_stack(&good, &none), -EFAULT);
	in_ring3(1, RING3 + RING3_BYTES - 2); /* without a NUL up to the end of memory */
	memset(ring3 + RING3_BYTES - 2, 'x', 2);
	EXPECT_EQ(make_anew(&good, &none), -EFAULT);
	EXPECT_EQ(make_anew(&none, &good), -EFAULT);
	stack_stop();
}

static void lengthen(void)
{
	put_string(1000);
}

static void shorten(void)
{
	put_string(0);
}

static void unmap(void)
{
	is_unmapped = true;
}

/* Another thread makes the string longer, or shorter, between the two looks at it. */
static void changed_meanwhile(void)
{
	const struct exec_strings strings = in_ring3(1, STRING);
	char wanted[400];

	stack_start();
	memcpy(wanted, put_string(300), 301);
	after_measuring = lengthen;
	EXPECT_EQ(make_stack(&strings, &none), 0);
	EXPECT_EQ(word(pointer + 4), mm->arg_start);
	EXPECT_EQ(expect_string(mm->arg_start, wanted), mm->arg_end);
	put_string(300);
	after_measuring = shorten;
	EXPECT_EQ(make_anew(&strings, &none), 0);
	expect_string(mm->arg_start, "");
	put_string(300);
	after_measuring = unmap;
	EXPECT_EQ(make_anew(&strings, &none), -EFAULT);
	stack_stop();
}

/* Each allocation fails once: -ENOMEM, and the space can be freed. */
static void no_memory(void)
{
	const char *text = put_string(9000), *const texts[] = { text, text, NULL };
	const struct exec_strings strings = in_ring3(2, STRING);
	u32 failed = 0;
	int err;

	stack_start();
	for (u32 nth = 1; nth < 100; nth++) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, nth };

		mm_put(mm);
		mm = mm_alloc();
		fail_alloc_set(&spec);
		err = make_stack(&strings, &strings);
		fail_alloc_set(NULL);
		if (!err)
			break;
		EXPECT_EQ(err, -ENOMEM);
		failed++;
	}
	EXPECT(failed >= 10);
	EXPECT_EQ(err, 0);
	expect_stack(texts, texts);
	stack_stop();
}

TAP_MAIN({ "the limit of pointers", limit_of_pointers },
	 { "the limit of strings", limit_of_strings }, { "one room", room_is_shared },
	 { "others run", others_run }, { "bad addresses", bad_addresses },
	 { "changed meanwhile", changed_meanwhile }, { "no memory", no_memory })
