/* SPDX-License-Identifier: MIT */
/*
 * Areas against a model: random mmap, munmap, mprotect, brk and madvise on a window of 512 pages
 * around the place where mmap begins to look. The model keeps the flags of each page; areas are its
 * runs of equal flags. After each step the list is compared with the model and mm_validate() is
 * asked.
 */
#include <string.h>

#include "lib/errno.h"
#include "lib/printk.h"
#include "mm/slab_internal.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

#define PAGES	    512u
#define BASE	    (MMAP_BASE - 128 * PAGE_SIZE)
#define SEARCH_PAGE 128u /* MMAP_BASE */
#define HEAP_PAGE   40u
#define GAP_PAGES   (STACK_GUARD_GAP / PAGE_SIZE)
#define MAPPED	    0x10000u /* beside the vm_flags of a page */
#define ANONYMOUS   (MAP_PRIVATE | MAP_ANONYMOUS)

static struct mm_struct *mm;
static u32 model[PAGES], before[PAGES];
static vaddr_t model_brk, start_brk;

/* Areas that are taken from the cache so that nobody else gets one. */
#define HOGS_MAX 4096

static void *hogs[HOGS_MAX];
static u32 hogged;

static vaddr_t address_of(u32 page)
{
	return BASE + page * PAGE_SIZE;
}

/* The first mapped page from `page` on, or PAGES. */
static u32 next_mapped(u32 page)
{
	while (page < PAGES && !model[page])
		page++;
	return page;
}

static bool starts_area(u32 page)
{
	return model[page] && (!page || model[page - 1] != model[page]);
}

/*
 * As far as a mapping below this mapped page may reach. PAGES is the end of the window, behind
 * which nothing is.
 */
static u32 reach_below(u32 page)
{
	if (page < PAGES && model[page] & VM_GROWSDOWN)
		return page > GAP_PAGES ? page - GAP_PAGES : 0;
	return page;
}

/* The lowest place for `pages` from `page` on; PAGES or more: not in the window. */
static u32 model_search(u32 page, u32 pages)
{
	while (page < PAGES) {
		u32 next = next_mapped(page), end = next == PAGES ? UINT32_MAX : reach_below(next);

		/* A page inside of an area is not a place, whatever lies below the area. */
		if (next != page && end > page && end - page >= pages)
			return page;
		for (page = next; page < PAGES && model[page];)
			page++;
	}
	return PAGES;
}

static bool model_free(u32 page, u32 pages)
{
	u32 next = next_mapped(page);

	return next != page && (next == PAGES || page + pages <= reach_below(next));
}

/* What is or becomes writable is charged, and stays so. */
static u32 charged(u32 value)
{
	return value & VM_WRITE ? value | VM_ACCOUNT : value;
}

static void model_set(u32 page, u32 pages, u32 value)
{
	while (pages--)
		model[page++] = charged(value);
}

static u32 area_flags(const struct vm_area_struct *vma)
{
	return MAPPED | (vma->vm_flags & ~(u32)VM_MAY_MASK);
}

/*
 * Areas = runs of equal flags. Areas of an equal kind that touch are one, so nothing else needs to
 * be said.
 */
static bool compare(void)
{
	const struct vm_area_struct *vma = mm->mmap;
	u32 areas = 0, pages = 0;
	vaddr_t where = 0;
	const char *violated = mm_validate(mm, &where);

	EXPECT_VALID(violated);
	for (u32 page = 0; page < PAGES; page++) {
		pages += !!model[page];
		if (!starts_area(page))
			continue;
		areas++;
		if (!EXPECT(vma && vma->vm_start == address_of(page) &&
			    area_flags(vma) == model[page]))
			break;
		while (page + 1 < PAGES && model[page + 1] == model[page]) {
			page++;
			pages++;
		}
		EXPECT_EQ(vma->vm_end, address_of(page + 1));
		vma = vma->vm_next;
	}
	EXPECT(!vma);
	EXPECT_EQ(mm->map_count, areas);
	EXPECT_EQ(mm->total_vm, pages);
	EXPECT_EQ(mm->brk, model_brk);
	return !tap_failed();
}

static void compare_search(void)
{
	u32 page = random_below(PAGES), next = next_mapped(page), first = page;
	vaddr_t address = address_of(page) + random_below(PAGE_SIZE);
	struct vm_area_struct *vma = find_vma(mm, address), *prev;

	EXPECT(next == PAGES ? !vma : vma && vma->vm_end > address_of(next));
	EXPECT(find_vma_prev(mm, address, &prev) == vma);
	EXPECT(prev ? prev->vm_next == vma && prev->vm_end <= address : mm->mmap == vma);
	next = page + random_below(30) + 1;
	while (first < min(next, PAGES) && !model[first])
		first++;
	EXPECT_EQ(find_vma_intersection(mm, address_of(page), address_of(next)) != NULL,
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
	u32 more = random_one_in(40) ? MAP_GROWSDOWN : 0, value = MAPPED | prot;
	u32 kind = random_below(8), length = pages * PAGE_SIZE - random_below(PAGE_SIZE);
	vaddr_t hint = address_of(page), got;
	int expected = 0;

	value |= more ? VM_GROWSDOWN : 0;
	if (kind < 4) {
		more |= MAP_FIXED;
		at = page;
	} else if (kind == 4) {
		more |= MAP_FIXED_NOREPLACE;
		at = page;
		for (u32 i = page; i < page + pages; i++)
			expected = model[i] ? -EEXIST : expected;
	} else {
		*place_chosen = true;
		hint = kind == 5 ? 0 : hint + random_below(PAGE_SIZE);
		at = hint && model_free(page, pages) ? page : model_search(SEARCH_PAGE, pages);
		if (at + pages > PAGES)
			return 1; /* not in the window: not done */
	}
	got = do_mmap(mm, hint, length, prot, ANONYMOUS | more);
	if (got == (vaddr_t)-ENOMEM && !expected)
		return -ENOMEM;
	EXPECT_EQ(got, expected ? (vaddr_t)expected : address_of(at));
	if (!expected)
		model_set(at, pages, value);
	return 0;
}

static int step_munmap(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100);
	int err = do_munmap(mm, address_of(page), pages * PAGE_SIZE - random_below(PAGE_SIZE));

	if (!err)
		model_set(page, pages, 0);
	return err;
}

