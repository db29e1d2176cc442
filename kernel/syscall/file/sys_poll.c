/* SPDX-License-Identifier: MIT */
/*
 * poll(2), select(2) and their variants: waiting until one of several files is ready (fs/poll.h).
 *
 * All become one list of items, a file and the events of interest. The file of each item has a
 * reference, because another thread may close the descriptor meanwhile.
 */
#include "fs/poll.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/task/task.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/file/sys_poll.h"
#include "kernel/syscall/syscall.h"
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "lib/string.h"
#include "mm/kernel_space/vmalloc.h"

#define NSEC_PER_MSEC 1000000u
#define NSEC_PER_USEC 1000u

struct poll_item {
	struct file *file; /* NULL: none */
	u32 wanted, ready; /* POLLIN, ... */
};

/* With a table: enters it in the queues. Returns how many items are ready. */
static s32 look(struct poll_item *items, u32 count, struct poll_table *table)
{
	s32 ready = 0;

	for (u32 i = 0; i < count; i++) {
		struct poll_item *item = &items[i];

		if (item->file)
			item->ready = file_poll(item->file, table) & item->wanted;
		ready += !!item->ready;
	}
	return ready;
}

/* Waits until an item is ready. Returns how many are; 0 after the deadline; -ERESTARTSYS. */
static s32 wait_for_items(struct poll_item *items, u32 count, struct wait_entry *entries,
			  u64 deadline)
{
	struct poll_table table;
	s32 ready;
	int err = 0;

	poll_begin(&table, entries, count);
	ready = look(items, count, &table);
	while (!ready && !err) {
		err = signal_pending(current) ? -ERESTARTSYS : poll_sleep(&table, deadline);
		if (!err)
			ready = look(items, count, NULL);
	}
	poll_end(&table);
	return err == -ERESTARTSYS ? err : ready;
}

/* Allocates items and the same number of entries behind them. */
static struct poll_item *items_alloc(u32 count, struct wait_entry **entries)
{
	size_t each = sizeof(struct poll_item) + sizeof(struct wait_entry);
	struct poll_item *items = kvmalloc(max(count, 1u) * each);

	*entries = (struct wait_entry *)(items + count);
	return items;
}

static void item_init(struct poll_item *item, s32 fd, u32 wanted)
{
	*item = (struct poll_item){ .file = fd < 0 ? NULL : fd_file((u32)fd), .wanted = wanted };
	if (item->file)
		file_get(item->file);
	else if (fd >= 0)
		item->ready = POLLNVAL;
}

static void items_free(struct poll_item *items, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (items[i].file)
			file_put(items[i].file);
	kvfree(items);
}

/* --- Masks: the set of blocked signals during the call --- */

int mask_begin(vaddr_t place, u32 bytes)
{
	u64 blocked;

	if (!place)
		return 0;
	if (bytes != sizeof(blocked))
		return -EINVAL;
	if (copy_from_user(&blocked, place, sizeof(blocked)))
		return -EFAULT;
	current->saved_blocked = current->blocked;
	current->restore_blocked = true;
	signal_set_blocked(blocked);
	return 0;
}

void mask_end(s32 result)
{
	if (result == -ERESTARTNOHAND || !current->restore_blocked)
		return;
	current->restore_blocked = false;
	signal_set_blocked(current->saved_blocked);
}

/* --- Times: a timeout that the call replaces by the rest --- */

struct wait_time {
	vaddr_t place; /* 0: none */
	bool timeval;  /* a struct timeval */
	bool wide;     /* a timespec with 64-bit times */
	u64 deadline;
};

static int get_timeval(vaddr_t place, u64 *nanoseconds)
{
	struct timeval time;

	if (copy_from_user(&time, place, sizeof(time)))
		return -EFAULT;
	if (time.seconds < 0 || (s32)time.microseconds < 0)
		return -EINVAL;
	*nanoseconds = (u64)time.seconds * NSEC_PER_SEC + (u64)time.microseconds * NSEC_PER_USEC;
	return 0;
}

static int time_begin(struct wait_time *time)
{
	u64 wait = 0;
	int err;

	time->deadline = WAIT_FOREVER;
	if (!time->place)
		return 0;
	err = time->timeval ? get_timeval(time->place, &wait)
			    : get_time(time->place, time->wide, &wait);
	if (!err)
		time->deadline = wait ? min(clock_monotonic() + wait, TIME_FOREVER) : 0;
	return err;
}

