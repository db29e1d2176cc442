/* SPDX-License-Identifier: MIT */
/*
 * Large pages: MAP_HUGETLB and SHM_HUGETLB.
 *
 *	mmap(MAP_HUGETLB)                 ENOMEM if the pool has not as many pages left
 *	mmap(MAP_HUGETLB|MAP_NORESERVE)   always; an access is SIGBUS where the pool is empty
 *	a cut inside a large page         EINVAL, by munmap, mprotect, madvise, mremap
 *
 * The size of a large page and the number in the pool are the machine's. Without any, most rules
 * can still be seen, by MAP_NORESERVE. The cases that need pages run on Pagewright only: they
 * change the size of the pool, which on a Linux in use is not the test's.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PRIVATE	   (MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB)
#define SHARED	   (MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB)
#define POOL	   4u
#define NR_HUGE	   "/proc/sys/vm/nr_hugepages"

static u32 size; /* of a large page, bytes */

static bool is_pagewright(void)
{
	struct stat64 stat;

	return !sys_stat64("/proc/frames", &stat);
}

static u32 pool(const char *field)
{
	return field_in(file_text("/proc/meminfo"), field);
}

static u32 map(u32 address, u32 pages, int protection, int flags)
{
	return sys_mmap2(address, pages * size, protection, flags, -1, 0);
}

/* Of which no page is promised. */
static u32 map_bare(u32 pages)
{
	return map(0, pages, READ_WRITE, PRIVATE | MAP_NORESERVE);
}

static long unmap(u32 address, u32 pages)
{
	return sys_munmap(address, pages * size);
}

/* --- Without a page --- */

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

static void read_child(void *address)
{
	memory_read(address);
}

