/* SPDX-License-Identifier: MIT */
/* The policies that are there. */
#include "mm/reclaim/policy.h"

extern const struct reclaim_policy fifo_policy, second_chance_policy, two_lists_policy,
	aging_policy, refault_policy;

const struct reclaim_policy *const policies[] = {
	&refault_policy, &second_chance_policy, &two_lists_policy,
	&aging_policy,	 &fifo_policy,		NULL,
};
