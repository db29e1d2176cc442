/* SPDX-License-Identifier: MIT */
/*
 * fallocate() and memfd_create(): which bytes, pages and sizes they change, seals, limits, and
 * which error comes first, as Linux 6.18 has it.
 *
 * sources: kernel/syscall/file/sys_allocate.c kernel/syscall/file/sys_memfd.c kernel/task/files.c
 * sources: kernel/syscall/file/sys_file.c tests/host/kernel/syscall/file_rig.c
 */
#include "fs/events/inotify.h"
#include "fs/seals.h"
#include "mm/user_space/truncate.h"
#include "tests/host/console.h"
#include "tests/host/kernel/syscall/file_rig.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"
#include "tests/host/user.h"

#define BYTES	  (3 * PAGE_SIZE)
#define KEEP_SIZE 1u
#define PUNCH	  3u /* it needs KEEP_SIZE */

static const char *const names[] = { NULL };
static u32 file;

/* fallocate() on the file: the halves of both numbers are in registers of their own. */
static s32 allocate_of(u32 fd, u32 mode, u64 start, u64 length)
{
	return CALL(fallocate, fd, mode, (u32)start, (u32)(start >> 32), (u32)length,
		    (u32)(length >> 32));
}

static s32 allocate(u32 mode, u64 start, u64 length)
{
	return allocate_of(file, mode, start, length);
}

static u64 size(void)
{
	return file_at(file)->mapping->i_size;
}

/* The pages that the file has. */
static u32 pages(void)
{
	struct file_stat stat;

	file_stat(file_at(file), &stat);
	return (u32)stat.blocks / 8;
}

static void empty_file(void)
{
	begin_names(names);
	file = nameless(O_RDWR | O_LARGEFILE, "");
}

/* ---- Memory ---- */

