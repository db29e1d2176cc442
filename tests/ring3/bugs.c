/* SPDX-License-Identifier: MIT */
/*
 * Bugs that real kernels had in this code, each as the shortest program that would have shown it,
 * named after it. docs/testing.md lists them all, with those that other tests hold.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define ANONYMOUS  (MAP_PRIVATE | MAP_ANONYMOUS)
#define MOVE_FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)
#define TOP	   0xFFFFF000u

static u8 *const place = (u8 *)FIXED_PLACE;

static u8 *page_of(u32 index)
{
	return place + index * PAGE_SIZE;
}

/* The pages of all areas, as /proc/self/statm counts them: its first number. */
static u32 total_pages(void)
{
	char text[64] = "";
	long fd = sys_open("/proc/self/statm", O_RDONLY);

	EXPECT(sys_read((int)fd, text, sizeof(text) - 1) > 0);
	EXPECT_EQ(sys_close((int)fd), 0);
	return string_to_number(text);
}

/* Linux 2.4 let brk run over the start of the kernel. */
static void brk_without_bounds(void)
{
	static const u32 ends[] = { TOP, 0xFFFFFFFFu, 0xFFFFE001u, 0xFFFFFFF0u };
	u32 heap = sys_brk(0), pages = total_pages();

	for (u32 i = 0; i < ARRAY_SIZE(ends); i++)
		EXPECT_EQ(sys_brk(ends[i]), heap);
	EXPECT_EQ(total_pages(), pages);
	EXPECT_CHILD(memory_write_child, (void *)TOP, KILLED(SIGSEGV));
}

/* The same in every other call: an end that wraps to a small number is larger than all. */
static void every_call_refuses_a_wrap(void)
{
	u32 pages = total_pages();
	u8 resident[4];

	memory_map_at(FIXED_PLACE, 1, READ_WRITE);
	EXPECT_EQ(sys_mmap2(TOP, 2 * PAGE_SIZE, READ_WRITE, ANONYMOUS | MAP_FIXED, -1, 0), -ENOMEM);
	EXPECT_EQ(sys_munmap(TOP, 2 * PAGE_SIZE), -EINVAL);
	EXPECT_EQ(sys_mprotect(TOP, 2 * PAGE_SIZE, READ_WRITE), -ENOMEM);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, PAGE_SIZE, 2 * PAGE_SIZE, MOVE_FIXED, TOP), -EINVAL);
	EXPECT_EQ(sys_mremap(TOP, 2 * PAGE_SIZE, PAGE_SIZE, MOVE_FIXED, (u32)page_of(8)), -EFAULT);
	EXPECT_EQ(sys_mincore(TOP, 2 * PAGE_SIZE, resident), -ENOMEM);
	EXPECT_EQ(sys_msync(TOP, 2 * PAGE_SIZE, MS_SYNC), -ENOMEM);
	EXPECT_EQ(sys_shmdt(TOP), -EINVAL);
	EXPECT(maps_all(place, 1, READ_WRITE));
	memory_unmap(place, 1);
	EXPECT_EQ(total_pages(), pages);
}

/* It created an empty area, which broke later calls. */
static void mremap_to_length_zero(void)
{
	u32 pages = total_pages();

	memory_map_at(FIXED_PLACE, 2, READ_WRITE);
	memory_fill(place, 2, 1);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 2 * PAGE_SIZE, 0, 0, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 2 * PAGE_SIZE, 0, MOVE_FIXED, (u32)page_of(8)), -EINVAL);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, 0, 0, MOVE_FIXED, (u32)page_of(8)), -EINVAL);
	EXPECT_EQ(maps_count(place, 16), 1);
	EXPECT(memory_check(place, 2, 1));
	EXPECT_EQ(total_pages(), pages + 2);
	memory_unmap(place, 2);
	EXPECT_EQ(total_pages(), pages);
}

