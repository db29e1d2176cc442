/* SPDX-License-Identifier: MIT */
/*
 * Replacement policies, measured: the same accesses under each policy, on the software MMU, beside
 * Belady's optimum, which knows the future. docs/reclaim.md has the table that this prints.
 *
 * The machine leaves MEMORY frames to one program. Faults are counted in the second half of each
 * pattern, without read-ahead.
 */
#include <stdlib.h>
#include <string.h>

#include "mm/frames/lru.h"
#include "mm/frames/shrinker.h"
#include "mm/mman/mman.h"
#include "mm/reclaim/reclaim.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define MEMORY	 1024u
#define STEPS	 (32 * MEMORY)
#define COUNTED	 (STEPS / 2) /* accesses from here on */
#define POLICIES 5
#define PAGES	 (5 * MEMORY)

enum { RW = PROT_READ | PROT_WRITE };

/* Page numbers, and whether the access is one of the hot set. */
static u32 trace[STEPS];
static bool is_hot[STEPS];

struct result {
	u32 faults, hot_faults, hot;
};

static struct result results[POLICIES + 1]; /* the last: the optimum */

static const struct result *result_of(const char *name)
{
	for (u32 i = 0; policies[i]; i++)
		if (!strcmp(policies[i]->name, name))
			return &results[i];
	abort();
}

/* --- Belady's optimum: evict the page whose next use is farthest --- */

static void optimum(struct result *result)
{
	static u32 next[STEPS], later[PAGES], uses[PAGES];
	u32 resident[MEMORY], count = 0;

	memset(later, 0xff, sizeof(later));
	for (u32 i = STEPS; i--;) {
		next[i] = later[trace[i]];
		later[trace[i]] = i;
	}
	memset(uses, 0, sizeof(uses)); /* 0: not resident, else the next use + 1 */
	for (u32 i = 0; i < STEPS; i++) {
		bool fault = !uses[trace[i]];
		u32 at = count, farthest = 0;

		uses[trace[i]] = next[i] == ~0u ? ~0u : next[i] + 1;
		result->hot += i >= COUNTED && is_hot[i];
		if (!fault)
			continue;
		result->faults += i >= COUNTED;
		result->hot_faults += i >= COUNTED && is_hot[i];
		if (count < MEMORY)
			count++;
		else
			for (u32 j = 0; j < count; j++)
				if (uses[resident[j]] > farthest)
					farthest = uses[resident[j]], at = j;
		if (farthest)
			uses[resident[at]] = 0;
		resident[at] = trace[i];
	}
}

/* --- The same on the machine --- */

static void run_policy(const struct reclaim_policy *policy, struct result *result)
{
	struct mm_struct *mm = mm_alloc();
	vaddr_t area;
	u32 value = 1;

	EXPECT(reclaim_set_policy(policy->name));
	area = user_map(mm, PAGES * PAGE_SIZE, RW);
	for (u32 i = 0; i < PAGES; i++)
		user_write(mm, area + i * PAGE_SIZE, &value, sizeof(value));
	for (u32 i = 0; i < STEPS; i++) {
		vaddr_t address = area + trace[i] * PAGE_SIZE;
		u32 before = fault_counters.swapped_in;

		EXPECT_EQ(user_read(mm, address, &value, sizeof(value)), FAULT_OK);
		if (i < COUNTED)
			continue;
		result->faults += fault_counters.swapped_in - before;
		result->hot += is_hot[i];
		if (is_hot[i])
			result->hot_faults += fault_counters.swapped_in - before;
	}
	EXPECT_VALID(reclaim_validate());
	check_space(mm);
	user_switch(NULL);
	mm_put(mm);
	shrink_caches();
	lru_stop();
}

static void print(const char *name, const struct result *result)
{
	u32 permille = result->faults * 1000 / (STEPS - COUNTED);
	u32 hot = result->hot ? result->hot_faults * 1000 / result->hot : 0;

	if (result->hot)
		tap_note("%-14s %3u.%u %%   hot set %3u.%u %%", name, permille / 10, permille % 10,
			 hot / 10, hot % 10);
	else
		tap_note("%-14s %3u.%u %%", name, permille / 10, permille % 10);
}

static void measure(void)
{
	struct swap_disk disk;
	u32 type;

	machine_boot();
	type = swap_disk_add(&disk, 2 * PAGES, -1);
	page_cluster = 0;
	machine_exhaust();
	machine_relax_by(MEMORY);
	for (u32 i = 0; policies[i]; i++) {
		run_policy(policies[i], &results[i]);
		print(policies[i]->name, &results[i]);
	}
	optimum(&results[POLICIES]);
	print("optimum", &results[POLICIES]);
	machine_relax();
	swap_disk_remove(type);
	machine_check();
	for (u32 i = 0; i < POLICIES; i++)
		EXPECT(results[i].faults >= results[POLICIES].faults);
}

/* --- The patterns --- */

static void loop(void)
{
	for (u32 i = 0; i < STEPS; i++)
		trace[i] = i % (MEMORY + MEMORY / 10);
	measure();
	/* The default keeps most of the loop. Those that know only an order keep nothing. */
	EXPECT(results[0].faults < COUNTED * 3 / 10);
	EXPECT(result_of("fifo")->faults > COUNTED * 9 / 10);
	EXPECT(result_of("two_lists")->faults > COUNTED * 9 / 10);
}

