/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a signal when it is taken: handler, end, stop, restart of a call; what a parent
 * is told; the table of actions; and what a new task inherits.
 *
 * sources: kernel/signal/sigqueue.c kernel/signal/signal.c kernel/signal/sighand.c
 */
#include "abi/linux/unistd.h"
#include "tests/host/kernel/signal/signal_rig.h"

#define HANDLER 0x8048123u
#define CALL	77u	    /* the number of an interrupted call */
#define NO_CALL 0xffffffffu /* of orig_eax: the trap was no call */
#define EIP	0x8049002u  /* behind its instruction of two bytes */

static struct pt_regs call_regs(int result)
{
	return (struct pt_regs){ .eax = (u32)-result, .orig_eax = CALL, .eip = EIP };
}

static s32 continues(void)
{
	return 0;
}

/* ---- Handlers ---- */

static void handler_runs(void)
{
	struct pt_regs regs = { .eax = 5, .orig_eax = NO_CALL, .eip = EIP };
	const struct siginfo info = with_value(SIGUSR1, SI_USER, 6);

	signal_rig_start();
	current->blocked = SIGMASK(SIGHUP);
	rig_action(SIGUSR1, HANDLER, SA_SIGINFO, SIGMASK(SIGUSR2));
	EXPECT_EQ(signal_send_info(current, &info), 0);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(rig.frames, 1);
	EXPECT_EQ(rig.frame_info.signo, SIGUSR1);
	EXPECT_EQ(rig.frame_info.value, 6);
	EXPECT_EQ(rig.frame_blocked, SIGMASK(SIGHUP));
	EXPECT_EQ(current->blocked, SIGMASK(SIGHUP) | SIGMASK(SIGUSR1) | SIGMASK(SIGUSR2));
	EXPECT(regs.eip == HANDLER && regs.eax == 5);
	EXPECT_EQ(return_work, 0);
	EXPECT_EQ(sighand_action(current, SIGUSR1)->handler, HANDLER);
	signal_rig_stop();
}

/* SA_NODEFER, SA_RESETHAND, and a mask that the call has replaced for its time. */
static void flags_of_handlers(void)
{
	struct pt_regs regs = call_regs(EINTR);

	signal_rig_start();
	rig_action(SIGUSR1, HANDLER, SA_NODEFER | SA_RESETHAND, 0);
	current->blocked = 0;
	current->saved_blocked = SIGMASK(SIGUSR1) | SIGMASK(SIGHUP);
	current->restore_blocked = true;
	signal_send(current, SIGUSR1);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(rig.frame_blocked, SIGMASK(SIGUSR1) | SIGMASK(SIGHUP));
	EXPECT_EQ(current->blocked, 0);
	EXPECT(!current->restore_blocked);
	EXPECT_EQ(sighand_action(current, SIGUSR1)->handler, SIG_DFL);
	EXPECT_EQ(sighand_action(current, SIGUSR1)->flags, SA_NODEFER | SA_RESETHAND);
	signal_rig_stop();
}

/* No handler: the mask is the old one again. */
static void temporary_mask(void)
{
	struct pt_regs regs = call_regs(ERESTARTNOHAND);

	signal_rig_start();
	current->saved_blocked = SIGMASK(SIGHUP);
	current->restore_blocked = true;
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(current->blocked, SIGMASK(SIGHUP));
	EXPECT(!current->restore_blocked);
	current->saved_blocked = SIGMASK(SIGUSR1);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(current->blocked, SIGMASK(SIGHUP));
	signal_rig_stop();
}

/* Two handlers, one on the other; the second frame blocks what the first one's mask does. */
static void two_handlers(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL, .eip = EIP };

	signal_rig_start();
	rig_action(SIGUSR1, HANDLER, 0, 0);
	rig_action(SIGUSR2, HANDLER + 1, 0, 0);
	signal_send(current, SIGUSR2);
	signal_send(current, SIGUSR1);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(rig.frames, 2);
	EXPECT_EQ(rig.frame_info.signo, SIGUSR2);
	EXPECT_EQ(rig.frame_blocked, SIGMASK(SIGUSR1));
	EXPECT_EQ(regs.eip, HANDLER + 1);
	signal_rig_stop();
}