/* It went on when the unmapping inside it had failed. */
static void mremap_with_a_bad_destination(void)
{
	static const u32 to[] = { TOP, TOP - PAGE_SIZE, FIXED_PLACE + 1, FIXED_PLACE + PAGE_SIZE };
	u32 pages = total_pages();

	memory_map_at(FIXED_PLACE, 4, READ_WRITE);
	memory_fill(place, 4, 2);
	for (u32 i = 0; i < ARRAY_SIZE(to); i++) {
		EXPECT_EQ(sys_mremap(FIXED_PLACE, 4 * PAGE_SIZE, 4 * PAGE_SIZE, MOVE_FIXED, to[i]),
			  -EINVAL);
		EXPECT(memory_check(place, 4, 2));
		EXPECT_EQ(total_pages(), pages + 4);
	}
	EXPECT_EQ(memory_count_exclusive(place, 4), 4);
	memory_unmap(place, 4);
}

/* A second growth, to an address that an earlier one has reached, moved the start up again. */
static void growth_never_shrinks_a_stack(void)
{
	u32 pages = total_pages();

	EXPECT_EQ(sys_mmap2((u32)page_of(64), PAGE_SIZE, READ_WRITE,
			    ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0),
		  (u32)page_of(64));
	memory_write(page_of(40), 1);
	EXPECT_EQ(total_pages(), pages + 25);
	for (u32 i = 63; i >= 40; i--) {
		memory_write(page_of(i), (u8)i);
		EXPECT(maps_all(page_of(40), 25, READ_WRITE));
	}
	EXPECT_EQ(total_pages(), pages + 25);
	for (u32 i = 63; i >= 40; i--)
		EXPECT_EQ(memory_read(page_of(i)), i);
	memory_unmap(page_of(40), 25);
	EXPECT_EQ(total_pages(), pages);
}

/*
 * The kernel wrote to a file page that may only be read, because a page that was dropped between
 * two tries was taken for the copy.
 */
static void a_read_only_file_never_changes(void)
{
	struct file_ways file;
	u8 *buffer = memory_map(1, READ_WRITE);

	file_create_ways(&file, 1, 3);
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED,
			    file.read_only, 0),
		  FIXED_PLACE);
	for (u32 i = 0; i < 20; i++) {
		EXPECT(memory_check(place, 1, 3));
		EXPECT_EQ(sys_uname((struct utsname *)place), -EFAULT);
		EXPECT_EQ(sys_madvise(FIXED_PLACE, PAGE_SIZE, MADV_DONTNEED), 0);
		EXPECT_EQ(sys_uname((struct utsname *)place), -EFAULT);
		/*
		 * With the right to write it gets the copy; and without, the copy stays as it is.
		 */
		EXPECT_EQ(sys_mprotect(FIXED_PLACE, PAGE_SIZE, READ_WRITE), 0);
		EXPECT_EQ(sys_uname((struct utsname *)place), 0);
		EXPECT_EQ(sys_mprotect(FIXED_PLACE, PAGE_SIZE, PROT_READ), 0);
		memcpy(buffer, place, PAGE_SIZE);
		EXPECT_EQ(sys_pread64(file.read_only, place, 16, 100), -EFAULT);
		EXPECT_EQ(memcmp(buffer, place, PAGE_SIZE), 0);
		EXPECT_EQ(sys_madvise(FIXED_PLACE, PAGE_SIZE, MADV_DONTNEED), 0);
		EXPECT(file_check_page(file.read_only, 0, 3));
	}
	file_close_ways(&file);
	memory_unmap(place, 1);
	memory_unmap(buffer, 1);
}

/* The old translation stayed, and reached a frame that had a new owner. */
static void touch_the_old_address(void *argument)
{
	volatile u8 *old = place;

	(void)argument;
	memory_map_at(FIXED_PLACE, 2, READ_WRITE);
	old[0] = 1;
	old[PAGE_SIZE] = 2;
	if (sys_mremap(FIXED_PLACE, 2 * PAGE_SIZE, 2 * PAGE_SIZE, MOVE_FIXED, (u32)page_of(8)) !=
	    (u32)page_of(8))
		sys_exit_group(3);
	old[PAGE_SIZE] = 3;
}

