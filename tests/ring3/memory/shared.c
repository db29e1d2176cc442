/* SPDX-License-Identifier: MIT */
/*
 * Shared memory without a file: MAP_SHARED | MAP_ANONYMOUS.
 *
 *	parent ---> |page|page|page| <--- child of fork
 *
 * The pages belong to neither process: each may unmap, protect, move or drop its view, and they go
 * with the last one.
 */
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define SHARED	   (MAP_SHARED | MAP_ANONYMOUS)
#define PAGES	   4u

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

static void map_shared(u32 pages)
{
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, pages * PAGE_SIZE, READ_WRITE, SHARED | MAP_FIXED, -1, 0),
		  FIXED_PLACE);
}

static void fill_first_half(void *argument)
{
	EXPECT(memory_check_part(place, 2, 2, *(u32 *)argument));
	memory_fill_part(place, 0, 2, *(u32 *)argument);
}

static void both_sides_write(void)
{
	u32 seed = 1;

	map_shared(PAGES);
	EXPECT(memory_is_zero(place, PAGE_SIZE));
	memory_fill_part(place, 2, 2, seed);
	EXPECT_CHILD(fill_first_half, &seed, EXITED(0));
	EXPECT(memory_check(place, PAGES, seed));
	memory_unmap(place, PAGES);
}

static void touch_all(void *argument)
{
	(void)argument;
	memory_fill(place, PAGES, 2);
}

/* mincore asks for the page, pagemap for the entry: the first knows what the child has done. */
static void pages_that_only_the_child_touched(void)
{
	map_shared(PAGES);
	EXPECT(!memory_is_resident(page_of(1)));
	EXPECT_CHILD(touch_all, NULL, EXITED(0));
	EXPECT(memory_is_resident(page_of(1)));
	EXPECT_EQ(memory_count_present(place, PAGES), 0);
	EXPECT(memory_check(place, PAGES, 2));
	EXPECT_EQ(memory_count_present(place, PAGES), PAGES);
	memory_unmap(place, PAGES);
}

/* Ping-pong: each side waits for the other one's number in the shared page. */
static void answer(void *argument)
{
	volatile u32 *ball = argument;

	for (u32 i = 0; i < 100; i++) {
		while (ball[0] != i + 1)
			sys_sched_yield();
		ball[PAGE_SIZE / 2] = i * 3;
		ball[1024] = i + 1;
	}
}

static void a_conversation(void)
{
	volatile u32 *ball = (volatile u32 *)place;
	int child;

	map_shared(PAGES);
	child = process_start(answer, place);
	for (u32 i = 0; i < 100; i++) {
		ball[0] = i + 1;
		while (ball[1024] != i + 1)
			sys_sched_yield();
		EXPECT_EQ(ball[PAGE_SIZE / 2], i * 3);
	}
	EXPECT_EQ(process_wait(child), EXITED(0));
	memory_unmap(place, PAGES);
}

static void go_down(void *argument)
{
	u32 depth = *(u32 *)argument;

	memory_write(page_of(0) + depth, (u8)(depth + 1));
	if (depth < 8) {
		u32 next = depth + 1;

		EXPECT_CHILD(go_down, &next, EXITED(0));
		EXPECT_EQ(memory_read(page_of(0) + 8), 9);
	}
}

static void generations(void)
{
	u32 depth = 0;

	map_shared(1);
	EXPECT_CHILD(go_down, &depth, EXITED(0));
	for (u32 i = 0; i <= 8; i++)
		EXPECT_EQ(memory_read(place + i), i + 1);
	memory_unmap(place, 1);
}