static int step_mprotect(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100), prot = random_prot(), i;
	int err = do_mprotect(mm, address_of(page), pages * PAGE_SIZE - random_below(PAGE_SIZE),
			      prot);

	for (i = page; i < page + pages && model[i]; i++)
		;
	if (err == -ENOMEM && (i == page + pages || hogged))
		return err;
	EXPECT_EQ(err, i == page + pages ? 0 : -ENOMEM);
	while (i-- > page)
		model[i] = charged((model[i] & ~(u32)VM_ACCESS_MASK) | prot);
	return 0;
}

static int step_brk(void)
{
	vaddr_t wanted = start_brk - 2 * PAGE_SIZE + random_below(80 * PAGE_SIZE);
	u32 old_end = (PAGE_ALIGN(model_brk) - BASE) / PAGE_SIZE;
	u32 new_end = (PAGE_ALIGN(wanted) - BASE) / PAGE_SIZE, next = next_mapped(old_end);
	bool fits = wanted >= start_brk;
	vaddr_t got = do_brk(mm, wanted);

	if (new_end > old_end && next < PAGES)
		fits &= new_end + 1 <= reach_below(next);
	if (fits && got == model_brk && got != wanted)
		return -ENOMEM;
	EXPECT_EQ(got, fits ? wanted : model_brk);
	if (!fits)
		return 0;
	model_brk = wanted;
	if (new_end > old_end)
		model_set(old_end, new_end - old_end, MAPPED | VM_READ | VM_WRITE);
	else
		model_set(new_end, old_end - new_end, 0);
	return 0;
}

static u32 resident_pages;

static int count_page(u32 index, bool resident, void *context)
{
	EXPECT_EQ(index, (*(u32 *)context)++);
	resident_pages += resident;
	return 0;
}

/*
 * Neither changes an area; both say -ENOMEM for a hole. Nothing is touched here, so nothing is
 * resident.
 */
static void step_madvise(void)
{
	u32 pages = random_pages(), page = random_below(PAGES - 100), mapped = 0, index = 0;
	int err;

	for (u32 i = page; i < page + pages; i++)
		mapped += !!model[i];
	err = do_madvise(mm, address_of(page), pages * PAGE_SIZE, MADV_DONTNEED);
	EXPECT_EQ(err, mapped == pages ? 0 : -ENOMEM);
	err = do_mincore(mm, address_of(page), pages * PAGE_SIZE, count_page, &index);
	EXPECT_EQ(err, mapped == pages ? 0 : -ENOMEM);
	EXPECT_EQ(resident_pages, 0);
}

static int step(bool *place_chosen)
{
	*place_chosen = false;
	switch (random_below(10)) {
	case 0:
	case 1:
	case 2:
		return step_mmap(place_chosen);
	case 3:
	case 4:
		*place_chosen = true; /* that is: all or nothing */
		return step_munmap();
	case 5:
	case 6:
	case 7:
		return step_mprotect();
	case 8:
		*place_chosen = true;
		return step_brk();
	default:
		step_madvise();
		return 0;
	}
}

static void start(void)
{
	machine_boot();
	mm = mm_alloc();
	start_brk = model_brk = address_of(HEAP_PAGE) + 0x123;
	mm->start_brk = mm->brk = start_brk;
}

static void stop(void)
{
	mm_put(mm);
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
	tap_note("%u areas at the end", mm->map_count);
	stop();
}

/* The model as the areas are now. */
static void take_over(void)
{
	memset(model, 0, sizeof(model));
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		for (vaddr_t at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE)
			model[(at - BASE) / PAGE_SIZE] = area_flags(vma);
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

/* Takes areas until there are `limit` hogs or no area is left. */
static void hog(u32 limit)
{
	void *area;

	while (hogged < limit && (area = kmem_cache_alloc(area_cache(), GFP_KERNEL)))
		hogs[hogged++] = area;
}

/* Leaves so many areas to be had; there is no frame for another slab. */
static void starve(u32 areas)
{
	hog(HOGS_MAX);
	EXPECT(hogged < HOGS_MAX);
	while (areas-- && hogged > 1)
		kmem_cache_free(area_cache(), hogs[--hogged]);
}

/*
 * Few areas are to be had: a call that fails left everything as it was, but that MAP_FIXED and
 * mprotect may have done a part
 * (READING: an inner failure leaves map and counters as they were).
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
	u32 kept[PAGES];
	vaddr_t kept_brk;

	start();
	original = mm;
	for (u32 round = 0; round < tap_scaled(60) && !tap_failed(); round++) {
		bool unused;

		copy = mm_copy(original);
		memcpy(kept, model, sizeof(model));
		kept_brk = model_brk;
		mm = copy;
		compare();
		for (u32 i = 0; i < 100; i++)
			step(&unused);
		compare();
		memcpy(model, kept, sizeof(model));
		model_brk = kept_brk;
		mm = original;
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
