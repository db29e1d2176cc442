/* SPDX-License-Identifier: MIT */
/*
 * The date, for the timestamps of files and segments. kernel/devices/time.c defines it for the
 * machine, tests/host/ for the host.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include "lib/types.h"

#define NSEC_PER_SEC 1000000000u

/*
 * Nanoseconds since 1970-01-01 00:00:00 UTC. The first call reads the machine's clock; without a
 * clock the count begins at 0 then. Any context.
 */
u64 clock_realtime(void);

/*
 * The same, but up to a tick old, for times of files and segments: 10 instructions. It never is
 * later than clock_realtime(). Tasks only.
 */
u64 clock_coarse(void);

#endif