static void allocations(void)
{
	empty_file();
	EXPECT_EQ(allocate(0, 0, 1), 0);
	EXPECT(size() == 1 && pages() == 1);
	EXPECT_EQ(allocate(0, 2 * PAGE_SIZE - 1, 2), 0);
	EXPECT(size() == 2 * PAGE_SIZE + 1 && pages() == 3);
	EXPECT_EQ(allocate(0, 5 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT(size() == 6 * PAGE_SIZE && pages() == 4);
	EXPECT_EQ(allocate(0, 4 * PAGE_SIZE, 1), 0);
	EXPECT(size() == 6 * PAGE_SIZE && pages() == 5);
	EXPECT_EQ(allocate(KEEP_SIZE, 3 * PAGE_SIZE, 9 * PAGE_SIZE), 0);
	EXPECT(size() == 6 * PAGE_SIZE && pages() == 6);
	EXPECT_EQ(allocate(KEEP_SIZE, 6 * PAGE_SIZE, 1), 0);
	EXPECT(size() == 6 * PAGE_SIZE && pages() == 6);
	EXPECT_EQ(allocate(0, 0x100000002, 3), 0);
	EXPECT(size() == 0x100000005 && pages() == 7);
	EXPECT_EQ(allocate(KEEP_SIZE, 0x200000000, 0x300000000), 0);
	EXPECT(size() == 0x100000005 && pages() == 7);
}

static void allocations_refused(void)
{
	u32 folder, reader, ends[2], blank, device, fifo;

	empty_file();
	folder = open_fd("/tmp/d", O_RDONLY);
	file_at(folder)->flags = O_RDWR;
	reader = nameless(O_RDONLY, "");
	device = open_fd("/dev/null", O_RDWR);
	blank = blank_fd(O_RDWR);
	pipe_fds(ends, 0);
	EXPECT_EQ(path_make(NULL, "/tmp/d/p", S_IFIFO | 0600, 0), 0);
	fifo = open_fd("/tmp/d/p", O_RDWR);
	EXPECT_EQ(allocate_of(CLOSED, 99, -1ull, -1ull), -EBADF);
	EXPECT_EQ(allocate_of(reader, 99, -1ull, 1), -EINVAL);
	EXPECT_EQ(allocate_of(reader, 99, 0, 0), -EINVAL);
	EXPECT_EQ(allocate_of(reader, 99, 0, -1ull), -EINVAL);
	EXPECT_EQ(allocate_of(reader, 99, 0, 1), -EOPNOTSUPP);
	EXPECT_EQ(allocate_of(reader, 0, 0, 1), -EBADF);
	EXPECT_EQ(allocate_of(ends[1], 0, INT64_MAX, 1), -ESPIPE);
	EXPECT_EQ(allocate_of(ends[0], 0, 0, 1), -EBADF);
	EXPECT_EQ(allocate_of(fifo, 0, 0, 1), -ESPIPE);
	EXPECT_EQ(allocate_of(blank, 0, 0, 1), -ENODEV);
	EXPECT_EQ(allocate_of(device, 16, 0, 1), -ENODEV);
	EXPECT_EQ(allocate_of(folder, 0, 0, 1), -EISDIR);
	file_at(folder)->flags = O_RDONLY;
	EXPECT_EQ(allocate(0, INT64_MAX, INT64_MAX), -EFBIG);
	EXPECT_EQ(allocate(KEEP_SIZE, MAPPING_SIZE_MAX - 1, 2), -EFBIG);
	EXPECT_EQ(allocate(KEEP_SIZE, MAPPING_SIZE_MAX - 1, 1), 0);
	host_rlim[RLIMIT_FSIZE].cur = 5;
	EXPECT_EQ(allocate(0, 0, 6), -EFBIG);
	EXPECT_EQ(allocate(KEEP_SIZE, 0, 6), -EFBIG);
	EXPECT_EQ(allocate(KEEP_SIZE, 0, 5), 0);
	EXPECT_EQ(allocate(0, 0, 5), 0);
	host_rlim[RLIMIT_FSIZE].cur = RLIM_INFINITY;
	EXPECT_EQ(size(), 5);
	EXPECT_EQ(path_unlink(NULL, "/tmp/d/p"), 0);
}

/* Each mode, as Linux's vfs_fallocate() and a file system without more than holes have it. */
static void modes(void)
{
	u32 reader, device;

	empty_file();
	reader = nameless(O_RDONLY, "");
	device = open_fd("/dev/null", O_RDWR);
	for (u32 mode = 0; mode < 256; mode++) {
		u32 what = mode & ~KEEP_SIZE;
		bool keeps = mode & KEEP_SIZE;
		bool known = !what || what == 16 || what == 64 || (what == 2 && keeps) ||
			     ((what == 8 || what == 32) && !keeps);

		EXPECT_EQ(allocate_of(reader, mode, 0, 1), known ? -EBADF : -EOPNOTSUPP);
		EXPECT_EQ(allocate_of(device, mode, 0, 1), known ? -ENODEV : -EOPNOTSUPP);
		EXPECT_EQ(allocate(mode, 0, 1), mode < 2 || mode == PUNCH ? 0 : -EOPNOTSUPP);
	}
}

static u32 turns;

static void take_turn(void)
{
	turns++;
}

/* Between two pages other tasks may run, beside what the page cache itself does. */
static void turns_of_others(void)
{
	u32 of_cache;
	struct page *page;

	empty_file();
	EXPECT_EQ(file_truncate(file_at(file), 9 * PAGE_SIZE), 0);
	host_others = take_turn;
	EXPECT_EQ(get_cache_page(file_at(file)->mapping, 0, &page), 0);
	of_cache = turns;
	turns = 0;
	EXPECT_EQ(allocate(KEEP_SIZE, 0, 9 * PAGE_SIZE), 0);
	EXPECT(turns >= 9 + 8 * of_cache);
	host_others = NULL;
}

/* What was done is undone: without memory, and for a task that ends. */
static void failures(void)
{
	const struct inode *inode;
	u64 modified;

	empty_file();
	EXPECT_EQ(allocate(0, 0, 1), 0);
	for (u32 nth = 1; nth < 4; nth++) {
		fail(nth);
		EXPECT_EQ(allocate(0, 0, 9 * PAGE_SIZE), -ENOSPC);
		EXPECT(size() == 1 && pages() == 1);
	}
	fail(0);
	host_killed = true;
	EXPECT_EQ(allocate(0, 0, 9 * PAGE_SIZE), -EINTR);
	EXPECT(size() == 1 && pages() == 1);
	host_killed = false;
	EXPECT_EQ(file_truncate(file_at(file), 2 * PAGE_SIZE), 0);
	inode = file_at(file)->inode;
	modified = inode->times.modify;
	console_date += 1000;
	fail(1);
	EXPECT_EQ(allocate(KEEP_SIZE, PAGE_SIZE, 1), -ENOSPC);
	fail(0);
	EXPECT(size() == 2 * PAGE_SIZE && inode->times.modify == modified);
}

static void seals(void)
{
	struct inode *inode;

	empty_file();
	inode = file_at(file)->inode;
	EXPECT_EQ(allocate(0, 0, PAGE_SIZE), 0);
	inode->seals = F_SEAL_GROW;
	EXPECT_EQ(allocate(0, 0, PAGE_SIZE), 0);
	EXPECT_EQ(allocate(KEEP_SIZE, 0, PAGE_SIZE), 0);
	EXPECT_EQ(allocate(0, 0, PAGE_SIZE + 1), -EPERM);
	EXPECT_EQ(allocate(KEEP_SIZE, PAGE_SIZE, 1), -EPERM);
	EXPECT_EQ(allocate(PUNCH, 0, 2 * PAGE_SIZE), 0);
	inode->seals = F_SEAL_WRITE;
	EXPECT_EQ(allocate(PUNCH, 0, 1), -EPERM);
	EXPECT_EQ(allocate(0, 0, 1), 0);
	inode->seals = F_SEAL_FUTURE_WRITE;
	EXPECT_EQ(allocate(PUNCH, 0, 1), -EPERM);
	inode->seals = F_SEAL_SEAL | F_SEAL_SHRINK;
	EXPECT_EQ(allocate(PUNCH, 0, 1), 0);
	EXPECT_EQ(size(), PAGE_SIZE);
}

/* ---- Holes ---- */

static char model[BYTES];

/* Makes three pages with 'x', and a hole in them. Expects the right bytes and pages. */
static void hole(u32 start, u32 end)
{
	char bytes[BYTES], *to = bytes;
	const char *from = model;
	u64 position = 0;
	u32 left = 3;

	memset(model, 'x', BYTES);
	EXPECT_EQ(file_write(file_at(file), &position, BYTES, copy_from_buffer, &from), BYTES);
	EXPECT_EQ(allocate(PUNCH, start, end - start), 0);
	for (u32 at = start; at < min(end, BYTES); at++)
		model[at] = '\0';
	for (u32 at = 0; at < BYTES; at += PAGE_SIZE)
		left -= start <= at && end >= at + PAGE_SIZE;
	position = 0;
	EXPECT_EQ(file_read(file_at(file), &position, BYTES, copy_to_buffer, &to), BYTES);
	if (!EXPECT(!memcmp(bytes, model, BYTES)) || !EXPECT_EQ(pages(), left))
		tap_note("a hole from %u to %u", start, end);
	EXPECT_EQ(size(), BYTES);
}

static void holes(void)
{
	static const u32 places[] = { 0,
				      1,
				      PAGE_SIZE - 1,
				      PAGE_SIZE,
				      PAGE_SIZE + 1,
				      2 * PAGE_SIZE - 1,
				      2 * PAGE_SIZE,
				      2 * PAGE_SIZE + 1,
				      BYTES - 1,
				      BYTES,
				      BYTES + 1,
				      5 * PAGE_SIZE };

	empty_file();
	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		for (u32 j = i + 1; j < ARRAY_SIZE(places); j++)
			hole(places[i], places[j]);
}

/* A part of a page that is not there makes none; nor does it need memory. */
static void holes_in_holes(void)
{
	empty_file();
	EXPECT_EQ(file_truncate(file_at(file), BYTES), 0);
	fail(1);
	EXPECT_EQ(allocate(PUNCH, 1, BYTES - 2), 0);
	EXPECT_EQ(allocate(PUNCH, 1, 1), 0);
	fail(0);
	EXPECT_EQ(pages(), 0);
	/* The pages of the archive would be filled again. */
	file_at(file)->inode->archive = "x";
	EXPECT_EQ(allocate(PUNCH, 0, 1), -EOPNOTSUPP);
	EXPECT_EQ(allocate(0, 0, 1), 0);
	file_at(file)->inode->archive = NULL;
}

/* Both change times and rights as a write does, and are told; what fails does nothing. */
static void traces(void)
{
	struct inode *inode;
	struct file *watcher;
	u32 watch;

	empty_file();
	inode = file_at(file)->inode;
	EXPECT_EQ(inotify_open(O_NONBLOCK, &watcher), 0);
	EXPECT(inotify_add(watcher, inode, IN_MODIFY) > 0);
	watch = fd_of(watcher);
	for (u32 mode = 0; mode <= PUNCH; mode += PUNCH) {
		host_fsuid = 7;
		host_privileged = false;
		inode->mode = S_IFREG | S_ISUID | 0777;
		console_date += 1000;
		EXPECT_EQ(allocate(mode, 0, 1), 0);
		EXPECT(inode->mode == (S_IFREG | 0777) && inode->times.modify == console_date);
		EXPECT_EQ(CALL(read, watch, USER_BYTES, 100), 16);
		EXPECT_EQ(word_at(USER_BYTES + 4), IN_MODIFY);
		inode->seals = F_SEAL_GROW | F_SEAL_WRITE;
		console_date += 1000;
		EXPECT_EQ(allocate(mode, 5, 1), -EPERM);
		EXPECT(inode->times.modify == console_date - 1000);
		EXPECT_EQ(CALL(read, watch, USER_BYTES, 100), -EAGAIN);
		inode->seals = 0;
		host_fsuid = 0;
		host_privileged = true;
	}
}

/* ---- memfd_create() ---- */

static struct inode *made(u32 fd)
{
	return file_at(fd)->inode;
}

static void files_in_memory(void)
{
	char path[100];

	begin();
	EXPECT_EQ(CALL(memfd_create, PATH("abc"), 0), 0);
	EXPECT_EQ(file_at(0)->flags, O_RDWR | O_LARGEFILE);
	EXPECT(made(0)->mode == (S_IFREG | 0777) && !fd_close_on_exec(own.files, 0));
	EXPECT_TEXT(inode_path(made(0), path, sizeof(path)), "/memfd:abc (deleted)");
	EXPECT_EQ(seals_get(file_at(0)), F_SEAL_SEAL);
	EXPECT_EQ(CALL(memfd_create, PATH(""), MFD_CLOEXEC | MFD_ALLOW_SEALING), 1);
	EXPECT(!seals_get(file_at(1)) && fd_close_on_exec(own.files, 1));
	EXPECT_TEXT(inode_path(made(1), path, sizeof(path)), "/memfd: (deleted)");
	EXPECT_EQ(CALL(memfd_create, PATH("x"), MFD_NOEXEC_SEAL), 2);
	EXPECT(made(2)->mode == (S_IFREG | 0666) && seals_get(file_at(2)) == F_SEAL_EXEC);
	EXPECT_EQ(CALL(memfd_create, PATH("x"), MFD_EXEC), 3);
	EXPECT(made(3)->mode == (S_IFREG | 0777) && seals_get(file_at(3)) == F_SEAL_SEAL);
	EXPECT_EQ(CALL(memfd_create, NOWHERE, MFD_EXEC | MFD_NOEXEC_SEAL), -EINVAL);
	EXPECT_EQ(CALL(memfd_create, NOWHERE, 4), -EINVAL);
	EXPECT_EQ(CALL(memfd_create, NOWHERE, 32), -EINVAL);
	EXPECT_EQ(CALL(memfd_create, NOWHERE, 19), -EFAULT);
	memset(user_bytes, 'n', 251);
	user_bytes[249] = '\0';
	EXPECT_EQ(CALL(memfd_create, USER_BYTES, 0), 4);
	user_bytes[249] = 'n';
	user_bytes[250] = '\0';
	EXPECT_EQ(CALL(memfd_create, USER_BYTES, 0), -EINVAL);
	fail(1);
	EXPECT_EQ(CALL(memfd_create, PATH("x"), 0), -ENOMEM);
	fail(0);
	EXPECT_EQ(CALL(memfd_create, PATH("x"), 0), 5);
	host_rlim[RLIMIT_NOFILE].cur = 6;
	EXPECT_EQ(CALL(memfd_create, PATH("x"), 0), -EMFILE);
	/* The number 0 is free again after an error. */
	EXPECT_EQ(fd_close(own.files, 0), 0);
	fail(1);
	EXPECT_EQ(CALL(memfd_create, PATH("x"), 0), -ENOMEM);
	fail(0);
	EXPECT_EQ(CALL(memfd_create, PATH("x"), 0), 0);
}

TAP_MAIN({ "allocations", allocations }, { "allocations: refused", allocations_refused },
	 { "modes", modes }, { "turns of others", turns_of_others }, { "failures", failures },
	 { "seals", seals }, { "holes", holes }, { "holes in holes", holes_in_holes },
	 { "traces", traces }, { "files in memory", files_in_memory })