/* A frame that cannot be written: SIGSEGV, which ends the process if it was the handler's own. */
static void no_frame(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL, .eip = EIP };

	signal_rig_start();
	rig_frame_error = -EFAULT;
	rig_action(SIGUSR1, HANDLER, 0, 0);
	signal_send(current, SIGUSR1);
	EXPECT(!rig_deliver(&regs));
	EXPECT_EQ(rig.exit_signal, SIGSEGV);
	EXPECT_EQ(current->blocked, 0);
	rig_clear();
	rig_action(SIGSEGV, HANDLER, 0, 0);
	signal_send(current, SIGUSR1);
	EXPECT(!rig_deliver(&regs)); /* nor can SIGSEGV's frame */
	EXPECT_EQ(rig.exit_signal, SIGSEGV);
	EXPECT_EQ(sighand_action(current, SIGSEGV)->handler, SIG_DFL);
	signal_rig_stop();
}

/* ---- Calls that a signal has interrupted ---- */

struct restart {
	int result;
	u32 handler, flags; /* 0: no signal */
	bool again;	    /* the call is made again, by its number or by restart_syscall() */
	u32 eax;
};

#define EINTR_RESULT ((u32)-EINTR)

static const struct restart restarts[] = {
	{ ERESTARTSYS, 0, 0, true, CALL },
	{ ERESTARTNOINTR, 0, 0, true, CALL },
	{ ERESTARTNOHAND, 0, 0, true, CALL },
	{ ERESTART_RESTARTBLOCK, 0, 0, true, NR_restart_syscall },
	{ EINTR, 0, 0, false, EINTR_RESULT },
	{ -9, 0, 0, false, 9 },
	{ ERESTARTSYS, HANDLER, 0, false, EINTR_RESULT },
	{ ERESTARTNOINTR, HANDLER, 0, true, CALL },
	{ ERESTARTNOHAND, HANDLER, 0, false, EINTR_RESULT },
	{ ERESTART_RESTARTBLOCK, HANDLER, 0, false, EINTR_RESULT },
	{ EINTR, HANDLER, 0, false, EINTR_RESULT },
	{ -9, HANDLER, 0, false, 9 },
	{ ERESTARTSYS, HANDLER, SA_RESTART, true, CALL },
	{ ERESTARTNOINTR, HANDLER, SA_RESTART, true, CALL },
	{ ERESTARTNOHAND, HANDLER, SA_RESTART, false, EINTR_RESULT },
	{ ERESTART_RESTARTBLOCK, HANDLER, SA_RESTART, false, EINTR_RESULT },
	{ ERESTARTSYS, SIG_IGN, 0, true, CALL },
};

static void restarted_calls(void)
{
	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(restarts); i++) {
		const struct restart *row = &restarts[i];
		struct pt_regs regs = call_regs(row->result);
		bool handled = row->handler == HANDLER;

		current->restart_block.fn = continues;
		current->blocked = 0;
		if (row->handler) {
			rig_action(SIGUSR1, HANDLER, row->flags, 0);
			signal_send(current, SIGUSR1);
			rig_action(SIGUSR1, row->handler, row->flags, 0);
		}
		EXPECT(rig_deliver(&regs));
		tap_check(regs.eax == row->eax, __FILE__, __LINE__, "row %u: eax %#x", i, regs.eax);
		tap_check(regs.eip == (handled ? HANDLER : EIP - 2 * row->again), __FILE__,
			  __LINE__, "row %u: eip %#x", i, regs.eip);
		EXPECT_EQ(current->restart_block.fn == NULL, handled);
	}
	signal_rig_stop();
}

/* A trap that was no call has no result, whatever is in EAX. */
static void no_call(void)
{
	static const int results[] = { ERESTARTSYS, ERESTARTNOINTR, ERESTART_RESTARTBLOCK };

	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(results); i++) {
		struct pt_regs regs = call_regs(results[i]), other = call_regs(results[i]);

		regs.orig_eax = other.orig_eax = NO_CALL;
		EXPECT(rig_deliver(&regs));
		EXPECT(regs.eax == (u32)-results[i] && regs.eip == EIP);
		rig_action(SIGUSR1, HANDLER, SA_RESTART, 0);
		current->blocked = 0;
		signal_send(current, SIGUSR1);
		EXPECT(rig_deliver(&other));
		EXPECT(other.eax == (u32)-results[i] && other.eip == HANDLER);
	}
	signal_rig_stop();
}

/* ---- Default actions ---- */

