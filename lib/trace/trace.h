/* SPDX-License-Identifier: MIT */
/*
 * Trace points: what memory management does, event by event, at the price of one instruction a
 * place as long as no one wants to know.
 *
 *     trace(mm_page_alloc, page, gfp, caller);
 *
 *   place in the code:   nop (5 bytes) --- patched at boot for the groups of trace= ---> jmp
 *                         |                                                              |
 *                         v                                                              v
 *                     the next instruction <------- trace_mm_page_alloc(), which records the event
 *
 * lib/trace/events.h lists all events; each has its function trace_NAME(), in trace_events.c of
 * the room that records it. kernel/trace/ patches the places and reads the ring. On the host the
 * places stay off, and the functions can be called.
 *
 * Any context, interrupt handlers included. Nothing here sleeps, allocates or fails.
 */
#ifndef LIB_TRACE_TRACE_H
#define LIB_TRACE_TRACE_H

#include "lib/types.h"

#define TRACE_TEXT 16u /* bytes of a TEXT field, the NUL included */

/* TRACE_mm_page_alloc, ...: numbers of the events. */
enum trace_event {
#define TRACE_FIELD(kind, name)
#define TRACE_EVENT(group, name, fields) TRACE_##name,
#include "lib/trace/events.h"
#undef TRACE_EVENT
#undef TRACE_FIELD
	TRACE_EVENTS
};

/* The ways in which a page fault is handled: the field `kind` of the event fault. */
#define TRACE_FAULT_NAMES \
	"zero-page,fresh-page,mapped-page,cow-copy,cow-reuse,swapped-in,spurious,refused"
enum trace_fault_kind {
	TRACE_FAULT_ZERO_PAGE,
	TRACE_FAULT_FRESH_PAGE,
	TRACE_FAULT_MAPPED_PAGE,
	TRACE_FAULT_COW_COPY,
	TRACE_FAULT_COW_REUSE,
	TRACE_FAULT_SWAPPED_IN,
	TRACE_FAULT_SPURIOUS,
	TRACE_FAULT_REFUSED,
};

/* What a flush of the TLB drops: the field `reason` of tlb_flush. */
#define TRACE_FLUSH_NAMES "page,all,kernel,switch"
enum trace_flush { TRACE_FLUSH_PAGE, TRACE_FLUSH_ALL, TRACE_FLUSH_KERNEL, TRACE_FLUSH_SWITCH };

/*
 * Records an event, with a word for each of its fields; for a TEXT a pointer to it. The functions
 * trace_NAME() of the rooms call it.
 */
void trace_record(enum trace_event event, ...);

/* An address as a field: that of the kernel is a number of 32 bits. */
static inline u32 trace_address(const void *pointer)
{
	return (u32)(uintptr_t)pointer;
}

/* A place in the code with an event, in a section of the kernel's image. */
struct trace_site {
	s32 nop;    /* from this word to the instruction */
	s32 target; /* from this word to where it jumps if the event is on */
	u32 event;  /* with TRACE_REPLACED: the instruction is the first one of a function */
};

#define TRACE_REPLACED 0x20000

/* Cppcheck 2.17 cannot read `asm inline goto`. */
#if defined(__i386__) && !__STDC_HOSTED__ && !defined(__cppcheck__)

/*
 * The instruction that does nothing is `lea 0(%esi), %esi` in 5 bytes, which every i386 has. NOPL
 * is not there on all of them.
 */
#define TRACE_NOP "661: .byte 0x3e, 0x8d, 0x74, 0x26, 0x00\n\t"
#define TRACE_ENTRY(target)                                             \
	".pushsection __trace_sites, \"a\", @progbits\n\t.balign 4\n\t" \
	".long 661b - ., " target " - ., %c0\n\t.popsection"

/*
 * The call of trace_NAME() lies elsewhere and changes no register (lib/trace/call.S), so the code
 * around the place is as if it were not there. An argument is in a register or constant; memory
 * is as the compiler left it: pass values, or use trace_state().
 */
