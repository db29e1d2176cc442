/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory: shmget, shmat, shmdt, shmctl, through call 117, ipc.
 *
 *	shmget ---> segment: id, key, size, pages     it lives until IPC_RMID and the last shmdt
 *	               ^ attached: one for each mapping, in any process
 *	shmat, fork ---+        +--- shmdt, munmap, exit, execve
 *
 * After IPC_RMID a segment has no key any more; it can still be attached by its id while another
 * process has it attached, as on Linux. The cases leave no segment.
 */
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PAGES	   4u
#define LENGTH	   (PAGES * PAGE_SIZE)
#define NO_ID	   0x7FFFFFFF

static u8 *const place = (u8 *)FIXED_PLACE;
static const char *program_path;

static u32 own_key(void)
{
	return 0x50570000u + (u32)sys_getpid();
}

static int create(u32 size)
{
	long id = sys_shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);

	if (id < 0)
		tap_bail_out("shmget failed");
	return (int)id;
}

static u8 *attach(int id, u32 address, int flags)
{
	u32 result = 0;

	EXPECT_EQ(sys_shmat(id, address, flags, &result), 0);
	return (u8 *)result;
}

static long attach_error(int id, u32 address, int flags)
{
	u32 result = 7;
	long err = sys_shmat(id, address, flags, &result);

	EXPECT_EQ(result, 7);
	return err;
}

/* How many have the segment attached, or -errno. */
static long attached(int id)
{
	struct shmid64 stat;
	long err = sys_shmctl(id, IPC_STAT | IPC_64, &stat);

	return err < 0 ? err : (long)stat.attached;
}

static void remove_segment(int id)
{
	EXPECT_EQ(sys_shmctl(id, IPC_RMID | IPC_64, NULL), 0);
}

static void keys(void)
{
	long id = sys_shmget(own_key(), LENGTH, IPC_CREAT | IPC_EXCL | 0600);

	EXPECT(id >= 0);
	EXPECT_EQ(sys_shmget(own_key(), LENGTH, 0), id);
	EXPECT_EQ(sys_shmget(own_key(), 0, 0), id);
	EXPECT_EQ(sys_shmget(own_key(), 1, IPC_CREAT | 0600), id);
	EXPECT_EQ(sys_shmget(own_key(), LENGTH + 1, 0), -EINVAL);
	EXPECT_EQ(sys_shmget(own_key(), LENGTH, IPC_CREAT | IPC_EXCL | 0600), -EEXIST);
	EXPECT_EQ(sys_shmget(own_key() + 0x1000000, LENGTH, 0), -ENOENT);
	remove_segment((int)id);
	EXPECT_EQ(sys_shmget(own_key(), LENGTH, 0), -ENOENT);
	EXPECT_EQ(sys_shmget(own_key(), 0, IPC_CREAT | 0600), -EINVAL);
	EXPECT_EQ(sys_shmget(IPC_PRIVATE, 0, 0600), -EINVAL);
}

static void private_keys(void)
{
	int first = create(PAGE_SIZE), second = create(PAGE_SIZE);
	u8 *a = attach(first, 0, 0), *b = attach(second, 0, 0);

	EXPECT(first != second && a != b);
	memory_write(a, 1);
	EXPECT_EQ(memory_read(b), 0);
	EXPECT_EQ(sys_shmdt((u32)a), 0);
	EXPECT_EQ(sys_shmdt((u32)b), 0);
	remove_segment(first);
	remove_segment(second);
}

static void two_attachments(void)
{
	int id = create(LENGTH);
	u8 *a = attach(id, 0, 0), *b = attach(id, (u32)place, 0);

	EXPECT_EQ(b, place);
	EXPECT(memory_is_zero(a, LENGTH));
	memory_fill(a, PAGES, 1);
	EXPECT(memory_check(b, PAGES, 1));
	EXPECT_EQ(attached(id), 2);
	EXPECT_EQ(sys_shmdt((u32)a), 0);
	EXPECT_EQ(attached(id), 1);
	EXPECT(!memory_is_mapped(a));
	memory_fill(b, PAGES, 2);
	EXPECT_EQ(sys_shmdt((u32)b), 0);
	EXPECT_EQ(attached(id), 0);
	/* A segment keeps its bytes while it is not attached. */
	a = attach(id, 0, 0);
	EXPECT(memory_check(a, PAGES, 2));
	EXPECT_EQ(sys_shmdt((u32)a), 0);
	remove_segment(id);
	EXPECT_EQ(attached(id), -EINVAL);
}

