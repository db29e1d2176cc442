/* SPDX-License-Identifier: MIT */
/* epoll. Numbers cite the invariants of the header. */
#include "fs/events/epoll.h"
#include "fs/poll.h"
#include "abi/linux/errno.h"
#include "lib/list.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"

struct epoll {
	struct file *file;
	struct wait_queue queue;
	struct list_head items;
};

struct epoll_item {
	struct list_head link;	 /* in epoll->items */
	struct epoll_item *next; /* of the same file */
	struct epoll *epoll;
	struct file *file;
	u32 fd;
	struct epoll_event event;
	bool disabled; /* EPOLLONESHOT: it was reported */
	struct poll_table table;
	struct wait_entry entry;
};

static const struct file_operations epoll_operations;
static u32 items; /* of all epolls */

static bool is_epoll(const struct file *file)
{
	return file->operations == &epoll_operations;
}

static struct epoll_item *find_item(const struct epoll *epoll, const struct file *file, u32 fd)
{
	struct epoll_item *item = file->watches;

	while (item && (item->epoll != epoll || item->fd != fd))
		item = item->next;
	return item;
}

/* What is ready and wanted. With EPOLLET only if something happened since it was told. */
static u32 ready_events(struct epoll_item *item)
{
	if (item->disabled || (item->event.events & EPOLLET && !item->table.waiter.woken))
		return 0;
	return file_poll(item->file, NULL) & (item->event.events | POLLERR | POLLHUP);
}

static void remove_item(struct epoll_item *item)
{
	struct epoll_item **place = &item->file->watches;

	while (*place != item)
		place = &(*place)->next;
	*place = item->next;
	poll_end(&item->table);
	list_del(&item->link);
	items--;
	kfree(item);
}

void epoll_forget_slow(struct file *file)
{
	while (file->watches)
		remove_item(file->watches);
}

/* Looks at it again when the epoll is asked, and wakes those that wait. */
static void item_changed(struct epoll_item *item)
{
	item->disabled = false;
	item->table.waiter.wants = item->event.events | POLLERR | POLLHUP;
	item->table.waiter.exclusive = item->event.events & EPOLLEXCLUSIVE;
	item->table.waiter.woken = true;
	wait_queue_wake(&item->epoll->queue);
}

/*
 * Does a chain of epolls lead from this file to the epoll, or is it too long? Keeps (3). Layers of
 * epolls have more chains than can be walked: beyond *chains the answer is yes.
 */
static bool leads_to(const struct file *file, const struct file *epoll, u32 depth, u32 *chains)
{
	const struct epoll *other = file->data;
	const struct epoll_item *item;

	if (file == epoll || depth > EPOLL_DEPTH || !*chains)
		return true;
	--*chains;
	list_for_each_entry (item, &other->items, link)
		if (is_epoll(item->file) && leads_to(item->file, epoll, depth + 1, chains))
			return true;
	return false;
}

/* The longest chain of epolls that watch this file; beyond *chains of them, too long a one. */
static u32 height(const struct file *file, u32 *chains)
{
	const struct epoll_item *item;
	u32 most = 0;

	for (item = file->watches; item && most <= EPOLL_DEPTH; item = item->next) {
		if (!*chains)
			return EPOLL_DEPTH + 1;
		--*chains;
		most = max(most, 1 + height(item->epoll->file, chains));
	}
	return most;
}

/* May the epoll watch this file? 0, -ELOOP. */
static int check_chains(const struct file *epoll, const struct file *file)
{
	u32 above = EPOLL_CHAINS, below = EPOLL_CHAINS, depth = 1 + height(epoll, &above);

	if (!above)
		return -ELOOP;
	return is_epoll(file) && leads_to(file, epoll, depth, &below) ? -ELOOP : 0;
}

static int add_item(struct file *epoll, struct file *file, u32 fd, const struct epoll_event *event)
{
	struct epoll_item *item;
	int err;

	if (items >= nr_present_pages()) /* a few percent of memory, as on Linux */
		return -ENOSPC;
	item = kmalloc(sizeof(*item), GFP_KERNEL);
	if (!item)
		return -ENOMEM;
	/* Memory may have taken time, so both are looked at after it. */
	err = find_item(epoll->data, file, fd) ? -EEXIST : check_chains(epoll, file);
	if (err) {
		kfree(item);
		return err;
	}
	*item = (struct epoll_item){
		.epoll = epoll->data, .file = file, .fd = fd, .event = *event, .next = file->watches
	};
	file->watches = item;
	list_add_tail(&item->link, &item->epoll->items);
	items++;
	poll_begin(&item->table, &item->entry, 1);
	item->table.waiter.task = NULL;
	item->table.waiter.chain = &item->epoll->queue;
	file_poll(file, &item->table);
	item_changed(item);
	return 0;
}

