/* SPDX-License-Identifier: MIT */
/*
 * Copy on write, the frames: really shared before a write, and split after it.
 *
 *	before fork      after fork                the child's write      the child's end
 *	parent -> A      parent -> A <- child      parent -> A            parent -> A
 *	                                           child  -> B (copy)
 *	A exclusive      A shared                  A, B exclusive        A exclusive: reused
 *
 * That a frame is shared is read from pagemap's bit 56 and, where the kernel shows them, from the
 * frame numbers. Gates (process.h) keep both processes alive at the moments at which the other one
 * looks.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE  (PROT_READ | PROT_WRITE)
#define PAGES	    8u
#define REUSE_PAGES 128u

static char *program_path;

static u8 *page_of(u8 *start, u32 index)
{
	return start + index * PAGE_SIZE;
}

/*
 * The conversation of the cases below: the child does something, opens `child_done`, and stays
 * alive until the parent has looked and opens `parent_done`.
 */
struct talk {
	struct gate child_done;
	struct gate parent_done;
	u8 *start;
	u32 frames[PAGES]; /* as the parent saw them before the fork */
	int child;
};

/* The gates come first: their processes must not share the pages. */
static void talk_begin(struct talk *talk, process_body *body)
{
	gate_create(&talk->child_done);
	gate_create(&talk->parent_done);
	talk->start = memory_map(PAGES, READ_WRITE);
	memory_fill(talk->start, PAGES, 500);
	for (u32 i = 0; i < PAGES; i++)
		talk->frames[i] = memory_page(page_of(talk->start, i)).frame;
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), PAGES);
	talk->child = process_start(body, talk);
	gate_join(&talk->child_done);
}

static void talk_end(struct talk *talk)
{
	gate_open(&talk->parent_done);
	EXPECT_EQ(process_wait(talk->child), EXITED(0));
	memory_unmap(talk->start, PAGES);
}

static bool same_frames(const struct talk *talk)
{
	for (u32 i = 0; i < PAGES; i++) {
		if (memory_page(page_of(talk->start, i)).frame != talk->frames[i])
			return false;
	}
	return true;
}

static void look_at_shared_pages(void *argument)
{
	struct talk *talk = argument;

	EXPECT_EQ(memory_count_present(talk->start, PAGES), PAGES);
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 0);
	EXPECT(memory_check(talk->start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 0);
	EXPECT(same_frames(talk));
	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
}

static void frames_are_shared_after_fork(void)
{
	struct talk talk;

	talk_begin(&talk, look_at_shared_pages);
	EXPECT_EQ(memory_count_present(talk.start, PAGES), PAGES);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 0);
	EXPECT(memory_check(talk.start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 0);
	EXPECT(same_frames(&talk));
	talk_end(&talk);
}

static void write_page_three(void *argument)
{
	struct talk *talk = argument;
	struct page_state page;

	memory_write(page_of(talk->start, 3) + 1234, 0x77);
	page = memory_page(page_of(talk->start, 3));
	EXPECT(page.present && page.exclusive);
	EXPECT(!page.frame || page.frame != talk->frames[3]);
	EXPECT_EQ(memory_count_present(talk->start, PAGES), PAGES);
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 1);
	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
	EXPECT_EQ(memory_read(page_of(talk->start, 3) + 1234), 0x77);
	EXPECT(memory_check_part(talk->start, 0, 3, 500));
	EXPECT(memory_check_part(talk->start, 4, PAGES - 4, 500));
}

static void a_childs_write_splits_one_page(void)
{
	struct talk talk;

	talk_begin(&talk, write_page_three);
	EXPECT(memory_page(page_of(talk.start, 3)).exclusive);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 1);
	EXPECT(memory_check(talk.start, PAGES, 500));
	EXPECT(same_frames(&talk));
	talk_end(&talk);
}

static void wait_and_expect_old_page(void *argument)
{
	struct talk *talk = argument;

	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
	EXPECT(memory_check(talk->start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 1);
	EXPECT(memory_page(page_of(talk->start, 5)).exclusive);
	EXPECT(same_frames(talk));
}

static void a_parents_write_splits_one_page(void)
{
	struct talk talk;
	struct page_state page;

	talk_begin(&talk, wait_and_expect_old_page);
	memory_write(page_of(talk.start, 5), 0x78);
	page = memory_page(page_of(talk.start, 5));
	EXPECT(page.present && page.exclusive);
	EXPECT(!page.frame || page.frame != talk.frames[5]);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 1);
	gate_open(&talk.parent_done);
	EXPECT_EQ(process_wait(talk.child), EXITED(0));
	EXPECT_EQ(memory_read(page_of(talk.start, 5)), 0x78);
	memory_unmap(talk.start, PAGES);
}

static void write_across_a_boundary(void *argument)
{
	struct talk *talk = argument;

	*(volatile u32 *)(page_of(talk->start, 2) - 1) = 0xA1B2C3D4;
	EXPECT_EQ(memory_count_exclusive(talk->start, PAGES), 2);
	EXPECT_EQ(*(volatile u32 *)(page_of(talk->start, 2) - 1), 0xA1B2C3D4);
	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
}

