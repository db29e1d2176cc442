/* SPDX-License-Identifier: MIT */
/*
 * Sets of pending signals, with the queue of their data.
 *
 * A standard signal that is already pending is not queued again; real-time signals are, each with
 * its siginfo. What the kernel sends has no data, and needs no entry. Without memory, or beyond
 * RLIMIT_SIGPENDING, the signal is pending without an entry. Only for a real-time signal that is
 * not of kill() this is an error, because the sender wants the value to arrive.
 *
 * RLIMIT_SIGPENDING counts the entries of one process; Linux counts those of a user.
 */
#include "kernel/signal/signal.h"
#include "kernel/signal/signalfd.h"
#include "lib/assert.h"
#include "mm/slab/slab.h"

struct sigqueue {
	struct sigqueue *next;
	struct posix_timer *timer; /* which owns the entry; NULL: it is freed when taken */
	bool queued;
	struct siginfo info;
};

static struct kmem_cache *sigqueue_cache;

void signal_init(void)
{
	sigqueue_cache = kmem_cache_create("sigqueue", sizeof(struct sigqueue), 0, 0, NULL, NULL);
	BUG_ON(!sigqueue_cache);
	sighand_init();
}

static struct sigqueue *entry_alloc(struct thread_group *group, bool without_limit)
{
	/* A task that ends or stops tells its parent: it must not sleep in between. */
	gfp_t gfp = current->state == TASK_RUNNING ? GFP_KERNEL : GFP_ATOMIC;
	struct sigqueue *entry = NULL;

	if (without_limit || group->queued < group->rlim[RLIMIT_SIGPENDING].cur)
		entry = kmem_cache_alloc(sigqueue_cache, gfp);
	if (entry) {
		*entry = (struct sigqueue){ .next = NULL };
		group->queued++;
	}
	return entry;
}

static void entry_free(struct thread_group *group, struct sigqueue *entry)
{
	BUG_ON(!group->queued || entry->queued);
	group->queued--;
	kmem_cache_free(sigqueue_cache, entry);
}

static void append(struct sigpending *pending, struct sigqueue *entry)
{
	struct sigqueue **end = &pending->queue;

	while (*end)
		end = &(*end)->next;
	*end = entry;
	entry->next = NULL;
	entry->queued = true;
}

static void unlink_entry(struct thread_group *group, struct sigqueue **place)
{
	struct sigqueue *entry = *place;

	*place = entry->next;
	entry->queued = false;
	if (!entry->timer)
		entry_free(group, entry);
}

bool sigqueue_add(struct thread_group *group, struct sigpending *pending,
		  const struct siginfo *info)
{
	struct sigqueue *entry;

	if (info->code == SI_KERNEL && info->signo < SIGRTMIN)
		return true;
	entry = entry_alloc(group, info->signo < SIGRTMIN && info->code >= 0);
	if (!entry)
		return false;
	entry->info = *info;
	append(pending, entry);
	return true;
}

void sigqueue_take(struct thread_group *group, struct sigpending *pending, int signal,
		   struct siginfo *info)
{
	struct sigqueue **place = &pending->queue;
	struct posix_timer *timer = NULL;
	bool found = false, more = false;

	BUG_ON(!(pending->signals & SIGMASK(signal)));
	*info = (struct siginfo){ .signo = signal, .code = SI_KERNEL };
	while (*place) {
		if ((*place)->info.signo != signal) {
			place = &(*place)->next;
		} else if (!found) {
			*info = (*place)->info;
			timer = (*place)->timer;
			found = true;
			unlink_entry(group, place);
		} else {
			more = true;
			break;
		}
	}
	if (!more)
		pending->signals &= ~SIGMASK(signal);
	if (timer)
		posix_timer_taken(timer, info);
}

void signal_flush(struct thread_group *group, struct sigpending *pending, u64 mask)
{
	struct sigqueue **place = &pending->queue;

	pending->signals &= ~mask;
	while (*place) {
		if (mask & SIGMASK((*place)->info.signo))
			unlink_entry(group, place);
		else
			place = &(*place)->next;
	}
}

void signal_flush_all(struct thread_group *group, u64 mask)
{
	struct task *thread;

	signal_flush(group, &group->pending, mask);
	list_for_each_entry (thread, &group->list, thread)
		signal_flush(group, &thread->pending, mask);
}

struct sigqueue *sigqueue_alloc(struct thread_group *group, struct posix_timer *timer)
{
	struct sigqueue *entry = entry_alloc(group, false);

	if (entry)
		entry->timer = timer;
	return entry;
}

void sigqueue_disown(struct thread_group *group, struct sigqueue *entry)
{
	entry->timer = NULL;
	if (!entry->queued)
		entry_free(group, entry);
}

bool sigqueue_busy(const struct sigqueue *entry)
{
	return entry->queued;
}

bool sigqueue_send(struct sigqueue *entry, struct thread_group *group, struct task *task,
		   const struct siginfo *info)
{
	struct task *taker = task ? task : signal_taker(group, info->signo);
	struct sigpending *pending = task ? &task->pending : &group->pending;

	BUG_ON(entry->queued);
	if (!taker || !taker->sighand || signal_discarded(taker, info->signo))
		return false;
	entry->info = *info;
	append(pending, entry);
	signal_added(taker, pending, info->signo);
	signal_wake(taker, info->signo);
	signalfd_wake();
	return true;
}
