/* SPDX-License-Identifier: MIT */
/*
 * Without memory: each allocation of a call on files fails in turn. The call returns -ENOMEM and
 * changes nothing, so that it succeeds as soon as there is memory; the end of the case finds what
 * was lost. Locks are in test_locks.c.
 */
#include "abi/linux/epoll.h"
#include "abi/linux/errno.h"
#include "abi/linux/inotify.h"
#include "fs/events/epoll.h"
#include "fs/events/eventfd.h"
#include "fs/events/inotify.h"
#include "fs/poll.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/fs/open_files.h"

static struct file *event, *epoll, *inotify, *file;

/* Calls until no allocation fails any more. Returns how many failed. */
static u32 fail_each(int (*call)(void))
{
	u32 failures = 0;

	for (bool failed = true; failed && failures < 20;) {
		const struct fail_spec spec = { FAIL_ANY, FAIL_ONCE, failures + 1 };
		int result;

		fail_alloc_set(&spec);
		result = call();
		failed = fail_alloc_failed();
		fail_alloc_set(NULL);
		EXPECT_EQ(result, failed ? -ENOMEM : 0);
		failures += failed;
	}
	return failures;
}

static int open_event(void)
{
	return eventfd_open(1, 0, &event);
}

static int open_epoll(void)
{
	return epoll_open(&epoll);
}

static int watch_event(void)
{
	static const struct epoll_event wanted = { POLLIN, { 7, 0 } };

	return epoll_change(epoll, EPOLL_CTL_ADD, event, 1, &wanted);
}

static void events(void)
{
	struct epoll_event got;

	start();
	EXPECT(fail_each(open_event) >= 2);
	EXPECT(fail_each(open_epoll) >= 2);
	EXPECT(fail_each(watch_event) >= 1);
	EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 1);
	EXPECT_EQ(got.data[0], 7);
	file_put(event);
	EXPECT_EQ(epoll_wait(epoll, &got, 1, 0), 0);
	file_put(epoll);
}

static int open_inotify(void)
{
	return inotify_open(O_NONBLOCK, &inotify);
}

static int watch_folder(void)
{
	s32 watch = inotify_add(inotify, found("/tmp"), IN_CREATE);

	return min(watch, 0);
}

static void watches(void)
{
	const u32 limit = inotify_max_instances;

	start();
	inotify_max_instances = 1; /* one that failed is not counted */
	EXPECT(fail_each(open_inotify) >= 2);
	EXPECT(fail_each(watch_folder) >= 1);
	EXPECT_EQ(inotify_watches, 1);
	file_put(inotify);
	EXPECT_EQ(inotify_watches, 0);
	inotify_max_instances = limit;
}

static int create(void)
{
	return open_flags("/tmp/f", O_RDWR | O_CREAT | O_EXCL, &file);
}

static int create_nameless(void)
{
	return open_flags("/tmp", O_RDWR | O_TMPFILE | O_DIRECTORY, &file);
}

static void nameless(void)
{
	start();
	EXPECT(fail_each(create_nameless) >= 3);
	EXPECT_EQ(file->inode->nlink, 0);
	file_put(file);
}

static int link_name(void)
{
	return inode_link(found("/tmp/f"), NULL, "/tmp/g");
}

static int rename_it(void)
{
	return path_rename(NULL, "/tmp/g", NULL, "/tmp/h", 0);
}

static int exchange(void)
{
	return path_rename(NULL, "/tmp/f", NULL, "/tmp/h", RENAME_EXCHANGE);
}

static int make_folder(void)
{
	return path_make(NULL, "/tmp/d", S_IFDIR | 0755, 0);
}

static void names(void)
{
	start();
	EXPECT(fail_each(create) >= 2);
	file_put(file);
	EXPECT(fail_each(link_name) >= 1);
	EXPECT(fail_each(rename_it) >= 1);
	fail_each(exchange);
	EXPECT(fail_each(make_folder) >= 2);
	EXPECT_EQ(path_unlink(NULL, "/tmp/f"), 0);
	EXPECT_EQ(path_unlink(NULL, "/tmp/h"), 0);
	EXPECT_EQ(path_rmdir(NULL, "/tmp/d"), 0);
}

TAP_MAIN({ "eventfd and epoll", events }, { "inotify", watches }, { "a file with a name", names },
	 { "a file without a name", nameless })
