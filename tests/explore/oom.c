/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: a few processes with up to two pages each; requests that nothing can serve, of
 * each process and of the kernel, for each kind of memory.
 *
 *   model: for each process its pages, whether it is protected, about to end, and reaped; and the
 *          order in which they began
 *
 * In each state a request is judged: which process is ended, and what comes free at once.
 */
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/oom.h"
#include "tests/explore/explore.h"
#include "tests/explore/spaces.h"
#include "tests/host/user.h"

#define PROCESSES_MAX 3u
#define PAGES	      2u

enum operation { OP_START, OP_WRITE, OP_PROTECT, OP_EXIT, OP_REQUEST, REQUESTS = 3 };
/* of a process; a request also of a kernel task */
enum { KERNEL = OP_REQUEST * PROCESSES_MAX + REQUESTS * PROCESSES_MAX, OPERATIONS };

const struct world world = { "oom", "processes", 1, PROCESSES_MAX, 2, 3, OPERATIONS };

static const gfp_t kinds[REQUESTS] = { GFP_HIGHUSER, GFP_KERNEL, GFP_KERNEL | __GFP_DMA };
static struct process {
	struct mm_struct *mm;
	vaddr_t area;
	u32 pages, began;
	bool protected, ending, reaped;
} processes[PROCESSES_MAX];
static u32 most, began;
static const struct mm_struct *own;
static const struct mm_struct *killed;

static bool process_of(const struct mm_struct *mm, struct oom_process *process)
{
	for (u32 i = 0; mm && i < most; i++) {
		if (processes[i].mm != mm)
			continue;
		*process = (struct oom_process){ (int)i + 1, "explored", processes[i].ending,
						 processes[i].protected ? OOM_ADJ_MIN : 0, 0 };
		return true;
	}
	return false;
}

static void kill(const struct mm_struct *mm)
{
	EXPLORE_CHECK(!killed);
	killed = mm;
}

static const struct mm_struct *current_space(void)
{
	return own;
}

static const struct oom_ops ops = { process_of, kill, current_space };

void world_start(u32 size)
{
	most = size;
	spaces_start();
	oom_init(&ops);
}

static bool start(struct process *process)
{
	if (process->mm)
		return false;
	process->mm = mm_alloc();
	EXPLORE_CHECK(process->mm);
	process->area = user_map(process->mm, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	process->began = ++began;
	return true;
}

static bool write_page(struct process *process)
{
	enum fault_result wanted = process->reaped ? FAULT_OOM : FAULT_OK;

	if (!process->mm || process->pages == PAGES)
		return false;
	EXPLORE_EQUAL(user_poke(process->mm, process->area + process->pages * PAGE_SIZE, 1),
		      wanted);
	user_switch(NULL);
	process->pages += wanted == FAULT_OK;
	return true;
}

static bool end(struct process *process)
{
	if (!process->mm)
		return false;
	mm_put(process->mm);
	*process = (struct process){ .mm = NULL };
	return true;
}

/* What is in high memory helps no other request. */
static u32 score(const struct process *process, gfp_t gfp)
{
	if (!process->mm || process->reaped || !process->pages)
		return 0;
	return (gfp & __GFP_HIGHMEM ? process->pages : 0) + 1;
}

static struct process *victim_of(gfp_t gfp)
{
	struct process *best = NULL;

	for (u32 i = 0; i < most; i++) {
		struct process *process = &processes[i];

		if (!score(process, gfp) || (process->protected && !process->ending))
			continue;
		if (best && best->ending != process->ending
			    ? best->ending
			    : best && score(best, gfp) > score(process, gfp))
			continue;
		if (best && best->ending == process->ending &&
		    score(best, gfp) == score(process, gfp) && best->began > process->began)
			continue;
		best = process;
	}
	return best;
}

static bool request(struct process *asks, gfp_t gfp)
{
	struct process *victim = NULL;
	u32 before, freed;

	if (asks && !asks->mm)
		return false;
	if (asks && !asks->ending && !(gfp & __GFP_DMA))
		victim = victim_of(gfp);
	own = asks ? asks->mm : NULL;
	killed = NULL;
	shrink_caches();
	before = nr_free_pages();
	freed = oom_kill(gfp, 0);
	EXPLORE_EQUAL(nr_free_pages() - before, freed);
	EXPLORE_EQUAL(freed != 0, victim && victim != asks);
	EXPLORE_CHECK(killed == (victim && !victim->ending ? victim->mm : NULL));
	own = NULL;
	if (!victim)
		return true;
	victim->ending = true;
	if (victim == asks)
		return true;
	EXPLORE_EQUAL(freed, victim->pages + 1);
	victim->pages = 0;
	victim->reaped = true;
	return true;
}

bool world_apply(u32 operation)
{
	struct process *process = &processes[operation % PROCESSES_MAX];

	if (operation == KERNEL)
		return request(NULL, GFP_KERNEL);
	if (process >= processes + most)
		return false;
	switch (operation / PROCESSES_MAX) {
	case OP_START:
		return start(process);
	case OP_WRITE:
		return write_page(process);
	case OP_PROTECT:
		process->protected ^= process->mm != NULL;
		return process->mm;
	case OP_EXIT:
		return end(process);
	default:
		return request(process, kinds[operation / PROCESSES_MAX - OP_REQUEST]);
	}
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const names[] = { "start",	     "write",	"protect",    "end",
					     "request_high", "request", "request_dma" };

	if (operation == KERNEL)
		scnprintf(buffer, size, "own = NULL; oom_kill(GFP_KERNEL, 0);");
	else
		scnprintf(buffer, size, "%s(%u);", names[operation / PROCESSES_MAX],
			  operation % PROCESSES_MAX);
}

void world_check(void)
{
	u32 alive = 0;

	for (u32 i = 0; i < most; i++) {
		const struct process *process = &processes[i];

		if (!process->mm)
			continue;
		alive++;
		EXPLORE_EQUAL(process->mm->rss, process->pages);
		EXPLORE_EQUAL(process->mm->oom_victim, process->reaped);
	}
	if (alive)
		spaces_check();
	else
		spaces_check_empty();
}

/* How many began before this one. */
static u32 rank(const struct process *process)
{
	u32 before = 0;

	for (u32 i = 0; i < most; i++)
		before += processes[i].mm && processes[i].began < process->began;
	return before;
}

void world_describe(void)
{
	for (u32 i = 0; i < most; i++) {
		const struct process *process = &processes[i];

		explore_put(process->mm ? 1 + process->pages : 0);
		explore_put(process->protected | process->ending << 1 | process->reaped << 2);
		explore_put(process->mm ? rank(process) : 0);
	}
}