static void what_ipc_stat_says(void)
{
	struct shmid64 stat;
	long id = sys_shmget(own_key(), 5000, IPC_CREAT | 0640);

	memset(&stat, 0xAA, sizeof(stat));
	EXPECT_EQ(sys_shmctl((int)id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT_EQ(stat.perm.key, own_key());
	EXPECT_EQ(stat.size, 5000);
	EXPECT_EQ(stat.perm.mode, 0640);
	EXPECT_EQ(stat.attached, 0);
	EXPECT_EQ(stat.cpid, sys_getpid());
	EXPECT_EQ(stat.lpid, 0);
	EXPECT_EQ(sys_shmdt((u32)attach((int)id, 0, 0)), 0);
	EXPECT_EQ(sys_shmctl((int)id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT_EQ(stat.lpid, sys_getpid());
	EXPECT_EQ(sys_shmctl((int)id, IPC_STAT | IPC_64, (void *)4), -EFAULT);
	EXPECT_EQ(sys_shmctl((int)id, 77 | IPC_64, &stat), -EINVAL);
	EXPECT_EQ(sys_shmctl(-1, IPC_STAT | IPC_64, &stat), -EINVAL);
	EXPECT_EQ(sys_shmctl(NO_ID, IPC_STAT | IPC_64, &stat), -EINVAL);
	EXPECT_EQ(sys_shmctl(-1, IPC_RMID | IPC_64, NULL), -EINVAL);
	remove_segment((int)id);
	EXPECT_EQ(sys_shmctl((int)id, IPC_RMID | IPC_64, NULL), -EINVAL);
}

static void sizes(void)
{
	static const u32 sizes[] = { 1, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1 };

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 pages = (sizes[i] + PAGE_SIZE - 1) / PAGE_SIZE;
		int id = create(sizes[i]);

		EXPECT_EQ(attach(id, (u32)place, 0), place);
		EXPECT(maps_all(place, pages, READ_WRITE));
		EXPECT(!memory_is_mapped(place + pages * PAGE_SIZE));
		memory_fill(place, pages, i);
		EXPECT(memory_check(place, pages, i));
		EXPECT_EQ(sys_shmdt((u32)place), 0);
		EXPECT(!memory_is_mapped(place));
		remove_segment(id);
	}
}

static void places(void)
{
	int id = create(LENGTH);
	u32 in_the_page = FIXED_PLACE + 123;

	EXPECT_EQ(attach_error(id, in_the_page, 0), -EINVAL);
	EXPECT_EQ(attach(id, in_the_page, SHM_RND), place);
	/* Not over something, not even a part of it, unless by SHM_REMAP. */
	for (u32 i = 1; i < PAGES; i++) {
		EXPECT_EQ(attach_error(id, FIXED_PLACE + i * PAGE_SIZE, 0), -EINVAL);
		EXPECT_EQ(attach_error(id, FIXED_PLACE - i * PAGE_SIZE, 0), -EINVAL);
	}
	EXPECT_EQ(attached(id), 1);
	EXPECT_EQ(attach(id, FIXED_PLACE + LENGTH, 0), place + LENGTH);
	EXPECT_EQ(attach_error(id, 0xFFFFF000u, 0), -ENOMEM);
	EXPECT_EQ(attached(id), 2);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE), 0);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE + LENGTH), 0);
	remove_segment(id);
}