static void a_write_across_a_boundary_splits_two_pages(void)
{
	struct talk talk;

	talk_begin(&talk, write_across_a_boundary);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 2);
	EXPECT(memory_check(talk.start, PAGES, 500));
	talk_end(&talk);
}

static void wait_without_writing(void *argument)
{
	struct talk *talk = argument;

	gate_open_by_child(&talk->child_done);
	gate_wait(&talk->parent_done);
}

/* Three processes share; one splits off; the two others go on sharing. */
static void three_sharers(void)
{
	struct talk talk;
	struct gate second_done;
	int second;

	talk_begin(&talk, wait_without_writing);
	gate_create(&second_done);
	second = sys_fork();
	if (second == 0) {
		tap_reset();
		memory_write(talk.start, 0x79);
		EXPECT(memory_page(talk.start).exclusive);
		gate_open_by_child(&second_done);
		gate_wait(&talk.parent_done);
		sys_exit_group(tap_failures() ? 1 : 0);
	}
	EXPECT(second > 0);
	gate_join(&second_done);
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), 0);
	EXPECT(same_frames(&talk));
	EXPECT(memory_check(talk.start, PAGES, 500));
	gate_open(&talk.parent_done);
	EXPECT_EQ(process_wait(second), EXITED(0));
	EXPECT_EQ(process_wait(talk.child), EXITED(0));
	EXPECT_EQ(memory_count_exclusive(talk.start, PAGES), PAGES);
	memory_unmap(talk.start, PAGES);
}

static void do_nothing(void *argument)
{
	(void)argument;
}

/*
 * Linux copies nevertheless if something else still holds a reference of the frame for a moment
 * (its per-CPU lists hold up to 31), so half of the frames have to stay.
 */
static void the_last_owner_reuses_the_frame(void)
{
	u8 *start = memory_map(REUSE_PAGES, READ_WRITE);
	u32 before[REUSE_PAGES];
	u32 kept = 0;

	memory_fill(start, REUSE_PAGES, 600);
	for (u32 i = 0; i < REUSE_PAGES; i++)
		before[i] = memory_page(page_of(start, i)).frame;
	EXPECT_CHILD(do_nothing, NULL, EXITED(0));
	EXPECT_EQ(memory_count_exclusive(start, REUSE_PAGES), REUSE_PAGES);
	memory_fill(start, REUSE_PAGES, 601);
	EXPECT_EQ(memory_count_exclusive(start, REUSE_PAGES), REUSE_PAGES);
	for (u32 i = 0; i < REUSE_PAGES; i++)
		kept += memory_page(page_of(start, i)).frame == before[i];
	EXPECT(kept >= REUSE_PAGES / 2);
	EXPECT(memory_check(start, REUSE_PAGES, 601));
	memory_unmap(start, REUSE_PAGES);
}

struct kernel_write {
	struct talk talk;
	int fd;
	u8 head[64];
};

/*
 * The kernel writes for the program: read(2), uname(2) and the status of waitpid(2) into shared
 * pages.
 */
static void let_the_kernel_write(void *argument)
{
	struct kernel_write *order = container_of(argument, struct kernel_write, talk);
	u8 *start = order->talk.start;
	int *status = (int *)page_of(start, 4);
	int child = process_start(do_nothing, NULL);

	EXPECT_EQ(sys_pread64(order->fd, page_of(start, 2) - 32, 64, 0), 64);
	EXPECT_EQ(memcmp(page_of(start, 2) - 32, order->head, 64), 0);
	EXPECT_EQ(sys_waitpid(child, status, 0), child);
	EXPECT_EQ(*status, EXITED(0));
	EXPECT_EQ(sys_uname((struct utsname *)page_of(start, 6)), 0);
	EXPECT_EQ(memory_count_exclusive(start, PAGES), 4);
	gate_open_by_child(&order->talk.child_done);
	gate_wait(&order->talk.parent_done);
}

static void kernels_writes_split_too(void)
{
	struct kernel_write order;

	order.fd = (int)sys_open(program_path, O_RDONLY);
	EXPECT_EQ(sys_pread64(order.fd, order.head, 64, 0), 64);
	talk_begin(&order.talk, let_the_kernel_write);
	EXPECT(memory_check(order.talk.start, PAGES, 500));
	EXPECT_EQ(memory_count_exclusive(order.talk.start, PAGES), 4);
	talk_end(&order.talk);
	EXPECT_EQ(sys_close(order.fd), 0);
}

static const struct tap_case cases[] = {
	{ "frames are shared after fork, also after reads", frames_are_shared_after_fork },
	{ "a child's write splits one page", a_childs_write_splits_one_page },
	{ "a parent's write splits one page", a_parents_write_splits_one_page },
	{ "a write across a boundary splits two pages",
	  a_write_across_a_boundary_splits_two_pages },
	{ "of three sharers one splits off", three_sharers },
	{ "the last owner reuses the frame", the_last_owner_reuses_the_frame },
	{ "writes by the kernel split too", kernels_writes_split_too },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
