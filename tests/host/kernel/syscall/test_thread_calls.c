/* SPDX-License-Identifier: MIT */
/*
 * futex() and its relatives: which argument goes where, clocks and deadlines of each operation,
 * and what is refused; robust lists, membarrier() and the tables of segments.
 *
 * sources: kernel/syscall/process/sys_thread.c kernel/syscall/time/sys_time.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "abi/linux/membarrier.h"
#include "abi/linux/unistd.h"
#include "kernel/process/futex.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/task/cred.h"
#include "kernel/task/ldt.h"
#include "kernel/task/task.h"
#include "kernel/task/tls.h"
#include "tests/host/console.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define SECOND	1000000000ull
#define OUTSIDE 0x1000u
#define WORD	0x5000u
#define TO	0x6000u
#define TIME	(USER_BYTES + 512)
#define START	100 /* seconds, of the clock that counts from the start */

static struct thread_group group;
static struct task own = { .pid = 20, .group = &group }, other = { .pid = 30, .group = &group };
struct task *current = &own;
static bool inspects;

/* The call below, with its arguments. */
static char made[200];

#define MADE(...) (snprintf(made, sizeof(made), __VA_ARGS__), 7)

struct task *task_find(int pid)
{
	return pid == 30 ? &other : NULL;
}

bool may_inspect(const struct task *task)
{
	EXPECT(task != NULL);
	return inspects;
}

u64 clock_monotonic(void)
{
	return START * SECOND;
}

/* Deadlines in seconds; -1: none. */
static int seconds(u64 deadline)
{
	return deadline == FUTEX_FOREVER ? -1 : (int)(deadline / SECOND);
}

int futex_wait(vaddr_t address, bool shared, u32 value, u32 bits, u64 deadline)
{
	return MADE("wait %x %d %x %x %d", address, shared, value, bits, seconds(deadline));
}

int futex_wait_any(const struct futex_waitv *words, u32 count, u64 deadline)
{
	return MADE("wait_any %x %x %u %d", (u32)words[0].address, (u32)words[count - 1].value,
		    count, seconds(deadline));
}

int futex_wake(vaddr_t address, bool shared, u32 count, u32 bits)
{
	return MADE("wake %x %d %x %x", address, shared, count, bits);
}

int futex_wake_op(vaddr_t address, bool shared, u32 count, vaddr_t to, u32 count_to, u32 encoded)
{
	return MADE("wake_op %x %d %x %x %x %x", address, shared, count, to, count_to, encoded);
}

int futex_requeue(vaddr_t address, bool shared, u32 count, u32 most, vaddr_t to, bool compare,
		  u32 value)
{
	return MADE("requeue %x %d %x %x %x %d %x", address, shared, count, most, to, compare,
		    compare ? value : 0);
}

int futex_lock_pi(vaddr_t address, bool shared, bool try, u64 deadline)
{
	return MADE("lock_pi %x %d %d %d", address, shared, try, seconds(deadline));
}

int futex_unlock_pi(vaddr_t address, bool shared)
{
	return MADE("unlock_pi %x %d", address, shared);
}

int tls_set(struct task *task, vaddr_t place, bool allocate)
{
	EXPECT(task == &own && allocate);
	return MADE("tls_set %x", place);
}

int tls_get(const struct task *task, vaddr_t place)
{
	EXPECT(task == &own);
	return MADE("tls_get %x", place);
}

int ldt_set(vaddr_t place, u32 bytes, bool old_format)
{
	return MADE("ldt_set %x %x %d", place, bytes, old_format);
}

s32 ldt_read(vaddr_t to, u32 bytes)
{
	return MADE("ldt_read %x %x", to, bytes);
}

static s32 call(u32 operation, vaddr_t time, u32 number)
{
	struct pt_regs regs = { .ebx = WORD,
				.ecx = operation,
				.edx = 0x11,
				.esi = time,
				.edi = TO,
				.ebp = 0x33,
				.orig_eax = number };

	made[0] = '\0';
	return sys_futex(&regs);
}

