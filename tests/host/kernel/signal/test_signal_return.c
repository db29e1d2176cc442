/* SPDX-License-Identifier: MIT */
/*
 * The return from a handler: what it restores, frames that were forged or are not there, and the
 * return that the kernel makes for a program.
 *
 * sources: kernel/signal/signal_frame.c tests/host/kernel/signal/frame_rig.c
 */
#include "tests/host/kernel/signal/frame_rig.h"

#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/cpu/gdt.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* What a handler may change by itself, and the kernel must set again. */
static void scramble(u32 esp)
{
	memset(&regs, 0x77, sizeof(regs));
	regs.eflags = 0x00000202;
	regs.esp = esp;
	current->altstack_flags = SS_DISABLE;
}

static void expect_running(void)
{
	EXPECT(regs.ebx == 0x10 && regs.ecx == 0x11 && regs.edx == 0x12 && regs.esi == 0x13);
	EXPECT(regs.edi == 0x14 && regs.ebp == 0x15 && regs.eax == 0x16);
	EXPECT(regs.ds == 0x2b && regs.es == 0x33 && regs.fs == 0x3b && regs.gs == 0x43);
	EXPECT(regs.cs == 0x23 && regs.ss == 0x2b && regs.esp == STACK && regs.eip == 0x8048123);
	EXPECT_EQ(regs.orig_eax, (u32)-1);
	/* Of 0x250fd7 the bits that may change; IF and bit 1 as they are. */
	EXPECT_EQ(regs.eflags, (0x00250fd7 & 0x00050dd5) | 0x202);
	EXPECT_EQ(blocked, MASK);
	EXPECT_EQ(forced, 0);
}

static void returns(void)
{
	start();
	EXPECT_EQ(push(0), 0);
	scramble(regs.esp + 8);
	EXPECT_EQ(signal_frame_pop(&regs), 0);
	expect_running();
	EXPECT_EQ(reads, 0);
	start();
	EXPECT_EQ(push(SA_SIGINFO), 0);
	scramble(regs.esp + 4);
	EXPECT_EQ(signal_frame_pop_rt(&regs), 0);
	expect_running();
	EXPECT_EQ(reads, 0);
}

/* No value in a frame gives rights. */
static void forged(void)
{
	static const struct {
		u32 selector, expected;
	} cases[] = {
		{ 0, 0 },   { 3, 3 }, { 4, 7 },		  { 0x10, 0x13 },
		{ 8, 0xb }, { 2, 2 }, { 0xffff, 0xffff }, { 0x20001, 3 },
	};
	vaddr_t context;

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 code = (cases[i].selector & 0xffff) | 3;

		start();
		EXPECT_EQ(push(0), 0);
		context = regs.esp + 8;
		for (u32 segment = 0; segment < 4; segment++)
			set_word(context + 4 * segment, cases[i].selector);
		set_word(context + 60, cases[i].selector | 0x50000); /* CS */
		set_word(context + 72, cases[i].selector | 0x50000);
		set_word(context + 64, 0xffffffff);
		scramble(context);
		EXPECT_EQ(signal_frame_pop(&regs), 0);
		EXPECT(regs.ds == cases[i].expected && regs.es == cases[i].expected);
		EXPECT(regs.fs == cases[i].expected && regs.gs == cases[i].expected);
		EXPECT(regs.cs == code && regs.ss == code);
		EXPECT_EQ(regs.eflags, 0x00050fd7);
	}
}

static void returns_with_fpu(void)
{
	start();
	current->fpu = &registers;
	EXPECT_EQ(push(0), 0);
	fpu_place = 1;
	scramble(regs.esp + 8);
	EXPECT_EQ(signal_frame_pop(&regs), 0);
	EXPECT(reads == 1 && fpu_place == ALIGN_DOWN(STACK - 700, 64));
	/* The handler has used them, the program had not. */
	start();
	EXPECT_EQ(push(SA_SIGINFO), 0);
	current->fpu = &registers;
	scramble(regs.esp + 4);
	EXPECT_EQ(signal_frame_pop_rt(&regs), 0);
	EXPECT(reads == 1 && fpu_place == 0);
	for (u32 rt = 0; rt < 2; rt++) {
		start();
		current->fpu = &registers;
		EXPECT_EQ(push(rt ? SA_SIGINFO : 0), 0);
		scramble(regs.esp + (rt ? 4 : 8));
		fpu_error = -EFAULT;
		EXPECT_EQ(rt ? signal_frame_pop_rt(&regs) : signal_frame_pop(&regs), -EFAULT);
		EXPECT_EQ(forced, 1);
	}
}