static void shm_remap(void)
{
	int first = create(LENGTH), second = create(2 * PAGE_SIZE);

	EXPECT_EQ(attach_error(first, 0, SHM_REMAP), -EINVAL);
	EXPECT_EQ(attach_error(first, 1, SHM_REMAP | SHM_RND), -EINVAL);
	EXPECT_EQ(attach_error(first, PAGE_SIZE - 1, SHM_REMAP | SHM_RND), -EINVAL);
	memory_map_at(FIXED_PLACE, PAGES, READ_WRITE);
	memory_fill(place, PAGES, 3);
	EXPECT_EQ(attach(first, FIXED_PLACE, SHM_REMAP), place);
	EXPECT(memory_is_zero(place, LENGTH));
	memory_fill(place, PAGES, 4);
	EXPECT_EQ(attach(second, FIXED_PLACE + PAGE_SIZE, SHM_REMAP), place + PAGE_SIZE);
	EXPECT(memory_is_zero(place + PAGE_SIZE, 2 * PAGE_SIZE));
	EXPECT(memory_check_part(place, 0, 1, 4));
	EXPECT(memory_check_part(place, 3, 1, 4));
	EXPECT_EQ(sys_shmdt(FIXED_PLACE + PAGE_SIZE), 0);
	EXPECT_EQ(attached(second), 0);
	memory_unmap(place, PAGES);
	EXPECT_EQ(attached(first), 0);
	remove_segment(first);
	remove_segment(second);
}

static void read_only(void)
{
	int id = create(LENGTH);
	u8 *writable = attach(id, 0, 0);

	memory_fill(writable, PAGES, 5);
	EXPECT_EQ(attach(id, FIXED_PLACE, SHM_RDONLY), place);
	EXPECT(memory_check(place, PAGES, 5));
	EXPECT(maps_all(place, PAGES, PROT_READ));
	EXPECT_CHILD(memory_write_child, place, KILLED(SIGSEGV));
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, LENGTH, READ_WRITE), -EACCES);
	EXPECT_EQ(sys_mprotect((u32)writable, LENGTH, PROT_READ), 0);
	EXPECT_EQ(sys_mprotect((u32)writable, LENGTH, READ_WRITE), 0);
	memory_write(writable, 0x77);
	EXPECT_EQ(memory_read(place), 0x77);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE), 0);
	EXPECT_EQ(sys_shmdt((u32)writable), 0);
	remove_segment(id);
}

static void detaching(void)
{
	int id = create(LENGTH);

	EXPECT_EQ(sys_shmdt(FIXED_PLACE), -EINVAL);
	EXPECT_EQ(attach(id, FIXED_PLACE, 0), place);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE + 1), -EINVAL);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE + PAGE_SIZE), -EINVAL);
	EXPECT_EQ(sys_shmdt(0), -EINVAL);
	memory_map_at(FIXED_PLACE + LENGTH, 1, READ_WRITE);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE + LENGTH), -EINVAL);
	/* In pieces: a hole, another right, and all pieces go by one call. */
	memory_unmap(place + PAGE_SIZE, 1);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE + 3 * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE), 0);
	EXPECT_EQ(maps_count(place, PAGES), 0);
	EXPECT(memory_is_mapped(place + LENGTH));
	EXPECT_EQ(attached(id), 0);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE), -EINVAL);
	memory_unmap(place + LENGTH, 1);
	remove_segment(id);
}

struct family {
	int id;
	u32 others;
};

static void count_and_write(void *argument)
{
	const struct family *family = argument;

	EXPECT_EQ(attached(family->id), family->others + 1);
	memory_fill_part(place, 1, 2, 6);
	if (family->others == 1) {
		EXPECT_EQ(sys_shmdt(FIXED_PLACE), 0);
		EXPECT_EQ(attached(family->id), 1);
	}
}

