/* SPDX-License-Identifier: MIT */
/*
 * The frame of a handler: each word as Linux on i386 has it, where it lies, what the handler
 * starts with, and the alternate stack.
 *
 * sources: kernel/signal/signal_frame.c tests/host/kernel/signal/frame_rig.c
 */
#include "tests/host/kernel/signal/frame_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/cpu/gdt.h"
#include "tests/host/tap.h"

/* ---- The bytes ---- */

static bool bytes_are(vaddr_t place, const char *bytes, u32 count)
{
	return !memcmp(&user_bytes[place - USER_BYTES], bytes, count);
}

/* The 22 words of struct sigcontext. */
static void expect_context(vaddr_t place, vaddr_t fpstate)
{
	const u32 words[] = { 0x43,	  0x3b,	 0x33, 0x2b,	0x14,	   0x13, 0x15,	    STACK,
			      0x10,	  0x12,	 0x11, 0x16,	0x1e,	   0x1f, 0x8048123, 0x23,
			      0x00250fd7, STACK, 0x2b, fpstate, (u32)MASK, 0x20 };

	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		if (!EXPECT_EQ(word_at(place + 4 * i), words[i]))
			tap_note("word %u of the context", i);
}

static void plain_frame(void)
{
	vaddr_t place;

	start();
	EXPECT_EQ(push(0), 0);
	place = regs.esp;
	EXPECT_EQ(word_at(place), place + 724);
	EXPECT_EQ(word_at(place + 4), SIGUSR1);
	expect_context(place + 8, 0);
	for (u32 i = 96; i < 720; i++)
		EXPECT_EQ(user_bytes[place - USER_BYTES + i], 0xee);
	EXPECT_EQ(word_at(place + 720), (u32)(MASK >> 32));
	/* popl %eax; movl $119, %eax; int $0x80 */
	EXPECT(bytes_are(place + 724, "\x58\xb8\x77\0\0\0\xcd\x80", 8));
	EXPECT_EQ(word_at(place + PLAIN), 0xeeeeeeee);
	EXPECT_EQ(word_at(place - 4), 0xeeeeeeee);
	EXPECT(regs.eax == SIGUSR1 && regs.edx == 0 && regs.ecx == 0);
}

static void rt_frame(void)
{
	const u32 words[] = { SIGUSR1, 3, (u32)SI_QUEUE, 71, 72, 73, 74, 75 };
	vaddr_t place;

	start();
	current->altstack = ALTERNATE;
	current->altstack_size = ALT_BYTES;
	current->altstack_flags = SS_ONSTACK;
	EXPECT_EQ(push(SA_SIGINFO), 0);
	place = regs.esp;
	EXPECT_EQ(word_at(place), place + 260);
	EXPECT_EQ(word_at(place + 4), SIGUSR1);
	EXPECT_EQ(word_at(place + 8), place + 16);
	EXPECT_EQ(word_at(place + 12), place + 144);
	for (u32 i = 0; i < 32; i++)
		EXPECT_EQ(word_at(place + 16 + 4 * i), i < ARRAY_SIZE(words) ? words[i] : 0);
	EXPECT(word_at(place + 144) == 0 && word_at(place + 148) == 0);
	EXPECT(word_at(place + 152) == ALTERNATE && word_at(place + 156) == SS_ONSTACK);
	EXPECT_EQ(word_at(place + 160), ALT_BYTES);
	expect_context(place + 164, 0);
	EXPECT(word_at(place + 252) == (u32)MASK && word_at(place + 256) == (u32)(MASK >> 32));
	/* movl $173, %eax; int $0x80 */
	EXPECT(bytes_are(place + 260, "\xb8\xad\0\0\0\xcd\x80\0", 8));
	EXPECT_EQ(word_at(place + RT), 0xeeeeeeee);
	EXPECT_EQ(word_at(place - 4), 0xeeeeeeee);
	EXPECT(regs.eax == SIGUSR1 && regs.edx == place + 16 && regs.ecx == place + 144);
}

static void first_instruction(void)
{
	for (u32 rt = 0; rt < 2; rt++) {
		start();
		EXPECT_EQ(push(rt ? SA_SIGINFO | SA_RESTORER : SA_RESTORER), 0);
		EXPECT_EQ(regs.eip, HANDLER);
		EXPECT_EQ(word_at(regs.esp), RESTORER);
		/* DF, RF and TF are clear, the others as they were. */
		EXPECT_EQ(regs.eflags, 0x00240ad7);
		EXPECT(regs.cs == USER_CS && regs.ss == USER_DS);
		EXPECT(regs.ds == USER_DS && regs.es == USER_DS);
		EXPECT(regs.fs == running.fs && regs.gs == running.gs);
		EXPECT(regs.ebx == 0x10 && regs.esi == 0x13 && regs.edi == 0x14);
		EXPECT(regs.ebp == 0x15 && regs.orig_eax == 20);
	}
}

