/* SPDX-License-Identifier: MIT */
/*
 * A process of a program of system calls: waits for an operation, makes the call, and leaves the
 * result in its slot. What the calls do to it, to its signals and to its descriptors stays; its
 * code, its argument page and the shared state are out of their reach, because the generator
 * names no addresses there.
 */
#include "tests/fuzz/call_programs/worker.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PRIME	   0x01000193u
#define TAIL	   64u /* of the argument page: before the hole */

static __noreturn void work(struct slot *slot);

/* The slot of the task that runs: threads share all memory, so their stacks name them. */
static struct slot *own_slot(void)
{
	int tid = (int)system_call(NR_gettid, 0, 0, 0, 0, 0, 0);

	for (u32 i = 0; i < SLOTS; i++)
		if (calls_state->slots[i].tid == tid)
			return &calls_state->slots[i];
	return NULL;
}

static void note_call(int signal)
{
	struct slot *slot = own_slot();

	if (slot && slot->signals < SIGNALS)
		slot->signal[slot->signals++] = (u8)signal;
}

#define TOUCH_BYTES 16u /* at most, the code of read_at() and of write_at() */

/* After a fault of DO_PEEK or DO_POKE the access is skipped. */
static void note_fault(int signal, struct siginfo *info, struct ucontext *context)
{
	u32 eip = context->context.eip;

	note_call(signal);
	if (info->code <= 0) /* a process sent it */
		return;
	if (eip - (u32)read_at >= TOUCH_BYTES && eip - (u32)write_at >= TOUCH_BYTES)
		sys_exit_group(1);
	context->context.eip += 2;
}

static u32 value_of(const struct link *link)
{
	switch (link->kind) {
	case LINK_RESULT:
		return (u32)calls_state->results[link->source];
	case LINK_FIRST:
	case LINK_SECOND:
		return calls_state->words[link->source][link->kind - LINK_FIRST];
	case LINK_PROCESS:
		return (u32)calls_state->slots[link->source].tid;
	case LINK_HANDLER:
		return (u32)note_call;
	}
	return (u32)calls_state->home;
}

/* What threads and children begin with: their slot is the argument. */
static int begin(void *argument)
{
	struct slot *slot = argument;

	slot->tgid = sys_getpid();
	slot->result = 0;
	slot->tid = (int)system_call(NR_gettid, 0, 0, 0, 0, 0, 0);
	slot->turn = SLOT_IDLE;
	work(slot);
}

static long clone(const struct operation *order, const u32 *a)
{
	struct slot *child = &calls_state->slots[order->child];
	void *stack = a[0] & CLONE_VM ? (void *)(STACKS + (order->child + 1) * STACK_SIZE) : NULL;

	return clone_call(a[0], stack, (void *)a[2], (void *)a[3], (void *)a[4], begin, child);
}

/* Hashes of the pages of the arena that can be read; a word each. */
static void sums(u32 *out)
{
	static u8 copy[PAGE_SIZE];
	struct iovec here = { (u32)copy, PAGE_SIZE }, there = { 0, PAGE_SIZE };

	for (u32 page = 0; page < ARENA_PAGES; page++) {
		there.base = ARENA + page * PAGE_SIZE;
		out[page] = 0;
		if (system_call(NR_process_vm_readv, sys_getpid(), (long)&here, 1, (long)&there, 1,
				0) != (long)PAGE_SIZE)
			continue;
		out[page] = 1;
		for (u32 i = 0; i < PAGE_SIZE; i++)
			out[page] = (out[page] ^ copy[i]) * PRIME;
	}
}

static long make_call(const struct operation *order, const u32 *a)
{
	struct slot *child = &calls_state->slots[order->child];
	long result;

	switch (order->call) {
	case DO_PEEK:
		read_at(a[0]);
		return 0;
	case DO_POKE:
		write_at(a[0]);
		return 0;
	case DO_SUMS:
		sums((u32 *)a[0]);
		return 0;
	case NR_vfork:
		return vfork_call(begin, child);
	case NR_clone:
		return clone(order, a);
	}
	result = system_call(order->call, (long)a[0], (long)a[1], (long)a[2], (long)a[3],
			     (long)a[4], (long)a[5]);
	if (result == 0 && (order->call == NR_fork || order->call == NR_clone3))
		begin(child);
	return result;
}

static void show(struct slot *slot, const struct show *what, long result)
{
	u32 length = what->length;

	if (what->by_result)
		length = result < 0 ? 0 : min(length, (u32)result * what->by_result);
	length = min(length, SHOWN_BYTES - slot->shown);
	memcpy(slot->bytes + slot->shown, (void *)what->address, length);
	slot->shown += length;
}

static void do_order(struct slot *slot)
{
	const struct operation *order = (const void *)slot->order;
	const struct link *links = (const void *)(order + 1);
	const struct show *shows = (const void *)(links + order->links);
	u8 *page = (u8 *)(ARGUMENTS + (u32)order->slot * 2 * PAGE_SIZE);
	u32 index = order->index;
	u32 a[6];
	long result;

	memset(page, 0, order->zero);
	memset(page + PAGE_SIZE - TAIL, 0, TAIL);
	memcpy(page, shows + order->shows, order->bytes);
	memcpy(a, order->arguments, sizeof(a));
	for (u32 i = 0; i < order->links; i++)
		if (links[i].target < 8)
			a[links[i].target] = value_of(&links[i]);
		else
			((u32 *)page)[links[i].target - 8] = value_of(&links[i]);
	result = make_call(order, a);
	for (u32 i = 0; i < order->shows; i++)
		show(slot, &shows[i], result);
	if (order->shows)
		memcpy((void *)calls_state->words[index], (void *)shows->address, 8);
	calls_state->results[index] = (int)result;
	slot->result = (int)result;
}

static void finish(struct slot *slot)
{
	slot->turn = SLOT_IDLE;
	word_set((volatile int *)&calls_state->finished, (int)calls_state->finished + 1);
}

static __noreturn void work(struct slot *slot)
{
	for (;;) {
		word_wait((volatile int *)&slot->turn, SLOT_IDLE);
		slot->shown = 0;
		do_order(slot);
		finish(slot);
	}
}

static void map_private(u32 slot)
{
	sys_mmap2(ARGUMENTS + slot * 2 * PAGE_SIZE, PAGE_SIZE, READ_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

void worker_start(u32 number)
{
	struct slot *slot = &calls_state->slots[number];

	for (u32 i = 0; i < SLOTS; i++)
		map_private(i);
	sys_mmap2(STACKS, SLOTS * STACK_SIZE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		  -1, 0);
	sys_mmap2(ARENA, ARENA_PAGES / 2 * PAGE_SIZE, READ_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	handler_set(SIGSEGV, note_fault, SA_SIGINFO, 0);
	handler_set(SIGBUS, note_fault, SA_SIGINFO, 0);
	slot->tgid = sys_getpid();
	slot->tid = slot->tgid;
	if (slot->turn == SLOT_BUSY) {
		slot->result = 0;
		finish(slot);
	}
	slot->turn = SLOT_IDLE;
	work(slot);
}

bool state_map(const char *path)
{
	int file = (int)sys_open(path, O_RDWR);
	u32 place =
		sys_mmap2(STATE, sizeof(struct state), READ_WRITE, MAP_SHARED | MAP_FIXED, file, 0);

	sys_close(file);
	return place == STATE;
}