/* Linux's rules for a file that wakes one epoll of several. */
static int check_exclusive(u32 command, const struct file *file, u32 events)
{
	const u32 allowed =
		POLLIN | POLLOUT | POLLERR | POLLHUP | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;

	if (!(events & EPOLLEXCLUSIVE))
		return 0;
	return command == EPOLL_CTL_MOD || is_epoll(file) || events & ~allowed ? -EINVAL : 0;
}

int epoll_change(struct file *epoll, u32 command, struct file *file, u32 fd,
		 const struct epoll_event *event)
{
	struct epoll_item *item;
	int err;

	if (!file->operations->poll)
		return -EPERM;
	if (file == epoll || !is_epoll(epoll))
		return -EINVAL;
	err = command == EPOLL_CTL_DEL ? 0 : check_exclusive(command, file, event->events);
	if (err)
		return err;
	item = find_item(epoll->data, file, fd);
	switch (command) {
	case EPOLL_CTL_ADD:
		return item ? -EEXIST : add_item(epoll, file, fd, event);
	case EPOLL_CTL_DEL:
		if (item)
			remove_item(item);
		return item ? 0 : -ENOENT;
	case EPOLL_CTL_MOD:
		if (!item)
			return -ENOENT;
		if (item->event.events & EPOLLEXCLUSIVE)
			return -EINVAL;
		item->event = *event;
		item_changed(item);
		return 0;
	}
	return -EINVAL;
}

/* Collects what is ready. The items that were told go to the end, so that others get a turn. */
static u32 collect(struct epoll *epoll, struct epoll_event *events, u32 most)
{
	struct epoll_item *item, *next;
	LIST_HEAD(told);
	u32 count = 0;

	list_for_each_entry_safe (item, next, &epoll->items, link) {
		u32 ready = ready_events(item);

		item->table.waiter.woken = false;
		if (!ready)
			continue;
		events[count] = item->event;
		events[count++].events = ready;
		item->disabled = item->event.events & EPOLLONESHOT;
		list_del(&item->link);
		list_add_tail(&item->link, &told);
		if (count == most)
			break;
	}
	while (!list_empty(&told)) {
		item = list_first_entry(&told, struct epoll_item, link);
		list_del(&item->link);
		list_add_tail(&item->link, &epoll->items);
	}
	return count;
}

s32 epoll_wait(struct file *file, struct epoll_event *events, u32 most, u64 deadline)
{
	struct epoll *epoll = file->data;
	struct wait_entry entry;
	struct poll_table table;
	u32 count = 0;
	int err = 0;

	if (!is_epoll(file))
		return -EINVAL;
	poll_begin(&table, &entry, 1);
	poll_wait(&table, &epoll->queue);
	while (!err) {
		count = collect(epoll, events, most);
		if (count)
			break;
		err = poll_sleep(&table, deadline);
	}
	poll_end(&table);
	return err == -ERESTARTSYS ? -EINTR : (s32)count;
}

static u32 epoll_poll(struct file *file, struct poll_table *table)
{
	struct epoll *epoll = file->data;
	struct epoll_item *item;

	poll_wait(table, &epoll->queue);
	list_for_each_entry (item, &epoll->items, link)
		if (ready_events(item))
			return POLLIN | POLLRDNORM;
	return 0;
}

static void epoll_release(struct file *file)
{
	struct epoll *epoll = file->data;

	while (!list_empty(&epoll->items))
		remove_item(list_first_entry(&epoll->items, struct epoll_item, link));
	kfree(epoll);
}

static const struct file_operations epoll_operations = {
	.name = "[eventpoll]",
	.poll = epoll_poll,
	.release = epoll_release,
	.seek = file_seek_nowhere,
	.mode = 0600,
};

int epoll_open(struct file **opened)
{
	struct epoll *epoll = kmalloc(sizeof(*epoll), GFP_KERNEL);
	struct file *file = epoll ? file_alloc(&epoll_operations) : NULL;

	if (!file) {
		kfree(epoll);
		return -ENOMEM;
	}
	wait_queue_init(&epoll->queue);
	list_init(&epoll->items);
	epoll->file = file;
	file->data = epoll;
	file->flags = O_RDWR;
	*opened = file;
	return 0;
}
