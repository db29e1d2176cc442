/* SPDX-License-Identifier: MIT */
/*
 * adjtimex(2) and clock_adjtime(2): struct timex with 32-bit fields of the i386, and the form with
 * 64-bit fields for the time after 2038. Source: Linux include/uapi/linux/timex.h.
 */
#ifndef ABI_LINUX_TIMEX_H
#define ABI_LINUX_TIMEX_H

#include "abi/types.h"

enum {
	ADJ_OFFSET = 0x0001,
	ADJ_FREQUENCY = 0x0002,
	ADJ_MAXERROR = 0x0004,
	ADJ_ESTERROR = 0x0008,
	ADJ_STATUS = 0x0010,
	ADJ_TIMECONST = 0x0020,
	ADJ_TAI = 0x0080,
	ADJ_SETOFFSET = 0x0100,
	ADJ_MICRO = 0x1000,
	ADJ_NANO = 0x2000,
	ADJ_TICK = 0x4000,
	ADJ_ADJTIME = 0x8000,
	ADJ_OFFSET_READONLY = 0x2000, /* with ADJ_ADJTIME */
	ADJ_OFFSET_SINGLESHOT = 0x8001,
	ADJ_OFFSET_SS_READ = 0xa001,
};

enum { STA_UNSYNC = 0x0040, STA_NANO = 0x2000, STA_RONLY = 0xff00, TIME_ERROR = 5 };

struct timex {
	u32 modes;
	s32 offset, freq, maxerror, esterror;
	s32 status;
	s32 constant, precision, tolerance;
	s32 seconds, microseconds; /* nanoseconds with STA_NANO */
	s32 tick;
	s32 pps_freq, jitter, shift, stabil, pps_counts[4];
	s32 tai;
	s32 unused[11];
};

struct timex64 {
	u32 modes, unused_1;
	s64 offset, freq, maxerror, esterror;
	s32 status, unused_2;
	s64 constant, precision, tolerance;
	s64 seconds, microseconds;
	s64 tick;
	s64 pps_freq, jitter;
	s32 shift, unused_3;
	s64 stabil, pps_counts[4];
	s32 tai;
	s32 unused[11];
};

#endif