/* Returns `result`. Without the rest written, an interrupted call is not made again. */
static s32 time_end(const struct wait_time *time, s32 result)
{
	u64 now, rest;
	int err;

	if (!time->place || !time->deadline)
		return result;
	if (current->personality & STICKY_TIMEOUTS)
		return result == -ERESTARTNOHAND ? -EINTR : result;
	now = clock_monotonic();
	rest = time->deadline > now ? time->deadline - now : 0;
	if (time->timeval) {
		struct timeval out = to_timeval(rest);

		err = copy_to_user(time->place, &out, sizeof(out)) ? -EFAULT : 0;
	} else {
		err = put_time(time->place, time->wide, rest);
	}
	return err && result == -ERESTARTNOHAND ? -EINTR : result;
}

/* --- poll --- */

static int read_items(struct poll_item *items, u32 count, vaddr_t from)
{
	for (u32 i = 0; i < count; i++) {
		struct pollfd in;

		items[i].file = NULL;
		if (copy_from_user(&in, from + i * sizeof(in), sizeof(in))) {
			items_free(items, i);
			return -EFAULT;
		}
		item_init(&items[i], in.fd, in.events | POLLERR | POLLHUP);
	}
	return 0;
}

static int write_items(const struct poll_item *items, u32 count, vaddr_t to)
{
	for (u32 i = 0; i < count; i++) {
		u16 ready = (u16)items[i].ready;

		if (copy_to_user(to + i * sizeof(struct pollfd) + offsetof(struct pollfd, revents),
				 &ready, sizeof(ready)))
			return -EFAULT;
	}
	return 0;
}

static s32 poll_user(vaddr_t fds, u32 count, u64 deadline)
{
	struct wait_entry *entries;
	struct poll_item *items;
	s32 result;

	if (count > rlimit(RLIMIT_NOFILE))
		return -EINVAL;
	items = items_alloc(count, &entries);
	if (!items)
		return -ENOMEM;
	result = read_items(items, count, fds);
	if (result)
		return result;
	result = wait_for_items(items, count, entries, deadline);
	if (write_items(items, count, fds))
		result = -EFAULT;
	items_free(items, count);
	return result;
}

static s32 poll_again(void);

static s32 poll_restartable(const struct poll_call *wait)
{
	s32 result = poll_user(wait->fds, wait->count, wait->deadline);

	if (result != -ERESTARTSYS)
		return result;
	current->restart_block = (struct restart_block){ .fn = poll_again, .poll = *wait };
	return -ERESTART_RESTARTBLOCK;
}

static s32 poll_again(void)
{
	struct poll_call wait = current->restart_block.poll;

	return poll_restartable(&wait);
}

/* The timeout is in milliseconds; negative: none. */
s32 sys_poll(struct pt_regs *regs)
{
	s32 timeout = (s32)regs->edx;
	struct poll_call wait = { regs->ebx, regs->ecx, WAIT_FOREVER };

	if (timeout >= 0)
		wait.deadline = timeout ? clock_monotonic() + (u64)timeout * NSEC_PER_MSEC : 0;
	return poll_restartable(&wait);
}

static s32 without_handler(s32 result)
{
	return result == -ERESTARTSYS ? -ERESTARTNOHAND : result;
}

s32 sys_ppoll(struct pt_regs *regs)
{
	struct wait_time time = { .place = regs->edx, .wide = has_wide_times(regs) };
	s32 result = time_begin(&time);

	if (!result)
		result = mask_begin(regs->esi, regs->edi);
	if (result)
		return result;
	result = without_handler(poll_user(regs->ebx, regs->ecx, time.deadline));
	mask_end(result);
	return time_end(&time, result);
}

/* --- select --- */

enum { SET_IN, SET_OUT, SET_EXCEPT, SETS };

/* A descriptor that is only a place, O_PATH, is ready in each set, with POLLNVAL. */
static const u32 set_events[SETS] = {
	POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR | POLLNVAL,
	POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR | POLLNVAL,
	POLLPRI | POLLNVAL,
};

#define FEW_WORDS BITMAP_WORDS(OPEN_FEW) /* sets of so many words fit on the stack */

/*
 * Three sets of descriptors below n. Larger descriptors cannot be open, and are ignored, as on
 * Linux. There is one item for each descriptor in `any`, in order.
 */
struct select {
	u32 n, words, items;
	vaddr_t place[SETS]; /* 0: none */
	u32 *set[SETS], *any;
	u32 few[(SETS + 1) * FEW_WORDS];
};

static void sets_free(const struct select *select)
{
	if (select->any != select->few)
		kvfree(select->any);
}

/* Allocates the sets, empty. */
static int sets_alloc(struct select *select)
{
	u32 bytes;

	select->n = min(select->n, current->files->size);
	select->words = BITMAP_WORDS(select->n);
	bytes = (SETS + 1) * select->words * sizeof(u32);
	select->any = select->words > FEW_WORDS ? kvmalloc(bytes) : select->few;
	if (!select->any)
		return -ENOMEM;
	memset(select->any, 0, bytes);
	for (u32 i = 0; i < SETS; i++)
		select->set[i] = select->any + (i + 1) * select->words;
	return 0;
}