static void expect(u32 operation, vaddr_t time, const char *text)
{
	EXPECT_EQ(call(operation, time, 240), 7);
	EXPECT_TEXT(made, text);
}

static void put_time_at(s32 whole, u32 nanoseconds)
{
	set_word(TIME, (u32)whole);
	set_word(TIME + 4, nanoseconds);
}

static void operations(void)
{
	expect(FUTEX_WAIT, 0, "wait 5000 1 11 ffffffff -1");
	expect(FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, "wait 5000 0 11 ffffffff -1");
	expect(FUTEX_WAKE, 0x22, "wake 5000 1 11 ffffffff");
	expect(FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 0x22, "wake 5000 0 11 ffffffff");
	expect(FUTEX_WAIT_BITSET, 0, "wait 5000 1 11 33 -1");
	expect(FUTEX_WAKE_BITSET, 0, "wake 5000 1 11 33");
	expect(FUTEX_WAKE_OP, 0x22, "wake_op 5000 1 11 6000 22 33");
	expect(FUTEX_REQUEUE, 0x22, "requeue 5000 1 11 22 6000 0 0");
	expect(FUTEX_CMP_REQUEUE, 0x22, "requeue 5000 1 11 22 6000 1 33");
	expect(FUTEX_LOCK_PI, 0, "lock_pi 5000 1 0 -1");
	expect(FUTEX_LOCK_PI2, 0, "lock_pi 5000 1 0 -1");
	expect(FUTEX_TRYLOCK_PI, 0x22, "lock_pi 5000 1 1 0");
	expect(FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0x22, "unlock_pi 5000 0");
	for (u32 operation = 0; operation < 16; operation++) {
		bool dated = operation == FUTEX_WAIT_BITSET || operation == FUTEX_LOCK_PI2;
		bool known = operation != 2 && operation != 11 && operation != 12 && operation < 14;

		EXPECT_EQ(call(operation, 0, 240), known ? 7 : -ENOSYS);
		EXPECT_EQ(call(operation | FUTEX_CLOCK_REALTIME, 0, 240), dated ? 7 : -ENOSYS);
	}
	EXPECT_EQ(call(512, 0, 240), -ENOSYS);
}

/* FUTEX_WAIT has a length, the others a time of a clock. The start was at 900 s. */
static void deadlines(void)
{
	console_date = 1000 * SECOND;
	put_time_at(5, 0);
	expect(FUTEX_WAIT, TIME, "wait 5000 1 11 ffffffff 105");
	put_time_at(105, 0);
	expect(FUTEX_WAIT_BITSET, TIME, "wait 5000 1 11 33 105");
	expect(FUTEX_LOCK_PI2, TIME, "lock_pi 5000 1 0 105");
	put_time_at(1005, 0);
	expect(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, TIME, "wait 5000 1 11 33 105");
	expect(FUTEX_LOCK_PI, TIME, "lock_pi 5000 1 0 105");
	expect(FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, TIME, "lock_pi 5000 1 0 105");
	set_word(TIME + 4, 0); /* 64 bits */
	set_word(TIME + 8, 0);
	set_word(TIME + 12, 0);
	set_word(TIME, 8);
	EXPECT_EQ(call(FUTEX_WAIT, TIME, NR_futex_time64), 7);
	EXPECT_TEXT(made, "wait 5000 1 11 ffffffff 108");
	for (u32 i = 0; i < 4; i++) {
		static const u32 timed[] = { FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI,
					     FUTEX_LOCK_PI2 };

		put_time_at(5, (u32)SECOND);
		EXPECT_EQ(call(timed[i], TIME, 240), -EINVAL);
		EXPECT_EQ(call(timed[i], OUTSIDE, 240), -EFAULT);
		EXPECT_TEXT(made, "");
	}
}

static s32 wait_for(u32 count, u32 flags, vaddr_t time, u32 clock)
{
	struct pt_regs regs = {
		.ebx = USER_BYTES, .ecx = count, .edx = flags, .esi = time, .edi = clock
	};

	made[0] = '\0';
	return sys_futex_waitv(&regs);
}