static void fork_and_exit(void)
{
	struct family family = { create(LENGTH), 1 };

	EXPECT_EQ(attach(family.id, FIXED_PLACE, 0), place);
	EXPECT_CHILD(count_and_write, &family, EXITED(0));
	EXPECT_EQ(attached(family.id), 1);
	EXPECT(memory_check_part(place, 1, 2, 6));
	EXPECT_EQ(attach(family.id, FIXED_PLACE + LENGTH, 0), place + LENGTH);
	family.others = 3;
	EXPECT_CHILD(count_and_write, &family, EXITED(0));
	EXPECT_EQ(attached(family.id), 2);
	EXPECT_CHILD(memory_write_child, (void *)8, KILLED(SIGSEGV));
	EXPECT_EQ(attached(family.id), 2);
	memory_unmap(place, 2 * PAGES);
	EXPECT_EQ(attached(family.id), 0);
	remove_segment(family.id);
}

static void become_another_program(void *argument)
{
	const char *argv[] = { program_path, "exit", NULL };
	const char *none[] = { NULL };

	(void)argument;
	sys_execve(program_path, argv, none);
	tap_bail_out("execve failed");
}

static void execve_detaches(void)
{
	int id = create(LENGTH);

	EXPECT_EQ(attach(id, FIXED_PLACE, 0), place);
	EXPECT_CHILD(become_another_program, NULL, EXITED(7));
	EXPECT_EQ(attached(id), 1);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE), 0);
	remove_segment(id);
}

static void removed_while_attached(void)
{
	int id = (int)sys_shmget(own_key(), LENGTH, IPC_CREAT | 0600);
	struct shmid64 stat;
	u8 *second;

	EXPECT_EQ(attach(id, FIXED_PLACE, 0), place);
	memory_fill(place, PAGES, 8);
	remove_segment(id);
	EXPECT(memory_check(place, PAGES, 8));
	EXPECT_EQ(sys_shmget(own_key(), LENGTH, 0), -ENOENT);
	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT_EQ(stat.perm.mode, SHM_DEST | 0600);
	EXPECT_EQ(stat.perm.key, IPC_PRIVATE);
	second = attach(id, 0, 0);
	EXPECT(memory_check(second, PAGES, 8));
	EXPECT_EQ(sys_shmdt(FIXED_PLACE), 0);
	EXPECT_EQ(attached(id), 1);
	EXPECT_CHILD(memory_write_child, second, EXITED(0));
	EXPECT_EQ(memory_read(second), 0x5A);
	EXPECT_EQ(sys_shmdt((u32)second), 0);
	EXPECT_EQ(attached(id), -EINVAL);
	EXPECT_EQ(attach_error(id, 0, 0), -EINVAL);
}

