/* SPDX-License-Identifier: MIT */
/*
 * Address spaces that map, unmap, protect, touch, fork and exit, beside a flat reference of each
 * (mm_model.h). The reference predicts each result: address, errno, kind of fault, every word
 * that is read, rss, total_vm and locked_vm. All accesses go through the software MMU, so a
 * stale translation is used and seen.
 *
 * sources: tests/fuzz/mm_model.c
 */
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/user_space/page_fault.h"
#include "mm/mman/mman.h"
#include "mm/user_space/vma.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/shmem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mm_model.h"
#include "tests/fuzz/rig.h"
#include "tests/host/user.h"

#define HEAP_START (BASE + 16 * PAGE_SIZE + 100)

static struct address_space *objects[OBJECTS];
static u32 next_word, last_space, last_page;

static void read_word(struct space *space, u32 page, u32 word)
{
	u32 got = 0;
	enum fault_result expected = model_access(space, page, false);
	enum fault_result result =
		user_read(space->mm, address_of(page) + word_offset(word), &got, sizeof(got));

	if (result == FAULT_OOM && expected == FAULT_OK)
		return;
	FUZZ_EQUAL(result, expected);
	if (result == FAULT_OK)
		FUZZ_EQUAL(got, words_of(space, page)[word]);
}

static void write_word(struct space *space, u32 page, u32 word)
{
	u32 value = ++next_word;
	enum fault_result expected = model_access(space, page, true);
	enum fault_result result =
		user_write(space->mm, address_of(page) + word_offset(word), &value, sizeof(value));

	if (result == FAULT_OOM && expected == FAULT_OK) {
		FUZZ_CHECK(rig_failed() || nr_free_pages() < 128);
		return;
	}
	FUZZ_EQUAL(result, expected);
	if (result != FAULT_OK)
		return;
	words_of(space, page)[word] = value;
	space->written[page] = !space->shows[page];
}

/* The same by access_process_vm(), as a debugger does: the space need not be active. */
static void poke_word(struct space *space, u32 page, u32 word, bool write)
{
	u32 value = write ? ++next_word : 0;
	vaddr_t address = address_of(page) + word_offset(word);
	u32 done = access_process_vm(space->mm, address, &value, sizeof(value),
				     write ? FAULT_WRITE : FAULT_READ);

	if (!done && rig_failed())
		return;
	if (!done && model_access(space, page, write) == FAULT_OK) {
		FUZZ_CHECK(nr_free_pages() < 128);
		return;
	}
	FUZZ_EQUAL(done, model_access(space, page, write) == FAULT_OK ? sizeof(value) : 0);
	if (!done)
		return;
	if (!write) {
		FUZZ_EQUAL(value, words_of(space, page)[word]);
		return;
	}
	words_of(space, page)[word] = value;
	space->written[page] = !space->shows[page];
}

static u32 take_length(struct fuzz_input *in, u32 first)
{
	u32 byte = fuzz_u8(in), pages = 1 + byte % (byte < 200 ? 8 : PAGES);

	return min(pages, PAGES - first);
}

static void op_mmap_fixed(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first), bits = fuzz_u8(in), prot = bits & 7;
	bool replace = bits & 8;
	vaddr_t address = address_of(first);
	u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | (replace ? MAP_FIXED : MAP_FIXED_NOREPLACE);
	vaddr_t result = do_mmap(space->mm, address, pages * PAGE_SIZE - (bits >> 4), prot, flags);

	if (!replace && !model_free(space, first, pages)) {
		FUZZ_EQUAL((s32)result, -EEXIST);
	} else if (result == (vaddr_t)-ENOMEM && rig_failed()) {
		adopt_areas(space, first, pages);
	} else {
		FUZZ_EQUAL(result, address);
		model_map(space, first, pages, prot);
	}
}

