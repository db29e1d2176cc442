/* SPDX-License-Identifier: MIT */
/* The policies that are there. */
#include "mm/reclaim/policy.h"

extern const struct reclaim_policy second_chance_policy, fifo_policy;

const struct reclaim_policy *const policies[] = { &second_chance_policy, &fifo_policy, NULL };
