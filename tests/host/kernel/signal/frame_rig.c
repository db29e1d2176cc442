/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/signal/frame_rig.h"

#include <string.h>

#include "tests/host/tap.h"

static struct thread_group group;
struct task own;
struct task *current;
union fpu_state registers;

u64 blocked;
u32 forced, reads, writes;
vaddr_t fpu_place;
int fpu_error;
bool fatal;

void signal_set_blocked(u64 set)
{
	blocked = set;
}

bool signal_force(int signal, int code, u32 address)
{
	EXPECT(signal == SIGSEGV && code == SI_KERNEL && !address);
	forced++;
	return fatal;
}

vaddr_t fpu_frame_place(vaddr_t esp)
{
	return ALIGN_DOWN(esp - 700, 64);
}

int fpu_frame_write(vaddr_t place)
{
	EXPECT(current->fpu);
	writes++;
	fpu_place = place;
	return fpu_error;
}

int fpu_frame_read(vaddr_t place)
{
	reads++;
	fpu_place = place;
	return fpu_error;
}

/* Every register has another value, and the upper halves of selectors are dirty. */
const struct pt_regs running = { .ebx = 0x10,
				 .ecx = 0x11,
				 .edx = 0x12,
				 .esi = 0x13,
				 .edi = 0x14,
				 .ebp = 0x15,
				 .eax = 0x16,
				 .ds = 0xabcd002b,
				 .es = 0xabcd0033,
				 .fs = 0xabcd003b,
				 .gs = 0xabcd0043,
				 .orig_eax = 20,
				 .eip = 0x8048123,
				 .cs = 0xabcd0023,
				 .eflags = 0x00250fd7,
				 .esp = STACK,
				 .ss = 0xabcd002b };

struct pt_regs regs;

static struct siginfo info;

void start(void)
{
	memset(user_bytes, 0xee, sizeof(user_bytes));
	user_writable = sizeof(user_bytes);
	own = (struct task){ .group = &group, .pid = 7, .name = "program" };
	own.trapno = 0x1e;
	own.error_code = 0x1f;
	own.cr2 = 0x20;
	own.altstack_flags = SS_DISABLE;
	current = &own;
	regs = running;
	info = (struct siginfo){ SIGUSR1, 3, SI_QUEUE, .words = { 71, 72, 73, 74, 75 } };
	blocked = forced = reads = writes = 0;
	fpu_error = 0;
	fpu_place = 1;
	fatal = false;
}

int push(u32 flags)
{
	const struct sigaction action = { HANDLER, flags, RESTORER, 0 };

	return signal_frame_push(&regs, &action, &info, MASK);
}

void alternate(u32 size, u32 flags)
{
	start();
	current->altstack = ALTERNATE;
	current->altstack_size = size;
	current->altstack_flags = flags;
}