static void op_mmap(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first), bits = fuzz_u8(in), prot = bits & 7;
	bool hint = bits & 8;
	vaddr_t expected = hint && model_free(space, first, pages) ? address_of(first)
								   : model_place(space, pages);
	vaddr_t result = do_mmap(space->mm, hint ? address_of(first) + (bits & 16) : 0,
				 pages * PAGE_SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS);

	if (result == (vaddr_t)-ENOMEM && rig_failed())
		return;
	if (expected == END) {
		/* It was placed after the window, where nothing else is. */
		FUZZ_CHECK(result <= END && result + pages * PAGE_SIZE > END);
		rig_fail_not();
		FUZZ_EQUAL(do_munmap(space->mm, result, pages * PAGE_SIZE), 0);
		return;
	}
	FUZZ_EQUAL(result, expected);
	model_map(space, page_of(result), pages, prot);
}

static void op_munmap(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first);
	int err = do_munmap(space->mm, address_of(first), pages * PAGE_SIZE);

	if (err == -ENOMEM && rig_failed())
		return; /* unchanged */
	FUZZ_EQUAL(err, 0);
	model_map(space, first, pages, UNMAPPED);
}

static void op_mprotect(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first), prot = fuzz_u8(in) & 7, page = first;
	int err = do_mprotect(space->mm, address_of(first), pages * PAGE_SIZE, prot);

	if (err == -ENOMEM && rig_failed()) {
		adopt_areas(space, first, pages);
		return;
	}
	for (; page < first + pages && space->prot[page] != UNMAPPED; page++)
		space->prot[page] = (u8)prot;
	FUZZ_EQUAL(err, page == first + pages ? 0 : -ENOMEM);
}

/* Up to the first locked page; a page of an object is mapped again later. */
static void op_dontneed(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first);
	int err = do_madvise(space->mm, address_of(first), pages * PAGE_SIZE, MADV_DONTNEED);
	int expected = 0;

	for (u32 page = first; page < first + pages; page++) {
		if (space->locked[page]) {
			expected = -EINVAL;
			break;
		}
		if (space->prot[page] == UNMAPPED)
			expected = -ENOMEM;
		model_forget(space, page);
	}
	FUZZ_EQUAL(err, expected);
}

static void op_map_shared(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 bits = fuzz_u8(in), object = bits & 1, pgoff = bits / 2 % SIZE, prot = fuzz_u8(in) & 7;
	u32 pages = min(take_length(in, first), SIZE - pgoff);
	const struct mmap_request request = { .address = address_of(first),
					      .length = pages * PAGE_SIZE,
					      .prot = prot,
					      .flags = MAP_SHARED | MAP_FIXED,
					      .mapping = objects[object],
					      .may = VM_MAY_MASK,
					      .pgoff = pgoff };
	vaddr_t result = do_mmap_pgoff(space->mm, &request);

	if (result == (vaddr_t)-ENOMEM && rig_failed()) {
		adopt_areas(space, first, pages);
		return;
	}
	FUZZ_EQUAL(result, request.address);
	model_map(space, first, pages, prot);
	for (u32 i = 0; i < pages; i++)
		space->shows[first + i] = (u8)(1 + object * SIZE + pgoff + i);
}

/* Locked, but not populated. */
static void op_mlock(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first), page = first;
	bool lock = fuzz_u8(in) & 1;
	int err = lock ? do_mlock(space->mm, address_of(first), pages * PAGE_SIZE, MLOCK_ONFAULT)
		       : do_munlock(space->mm, address_of(first), pages * PAGE_SIZE);

	if (err == -ENOMEM && rig_failed()) {
		adopt_areas(space, first, pages);
		return;
	}
	for (; page < first + pages && space->prot[page] != UNMAPPED; page++)
		space->locked[page] = lock;
	FUZZ_EQUAL(err, page == first + pages ? 0 : -ENOMEM);
}

