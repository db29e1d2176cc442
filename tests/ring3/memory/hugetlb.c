/* SPDX-License-Identifier: MIT */
/*
 * Large pages without any in the pool: MAP_HUGETLB.
 *
 *	mmap(MAP_HUGETLB)                 ENOMEM if the pool has not as many pages left
 *	mmap(MAP_HUGETLB|MAP_NORESERVE)   always; an access is SIGBUS where the pool is empty
 *	a cut inside a large page         EINVAL, by munmap, mprotect, madvise, mremap
 *
 * By MAP_NORESERVE most rules can be seen without a page. hugetlb_pages has the others.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/hugetlb.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/task_calls.h"

/* Of which no page is promised. */
static u32 map_bare(u32 pages)
{
	return map(0, pages, READ_WRITE, PRIVATE | MAP_NORESERVE);
}

static void arguments(void)
{
	int bare = PRIVATE | MAP_NORESERVE, log = 31 - __builtin_clz(size), fd = file_create(1, 1);
	u32 address = map(0, 1, READ_WRITE, bare | log << MAP_HUGE_SHIFT);

	EXPECT_EQ(address % size, 0);
	EXPECT_EQ(unmap(address, 1), 0);
	EXPECT_EQ(sys_mmap2(0, 0, READ_WRITE, bare, -1, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(0, 0u - PAGE_SIZE, READ_WRITE, bare, -1, 0), -ENOMEM);
	EXPECT_EQ(map(0, 1, READ_WRITE, bare | 12 << MAP_HUGE_SHIFT), -EINVAL);
	EXPECT_EQ(map(0, 1, READ_WRITE, bare | 24 << MAP_HUGE_SHIFT), -EINVAL);
	EXPECT_EQ(map(0, 1, READ_WRITE, bare & ~MAP_PRIVATE), -EINVAL);
	EXPECT_EQ(map(0, 1, READ_WRITE, bare | MAP_GROWSDOWN), -EINVAL);
	EXPECT_EQ(map(FIXED_PLACE + PAGE_SIZE, 1, READ_WRITE, bare | MAP_FIXED), -EINVAL);
	EXPECT_EQ(sys_mmap2(0, size, READ_WRITE, bare, -1, 1), -EINVAL);
	EXPECT_EQ(sys_mmap2(0, size, READ_WRITE, MAP_PRIVATE | MAP_HUGETLB, fd, 0), -EINVAL);
	EXPECT_EQ(sys_mmap2(0, size, READ_WRITE, MAP_PRIVATE | MAP_HUGETLB, 9999, 0), -EBADF);
	sys_close(fd);
}

/* Lengths and hints are rounded up to large pages. */
static void places(void)
{
	u32 address = sys_mmap2(0, 1, READ_WRITE, PRIVATE | MAP_NORESERVE, -1, 0);

	EXPECT_EQ(maps_count((void *)address, size / PAGE_SIZE), 1);
	EXPECT(maps_all((void *)address, size / PAGE_SIZE, READ_WRITE));
	EXPECT_EQ(unmap(address, 1), 0);
	address = map(FIXED_PLACE - PAGE_SIZE, 2, READ_WRITE, PRIVATE | MAP_NORESERVE);
	EXPECT_EQ(address, FIXED_PLACE);
	EXPECT_EQ(map(FIXED_PLACE, 1, PROT_READ, SHARED | MAP_NORESERVE | MAP_FIXED), FIXED_PLACE);
	EXPECT_EQ(unmap(FIXED_PLACE, 2), 0);
}

/* No page is promised, and the pool is empty. */
static void empty_pool(void)
{
	u32 address = map_bare(2);

	if (!pool("HugePages_Total")) {
		EXPECT_EQ(map(0, 1, READ_WRITE, PRIVATE), -ENOMEM);
		EXPECT_EQ(map(0, 1, PROT_READ, SHARED), -ENOMEM);
		EXPECT_EQ(map(0, 1, PROT_NONE, PRIVATE), -ENOMEM);
		EXPECT_CHILD(read_child, (void *)address, KILLED(SIGBUS));
		EXPECT_CHILD(write_child, (void *)(address + size), KILLED(SIGBUS));
		EXPECT_EQ(sys_mlock(address, PAGE_SIZE), -ENOMEM);
		EXPECT_EQ(sys_madvise(address, size, MADV_POPULATE_READ), -EFAULT);
		EXPECT_EQ(sys_write(-1, (void *)address, 1), -EBADF);
		EXPECT(!memory_is_resident((void *)address));
	}
	EXPECT_EQ(unmap(address, 2), 0);
}

/* Each call fails, and the areas are as before. */
static void cuts(void)
{
	u32 address = map_bare(4), middle = address + size + PAGE_SIZE;

	EXPECT_EQ(sys_munmap(address, PAGE_SIZE), -EINVAL);
	EXPECT_EQ(sys_munmap(middle, size), -EINVAL);
	EXPECT_EQ(sys_munmap(address + size, size + PAGE_SIZE), -EINVAL);
	EXPECT_EQ(sys_mprotect(address, PAGE_SIZE, PROT_READ), -EINVAL);
	EXPECT_EQ(sys_mprotect(middle, size, PROT_READ), -EINVAL);
	EXPECT_EQ(sys_madvise(address, PAGE_SIZE, MADV_DONTFORK), -EINVAL);
	EXPECT_EQ(sys_madvise(middle, size, MADV_DONTFORK), -EINVAL);
	EXPECT_EQ(sys_mremap(middle, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, FIXED_PLACE),
		  -EINVAL);
	EXPECT_EQ(sys_mmap2(middle, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			    -1, 0),
		  -EINVAL);
	EXPECT(maps_all((void *)address, 4 * size / PAGE_SIZE, READ_WRITE));
	EXPECT_EQ(unmap(address, 4), 0);
}

/* Whole large pages can be cut off. */
static void parts(void)
{
	u32 address = map_bare(4), pages = size / PAGE_SIZE;

	EXPECT_EQ(sys_mprotect(address + size, size, PROT_READ), 0);
	EXPECT_EQ(maps_count((void *)address, 4 * pages), 3);
	EXPECT(maps_all((void *)(address + size), pages, PROT_READ));
	EXPECT_EQ(sys_mprotect(address + size, size, READ_WRITE), 0);
	EXPECT(maps_all((void *)address, 4 * pages, READ_WRITE));
	EXPECT_EQ(unmap(address + 2 * size, 1), 0);
	EXPECT(!memory_is_mapped((void *)(address + 3 * size - PAGE_SIZE)));
	EXPECT(maps_all((void *)address, 2 * pages, READ_WRITE));
	EXPECT_EQ(unmap(address, 4), 0);
}

static void advice(void)
{
	static const struct {
		int advice, result;
	} all[] = {
		{ MADV_NORMAL, 0 },	      { MADV_RANDOM, 0 },	{ MADV_SEQUENTIAL, 0 },
		{ MADV_WILLNEED, 0 },	      { MADV_DONTNEED, 0 },	{ MADV_DONTNEED_LOCKED, 0 },
		{ MADV_FREE, -EINVAL },	      { MADV_COLD, -EINVAL },	{ MADV_PAGEOUT, -EINVAL },
		{ MADV_WIPEONFORK, -EINVAL }, { MADV_REMOVE, -EACCES }, { MADV_DONTFORK, 0 },
		{ MADV_DOFORK, 0 },	      { MADV_DONTDUMP, 0 },	{ MADV_DODUMP, 0 },
	};
	u32 address = map_bare(2);

	for (u32 i = 0; i < ARRAY_SIZE(all); i++)
		EXPECT_EQ(sys_madvise(address, 2 * size, all[i].advice), all[i].result);
	/* The start decides; an end inside a large page leaves that page. */
	EXPECT_EQ(sys_madvise(address + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	EXPECT_EQ(sys_madvise(address, size + PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(sys_madvise(address, PAGE_SIZE, MADV_DONTNEED), 0);
	EXPECT_EQ(unmap(address, 2), 0);
}

/* Lengths are rounded up; an area of large pages never grows. */
static void remapping(void)
{
	u32 address = map_bare(3), place = map_bare(3);

	EXPECT_EQ(sys_mremap(address, 2 * size, 3 * size, MREMAP_MAYMOVE, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(address, 0, size, MREMAP_MAYMOVE, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(address + PAGE_SIZE, size, size, 0, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(address, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place + PAGE_SIZE),
		  -EINVAL);
	EXPECT_EQ(sys_mremap(address, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0), -EINVAL);
	EXPECT_EQ(sys_mremap(address, 3 * size, size + PAGE_SIZE, 0, 0), address);
	EXPECT_EQ(maps_count((void *)address, 3 * size / PAGE_SIZE), 1);
	EXPECT(!memory_is_mapped((void *)(address + 2 * size)));
	EXPECT_EQ(sys_mremap(address, 2 * size, 2 * size, MREMAP_MAYMOVE | MREMAP_FIXED,
			     place + size),
		  place + size);
	EXPECT(!memory_is_mapped((void *)address));
	EXPECT_EQ(unmap(place, 3), 0);
}

static bool has_word(const char *line, const char *word)
{
	for (; *line && *line != '\n'; line++)
		if (text_begins(line, word))
			return true;
	return false;
}

static void in_proc(void)
{
	u32 address = map_bare(2);
	const char *line = area_line(address);

	EXPECT(has_word(line, "rw-p"));
	EXPECT(has_word(line, " /anon_hugepage (deleted)"));
	EXPECT_EQ(field(address, "Size"), 2 * size / 1024);
	EXPECT_EQ(field(address, "KernelPageSize"), size / 1024);
	EXPECT_EQ(field(address, "MMUPageSize"), size / 1024);
	EXPECT_EQ(field(address, "Rss"), 0);
	EXPECT_EQ(field(address, "Private_Hugetlb"), 0);
	EXPECT_EQ(field(address, "Shared_Hugetlb"), 0);
	line = area_line(address);
	while (line && !text_begins(line, "VmFlags"))
		line = next_line(line);
	EXPECT(line && text_begins(line, "VmFlags: rd wr mr mw me de nr ht "));
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "HugetlbPages"), 0);
	EXPECT_EQ(pool("HugePages_Surp"), 0);
	EXPECT_EQ(pool("Hugetlb"), pool("HugePages_Total") * (size / 1024));
	EXPECT_EQ(unmap(address, 2), 0);
}

/* Areas of large pages do not count as locked. */
static void locked(void)
{
	u32 address, before = field_in(file_text("/proc/self/status"), "VmLck");

	EXPECT_EQ(sys_mlockall(MCL_FUTURE | MCL_ONFAULT), 0);
	address = map_bare(1);
	EXPECT_EQ(sys_munlockall(), 0);
	EXPECT_EQ(sys_mlock2(address, PAGE_SIZE, MLOCK_ONFAULT), -ENOMEM);
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "VmLck"), before);
	EXPECT_EQ(maps_count((void *)address, size / PAGE_SIZE), 1);
	EXPECT_EQ(unmap(address, 1), 0);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "the arguments of mmap", arguments },
		{ "lengths and places are rounded", places },
		{ "an empty pool", empty_pool },
		{ "a large page is not cut", cuts },
		{ "areas of whole large pages", parts },
		{ "advice", advice },
		{ "mremap", remapping },
		{ "smaps, status and meminfo", in_proc },
		{ "large pages are not locked", locked },
	};

	return run_with_empty_pool(cases, ARRAY_SIZE(cases));
}
