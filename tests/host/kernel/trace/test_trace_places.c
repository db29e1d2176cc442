/* SPDX-License-Identifier: MIT */
/*
 * Where the kernel is patched for the chosen events; the events of faults and system calls; and
 * the checkpoints. The code that is patched is an array, the linker finds its list of places.
 */
#include <string.h>

#include "kernel/cpu/cpu.h"
#include "kernel/cpu/trap.h"
#include "kernel/trace/trace.h"
#include "lib/trace/ring.h"
#include "lib/trace/trace.h"
#include "mm/frames/trace_events.h"
#include "mm/slab/trace_events.h"
#include "mm/user_space/trace_events.h"
#include "tests/host/console.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

/* The number of words depends on the event. */
static void model_record(enum trace_event event, ...);

static struct trace_stat model_stat;

#define trace_record	    model_record
#define trace_stat	    model_stat
#define trace_book_frames() note("frames ")
#define trace_book_slabs()  note("slabs ")
#define trace_book_spaces() note("spaces ")
#define read_cr2()	    0x1234u
#include "kernel/trace/books.c"
#include "kernel/trace/calls.c"
#include "kernel/trace/sites.c"

#include <stdarg.h>

static bool chosen[1000];

static void model_record(enum trace_event event, ...)
{
	u32 words = event == TRACE_sys_enter					 ? 7
		    : event == TRACE_sys_exit					 ? 2
		    : event == TRACE_checkpoint || event == TRACE_checkpoint_end ? 1
										 : 3;
	va_list list;

	note("%s", event == TRACE_sys_enter	      ? "enter"
		   : event == TRACE_sys_exit	      ? "exit"
		   : event == TRACE_checkpoint	      ? "checkpoint"
		   : event == TRACE_checkpoint_end    ? "end"
		   : event == TRACE_page_fault_user   ? "user"
		   : event == TRACE_page_fault_kernel ? "kernel"
						      : "?");
	va_start(list, event);
	for (u32 i = 0; i < words; i++)
		note(" %lx", event == TRACE_page_fault_kernel && i == 1
				     ? (unsigned long)(uintptr_t)va_arg(list, void *)
				     : va_arg(list, u32));
	va_end(list);
	note(", ");
}

bool trace_chosen(u32 event)
{
	return event < ARRAY_SIZE(chosen) && chosen[event];
}

void do_page_fault(struct pt_regs *regs, u32 error_code, u32 address)
{
	(void)regs;
	note("fault %x %x, ", error_code, address);
}

void trap_dispatch(struct pt_regs *regs, u32 vector, u32 error_code)
{
	(void)regs;
	note("trap %u %x, ", vector, error_code);
}

void do_syscall(struct pt_regs *regs)
{
	note("call %u, ", regs->eax);
	regs->eax = 0x77;
}

/* ---- Places ---- */

enum { NOP, REPLACED, TRAP, SYSCALL, PLACES };

static u8 code[PLACES][8];
static u8 targets[PLACES];
static struct trace_site places[PLACES] __attribute__((section("__trace_sites"), used));

static void unpatched(void)
{
	static const u8 first[PLACES] = { 0x3e, 0x55, 0xe8, 0xe8 };
	static const u32 events[PLACES] = { TRACE_tlb_flush, TRACE_clock | TRACE_REPLACED,
					    TRACE_CALL_TRAP, TRACE_CALL_SYSCALL };

	memset(chosen, 0, sizeof(chosen));
	for (u32 i = 0; i < PLACES; i++) {
		memset(code[i], 0xcc, sizeof(code[i]));
		code[i][0] = first[i];
		places[i] = (struct trace_site){
			.nop = (s32)(code[i] - (u8 *)&places[i].nop),
			.target = (s32)(&targets[i] - (u8 *)&places[i].target),
			.event = events[i],
		};
	}
}

static bool is_patched(u32 place, u8 opcode)
{
	s32 distance;

	memcpy(&distance, &code[place][1], sizeof(distance));
	if (code[place][0] != opcode || code[place][1] == 0xcc)
		return false;
	EXPECT_EQ((uintptr_t)code[place] + 5 + (uintptr_t)distance, (uintptr_t)&targets[place]);
	EXPECT(code[place][5] == 0xcc);
	return true;
}