/* Moves pages of one area to a place of the window that does not overlap them. */
static void op_mremap(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = 1 + fuzz_below(in, 8), to = fuzz_below(in, PAGES);
	struct vm_area_struct *vma = find_vma(space->mm, address_of(first));
	vaddr_t end = address_of(first + pages), result;
	bool overlap = first + pages > to && to + pages > first;
	bool one_area;

	if (first + pages > PAGES || to + pages > PAGES)
		return;
	rig_fail_not(); /* a failure leaves a part done: test_vma_model covers that */
	one_area = vma && vma->vm_start <= address_of(first) && vma->vm_end >= end;
	result = do_mremap(space->mm, address_of(first), pages * PAGE_SIZE, pages * PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, address_of(to));
	if (overlap) { /* before the area, as on Linux */
		FUZZ_EQUAL((s32)result, -EINVAL);
		return;
	}
	if (space->prot[first] == UNMAPPED) {
		FUZZ_EQUAL((s32)result, -EFAULT);
		return;
	}
	model_map(space, to, pages, UNMAPPED);
	if (result == (vaddr_t)-ENOMEM && nr_free_pages() < 128)
		return;
	if (!one_area) {
		FUZZ_EQUAL((s32)result, -EFAULT);
		return;
	}
	FUZZ_EQUAL(result, address_of(to));
	for (u32 i = 0; i < pages; i++)
		model_move(space, first + i, to + i);
}

static void op_brk(struct space *space, struct fuzz_input *in)
{
	vaddr_t brk = HEAP_START - 200 + fuzz_u16(in) * 4;
	u32 old_page = page_of(PAGE_ALIGN(space->brk)), new_page = page_of(PAGE_ALIGN(brk));
	/* One page is kept free after the heap. */
	bool good = brk >= HEAP_START && new_page < PAGES - 1;
	vaddr_t result;

	if (new_page >= PAGES - 1)
		return;
	if (good && new_page > old_page)
		good = model_free(space, old_page, new_page + 1 - old_page);
	result = do_brk(space->mm, brk);
	if (good && result != brk && rig_failed())
		return;
	FUZZ_EQUAL(result, good ? brk : space->brk);
	if (!good)
		return;
	if (new_page > old_page)
		model_map(space, old_page, new_page - old_page, PROT_READ | PROT_WRITE);
	else
		model_map(space, new_page, old_page - new_page, UNMAPPED);
	space->brk = brk;
}

static void op_fork(struct space *space, u32 to)
{
	struct space *copy = &spaces[to];

	if (copy->mm) {
		if (copy == space)
			return;
		mm_put(copy->mm);
	}
	*copy = *space;
	memset(copy->locked, 0, sizeof(copy->locked));
	copy->mm = mm_copy(space->mm);
	FUZZ_CHECK(copy->mm || rig_failed() || nr_free_pages() < 128);
}

struct resident {
	const struct space *space;
	u32 first;
};

static int put_resident(u32 first, const u8 *resident, u32 pages, void *context)
{
	const struct resident *range = context;

	/* Written pages are present; pages that were only read may be. */
	for (u32 i = 0; i < pages; i++)
		FUZZ_CHECK(resident[i] || !range->space->written[range->first + first + i]);
	return 0;
}

static void op_mincore(struct space *space, struct fuzz_input *in, u32 first)
{
	u32 pages = take_length(in, first), mapped = 0;
	struct resident range = { space, first };
	int err = do_mincore(space->mm, address_of(first), pages * PAGE_SIZE, put_resident, &range);

	while (mapped < pages && space->prot[first + mapped] != UNMAPPED)
		mapped++;
	FUZZ_EQUAL(err, mapped == pages ? 0 : -ENOMEM);
}

