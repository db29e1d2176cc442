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
#include "tests/explore/space_model.h"
#include "tests/host/mapping_write.h"
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

static u32 next_value;

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

/* --- calls --- */

static int map(u32 first, u32 count, const struct variant *variant)
{
	bool of_file = variant->kind != KIND_ANON;
	const struct mmap_request request = {
		.address = page_at(first),
		.length = count * PAGE_SIZE,
		.prot = variant->prot,
		.flags = MAP_FIXED | (variant->kind == KIND_SHARED ? MAP_SHARED : MAP_PRIVATE) |
			 (of_file ? 0 : MAP_ANONYMOUS),
		.mapping = of_file ? object : NULL,
		.may = VM_MAY_MASK,
		.pgoff = file_page(first),
	};
	vaddr_t result = do_mmap_pgoff(space, &request);

	if (IS_ERR_VALUE(result))
		return (int)result;
	EXPLORE_EQUAL(result, page_at(first));
	model_map(first, count, variant->prot, variant->kind);
	return 0;
}

static int map_anywhere(void)
{
	vaddr_t result =
		do_mmap(space, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
	u32 page = half;

	while (page < pages && window[page].prot != UNMAPPED)
		page++;
	EXPLORE_EQUAL(result, page_at(page));
	if (page == pages)
		EXPLORE_EQUAL(do_munmap(space, result, PAGE_SIZE), 0);
	else
		model_map(page, 1, PROT_READ | PROT_WRITE, KIND_ANON);
	return 0;
}

static int unmap(u32 first, u32 count)
{
	int err = do_munmap(space, page_at(first), count * PAGE_SIZE);

	if (!err)
		model_map(first, count, UNMAPPED, KIND_ANON);
	return err;
}

/* Up to the first hole. */
static int protect(u32 first, u32 count, u32 prot)
{
	int err = do_mprotect(space, page_at(first), count * PAGE_SIZE, prot);
	u32 page = first;

	if (fail_alloc_failed())
		return err;
	for (; page < first + count && window[page].prot != UNMAPPED; page++)
		window[page].prot = (u8)prot;
	EXPLORE_EQUAL(err, page == first + count ? 0 : -ENOMEM);
	return 0;
}

static int lock(u32 first, u32 count, bool on)
{
	u32 more = count - model_locked(first, count), locked = model_locked(0, pages),
	    page = first;
	bool allowed = !on || locked + more <= lock_limit;
	int err = on ? do_mlock(space, page_at(first), count * PAGE_SIZE, MLOCK_ONFAULT)
		     : do_munlock(space, page_at(first), count * PAGE_SIZE);

	if (fail_alloc_failed())
		return err;
	for (; allowed && page < first + count && window[page].prot != UNMAPPED; page++)
		window[page].locked = on;
	EXPLORE_EQUAL(err, page == first + count ? 0 : -ENOMEM);
	return 0;
}

/* To the same place of the other half. What is there is unmapped, even if the move fails. */
static int move(u32 first, u32 count)
{
	u32 to = first < half ? first + half : first - half;
	bool one_area = model_one_area(first, count);
	vaddr_t result = do_mremap(space, page_at(first), count * PAGE_SIZE, count * PAGE_SIZE,
				   MREMAP_MAYMOVE | MREMAP_FIXED, page_at(to));

	if (window[first].prot == UNMAPPED) {
		EXPLORE_EQUAL(result, -EFAULT);
		return 0;
	}
	if (fail_alloc_failed()) {
		const struct page_model unmapped = { .prot = UNMAPPED };

		model_adopt(to, count, &unmapped);
		return (int)result;
	}
	model_map(to, count, UNMAPPED, KIND_ANON);
	EXPLORE_EQUAL(result, one_area ? page_at(to) : (vaddr_t)-EFAULT);
	for (u32 i = 0; one_area && i < count; i++) {
		window[to + i] = window[first + i];
		model_map(first + i, 1, UNMAPPED, KIND_ANON);
	}
	return 0;
}

/* A page becomes two, where it is. */
static int grow(u32 page)
{
	vaddr_t result = do_mremap(space, page_at(page), PAGE_SIZE, 2 * PAGE_SIZE, 0, 0);
	int expected = 0;

	if (window[page].prot == UNMAPPED)
		expected = -EFAULT;
	else if (window[page].locked && model_locked(0, pages) == lock_limit)
		expected = -EAGAIN;
	else if (window[page + 1].prot != UNMAPPED)
		expected = -ENOMEM;
	EXPLORE_EQUAL(result, expected ? (vaddr_t)expected : page_at(page));
	if (!expected) {
		model_map(page + 1, 1, window[page].prot, window[page].kind);
		window[page + 1].locked = window[page].locked;
	}
	return 0;
}

/* Two pages become one. */
static int shrink(u32 page)
{
	vaddr_t result = do_mremap(space, page_at(page), 2 * PAGE_SIZE, PAGE_SIZE, 0, 0);
	bool mapped = window[page].prot != UNMAPPED;

	EXPLORE_EQUAL(result, mapped ? page_at(page) : (vaddr_t)-EFAULT);
	if (mapped)
		model_map(page + 1, 1, UNMAPPED, KIND_ANON);
	return 0;
}

static int dontneed(u32 first, u32 count)
{
	int err = do_madvise(space, page_at(first), count * PAGE_SIZE, MADV_DONTNEED);
	int expected = 0;

	for (u32 page = first; page < first + count; page++) {
		if (window[page].locked) {
			expected = -EINVAL;
			break;
		}
		if (window[page].prot == UNMAPPED)
			expected = -ENOMEM;
		model_forget(page);
	}
	EXPLORE_EQUAL(err, expected);
	return 0;
}

/* Frees the page of the file. */
static int remove_page(u32 page)
{
	int err = do_madvise(space, page_at(page), PAGE_SIZE, MADV_REMOVE), expected = 0;

	if (window[page].prot == UNMAPPED)
		expected = -ENOMEM;
	else if (window[page].locked || window[page].kind == KIND_ANON)
		expected = -EINVAL;
	else if (window[page].kind != KIND_SHARED || !(window[page].prot & PROT_WRITE))
		expected = -EACCES;
	EXPLORE_EQUAL(err, expected);
	if (!err)
		file.head[file_page(page)] = file.tail[file_page(page)] = 0;
	return 0;
}

static int read_words(u32 page)
{
	u32 head = 0, tail = 0;
	enum fault_result result = user_read(space, page_at(page) + HEAD, &head, sizeof(head));

	EXPLORE_EQUAL(result, model_access(page, false));
	if (result != FAULT_OK)
		return 0;
	EXPLORE_EQUAL(user_read(space, page_at(page) + TAIL, &tail, sizeof(tail)), FAULT_OK);
	EXPLORE_EQUAL(head, model_head(page));
	EXPLORE_EQUAL(tail, model_tail(page));
	return 0;
}

/* Both words of the file; the first one of private memory, so that a copy is seen to be whole. */
static int write_words(u32 page)
{
	u32 value = ++next_value, tail = model_tail(page);
	enum fault_result result = user_write(space, page_at(page) + HEAD, &value, sizeof(value));

	EXPLORE_EQUAL(result, model_access(page, true));
	if (result != FAULT_OK)
		return 0;
	if (window[page].kind != KIND_SHARED) {
		window[page].own = true;
		window[page].head = value;
		window[page].tail = tail;
		return 0;
	}
	EXPLORE_EQUAL(user_write(space, page_at(page) + TAIL, &value, sizeof(value)), FAULT_OK);
	file.head[file_page(page)] = file.tail[file_page(page)] = value;
	return 0;
}

static int truncate_file(u32 size)
{
	size = min(size, file_pages() * PAGE_SIZE);
	EXPLORE_EQUAL(mapping_resize(object, size), 0);
	model_truncate(size);
	return 0;
}

/* One word, then the source faults. */
static u32 copy_one_word(void *kernel, u32 bytes, void *context)
{
	u32 **source = context;

	if (!*source)
		return bytes;
	memcpy(kernel, *source, sizeof(u32));
	*source = NULL;
	return bytes - sizeof(u32);
}

/* write(2) of the first page of the file. */
static int file_write(void)
{
	u32 value = ++next_value, *source = &value;

	mutex_lock(&object->lock);
	EXPLORE_EQUAL(mapping_copy_to(object, 0, PAGE_SIZE, copy_one_word, &source), sizeof(u32));
	mutex_unlock(&object->lock);
	file.head[0] = value;
	return 0;
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
		return map(first, count, variant);
	case OP_MMAP_ANYWHERE:
		return map_anywhere();
	case OP_MUNMAP:
		return unmap(first, count);
	case OP_MPROTECT:
		return protect(first, count, variant->prot);
	case OP_MLOCK:
	case OP_MUNLOCK:
		return lock(first, count, variant->operation == OP_MLOCK);
	case OP_MOVE:
		return move(first, count);
	case OP_GROW:
		return grow(first);
	case OP_SHRINK:
		return shrink(first);
	case OP_DONTNEED:
		return dontneed(first, count);
	case OP_REMOVE:
		return remove_page(first);
	case OP_READ:
		return read_words(first);
	case OP_WRITE:
		return write_words(first);
	case OP_TRUNCATE:
		return truncate_file(variant->prot);
	case OP_FILE_WRITE:
		return file_write();
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