static void drop_the_view(void *argument)
{
	(void)argument;
	memory_unmap(page_of(0), 1);
	EXPECT_EQ(sys_mprotect((u32)page_of(1), PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_madvise((u32)page_of(2), PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT(memory_check_part(place, 1, 3, 3));
	EXPECT_CHILD(memory_write_child, page_of(1), KILLED(SIGSEGV));
	memory_map_at((u32)page_of(3), 1, READ_WRITE);
	memory_fill(page_of(3), 1, 4);
}

static void one_side_drops_its_view(void)
{
	map_shared(PAGES);
	memory_fill(place, PAGES, 3);
	EXPECT_CHILD(drop_the_view, NULL, EXITED(0));
	EXPECT(memory_check(place, PAGES, 3));
	EXPECT(maps_all(place, PAGES, READ_WRITE));
	memory_fill(place, PAGES, 5);
	EXPECT(memory_check(place, PAGES, 5));
	memory_unmap(place, PAGES);
}

struct heir {
	struct gate unmapped;
	struct gate checked;
};

static void inherit(void *argument)
{
	struct heir *heir = argument;

	gate_wait(&heir->unmapped);
	EXPECT(memory_check(place, PAGES, 6));
	memory_fill(place, PAGES, 7);
	EXPECT_EQ(sys_madvise(FIXED_PLACE, PAGES * PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT(memory_check(place, PAGES, 7));
	gate_open_by_child(&heir->checked);
}

static void the_child_keeps_the_pages(void)
{
	struct heir heir;
	int child;

	gate_create(&heir.unmapped);
	gate_create(&heir.checked);
	map_shared(PAGES);
	memory_fill(place, PAGES, 6);
	child = process_start(inherit, &heir);
	memory_unmap(place, PAGES);
	memory_map_at(FIXED_PLACE, PAGES, READ_WRITE);
	gate_open(&heir.unmapped);
	gate_join(&heir.checked);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT(memory_is_zero(place, PAGES * PAGE_SIZE));
	memory_unmap(place, PAGES);
}

static void move_the_view(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_mremap((u32)page_of(1), 2 * PAGE_SIZE, 2 * PAGE_SIZE,
			     MREMAP_MAYMOVE | MREMAP_FIXED, (u32)page_of(10)),
		  (u32)page_of(10));
	EXPECT(memory_check_part(page_of(9), 1, 2, 8));
	memory_write(page_of(10) + 3, 0x81);
	EXPECT_CHILD(memory_write_child, page_of(1), KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, page_of(11) + 4, EXITED(0));
}

static void one_side_moves_its_view(void)
{
	map_shared(PAGES);
	memory_fill(place, PAGES, 8);
	EXPECT_CHILD(move_the_view, NULL, EXITED(0));
	EXPECT_EQ(memory_read(page_of(1) + 3), 0x81);
	EXPECT_EQ(memory_read(page_of(2) + 4), 0x5A);
	EXPECT(memory_check_part(place, 3, 1, 8));
	memory_unmap(place, PAGES);
}

/* Written to by the kernel: also through an entry that is not there yet. */
static void write_by_the_kernel(void *argument)
{
	int child = process_start(answer, argument);

	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(sys_waitpid(child, (int *)page_of(2), 0), child);
	EXPECT_EQ(sys_uname((struct utsname *)(page_of(1) - 100)), 0);
}

static void the_kernel_writes(void)
{
	struct utsname name;

	map_shared(PAGES);
	EXPECT_CHILD(write_by_the_kernel, page_of(3), EXITED(0));
	EXPECT_EQ(*(int *)page_of(2) & 0x7F, SIGKILL);
	EXPECT_EQ(sys_uname(&name), 0);
	EXPECT_EQ(memcmp(&name, page_of(1) - 100, sizeof(name)), 0);
	memory_unmap(place, PAGES);
}

/* Shared and private memory in a row: two areas, and only one of them is copied on write. */
static void write_over_both(void *argument)
{
	(void)argument;
	memory_fill(place, 2 * PAGES, 10);
}

static void beside_private_memory(void)
{
	map_shared(PAGES);
	memory_map_at((u32)page_of(PAGES), PAGES, READ_WRITE);
	EXPECT_EQ(maps_count(place, 2 * PAGES), 2);
	memory_fill(place, 2 * PAGES, 9);
	EXPECT_CHILD(write_over_both, NULL, EXITED(0));
	EXPECT(memory_check_part(place, 0, PAGES, 10));
	EXPECT(memory_check_part(place, PAGES, PAGES, 9));
	memory_unmap(place, 2 * PAGES);
}

/* Two calls make two objects, which do not become one by lying side by side. */
static void two_objects(void)
{
	map_shared(2);
	EXPECT_EQ(sys_mmap2((u32)page_of(2), 2 * PAGE_SIZE, READ_WRITE, SHARED | MAP_FIXED, -1, 0),
		  (u32)page_of(2));
	EXPECT_EQ(maps_count(place, 4), 2);
	memory_fill(place, 4, 11);
	EXPECT(memory_check(place, 4, 11));
	memory_unmap(page_of(1), 2);
	EXPECT(memory_check_part(place, 0, 1, 11));
	EXPECT(memory_check_part(place, 3, 1, 11));
	memory_unmap(place, 4);
}

/* As much memory as the smallest machine has goes through, a MiB at a time. */
static void pages_are_freed(void)
{
	for (u32 round = 0; round < 64; round++) {
		map_shared(256);
		for (u32 i = 0; i < 256; i++) {
			EXPECT_EQ(*(volatile u32 *)page_of(i), 0);
			*(volatile u32 *)page_of(i) = i + 1;
		}
		if (round % 16 == 0)
			EXPECT_CHILD(memory_write_child, place, EXITED(0));
		memory_unmap(place, 256);
	}
}

static const struct tap_case cases[] = {
	{ "parent and child write to the same pages", both_sides_write },
	{ "pages that only the child touched", pages_that_only_the_child_touched },
	{ "a conversation in shared memory", a_conversation },
	{ "nine generations share a page", generations },
	{ "one side drops its view", one_side_drops_its_view },
	{ "the child keeps the pages", the_child_keeps_the_pages },
	{ "one side moves its view", one_side_moves_its_view },
	{ "the kernel writes to shared memory", the_kernel_writes },
	{ "shared beside private memory", beside_private_memory },
	{ "two objects side by side", two_objects },
	{ "shared pages are freed", pages_are_freed },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