static void places(void)
{
	for (u32 rt = 0; rt < 2; rt++) {
		u32 bytes = rt ? RT : PLAIN;

		for (u32 esp = STACK; esp < STACK + 32; esp++) {
			start();
			regs.esp = esp;
			EXPECT_EQ(push(rt ? SA_SIGINFO : 0), 0);
			EXPECT_EQ((regs.esp + 4) % 16, 0);
			EXPECT(regs.esp + bytes <= esp && regs.esp + bytes + 16 > esp);
		}
	}
}

/* x87 and SSE lie above the frame. */
static void with_fpu(void)
{
	vaddr_t there = ALIGN_DOWN(STACK - 700, 64);

	start();
	current->fpu = &registers;
	EXPECT_EQ(push(0), 0);
	EXPECT(writes == 1 && fpu_place == there);
	EXPECT(regs.esp + PLAIN <= there && regs.esp + PLAIN + 16 > there);
	expect_context(regs.esp + 8, there);
	start();
	current->fpu = &registers;
	EXPECT_EQ(push(SA_SIGINFO), 0);
	EXPECT(writes == 1 && regs.esp + RT <= there);
	expect_context(regs.esp + 164, there);
	start();
	current->fpu = &registers;
	fpu_error = -EFAULT;
	EXPECT_EQ(push(0), -EFAULT);
	EXPECT(!memcmp(&regs, &running, sizeof(regs)));
	EXPECT_EQ(push(SA_SIGINFO), -EFAULT);
	EXPECT(!memcmp(&regs, &running, sizeof(regs)));
}

/* ---- Memory that cannot be written ---- */

static void cannot_push(u32 flags, vaddr_t esp)
{
	struct pt_regs before;

	regs.esp = esp;
	before = regs;
	EXPECT_EQ(push(flags), -EFAULT);
	EXPECT(!memcmp(&regs, &before, sizeof(before)));
	EXPECT(current->altstack_flags == SS_AUTODISARM || current->altstack_flags == SS_DISABLE);
}

static void bad_stack(void)
{
	start();
	cannot_push(0, USER_BYTES + PLAIN - 1);
	cannot_push(SA_SIGINFO, USER_BYTES + RT - 1);
	cannot_push(0, 0x1000);
	cannot_push(SA_SIGINFO, 0);
	user_writable = STACK - USER_BYTES - 100; /* head and no tail */
	cannot_push(0, STACK);
	current->altstack_flags = SS_AUTODISARM; /* it stays armed */
	cannot_push(0, STACK);
}

/* ---- The alternate stack ---- */

static void alternate_used(void)
{
	vaddr_t first;

	alternate(ALT_BYTES, SS_ONSTACK);
	EXPECT_EQ(push(0), 0); /* not asked for */
	EXPECT(regs.esp > STACK - PLAIN - 16);
	alternate(ALT_BYTES, 0);
	EXPECT_EQ(push(SA_ONSTACK), 0);
	EXPECT(regs.esp + PLAIN <= ALTERNATE + ALT_BYTES);
	EXPECT(regs.esp + PLAIN + 16 > ALTERNATE + ALT_BYTES);
	EXPECT(current->altstack_size == ALT_BYTES && word_at(regs.esp + 8 + 4 * 7) == STACK);
	/* The next handler goes on below. */
	first = regs.esp;
	EXPECT_EQ(push(SA_ONSTACK), 0);
	EXPECT(regs.esp + PLAIN <= first && regs.esp + PLAIN + 16 > first);
	first = regs.esp;
	EXPECT_EQ(push(SA_ONSTACK), -EFAULT); /* no room */
	EXPECT_EQ(push(0), -EFAULT);
	EXPECT_EQ(regs.esp, first);
	start();
	EXPECT_EQ(push(SA_ONSTACK), 0); /* none is set */
	EXPECT(regs.esp > STACK - PLAIN - 16);
}

