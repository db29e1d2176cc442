/* SPDX-License-Identifier: MIT */
/*
 * Areas against a model (area_model.h): random mmap (of private memory and of two objects),
 * munmap, mprotect, mremap, mlock, brk and madvise on its window. After each step the list is
 * compared with the model and mm_validate() must find nothing.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"
#include "mm/slab/slab_internal.h"
#include "mm/mman/mman.h"
#include "tests/host/mm/mman/area_model.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)

#define LOCKED (VM_LOCKED | VM_LOCKONFAULT) /* so that no page is populated */

static struct model_page before[PAGES];
static vaddr_t start_brk;

/* Areas allocated only to exhaust the cache. */
#define HOGS_MAX 4096

static void *hogs[HOGS_MAX];
static u32 hogged;

static void compare_search(void)
{
	u32 page = random_below(PAGES), next = next_mapped(page), first = page;
	vaddr_t address = address_of(page) + random_below(PAGE_SIZE);
	struct vm_area_struct *vma = find_vma(model_mm, address), *prev;

	EXPECT(next == PAGES ? !vma : vma && vma->vm_end > address_of(next));
	EXPECT(find_vma_prev(model_mm, address, &prev) == vma);
	EXPECT(prev ? prev->vm_next == vma && prev->vm_end <= address : model_mm->mmap == vma);
	next = page + random_below(30) + 1;
	while (first < min(next, PAGES) && !model[first].flags)
		first++;
	EXPECT_EQ(find_vma_intersection(model_mm, address_of(page), address_of(next)) != NULL,
		  first < min(next, PAGES));
}

static u32 random_prot(void)
{
	static const u32 prots[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
				     PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC };

	return prots[random_below(ARRAY_SIZE(prots))];
}

static u32 random_pages(void)
{
	return 1 + random_below(random_one_in(10) ? 100 : 8);
}

/* Returns the error that the model expects, or 0. */
static int step_mmap(bool *place_chosen)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100), prot = random_prot(), at;
	u32 object = random_one_in(3) ? 1 + random_below(2) : 0, shows = 0;
	u32 more = !object && random_one_in(40) ? MAP_GROWSDOWN : 0, value = MAPPED | prot;
	u32 kind = random_below(8), length = pages * PAGE_SIZE - random_below(PAGE_SIZE);
	vaddr_t hint = address_of(page), got;
	struct mmap_request request = { .length = length, .prot = prot, .may = VM_MAY_MASK };
	int expected = 0;

	value |= more ? VM_GROWSDOWN : 0;
	if (object) {
		/* Often adjacent to an existing area. */
		request.pgoff = random_one_in(4) ? random_below(100) : page;
		request.mapping = model_objects[object - 1];
		value |= VM_SHARED;
		shows = object << 16 | request.pgoff;
	}
	if (kind < 4) {
		more |= MAP_FIXED;
		at = page;
	} else if (kind == 4) {
		more |= MAP_FIXED_NOREPLACE;
		at = page;
		for (u32 i = page; i < page + pages; i++)
			expected = model[i].flags ? -EEXIST : expected;
	} else {
		*place_chosen = true;
		hint = kind == 5 ? 0 : hint + random_below(PAGE_SIZE);
		at = hint && model_free(page, pages) ? page : model_search(SEARCH_PAGE, pages);
		if (at + pages > PAGES)
			return 1; /* not in the window: not done */
	}
	request.address = hint;
	request.flags = more | (object ? MAP_SHARED : ANONYMOUS);
	got = do_mmap_pgoff(model_mm, &request);
	if (got == (vaddr_t)-ENOMEM && !expected)
		return -ENOMEM;
	EXPECT_EQ(got, expected ? (vaddr_t)expected : address_of(at));
	if (!expected)
		model_set(at, pages, value, shows);
	return 0;
}

static int step_munmap(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100);
	int err =
		do_munmap(model_mm, address_of(page), pages * PAGE_SIZE - random_below(PAGE_SIZE));

	if (!err)
		model_set(page, pages, 0, 0);
	return err;
}

static int step_mprotect(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100), prot = random_prot();
	u32 run = mapped_run(page, pages);
	int err = do_mprotect(model_mm, address_of(page),
			      pages * PAGE_SIZE - random_below(PAGE_SIZE), prot);

	if (err == -ENOMEM && (run == pages || hogged))
		return err;
	EXPECT_EQ(err, run == pages ? 0 : -ENOMEM);
	for (u32 i = page; i < page + run; i++)
		model[i].flags = charged((model[i].flags & ~(u32)VM_ACCESS_MASK) | prot);
	return 0;
}

static int step_mlock(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100);
	u32 run = mapped_run(page, pages), length = pages * PAGE_SIZE - random_below(PAGE_SIZE);
	bool lock = random_one_in(2);
	int err = lock ? do_mlock(model_mm, address_of(page), length, MLOCK_ONFAULT)
		       : do_munlock(model_mm, address_of(page), length);

	if (err == -ENOMEM && (run == pages || hogged))
		return err;
	EXPECT_EQ(err, run == pages ? 0 : -ENOMEM);
	for (u32 i = page; i < page + run; i++)
		model[i].flags = (model[i].flags & ~(u32)LOCKED) | (lock ? LOCKED : 0);
	return 0;
}

