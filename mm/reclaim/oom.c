/* SPDX-License-Identifier: MIT */
/* Out of memory: chooses a process, ends it and frees its memory. Numbers cite oom.h. */
#include "mm/reclaim/oom.h"
#include "lib/printk.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "paging/range.h"

/* More lines of the table would hide the rest of the log. */
#define TABLE_LINES 32u

static const struct oom_ops *ops;
static bool busy; /* the kill may allocate */

static int count_high(pte_t *pte, vaddr_t address, void *context)
{
	(void)address;
	if (pte_present(*pte) && pfn_valid(pte_pfn(*pte)))
		*(u32 *)context += page_highmem(pfn_to_page(pte_pfn(*pte)));
	return 0;
}

/*
 * What the space holds that helps such a request. The walk takes as long as unmapping does, and
 * only before a process ends.
 */
static u32 held(const struct mm_struct *mm, gfp_t gfp)
{
	u32 high = 0;

	if (!(gfp & __GFP_HIGHMEM) && zones[ZONE_HIGHMEM].present_pages)
		visit_range(mm->pgd, 0, TASK_SIZE, count_high, &high);
	return mm->rss - high + mm->nr_swap + mm->nr_ptes;
}

static s32 all_pages(void)
{
	return (s32)(nr_present_pages() + total_swap_pages);
}

static s32 badness(u32 pages, s32 adj)
{
	return (s32)pages + adj * (all_pages() / 1000);
}

u32 oom_score(const struct mm_struct *mm, s32 adj)
{
	if (adj == OOM_ADJ_MIN)
		return 0;
	return (u32)max(1000 + badness(held(mm, GFP_HIGHUSER), adj) / max(all_pages() / 1000, 1),
			0) *
	       2 / 3;
}

/* (1). A space that has no user any more is about to be freed, by a task that lets others run. */
static bool candidate_of(const struct mm_struct *mm, gfp_t gfp, struct oom_process *process)
{
	u32 pages;

	*process = (struct oom_process){ .name = "ended", .ending = true };
	if (mm->oom_victim || (mm->mm_users && !ops->process(mm, process)))
		return false;
	pages = held(mm, gfp);
	process->score = badness(pages, process->adj);
	return pages && (process->adj != OOM_ADJ_MIN || process->ending);
}

/* The one with the highest score; of equal ones, the youngest. NULL: there is none. */
static struct mm_struct *choose(gfp_t gfp, struct oom_process *process)
{
	struct mm_struct *mm, *best = NULL;

	list_for_each_entry (mm, &mm_list, link) {
		struct oom_process candidate;

		if (!candidate_of(mm, gfp, &candidate))
			continue;
		if (best && process->ending >= candidate.ending &&
		    (process->ending > candidate.ending || process->score >= candidate.score))
			continue;
		best = mm;
		*process = candidate;
	}
	return best;
}

static void print_table(gfp_t gfp, u32 order)
{
	const struct mm_struct *mm;
	u32 lines = 0;

	printk("oom: order=%u gfp=%#x free=%u swap_free=%u\n", order, gfp, nr_free_pages(),
	       nr_swap_pages);
	list_for_each_entry (mm, &mm_list, link) {
		struct oom_process process;

		if (!candidate_of(mm, gfp, &process))
			continue;
		if (lines++ < TABLE_LINES)
			printk("oom: pid=%d name=%s rss=%u swap=%u tables=%u adj=%d score=%d\n",
			       process.pid, process.name, mm->rss, mm->nr_swap, mm->nr_ptes,
			       process.adj, process.score);
	}
	if (lines > TABLE_LINES)
		printk("oom: more=%u\n", lines - TABLE_LINES);
}

/* Frees the victim's memory, and returns the number of frames and slots. */
static u32 reap(struct mm_struct *mm)
{
	u32 frames = nr_free_pages(), slots = nr_swap_pages;

	mm_reap(mm);
	shrink_caches(); /* page tables are cached */
	return nr_free_pages() - frames + nr_swap_pages - slots;
}

/* Ends the chosen process, and frees its memory. */
static u32 end_one(struct mm_struct *victim, const struct oom_process *process,
		   const struct mm_struct *own)
{
	u32 freed = 0;

	if (!process->ending) {
		reclaim_counters.oom_kills++;
		ops->kill(victim);
	}
	if (victim != own)
		freed = reap(victim);
	if (process->ending)
		printk("oom-reap: pid=%d name=%s score=%d freed=%u\n", process->pid, process->name,
		       process->score, freed);
	else
		printk("oom-kill: pid=%d name=%s score=%d freed=%u\n", process->pid, process->name,
		       process->score, freed);
	return freed;
}

u32 oom_kill(gfp_t gfp, u32 order)
{
	const struct mm_struct *own = ops->current_space();
	struct oom_process process;
	struct mm_struct *victim;
	u32 freed = 0;

	if (busy || !own || gfp & __GFP_DMA)
		return 0;
	if (!ops->process(own, &process) || process.ending)
		return 0;
	busy = true;
	/* What a victim shares with others does not come free: then it takes another one. */
	do {
		victim = choose(gfp, &process);
		if (victim && !process.ending)
			print_table(gfp, order);
		if (victim)
			freed = end_one(victim, &process, own);
	} while (victim && victim != own && !freed);
	busy = false;
	return freed;
}

void oom_init(const struct oom_ops *of_kernel)
{
	ops = of_kernel;
	set_out_of_memory(oom_kill);
}
