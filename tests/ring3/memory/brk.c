/* SPDX-License-Identifier: MIT */
/*
 * brk: the heap [start_brk, brk) grows and shrinks by bytes, and is mapped by pages.
 *
 *	start_brk              brk   page end
 *	|  touched | untouched  |       |  unmapped: an access dies
 *
 * Linux's rules, which the cases hold a kernel to: the call returns the break after it, which is
 * the old one when it refuses; start_brk need not lie on a page boundary, nor directly after the
 * bss; bytes between the break and the end of its page stay as they are; whole pages above the
 * break are gone, and zero when they come back.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define PAGES(n) ((n)*PAGE_SIZE)

static char *program_path;
static u32 start_brk;
static u32 base; /* the first page boundary of the heap */

/* The heap back to [start_brk, base): no whole page in it. */
static void empty_heap(void)
{
	EXPECT_EQ(sys_brk(base), base);
}

static void grow(u32 end)
{
	EXPECT_EQ(sys_brk(end), end);
	memory_small_pages((void *)base, (end - base) / PAGE_SIZE);
}

static void asking_changes_nothing(void)
{
	EXPECT_EQ(sys_brk(0), start_brk);
	EXPECT_EQ(sys_brk(start_brk), start_brk);
	EXPECT_EQ(sys_brk(0), start_brk);
	EXPECT(start_brk > (u32)&base);
	EXPECT_CHILD(memory_read_child, (void *)base, KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, (void *)base, KILLED(SIGSEGV));
}

static void one_byte_maps_one_page(void)
{
	u8 *heap = (u8 *)base;

	grow(base + 1);
	EXPECT_EQ(sys_brk(0), base + 1);
	EXPECT_EQ(memory_count_present(heap, 2), 0);
	memory_write(heap, 1);
	memory_write(heap + PAGE_SIZE - 1, 2);
	EXPECT_EQ(memory_count_exclusive(heap, 2), 1);
	EXPECT_CHILD(memory_read_child, heap + PAGE_SIZE, KILLED(SIGSEGV));
	empty_heap();
	EXPECT_CHILD(memory_read_child, heap, KILLED(SIGSEGV));
}

static void the_break_is_exact_to_the_byte(void)
{
	static const u32 ends[] = { 1, 2, 4095, 4096, 4097, 8191, 8193, 12288, 12287, 5, 0, 20000 };

	for (u32 i = 0; i < ARRAY_SIZE(ends); i++) {
		u32 end = base + ends[i];
		u32 mapped_end = ALIGN_UP(end, PAGE_SIZE);

		EXPECT_EQ(sys_brk(end), end);
		EXPECT_EQ(sys_brk(0), end);
		EXPECT_CHILD(memory_write_child, (void *)mapped_end, KILLED(SIGSEGV));
		if (mapped_end > base)
			EXPECT_CHILD(memory_write_child, (void *)(mapped_end - 1), EXITED(0));
	}
	empty_heap();
}

/*
 * 16 MiB: no more than the smallest machine could really give, because this memory is accounted
 * for.
 */
static void growing_costs_nothing_before_a_touch(void)
{
	u8 *heap = (u8 *)base;

	grow(base + MiB(16));
	EXPECT_EQ(memory_count_present(heap, MiB(16) / PAGE_SIZE), 0);
	for (u32 i = 0; i < 16; i++)
		memory_write(heap + i * MiB(1) + i * 4097, 1);
	EXPECT_EQ(memory_count_exclusive(heap, MiB(16) / PAGE_SIZE), 16);
	empty_heap();
	EXPECT_EQ(memory_count_present(heap, MiB(16) / PAGE_SIZE), 0);
}

static void small_steps(void)
{
	u8 *heap = (u8 *)base;
	u32 end = base;

	while (end < base + PAGES(5)) {
		u32 old = end;

		end += 100;
		grow(end);
		for (; old < end; old++) {
			EXPECT_EQ(memory_read((u8 *)old), 0);
			memory_write((u8 *)old, (u8)(old * 7));
		}
		EXPECT_EQ(memory_count_exclusive(heap, 8), DIV_ROUND_UP(end - base, PAGE_SIZE));
	}
	for (u32 at = base; at < end; at++)
		EXPECT_EQ(memory_read((u8 *)at), (u8)(at * 7));
	empty_heap();
}

