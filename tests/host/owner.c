/* SPDX-License-Identifier: MIT */
/* The owner of new files. */
#include "fs/process.h"
#include "tests/host/owner.h"

u32 host_fsuid, host_fsgid;

u32 process_fsuid(void)
{
	return host_fsuid;
}

u32 process_uid(void)
{
	return host_fsuid;
}

u32 process_fsgid(void)
{
	return host_fsgid;
}