/* The frame must begin above the lowest byte. */
static void alternate_full(void)
{
	for (u32 bytes = PLAIN - 8; bytes < PLAIN + 32; bytes++) {
		vaddr_t end = ALTERNATE + bytes, place = ALIGN_DOWN(end - PLAIN + 4, 16) - 4;

		alternate(bytes, 0);
		EXPECT_EQ(push(SA_ONSTACK), place > ALTERNATE ? 0 : -EFAULT);
	}
	alternate(400, 0);
	EXPECT_EQ(push(SA_ONSTACK | SA_SIGINFO), 0);
	alternate(200, 0);
	EXPECT_EQ(push(SA_ONSTACK | SA_SIGINFO), -EFAULT);
}

static void disarmed(void)
{
	alternate(ALT_BYTES, SS_AUTODISARM);
	EXPECT_EQ(altstack_state(ALTERNATE + 100), 0);
	EXPECT_EQ(push(SA_ONSTACK | SA_SIGINFO), 0);
	EXPECT(word_at(regs.esp + 152) == ALTERNATE && word_at(regs.esp + 156) == SS_AUTODISARM);
	EXPECT(!current->altstack && !current->altstack_size);
	EXPECT_EQ(current->altstack_flags, SS_DISABLE);
}

static void states(void)
{
	alternate(ALT_BYTES, SS_ONSTACK);
	EXPECT_EQ(altstack_state(ALTERNATE), 0);
	EXPECT_EQ(altstack_state(ALTERNATE + 1), SS_ONSTACK);
	EXPECT_EQ(altstack_state(ALTERNATE + ALT_BYTES), SS_ONSTACK);
	EXPECT_EQ(altstack_state(ALTERNATE + ALT_BYTES + 1), 0);
	EXPECT_EQ(altstack_state(0), 0);
	altstack_reset(current);
	EXPECT_EQ(altstack_state(ALTERNATE + 1), SS_DISABLE);
	EXPECT(!current->altstack && current->altstack_flags == SS_DISABLE);
}

static void stacks_set(void)
{
	static const struct {
		struct altstack stack;
		int result;
	} cases[] = {
		{ { 0x5000, 0, 2048 }, 0 },
		{ { 0x5000, SS_ONSTACK, 4096 }, 0 },
		{ { 0x5000, SS_AUTODISARM, 2048 }, 0 },
		{ { 0x5000, SS_AUTODISARM | SS_ONSTACK, 2048 }, 0 },
		{ { 0x5000, 0, 2047 }, -ENOMEM },
		{ { 0x5000, 0, 0 }, -ENOMEM },
		{ { 0x5000, SS_ONSTACK | SS_DISABLE, 2048 }, -EINVAL },
		{ { 0x5000, 4, 2048 }, -EINVAL },
		{ { 0x5000, 0x40000000, 2048 }, -EINVAL },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct altstack *stack = &cases[i].stack;
		bool set = !cases[i].result;

		alternate(ALT_BYTES, SS_ONSTACK);
		EXPECT_EQ(altstack_set(stack, STACK), cases[i].result);
		EXPECT_EQ(current->altstack, set ? stack->start : ALTERNATE);
		EXPECT_EQ(current->altstack_size, set ? stack->size : ALT_BYTES);
		EXPECT_EQ(current->altstack_flags, set ? stack->flags : SS_ONSTACK);
		EXPECT_EQ(altstack_set(stack, set ? 0x5001 : ALTERNATE + 1),
			  set && stack->flags & SS_AUTODISARM ? 0 : -EPERM);
	}
	alternate(ALT_BYTES, SS_ONSTACK);
	EXPECT_EQ(altstack_set(&(struct altstack){ 0x5000, SS_DISABLE, 10 }, STACK), 0);
	EXPECT(!current->altstack && !current->altstack_size);
	EXPECT_EQ(current->altstack_flags, SS_DISABLE);
	EXPECT_EQ(altstack_set(&(struct altstack){ 1, SS_DISABLE | SS_AUTODISARM, 10 }, STACK), 0);
	EXPECT(!current->altstack && current->altstack_flags == (SS_DISABLE | SS_AUTODISARM));
}

TAP_MAIN({ "a frame without siginfo", plain_frame }, { "a frame with siginfo", rt_frame },
	 { "the handler's first instruction", first_instruction }, { "places of frames", places },
	 { "with x87 and SSE", with_fpu }, { "a bad stack", bad_stack },
	 { "the alternate stack", alternate_used }, { "it is full", alternate_full },
	 { "it is disarmed", disarmed }, { "its states", states }, { "sigaltstack", stacks_set })