static u32 next_wanted(const struct select *select, u32 fd)
{
	return bitmap_next(select->any, fd, select->n);
}

/* Bits of the last word from n on count for nothing, and are clear in the answer. */
static int read_sets(struct select *select)
{
	u32 last = select->n % 32 ? (1u << select->n % 32) - 1 : UINT32_MAX;

	for (u32 i = 0; i < SETS; i++) {
		if (select->place[i] &&
		    copy_from_user(select->set[i], select->place[i], select->words * sizeof(u32)))
			return -EFAULT;
		if (select->words)
			select->set[i][select->words - 1] &= last;
		for (u32 word = 0; word < select->words; word++)
			select->any[word] |= select->set[i][word];
	}
	select->items = 0;
	for (u32 fd = next_wanted(select, 0); fd < select->n; fd = next_wanted(select, fd + 1))
		select->items++;
	return 0;
}

static int write_sets(const struct select *select)
{
	for (u32 i = 0; i < SETS; i++)
		if (select->place[i] &&
		    copy_to_user(select->place[i], select->set[i], select->words * sizeof(u32)))
			return -EFAULT;
	return 0;
}

/* 0 or -EBADF. */
static int items_of_sets(const struct select *select, struct poll_item *item)
{
	struct poll_item *first = item;

	for (u32 fd = next_wanted(select, 0); fd < select->n; fd = next_wanted(select, fd + 1)) {
		u32 wanted = 0;

		for (u32 i = 0; i < SETS; i++)
			if (bitmap_test(select->set[i], fd))
				wanted |= set_events[i];
		item_init(item, (s32)fd, wanted);
		if (!fd_any(fd)) {
			items_free(first, (u32)(item - first));
			return -EBADF;
		}
		item++;
	}
	return 0;
}

/* Leaves the bits of what is ready in the sets. Returns how many. */
static s32 sets_of_items(struct select *select, const struct poll_item *item)
{
	s32 count = 0;

	for (u32 fd = next_wanted(select, 0); fd < select->n; fd = next_wanted(select, fd + 1)) {
		for (u32 i = 0; i < SETS; i++) {
			if (!bitmap_test(select->set[i], fd))
				continue;
			if (item->ready & set_events[i])
				count++;
			else
				bitmap_clear(select->set[i], fd);
		}
		item++;
	}
	return count;
}

static s32 select_sets(struct select *select, u64 deadline)
{
	struct wait_entry *entries;
	struct poll_item *items;
	s32 result = read_sets(select);

	if (result)
		return result;
	items = items_alloc(select->items, &entries);
	if (!items)
		return -ENOMEM;
	result = items_of_sets(select, items);
	if (result)
		return result;
	result = wait_for_items(items, select->items, entries, deadline);
	if (result >= 0)
		result = sets_of_items(select, items);
	items_free(items, select->items);
	return result >= 0 && write_sets(select) ? -EFAULT : result;
}

static s32 select_ready(struct select *select, u64 deadline)
{
	s32 result;

	if ((s32)select->n < 0)
		return -EINVAL;
	result = sets_alloc(select);
	if (result)
		return result;
	result = select_sets(select, deadline);
	sets_free(select);
	return without_handler(result);
}

s32 sys_select(struct pt_regs *regs)
{
	struct select select = { .n = regs->ebx, .place = { regs->ecx, regs->edx, regs->esi } };
	struct wait_time time = { .place = regs->edi, .timeval = true };
	s32 err = time_begin(&time);

	return err ? err : time_end(&time, select_ready(&select, time.deadline));
}

/* The five arguments are in memory. */
s32 sys_old_select(struct pt_regs *regs)
{
	struct pt_regs arguments = *regs;
	u32 words[5];

	if (copy_from_user(words, regs->ebx, sizeof(words)))
		return -EFAULT;
	arguments.ebx = words[0];
	arguments.ecx = words[1];
	arguments.edx = words[2];
	arguments.esi = words[3];
	arguments.edi = words[4];
	return sys_select(&arguments);
}

/* The sixth argument points to the mask's address and size. */
s32 sys_pselect6(struct pt_regs *regs)
{
	struct select select = { .n = regs->ebx, .place = { regs->ecx, regs->edx, regs->esi } };
	struct wait_time time = { .place = regs->edi, .wide = has_wide_times(regs) };
	u32 mask[2] = { 0, 0 };
	s32 result;

	if (regs->ebp && copy_from_user(mask, regs->ebp, sizeof(mask)))
		return -EFAULT;
	result = time_begin(&time);
	if (!result)
		result = mask_begin(mask[0], mask[1]);
	if (result)
		return result;
	result = select_ready(&select, time.deadline);
	mask_end(result);
	return time_end(&time, result);
}
