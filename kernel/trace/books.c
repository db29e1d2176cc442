/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints of a trace: the state of memory as the kernel has it, as records. They show that the
 * events are complete: tools/account computes the same state from these alone, and compares.
 *
 * They are taken where a program enters the kernel: then no structure is in the middle of a
 * change.
 */
#include "kernel/trace/trace.h"
#include "lib/trace/ring.h"
#include "mm/frames/trace_events.h"
#include "mm/slab/trace_events.h"
#include "mm/user_space/trace_events.h"

static u32 entries_left, taken;

void trace_books(u32 every)
{
	if (!every || trace_stat.stopped || (entries_left && --entries_left))
		return;
	entries_left = every;
	taken++;
	trace_record(TRACE_checkpoint, taken);
	trace_book_frames();
	trace_book_slabs();
	trace_book_spaces();
	trace_record(TRACE_checkpoint_end, taken);
}
