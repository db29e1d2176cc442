/* SPDX-License-Identifier: MIT */
/* The policies that are there. */
#include "mm/reclaim/policy.h"

extern const struct reclaim_policy fifo_policy, second_chance_policy, two_lists_policy,
	aging_policy, refault_policy;
/*
 * A student's, in the kernel of `make league POLICY=FILE.c` only; else NULL, which ends the list.
 */
extern const struct reclaim_policy student_policy __attribute__((weak));

const struct reclaim_policy *const policies[] = {
	&refault_policy,
	&second_chance_policy,
	&two_lists_policy,
	&aging_policy,
	&fifo_policy,
	&student_policy,
	NULL,
};
