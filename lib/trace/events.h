/* SPDX-License-Identifier: MIT */
/*
 * The table of all trace events: the only place that lists them. The kernel's record function
 * takes its arguments as the table says, and the description that a trace begins with is made of
 * the table (kernel/trace/describe.c); tools/ decode by that description. So they cannot
 * disagree.
 *
 *     TRACE_EVENT(group, name, fields)     fields: TRACE_FIELD(kind, name) ...
 *
 * Names and fields are Linux's where Linux has the event (include/trace/events/), with more
 * fields behind Linux's own. The kinds of a field:
 *
 *     NUMBER   decimal                     FRAME    number of a frame
 *     SIGNED   decimal, with a sign        CODE     address of code
 *     HEX      hexadecimal                 ADDRESS  of memory: user, or kernel
 *     TEXT     15 characters at most       OWNER    enum page_owner
 *     FAULT    enum trace_fault_kind       FLUSH    enum trace_flush
 *
 * Included more than once: no guard. Each includer defines both macros, and undefines them.
 * docs/trace.md explains each event.
 */

/* Always recorded, once: the time-stamp counter's rate; 0: unknown. kernel/start/main.c */
TRACE_EVENT(run, clock, TRACE_FIELD(NUMBER, khz))

/* Always recorded too: a suite or program begins, and ends; 1: passed. kernel/harness/report.c */
TRACE_EVENT(run, run_begin, TRACE_FIELD(TEXT, name))
TRACE_EVENT(run, run_end, TRACE_FIELD(TEXT, name) TRACE_FIELD(NUMBER, passed))

/* Frames: mm/frames/page_alloc.c. Hot frames come and go without the buddy system. */
TRACE_EVENT(kmem, mm_page_alloc,
	    TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, order) TRACE_FIELD(HEX, gfp_flags)
		    TRACE_FIELD(OWNER, owner) TRACE_FIELD(CODE, call_site))
TRACE_EVENT(kmem, mm_page_free, TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, order))
/* An allocated frame is reserved from now on: the zero page. */
TRACE_EVENT(kmem, mm_page_reserve, TRACE_FIELD(FRAME, pfn))

/* Objects: mm/slab/slab.c, kmalloc.c. `cache` is its address, as in slab_create. */
TRACE_EVENT(kmem, kmalloc,
	    TRACE_FIELD(CODE, call_site) TRACE_FIELD(ADDRESS, ptr) TRACE_FIELD(NUMBER, bytes_req)
		    TRACE_FIELD(NUMBER, bytes_alloc) TRACE_FIELD(HEX, gfp_flags))
TRACE_EVENT(kmem, kfree, TRACE_FIELD(CODE, call_site) TRACE_FIELD(ADDRESS, ptr))
TRACE_EVENT(kmem, kmem_cache_alloc,
	    TRACE_FIELD(CODE, call_site) TRACE_FIELD(ADDRESS, ptr) TRACE_FIELD(ADDRESS, cache)
		    TRACE_FIELD(NUMBER, bytes_alloc) TRACE_FIELD(HEX, gfp_flags))
TRACE_EVENT(kmem, kmem_cache_free,
	    TRACE_FIELD(CODE, call_site) TRACE_FIELD(ADDRESS, ptr) TRACE_FIELD(ADDRESS, cache))

/* The buddy system of the machine's zones: mm/frames/buddy.c. `zone` is enum zone_index. */
TRACE_EVENT(buddy, zone_create,
	    TRACE_FIELD(NUMBER, zone) TRACE_FIELD(TEXT, name) TRACE_FIELD(FRAME, start)
		    TRACE_FIELD(FRAME, end))
TRACE_EVENT(buddy, block_alloc,
	    TRACE_FIELD(NUMBER, zone) TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, order)
		    TRACE_FIELD(NUMBER, split_from))
TRACE_EVENT(buddy, block_free,
	    TRACE_FIELD(NUMBER, zone) TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, order)
		    TRACE_FIELD(FRAME, merged) TRACE_FIELD(NUMBER, merged_to))