/* Arguments that every call must refuse, without a change. */
static void op_refused(struct space *space, struct fuzz_input *in)
{
	vaddr_t address = address_of(fuzz_below(in, PAGES)) + 1 + fuzz_below(in, PAGE_SIZE - 1);
	u32 length = fuzz_u32(in), fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	FUZZ_EQUAL((s32)do_mmap(space->mm, address, PAGE_SIZE, PROT_READ, fixed), -EINVAL);
	FUZZ_EQUAL((s32)do_mmap(space->mm, 0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS), -EINVAL);
	FUZZ_EQUAL((s32)do_mmap(space->mm, USER_MIN - PAGE_SIZE, PAGE_SIZE, PROT_READ, fixed),
		   -EPERM);
	FUZZ_EQUAL((s32)do_mmap(space->mm, TASK_SIZE - PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ, fixed),
		   -ENOMEM);
	FUZZ_EQUAL(do_munmap(space->mm, address, length), -EINVAL);
	FUZZ_EQUAL(do_munmap(space->mm, TASK_SIZE, PAGE_SIZE), -EINVAL);
	FUZZ_EQUAL(do_munmap(space->mm, BASE, 0), -EINVAL);
	FUZZ_EQUAL(do_mprotect(space->mm, address, length, PROT_READ), -EINVAL);
	FUZZ_EQUAL(do_mprotect(space->mm, address & PAGE_MASK, PAGE_SIZE, 64), -EINVAL);
	FUZZ_EQUAL(do_madvise(space->mm, address, length, MADV_DONTNEED), -EINVAL);
	FUZZ_EQUAL(do_madvise(space->mm, BASE, length, 99), -EINVAL);
}

static void op_touch(struct space *space, u32 op, u32 page, u32 word)
{
	if (op < 96)
		read_word(space, page, word);
	else if (op < 176)
		write_word(space, page, word);
	else
		poke_word(space, page, word, op >= 184);
}

/*
 * The space and the page of an operation: often those of the previous one. A wrong translation
 * shows when the same page is used again before another space was active.
 */
static struct space *take_place(struct fuzz_input *in, u32 number, u32 *page)
{
	u32 i = number & 64 ? last_space : number % SPACES;

	*page = fuzz_below(in, PAGES);
	if (number & 128)
		*page = last_page;
	while (!spaces[i].mm)
		i = (i + 1) % SPACES;
	last_space = i;
	last_page = *page;
	return &spaces[i];
}

static void operation(struct fuzz_input *in)
{
	u32 op = fuzz_u8(in), number = fuzz_u8(in), page;
	struct space *space = take_place(in, number, &page);

	if (op < 190)
		op_touch(space, op, page, number / SPACES % WORDS);
	else if (op < 202)
		op_mmap(space, in, page);
	else if (op < 214)
		op_mmap_fixed(space, in, page);
	else if (op < 220)
		op_munmap(space, in, page);
	else if (op < 223)
		op_map_shared(space, in, page);
	else if (op < 226)
		op_mremap(space, in, page);
	else if (op < 228)
		op_mlock(space, in, page);
	else if (op < 233)
		op_mprotect(space, in, page);
	else if (op < 236)
		op_dontneed(space, in, page);
	else if (op < 240)
		op_brk(space, in);
	else if (op < 244)
		op_fork(space, page % SPACES);
	else if (op < 246)
		op_mincore(space, in, page);
	else if (op < 248)
		op_refused(space, in);
	else if (op < 250)
		rig_fail(in);
	else
		rig_fail_not();
	compare_sums(space);
}

static void start(void)
{
	struct space *space = &spaces[0];

	rig_start();
	next_word = last_space = last_page = 0;
	memset(spaces, 0, sizeof(spaces));
	memset(object_words, 0, sizeof(object_words));
	for (u32 i = 0; i < OBJECTS; i++) {
		objects[i] = shmem_object(SIZE * PAGE_SIZE, "fuzz");
		FUZZ_CHECK(objects[i]);
	}
	memset(space->prot, UNMAPPED, sizeof(space->prot));
	space->mm = mm_alloc();
	FUZZ_CHECK(space->mm);
	space->mm->start_brk = space->mm->brk = space->brk = HEAP_START;
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };

	start();
	while (fuzz_more(&in)) {
		rig_operation();
		operation(&in);
		if (fuzz_step())
			compare_all();
	}
	rig_fail_not();
	compare_all();
	for (u32 i = 0; i < SPACES; i++) {
		if (!spaces[i].mm)
			continue;
		for (u32 page = 0; page < PAGES; page++)
			read_word(&spaces[i], page, page % WORDS);
		mm_put(spaces[i].mm);
	}
	FUZZ_EQUAL(vm_committed, 0);
	for (u32 i = 0; i < OBJECTS; i++)
		mapping_put(objects[i]);
	rig_end(0);
}
