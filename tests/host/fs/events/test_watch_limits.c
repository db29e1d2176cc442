/* SPDX-License-Identifier: MIT */
/*
 * How many files may be watched: by all epolls together, by one file descriptor number each, and
 * by inotify. What ends is not counted any more.
 */
#include "abi/linux/errno.h"
#include "abi/linux/epoll.h"
#include "fs/events/epoll.h"
#include "fs/events/eventfd.h"
#include "fs/events/inotify.h"
#include "fs/poll.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/fs/open_files.h"

static const struct epoll_event wanted = { POLLIN, { 0, 0 } };

/* As many items as frames, over and over. */
static void epoll_items(void)
{
	enum { FILES = 64 };
	struct file *epoll, *files[FILES];
	u32 limit, count;

	start();
	limit = nr_present_pages();
	EXPECT_EQ(epoll_open(&epoll), 0);
	for (u32 i = 0; i < FILES; i++)
		EXPECT_EQ(eventfd_open(0, 0, &files[i]), 0);
	for (u32 round = 0; round < 2; round++) {
		for (count = 0; count <= limit; count++)
			if (epoll_change(epoll, EPOLL_CTL_ADD, files[count % FILES], count / FILES,
					 &wanted))
				break;
		EXPECT_EQ(count, limit);
		EXPECT_EQ(epoll_change(epoll, EPOLL_CTL_ADD, files[0], limit, &wanted), -ENOSPC);
		EXPECT_EQ(epoll_change(epoll, EPOLL_CTL_DEL, files[0], 0, NULL), 0);
		EXPECT_EQ(epoll_change(epoll, EPOLL_CTL_ADD, files[0], limit, &wanted), 0);
		EXPECT_EQ(epoll_change(epoll, EPOLL_CTL_ADD, files[0], limit + 1, &wanted),
			  -ENOSPC);
		if (!round)
			for (u32 i = 0; i < FILES; i++)
				epoll_forget(files[i]);
	}
	file_put(epoll);
	EXPECT(!files[0]->watches);
	for (u32 i = 0; i < FILES; i++)
		file_put(files[i]);
}

static int watch(struct file *epoll, struct file *file, u32 fd)
{
	return epoll_change(epoll, EPOLL_CTL_ADD, file, fd, &wanted);
}

/*
 * Three layers of epolls, each of which watches all of the layer below. The number of chains from
 * the top is 1 + 31 + 31 * 31 = 993, that of those above the bottom 31 + 31 * 31 = 992.
 */
static void epoll_layers(void)
{
	enum { WIDTH = 31, MORE = 10 };
	struct file *layers[3][WIDTH], *more[2 * MORE], *last;

	start();
	for (u32 i = 0; i < 3 * WIDTH; i++)
		EXPECT_EQ(epoll_open(&layers[i / WIDTH][i % WIDTH]), 0);
	for (u32 i = 0; i < 2 * MORE; i++)
		EXPECT_EQ(epoll_open(&more[i]), 0);
	EXPECT_EQ(epoll_open(&last), 0);
	for (u32 i = 0; i < 2 * WIDTH * WIDTH; i++)
		EXPECT_EQ(watch(layers[i % 2][i / 2 / WIDTH], layers[i % 2 + 1][i / 2 % WIDTH], i),
			  0);
	/* Below: 1000 chains are walked, not 1001. */
	for (u32 i = 0; i < 7; i++)
		EXPECT_EQ(watch(layers[0][0], more[i], i), 0);
	EXPECT_EQ(watch(last, layers[0][0], 1), 0);
	EXPECT_EQ(epoll_change(last, EPOLL_CTL_DEL, layers[0][0], 1, NULL), 0);
	EXPECT_EQ(watch(layers[0][0], more[7], 7), 0);
	EXPECT_EQ(watch(last, layers[0][0], 1), -ELOOP);
	/* Above: 999. */
	for (u32 i = 0; i < 7; i++)
		EXPECT_EQ(watch(more[MORE + i], layers[1][0], 5000 + i), 0);
	EXPECT_EQ(watch(layers[2][0], last, 1), 0);
	EXPECT_EQ(watch(more[MORE + 7], layers[1][0], 5007), 0);
	EXPECT_EQ(watch(layers[2][0], last, 2), -ELOOP);
	for (u32 i = 0; i < 3 * WIDTH; i++)
		file_put(layers[i / WIDTH][i % WIDTH]);
	for (u32 i = 0; i < 2 * MORE; i++)
		file_put(more[i]);
	file_put(last);
}

/* Instances, watches and events of inotify. */
static void inotify_things(void)
{
	struct file *first, *second;
	struct inode *tmp;
	u32 limit = inotify_max_instances;
	s32 watch;

	start();
	tmp = found("/tmp");
	inotify_max_instances = 2;
	EXPECT_EQ(inotify_open(0, &first), 0);
	EXPECT_EQ(inotify_open(O_NONBLOCK, &second), 0);
	EXPECT_EQ(second->flags, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(inotify_open(0, &second), -EMFILE);
	file_put(first);
	EXPECT_EQ(inotify_open(0, &first), 0);
	EXPECT_EQ(first->flags, O_RDONLY);
	inotify_max_instances = limit;
	EXPECT_EQ(inotify_add(first, tmp, IN_CREATE), 1);
	EXPECT_EQ(inotify_watches, 1);
	EXPECT_EQ(inotify_remove(first, 2), -EINVAL);
	EXPECT_EQ(inotify_remove(first, 1), 0);
	EXPECT_EQ(inotify_watches, 0);
	watch = inotify_add(first, tmp, IN_CREATE);
	EXPECT_EQ(watch, 2);
	inotify_watches += nr_present_pages() - 2;
	EXPECT_EQ(inotify_add(second, tmp, IN_CREATE), 1);
	EXPECT_EQ(inotify_add(second, root_inode, IN_CREATE), -ENOSPC);
	EXPECT_EQ(inotify_add(second, tmp, IN_DELETE), 1); /* a change is no new one */
	inotify_watches -= nr_present_pages() - 2;
	EXPECT_EQ(inotify_watches, 2);
	file_put(second);
	EXPECT_EQ(inotify_watches, 1);
	file_put(first);
	EXPECT(!inotify_watches && !tmp->watches);
}

TAP_MAIN({ "items of epolls", epoll_items }, { "layers of epolls", epoll_layers },
	 { "inotify", inotify_things })
