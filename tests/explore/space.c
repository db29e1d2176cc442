/* SPDX-License-Identifier: MIT */
/*
 * One address space of a few pages and one file: mmap (private, shared and private of the file,
 * at a fixed place and at one that is chosen, two rights), munmap, mprotect, mremap, mlock,
 * madvise, read, write, truncation; each call also with its first and its second allocation
 * failing.
 *
 * Ranges have one page, two, half the window, or all of it: others are made of these. The file is
 * of any size that has an end of its own for mm/: nothing, half of a page, all.
 */
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/fail_alloc.h"
#include "mm/user_space/shmem.h"
#include "tests/explore/explore.h"
#include "tests/explore/space_calls.h"
#include "tests/host/user.h"

enum operation {
	OP_MMAP,
	OP_MMAP_ANYWHERE,
	OP_MUNMAP,
	OP_MPROTECT,
	OP_MLOCK,
	OP_MUNLOCK,
	OP_MOVE,
	OP_GROW,
	OP_SHRINK,
	OP_DONTNEED,
	OP_REMOVE,
	OP_READ,
	OP_WRITE,
	OP_TRUNCATE,
	OP_FILE_WRITE,
};

/* An operation is one of these with a first page and a length. */
static const struct variant {
	enum operation operation;
	u32 prot, kind; /* or other arguments */
	u32 failures;	/* so many of its allocations may fail, one at a time */
	bool lengths;	/* it is of a range; else of its first page */
} variants[] = {
	{ OP_READ, 0, 0, 0, false },
	{ OP_WRITE, 0, 0, 0, false },
	{ OP_MMAP, PROT_READ, KIND_ANON, 2, true },
	{ OP_MMAP, PROT_READ | PROT_WRITE, KIND_ANON, 0, true },
	{ OP_MMAP, PROT_READ | PROT_WRITE, KIND_SHARED, 2, true },
	{ OP_MMAP, PROT_READ | PROT_WRITE, KIND_PRIVATE, 2, true },
	{ OP_MMAP_ANYWHERE, 0, 0, 0, false },
	{ OP_MUNMAP, 0, 0, 1, true },
	{ OP_MPROTECT, PROT_READ, 0, 2, true },
	{ OP_MPROTECT, PROT_READ | PROT_WRITE, 0, 2, true },
	{ OP_MLOCK, 0, 0, 2, true },
	{ OP_MUNLOCK, 0, 0, 2, true },
	{ OP_MOVE, 0, 0, 3, true },
	{ OP_GROW, 0, 0, 0, false },
	{ OP_SHRINK, 0, 0, 0, false },
	{ OP_DONTNEED, 0, 0, 0, true },
	{ OP_REMOVE, 0, 0, 0, false },
	{ OP_TRUNCATE, 0, 0, 0, false },
	{ OP_TRUNCATE, PAGE_SIZE / 2, 0, 0, false },
	{ OP_TRUNCATE, PAGES_MAX *PAGE_SIZE, 0, 0, false },
	{ OP_FILE_WRITE, 0, 0, 0, false },
};

enum { FAILURES = 4, OPERATIONS = ARRAY_SIZE(variants) * FAILURES * PAGES_MAX * PAGES_MAX };

const struct world world = { "space", "pages", 2, PAGES_MAX, 3, PAGES_MAX, OPERATIONS };

void world_start(u32 size)
{
	pages = size;
	half = size / 2;
	lock_limit = size - 1;
	spaces_start();
	host_privileged = false;
	host_rlim[RLIMIT_MEMLOCK] = (struct rlimit){ lock_limit * PAGE_SIZE, RLIM_INFINITY };
	model_map(0, PAGES_MAX, UNMAPPED, KIND_ANON);
	object = shmem_object(0, "file");
	space = mm_alloc();
	EXPLORE_CHECK(object && space);
	user_switch(space);
}

/* --- operations --- */

struct decoded {
	const struct variant *variant;
	u32 nth, first, count;
};

