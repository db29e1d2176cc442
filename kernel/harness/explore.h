/* SPDX-License-Identifier: MIT */
/*
 * The options sched=explore and sched=replay (kernel/orders/orders.h): the cases of a program in
 * every order of its tasks, within limits.
 *
 *     a run of the whole program, in the usual order   its TAP says how many cases there are
 *     for each case
 *             until path_next() finds no other order
 *                     run the program with TAP_CASE=N in its environment, without output
 *                     it must pass, and leave memory as it was
 *             explore: program=NAME case=N schedules=S points=P result=complete
 *
 * The first order that fails is run again with output, and ends its case. A run that cannot go on
 * ends after the time of `limit=`, which passes at once because there is no tick.
 */
#ifndef KERNEL_HARNESS_EXPLORE_H
#define KERNEL_HARNESS_EXPLORE_H

#include "kernel/harness/programs.h"

/*
 * Explores the cases of a program that has run in the usual order, with this output. Returns its
 * outcome. Without the option that is OUTCOME_PASSED.
 */
enum outcome explore_cases(const struct program_start *start, const struct program_tap *tap);

/* With sched=replay: program_execute() of one case in the order of the option. */
enum outcome replay_case(const struct program_start *start, struct program_tap *tap);

#endif
