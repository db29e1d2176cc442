/* SPDX-License-Identifier: MIT */
/* Memory devices. They ignore the position, which stays 0. */
#include "fs/device.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "lib/string.h"

#define DEVICE .mode = S_IFCHR | 0666, .dev = DEVICES_DEV, .seekable = true

s32 null_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	(void)file;
	(void)position;
	(void)bytes;
	(void)copy;
	(void)context;
	return 0;
}

static s32 zero_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy, void *context)
{
	static const char zeros[1024];
	u32 done = 0, left = 0;

	(void)file;
	(void)position;
	while (done < bytes && !left && !(done && task_killed())) {
		u32 part = min(bytes - done, (u32)sizeof(zeros));

		left = copy((void *)zeros, part, context);
		done += part - left;
		cond_resched();
	}
	return left && !done ? -EFAULT : (s32)done;
}

/* The caller's bytes are not even read, as on Linux: no fault can occur. */
static s32 null_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context)
{
	(void)file;
	(void)position;
	(void)copy;
	(void)context;
	return (s32)bytes;
}

static s32 full_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context)
{
	(void)file;
	(void)position;
	(void)bytes;
	(void)copy;
	(void)context;
	return -ENOSPC;
}

static const struct device {
	const char *name;
	struct file_operations operations;
} devices[] = {
	{ "dev/null", { .read = null_read, .write = null_write, DEVICE, .rdev = 0x103 } },
	{ "dev/zero",
	  { .read = zero_read, .write = null_write, DEVICE, .rdev = 0x105, .maps_zeros = true } },
	{ "dev/full", { .read = zero_read, .write = full_write, DEVICE, .rdev = 0x107 } },
};

const struct file_operations *device_find(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(devices); i++)
		if (!strcmp(devices[i].name, name))
			return &devices[i].operations;
	return NULL;
}