static struct decoded decode(u32 operation)
{
	return (struct decoded){
		.nth = operation % FAILURES,
		.count = 1 + operation / FAILURES % PAGES_MAX,
		.first = operation / (PAGES_MAX * FAILURES) % PAGES_MAX,
		.variant = &variants[operation / (PAGES_MAX * PAGES_MAX * FAILURES)],
	};
}

static bool crosses_half(const struct decoded *decoded)
{
	return decoded->first < half && decoded->first + decoded->count > half;
}

static bool all_anonymous(const struct decoded *decoded)
{
	for (u32 page = decoded->first; page < decoded->first + decoded->count; page++)
		if (window[page].kind != KIND_ANON)
			return false;
	return true;
}

static bool possible(const struct decoded *decoded)
{
	const struct variant *variant = decoded->variant;
	u32 first = decoded->first, count = decoded->count;

	if (first + count > pages || decoded->nth > variant->failures)
		return false;
	if (count > 2 && (count != half && count != pages))
		return false;
	if (!variant->lengths && count > 1)
		return false;
	switch (variant->operation) {
	case OP_MMAP:
		return variant->kind == KIND_ANON || !crosses_half(decoded);
	case OP_MLOCK:
		return all_anonymous(decoded);
	case OP_MOVE:
		return count <= half && !crosses_half(decoded) && first + count <= 2 * half;
	case OP_GROW:
		return first + 1 < pages && (window[first].kind == KIND_ANON || first + 1 != half);
	case OP_SHRINK:
		return first + 1 < pages;
	case OP_FILE_WRITE:
		return !first && file.size;
	case OP_MMAP_ANYWHERE:
	case OP_TRUNCATE:
		return !first;
	default:
		return true;
	}
}

static int call(const struct decoded *decoded)
{
	const struct variant *variant = decoded->variant;
	u32 first = decoded->first, count = decoded->count;

	switch (variant->operation) {
	case OP_MMAP:
		return space_map(first, count, variant->prot, (enum kind)variant->kind);
	case OP_MMAP_ANYWHERE:
		return space_map_anywhere();
	case OP_MUNMAP:
		return space_unmap(first, count);
	case OP_MPROTECT:
		return space_protect(first, count, variant->prot);
	case OP_MLOCK:
	case OP_MUNLOCK:
		return space_lock(first, count, variant->operation == OP_MLOCK);
	case OP_MOVE:
		return space_move(first, count);
	case OP_GROW:
		return space_grow(first);
	case OP_SHRINK:
		return space_shrink(first);
	case OP_DONTNEED:
		return space_dontneed(first, count);
	case OP_REMOVE:
		return space_remove_page(first);
	case OP_READ:
		return space_read_words(first);
	case OP_WRITE:
		return space_write_words(first);
	case OP_TRUNCATE:
		return space_truncate_file(variant->prot);
	case OP_FILE_WRITE:
		return space_file_write();
	}
	return 0;
}

/* A call that ran out of memory: some pages may be as it wanted them already. */
static void adopt(const struct decoded *decoded)
{
	for (u32 page = decoded->first; page < decoded->first + decoded->count; page++) {
		struct page_model after = window[page];

		switch (decoded->variant->operation) {
		case OP_MMAP:
			after = (struct page_model){ .prot = UNMAPPED };
			break;
		case OP_MPROTECT:
			after.prot = (u8)decoded->variant->prot;
			break;
		case OP_MLOCK:
		case OP_MUNLOCK:
			after.locked = decoded->variant->operation == OP_MLOCK;
			break;
		default:
			break;
		}
		model_adopt(page, 1, &after);
	}
}

bool world_apply(u32 operation)
{
	struct decoded decoded = decode(operation);
	struct fail_spec spec = { .kinds = FAIL_ANY, .mode = FAIL_ONCE, .nth = decoded.nth };
	bool failed;
	int err;

	if (!possible(&decoded))
		return false;
	fail_alloc_set(decoded.nth ? &spec : NULL);
	err = call(&decoded);
	failed = fail_alloc_failed();
	fail_alloc_set(NULL);
	if (failed != !!decoded.nth)
		return explore_undo(FAILURES - 1 - decoded.nth);
	EXPLORE_EQUAL(err, failed ? -ENOMEM : 0);
	if (failed)
		adopt(&decoded);
	return model_within_budget() || explore_undo(0);
}