/* All frames of a block become hot: mm/frames/page_alloc.c. */
TRACE_EVENT(buddy, hot_refill,
	    TRACE_FIELD(NUMBER, zone) TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, order))

/* Slabs: mm/slab/slab.c. `start` is the address of the first object. */
TRACE_EVENT(slab, slab_create,
	    TRACE_FIELD(ADDRESS, cache) TRACE_FIELD(TEXT, name) TRACE_FIELD(FRAME, pfn)
		    TRACE_FIELD(NUMBER, order) TRACE_FIELD(NUMBER, objects)
			    TRACE_FIELD(NUMBER, size) TRACE_FIELD(ADDRESS, start))
TRACE_EVENT(slab, slab_destroy,
	    TRACE_FIELD(ADDRESS, cache) TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, order))

/*
 * Areas of the kernel's window: mm/kernel_space/vmalloc.c. `size` is in bytes, without the guard
 * page; `failed` is 1, and `addr` 0, if no addresses were free.
 */
TRACE_EVENT(vmalloc, alloc_vmap_area,
	    TRACE_FIELD(ADDRESS, addr) TRACE_FIELD(NUMBER, size) TRACE_FIELD(NUMBER, align)
		    TRACE_FIELD(ADDRESS, vstart) TRACE_FIELD(ADDRESS, vend)
			    TRACE_FIELD(NUMBER, failed))
TRACE_EVENT(vmalloc, free_vmap_area, TRACE_FIELD(ADDRESS, addr) TRACE_FIELD(NUMBER, size))

/* The TLB: kernel/cpu/cpu.c. `address` is of the page, or with `switch` the new directory's. */
TRACE_EVENT(tlb, tlb_flush, TRACE_FIELD(FLUSH, reason) TRACE_FIELD(ADDRESS, address))

/*
 * Exceptions and system calls, by the calls of kernel/cpu/trap_entry.S: kernel/trace/calls.c.
 * Those of page faults carry Linux's error code.
 */
TRACE_EVENT(exceptions, page_fault_user,
	    TRACE_FIELD(ADDRESS, address) TRACE_FIELD(ADDRESS, ip) TRACE_FIELD(HEX, error_code))
TRACE_EVENT(exceptions, page_fault_kernel,
	    TRACE_FIELD(ADDRESS, address) TRACE_FIELD(CODE, ip) TRACE_FIELD(HEX, error_code))
TRACE_EVENT(raw_syscalls, sys_enter,
	    TRACE_FIELD(NUMBER, id) TRACE_FIELD(HEX, arg0) TRACE_FIELD(HEX, arg1)
		    TRACE_FIELD(HEX, arg2) TRACE_FIELD(HEX, arg3) TRACE_FIELD(HEX, arg4)
			    TRACE_FIELD(HEX, arg5))
TRACE_EVENT(raw_syscalls, sys_exit, TRACE_FIELD(NUMBER, id) TRACE_FIELD(SIGNED, ret))

/*
 * How a fault on memory of a program was handled, after it: mm/user_space/page_fault.c. Those that
 * the kernel makes for a program (MAP_POPULATE, execve) are here too, without an exception. `pfn`
 * is the frame that is mapped now, or 0; `around` counts cached neighbours that were mapped too;
 * `grown` is 1 if the stack grew.
 */
TRACE_EVENT(faults, fault,
	    TRACE_FIELD(FAULT, kind) TRACE_FIELD(ADDRESS, address) TRACE_FIELD(FRAME, pfn)
		    TRACE_FIELD(NUMBER, around) TRACE_FIELD(NUMBER, grown))

/* A fault makes a private copy of a page: mm/user_space/page_fault.c, file_fault.c. */
TRACE_EVENT(faults, page_copy,
	    TRACE_FIELD(ADDRESS, address) TRACE_FIELD(FRAME, to) TRACE_FIELD(FRAME, from))

