/* SPDX-License-Identifier: MIT */
/* The bytes of a pipe. Numbers cite the invariants of fs/pipe/pipe.h. */
#include "fs/pipe/ring.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"

static struct pipe_page *page_at(const struct pipe *pipe, u32 position)
{
	return &pipe->pages[position / PAGE_SIZE & (pipe->places - 1)];
}

static void page_drop(struct pipe_page *page)
{
	BUG_ON(!page->data);
	free_page(page->data);
	*page = (struct pipe_page){ 0 };
}

u32 ring_free_pages(const struct pipe *pipe)
{
	u32 used = pipe->end - ALIGN_DOWN(pipe->start, PAGE_SIZE);

	return pipe->capacity / PAGE_SIZE - DIV_ROUND_UP(used, PAGE_SIZE); /* (1) */
}

static void advance(struct pipe *pipe, u32 bytes)
{
	struct pipe_page *page = page_at(pipe, pipe->start);

	pipe->start += bytes;
	if (pipe->start % PAGE_SIZE == 0)
		page_drop(page);
	if (pipe->start != pipe->end)
		return;
	if (page->data && page != &pipe->pages[0]) {
		pipe->pages[0] = *page;
		*page = (struct pipe_page){ 0 };
	}
	pipe->start = pipe->end = 0;
}

/* The bytes of the page at `position` from there on. */
static u32 bytes_in_page(const struct pipe *pipe, u32 position)
{
	u32 fill = page_at(pipe, position)->fill;

	return min((fill ? fill : PAGE_SIZE) - position % PAGE_SIZE, pipe->end - position);
}

s32 ring_take(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 done = 0;

	while (done < bytes && pipe->start != pipe->end) {
		const struct pipe_page page = *page_at(pipe, pipe->start);
		u32 offset = pipe->start % PAGE_SIZE, there = bytes_in_page(pipe, pipe->start);
		u32 part = min(bytes - done, there);

		if (copy(page.data + offset, part, context))
			return done ? (s32)done : -EFAULT;
		if (page.fill && (page.kind == PAGE_PACKET || part == there))
			advance(pipe, PAGE_SIZE - offset);
		else
			advance(pipe, part);
		done += part;
		if (page.kind == PAGE_PACKET)
			break;
	}
	return (s32)done;
}

/* The end of the page's data, and of the page: what comes next begins a new one. */
static void end_page(struct pipe *pipe, enum ring_page kind)
{
	struct pipe_page *page = page_at(pipe, pipe->end - 1);

	page->fill = (pipe->end - 1) % PAGE_SIZE + 1;
	page->kind = kind;
	pipe->end = ALIGN_UP(pipe->end, PAGE_SIZE);
}

/* The part of the last page that has no byte. */
static u32 rest_of_page(const struct pipe *pipe)
{
	return -pipe->end % PAGE_SIZE;
}

char *ring_space(struct pipe *pipe)
{
	struct pipe_page *page;

	if (rest_of_page(pipe))
		end_page(pipe, PAGE_JOINS);
	page = page_at(pipe, pipe->end);
	if (!page->data)
		page->data = __get_free_pages(GFP_KERNEL, 0);
	return page->data;
}

void ring_filled(struct pipe *pipe, u32 bytes, enum ring_page kind)
{
	if (!bytes && pipe->start != pipe->end)
		page_drop(page_at(pipe, pipe->end)); /* (2), (3) */
	pipe->end += bytes;
	if (bytes && kind != PAGE_JOINS)
		end_page(pipe, kind);
}

s32 ring_join(struct pipe *pipe, u32 bytes, mapping_copy_t copy, void *context)
{
	u32 offset = pipe->end % PAGE_SIZE;

	if (bytes > rest_of_page(pipe))
		return 0;
	if (copy(page_at(pipe, pipe->end)->data + offset, bytes, context))
		return -EFAULT;
	pipe->end += bytes;
	return (s32)bytes;
}

s32 ring_put(struct pipe *pipe, u32 bytes, enum ring_page kind, mapping_copy_t copy, void *context)
{
	u32 done = 0, pages = kind == PAGE_PACKET ? 1 : ring_free_pages(pipe);

	for (; done < bytes && pages; pages--) {
		u32 part = min(bytes - done, PAGE_SIZE);
		char *to = ring_space(pipe);
		u32 left = to ? copy(to, part, context) : 0;

		if (to)
			ring_filled(pipe, left ? 0 : part, kind);
		if (!to || left)
			return done ? (s32)done : to ? -EFAULT : -ENOMEM;
		done += part;
	}
	return (s32)done;
}

int ring_set_places(struct pipe *pipe, u32 places)
{
	struct pipe_page *pages = pipe->few;
	u32 at = ALIGN_DOWN(pipe->start, PAGE_SIZE),
	    count = DIV_ROUND_UP(pipe->end - at, PAGE_SIZE);

	if (places == pipe->places)
		return 0;
	if (places > PIPE_PAGES)
		pages = kvmalloc(places * sizeof(*pages));
	if (!pages)
		return -ENOMEM;
	memset(pages, 0, places * sizeof(*pages));
	for (u32 i = 0; i < max(count, 1u); i++, at += PAGE_SIZE) /* (3): one more may be there */
		pages[at / PAGE_SIZE & (places - 1)] = *page_at(pipe, at);
	if (pipe->pages != pipe->few)
		kvfree(pipe->pages);
	pipe->pages = pages;
	pipe->places = places;
	return 0;
}

/* The place behind the bytes of the page at `position`. */
static u32 next_page(const struct pipe *pipe, u32 position)
{
	if (page_at(pipe, position)->fill)
		return ALIGN_DOWN(position, PAGE_SIZE) + PAGE_SIZE;
	return position + bytes_in_page(pipe, position);
}

u32 ring_bytes(const struct pipe *pipe)
{
	u32 bytes = 0;

	for (u32 at = pipe->start; at != pipe->end; at = next_page(pipe, at))
		bytes += bytes_in_page(pipe, at);
	return bytes;
}

struct ring_part ring_look(const struct pipe *pipe, u32 skip)
{
	for (u32 at = pipe->start; at != pipe->end; at = next_page(pipe, at)) {
		const struct pipe_page *page = page_at(pipe, at);
		u32 there = bytes_in_page(pipe, at);

		if (skip < there)
			return (struct ring_part){ page->data + at % PAGE_SIZE + skip, there - skip,
						   page->kind };
		skip -= there;
	}
	return (struct ring_part){ .bytes = 0 };
}

void ring_drop(struct pipe *pipe, u32 bytes)
{
	bool whole = page_at(pipe, pipe->start)->fill && bytes == bytes_in_page(pipe, pipe->start);

	advance(pipe, whole ? PAGE_SIZE - pipe->start % PAGE_SIZE : bytes);
}

void ring_free(struct pipe *pipe)
{
	for (u32 i = 0; i < pipe->places; i++)
		if (pipe->pages[i].data)
			page_drop(&pipe->pages[i]);
	if (pipe->pages != pipe->few)
		kvfree(pipe->pages);
}
