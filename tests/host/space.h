/* SPDX-License-Identifier: MIT */
/* The check that all tests of address spaces share. */
#ifndef TESTS_HOST_SPACE_H
#define TESTS_HOST_SPACE_H

#include "mm/user_space/mm.h"

/*
 * Expects that the space is valid and that the model's TLB agrees with its page tables.
 */
void check_space(struct mm_struct *space);

#endif