/* Areas: mm/user_space/vma.c. `mm` is the address of the mm_struct. */
TRACE_EVENT(areas, mm_create, TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(FRAME, pgd))
TRACE_EVENT(areas, mm_destroy, TRACE_FIELD(ADDRESS, mm))
TRACE_EVENT(areas, area_insert,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, end)
		    TRACE_FIELD(HEX, flags) TRACE_FIELD(ADDRESS, mapping)
			    TRACE_FIELD(NUMBER, pgoff))
TRACE_EVENT(areas, area_remove,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, end))
TRACE_EVENT(areas, area_split,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, at)
		    TRACE_FIELD(ADDRESS, end))
TRACE_EVENT(areas, area_merge,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, next)
		    TRACE_FIELD(ADDRESS, end))
TRACE_EVENT(areas, area_set_start,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, end)
		    TRACE_FIELD(ADDRESS, to))
TRACE_EVENT(areas, area_set_end,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, end)
		    TRACE_FIELD(ADDRESS, to))
TRACE_EVENT(areas, area_flags,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, end)
		    TRACE_FIELD(HEX, flags))

/*
 * Entries: paging/pgtable.h. `place` is the kernel's address of the entry; 0 clears it. Of an
 * entry of 64 bits, `entry` is the low half. pgd_set: the first of three levels, with PAGING=pae
 * only.
 */
TRACE_EVENT(entries, pte_set, TRACE_FIELD(ADDRESS, place) TRACE_FIELD(HEX, entry))
TRACE_EVENT(entries, pmd_set, TRACE_FIELD(ADDRESS, place) TRACE_FIELD(HEX, entry))
TRACE_EVENT(entries, pgd_set, TRACE_FIELD(ADDRESS, place) TRACE_FIELD(HEX, entry))

/*
 * Pages of objects in memory: mm/page_cache/filemap.c. Linux has an inode's number for `mapping`.
 */
TRACE_EVENT(filemap, mm_filemap_add_to_page_cache,
	    TRACE_FIELD(ADDRESS, mapping) TRACE_FIELD(NUMBER, index) TRACE_FIELD(FRAME, pfn))
TRACE_EVENT(filemap, mm_filemap_delete_from_page_cache,
	    TRACE_FIELD(ADDRESS, mapping) TRACE_FIELD(NUMBER, index) TRACE_FIELD(FRAME, pfn))

/* Reclaim: mm/reclaim/vmscan.c, kernel/process/kswapd.c. */
TRACE_EVENT(vmscan, mm_vmscan_kswapd_wake, TRACE_FIELD(NUMBER, free))
TRACE_EVENT(vmscan, mm_vmscan_kswapd_sleep, TRACE_FIELD(NUMBER, free))
TRACE_EVENT(vmscan, mm_vmscan_direct_reclaim_begin,
	    TRACE_FIELD(NUMBER, order) TRACE_FIELD(HEX, gfp_flags))
TRACE_EVENT(vmscan, mm_vmscan_direct_reclaim_end, TRACE_FIELD(NUMBER, nr_reclaimed))
TRACE_EVENT(vmscan, mm_vmscan_lru_shrink_inactive,
	    TRACE_FIELD(NUMBER, nr_scanned) TRACE_FIELD(NUMBER, nr_reclaimed))

/* A page is written to a slot, or was read from it: mm/swap/swap_cache.c. */
TRACE_EVENT(swap, swap_out, TRACE_FIELD(FRAME, pfn) TRACE_FIELD(HEX, slot))
TRACE_EVENT(swap, swap_in, TRACE_FIELD(FRAME, pfn) TRACE_FIELD(HEX, slot))

