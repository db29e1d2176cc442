/* SPDX-License-Identifier: MIT */
/* A page directory for the tests of paging/, and the frames of its page tables. */
#ifndef TESTS_HOST_PAGING_PAGE_TABLES_H
#define TESTS_HOST_PAGING_PAGE_TABLES_H

#include "paging/range.h"

/* Page tables come from the frames after the directory; no more than `tables_left`. */
#define DIRECTORY_FRAME 0x100u

extern pgd_t *directory;
extern u32 tables_made, tables_left;
extern const struct pgtable_ops ops;

/* An empty directory; with PAE it has all tables of the middle level. */
void make_directory(void);

#endif