static void defaults(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL };

	signal_rig_start();
	for (int signal = 1; signal <= NR_SIGNALS; signal++) {
		bool ignored = signal == SIGCHLD || signal == SIGCONT || signal == SIGURG ||
			       signal == SIGWINCH;
		bool stops = signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN ||
			     signal == SIGTTOU;
		bool goes_on;

		rig_clear();
		rig_child.group.stopped = rig_child.group.killed = false;
		/* So that it stays, also if it is ignored. */
		current->awaited = ~0ull;
		signal_send(current, signal);
		goes_on = rig_deliver(&regs);
		EXPECT_EQ(goes_on, ignored || stops);
		EXPECT_EQ(rig.exit_signal, goes_on ? 0 : signal);
		EXPECT_EQ(rig.schedules, stops);
		EXPECT_EQ(signal_default_ignores(signal), ignored);
	}
	signal_rig_stop();
}

/* In an orphaned group only SIGSTOP stops. */
static void orphaned(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL };

	signal_rig_start();
	rig_orphaned = true;
	signal_send(current, SIGTSTP);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(rig.schedules, 0);
	signal_send(current, SIGSTOP);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(rig.schedules, 1);
	signal_rig_stop();
}

static enum task_state state_seen;

/* While the first thread is stopped. */
static void others_see_the_stop(void)
{
	struct task *leader = rig_child.group.leader;

	state_seen = current->state;
	EXPECT(rig_child.group.stopped);
	EXPECT_EQ(leader->stop_signal, SIGTSTP);
	EXPECT_EQ(rig_child.thread[0].pending.signals, SIGMASK(SIGSTOP));
	EXPECT_EQ(rig_child.thread[1].pending.signals, 0);
	EXPECT_EQ(rig_child.thread[2].pending.signals, 0); /* a zombie */
	EXPECT_EQ(rig.parent_wakes, 1);
	EXPECT(leader->in_news.next != &leader->in_news);
	rig_child.thread[0].pending.signals = 0;
}

/* The first to stop tells the parent and the other threads; the first to continue too. */
static void stopping(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL };
	struct siginfo info;

	signal_rig_start();
	rig_child.thread[2].state = TASK_ZOMBIE;
	current = &rig_parent.thread[0];
	rig_action(SIGCHLD, HANDLER, 0, 0);
	current = &rig_child.thread[1];
	rig_others = others_see_the_stop;
	rig_child.thread[0].continued = true;
	signal_send(current, SIGTSTP);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(state_seen, TASK_STOPPED);
	EXPECT(!rig_child.group.stopped && !rig_child.thread[0].stop_signal);
	EXPECT(rig_child.thread[0].continued);
	EXPECT_EQ(rig.parent_wakes, 2);
	current = &rig_parent.thread[0];
	EXPECT(signal_dequeue(~0ull, &info)); /* the first of both is in the queue */
	EXPECT_EQ(info.code, CLD_STOPPED);
	EXPECT_EQ(info.value, SIGTSTP);
	EXPECT_EQ(info.pid, rig_child.thread[0].pid);
	EXPECT_EQ(info.uid, rig_child.group.user.real);
	signal_rig_stop();
}

static void killed_meanwhile(void)
{
	rig_child.group.killed = true;
}

/* Ended by SIGKILL while it was stopped: it has not continued. */
static void killed_while_stopped(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL };

	signal_rig_start();
	rig_others = killed_meanwhile;
	signal_send(current, SIGSTOP);
	rig_deliver(&regs);
	EXPECT(!rig_child.group.stopped && !current->continued);
	EXPECT_EQ(rig.parent_wakes, 1);
	signal_rig_stop();
}

/* ---- Exceptions ---- */