/* Page k is used in proportion to 1/k; which page that is, is random. */
static void zipf(void)
{
	static double sums[4 * MEMORY];
	static u32 place[4 * MEMORY];
	double sum = 0;

	for (u32 i = 0; i < 4 * MEMORY; i++) {
		u32 j = random_below(i + 1);

		sums[i] = sum += 1.0 / (i + 1);
		place[i] = place[j];
		place[j] = i;
	}
	for (u32 i = 0; i < STEPS; i++) {
		double at = sum * random_u32() / 4294967296.0;
		u32 low = 0, high = 4 * MEMORY - 1;

		while (low < high) {
			u32 middle = (low + high) / 2;

			if (sums[middle] <= at)
				low = middle + 1;
			else
				high = middle;
		}
		trace[i] = place[low];
	}
	measure();
	for (u32 i = 1; policies[i]; i++)
		EXPECT(results[0].faults <= results[i].faults);
	EXPECT(results[0].faults < 2 * results[POLICIES].faults);
	/* What is used often stays, if a page that was used gets a second chance. */
	EXPECT(result_of("second_chance")->faults * 20 < result_of("fifo")->faults * 19);
}

/* Each second access is one of a hot set of 60 % of memory; the others scan four times memory. */
static void scan(void)
{
	u32 hot = MEMORY * 6 / 10;

	for (u32 i = 0; i < STEPS; i++) {
		is_hot[i] = i % 2;
		trace[i] = is_hot[i] ? random_below(hot) : hot + i / 2 % (4 * MEMORY);
	}
	measure();
	EXPECT(results[0].hot_faults * 10 < results[0].hot);
	EXPECT(result_of("two_lists")->hot_faults * 10 < result_of("two_lists")->hot);
	EXPECT(result_of("fifo")->hot_faults * 10 > 3 * result_of("fifo")->hot);
}

/* Eight times, the program goes on to another set of pages, 80 % of memory. */
static void phases(void)
{
	u32 set = MEMORY * 8 / 10;

	for (u32 i = 0; i < STEPS; i++)
		trace[i] = i / (STEPS / 8) % 6 * set + random_below(set);
	measure();
	/* Each set has to be read once: no policy may hold on to the old one for long. */
	for (u32 i = 0; policies[i]; i++)
		EXPECT(results[i].faults < 2 * results[POLICIES].faults);
}

/* --- The interface --- */

/* Faults of a policy on this reference string with so many frames, without a machine around. */
static u32 faults_of(const struct reclaim_policy *policy, const char *string, u32 frames)
{
	struct page *page[10] = { NULL }, *victim;
	u32 resident = 0, faults = 0;

	policy->init();
	for (; *string; string++) {
		struct page **wanted = &page[*string - '0'];

		if (*wanted)
			continue;
		faults++;
		if (resident == frames) {
			victim = policy->victim();
			for (u32 i = 0; i < 10; i++)
				if (page[i] == victim)
					page[i] = NULL;
			put_page(victim);
			resident--;
		}
		*wanted = alloc_page(GFP_KERNEL);
		policy->insert(*wanted);
		resident++;
	}
	for (u32 i = 0; i < 10; i++)
		if (page[i]) {
			policy->remove(page[i]);
			put_page(page[i]);
		}
	return faults;
}

/* Belady's anomaly, on the string of the textbooks: with more memory FIFO has more faults. */
static void anomaly(void)
{
	static const char string[] = "123412512345";

	machine_boot();
	for (u32 i = 0; policies[i]; i++)
		if (!strcmp(policies[i]->name, "fifo")) {
			EXPECT_EQ(faults_of(policies[i], string, 3), 9);
			EXPECT_EQ(faults_of(policies[i], string, 4), 10);
			EXPECT_EQ(faults_of(policies[i], string, 5), 5);
		}
}

/* policy.h (2): each frame is a victim at some time, also if each victim has to stay. */
static void each_is_a_victim(void)
{
	enum { FRAMES = 200 };
	static struct page *frame[FRAMES];

	machine_boot();
	for (u32 i = 0; i < FRAMES; i++)
		frame[i] = alloc_page(GFP_KERNEL);
	for (u32 p = 0; policies[p]; p++) {
		u32 seen = 0;

		policies[p]->init();
		for (u32 i = 0; i < FRAMES; i++) {
			frame[i]->flags &= ~(u32)PG_locked;
			set_page_age(frame[i], 0);
			policies[p]->insert(frame[i]);
			if (policies[p]->refault && i % 2)
				policies[p]->refault(frame[i], 1);
		}
		for (u32 i = 0; i < 8 * FRAMES; i++) {
			struct page *victim = policies[p]->victim();

			seen += !(victim->flags & PG_locked);
			victim->flags |= PG_locked;
			policies[p]->insert(victim);
		}
		EXPECT_EQ(seen, FRAMES);
		for (u32 i = 0; i < FRAMES; i++)
			policies[p]->remove(frame[i]);
		EXPECT(!policies[p]->victim());
	}
	for (u32 i = 0; i < FRAMES; i++) {
		frame[i]->flags &= ~(u32)PG_locked;
		put_page(frame[i]);
	}
}

TAP_MAIN({ "loop", loop }, { "zipf", zipf }, { "scan", scan }, { "phases", phases },
	 { "anomaly", anomaly }, { "each_is_a_victim", each_is_a_victim })
