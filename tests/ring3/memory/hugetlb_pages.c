/* SPDX-License-Identifier: MIT */
/*
 * Large pages with a pool: promises, contents, copy on write, shared memory, SHM_HUGETLB. The
 * cases change the size of the pool, which on a Linux in use is not the test's: they do nothing
 * there.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/hugetlb.h"
#include "tests/ring3/runtime/task_calls.h"

#define POOL 4u

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
	EXPECT_EQ(sys_madvise(address, size, MADV_REMOVE), 0);
	expect_pool(3, 0);
	EXPECT(memory_is_zero((void *)address, size));
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

static void sleeps(void *word)
{
	EXPECT_EQ(sys_futex(word, FUTEX_WAIT, 0, NULL, NULL, 0), 0);
}

/* The words of futexes lie anywhere in a large page: each is known to all that share the page. */
static void futexes(void)
{
	u32 address;

	if (!fill_pool())
		return;
	for (u32 shared = 0; shared < 2; shared++) {
		address = map(0, 2, READ_WRITE, shared ? SHARED : PRIVATE);
		for (u32 at = 0; at < 2 * size; at += size - 3 * PAGE_SIZE)
			EXPECT_EQ(sys_futex((int *)(address + at), FUTEX_WAIT, 1, NULL, NULL, 0),
				  -EAGAIN);
		EXPECT_EQ(sys_futex((int *)(address + PAGE_SIZE), FUTEX_WAKE, 1, NULL, NULL, 0), 0);
		for (u32 i = 0; shared && i < 2; i++) {
			u32 word = address + i * size + 5 * PAGE_SIZE;
			int child = process_start(sleeps, (void *)word);

			while (!sys_futex((int *)word, FUTEX_WAKE, 1, NULL, NULL, 0)) {
				const u32 other = address + 5 * PAGE_SIZE;

				EXPECT_EQ(sys_futex((int *)address, FUTEX_WAKE, 1, NULL, NULL, 0),
					  0);
				if (i)
					EXPECT_EQ(sys_futex((int *)other, FUTEX_WAKE, 1, NULL, NULL,
							    0),
						  0);
				sys_sched_yield();
			}
			EXPECT_EQ(process_wait(child), EXITED(0));
		}
		EXPECT_EQ(unmap(address, 2), 0);
	}
	drain_pool();
}

/* A segment that promises nothing, for which the pool has not enough pages when it is attached. */
static void too_large_segment(void)
{
	u32 address = 0;
	long id;

	if (!fill_pool())
		return;
	id = sys_shmget(IPC_PRIVATE, 5 * size, SHM_HUGETLB | SHM_NORESERVE | 0600);
	EXPECT(id >= 0);
	if (sys_shmat((int)id, FIXED_PLACE, 0, &address) < 0)
		expect_pool(POOL, 0);
	else
		EXPECT_EQ(sys_shmdt(address), 0);
	expect_pool(POOL, 0);
	EXPECT_EQ(sys_shmctl((int)id, IPC_RMID, NULL), 0);
	drain_pool();
}

/* What is in memory of a segment is counted in pages of 4 KiB; large pages are not in the peak. */
static void counts(void)
{
	struct {
		u32 segments, pages, resident, swapped, attempts, successes;
	} before, after;
	u32 address = 0, peak = field_in(file_text("/proc/self/status"), "VmHWM");
	long id;

	if (!fill_pool())
		return;
	EXPECT(sys_shmctl(0, SHM_INFO | IPC_64, &before) >= 0);
	id = sys_shmget(IPC_PRIVATE, 2 * size, SHM_HUGETLB | 0600);
	EXPECT_EQ(sys_shmat((int)id, FIXED_PLACE, 0, &address), 0);
	fill(address, 2, 1);
	EXPECT(sys_shmctl(0, SHM_INFO | IPC_64, &after) >= 0);
	EXPECT_EQ(after.resident - before.resident, 2 * size / PAGE_SIZE);
	EXPECT(field_in(file_text("/proc/self/status"), "VmHWM") <= peak + 16 * PAGE_SIZE / 1024);
	EXPECT_EQ(sys_shmdt(address), 0);
	EXPECT_EQ(sys_shmctl((int)id, IPC_RMID, NULL), 0);
	drain_pool();
}

int main(void)
{
	static const struct tap_case cases[] = {
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
		{ "futexes", futexes },
		{ "a segment larger than the pool", too_large_segment },
		{ "counts", counts },
	};

	return run_with_empty_pool(cases, ARRAY_SIZE(cases));
}