static void mremap_and_the_tlb(void)
{
	EXPECT_CHILD(touch_the_old_address, NULL, KILLED(SIGSEGV));
	memory_map_at(FIXED_PLACE, 2, READ_WRITE);
	for (u32 i = 0; i < 50; i++) {
		memory_fill(place, 2, i);
		EXPECT_EQ(sys_mremap(FIXED_PLACE, 2 * PAGE_SIZE, 2 * PAGE_SIZE, MOVE_FIXED,
				     (u32)page_of(8)),
			  (u32)page_of(8));
		EXPECT_EQ(sys_uname((struct utsname *)place), -EFAULT);
		memory_map_at(FIXED_PLACE, 2, READ_WRITE);
		EXPECT(memory_is_zero(place, 2 * PAGE_SIZE));
		EXPECT_EQ(sys_uname((struct utsname *)place), 0);
		EXPECT(memory_check(page_of(8), 2, i));
	}
	memory_unmap(place, 16);
}

/* With CR0.WP clear ring 0 writes to pages that are read-only. */
static void kernel_writes_fault(void *argument)
{
	u32 seed = *(u32 *)argument;

	EXPECT(memory_check(place, 2, seed));
	EXPECT_EQ(sys_uname((struct utsname *)place), 0);
	EXPECT_EQ(sys_mprotect((u32)page_of(1), PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_uname((struct utsname *)page_of(1)), -EFAULT);
	EXPECT(memory_check_part(place, 1, 1, seed));
}

static void write_protection_in_ring_0(void)
{
	u32 seed = 4;

	memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	memory_fill(place, 2, seed);
	EXPECT_CHILD(kernel_writes_fault, &seed, EXITED(0));
	EXPECT(memory_check(place, 2, seed));
	/* The zero page too. */
	EXPECT_EQ(memory_read(page_of(2)), 0);
	EXPECT_EQ(sys_uname((struct utsname *)page_of(2)), 0);
	memory_map_at(FIXED_PLACE, 1, PROT_READ);
	EXPECT(memory_is_zero(place, PAGE_SIZE));
	memory_unmap(place, 3);
}

/* The right to write came with mprotect, and the page was still shared. */
static void gain_the_right_and_write(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 3 * PAGE_SIZE, READ_WRITE), 0);
	memory_fill(place, 3, 6);
}

static void mprotect_past_copy_on_write(void)
{
	int fd = file_create(3, 5);

	memory_map_at(FIXED_PLACE, 3, READ_WRITE);
	memory_fill(place, 2, 5);
	memory_read(page_of(2));
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, 3 * PAGE_SIZE, PROT_READ), 0);
	EXPECT_CHILD(gain_the_right_and_write, NULL, EXITED(0));
	EXPECT(memory_check(place, 2, 5));
	EXPECT(memory_is_zero(page_of(2), PAGE_SIZE));
	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 3 * PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	EXPECT(memory_check(place, 3, 5));
	gain_the_right_and_write(NULL);
	for (u32 i = 0; i < 3; i++)
		EXPECT(file_check_page(fd, i, 5));
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 3);
}

static u32 map_next_to(u32 page, int protection, int flags, int fd, u32 offset)
{
	return sys_mmap2((u32)page_of(page), PAGE_SIZE, protection, flags | MAP_FIXED, fd, offset);
}

/* Neighbours became one area that differed in file, offset, or flags. */
static void areas_that_must_not_merge(void)
{
	int fd = file_create(8, 7), other = file_create(8, 8);
	u32 page = 0;

	map_next_to(page++, PROT_READ, MAP_PRIVATE, fd, 0);
	map_next_to(page++, PROT_READ, MAP_PRIVATE, fd, 2);
	map_next_to(page++, PROT_READ, MAP_PRIVATE, other, 3);
	map_next_to(page++, PROT_READ, MAP_SHARED, other, 4);
	map_next_to(page++, READ_WRITE, MAP_SHARED, other, 5);
	map_next_to(page++, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	map_next_to(page++, READ_WRITE, ANONYMOUS, -1, 0);
	map_next_to(page++, READ_WRITE, ANONYMOUS | MAP_LOCKED, -1, 0);
	map_next_to(page++, READ_WRITE, ANONYMOUS | MAP_GROWSDOWN, -1, 0);
	EXPECT_EQ(maps_count(place, page), page);
	EXPECT(memory_check_part(place, 0, 1, 7));
	EXPECT(memory_check_part(place + PAGE_SIZE - 2 * PAGE_SIZE, 2, 1, 7));
	EXPECT(memory_check_part(place + 2 * PAGE_SIZE - 3 * PAGE_SIZE, 3, 1, 8));
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(other), 0);
	memory_unmap(place, page);
}

