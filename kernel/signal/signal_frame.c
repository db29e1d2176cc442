/* SPDX-License-Identifier: MIT */
/*
 * The frame of a signal handler, as Linux writes it to the program's stack:
 *
 *     without SA_SIGINFO           with it
 *     pretcode   <- esp            pretcode   <- esp    the handler's return address
 *     signal                       signal
 *     sigcontext                   &siginfo
 *     (unused room)                &ucontext
 *     upper half of the mask       siginfo, 128 bytes
 *     retcode                      ucontext: flags, link, stack, sigcontext, mask
 *                                  retcode
 *     x87 and SSE, if the task uses them (kernel/task/fpu_frame.c)
 *
 *  (1) esp + 4 is a multiple of 16 when the handler starts, as after a call.
 *  (2) The handler returns to the program's restorer, or else to retcode: the three instructions
 *      of sigreturn() or rt_sigreturn(). Readable memory is executable here.
 *  (3) A program can write any value into the frame, and must not gain rights by it. Only the
 *      arithmetic flags, DF, TF, RF and AC of EFLAGS are restored, and selectors get ring 3's
 *      privilege. The return to ring 3 catches a selector that cannot be loaded
 *      (kernel/cpu/trap_entry.S, (3)).
 *  (4) A handler starts with x87 and SSE in their initial state; fpstate is NULL if the program
 *      does not use them.
 */
#include "kernel/task/fpu.h"
#include "kernel/cpu/gdt.h"
#include "kernel/signal/signal.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

#define EFLAGS_TF 0x00000100u
#define EFLAGS_DF 0x00000400u
#define EFLAGS_RF 0x00010000u

/* CF, PF, AF, ZF, SF, TF, DF, OF, RF, AC: the bits that a frame may change. */
#define EFLAGS_RESTORED 0x00050dd5u

/* An address that no program can write to. */
#define NO_PLACE 0xffffffffu

/* Linux's struct _fpstate_32: unused room in a frame without SA_SIGINFO. */
#define FPSTATE_BYTES 624

struct sigframe_head {
	u32 pretcode;
	s32 signal;
	struct sigcontext context;
};

struct sigframe_tail {
	u32 extramask;
	u32 retcode[2];
};

struct sigframe {
	struct sigframe_head head;
	u8 fpstate_unused[FPSTATE_BYTES];
	struct sigframe_tail tail;
};

struct rt_sigframe {
	u32 pretcode;
	s32 signal;
	vaddr_t info_place, context_place;
	struct siginfo info;
	u32 info_rest[(SI_MAX_SIZE - sizeof(struct siginfo)) / 4];
	struct ucontext ucontext;
	u32 retcode[2];
};

_Static_assert(offsetof(struct sigframe, tail) == 720, "the ABI's");
_Static_assert(sizeof(struct sigframe) == 732, "the ABI's");
_Static_assert(offsetof(struct rt_sigframe, ucontext) == 144, "the ABI's");
_Static_assert(sizeof(struct rt_sigframe) == 268, "the ABI's");

/* popl %eax; movl $119, %eax; int $0x80 */
#define RETCODE_LOW  0x0077b858u
#define RETCODE_HIGH 0x80cd0000u

/* movl $173, %eax; int $0x80 */
#define RT_RETCODE_LOW	0x0000adb8u
#define RT_RETCODE_HIGH 0x0080cd00u

/* Single assignments: a compound literal would be cleared first. */
static void fill_context(struct sigcontext *context, const struct pt_regs *regs, u64 blocked,
			 vaddr_t fpstate)
{
	context->gs = (u16)regs->gs;
	context->fs = (u16)regs->fs;
	context->es = (u16)regs->es;
	context->ds = (u16)regs->ds;
	context->edi = regs->edi;
	context->esi = regs->esi;
	context->ebp = regs->ebp;
	context->esp = regs->esp;
	context->ebx = regs->ebx;
	context->edx = regs->edx;
	context->ecx = regs->ecx;
	context->eax = regs->eax;
	context->trapno = current->trapno;
	context->err = current->error_code;
	context->eip = regs->eip;
	context->cs = (u16)regs->cs;
	context->eflags = regs->eflags;
	context->esp_at_signal = regs->esp;
	context->ss = (u16)regs->ss;
	context->fpstate = fpstate;
	context->oldmask = (u32)blocked;
	context->cr2 = current->cr2;
}

/* Is the stack pointer on the current task's alternate stack? */
static bool on_altstack(vaddr_t esp)
{
	/* With SS_AUTODISARM the stack is not in use while a handler runs on it. */
	return !(current->altstack_flags & SS_AUTODISARM) && esp > current->altstack &&
	       esp - current->altstack <= current->altstack_size;
}

