/* SPDX-License-Identifier: MIT */
/*
 * How an entry is published, instruction by instruction: the processor's trap flag stops after
 * each one, and what a walk of the MMU would read is looked at. It must be the old entry, the new
 * one, or one that is not present (paging/pae.h); with two levels never the last. So for both
 * levels that change while the MMU may walk: entries are set, replaced, changed in their flags,
 * cleared.
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

static union {
	pteval_t value;
	pte_t pte;
	pmd_t pmd;
} place;
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
 * Store `to` over `from`, by pte_clear() or pmd_clear() if it is empty. Few instructions: no
 * check in between.
 */
static void change_pte(pteval_t from, pteval_t to)
{
	before = place.value = from;
	after = to;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the handler sees these */
	write_flags(read_flags() | TRAP_FLAG);
	if (to)
		set_pte(&place.pte, (pte_t){ to });
	else
		pte_clear(&place.pte);
	write_flags(read_flags() & ~TRAP_FLAG);
}

static void change_pmd(pteval_t from, pteval_t to)
{
	before = place.value = from;
	after = to;
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* the handler sees these */
	write_flags(read_flags() | TRAP_FLAG);
	if (to)
		set_pmd(&place.pmd, (pmd_t){ to });
	else
		pmd_clear(&place.pmd);
	write_flags(read_flags() & ~TRAP_FLAG);
}

/* Every value is stored over every other. */
static void every_pair(const pteval_t *values, u32 count, void (*change)(pteval_t, pteval_t))
{
	signal(SIGTRAP, look);
	for (u32 i = 0; i < count; i++) {
		for (u32 k = 0; k < count; k++) {
			change(values[i], values[k]);
			EXPECT(place.value == values[k]);
			EXPECT_EQ(torn, 0);
		}
	}
	EXPECT(steps >= count * count);
	/* It can see a state in between. */
	EXPECT_EQ(!absent, PMD_FOLDED);
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

	every_pair(values, ARRAY_SIZE(values), change_pte);
}

static void every_change_above(void)
{
	const pteval_t values[] = {
		0,
		mk_pmd_table(0x12345).value,
		mk_pmd_table(PMD_FOLDED ? 0xfedcb : 0xabfedcb).value,
		mk_pmd_large(0x12400, PAGE_KERNEL).value | PTE_NX,
		mk_pmd_large(PMD_FOLDED ? 0xfec00 : 0xabfec00, PAGE_SHARED).value,
	};

	every_pair(values, ARRAY_SIZE(values), change_pmd);
}

TAP_MAIN({ "every change of an entry, stopped after each instruction", every_change },
	 { "every change of an entry of the middle level", every_change_above })