/* The next owner of a frame must not see the data of the last one. */
static void fill_and_leave(void *argument)
{
	(void)argument;
	memory_map_at(FIXED_PLACE, 256, READ_WRITE);
	memory_fill(place, 256, 9);
}

static void fresh_memory_is_zero(void)
{
	for (u32 i = 0; i < 4; i++) {
		int fd;

		EXPECT_CHILD(fill_and_leave, NULL, EXITED(0));
		memory_map_at(FIXED_PLACE, 256, READ_WRITE);
		for (u32 page = 0; page < 256; page += 3)
			memory_write(page_of(page), 0);
		EXPECT(memory_is_zero(place, 256 * PAGE_SIZE));
		memory_fill(place, 256, 10);
		memory_unmap(place, 256);
		EXPECT_EQ(sys_mmap2(FIXED_PLACE, 64 * PAGE_SIZE, READ_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			  FIXED_PLACE);
		EXPECT(memory_is_zero(place, 64 * PAGE_SIZE));
		memory_fill(place, 64, 11);
		memory_unmap(place, 64);
		fd = file_create(0, 0);
		EXPECT_EQ(sys_pwrite64(fd, "x", 1, 8 * PAGE_SIZE), 1);
		memory_map_at(FIXED_PLACE, 8, READ_WRITE);
		memory_fill(place, 8, 13);
		EXPECT_EQ(sys_pread64(fd, place, 8 * PAGE_SIZE, 0), 8 * PAGE_SIZE);
		EXPECT(memory_is_zero(place, 8 * PAGE_SIZE));
		EXPECT_EQ(sys_close(fd), 0);
		memory_unmap(place, 8);
	}
}

/* A fault that can't be resolved is a signal, or EFAULT, and never the same fault again. */
static void faults_that_cannot_be_resolved(void)
{
	int fd = file_create(1, 12);
	struct utsname *beyond = (struct utsname *)page_of(1);

	EXPECT_EQ(sys_mmap2(FIXED_PLACE, 3 * PAGE_SIZE, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 0),
		  FIXED_PLACE);
	EXPECT_EQ(sys_uname(beyond), -EFAULT);
	EXPECT_EQ(sys_open((char *)beyond, O_RDONLY), -EFAULT);
	EXPECT_EQ(sys_pwrite64(fd, beyond, 16, 0), -EFAULT);
	EXPECT_EQ(sys_pread64(fd, page_of(1) - 8, 16, 0), 8);
	EXPECT_CHILD(memory_write_child, beyond, KILLED(SIGBUS));
	EXPECT_EQ(file_size(fd), PAGE_SIZE);
	EXPECT_EQ(sys_close(fd), 0);
	memory_unmap(place, 3);
}

static const struct tap_case cases[] = {
	{ "do_brk without bounds (CVE-2003-0961)", brk_without_bounds },
	{ "every call refuses a wrap (CVE-2003-0961)", every_call_refuses_a_wrap },
	{ "mremap to length 0 (CVE-2003-0985)", mremap_to_length_zero },
	{ "mremap with a bad destination (CVE-2004-0077)", mremap_with_a_bad_destination },
	{ "expand_stack (CVE-2005-0001)", growth_never_shrinks_a_stack },
	{ "Dirty COW (CVE-2016-5195)", a_read_only_file_never_changes },
	{ "mremap and late TLB flush (CVE-2018-18281)", mremap_and_the_tlb },
	{ "CR0.WP clear", write_protection_in_ring_0 },
	{ "mprotect(+W) past COW", mprotect_past_copy_on_write },
	{ "merge of areas", areas_that_must_not_merge },
	{ "fresh memory is zero", fresh_memory_is_zero },
	{ "faults that cannot be resolved", faults_that_cannot_be_resolved },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
