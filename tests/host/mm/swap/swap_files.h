/* SPDX-License-Identifier: MIT */
/*
 * Files for the model of swap: objects with contents of their own, which a disk that fails at
 * random gives.
 *
 *   SWAP_FILE_READ      was never written: reclaim drops its pages, readpage() fills them again
 *   SWAP_FILE_WRITTEN   was written: its pages exist in memory or in swap only
 */
#ifndef TESTS_HOST_MM_SWAP_SWAP_FILES_H
#define TESTS_HOST_MM_SWAP_SWAP_FILES_H

#include "mm/page_cache/filemap.h"

enum { SWAP_FILE_READ, SWAP_FILE_WRITTEN, SWAP_FILES };

struct swap_file {
	struct address_space *mapping;
	u32 fail_read; /* the nth readpage() from now fails; 0: none */
};

extern struct swap_file swap_files[SWAP_FILES];

/* Creates the files, of so many pages; the other one ends them: nothing may map them. */
void swap_files_create(u32 pages);
void swap_files_end(void);

/* What readpage() puts at `offset` of a page. */
u32 swap_file_word(u32 file, u32 page);

/* read(2) and write(2) of the word at `offset` of a page. 0 or -errno. */
int swap_file_read(u32 file, u32 page, u32 offset, u32 *word);
int swap_file_write(u32 file, u32 page, u32 offset, u32 word);

#endif