static void forced(void)
{
	struct pt_regs regs = { .orig_eax = NO_CALL };

	signal_rig_start();
	rig_action(SIGFPE, HANDLER, 0, 0);
	return_work = 0;
	EXPECT(!signal_force(SIGFPE, FPE_INTDIV, 0x123));
	EXPECT_EQ(return_work, WORK_SIGNAL);
	signal_send(current, SIGSEGV); /* the exception comes first */
	rig_action(SIGSEGV, HANDLER, 0, 0);
	EXPECT(rig_deliver(&regs));
	EXPECT_EQ(rig.frames, 2);
	EXPECT_EQ(rig.frame_info.signo, SIGSEGV);
	EXPECT_EQ(current->forced.signo, 0);
	current->blocked = SIGMASK(SIGFPE) | SIGMASK(SIGHUP);
	EXPECT(signal_force(SIGFPE, FPE_INTDIV, 0x124)); /* blocked */
	EXPECT_EQ(current->blocked, SIGMASK(SIGHUP));
	EXPECT(!rig_deliver(&regs));
	EXPECT_EQ(rig.exit_signal, SIGFPE);
	rig_action(SIGFPE, SIG_IGN, 0, 0);
	EXPECT(signal_force(SIGFPE, FPE_INTDIV, 0x125));
	EXPECT(!rig_deliver(&regs));
	EXPECT_EQ(sighand_action(current, SIGFPE)->handler, SIG_DFL);
	EXPECT(signal_force(SIGFPE, FPE_INTDIV, 0x126)); /* the default */
	EXPECT_EQ(current->forced.address, 0x126);
	EXPECT_EQ(current->forced.code, FPE_INTDIV);
	current->group->killed = true;
	signal_send(current, SIGKILL);
	EXPECT(!rig_deliver(&regs)); /* the end of the process comes before it */
	EXPECT_EQ(rig.exit_signal, SIGKILL);
	signal_rig_stop();
}

/* ---- What a parent is told ---- */

struct told {
	u32 handler, flags;
	int exit_signal, code;
	bool no_zombie, is_sent;
};

static const struct told tolds[] = {
	{ HANDLER, 0, SIGCHLD, CLD_EXITED, false, true },
	{ SIG_DFL, 0, SIGCHLD, CLD_EXITED, false, false }, /* nothing would see it */
	{ SIG_IGN, 0, SIGCHLD, CLD_EXITED, true, false },
	{ HANDLER, SA_NOCLDWAIT, SIGCHLD, CLD_KILLED, true, true },
	{ HANDLER, SA_NOCLDSTOP, SIGCHLD, CLD_EXITED, false, true },
	{ HANDLER, SA_NOCLDSTOP, SIGCHLD, CLD_STOPPED, false, false },
	{ HANDLER, SA_NOCLDSTOP, SIGCHLD, CLD_CONTINUED, false, false },
	{ HANDLER, 0, SIGUSR1, CLD_STOPPED, false, true }, /* SIGCHLD in any case */
	{ HANDLER, 0, 0, CLD_CONTINUED, false, true },
	{ HANDLER, 0, 0, CLD_EXITED, false, false }, /* no signal at its end */
};

static void told_parents(void)
{
	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(tolds); i++) {
		const struct told *row = &tolds[i];

		rig_clear();
		current = &rig_parent.thread[0];
		rig_action(SIGCHLD, row->handler, row->flags, 0);
		current = &rig_child.thread[0];
		current->exit_signal = row->exit_signal;
		tap_check(signal_parent(current, row->code, 7) == row->no_zombie, __FILE__,
			  __LINE__, "row %u: no zombie", i);
		EXPECT_EQ(rig.parent_wakes, 1);
		EXPECT(rig_parent.thread[0].news.next == &current->in_news);
		EXPECT_EQ(rig_parent.group.pending.signals, row->is_sent ? SIGMASK(SIGCHLD) : 0);
		signal_flush_all(&rig_parent.group, ~0ull);
	}
	/* Another signal than SIGCHLD; SA_NOCLDWAIT does not count for that. */
	current = &rig_parent.thread[0];
	rig_action(SIGUSR1, HANDLER, SA_NOCLDWAIT, 0);
	current = &rig_child.thread[0];
	current->exit_signal = SIGUSR1;
	EXPECT(!signal_parent(current, CLD_EXITED, 7));
	EXPECT_EQ(rig_parent.group.pending.signals, SIGMASK(SIGUSR1));
	current->exit_signal = NR_SIGNALS + 1;
	EXPECT(!signal_parent(current, CLD_EXITED, 7));
	current->exit_signal = NR_SIGNALS;
	EXPECT(!signal_parent(current, CLD_EXITED, 7));
	EXPECT_EQ(rig_parent.group.pending.signals, SIGMASK(SIGUSR1) | SIGMASK(NR_SIGNALS));
	signal_rig_stop();
}