/* MREMAP_FIXED to `to`. */
static int step_mremap_to(u32 page, u32 old, u32 new, u32 to)
{
	vaddr_t got = do_mremap(model_mm, address_of(page), old * PAGE_SIZE, new *PAGE_SIZE,
				MREMAP_MAYMOVE | MREMAP_FIXED, address_of(to));

	if (page + old > to && to + new > page) {
		EXPECT_EQ((int)got, -EINVAL);
		return 0;
	}
	if (!model[page].flags) {
		EXPECT_EQ((int)got, -EFAULT);
		return 0;
	}
	if (got == (vaddr_t)-ENOMEM)
		return -ENOMEM;
	model_set(to, new, 0, 0);
	if (old > new)
		model_set(page + new, old - new, 0, 0);
	old = min(old, new);
	if (page + old > area_end(page)) {
		EXPECT_EQ((int)got, -EFAULT);
		return 0;
	}
	EXPECT_EQ(got, address_of(to));
	model_move(page, old, to, new);
	return 0;
}

static int step_mremap(bool *all_or_nothing)
{
	u32 old = 1 + random_below(12), new = 1 + random_below(12);
	u32 page = random_below(PAGES - 100), may_move = random_one_in(2) ? MREMAP_MAYMOVE : 0;
	u32 next, to;
	int expected = 0;
	vaddr_t got;

	if (random_one_in(3))
		return step_mremap_to(page, old, new, random_below(PAGES - 100));
	*all_or_nothing = true;
	to = page;
	if (!model[page].flags)
		expected = -EFAULT;
	else if (new > old && page + old > area_end(page))
		expected = -EFAULT;
	if (!expected && new > old) {
		next = next_mapped(page + old);
		if (page + old != area_end(page) || next < page + new)
			to = may_move ? model_search(SEARCH_PAGE, new) : PAGES;
		if (may_move && to + new > PAGES)
			return 1;
		expected = to == PAGES ? -ENOMEM : 0;
	}
	got = do_mremap(model_mm, address_of(page), old * PAGE_SIZE, new *PAGE_SIZE, may_move, 0);
	if (got == (vaddr_t)-ENOMEM && !expected)
		return -ENOMEM;
	EXPECT_EQ(got, expected ? (vaddr_t)expected : address_of(to));
	if (expected)
		return 0;
	if (new <= old)
		model_set(page + new, old - new, 0, 0);
	else
		model_move(page, old, to, new);
	return 0;
}

static int step_brk(void)
{
	vaddr_t wanted = start_brk - 2 * PAGE_SIZE + random_below(80 * PAGE_SIZE);
	u32 old_end = (PAGE_ALIGN(model_brk) - BASE) / PAGE_SIZE;
	u32 new_end = (PAGE_ALIGN(wanted) - BASE) / PAGE_SIZE, next = next_mapped(old_end);
	bool fits = wanted >= start_brk;
	vaddr_t got = do_brk(model_mm, wanted);

	if (new_end > old_end && next < PAGES)
		fits &= new_end + 1 <= reach_below(next);
	if (fits && got == model_brk && got != wanted)
		return -ENOMEM;
	EXPECT_EQ(got, fits ? wanted : model_brk);
	if (!fits)
		return 0;
	model_brk = wanted;
	if (new_end > old_end)
		model_set(old_end, new_end - old_end, MAPPED | VM_READ | VM_WRITE, 0);
	else
		model_set(new_end, old_end - new_end, 0, 0);
	return 0;
}

static u32 resident_pages;

static int count_pages(u32 first, const u8 *resident, u32 pages, void *context)
{
	EXPECT_EQ(first, *(u32 *)context);
	*(u32 *)context += pages;
	for (u32 i = 0; i < pages; i++)
		resident_pages += resident[i];
	return 0;
}

/*
 * Neither changes an area; both return -ENOMEM for a hole unless they meet a locked area first.
 * Nothing is touched here, so nothing is resident.
 */
static void step_madvise(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100), index = 0;
	int hole = mapped_run(page, pages) == pages ? 0 : -ENOMEM, expected = hole;

	for (u32 i = page; i < page + pages; i++)
		expected = model[i].flags & VM_LOCKED ? -EINVAL : expected;
	EXPECT_EQ(do_madvise(model_mm, address_of(page), pages * PAGE_SIZE, MADV_DONTNEED),
		  expected);
	EXPECT_EQ(do_msync(model_mm, address_of(page), pages * PAGE_SIZE, MS_SYNC), hole);
	EXPECT_EQ(do_mincore(model_mm, address_of(page), pages * PAGE_SIZE, count_pages, &index),
		  hole);
	EXPECT_EQ(resident_pages, 0);
}

