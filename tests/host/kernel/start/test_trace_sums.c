/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own counters at the end of a trace, as lines of the log: sums over frames, zones,
 * slabs and address spaces. The structures are small ones of the test.
 */
#include <stdio.h>
#include <string.h>

#include "lib/types.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "mm/reclaim/reclaim.h"
#include "mm/slab/slab_internal.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

#define FRAMES 12u

static struct page frames_of[FRAMES];
static struct zone model_zones[NR_ZONES];
static struct list_head caches = LIST_HEAD_INIT(caches), spaces_list = LIST_HEAD_INIT(spaces_list);
static struct vmalloc_space model_vmalloc;
static struct fault_counters model_faults;
static struct reclaim_counters model_reclaim;
static struct swap_counters model_swap;

/* As many blocks as the square of their order; other zones have no pages. */
static u32 model_blocks(const struct zone *zone, u32 order)
{
	EXPECT(zone == &model_zones[0]);
	return order * order;
}

#define max_pfn		 FRAMES
#define pfn_to_page(pfn) (&frames_of[pfn])
#define zones		 model_zones
#define zone_free_blocks model_blocks
#define cache_list	 caches
#define mm_list		 spaces_list
#define vmalloc_space	 model_vmalloc
#define fault_counters	 model_faults
#define reclaim_counters model_reclaim
#define swap_counters	 model_swap
#include "kernel/start/trace_sums.c"

struct load load;

static void block(pfn_t pfn, enum page_owner owner, u32 order)
{
	frames_of[pfn].count = 1;
	frames_of[pfn].flags = (u32)owner << PAGE_OWNER_SHIFT;
	frames_of[pfn].block = BLOCK_USED | order;
}

static void sums(void)
{
	static struct kmem_cache first = { .slabs = 3, .inuse = 30 },
				 second = { .slabs = 4, .inuse = 5 };
	static struct mm_struct one = { .map_count = 7, .rss = 70 },
				two = { .map_count = 1, .rss = 2 };
	char expected[4000] = "trace: owner=slab frames=5\ntrace: owner=anon frames=3\n";
	size_t at = strlen(expected);

	block(0, OWNER_SLAB, 2);
	block(4, OWNER_ANON, 0);
	block(5, OWNER_ANON, 1);
	block(FRAMES - 1, OWNER_SLAB, 0);
	frames_of[7].block = 3; /* free */
	list_add_tail(&first.link, &caches);
	list_add_tail(&second.link, &caches);
	list_add_tail(&one.link, &spaces_list);
	list_add_tail(&two.link, &spaces_list);
	model_zones[0].name = "Normal";
	model_zones[0].present_pages = 1;
	model_vmalloc.count = 8;
	model_vmalloc.pages = 9;
	model_faults.resolved = 11;
	model_faults.refused = 12;
	model_faults.mapped_around = 13;
	model_faults.cow_copy = 14;
	model_faults.stack_growth = 15;
	model_reclaim.scanned = 16;
	model_reclaim.direct = 17;
	model_swap.pswpin = 18;
	model_swap.pswpout = 19;
	load.switches = 20;
	load.started = 21;
	trace_sums_print();
	for (u32 order = 0; order < MAX_ORDER; order++)
		at += (size_t)snprintf(expected + at, sizeof(expected) - at,
				       "trace: zone=Normal order=%u blocks=%u\n", order,
				       order * order);
	snprintf(expected + at, sizeof(expected) - at,
		 "trace: counter=slabs value=7\ntrace: counter=objects value=35\n"
		 "trace: counter=spaces value=2\ntrace: counter=areas value=8\n"
		 "trace: counter=mapped_frames value=72\n"
		 "trace: counter=vmalloc_areas value=8\ntrace: counter=vmalloc_pages value=9\n"
		 "trace: counter=faults value=11\ntrace: counter=faults_refused value=12\n"
		 "trace: counter=mapped_around value=13\ntrace: counter=cow_copies value=14\n"
		 "trace: counter=stack_growth value=15\ntrace: counter=pgscan value=16\n"
		 "trace: counter=direct_reclaims value=17\ntrace: counter=pswpin value=18\n"
		 "trace: counter=pswpout value=19\ntrace: counter=switches value=20\n"
		 "trace: counter=tasks_started value=21\n");
	EXPECT_TEXT(console_text(), expected);
}

TAP_MAIN({ "the lines", sums })
