/* SPDX-License-Identifier: MIT */
/* What every test of address spaces checks of one. */
#ifndef TESTS_HOST_SPACE_H
#define TESTS_HOST_SPACE_H

#include "mm/user_space/mm.h"

/*
 * Expects that the space is valid and that the model's TLB holds nothing that its page tables do
 * not say.
 */
void check_space(struct mm_struct *space);

#endif
