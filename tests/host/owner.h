/* SPDX-License-Identifier: MIT */
/* Whose process it is, for fs/ (fs/process.h) and for capable(). */
#ifndef TESTS_HOST_OWNER_H
#define TESTS_HOST_OWNER_H

#include "lib/types.h"

/* The results of process_fsuid() and process_fsgid(); only 0 has capabilities. */
extern u32 host_fsuid, host_fsgid;

#endif