static int step(bool *all_or_nothing)
{
	*all_or_nothing = false;
	switch (random_below(12)) {
	case 0:
	case 1:
	case 2:
		return step_mmap(all_or_nothing);
	case 3:
	case 4:
		*all_or_nothing = true;
		return step_munmap();
	case 5:
	case 6:
		return step_mprotect();
	case 7:
		return step_mlock();
	case 8:
		*all_or_nothing = true;
		return step_brk();
	case 9:
	case 10:
		return step_mremap(all_or_nothing);
	default:
		step_madvise();
		return 0;
	}
}

static void start(void)
{
	machine_boot();
	model_mm = mm_alloc();
	start_brk = model_brk = address_of(HEAP_PAGE) + 0x123;
	model_mm->start_brk = model_mm->brk = start_brk;
	for (u32 i = 0; i < ARRAY_SIZE(model_objects); i++)
		model_objects[i] = shmem_object(1000 * PAGE_SIZE, "model");
}

static void stop(void)
{
	EXPECT_EQ(vm_committed, model_charge());
	mm_put(model_mm);
	EXPECT_EQ(vm_committed, 0);
	for (u32 i = 0; i < ARRAY_SIZE(model_objects); i++) {
		EXPECT_EQ(model_objects[i]->count, 1);
		mapping_put(model_objects[i]);
	}
}

static void random_calls(void)
{
	start();
	for (u32 i = 0; i < tap_scaled(100000); i++) {
		bool unused;

		EXPECT(step(&unused) >= 0);
		compare_search();
		if (!compare()) {
			tap_note("in step %u", i);
			break;
		}
	}
	tap_note("%u areas at the end", model_mm->map_count);
	stop();
}

static struct kmem_cache *area_cache(void)
{
	struct kmem_cache *cache;

	list_for_each_entry (cache, &cache_list, link)
		if (!strcmp(cache->name, "vm_area_struct"))
			return cache;
	panic("there is no cache of areas");
}

static void feed(void)
{
	while (hogged)
		kmem_cache_free(area_cache(), hogs[--hogged]);
}

/* Allocates areas until there are `limit` hogs or no area is left. */
static void hog(u32 limit)
{
	void *area;

	while (hogged < limit && (area = kmem_cache_alloc(area_cache(), GFP_KERNEL)))
		hogs[hogged++] = area;
}

/* Leaves so many areas in the cache; there is no frame for another slab. */
static void starve(u32 areas)
{
	hog(HOGS_MAX);
	EXPECT(hogged < HOGS_MAX);
	while (areas-- && hogged > 1)
		kmem_cache_free(area_cache(), hogs[--hogged]);
}

/*
 * Few areas are left: a call that fails left areas and counters as they were, except that
 * MAP_FIXED and mprotect may have done a part.
 */
static void random_calls_without_memory(void)
{
	u32 failures = 0, whole = 0;

	start();
	hog(600);
	machine_exhaust();
	for (u32 i = 0; i < tap_scaled(30000); i++) {
		bool all_or_nothing;
		int err;

		if (i % 100 == 50)
			starve(random_below(4));
		else if (i % 100 == 0)
			feed();
		memcpy(before, model, sizeof(model));
		err = step(&all_or_nothing);
		if (err < 0) {
			failures++;
			whole += all_or_nothing;
			if (!all_or_nothing)
				take_over();
			else
				EXPECT(!memcmp(before, model, sizeof(model)));
		}
		if (!compare()) {
			tap_note("in step %u", i);
			break;
		}
	}
	EXPECT(whole > tap_scaled(500));
	tap_note("%u calls failed, %u of them could not have done a part", failures, whole);
	feed();
	machine_relax();
	stop();
}

/* A copy has the same areas, and afterwards each goes its own way. */
static void copies(void)
{
	struct mm_struct *original, *copy;
	struct model_page kept[PAGES];
	vaddr_t kept_brk;

	start();
	original = model_mm;
	for (u32 round = 0; round < tap_scaled(60) && !tap_failed(); round++) {
		bool unused;

		copy = mm_copy(original);
		memcpy(kept, model, sizeof(model));
		kept_brk = model_brk;
		EXPECT_EQ(vm_committed, 2 * model_charge());
		for (u32 i = 0; i < PAGES; i++) /* locks are not inherited */
			model[i].flags &= ~(u32)LOCKED;
		model_mm = copy;
		compare();
		for (u32 i = 0; i < 100; i++)
			step(&unused);
		compare();
		memcpy(model, kept, sizeof(model));
		model_brk = kept_brk;
		model_mm = original;
		compare();
		for (u32 i = 0; i < 20; i++)
			step(&unused);
		mm_put(copy);
		compare();
	}
	stop();
}

TAP_MAIN({ "random calls against the model", random_calls },
	 { "random calls without memory", random_calls_without_memory },
	 { "copies of an address space", copies })
