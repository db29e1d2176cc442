/* SPDX-License-Identifier: MIT */
/*
 * No call keeps others from running for long, however much it was asked for, or outlives SIGKILL
 * (runtime/heartbeat.h). Calls that loop over what a program chose, and where each is tried:
 *
 *	areas		munmap, exit, fork, mlockall, munlockall, mprotect, madvise,
 *			/proc/self/maps
 *	their pages	munmap, exit, fork, mlock, MAP_POPULATE, mprotect, mremap, mincore,
 *			/proc/self/pagemap; madvise: DONTNEED, FREE, POPULATE_READ,
 *			POPULATE_WRITE, WILLNEED; brk is munmap, shmat mmap, shmdt munmap
 *	pages of files	read, readv, pread64; write, writev, pwrite64; truncate, ftruncate, open
 *			with O_TRUNC; the last close, unlink, munmap, shmctl(IPC_RMID);
 *			madvise(MADV_REMOVE), also by areas; fallocate
 *	bytes		getrandom, read of /dev/urandom; process_vm_readv; write to the console
 *	strings		execve
 *
 * Others are short, because there are few of what they count: sleepers of a futex, tasks for
 * kill(-1), children, descriptors, segments.
 */
#include "tests/ring3/runtime/heartbeat.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PRIVATE	   (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
#define SHARED	   (MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE)

static u32 pages(void)
{
	return heartbeat_strict() ? 20000 : 2500;
}

static u32 areas(void)
{
	return heartbeat_strict() ? 60000 : 7500;
}

static u32 base; /* made by the setup */
static int fd;

static u32 map(u32 length, int protection, int flags)
{
	u32 address = sys_mmap2(0, length, protection, flags, -1, 0);

	if (is_error(address))
		tap_bail_out("no memory");
	return address;
}

static void make_pages(void)
{
	base = map(pages() * PAGE_SIZE, READ_WRITE, PRIVATE);
	memory_small_pages((void *)base, pages());
	EXPECT_EQ(sys_madvise(base, pages() * PAGE_SIZE, MADV_POPULATE_WRITE), 0);
}