static void bad_calls(void)
{
	int id = create(LENGTH);

	EXPECT_EQ(attach_error(-1, 0, 0), -EINVAL);
	EXPECT_EQ(attach_error(NO_ID, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_ipc, 99, 0, 0, 0, 0, 0), -ENOSYS);
	EXPECT_EQ(system_call(NR_ipc, SHMAT | 1 << 16, id, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(attached(id), 0);
	remove_segment(id);
}

/* mremap and madvise know the segment as they know any shared memory. */
static void other_calls_on_a_segment(void)
{
	int id = create(LENGTH);

	EXPECT_EQ(attach(id, FIXED_PLACE, 0), place);
	memory_fill(place, PAGES, 9);
	EXPECT_EQ(sys_madvise(FIXED_PLACE, LENGTH, MADV_DONTNEED), 0);
	EXPECT(memory_check(place, PAGES, 9));
	EXPECT_EQ(sys_mlock(FIXED_PLACE, LENGTH), 0);
	EXPECT_EQ(sys_munlock(FIXED_PLACE, LENGTH), 0);
	EXPECT_EQ(sys_mremap(FIXED_PLACE, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED,
			     FIXED_PLACE + 2 * LENGTH),
		  FIXED_PLACE + 2 * LENGTH);
	EXPECT(memory_check(place + 2 * LENGTH, PAGES, 9));
	EXPECT_EQ(attached(id), 1);
	EXPECT_EQ(sys_shmdt(FIXED_PLACE + 2 * LENGTH), 0);
	EXPECT_EQ(attached(id), 0);
	remove_segment(id);
}

/* The mapping that gives way is all that keeps the segment alive. */
static void remapped_onto_itself(void)
{
	int id = create(LENGTH);
	u8 *a = attach(id, (u32)place, 0);

	EXPECT_EQ(a, place);
	memory_fill(a, PAGES, 3);
	remove_segment(id);
	EXPECT_EQ(attach(id, (u32)place, SHM_REMAP), place);
	EXPECT(memory_check(place, PAGES, 3));
	EXPECT_EQ(attached(id), 1);
	EXPECT_EQ(sys_shmdt((u32)place), 0);
	EXPECT(!memory_is_mapped(place));
}

static u32 shared_key; /* a child has another own_key() */

static void as_another_user(void *argument)
{
	int id = *(const int *)argument;
	u32 key = shared_key;
	struct shmid64 stat;

	EXPECT_EQ(system_call(NR_setgroups32, 0, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresgid32, 4321, 4321, 4321, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresuid32, 1234, 1234, 1234, 0, 0, 0), 0);
	EXPECT_EQ(attach_error(id, 0, 0), -EACCES);
	EXPECT_EQ(attach_error(id, 0, SHM_RDONLY | SHM_EXEC), -EACCES);
	EXPECT_EQ(sys_shmdt((u32)attach(id, 0, SHM_RDONLY)), 0);
	EXPECT_EQ(sys_shmget(key, LENGTH, 0600), -EACCES);
	EXPECT_EQ(sys_shmget(key, LENGTH, 0004), id);
	EXPECT_EQ(sys_shmget(key, LENGTH + 1, 0600), -EINVAL);
	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT_EQ(sys_shmctl(id, IPC_SET | IPC_64, &stat), -EPERM);
	EXPECT_EQ(sys_shmctl(id, IPC_RMID | IPC_64, NULL), -EPERM);
	EXPECT_EQ(sys_shmctl(id, SHM_LOCK | IPC_64, NULL), -EPERM);
	EXPECT_EQ(sys_shmctl(id, SHM_UNLOCK | IPC_64, NULL), -EPERM);
}

/* Of the owner, the creator and others. */
static void permissions(void)
{
	int id = (int)sys_shmget(own_key(), LENGTH, IPC_CREAT | 0604);
	struct shmid64 stat;

	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT(stat.perm.uid == 0 && stat.perm.cuid == 0 && stat.perm.gid == stat.perm.cgid);
	shared_key = own_key();
	EXPECT_CHILD(as_another_user, &id, EXITED(0));
	stat.perm.uid = 1234;
	stat.perm.mode = 07400;
	EXPECT_EQ(sys_shmctl(id, IPC_SET | IPC_64, &stat), 0);
	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT(stat.perm.uid == 1234 && stat.perm.cuid == 0 && stat.perm.mode == 0400);
	stat.perm.uid = (u32)-1;
	EXPECT_EQ(sys_shmctl(id, IPC_SET | IPC_64, &stat), -EINVAL);
	EXPECT_EQ(sys_shmctl(id, SHM_LOCK | IPC_64, NULL), 0);
	EXPECT_EQ(sys_shmctl(id, IPC_STAT | IPC_64, &stat), 0);
	EXPECT_EQ(stat.perm.mode, SHM_LOCKED | 0400);
	remove_segment(id);
}

static const struct tap_case cases[] = {
	{ "shmget: keys", keys },
	{ "private keys", private_keys },
	{ "two attachments of one segment", two_attachments },
	{ "what IPC_STAT says", what_ipc_stat_says },
	{ "sizes are rounded up to pages", sizes },
	{ "shmat: places", places },
	{ "SHM_REMAP, and rounding to 0 (CVE-2017-5669)", shm_remap },
	{ "SHM_RDONLY", read_only },
	{ "shmdt", detaching },
	{ "fork and exit count", fork_and_exit },
	{ "execve detaches", execve_detaches },
	{ "removed while attached", removed_while_attached },
	{ "removed, and SHM_REMAP onto itself", remapped_onto_itself },
	{ "permissions", permissions },
	{ "ipc: bad calls", bad_calls },
	{ "other calls on a segment", other_calls_on_a_segment },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		return 7;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
