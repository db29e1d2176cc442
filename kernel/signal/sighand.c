/* SPDX-License-Identifier: MIT */
/*
 * The table of signal actions.
 *
 * Most programs set few of the 64 entries, and most processes never use those that fork() copied.
 * So an entry is valid only if its bit in `set` is set: a new table needs no clearing, and a copy
 * copies only valid entries.
 */
#include "kernel/signal/signal.h"
#include "lib/assert.h"
#include "mm/slab/slab.h"

#define SIGNALS_IGNORED (SIGMASK(SIGCHLD) | SIGMASK(SIGCONT) | SIGMASK(SIGURG) | SIGMASK(SIGWINCH))

#define SIGNALS_CORE                                                                \
	(SIGMASK(SIGQUIT) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) | SIGMASK(SIGABRT) | \
	 SIGMASK(SIGBUS) | SIGMASK(SIGFPE) | SIGMASK(SIGSEGV) | SIGMASK(SIGSYS) |   \
	 SIGMASK(SIGXCPU) | SIGMASK(SIGXFSZ))

const struct sigaction default_sigaction;

static struct kmem_cache *sighand_cache;

void sighand_init(void)
{
	sighand_cache = kmem_cache_create("sighand", sizeof(struct sighand), 0, 0, NULL, NULL);
	BUG_ON(!sighand_cache);
}

struct sighand *sighand_alloc(void)
{
	struct sighand *sighand = kmem_cache_alloc(sighand_cache, GFP_KERNEL);

	if (sighand) {
		sighand->count = 1;
		sighand->set = 0;
	}
	return sighand;
}

struct sighand *sighand_copy(const struct sighand *from)
{
	struct sighand *sighand = sighand_alloc();

	if (!sighand)
		return NULL;
	sighand->set = from->set;
	if (from->set)
		for (int i = 0; i < NR_SIGNALS; i++)
			if (from->set & SIGMASK(i + 1))
				sighand->actions[i] = from->actions[i];
	return sighand;
}

void sighand_put(struct sighand *sighand)
{
	BUG_ON(sighand && !sighand->count);
	if (sighand && !--sighand->count)
		kmem_cache_free(sighand_cache, sighand);
}

void sighand_exec(struct sighand *sighand)
{
	for (int i = 0; sighand->set && i < NR_SIGNALS; i++) {
		if (!(sighand->set & SIGMASK(i + 1)))
			continue;
		if (sighand->actions[i].handler == SIG_IGN)
			sighand->actions[i] = (struct sigaction){ .handler = SIG_IGN };
		else
			sighand->set &= ~SIGMASK(i + 1);
	}
}

void sighand_set_action(struct task *task, int signal, const struct sigaction *action)
{
	BUG_ON(signal < 1 || signal > NR_SIGNALS || !task->sighand);
	task->sighand->actions[signal - 1] = *action;
	sigset_add(&task->sighand->set, signal);
}

void sighand_reset(struct task *task, int signal)
{
	BUG_ON(signal < 1 || signal > NR_SIGNALS || !task->sighand);
	/* If the bit is clear, the entry is not valid anyway. */
	task->sighand->actions[signal - 1].handler = SIG_DFL;
}

bool signal_default_ignores(int signal)
{
	return SIGNALS_IGNORED & SIGMASK(signal);
}

bool signal_default_dumps(int signal)
{
	return SIGNALS_CORE & SIGMASK(signal);
}

bool signal_ignored(const struct task *task, int signal)
{
	u32 handler = sighand_action(task, signal)->handler;

	return handler == SIG_IGN || (handler == SIG_DFL && signal_default_ignores(signal));
}
