/* SPDX-License-Identifier: MIT */
/* Families of address spaces, and their hints: mm/user_space/anon.h. */
#include "mm/user_space/anon.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "mm/slab/slab.h"

static struct kmem_cache *family_cache;
struct mm_struct *anon_hinted[ANON_HINTS];
static u32 last_hint;

void anon_init(void)
{
	family_cache =
		kmem_cache_create("anon_family", sizeof(struct anon_family), 0, 0, NULL, NULL);
	BUG_ON(!family_cache);
}

/* The next free number, if a few tries find one: a hint may be missing. */
static u32 new_hint(struct mm_struct *mm)
{
	for (u32 tries = 0; tries < 8; tries++) {
		last_hint = last_hint % (ANON_HINTS - 1) + 1;
		if (!anon_hinted[last_hint]) {
			anon_hinted[last_hint] = mm;
			return last_hint;
		}
	}
	return 0;
}

int anon_join(struct mm_struct *mm, struct mm_struct *relative)
{
	struct anon_family *family = relative ? relative->family : NULL;

	if (!family) {
		family = kmem_cache_alloc(family_cache, GFP_KERNEL);
		if (!family)
			return -ENOMEM;
		list_init(&family->spaces);
		family->count = 0;
	}
	family->count++;
	list_add_tail(&mm->family_link, &family->spaces);
	mm->family = family;
	mm->anon_mapping = (void *)((uintptr_t)family | PAGE_ANON);
	mm->anon_hint = new_hint(mm) << ANON_HINT_SHIFT;
	return 0;
}

void anon_leave(struct mm_struct *mm)
{
	struct anon_family *family = mm->family;

	BUG_ON(!family || !family->count);
	list_del(&mm->family_link);
	anon_hinted[mm->anon_hint >> ANON_HINT_SHIFT] = NULL;
	mm->family = NULL;
	if (!--family->count)
		kmem_cache_free(family_cache, family);
}
