/* SPDX-License-Identifier: MIT */
/*
 * Out of memory: what the log says of each choice, scores, and requests that kill no process. The
 * world `oom` of tests/explore has all choices among three processes.
 */
#include <stdio.h>
#include <string.h>

#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/oom.h"
#include "mm/reclaim/reclaim.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PROCESSES 40u

static struct process {
	struct mm_struct *mm;
	s32 adj;
	bool ending, excluded;
} processes[PROCESSES];
static const struct mm_struct *own, *killed;
static char expected[4096];

static bool describe(const struct mm_struct *mm, struct oom_process *process)
{
	EXPECT(mm);
	for (u32 i = 0; i < PROCESSES; i++) {
		if (processes[i].mm != mm)
			continue;
		process->pid = (int)i;
		process->name = i % 2 ? "odd" : "even";
		process->ending = processes[i].ending;
		process->adj = processes[i].adj;
		return !processes[i].excluded;
	}
	return false;
}

static void kill(const struct mm_struct *mm)
{
	EXPECT(!killed);
	killed = mm;
	EXPECT_EQ(oom_kill(GFP_HIGHUSER, 0), 0); /* not within itself */
}

static const struct mm_struct *current_space(void)
{
	return own;
}

static const struct oom_ops ops = { describe, kill, current_space };

static struct process *begin(u32 i, u32 pages, s32 adj)
{
	struct process *process = &processes[i];
	vaddr_t area;

	*process = (struct process){ .mm = mm_alloc(), .adj = adj };
	area = user_map(process->mm, (pages + 1) * PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (u32 page = 0; page < pages; page++)
		user_poke(process->mm, area + page * PAGE_SIZE, 1);
	user_switch(NULL);
	return process;
}

static void start(void)
{
	memset(processes, 0, sizeof(processes));
	oom_init(&ops);
	killed = NULL;
	own = NULL;
	reclaim_counters.oom_kills = 0;
}

static void boot(void)
{
	machine_boot();
	start();
}

static void end(void)
{
	for (u32 i = 0; i < PROCESSES; i++)
		if (processes[i].mm)
			mm_put(processes[i].mm);
	EXPECT(set_out_of_memory(NULL) == oom_kill);
}

/* Frames and slots that came free; the log of it is console_text(). */
static u32 request(gfp_t gfp, u32 order)
{
	shrink_caches();
	console_clear();
	killed = NULL;
	return oom_kill(gfp, order);
}

static void table(void)
{
	s32 thousandth;
	u32 free;

	boot();
	thousandth = (s32)nr_present_pages() / 1000;
	begin(1, 9, 0)->excluded = true;
	begin(2, 1, 0);
	begin(3, 5, OOM_ADJ_MIN);
	begin(4, 3, 0);
	begin(5, 1, 1);
	begin(6, 0, 100); /* holds nothing */
	begin(7, 30, -2);
	own = processes[2].mm;
	shrink_caches();
	free = nr_free_pages();
	EXPECT_EQ(request(GFP_HIGHUSER, 2), 2);
	EXPECT(killed == processes[5].mm);
	EXPECT_EQ(nr_free_pages(), free + 2);
	snprintf(expected, sizeof(expected),
		 "oom: order=2 gfp=%#x free=%u swap_free=0\n"
		 "oom: pid=7 name=odd rss=30 swap=0 tables=1 adj=-2 score=%d\n"
		 "oom: pid=5 name=odd rss=1 swap=0 tables=1 adj=1 score=%d\n"
		 "oom: pid=4 name=even rss=3 swap=0 tables=1 adj=0 score=4\n"
		 "oom: pid=2 name=even rss=1 swap=0 tables=1 adj=0 score=2\n"
		 "oom-kill: pid=5 name=odd score=%d freed=2\n",
		 GFP_HIGHUSER, free, 31 - 2 * thousandth, 2 + thousandth, 2 + thousandth);
	EXPECT_TEXT(console_text(), expected);
	EXPECT_EQ(reclaim_counters.oom_kills, 1);
	end();
}

/* Of equal scores the youngest; one that is about to end before all, and without a table. */
static void choice(void)
{
	boot();
	begin(1, 2, 0);
	begin(2, 2, 0);
	begin(3, 1, 0);
	begin(4, 1, OOM_ADJ_MIN)->ending = true;
	begin(5, 2, 0)->ending = true;
	own = processes[3].mm;
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 3);
	EXPECT(!killed);
	EXPECT_TEXT(console_text(), "oom-reap: pid=5 name=odd score=3 freed=3\n");
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 2);
	EXPECT(strstr(console_text(), "oom-reap: pid=4 name=even score=-"));
	EXPECT_EQ(reclaim_counters.oom_kills, 0);
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 3);
	EXPECT(killed == processes[2].mm);
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 3);
	EXPECT(killed == processes[1].mm);
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 0); /* itself: it ends later */
	EXPECT(killed == own);
	EXPECT(strstr(console_text(), "oom-kill: pid=3 name=odd score=2 freed=0\n"));
	EXPECT_EQ(own->rss, 1);
	EXPECT_EQ(reclaim_counters.oom_kills, 3);
	end();
}