u32 altstack_state(vaddr_t esp)
{
	if (!current->altstack_size)
		return SS_DISABLE;
	return on_altstack(esp) ? SS_ONSTACK : 0;
}

void altstack_reset(struct task *task)
{
	task->altstack = 0;
	task->altstack_size = 0;
	task->altstack_flags = SS_DISABLE;
}

int altstack_set(const struct altstack *stack, vaddr_t esp)
{
	u32 mode = stack->flags & ~SS_AUTODISARM;

	if (on_altstack(esp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		altstack_reset(current);
		current->altstack_flags = stack->flags;
		return 0;
	}
	if (stack->size < MINSIGSTKSZ)
		return -ENOMEM;
	current->altstack = stack->start;
	current->altstack_size = stack->size;
	current->altstack_flags = stack->flags;
	return 0;
}

/*
 * The address of a frame of `bytes`, or NO_PLACE: it does not fit on the alternate stack. *fpstate
 * is the address of x87 and SSE, or 0.
 */
static vaddr_t frame_place(const struct pt_regs *regs, const struct sigaction *action, u32 bytes,
			   vaddr_t *fpstate)
{
	vaddr_t esp = regs->esp;
	bool alternate = false;

	if (current->altstack_size) {
		alternate = on_altstack(esp);
		if (action->flags & SA_ONSTACK && !alternate) {
			esp = current->altstack + current->altstack_size;
			alternate = true;
		}
	}
	*fpstate = 0;
	if (unlikely(current->fpu))
		esp = *fpstate = fpu_frame_place(esp);
	esp = ALIGN_DOWN(esp - bytes + 4, 16) - 4;
	if (alternate &&
	    !(esp > current->altstack && esp - current->altstack <= current->altstack_size))
		return NO_PLACE;
	return esp;
}

static u32 return_address(const struct sigaction *action, vaddr_t own)
{
	return action->flags & SA_RESTORER ? action->restorer : own;
}

static int push_plain(const struct pt_regs *regs, const struct sigaction *action,
		      const struct siginfo *info, u64 blocked, vaddr_t place, vaddr_t fpstate)
{
	struct sigframe_head head;
	struct sigframe_tail tail = { (u32)(blocked >> 32), { RETCODE_LOW, RETCODE_HIGH } };

	head.pretcode = return_address(action, place + offsetof(struct sigframe, tail.retcode));
	head.signal = info->signo;
	fill_context(&head.context, regs, blocked, fpstate);
	if (copy_to_user(place, &head, sizeof(head)) ||
	    copy_to_user(place + offsetof(struct sigframe, tail), &tail, sizeof(tail)))
		return -EFAULT;
	return 0;
}

static inline void clear_words(u32 *place, u32 count)
{
	__asm__ volatile("rep stosl" : "+D"(place), "+c"(count) : "a"(0) : "memory");
}

static int push_rt(const struct pt_regs *regs, const struct sigaction *action,
		   const struct siginfo *info, u64 blocked, vaddr_t place, vaddr_t fpstate)
{
	struct rt_sigframe frame;

	frame.pretcode = return_address(action, place + offsetof(struct rt_sigframe, retcode));
	frame.signal = info->signo;
	frame.info_place = place + offsetof(struct rt_sigframe, info);
	frame.context_place = place + offsetof(struct rt_sigframe, ucontext);
	frame.info = *info;
	clear_words(frame.info_rest, ARRAY_SIZE(frame.info_rest));
	frame.ucontext.flags = 0;
	frame.ucontext.link = 0;
	frame.ucontext.stack = (struct altstack){ current->altstack, current->altstack_flags,
						  current->altstack_size };
	fill_context(&frame.ucontext.context, regs, blocked, fpstate);
	frame.ucontext.mask = blocked;
	frame.retcode[0] = RT_RETCODE_LOW;
	frame.retcode[1] = RT_RETCODE_HIGH;
	return copy_to_user(place, &frame, sizeof(frame)) ? -EFAULT : 0;
}

int signal_frame_push(struct pt_regs *regs, const struct sigaction *action,
		      const struct siginfo *info, u64 blocked)
{
	bool rt = action->flags & SA_SIGINFO;
	vaddr_t fpstate;
	vaddr_t place = frame_place(
		regs, action, rt ? sizeof(struct rt_sigframe) : sizeof(struct sigframe), &fpstate);
	int err = rt ? push_rt(regs, action, info, blocked, place, fpstate)
		     : push_plain(regs, action, info, blocked, place, fpstate);

	if (!err && unlikely(fpstate))
		err = fpu_frame_write(fpstate);
	if (err)
		return err;
	if (current->altstack_flags & SS_AUTODISARM)
		altstack_reset(current);
	regs->eax = (u32)info->signo;
	regs->edx = rt ? place + offsetof(struct rt_sigframe, info) : 0;
	regs->ecx = rt ? place + offsetof(struct rt_sigframe, ucontext) : 0;
	regs->esp = place;
	regs->eip = action->handler;
	regs->eflags &= ~(EFLAGS_DF | EFLAGS_RF | EFLAGS_TF);
	regs->ds = regs->es = regs->ss = USER_DS;
	regs->cs = USER_CS;
	return 0;
}

/* Sets ring 3's privilege in a selector; the null selector stays. */
static u32 user_selector(u32 selector)
{
	return selector > 3 ? (u16)selector | 3 : selector;
}

/* (3). */
static void restore_context(struct pt_regs *regs, const struct sigcontext *context)
{
	regs->ebx = context->ebx;
	regs->ecx = context->ecx;
	regs->edx = context->edx;
	regs->esi = context->esi;
	regs->edi = context->edi;
	regs->ebp = context->ebp;
	regs->eax = context->eax;
	regs->ds = user_selector(context->ds);
	regs->es = user_selector(context->es);
	regs->fs = user_selector(context->fs);
	regs->gs = user_selector(context->gs);
	regs->orig_eax = (u32)-1;
	regs->eip = context->eip;
	regs->cs = (u16)context->cs | 3;
	regs->eflags = (regs->eflags & ~EFLAGS_RESTORED) | (context->eflags & EFLAGS_RESTORED);
	regs->esp = context->esp;
	regs->ss = (u16)context->ss | 3;
}

static int restore_fpu(const struct sigcontext *context)
{
	return unlikely(context->fpstate || current->fpu) ? fpu_frame_read(context->fpstate) : 0;
}

static int pop_plain(struct pt_regs *regs)
{
	/* The return address was popped, and the signal too, by retcode or the restorer. */
	vaddr_t place = regs->esp - offsetof(struct sigframe, head.context);
	struct sigcontext context;
	u32 extramask;

	if (copy_from_user(&context, place + offsetof(struct sigframe, head.context),
			   sizeof(context)) ||
	    get_user(&extramask, place + offsetof(struct sigframe, tail.extramask)))
		return -EFAULT;
	signal_set_blocked((u64)extramask << 32 | context.oldmask);
	restore_context(regs, &context);
	return restore_fpu(&context);
}

static int pop_rt(struct pt_regs *regs)
{
	/* The return address was popped. */
	vaddr_t place = regs->esp - offsetof(struct rt_sigframe, signal);
	struct ucontext ucontext;

	if (copy_from_user(&ucontext, place + offsetof(struct rt_sigframe, ucontext),
			   sizeof(ucontext)))
		return -EFAULT;
	signal_set_blocked(ucontext.mask);
	restore_context(regs, &ucontext.context);
	if (restore_fpu(&ucontext.context))
		return -EFAULT;
	/* As on Linux, an alternate stack that cannot be set is no error. */
	if (ucontext.stack.start != current->altstack ||
	    ucontext.stack.size != current->altstack_size ||
	    ucontext.stack.flags != current->altstack_flags)
		altstack_set(&ucontext.stack, regs->esp);
	return 0;
}

/* A handler returned, but the stack has no valid frame. */
static int bad_frame(struct pt_regs *regs)
{
	if (signal_force(SIGSEGV, SI_KERNEL, 0))
		printk("signal: pid=%d name=%s esp=%#010x error=\"bad frame\"\n", current->pid,
		       current->name, regs->esp);
	regs->orig_eax = (u32)-1;
	return -EFAULT;
}

int signal_frame_pop(struct pt_regs *regs)
{
	return pop_plain(regs) ? bad_frame(regs) : 0;
}

int signal_frame_pop_rt(struct pt_regs *regs)
{
	return pop_rt(regs) ? bad_frame(regs) : 0;
}

bool signal_run_retcode(struct pt_regs *regs)
{
	u32 code[2];

	if (copy_from_user(code, regs->eip, sizeof(code)))
		return false;
	if (code[0] == RETCODE_LOW && code[1] == RETCODE_HIGH) {
		regs->esp += sizeof(u32); /* popl %eax */
		signal_frame_pop(regs);
		return true;
	}
	if (code[0] != RT_RETCODE_LOW || code[1] != RT_RETCODE_HIGH)
		return false;
	signal_frame_pop_rt(regs);
	return true;
}