/* Tasks: kernel/task/sched.c, kernel/process/, kernel/exec/exec.c. States are enum task_state. */
TRACE_EVENT(sched, sched_switch,
	    TRACE_FIELD(TEXT, prev_comm) TRACE_FIELD(NUMBER, prev_pid)
		    TRACE_FIELD(NUMBER, prev_prio) TRACE_FIELD(NUMBER, prev_state)
			    TRACE_FIELD(TEXT, next_comm) TRACE_FIELD(NUMBER, next_pid)
				    TRACE_FIELD(NUMBER, next_prio))
TRACE_EVENT(sched, sched_wakeup,
	    TRACE_FIELD(TEXT, comm) TRACE_FIELD(NUMBER, pid) TRACE_FIELD(NUMBER, prio))
TRACE_EVENT(sched, sched_process_fork,
	    TRACE_FIELD(TEXT, parent_comm) TRACE_FIELD(NUMBER, parent_pid)
		    TRACE_FIELD(TEXT, child_comm) TRACE_FIELD(NUMBER, child_pid))
TRACE_EVENT(sched, sched_process_exec, TRACE_FIELD(TEXT, comm) TRACE_FIELD(NUMBER, pid))
TRACE_EVENT(sched, sched_process_exit,
	    TRACE_FIELD(TEXT, comm) TRACE_FIELD(NUMBER, pid) TRACE_FIELD(NUMBER, prio))

/*
 * The kernel's books as they are, between checkpoint and checkpoint_end: kernel/trace/books.c.
 * Only with trace_books=; tools/account compares them with what it makes of all other events.
 */
TRACE_EVENT(books, checkpoint, TRACE_FIELD(NUMBER, number))
/* Frames that follow each other and are equal; `word`: see mm/frames/trace_events.h. */
TRACE_EVENT(books, book_frames,
	    TRACE_FIELD(FRAME, pfn) TRACE_FIELD(NUMBER, frames) TRACE_FIELD(HEX, word)
		    TRACE_FIELD(NUMBER, count))
/* The free blocks of a zone, from the head of each list on; order 255: its hot frames. */
TRACE_EVENT(books, book_block,
	    TRACE_FIELD(NUMBER, zone) TRACE_FIELD(NUMBER, order) TRACE_FIELD(FRAME, pfn))
/* A word of a bitmap that is not 0. */
TRACE_EVENT(books, book_map,
	    TRACE_FIELD(NUMBER, zone) TRACE_FIELD(NUMBER, order) TRACE_FIELD(NUMBER, index)
		    TRACE_FIELD(HEX, word))
/*
 * The slabs of a cache, from the head of each list on (0: full, 1: partial, 2: free). The chain
 * of free objects follows, an index in each byte; 0xff ends it.
 */
TRACE_EVENT(books, book_slab,
	    TRACE_FIELD(ADDRESS, cache) TRACE_FIELD(NUMBER, list) TRACE_FIELD(FRAME, pfn)
		    TRACE_FIELD(NUMBER, inuse) TRACE_FIELD(ADDRESS, start))
TRACE_EVENT(books, book_chain,
	    TRACE_FIELD(HEX, bytes0) TRACE_FIELD(HEX, bytes4) TRACE_FIELD(HEX, bytes8)
		    TRACE_FIELD(HEX, bytes12) TRACE_FIELD(HEX, bytes16) TRACE_FIELD(HEX, bytes20)
			    TRACE_FIELD(HEX, bytes24) TRACE_FIELD(HEX, bytes28))
TRACE_EVENT(books, book_area,
	    TRACE_FIELD(ADDRESS, mm) TRACE_FIELD(ADDRESS, start) TRACE_FIELD(ADDRESS, end)
		    TRACE_FIELD(HEX, flags) TRACE_FIELD(ADDRESS, mapping)
			    TRACE_FIELD(NUMBER, pgoff))
/* An entry that is not 0, of a page directory's lower part or of a page table. */
TRACE_EVENT(books, book_entry, TRACE_FIELD(ADDRESS, place) TRACE_FIELD(HEX, entry))
TRACE_EVENT(books, checkpoint_end, TRACE_FIELD(NUMBER, number))
