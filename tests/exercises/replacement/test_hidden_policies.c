/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise replacement: in which order pages go. */
#include <string.h>

#include "mm/mman/mman.h"
#include "mm/reclaim/policy.h"
#include "mm/user_space/page_fault.h"
#include "paging/range.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES 8u

static const struct reclaim_policy *policy;
static struct mm_struct *mm;
static struct page *page[PAGES];
static vaddr_t area;

/* Eight pages, in the policy's lists in their order; none was used since. */
static void start(void)
{
	machine_boot();
	for (u32 i = 0; policies[i]; i++)
		if (!strcmp(policies[i]->name, "second_chance"))
			policy = policies[i];
	policy->init();
	mm = mm_alloc();
	area = user_map(mm, PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE);
	for (u32 i = 0; i < PAGES; i++) {
		EXPECT_EQ(user_poke(mm, area + i * PAGE_SIZE, 1), FAULT_OK);
		page[i] = pfn_to_page(pte_pfn(*pte_lookup(mm->pgd, area + i * PAGE_SIZE)));
		policy->insert(page[i]);
		page_referenced(page[i]);
	}
}

static void stop(void)
{
	while (policy->victim())
		;
	mm_put(mm);
}

static void use(u32 i)
{
	EXPECT_EQ(user_peek(mm, area + i * PAGE_SIZE), 1);
}

/* Nothing was used: the oldest one goes. */
static void oldest_first(void)
{
	start();
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(policy->victim() == page[i]);
	EXPECT(!policy->victim());
	stop();
}

/* Pages 0 and 2 were used: they go last, in their order. */
static void second_chance(void)
{
	static const u32 order[] = { 1, 3, 4, 5, 6, 7, 0, 2 };

	start();
	use(0);
	use(2);
	for (u32 i = 0; i < PAGES; i++)
		EXPECT(policy->victim() == page[order[i]]);
	stop();
}

/* All were used: one round later the oldest one goes all the same. */
static void all_used(void)
{
	start();
	for (u32 i = 0; i < PAGES; i++)
		use(i);
	EXPECT(policy->victim() == page[0]);
	stop();
}

TAP_MAIN({ "the oldest first", oldest_first }, { "a second chance", second_chance },
	 { "all were used", all_used })