static void stack_restored(void)
{
	vaddr_t place;

	alternate(ALT_BYTES, SS_AUTODISARM);
	EXPECT_EQ(push(SA_ONSTACK | SA_SIGINFO), 0);
	EXPECT_EQ(current->altstack_size, 0);
	place = regs.esp;
	scramble(place + 4);
	EXPECT_EQ(signal_frame_pop_rt(&regs), 0);
	EXPECT(current->altstack == ALTERNATE && current->altstack_size == ALT_BYTES);
	EXPECT_EQ(current->altstack_flags, SS_AUTODISARM);
	/* Each part alone is a difference; one that is not valid is no error. */
	for (u32 part = 0; part < 3; part++) {
		const u32 values[] = { ALTERNATE + 16, SS_ONSTACK, ALT_BYTES + 16 };

		alternate(ALT_BYTES, 0);
		EXPECT_EQ(push(SA_SIGINFO), 0);
		place = regs.esp;
		set_word(place + 152 + 4 * part, values[part]);
		regs.esp = place + 4;
		EXPECT_EQ(signal_frame_pop_rt(&regs), 0);
		EXPECT_EQ(current->altstack, part == 0 ? values[0] : ALTERNATE);
		EXPECT_EQ(current->altstack_flags, part == 1 ? values[1] : 0);
		EXPECT_EQ(current->altstack_size, part == 2 ? values[2] : ALT_BYTES);
		set_word(place + 160, 5);
		regs.esp = place + 4;
		EXPECT_EQ(signal_frame_pop_rt(&regs), 0);
		EXPECT(current->altstack_size != 5 && !forced);
	}
}

static void bad_frames(void)
{
	start();
	console_clear();
	regs.esp = END - 700; /* all but the end of the frame */
	EXPECT_EQ(signal_frame_pop(&regs), -EFAULT);
	EXPECT(forced == 1 && regs.orig_eax == (u32)-1 && regs.ebx == 0x10 && blocked == 0);
	regs.esp = END - 200;
	EXPECT_EQ(signal_frame_pop_rt(&regs), -EFAULT);
	EXPECT(forced == 2 && blocked == 0);
	regs.esp = 0x1000;
	EXPECT_EQ(signal_frame_pop(&regs), -EFAULT);
	EXPECT_TEXT(console_text(), "");
	fatal = true;
	EXPECT_EQ(signal_frame_pop_rt(&regs), -EFAULT);
	EXPECT_TEXT(console_text(),
		    "signal: pid=7 name=program esp=0x00001000 error=\"bad frame\"\n");
}

/* A program that may not execute its stack: the kernel returns for it. */
static void run_by_kernel(void)
{
	start();
	EXPECT_EQ(push(0), 0);
	scramble(regs.esp + 4);
	regs.eip = word_at(regs.esp - 4);
	EXPECT(signal_run_retcode(&regs));
	expect_running();
	start();
	EXPECT_EQ(push(SA_SIGINFO), 0);
	scramble(regs.esp + 4);
	regs.eip = word_at(regs.esp - 4);
	EXPECT(signal_run_retcode(&regs));
	expect_running();
	for (u32 i = 0; i < 16; i++) { /* each byte counts */
		start();
		EXPECT_EQ(push(i < 8 ? 0 : SA_SIGINFO), 0);
		regs.eip = word_at(regs.esp);
		regs.esp += 4;
		user_bytes[regs.eip - USER_BYTES + i % 8] ^= 1;
		EXPECT(!signal_run_retcode(&regs));
		EXPECT(!forced && !blocked);
	}
	regs.eip = END - 7;
	EXPECT(!signal_run_retcode(&regs));
}

TAP_MAIN({ "returns", returns }, { "forged frames", forged },
	 { "with x87 and SSE", returns_with_fpu }, { "the alternate stack", stack_restored },
	 { "bad frames", bad_frames }, { "the kernel returns", run_by_kernel })
