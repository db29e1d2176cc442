/* SPDX-License-Identifier: MIT */
/* See the header. */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/slab/slab.h"
#include "tests/host/mapping_write.h"
#include "tests/host/mm/swap/swap_files.h"
#include "tests/host/tap.h"

struct swap_file swap_files[SWAP_FILES];

u32 swap_file_word(u32 file, u32 page)
{
	return (page * SWAP_FILES + file + 1) * 0x9e3779b1u;
}

static int read_page(struct address_space *mapping, struct page *page)
{
	u32 file = mapping->ino, *words;

	if (swap_files[file].fail_read && !--swap_files[file].fail_read)
		return -EIO;
	words = kmap_atomic(page);
	for (u32 i = 0; i < PAGE_SIZE / 4; i++)
		words[i] = swap_file_word(file, page->index);
	kunmap_atomic(page);
	return 0;
}

static void release(struct address_space *mapping)
{
	kfree(mapping);
}

static const struct address_space_operations operations = { .readpage = read_page,
							    .release = release };

void swap_files_create(u32 pages)
{
	for (u32 i = 0; i < SWAP_FILES; i++) {
		struct address_space *mapping = kmalloc(sizeof(*mapping), GFP_KERNEL);

		EXPECT(mapping != NULL);
		mapping_init(mapping, &operations, (u64)pages * PAGE_SIZE);
		mapping->ino = i;
		mapping->written = i == SWAP_FILE_WRITTEN;
		swap_files[i] = (struct swap_file){ .mapping = mapping };
	}
}

void swap_files_end(void)
{
	for (u32 i = 0; i < SWAP_FILES; i++) {
		EXPECT_EQ(swap_files[i].mapping->count, 1);
		mapping_put(swap_files[i].mapping);
	}
}

int swap_file_read(u32 file, u32 page, u32 offset, u32 *word)
{
	s32 done = mapping_read(swap_files[file].mapping, word, sizeof(*word),
				(u64)page * PAGE_SIZE + offset);

	return done < 0 ? done : 0;
}

int swap_file_write(u32 file, u32 page, u32 offset, u32 word)
{
	s32 done = mapping_write(swap_files[file].mapping, &word, sizeof(word),
				 (u64)page * PAGE_SIZE + offset);

	return done < 0 ? done : 0;
}
