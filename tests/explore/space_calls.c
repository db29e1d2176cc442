/* SPDX-License-Identifier: MIT */
/* The calls of the world `space`, each beside what the reference says that it does. */
#include "tests/explore/space_calls.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/frames/fail_alloc.h"
#include "tests/explore/explore.h"
#include "tests/host/mapping_write.h"
#include "tests/host/user.h"

static u32 next_value;

int space_map(u32 first, u32 count, u32 prot, enum kind kind)
{
	bool of_file = kind != KIND_ANON;
	const struct mmap_request request = {
		.address = page_at(first),
		.length = count * PAGE_SIZE,
		.prot = prot,
		.flags = MAP_FIXED | (kind == KIND_SHARED ? MAP_SHARED : MAP_PRIVATE) |
			 (of_file ? 0 : MAP_ANONYMOUS),
		.mapping = of_file ? object : NULL,
		.may = VM_MAY_MASK,
		.pgoff = file_page(first),
	};
	vaddr_t result = do_mmap_pgoff(space, &request);

	if (IS_ERR_VALUE(result))
		return (int)result;
	EXPLORE_EQUAL(result, page_at(first));
	model_map(first, count, prot, kind);
	return 0;
}

int space_map_anywhere(void)
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

int space_unmap(u32 first, u32 count)
{
	int err = do_munmap(space, page_at(first), count * PAGE_SIZE);

	if (!err)
		model_map(first, count, UNMAPPED, KIND_ANON);
	return err;
}

/* Up to the first hole. */
int space_protect(u32 first, u32 count, u32 prot)
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

int space_lock(u32 first, u32 count, bool on)
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
int space_move(u32 first, u32 count)
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
int space_grow(u32 page)
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
int space_shrink(u32 page)
{
	vaddr_t result = do_mremap(space, page_at(page), 2 * PAGE_SIZE, PAGE_SIZE, 0, 0);
	bool mapped = window[page].prot != UNMAPPED;

	EXPLORE_EQUAL(result, mapped ? page_at(page) : (vaddr_t)-EFAULT);
	if (mapped)
		model_map(page + 1, 1, UNMAPPED, KIND_ANON);
	return 0;
}

int space_dontneed(u32 first, u32 count)
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
int space_remove_page(u32 page)
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

int space_read_words(u32 page)
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
int space_write_words(u32 page)
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

int space_truncate_file(u32 size)
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
int space_file_write(void)
{
	u32 value = ++next_value, *source = &value;

	mutex_lock(&object->lock);
	EXPLORE_EQUAL(mapping_copy_to(object, 0, PAGE_SIZE, copy_one_word, &source), sizeof(u32));
	mutex_unlock(&object->lock);
	file.head[0] = value;
	return 0;
}
