/* SPDX-License-Identifier: MIT */
/*
 * The table of descriptors beside a simple one: numbers, flags and references after random calls,
 * while it grows and each allocation may fail.
 *
 * sources: kernel/task/files.c
 */
#include "abi/linux/errno.h"
#include "kernel/task/files.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/fs/open_files.h"

#define MODEL 700u /* the table doubles four times */

/* What the table should be. */
static struct model {
	u8 kind[MODEL];
	bool closes[MODEL];
} model;

enum { FREE, RESERVED, FIRST, SECOND }; /* kinds; the last two are files */

static struct file *file[4]; /* by kind */
static struct files_struct *files;

static void begin(void)
{
	start();
	files_init();
	files = files_alloc();
	file[FIRST] = opened("/tmp/1", O_RDWR | O_CREAT);
	file[SECOND] = opened("/tmp/2", O_RDWR | O_CREAT);
}

static void end(void)
{
	files_put(files);
	EXPECT_EQ(file[FIRST]->count, 1);
	EXPECT_EQ(file[SECOND]->count, 1);
	file_put(file[FIRST]);
	file_put(file[SECOND]);
	EXPECT_EQ(path_unlink(NULL, "/tmp/1"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/2"), 0);
}

/* The lowest free number of the model from `least` on, or -EMFILE. */
static int model_lowest(u32 least, u32 limit)
{
	for (u32 fd = least; fd < limit && fd < MODEL; fd++)
		if (model.kind[fd] == FREE)
			return (int)fd;
	return -EMFILE;
}

/* The table is the model: numbers, files, flags, references of one or two tables. */
static void compare(const struct files_struct *table, bool alone)
{
	int count[4] = { 0 };
	u32 next = fd_next(table, 0);

	for (u32 fd = 0; fd < MODEL; fd++) {
		u8 kind = model.kind[fd];
		bool in_use = fd < table->end && bitmap_test(table->open, fd);

		EXPECT_EQ(in_use, kind != FREE);
		EXPECT(files_find(table, fd) == file[kind]);
		EXPECT(fd >= table->lowest || in_use); /* (5) */
		if (fd < table->size)
			EXPECT_EQ(fd_close_on_exec(table, fd), model.closes[fd]);
		if (in_use) {
			EXPECT_EQ(next, fd);
			next = fd_next(table, fd + 1);
		}
		count[kind]++;
	}
	EXPECT_EQ(next, table->end);
	if (alone) {
		EXPECT_EQ(file[FIRST]->count, 1 + count[FIRST]);
		EXPECT_EQ(file[SECOND]->count, 1 + count[SECOND]);
	}
}

static void set(u32 fd, u8 kind, bool closes)
{
	model.kind[fd] = kind;
	model.closes[fd] = closes;
}

/* A descriptor by fd_alloc(); it stays reserved if `kind` says so. */
static int allocate(u32 least, u32 limit, u8 kind, bool closes)
{
	int wanted = model_lowest(least, limit), fd = fd_alloc(files, least, limit, closes);

	if (fd == -ENOMEM)
		return fd;
	EXPECT_EQ(fd, wanted);
	if (fd < 0)
		return fd;
	set((u32)fd, kind, closes);
	if (kind != RESERVED) {
		file_get(file[kind]);
		fd_install(files, (u32)fd, file[kind]);
	}
	return fd;
}

static int replace(u32 fd, u8 kind, bool closes)
{
	int err;

	file_get(file[kind]);
	err = fd_replace(files, fd, file[kind], closes);
	if (!err)
		set(fd, kind, closes);
	else
		file_put(file[kind]);
	if (err != -ENOMEM)
		EXPECT_EQ(err, model.kind[fd] == RESERVED ? -EBUSY : 0);
	return err;
}

static void close_one(u32 fd)
{
	int err = fd_close(files, fd);

	EXPECT_EQ(err, model.kind[fd] >= FIRST ? 0 : -EBADF);
	if (!err)
		set(fd, FREE, false);
}

static void exec(void)
{
	files_exec(files);
	for (u32 fd = 0; fd < MODEL; fd++)
		if (model.closes[fd] && model.kind[fd] >= FIRST)
			set(fd, FREE, false);
}

/* A copy has all but what is reserved; then it takes the table's place. */
static void copy(void)
{
	struct files_struct *twin = files_copy(files), *old = files;

	if (!twin)
		return;
	EXPECT_EQ(twin->count, 1);
	compare(files, false);
	for (u32 fd = 0; fd < MODEL; fd++) {
		if (model.kind[fd] == RESERVED) {
			fd_release(old, fd);
			set(fd, FREE, false);
		}
	}
	files = twin;
	compare(files, false);
	EXPECT_EQ(twin->end <= old->end, 1);
	files_put(old);
}

static void random_call(u32 highest)
{
	u32 fd = random_below(highest), limit = random_below(4) ? highest : fd + 1;
	u8 kind = FIRST + random_below(2);

	switch (random_below(8)) {
	case 0:
	case 1:
		allocate(random_below(2) ? 0 : fd, limit, random_below(8) ? kind : RESERVED,
			 random_below(4) == 0);
		break;
	case 2:
		allocate(0, highest, kind, false);
		break;
	case 3:
		replace(fd, kind, random_below(3) == 0);
		break;
	case 4:
	case 5:
		close_one(fd);
		break;
	case 6:
		if (model.kind[fd] == RESERVED) {
			fd_release(files, fd);
			set(fd, FREE, false);
		} else if (model.kind[fd]) {
			model.closes[fd] = !model.closes[fd];
			fd_set_close_on_exec(files, fd, model.closes[fd]);
		}
		break;
	default:
		if (random_below(20) == 0)
			exec();
		else if (random_below(10) == 0)
			copy();
	}
}

static void random_calls(void)
{
	static const u32 highest[] = { 3, 32, 33, 64, 65, 128, 129, 300, MODEL };
	static const struct fail_spec often = { FAIL_ANY, FAIL_EVERY, 3 }, never = { 0 };

	begin();
	for (u32 round = 0; round < ARRAY_SIZE(highest); round++) {
		for (u32 i = 0; i < 400; i++) {
			fail_alloc_set(i % 2 ? &often : &never);
			random_call(highest[round]);
			if (i % 8 == 0 || highest[round] < 64)
				compare(files, true);
		}
		fail_alloc_set(&never);
		compare(files, true);
	}
	end();
}

/* Just behind the highest, at the limit, and at the end of what there can be. */
static void edges(void)
{
	begin();
	EXPECT_EQ(fd_close(files, 0), -EBADF);
	EXPECT_EQ(fd_alloc(files, 0, 0, false), -EMFILE);
	EXPECT_EQ(allocate(0, 1, FIRST, true), 0);
	EXPECT_EQ(allocate(0, 1, FIRST, true), -EMFILE);
	EXPECT_EQ(allocate(5, 6, FIRST, true), 5);
	EXPECT_EQ(fd_close(files, 6), -EBADF);
	EXPECT(!files_find(files, 6));
	EXPECT_EQ(files->size, OPEN_FEW);
	EXPECT_EQ(replace(OPEN_FEW - 1, SECOND, true), 0);
	EXPECT_EQ(files->size, OPEN_FEW);
	EXPECT_EQ(replace(OPEN_FEW, SECOND, true), 0);
	EXPECT_EQ(files->size, 2 * OPEN_FEW);
	compare(files, true);
	exec(); /* the first and the last */
	compare(files, true);
	EXPECT_EQ(fd_next(files, 0), files->end);
	EXPECT_EQ(fd_alloc(files, OPEN_MAX, UINT32_MAX, false), -EMFILE);
	EXPECT_EQ(fd_alloc(files, OPEN_MAX - 1, OPEN_MAX - 1, false), -EMFILE);
	end();
}

/* The last of those that share a table closes all; a copy without memory leaves nothing. */
static void shared(void)
{
	static const struct fail_spec once = { FAIL_ANY, FAIL_ONCE, 1 },
				      second = { FAIL_ANY, FAIL_ONCE, 2 };

	begin();
	EXPECT_EQ(allocate(0, 200, FIRST, false), 0);
	EXPECT_EQ(replace(150, SECOND, true), 0);
	files_get(files);
	files_put(files);
	compare(files, true);
	fail_alloc_set(&once);
	EXPECT(!files_copy(files));
	fail_alloc_set(&second);
	EXPECT(!files_copy(files));
	compare(files, true);
	files_put(NULL);
	end();
}

TAP_MAIN({ "random calls", random_calls }, { "edges", edges }, { "shared", shared })