/* --- as lines of a test --- */

static void map_text(const struct decoded *decoded, char *buffer, u32 size)
{
	const struct variant *variant = decoded->variant;
	const char *prot = variant->prot & PROT_WRITE ? "PROT_READ | PROT_WRITE" : "PROT_READ";

	if (variant->kind == KIND_ANON)
		scnprintf(buffer, size,
			  "do_mmap(space, page_at(%u), %u * PAGE_SIZE, %s, "
			  "MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);",
			  decoded->first, decoded->count, prot);
	else
		scnprintf(
			buffer, size,
			"do_mmap_pgoff(space, &(struct mmap_request){ page_at(%u), %u * PAGE_SIZE, "
			"%s, %s | MAP_FIXED, object, VM_MAY_MASK, %u });",
			decoded->first, decoded->count, prot,
			variant->kind == KIND_SHARED ? "MAP_SHARED" : "MAP_PRIVATE",
			file_page(decoded->first));
}

/* With %u for the first page, the number of pages, and another argument. */
static const char *const texts[] = {
	[OP_MMAP_ANYWHERE] = "do_mmap(space, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, "
			     "MAP_PRIVATE | MAP_ANONYMOUS);",
	[OP_MUNMAP] = "do_munmap(space, page_at(%u), %u * PAGE_SIZE);",
	[OP_MPROTECT] = "do_mprotect(space, page_at(%u), %u * PAGE_SIZE, %u);",
	[OP_MLOCK] = "do_mlock(space, page_at(%u), %u * PAGE_SIZE, MLOCK_ONFAULT);",
	[OP_MUNLOCK] = "do_munlock(space, page_at(%u), %u * PAGE_SIZE);",
	[OP_GROW] = "do_mremap(space, page_at(%u), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0);",
	[OP_SHRINK] = "do_mremap(space, page_at(%u), 2 * PAGE_SIZE, PAGE_SIZE, 0, 0);",
	[OP_DONTNEED] = "do_madvise(space, page_at(%u), %u * PAGE_SIZE, MADV_DONTNEED);",
	[OP_REMOVE] = "do_madvise(space, page_at(%u), PAGE_SIZE, MADV_REMOVE);",
	[OP_READ] = "user_read(space, page_at(%u), &word, sizeof(word));",
	[OP_WRITE] = "user_write(space, page_at(%u), &word, sizeof(word));",
	[OP_FILE_WRITE] = "mapping_copy_to(object, 0, PAGE_SIZE, copy_one_word, &source);",
};

void world_text(u32 operation, char *buffer, u32 size)
{
	const struct decoded decoded = decode(operation);
	u32 first = decoded.first, count = decoded.count, prot = decoded.variant->prot, length;

	if (decoded.variant->operation == OP_MMAP)
		map_text(&decoded, buffer, size);
	else if (decoded.variant->operation == OP_MOVE)
		scnprintf(buffer, size,
			  "do_mremap(space, page_at(%u), %u * PAGE_SIZE, %u * PAGE_SIZE, "
			  "MREMAP_MAYMOVE | MREMAP_FIXED, page_at(%u));",
			  first, count, count, first < half ? first + half : first - half);
	else if (decoded.variant->operation == OP_TRUNCATE)
		scnprintf(buffer, size, "mapping_resize(object, %u);",
			  min(prot, file_pages() * PAGE_SIZE));
	else
		scnprintf(buffer, size, texts[decoded.variant->operation], first, count, prot);
	length = (u32)strlen(buffer);
	if (decoded.nth)
		scnprintf(buffer + length, size - length, " /* allocation %u fails */",
			  decoded.nth);
}

void world_check(void)
{
	spaces_check();
	model_check();
}

void world_describe(void)
{
	model_describe();
}