static void shrinking_frees_frames(void)
{
	u8 *heap = (u8 *)base;

	grow(base + PAGES(64));
	EXPECT(memory_is_zero(heap, PAGES(64)));
	memory_fill(heap, 64, 1);
	EXPECT_EQ(memory_count_exclusive(heap, 64), 64);
	EXPECT_EQ(sys_brk(base + PAGES(16)), base + PAGES(16));
	EXPECT_EQ(memory_count_present(heap, 64), 16);
	EXPECT(memory_check(heap, 16, 1));
	EXPECT_CHILD(memory_read_child, heap + PAGES(16), KILLED(SIGSEGV));
	EXPECT_CHILD(memory_read_child, heap + PAGES(63), KILLED(SIGSEGV));
	grow(base + PAGES(64));
	EXPECT_EQ(memory_count_present(heap, 64), 16);
	EXPECT(memory_is_zero(heap + PAGES(16), PAGES(48)));
	EXPECT(memory_check(heap, 16, 1));
	empty_heap();
	EXPECT_EQ(memory_count_present(heap, 64), 0);
}

static void shrinking_inside_a_page_changes_nothing(void)
{
	u8 *heap = (u8 *)base;

	grow(base + PAGES(3));
	memory_fill(heap, 3, 2);
	EXPECT_EQ(sys_brk(base + PAGES(2) + 1), base + PAGES(2) + 1);
	EXPECT_EQ(memory_count_present(heap, 3), 3);
	EXPECT(memory_check(heap, 3, 2));
	EXPECT_EQ(sys_brk(base + PAGES(3)), base + PAGES(3));
	EXPECT(memory_check(heap, 3, 2));
	empty_heap();
}

static void below_the_start_is_refused(void)
{
	grow(base + PAGES(2));
	memory_fill((void *)base, 2, 3);
	EXPECT_EQ(sys_brk(start_brk - 1), base + PAGES(2));
	EXPECT_EQ(sys_brk((u32)_start), base + PAGES(2));
	EXPECT_EQ(sys_brk(1), base + PAGES(2));
	EXPECT(memory_check((void *)base, 2, 3));
	EXPECT_EQ(sys_brk(start_brk), start_brk);
	empty_heap();
}

static void beyond_the_address_space_is_refused(void)
{
	grow(base + 10);
	EXPECT_EQ(sys_brk(0xFFFFF000u), base + 10);
	EXPECT_EQ(sys_brk(0xFFFFFFFFu), base + 10);
	EXPECT_EQ(sys_brk((u32)__builtin_frame_address(0)), base + 10);
	EXPECT_EQ(sys_brk(0), base + 10);
	empty_heap();
}

static void into_a_mapping_is_refused(void)
{
	u8 *obstacle = memory_map_at(base + PAGES(32), 2, PROT_READ | PROT_WRITE);

	memory_fill(obstacle, 2, 4);
	grow(base + PAGES(20));
	memory_fill((void *)base, 20, 5);
	EXPECT_EQ(sys_brk(base + PAGES(33)), base + PAGES(20));
	EXPECT_EQ(sys_brk(base + PAGES(50)), base + PAGES(20));
	EXPECT(memory_check(obstacle, 2, 4));
	EXPECT(memory_check((void *)base, 20, 5));
	grow(base + PAGES(30));
	EXPECT(memory_check((void *)base, 20, 5));
	EXPECT(memory_is_zero((void *)(base + PAGES(20)), PAGES(10)));
	memory_unmap(obstacle, 2);
	grow(base + PAGES(50));
	EXPECT(memory_is_zero((void *)(base + PAGES(20)), PAGES(30)));
	empty_heap();
}

static void hole_in_the_heap(void)
{
	u8 *heap = (u8 *)base;

	grow(base + PAGES(8));
	memory_fill(heap, 8, 6);
	memory_unmap(heap + PAGES(3), 2);
	EXPECT_EQ(sys_brk(0), base + PAGES(8));
	EXPECT_EQ(memory_count_present(heap, 8), 6);
	EXPECT_CHILD(memory_read_child, heap + PAGES(4), KILLED(SIGSEGV));
	EXPECT(memory_check_part(heap, 5, 3, 6));
	EXPECT_EQ(sys_brk(base + PAGES(1)), base + PAGES(1));
	EXPECT_EQ(memory_count_present(heap, 8), 1);
	EXPECT(memory_check_part(heap, 0, 1, 6));
	empty_heap();
}

static void read_only_heap_grows_writable(void)
{
	u8 *heap = (u8 *)base;

	grow(base + PAGES(2));
	memory_fill(heap, 2, 7);
	EXPECT_EQ(sys_mprotect(base, PAGES(2), PROT_READ), 0);
	grow(base + PAGES(4));
	memory_fill(heap + PAGES(2), 2, 8);
	EXPECT(memory_check(heap, 2, 7));
	EXPECT_CHILD(memory_write_child, heap + PAGES(1), KILLED(SIGSEGV));
	EXPECT_CHILD(memory_write_child, heap + PAGES(2), EXITED(0));
	empty_heap();
}

