/* SPDX-License-Identifier: MIT */
/*
 * The calls of the world `space`. Each checks its result with the reference of space_model.h, and
 * changes that. 0, or -ENOMEM if an allocation was made to fail; then the caller asks the kernel
 * which pages have changed (model_adopt()).
 */
#ifndef TESTS_EXPLORE_SPACE_CALLS_H
#define TESTS_EXPLORE_SPACE_CALLS_H

#include "tests/explore/space_model.h"

int space_map(u32 first, u32 count, u32 prot, enum kind kind);
int space_map_anywhere(void); /* one page */
int space_unmap(u32 first, u32 count);
int space_protect(u32 first, u32 count, u32 prot);
int space_lock(u32 first, u32 count, bool on);
int space_move(u32 first, u32 count); /* to the other half */
int space_grow(u32 page);	      /* to two pages */
int space_shrink(u32 page);	      /* two pages, to one */
int space_dontneed(u32 first, u32 count);
int space_remove_page(u32 page);
int space_read_words(u32 page);
int space_write_words(u32 page);
int space_truncate_file(u32 size);
int space_file_write(void);

#endif