static void write_child(void *address)
{
	memory_write(address, 1);
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
		{ MADV_NORMAL, 0 },	      { MADV_RANDOM, 0 },     { MADV_SEQUENTIAL, 0 },
		{ MADV_WILLNEED, 0 },	      { MADV_DONTNEED, 0 },   { MADV_DONTNEED_LOCKED, 0 },
		{ MADV_FREE, -EINVAL },	      { MADV_COLD, -EINVAL }, { MADV_PAGEOUT, -EINVAL },
		{ MADV_WIPEONFORK, -EINVAL }, { MADV_DONTFORK, 0 },   { MADV_DOFORK, 0 },
		{ MADV_DONTDUMP, 0 },	      { MADV_DODUMP, 0 },
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

/* --- /proc --- */

static const char *area_line(u32 address)
{
	const char *line = file_text("/proc/self/smaps");

	while (line && !(line[8] == '-' && number_in(line, 16) == address))
		line = next_line(line);
	EXPECT(line);
	return line ?: "";
}

static u32 field(u32 address, const char *name)
{
	return field_in(area_line(address), name);
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

/* --- With pages --- */

/* False: there is no pool for a test. */
static bool fill_pool(void)
{
	if (!is_pagewright())
		return false;
	EXPECT_EQ(file_write_text(NR_HUGE, "4\n"), 2);
	return pool("HugePages_Total") == POOL;
}

static void expect_pool(u32 free, u32 promised)
{
	EXPECT_EQ(pool("HugePages_Free"), free);
	EXPECT_EQ(pool("HugePages_Rsvd"), promised);
}

/* All pages of the pool are free again. */
static void drain_pool(void)
{
	expect_pool(POOL, 0);
	EXPECT_EQ(file_write_text(NR_HUGE, "0"), 1);
	EXPECT_EQ(pool("HugePages_Total"), 0);
}

static void fill(u32 address, u32 pages, u32 seed)
{
	memory_fill((void *)address, pages * (size / PAGE_SIZE), seed);
}

static bool check(u32 address, u32 pages, u32 seed)
{
	return memory_check((void *)address, pages * (size / PAGE_SIZE), seed);
}

static void promises(void)
{
	u32 private, shared;

	if (!fill_pool())
		return;
	private = map(0, 3, PROT_READ, PRIVATE);
	expect_pool(4, 3);
	EXPECT_EQ(map(0, 2, READ_WRITE, PRIVATE), -ENOMEM);
	shared = map(0, 1, READ_WRITE, SHARED);
	expect_pool(4, 4);
	EXPECT_EQ(map(0, 1, READ_WRITE, SHARED), -ENOMEM);
	EXPECT_EQ(file_write_text(NR_HUGE, "1"), 1);
	EXPECT_EQ(pool("HugePages_Total"), POOL);
	EXPECT_EQ(memory_read((void *)(private + size)), 0);
	expect_pool(3, 3);
	EXPECT_EQ(sys_mprotect(private, 3 * size, READ_WRITE), 0);
	memory_write((void *)(private + size), 1);
	expect_pool(3, 3);
	EXPECT_EQ(sys_madvise(private, 3 * size, MADV_DONTNEED), 0);
	EXPECT_EQ(memory_read((void *)(private + size)), 0);
	memory_write((void *)shared, 1);
	expect_pool(2, 2);
	EXPECT_EQ(unmap(private, 1), 0);
	expect_pool(2, 1);
	EXPECT_EQ(unmap(private + size, 2), 0);
	EXPECT_EQ(unmap(shared, 1), 0);
	drain_pool();
}

static void contents(void)
{
	u32 address;

	if (!fill_pool())
		return;
	address = map(0, 2, READ_WRITE, PRIVATE);
	EXPECT(memory_is_zero((void *)address, 2 * size));
	fill(address, 2, 1);
	EXPECT(check(address, 2, 1));
	EXPECT_EQ(field(address, "Private_Hugetlb"), 2 * size / 1024);
	EXPECT_EQ(field(address, "Rss"), 0);
	EXPECT_EQ(field_in(file_text("/proc/self/status"), "HugetlbPages"), 2 * size / 1024);
	EXPECT(memory_is_resident((void *)(address + size - PAGE_SIZE)));
	EXPECT_EQ(memory_count_exclusive((void *)address, 2 * size / PAGE_SIZE),
		  2 * size / PAGE_SIZE);
	EXPECT_EQ(memory_page((void *)(address + 5 * PAGE_SIZE)).frame,
		  memory_page((void *)address).frame + 5);
	EXPECT_EQ(unmap(address + size, 1), 0);
	EXPECT(check(address, 1, 1));
	EXPECT_EQ(unmap(address, 1), 0);
	drain_pool();
}

static void copies(void *argument)
{
	u32 address = (u32)argument;

	EXPECT(check(address, 2, 1));
	fill(address, 1, 2);
	EXPECT(check(address, 1, 2));
	expect_pool(1, 0);
	EXPECT_EQ(field(address, "Private_Hugetlb"), size / 1024);
	EXPECT_EQ(field(address, "Shared_Hugetlb"), size / 1024);
}

static void copy_on_write(void)
{
	u32 address;

	if (!fill_pool())
		return;
	address = map(0, 2, READ_WRITE, PRIVATE);
	fill(address, 2, 1);
	EXPECT_CHILD(copies, (void *)address, EXITED(0));
	EXPECT(check(address, 2, 1));
	memory_write((void *)address, 7); /* the only user again: no copy */
	expect_pool(2, 0);
	EXPECT_EQ(unmap(address, 2), 0);
	drain_pool();
}

/* The child has no promise: its copy does not fit. */
static void no_page_for_the_child(void)
{
	u32 address;

	if (!fill_pool())
		return;
	address = map(0, POOL, READ_WRITE, PRIVATE);
	fill(address, POOL, 1);
	EXPECT_CHILD(read_child, (void *)address, EXITED(0));
	EXPECT_CHILD(write_child, (void *)address, KILLED(SIGBUS));
	EXPECT(check(address, POOL, 1));
	EXPECT_EQ(unmap(address, POOL), 0);
	drain_pool();
}

struct taking {
	u32 address;
	struct gate gates[2];
};

static void loses_a_page(void *argument)
{
	const struct taking *taking = argument;

	gate_open_by_child(&taking->gates[0]);
	gate_wait(&taking->gates[1]);
	EXPECT(memory_check_part((void *)taking->address, size / PAGE_SIZE, size / PAGE_SIZE, 1));
	memory_read((void *)taking->address);
}

/* The parent has the promise, and writes: the child may neither keep the page nor read zeros. */
static void page_for_the_owner(void)
{
	struct taking taking;
	int pid;

	if (!fill_pool())
		return;
	taking.address = map(0, POOL, READ_WRITE, PRIVATE);
	gate_create(&taking.gates[0]);
	gate_create(&taking.gates[1]);
	fill(taking.address, POOL, 1);
	pid = process_start(loses_a_page, &taking);
	gate_join(&taking.gates[0]);
	fill(taking.address, 1, 2);
	EXPECT(check(taking.address, 1, 2));
	gate_open(&taking.gates[1]);
	EXPECT_EQ(process_wait(pid), KILLED(SIGBUS));
	EXPECT_EQ(unmap(taking.address, POOL), 0);
	drain_pool();
}

static void writes_shared(void *argument)
{
	fill((u32)argument, 2, 2);
	EXPECT_EQ(field((u32)argument, "Shared_Hugetlb"), size / 1024);
}

static void shared_memory(void)
{
	u32 address;

	if (!fill_pool())
		return;
	address = map(0, 2, READ_WRITE, SHARED);
	fill(address, 1, 1);
	EXPECT_CHILD(writes_shared, (void *)address, EXITED(0));
	expect_pool(2, 0);
	EXPECT(check(address, 2, 2));
	EXPECT_EQ(sys_madvise(address, 2 * size, MADV_DONTNEED), 0);
	EXPECT(check(address, 2, 2));
	EXPECT_EQ(unmap(address, 2), 0);
	drain_pool();
}

static void rights(void)
{
	u32 address;

	if (!fill_pool())
		return;
	address = map(0, 2, READ_WRITE, PRIVATE);
	fill(address, 2, 1);
	EXPECT_EQ(sys_mprotect(address + size, size, PROT_READ), 0);
	EXPECT_CHILD(write_child, (void *)(address + size), KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect(address, 2 * size, PROT_NONE), 0);
	EXPECT_CHILD(read_child, (void *)address, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect(address, 2 * size, READ_WRITE), 0);
	EXPECT(check(address, 2, 1));
	fill(address, 2, 2);
	EXPECT(check(address, 2, 2));
	EXPECT_EQ(unmap(address, 2), 0);
	drain_pool();
}

/* Pages and promises go along; what is at the new place goes away. */
static void moving(void)
{
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED;
	u32 address, place;

	if (!fill_pool())
		return;
	address = map(0, 2, READ_WRITE, PRIVATE);
	place = map(0, 2, READ_WRITE, PRIVATE);
	fill(address, 1, 1);
	memory_write((void *)place, 1);
	EXPECT_EQ(sys_mremap(address, 2 * size, 2 * size, flags, place), place);
	expect_pool(3, 1);
	EXPECT(check(place, 1, 1));
	EXPECT(memory_is_zero((void *)(place + size), size));
	EXPECT_EQ(sys_mremap(place, 2 * size, size, 0, 0), place);
	expect_pool(3, 0);
	EXPECT(check(place, 1, 1));
	EXPECT_EQ(unmap(place, 1), 0);
	drain_pool();
}

/* By the kernel: for the process itself, and for another one. */
static void kernel_access(void)
{
	u32 address, middle;
	struct iovec own, other;
	int fd = file_create(2, 3);
	u8 byte = 0;

	if (!fill_pool())
		return;
	address = map(0, 2, READ_WRITE, PRIVATE);
	middle = address + size - PAGE_SIZE;
	EXPECT_EQ(sys_pread64(fd, (void *)middle, 2 * PAGE_SIZE, 0), 2 * PAGE_SIZE);
	EXPECT(memory_check((void *)middle, 2, 3));
	own = (struct iovec){ (u32)&byte, 1 };
	other = (struct iovec){ middle + 5, 1 };
	EXPECT_EQ(system_call(NR_process_vm_readv, sys_getpid(), (long)&own, 1, (long)&other, 1, 0),
		  1);
	EXPECT_EQ(byte, memory_read((void *)(middle + 5)));
	byte = 77;
	EXPECT_EQ(
		system_call(NR_process_vm_writev, sys_getpid(), (long)&own, 1, (long)&other, 1, 0),
		1);
	EXPECT_EQ(memory_read((void *)(middle + 5)), 77);
	EXPECT_EQ(unmap(address, 2), 0);
	drain_pool();
	sys_close(fd);
}

static void brought_in(void)
{
	u32 address;

	if (!fill_pool())
		return;
	address = map(0, 1, READ_WRITE, PRIVATE | MAP_POPULATE);
	expect_pool(3, 0);
	EXPECT_EQ(unmap(address, 1), 0);
	address = map(0, 2, READ_WRITE, PRIVATE | MAP_NORESERVE);
	EXPECT_EQ(sys_mlock(address + size - PAGE_SIZE, 2 * PAGE_SIZE), 0);
	expect_pool(2, 0);
	EXPECT_EQ(sys_madvise(address, 2 * size, MADV_DONTNEED), 0);
	expect_pool(4, 0);
	EXPECT_EQ(sys_madvise(address, 2 * size, MADV_POPULATE_WRITE), 0);
	expect_pool(2, 0);
	EXPECT_EQ(unmap(address, 2), 0);
	drain_pool();
}

static void attaches(void *argument)
{
	u32 address = 0;

	EXPECT_EQ(sys_shmat((int)argument, 0, 0, &address), 0);
	EXPECT(check(address, 1, 1));
	fill(address, 1, 2);
	EXPECT_EQ(sys_shmdt(address), 0);
}

static void segments(void)
{
	struct shmid64 stat;
	u32 address = 0;
	long id;

	if (!fill_pool())
		return;
	EXPECT_EQ(sys_shmget(IPC_PRIVATE, 5 * size, SHM_HUGETLB | 0600), -ENOMEM);
	EXPECT_EQ(sys_shmget(IPC_PRIVATE, size, SHM_HUGETLB | 12 << SHM_HUGE_SHIFT | 0600),
		  -EINVAL);
	id = sys_shmget(IPC_PRIVATE, 1, SHM_HUGETLB | 0600);
	expect_pool(4, 1);
	EXPECT_EQ(sys_shmctl((int)id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT_EQ(stat.size, 1);
	EXPECT_EQ(sys_shmat((int)id, FIXED_PLACE + PAGE_SIZE, 0, &address), -EINVAL);
	EXPECT_EQ(sys_shmat((int)id, FIXED_PLACE, 0, &address), 0);
	EXPECT_EQ(address, FIXED_PLACE);
	fill(address, 1, 1);
	expect_pool(3, 0);
	EXPECT_CHILD(attaches, (void *)id, EXITED(0));
	EXPECT(check(address, 1, 2));
	EXPECT_EQ(sys_shmdt(address), 0);
	EXPECT(!memory_is_mapped((void *)address));
	EXPECT_EQ(sys_shmctl((int)id, IPC_RMID, NULL), 0);
	drain_pool();
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
		{ "promises", promises },
		{ "contents", contents },
		{ "copy on write", copy_on_write },
		{ "no page for the child's copy", no_page_for_the_child },
		{ "the owner's page", page_for_the_owner },
		{ "shared memory", shared_memory },
		{ "rights", rights },
		{ "moving", moving },
		{ "access by the kernel", kernel_access },
		{ "MAP_POPULATE, mlock, MADV_POPULATE_WRITE", brought_in },
		{ "segments of large pages", segments },
	};

	char before[16] = "";
	int status;

	size = pool("Hugepagesize") * 1024;
	memcpy(before, file_text(NR_HUGE), sizeof(before) - 1);
	if (is_pagewright()) /* the first cases need an empty pool */
		file_write_text(NR_HUGE, "0");
	status = tap_run(cases, ARRAY_SIZE(cases));
	if (is_pagewright())
		file_write_text(NR_HUGE, before);
	return status;
}