static void move_the_break(void *argument)
{
	u8 *heap = argument;

	EXPECT(memory_check(heap, 4, 9));
	EXPECT_EQ(sys_brk(0), base + PAGES(4));
	grow(base + PAGES(9));
	memory_fill(heap, 9, 10);
	EXPECT_EQ(sys_brk(base + PAGES(2)), base + PAGES(2));
	EXPECT(memory_check_part(heap, 0, 2, 10));
}

static void a_child_has_its_own_break(void)
{
	grow(base + PAGES(4));
	memory_fill((void *)base, 4, 9);
	EXPECT_CHILD(move_the_break, (void *)base, EXITED(0));
	EXPECT_EQ(sys_brk(0), base + PAGES(4));
	EXPECT(memory_check((void *)base, 4, 9));
	EXPECT_EQ(memory_count_present((void *)base, 9), 4);
	EXPECT_CHILD(memory_read_child, (void *)(base + PAGES(4)), KILLED(SIGSEGV));
	empty_heap();
}

static void the_kernel_knows_the_end(void)
{
	long fd = sys_open(program_path, O_RDONLY);

	grow(base + PAGES(1));
	EXPECT_EQ(sys_pread64((int)fd, (void *)base, 64, 0), 64);
	EXPECT_EQ(memcmp((void *)base, "\177ELF", 4), 0);
	EXPECT_EQ(sys_pread64((int)fd, (void *)(base + PAGES(1)), 64, 0), -EFAULT);
	empty_heap();
	EXPECT_EQ(sys_pread64((int)fd, (void *)base, 64, 0), -EFAULT);
	EXPECT_EQ(sys_close((int)fd), 0);
}

/*
 * A first-fit allocator of the kind that the books write on top of brk:
 *
 *	base -> | header | bytes ... | header | bytes ... | ... break
 */
struct block {
	u32 size; /* of the bytes after the header; a multiple of 8 */
	u32 used;
};

static struct block *next_block(struct block *block)
{
	return (struct block *)((u8 *)(block + 1) + block->size);
}

static void *allocate(u32 size)
{
	struct block *block = (struct block *)base;
	struct block *end = (struct block *)sys_brk(0);

	size = ALIGN_UP(size, 8u);
	for (; block != end; block = next_block(block)) {
		if (!block->used && block->size >= size) {
			block->used = 1;
			return block + 1;
		}
	}
	if (sys_brk((u32)(end + 1) + size) != (u32)(end + 1) + size)
		return NULL;
	EXPECT(memory_is_zero(end, sizeof(*end) + size));
	end->size = size;
	end->used = 1;
	return end + 1;
}

static void a_small_allocator(void)
{
	enum { SLOTS = 40 };
	u8 *slots[SLOTS] = { NULL };
	u32 sizes[SLOTS];
	u32 random = 1;

	for (u32 step = 0; step < 400; step++) {
		u32 i = step % SLOTS;

		random = random * 1103515245u + 12345u;
		if (slots[i]) {
			for (u32 k = 0; k < sizes[i]; k++)
				EXPECT_EQ(slots[i][k], (u8)(i + k));
			((struct block *)slots[i] - 1)->used = 0;
			slots[i] = NULL;
		}
		if (random & 0x100000) {
			sizes[i] = 1 + (random >> 8) % 3000;
			slots[i] = allocate(sizes[i]);
			if (!EXPECT(slots[i]))
				break;
			for (u32 k = 0; k < sizes[i]; k++)
				slots[i][k] = (u8)(i + k);
		}
	}
	empty_heap();
	EXPECT_EQ(memory_count_present((void *)base, 64), 0);
}

static const struct tap_case cases[] = {
	{ "brk(0) tells and changes nothing", asking_changes_nothing },
	{ "one byte maps one page", one_byte_maps_one_page },
	{ "the break is exact to the byte", the_break_is_exact_to_the_byte },
	{ "growing costs nothing before a touch", growing_costs_nothing_before_a_touch },
	{ "growth in small steps", small_steps },
	{ "shrinking frees the frames", shrinking_frees_frames },
	{ "shrinking inside a page changes nothing", shrinking_inside_a_page_changes_nothing },
	{ "below start_brk is refused", below_the_start_is_refused },
	{ "beyond the address space is refused", beyond_the_address_space_is_refused },
	{ "into a mapping is refused", into_a_mapping_is_refused },
	{ "a hole in the heap", hole_in_the_heap },
	{ "a read-only heap grows writable", read_only_heap_grows_writable },
	{ "a child has its own break", a_child_has_its_own_break },
	{ "read(2) knows the end of the heap", the_kernel_knows_the_end },
	{ "a small allocator", a_small_allocator },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	start_brk = sys_brk(0);
	base = ALIGN_UP(start_brk, PAGE_SIZE);
	return tap_run(cases, ARRAY_SIZE(cases));
}