/* One large area that is cut into many, each other one with a page in it. */
static void make_areas(void)
{
	base = map(areas() * PAGE_SIZE, READ_WRITE, PRIVATE);
	memory_small_pages((void *)base, areas());
	for (u32 i = 0; i < areas(); i += 2) {
		EXPECT_EQ(sys_mprotect(base + i * PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
		if (i % 16 == 0)
			memory_write((void *)(base + (i + 1) * PAGE_SIZE), 1);
	}
}

static void make_object(void)
{
	base = map(pages() * PAGE_SIZE, READ_WRITE, SHARED);
	EXPECT_EQ(sys_madvise(base, pages() * PAGE_SIZE, MADV_POPULATE_WRITE), 0);
}

/* The same object mapped in many places, a page each. */
static void make_object_areas(void)
{
	make_object();
	for (u32 i = 0; i < areas() / 2; i++)
		EXPECT(!is_error(sys_mremap(base + i * 7 % pages() * PAGE_SIZE, 0, PAGE_SIZE,
					    MREMAP_MAYMOVE, 0)));
}

/* A file of many pages and its name, "/tmp/" and the number of the process. */
static void make_file(void)
{
	struct text path;

	make_pages();
	text_clear(&path);
	text_add(&path, "/tmp/long_calls-");
	text_add_decimal(&path, sys_getpid());
	fd = (int)sys_open_mode(path.data, O_CREAT | O_RDWR, 0600);
	EXPECT(fd >= 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static void make_full_file(void)
{
	make_file();
	EXPECT_EQ(sys_pwrite64(fd, (void *)base, pages() * PAGE_SIZE, 0), pages() * PAGE_SIZE);
}

static void make_mapped_file(void)
{
	make_full_file();
	for (u32 i = 0; i < areas() / 4; i++) {
		u32 at = sys_mmap2(0, PAGE_SIZE, READ_WRITE, i % 2 ? MAP_SHARED : MAP_PRIVATE, fd,
				   i * 7 % pages());

		EXPECT(!is_error(at));
		if (i % 8 == 0)
			memory_write((void *)at, 1);
	}
}

static long bytes_random(void)
{
	base = map(32u << 20, READ_WRITE, PRIVATE);
	return sys_getrandom((void *)base, heartbeat_strict() ? 32u << 20 : 1u << 20, 0) <= 0;
}

static long device_random(void)
{
	u32 bytes = heartbeat_strict() ? 32u << 20 : 1u << 20;

	base = map(bytes, READ_WRITE, PRIVATE);
	return sys_read((int)sys_open("/dev/urandom", O_RDONLY), (void *)base, bytes) <= 0;
}

static long maps_by_bytes(void)
{
	static struct iovec parts[UIO_MAXIOV];
	static char byte;
	int maps = (int)sys_open("/proc/self/maps", O_RDONLY);

	for (u32 i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i] = (struct iovec){ (u32)&byte, 1 };
	return system_call(NR_readv, maps, (long)parts, ARRAY_SIZE(parts), 0, 0, 0) <= 0;
}

/* All of it, at the end first: the reader has to pass over what comes before. */
static long maps_whole(void)
{
	static char text[65536];
	int maps = (int)sys_open("/proc/self/maps", O_RDONLY);

	if (sys_pread64(maps, text, sizeof(text), areas() * 40) <= 0)
		return 1;
	while (sys_read(maps, text, sizeof(text)) > 0)
		;
	return 0;
}

static long pagemap(void)
{
	u32 length = heartbeat_strict() ? 4u << 20 : 1u << 18;
	int maps = (int)sys_open("/proc/self/pagemap", O_RDONLY);

	base = map(length, READ_WRITE, PRIVATE);
	return sys_read(maps, (void *)base, length) <= 0;
}

static long hole_read(void)
{
	static struct iovec parts[256];
	u32 target = map(1u << 20, READ_WRITE, PRIVATE), count = heartbeat_strict() ? 256 : 16;

	for (u32 i = 0; i < count; i++)
		parts[i] = (struct iovec){ target, 1u << 20 };
	EXPECT_EQ(sys_ftruncate(fd, (long)count << 20), 0);
	return system_call(NR_readv, fd, (long)parts, (long)count, 0, 0, 0) <= 0;
}

static long file_read_whole(void)
{
	return sys_pread64(fd, (void *)base, pages() * PAGE_SIZE, 0) <= 0;
}

static long file_write(void)
{
	return sys_write(fd, (void *)base, pages() * PAGE_SIZE) <= 0;
}

static long file_allocate(void)
{
	return sys_fallocate(fd, 0, 0, pages() * PAGE_SIZE);
}

static long file_truncate(void)
{
	return sys_ftruncate(fd, 1);
}

static long file_close(void)
{
	return sys_close(fd);
}

static long object_hole(void)
{
	return sys_madvise(base, pages() * PAGE_SIZE, MADV_REMOVE);
}

static long object_unmap(void)
{
	return sys_munmap(base, pages() * PAGE_SIZE);
}

static long residence(void)
{
	u32 length = heartbeat_strict() ? 0x60000000 : 0x0c000000;
	u8 *vector = (u8 *)map(length / PAGE_SIZE, READ_WRITE, PRIVATE);

	return sys_mincore(map(length, READ_WRITE, PRIVATE), length, vector);
}

static long areas_unmap(void)
{
	return sys_munmap(base, areas() * PAGE_SIZE);
}

static long areas_protect(void)
{
	return sys_mprotect(base, areas() * PAGE_SIZE, PROT_READ);
}

static long areas_advise(void)
{
	return sys_madvise(base, areas() * PAGE_SIZE, MADV_DONTFORK);
}

static long areas_lock(void)
{
	sys_mlockall(MCL_CURRENT | MCL_ONFAULT); /* Linux may have a limit */
	return sys_munlockall();
}

static long pages_unmap(void)
{
	return sys_munmap(base, pages() * PAGE_SIZE);
}

static long pages_protect(void)
{
	return sys_mprotect(base, pages() * PAGE_SIZE, PROT_READ);
}

static long pages_move(void)
{
	return is_error(sys_mremap(base, pages() * PAGE_SIZE, (pages() + 1) * PAGE_SIZE,
				   MREMAP_MAYMOVE, 0));
}

static long pages_drop(void)
{
	return sys_madvise(base, pages() * PAGE_SIZE, MADV_DONTNEED);
}

static long pages_peek(void)
{
	u32 bytes = pages() * PAGE_SIZE;
	struct iovec there = { base, bytes }, here = { map(bytes, READ_WRITE, PRIVATE), bytes };

	return system_call(NR_process_vm_readv, sys_getpid(), (long)&here, 1, (long)&there, 1, 0) <=
	       0;
}

static long pages_free(void)
{
	return sys_madvise(base, pages() * PAGE_SIZE, MADV_FREE);
}

static long pages_lock(void)
{
	base = map(pages() * PAGE_SIZE, READ_WRITE, PRIVATE);
	sys_mlock(base, pages() * PAGE_SIZE); /* Linux may have a limit */
	return 0;
}

static long pages_populate(void)
{
	map(pages() * PAGE_SIZE, READ_WRITE, PRIVATE | MAP_POPULATE);
	return 0;
}

static long pages_read_in(void)
{
	base = map(8 * pages() * PAGE_SIZE, READ_WRITE, PRIVATE);
	return sys_madvise(base, 8 * pages() * PAGE_SIZE, MADV_POPULATE_READ);
}

static long ahead(void)
{
	int program = (int)sys_open("/proc/self/exe", O_RDONLY);

	if (program < 0)
		program = (int)sys_open("/tests/long_calls", O_RDONLY);
	base = sys_mmap2(0, 8 * PAGE_SIZE, PROT_READ, MAP_PRIVATE, program, 0);
	return sys_madvise(base, 8 * PAGE_SIZE, MADV_WILLNEED);
}

static long copy(void)
{
	long pid = sys_fork();

	if (!pid)
		sys_exit_group(0);
	return pid > 0 ? process_wait((int)pid) : pid;
}

#define ARGUMENTS (3u << 20)

/* More arguments than any limit allows: the call counts them before it says so. */
static void make_arguments(void)
{
	u32 count = heartbeat_strict() ? ARGUMENTS - 1 : ARGUMENTS / 4;

	base = map(ARGUMENTS * sizeof(u32), READ_WRITE, PRIVATE);
	for (u32 i = 0; i < count; i++)
		((u32 *)base)[i] = (u32) "";
}

static long execute(void)
{
	const char *const none[] = { NULL };

	return sys_execve("/tests/long_calls", (const char *const *)base, none) == 0;
}

static int segment;

static void make_segment(void)
{
	segment = (int)sys_shmget(IPC_PRIVATE, pages() * PAGE_SIZE, IPC_CREAT | 0600);
	EXPECT_EQ(sys_shmat(segment, 0, 0, &base), 0);
	EXPECT_EQ(sys_madvise(base, pages() * PAGE_SIZE, MADV_POPULATE_WRITE), 0);
	EXPECT_EQ(sys_shmctl(segment, IPC_RMID, NULL), 0);
}

static long segment_detach(void)
{
	return sys_shmdt(base);
}

/* Empty lines, which readers of the log skip. */
static long console(void)
{
	u32 length = heartbeat_strict() ? 4096 : 64;

	base = map(length, READ_WRITE, PRIVATE);
	memset((void *)base, '\n', length);
	return sys_write(1, (void *)base, length) <= 0;
}

static long nothing(void)
{
	return 0;
}

static const struct long_call calls[] = {
	{ "getrandom", NULL, bytes_random },
	{ "read of urandom", NULL, device_random },
	{ "readv of maps by bytes", make_areas, maps_by_bytes },
	{ "pread64 and read of maps", make_areas, maps_whole },
	{ "read of pagemap", NULL, pagemap },
	{ "readv of a hole", make_file, hole_read },
	{ "pread64", make_full_file, file_read_whole },
	{ "write", make_file, file_write },
	{ "fallocate", make_file, file_allocate },
	{ "ftruncate", make_mapped_file, file_truncate },
	{ "the last close", make_full_file, file_close },
	{ "madvise REMOVE", make_object, object_hole },
	{ "madvise REMOVE of what many map", make_object_areas, object_hole },
	{ "munmap of an object", make_object, object_unmap },
	{ "shmdt", make_segment, segment_detach },
	{ "mincore", NULL, residence },
	{ "munmap of areas", make_areas, areas_unmap },
	{ "mprotect of areas", make_areas, areas_protect },
	{ "madvise DONTFORK of areas", make_areas, areas_advise },
	{ "mlockall of areas", make_areas, areas_lock },
	{ "fork with areas", make_areas, copy },
	{ "exit with areas", make_areas, nothing },
	{ "munmap of pages", make_pages, pages_unmap },
	{ "mprotect of pages", make_pages, pages_protect },
	{ "mremap of pages", make_pages, pages_move },
	{ "madvise DONTNEED", make_pages, pages_drop },
	{ "madvise FREE", make_pages, pages_free },
	{ "process_vm_readv", make_pages, pages_peek },
	{ "mlock", NULL, pages_lock },
	{ "MAP_POPULATE", NULL, pages_populate },
	{ "madvise POPULATE_READ", NULL, pages_read_in },
	{ "madvise WILLNEED", NULL, ahead },
	{ "fork with pages", make_pages, copy },
	{ "execve", make_arguments, execute },
	{ "write to the console", NULL, console },
};

int main(void)
{
	return heartbeat_run(calls, ARRAY_SIZE(calls));
}