/* Of each event, the places that it turns on. */
static void patches(void)
{
	static const struct {
		u32 event;
		u32 place;
	} cases[] = {
		{ TRACE_tlb_flush, NOP },	 { TRACE_clock, REPLACED },
		{ TRACE_page_fault_user, TRAP }, { TRACE_page_fault_kernel, TRAP },
		{ TRACE_sys_enter, SYSCALL },	 { TRACE_sys_exit, SYSCALL },
		{ TRACE_run_begin, PLACES },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		unpatched();
		chosen[cases[i].event] = true;
		trace_patch();
		for (u32 place = 0; place < PLACES; place++)
			tap_check(is_patched(place, place >= TRAP ? 0xe8 : 0xe9) ==
					  (place == cases[i].place),
				  __FILE__, __LINE__, "case %u place %u", i, place);
	}
}

/* The code must be what the place says. */
static void other_code(void)
{
	for (u32 place = 0; place < PLACES; place++) {
		unpatched();
		memset(chosen, 1, sizeof(chosen));
		code[place][0] = 0x90;
		if (place == REPLACED)
			trace_patch();
		else
			EXPECT_PANIC("*nop !=", trace_patch());
	}
}

/* ---- Faults and calls ---- */

static struct pt_regs regs;

static void begin(u32 cs)
{
	regs = (struct pt_regs){ .ebx = 1,
				 .ecx = 2,
				 .edx = 3,
				 .esi = 4,
				 .edi = 5,
				 .ebp = 6,
				 .eax = 90,
				 .eip = 0xe1,
				 .cs = cs };
	did[0] = '\0';
	memset(chosen, 0, sizeof(chosen));
}

static void faults(void)
{
	begin(0x23);
	do_page_fault_traced(&regs, 6, 0x5000);
	EXPECT_TEXT(did, "fault 6 5000, ");
	begin(0x23);
	chosen[TRACE_page_fault_user] = true;
	do_page_fault_traced(&regs, 6, 0x5000);
	EXPECT_TEXT(did, "user 5000 e1 6, fault 6 5000, ");
	begin(0x10);
	chosen[TRACE_page_fault_user] = true;
	trap_dispatch_traced(&regs, 14, 2);
	EXPECT_TEXT(did, "trap 14 2, ");
	begin(0x10);
	chosen[TRACE_page_fault_kernel] = true;
	trap_dispatch_traced(&regs, 14, 2);
	EXPECT_TEXT(did, "kernel 1234 e1 2, trap 14 2, ");
	begin(0x10);
	chosen[TRACE_page_fault_kernel] = true;
	trap_dispatch_traced(&regs, 13, 2);
	EXPECT_TEXT(did, "trap 13 2, ");
	begin(0x23);
	chosen[TRACE_page_fault_kernel] = true;
	trap_dispatch_traced(&regs, 14, 4);
	EXPECT_TEXT(did, "trap 14 4, ");
}

/* The number is that of the call, which its result replaces. */
static void calls(void)
{
	begin(0x23);
	do_syscall_traced(&regs);
	EXPECT_TEXT(did, "call 90, ");
	begin(0x23);
	chosen[TRACE_sys_enter] = true;
	do_syscall_traced(&regs);
	EXPECT_TEXT(did, "enter 5a 1 2 3 4 5 6, call 90, ");
	begin(0x23);
	chosen[TRACE_sys_exit] = true;
	do_syscall_traced(&regs);
	EXPECT_TEXT(did, "call 90, exit 5a 77, ");
}

/* ---- Checkpoints ---- */

#define BOOK(number) "checkpoint " number ", frames slabs spaces end " number ", "

/* At the first entry of the kernel, and then at each n-th. */
static void checkpoints(void)
{
	begin(0x23);
	trace_books(0);
	EXPECT_TEXT(did, "");
	for (u32 i = 0; i < 7; i++) {
		trace_books(3);
		note("%u ", i);
	}
	EXPECT_TEXT(did, BOOK("1") "0 1 2 " BOOK("2") "3 4 5 " BOOK("3") "6 ");
	did[0] = '\0';
	model_stat.stopped = true;
	for (u32 i = 0; i < 7; i++)
		trace_books(3);
	EXPECT_TEXT(did, "");
}

static void checkpoints_of_each_way(void)
{
	begin(0x23);
	trace_books_every = 1;
	do_page_fault_traced(&regs, 6, 0x5000);
	EXPECT_TEXT(did, BOOK("1") "fault 6 5000, ");
	begin(0x23);
	do_syscall_traced(&regs);
	EXPECT_TEXT(did, BOOK("2") "call 90, ");
	begin(0x10);
	trap_dispatch_traced(&regs, 14, 2); /* a structure may be in the middle of a change */
	EXPECT_TEXT(did, "trap 14 2, ");
}

TAP_MAIN({ "places of the chosen events", patches }, { "other code than expected", other_code },
	 { "page faults", faults }, { "system calls", calls }, { "checkpoints", checkpoints },
	 { "checkpoints by faults and calls", checkpoints_of_each_way })
