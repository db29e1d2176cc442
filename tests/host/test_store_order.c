/* SPDX-License-Identifier: MIT */
/*
 * How an entry is published, instruction by instruction: the processor's trap flag stops after
 * each one, and what a walk of the MMU would read is looked at. It must be the old entry, the new
 * one, or one that is not present (paging/pae.h); with two levels never the last.
 */
#include <signal.h>

#include "paging/pgtable.h"
#include "tests/host/tap.h"

#define TRAP_FLAG 0x100u

#ifdef __x86_64__
#define read_flags  __builtin_ia32_readeflags_u64
#define write_flags __builtin_ia32_writeeflags_u64
#else
#define read_flags  __builtin_ia32_readeflags_u32
#define write_flags __builtin_ia32_writeeflags_u32
#endif

static pte_t place;
static volatile pteval_t before, after;
static volatile u32 steps, absent, torn;

/* The flag is clear while the handler runs. */
static void look(int number)
{
	pteval_t now = place.value;

	(void)number;
	steps++;
	if (now == before || now == after)
		return;
	if (now & PTE_PRESENT)
		torn++;
	else
		absent++;
}

/*
 * Stores `to` over `from`, by pte_clear() if it is empty. Few instructions: no check in between.
 */
static void change(pteval_t from, pteval_t to)
{
	before = place.value = from;
	after = to;
	write_flags(read_flags() | TRAP_FLAG);
	if (to)
		set_pte(&place, (pte_t){ to });
	else
		pte_clear(&place);
	write_flags(read_flags() & ~TRAP_FLAG);
}

static void every_change(void)
{
	const pteval_t values[] = {
		0,
		mk_pte(0x12345, PAGE_SHARED).value,
		mk_pte(0x12345, PAGE_READONLY).value | PTE_NX,
		mk_pte(PMD_FOLDED ? 0xfedcb : 0xabfedcb, PAGE_SHARED).value | PTE_NX,
		mk_pte(PMD_FOLDED ? 0xfedcb : 0xabfedcb, PAGE_NONE).value,
		swp_entry_to_pte(swp_entry(3, 0xabcdef)).value,
	};

	signal(SIGTRAP, look);
	for (u32 i = 0; i < ARRAY_SIZE(values); i++) {
		for (u32 k = 0; k < ARRAY_SIZE(values); k++) {
			change(values[i], values[k]);
			EXPECT(place.value == values[k]);
			EXPECT_EQ(torn, 0);
		}
	}
	EXPECT(steps >= ARRAY_SIZE(values) * ARRAY_SIZE(values));
	/* It can see a state in between. */
	EXPECT_EQ(!absent, PMD_FOLDED);
}

TAP_MAIN({ "every change of an entry, stopped after each instruction", every_change })