/* (4): these get nothing, although there is a victim. */
static void refused(void)
{
	boot();
	begin(1, 2, 0);
	begin(2, 1, 0);
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 0); /* a task of the kernel */
	own = processes[2].mm;
	EXPECT_EQ(request(GFP_KERNEL | __GFP_DMA, 0), 0);
	processes[2].ending = true;
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 0);
	processes[2].ending = false;
	processes[2].excluded = true;
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 0);
	EXPECT(!killed);
	EXPECT_TEXT(console_text(), "");
	processes[2].excluded = false;
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 3);
	end();
}

/* What lies in high memory helps no other request. */
static void high_memory(void)
{
	machine_boot_highmem(MiB(16));
	start();
	own = begin(1, 1, 0)->mm;
	begin(2, 5, 0);
	begin(3, 2, 0);
	EXPECT(request(GFP_KERNEL, 0));
	EXPECT(strstr(console_text(),
		      "oom: pid=2 name=even rss=5 swap=0 tables=1 adj=0 score=1\n"));
	EXPECT(killed == processes[3].mm); /* the youngest */
	EXPECT_EQ(request(GFP_HIGHUSER, 0), 6);
	EXPECT(strstr(console_text(),
		      "oom: pid=2 name=even rss=5 swap=0 tables=1 adj=0 score=6\n"));
	end();
}

/* At most 32 lines of the table, and how many more there are. */
static void long_table(void)
{
	u32 lines = 0;

	boot();
	for (u32 i = 0; i < 33; i++)
		begin(i, 1, 0);
	own = processes[0].mm;
	EXPECT(request(GFP_HIGHUSER, 0));
	for (const char *at = console_text(); (at = strstr(at, "oom: pid=")); at++)
		lines++;
	EXPECT_EQ(lines, 32);
	EXPECT(strstr(console_text(), "oom: more=1\n"));
	EXPECT(request(GFP_HIGHUSER, 0)); /* 32 are left */
	EXPECT(!strstr(console_text(), "more="));
	end();
}

static u32 reaped;

static void others_ask(void)
{
	if (reaped)
		return;
	console_clear();
	reaped = oom_kill(GFP_HIGHUSER, 0);
}

/* A space whose last process has ended, and that is freed by a long call. */
static void without_a_process(void)
{
	vaddr_t area;

	boot();
	own = begin(1, 1, 0)->mm;
	begin(2, 1, 0);
	area = user_map(processes[2].mm, MiB(16), PROT_READ | PROT_WRITE);
	for (u32 i = 0; i < 4; i++)
		user_poke(processes[2].mm, area + i * MiB(4), 1);
	user_switch(NULL);
	reaped = 0;
	host_others = others_ask;
	mm_put(processes[2].mm);
	host_others = NULL;
	processes[2].mm = NULL;
	EXPECT(reaped > 0);
	EXPECT(!strncmp(console_text(), "oom-reap: pid=0 name=ended score=", 33));
	EXPECT(!killed);
	end();
}

static void scores(void)
{
	s32 thousandth;
	u32 all;

	boot();
	all = nr_present_pages();
	thousandth = (s32)all / 1000;
	begin(1, 0, 0);
	begin(2, 99, 0);
	EXPECT_EQ(oom_score(processes[1].mm, 0), 666);
	EXPECT_EQ(oom_score(processes[1].mm, OOM_ADJ_MIN), 0);
	EXPECT_EQ(oom_score(processes[1].mm, OOM_ADJ_MIN + 1), 0);
	EXPECT_EQ(oom_score(processes[1].mm, OOM_ADJ_MIN + 2), 1);
	EXPECT_EQ(oom_score(processes[1].mm, OOM_ADJ_MAX), 1333);
	EXPECT_EQ(oom_score(processes[2].mm, 0), (1000 + 100 / thousandth) * 2 / 3);
	EXPECT_EQ(oom_score(processes[2].mm, 500), (1500 + 100 / thousandth) * 2 / 3);
	end();
}

TAP_MAIN({ "the table", table }, { "the choice", choice }, { "refused", refused },
	 { "high memory", high_memory }, { "a long table", long_table },
	 { "a space without a process", without_a_process }, { "scores", scores })