static void several_words(void)
{
	struct futex_waitv *words = (struct futex_waitv *)user_bytes;
	struct pt_regs regs = { .ebx = 0, .ecx = 1 };

	machine_boot();
	console_date = 1000 * SECOND;
	memset(user_bytes, 0, sizeof(user_bytes));
	for (u32 i = 0; i < FUTEX_WAITV_MAX; i++)
		words[i] = (struct futex_waitv){ .value = i, .address = WORD + i, .flags = 2 };
	EXPECT_EQ(wait_for(1, 0, 0, 77), 7);
	EXPECT_TEXT(made, "wait_any 5000 0 1 -1");
	EXPECT_EQ(wait_for(FUTEX_WAITV_MAX, 0, 0, 0), 7);
	EXPECT_TEXT(made, "wait_any 5000 7f 128 -1");
	EXPECT_EQ(wait_for(FUTEX_WAITV_MAX + 1, 0, 0, 0), -EINVAL);
	EXPECT_EQ(wait_for(0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(wait_for(1, 1, 0, 0), -EINVAL);
	EXPECT_EQ(sys_futex_waitv(&regs), -EINVAL);
	regs.ebx = OUTSIDE;
	EXPECT_EQ(sys_futex_waitv(&regs), -EFAULT);
	EXPECT_EQ(wait_for(1, 0, OUTSIDE, CLOCK_REALTIME), -EFAULT);
	EXPECT_EQ(wait_for(1, 0, OUTSIDE, 2), -EINVAL);
	words[1].flags = 2 | FUTEX2_PRIVATE;
	EXPECT_EQ(wait_for(2, 0, 0, 0), 7);
	words[1].flags = 3;
	EXPECT_EQ(wait_for(2, 0, 0, 0), -EINVAL);
	EXPECT_EQ(wait_for(1, 0, 0, 0), 7);
	words[1].flags = 2;
	words[1].reserved = 1;
	EXPECT_EQ(wait_for(2, 0, 0, 0), -EINVAL);
	words[1].reserved = 0;
	words[1].value = 1ull << 32;
	EXPECT_EQ(wait_for(2, 0, 0, 0), -EINVAL);
	words[1].value = UINT32_MAX;
	EXPECT_EQ(wait_for(2, 0, 0, 0), 7);
	EXPECT_TEXT(made, "wait_any 5000 ffffffff 2 -1");
	memset(user_bytes + 512, 0, 16);
	set_word(TIME, 1005);
	EXPECT_EQ(wait_for(1, 0, TIME, CLOCK_REALTIME), 7);
	EXPECT_TEXT(made, "wait_any 5000 0 1 105");
	EXPECT_EQ(wait_for(1, 0, TIME, CLOCK_MONOTONIC), 7);
	EXPECT_TEXT(made, "wait_any 5000 0 1 1005");
}

static void robust_lists(void)
{
	struct pt_regs regs = { .ebx = 0x1234, .ecx = 12 };

	EXPECT_EQ(sys_set_robust_list(&regs), 0);
	EXPECT_EQ(own.robust_list, 0x1234);
	for (u32 bytes = 11; bytes <= 13; bytes += 2) {
		regs = (struct pt_regs){ .ebx = 9, .ecx = bytes };
		EXPECT_EQ(sys_set_robust_list(&regs), -EINVAL);
	}
	EXPECT_EQ(own.robust_list, 0x1234);
	other.robust_list = 0x77;
	inspects = true;
	regs = (struct pt_regs){ .ecx = USER_BYTES, .edx = USER_BYTES + 4 };
	EXPECT_EQ(sys_get_robust_list(&regs), 0);
	EXPECT(word_at(USER_BYTES) == 0x1234 && word_at(USER_BYTES + 4) == 12);
	regs.ebx = 30;
	EXPECT_EQ(sys_get_robust_list(&regs), 0);
	EXPECT_EQ(word_at(USER_BYTES), 0x77);
	regs.ebx = 99;
	EXPECT_EQ(sys_get_robust_list(&regs), -ESRCH);
	regs = (struct pt_regs){ .ecx = OUTSIDE, .edx = USER_BYTES };
	EXPECT_EQ(sys_get_robust_list(&regs), -EFAULT);
	regs = (struct pt_regs){ .ecx = USER_BYTES, .edx = OUTSIDE };
	EXPECT_EQ(sys_get_robust_list(&regs), -EFAULT);
	inspects = false;
	regs.ebx = 30;
	EXPECT_EQ(sys_get_robust_list(&regs), -EPERM);
}

static s32 barrier(u32 command)
{
	struct pt_regs regs = { .ebx = command };

	return sys_membarrier(&regs);
}

/* The two private commands need their registration; the rest does not. */
static void barriers(void)
{
	struct pt_regs flagged = { .ebx = MEMBARRIER_GLOBAL, .ecx = 1 };

	group.flags.membarrier = 0;
	EXPECT_EQ(barrier(MEMBARRIER_QUERY), MEMBARRIER_KNOWN);
	for (u32 bit = 0; bit < 32; bit++) {
		const u32 command = 1u << bit;
		bool known = command & MEMBARRIER_KNOWN, private = bit == 3 || bit == 5;

		group.flags.membarrier = 0;
		EXPECT_EQ(barrier(command), known ? private ? -EPERM : 0 : -EINVAL);
		if (known && private) {
			EXPECT_EQ(barrier(command << 1), 0);
			EXPECT_EQ(barrier(MEMBARRIER_GET_REGISTRATIONS), command << 1);
			EXPECT_EQ(barrier(command), 0);
		}
	}
	EXPECT_EQ(barrier(3), -EINVAL);
	EXPECT_EQ(sys_membarrier(&flagged), -EINVAL);
	group.flags.membarrier = 0;
	EXPECT_EQ(barrier(MEMBARRIER_GLOBAL), 0);
	EXPECT_EQ(barrier(MEMBARRIER_GET_REGISTRATIONS), 0);
	EXPECT_EQ(barrier(MEMBARRIER_REGISTER_GLOBAL_EXPEDITED), 0);
	EXPECT_EQ(barrier(MEMBARRIER_GET_REGISTRATIONS), MEMBARRIER_REGISTER_GLOBAL_EXPEDITED);
}

static void segments(void)
{
	static const struct {
		u32 function;
		s32 result;
		const char *text;
	} cases[] = { { 0, 7, "ldt_read 10000 30" },
		      { 1, 7, "ldt_set 10000 30 1" },
		      { 0x11, 7, "ldt_set 10000 30 0" },
		      { 2, 40, "" },
		      { 3, -ENOSYS, "" },
		      { 0x10, -ENOSYS, "" } };
	struct pt_regs regs = { .ebx = 0x99 };

	EXPECT_EQ(sys_gettid(&regs), 20);
	EXPECT_EQ(sys_set_tid_address(&regs), 20);
	EXPECT_EQ(own.clear_child_tid, 0x99);
	EXPECT_EQ(sys_set_thread_area(&regs), 7);
	EXPECT_TEXT(made, "tls_set 99");
	EXPECT_EQ(sys_get_thread_area(&regs), 7);
	EXPECT_TEXT(made, "tls_get 99");
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		regs = (struct pt_regs){ .ebx = cases[i].function, .ecx = USER_BYTES, .edx = 0x30 };
		made[0] = '\0';
		memset(user_bytes, 0xee, 64);
		EXPECT_EQ(sys_modify_ldt(&regs), cases[i].result);
		EXPECT_TEXT(made, cases[i].text);
	}
	regs = (struct pt_regs){ .ebx = 2, .ecx = USER_BYTES, .edx = 5 };
	EXPECT_EQ(sys_modify_ldt(&regs), 5);
	EXPECT(!user_bytes[4] && user_bytes[5] == 0xee);
	regs.ecx = OUTSIDE;
	EXPECT_EQ(sys_modify_ldt(&regs), -EFAULT);
}

TAP_MAIN({ "operations", operations }, { "deadlines", deadlines },
	 { "several words", several_words }, { "robust lists", robust_lists },
	 { "membarrier()", barriers }, { "segments", segments })