/* A parent that is a task of the kernel takes no signals. */
static void kernel_parent(void)
{
	struct sighand *sighand;

	signal_rig_start();
	sighand = rig_parent.thread[0].sighand;
	rig_parent.thread[0].sighand = NULL;
	EXPECT(!signal_parent(current, CLD_EXITED, 7));
	EXPECT_EQ(rig_parent.group.pending.signals, 0);
	EXPECT_EQ(rig.parent_wakes, 1);
	rig_parent.thread[0].sighand = sighand;
	signal_rig_stop();
}

/* ---- The table of actions, and new tasks ---- */

static void actions(void)
{
	struct sighand *copy;

	signal_rig_start();
	for (int signal = 1; signal <= NR_SIGNALS; signal++)
		EXPECT_EQ(sighand_action(current, signal)->handler, SIG_DFL);
	rig_action(1, HANDLER + 1, SA_RESTART, 5);
	rig_action(33, SIG_IGN, SA_SIGINFO, 6);
	rig_action(64, HANDLER + 64, 0, 7);
	copy = sighand_copy(current->sighand);
	EXPECT(copy && copy->count == 1);
	EXPECT_EQ(copy->set, SIGMASK(1) | SIGMASK(33) | SIGMASK(64));
	EXPECT(copy->actions[0].handler == HANDLER + 1 && copy->actions[0].flags == SA_RESTART);
	EXPECT(copy->actions[63].handler == HANDLER + 64 && copy->actions[63].mask == 7);
	EXPECT(signal_ignored(current, 33) && !signal_ignored(current, 64));
	EXPECT(signal_ignored(current, SIGCHLD) && !signal_ignored(current, SIGTERM));
	sighand_exec(copy);
	EXPECT_EQ(copy->set, SIGMASK(33));
	EXPECT(copy->actions[32].handler == SIG_IGN && !copy->actions[32].flags);
	EXPECT(!copy->actions[32].mask);
	sighand_put(copy);
	sighand_put(NULL);
	sighand_reset(current, 64);
	EXPECT_EQ(sighand_action(current, 64)->handler, SIG_DFL);
	EXPECT_EQ(sighand_action(current, 64)->mask, 7);
	signal_rig_stop();
}

static const struct fail_spec always = { FAIL_ANY, FAIL_ON, 1 };

static void new_tasks(void)
{
	struct task made = { .pid = 0 };
	struct sighand *own;

	signal_rig_start();
	own = current->sighand;
	made.group = &rig_child.group;
	current->blocked = SIGMASK(SIGHUP);
	current->altstack = 0x1000;
	current->altstack_size = 0x2000;
	current->altstack_flags = SS_AUTODISARM;
	EXPECT_EQ(signal_copy(&made, true), 0);
	EXPECT(made.sighand == own && own->count == RIG_THREADS + 1);
	EXPECT(made.blocked == SIGMASK(SIGHUP) && made.altstack == 0x1000);
	EXPECT(made.altstack_size == 0x2000 && made.altstack_flags == SS_AUTODISARM);
	made.forced.signo = SIGSEGV;
	made.pending.signals = SIGMASK(SIGTERM);
	signal_exit(&made);
	EXPECT(!made.sighand && !made.forced.signo && !made.pending.signals);
	EXPECT_EQ(own->count, RIG_THREADS);
	rig_action(SIGUSR1, HANDLER, 0, 0);
	EXPECT_EQ(signal_copy(&made, false), 0);
	EXPECT(made.sighand != own && made.sighand->count == 1);
	EXPECT_EQ(sighand_action(&made, SIGUSR1)->handler, HANDLER);
	signal_exit(&made);
	current->sighand = NULL; /* a task of the kernel */
	EXPECT_EQ(signal_copy(&made, true), 0);
	EXPECT_EQ(made.sighand->set, 0);
	signal_exit(&made);
	current->sighand = own;
	fail_alloc_set(&always);
	EXPECT_EQ(signal_copy(&made, false), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT(!made.sighand);
	signal_rig_stop();
}

TAP_MAIN({ "a handler", handler_runs }, { "flags of handlers", flags_of_handlers },
	 { "a temporary mask", temporary_mask }, { "two handlers", two_handlers },
	 { "no frame", no_frame }, { "restarted calls", restarted_calls }, { "no call", no_call },
	 { "default actions", defaults }, { "orphaned", orphaned }, { "stopping", stopping },
	 { "killed while stopped", killed_while_stopped }, { "exceptions", forced },
	 { "told parents", told_parents }, { "a parent of the kernel", kernel_parent },
	 { "actions", actions }, { "new tasks", new_tasks })
