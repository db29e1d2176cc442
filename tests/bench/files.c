/* SPDX-License-Identifier: MIT */
/*
 * Calls on files. What is made in /tmp is removed again: memory is as before when the process is
 * gone.
 */
#include "abi/linux/stat.h"
#include "tests/bench/bench.h"

#define FOLDER	    "/tmp/bench-files"
#define SMALL_FILE  "/tmp/bench-small"
#define MAPPED_FILE "/tmp/bench-mapped"
#define FOLDER_MAX  10000u
#define DESCRIPTORS 256u
#define SAMPLES	    200u

static u8 page[PAGE_SIZE];
static bool made_tmp;

/* Linux's first file system has no /tmp. */
static void begin(void)
{
	made_tmp = !call2(NR_MKDIR, (long)"/tmp", 0777);
}

static void end(void)
{
	if (made_tmp)
		call1(NR_RMDIR, (long)"/tmp");
}

/* A file with a few bytes. Returns its descriptor, or -errno. */
static int make_small(const char *path)
{
	long fd = call3(NR_open, (long)path, O_RDWR | O_CREAT, 0600);

	if (fd >= 0)
		sys_write((int)fd, "small\n", 6);
	return (int)fd;
}

static int open_close(void)
{
	long fd, err = 0;

	begin();
	fd = make_small(SMALL_FILE);
	if (fd >= 0)
		sys_close((int)fd);
	while (fd >= 0 && !err && samples_wanted())
		samples_add(SAMPLE({
			fd = call3(NR_open, (long)SMALL_FILE, O_RDONLY, 0);
			err = call1(NR_close, fd);
		}));
	call1(NR_unlink, (long)SMALL_FILE);
	end();
	return (int)(fd < 0 ? fd : err);
}

/* dup() and close() beside so many open descriptors. */
static int dup_close_256(void)
{
	long fd = 0, err = 0;

	for (u32 i = 0; i < DESCRIPTORS && fd >= 0; i++)
		fd = call1(NR_dup, 1);
	while (fd >= 0 && !err && samples_wanted())
		samples_add(SAMPLE({
			fd = call1(NR_dup, 1);
			err = call1(NR_close, fd);
		}));
	return (int)(fd < 0 ? fd : err);
}

static int stat64(void)
{
	struct stat64 status;
	long fd, err = 0;

	begin();
	fd = make_small(SMALL_FILE);
	if (fd >= 0)
		sys_close((int)fd);
	while (fd >= 0 && !err && samples_wanted())
		samples_add(SAMPLE(err = call2(NR_stat64, (long)SMALL_FILE, (long)&status)));
	call1(NR_unlink, (long)SMALL_FILE);
	end();
	return (int)(fd < 0 ? fd : err);
}

/* The path of one of the files of a folder: FOLDER/fNNNNN. */
static const char *path_of(u32 number)
{
	static char path[] = FOLDER "/f00000";

	for (u32 at = sizeof(path) - 2, i = 0; i < 5; i++, number /= 10)
		path[at - i] = (char)('0' + number % 10);
	return path;
}

static int make_files(u32 count)
{
	long err = call2(NR_MKDIR, (long)FOLDER, 0777);

	for (u32 i = 0; !err && i < count; i++) {
		long fd = call3(NR_open, (long)path_of(i), O_RDWR | O_CREAT, 0600);

		err = fd < 0 ? fd : sys_close((int)fd);
	}
	return (int)err;
}

static void remove_files(u32 count)
{
	for (u32 i = 0; i < count; i++)
		call1(NR_unlink, (long)path_of(i));
	call1(NR_RMDIR, (long)FOLDER);
}

/* stat64() of one of `count` files of a folder, another one each time. */
static int stat_among(u32 count)
{
	struct stat64 status;
	long err;

	begin();
	err = make_files(count);
	while (!err && samples_wanted()) {
		const char *path = path_of(samples_taken() * 7919u % count);

		samples_add(SAMPLE(err = call2(NR_stat64, (long)path, (long)&status)));
	}
	remove_files(count);
	end();
	return (int)err;
}

static int stat_10_files(void)
{
	return stat_among(10);
}

static int stat_10000_files(void)
{
	return stat_among(FOLDER_MAX);
}

/* A page for each sample, at ascending places. `old`: the pages are there. */
static int write_pages(bool old)
{
	long fd, length = PAGE_SIZE;

	begin();
	fd = make_small(SMALL_FILE);
	call1(NR_unlink, (long)SMALL_FILE);
	end();
	if (fd < 0)
		return (int)fd;
	for (u32 i = 0; old && i < WARM_UP + SAMPLES; i++)
		sys_pwrite64((int)fd, page, PAGE_SIZE, (u64)i * PAGE_SIZE);
	sys_lseek((int)fd, 0, SEEK_SET);
	while (length == PAGE_SIZE && samples_wanted())
		samples_add(SAMPLE(length = call3(NR_write, fd, (long)page, PAGE_SIZE)));
	return length == PAGE_SIZE ? 0 : -ENOSPC;
}

static int write_new_page(void)
{
	return write_pages(false);
}

static int write_old_page(void)
{
	return write_pages(true);
}

/*
 * A file whose first pages are mapped `count` times is cut behind them, and made longer again.
 * Only the cut is counted.
 */
static int truncate_beside(u32 count)
{
	long fd, err;

	begin();
	fd = call3(NR_open, (long)MAPPED_FILE, O_RDWR | O_CREAT, 0600);
	call1(NR_unlink, (long)MAPPED_FILE);
	end();
	err = fd < 0 ? fd : call2(NR_ftruncate, fd, (long)((count + 1) * 2 * PAGE_SIZE));
	for (u32 i = 0; !err && i < count; i++) {
		/* Every other page, so that no two areas become one. */
		u32 area = sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, (int)fd, 2 * i);

		if (is_error(area))
			err = (int)area;
	}
	while (!err && samples_wanted()) {
		long tail = (long)(2 * count * PAGE_SIZE);

		sys_pwrite64((int)fd, page, 1, (u64)tail + PAGE_SIZE);
		samples_add(SAMPLE(err = call2(NR_ftruncate, fd, tail)));
	}
	return (int)err;
}

static int truncate_10_maps(void)
{
	return truncate_beside(10);
}

static int truncate_10000_maps(void)
{
	return truncate_beside(10000);
}

const struct operation file_operations[] = {
	{ "open_close", open_close, SAMPLES, 1 },
	{ "dup_close_256", dup_close_256, SAMPLES, 1 },
	{ "stat64", stat64, SAMPLES, 1 },
	{ "stat_10_files", stat_10_files, SAMPLES, 1 },
	{ "stat_10000_files", stat_10000_files, SAMPLES, 1 },
	{ "write_new_page", write_new_page, SAMPLES, 1 },
	{ "write_old_page", write_old_page, SAMPLES, 1 },
	{ "truncate_10_maps", truncate_10_maps, 50, 1 },
	{ "truncate_10000_maps", truncate_10000_maps, 50, 1 },
	{},
};