#define TRACE_PLACE(name, a, b, c, memory)                                                         \
	__asm__ volatile inline(                                                                   \
		TRACE_NOP "662:\n\t.pushsection .text.trace, \"ax\", @progbits\n"                  \
			  "663: pushl %3\n\tpushl %2\n\tpushl %1\n\tpushl $trace_" #name           \
			  "\n\tcall trace_call\n\tjmp 662b\n\t.popsection\n\t" TRACE_ENTRY("663b") \
		:                                                                                  \
		: "i"(TRACE_##name), "ri"(a), "ri"(b), "ri"(c)                                     \
		: memory)

/*
 * A store through a page-table pointer is traced without having the pointer in a register: its
 * operand is the memory that it names.
 */
#define TRACE_STORE(name, place, value)                                                            \
	__asm__ volatile inline(                                                                   \
		TRACE_NOP "662:\n\t.pushsection .text.trace, \"ax\", @progbits\n"                  \
			  "663: pushl $0\n\tpushl %2\n\tpushl %%eax\n\tleal %1, %%eax\n\t"         \
			  "xchgl %%eax, (%%esp)\n\tpushl $trace_" #name                            \
			  "\n\tcall trace_call\n\tjmp 662b\n\t.popsection\n\t" TRACE_ENTRY("663b") \
		:                                                                                  \
		: "i"(TRACE_##name), "m"(*(place)), "ri"(value))

/*
 * At file level: if the event is on, a jump at the entry of `function` goes to `traced`. Off, it
 * costs nothing. Both are TRACED: the compiler may not copy them into callers.
 */
#define TRACED __attribute__((noipa, used))
#define TRACE_REPLACE(event, function, traced)                                                   \
	static __attribute__((used)) void trace_replace_##function(void)                         \
	{                                                                                        \
		__asm__ volatile(".pushsection __trace_sites, \"a\", @progbits\n\t.balign 4\n\t" \
				 ".long " #function " - ., " #traced " - ., %c0\n\t"             \
				 ".popsection"                                                   \
				 :                                                               \
				 : "i"(TRACE_REPLACED | TRACE_##event));                         \
	}

/* False; true where the event is on. For code that is not run often. */
static inline __attribute__((always_inline)) bool trace_on(const enum trace_event event)
{
	__asm__ inline goto(TRACE_NOP TRACE_ENTRY("%l1") : : "i"(event) : : on);
	return false;
on:
	return true;
}

#else

#define TRACE_PLACE(name, a, b, c, memory)     ((void)(a), (void)(b), (void)(c))
#define TRACE_STORE(name, place, value)	       ((void)(place), (void)(value))
#define TRACED				       __attribute__((used))
#define TRACE_REPLACE(event, function, traced) _Static_assert(sizeof(&(traced)) != 0, "")

static inline bool trace_on(enum trace_event event)
{
	(void)event;
	return false;
}

#endif

/* A function that both inline, the one that is replaced and the one that traces. */
#define TRACED_BODY static inline __attribute__((always_inline))

#define TRACE_WORD(x) ((u32)(uintptr_t)(x))
#define TRACE_1(memory, name, a)                                \
	do {                                                    \
		if (0)                                          \
			trace_##name(a);                        \
		TRACE_PLACE(name, TRACE_WORD(a), 0, 0, memory); \
	} while (0)
#define TRACE_2(memory, name, a, b)                                         \
	do {                                                                \
		if (0)                                                      \
			trace_##name(a, b);                                 \
		TRACE_PLACE(name, TRACE_WORD(a), TRACE_WORD(b), 0, memory); \
	} while (0)
#define TRACE_3(memory, name, a, b, c)                                                  \
	do {                                                                            \
		if (0)                                                                  \
			trace_##name(a, b, c);                                          \
		TRACE_PLACE(name, TRACE_WORD(a), TRACE_WORD(b), TRACE_WORD(c), memory); \
	} while (0)
#define TRACE_PICK(a, b, c, chosen, ...) chosen

/* If the event is on, calls trace_NAME() with one to three words: values, or addresses. */
#define trace(name, ...) \
	TRACE_PICK(__VA_ARGS__, TRACE_3, TRACE_2, TRACE_1, 0)("cc", name, __VA_ARGS__)

/* The same, where trace_NAME() reads what the arguments point to. */
#define trace_state(name, ...) \
	TRACE_PICK(__VA_ARGS__, TRACE_3, TRACE_2, TRACE_1, 0)("memory", name, __VA_ARGS__)

#endif
