/* SPDX-License-Identifier: MIT */
/* Memory devices. They ignore the position, which stays 0. */
#include "fs/device.h"
#include "fs/tmpfs/rootfs.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "lib/string.h"

static LIST_HEAD(devices);

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

#define RIGHTS (S_IFCHR | 0666)

static struct device memory_devices[] = {
	{ .name = "null",
	  .mode = RIGHTS,
	  .operations = { .read = null_read,
			  .write = null_write,
			  .rdev = 0x103,
			  .seekable = true,
			  .no_splice_read = true } },
	{ .name = "zero",
	  .mode = RIGHTS,
	  .operations = { .read = zero_read,
			  .write = null_write,
			  .rdev = 0x105,
			  .seekable = true,
			  .maps_zeros = true } },
	{ .name = "full",
	  .mode = RIGHTS,
	  .operations = { .read = zero_read,
			  .write = full_write,
			  .rdev = 0x107,
			  .seekable = true,
			  .no_splice_write = true } },
};

void device_register(struct device *device)
{
	struct inode *inode = rootfs_make("/dev", device->name, device->mode);

	BUG_ON(!inode); /* at boot there is memory for it */
	inode->rdev = device->operations.rdev;
	list_add_tail(&device->link, &devices);
}

const struct file_operations *device_find(u32 mode, u32 rdev)
{
	const struct device *device;

	list_for_each_entry (device, &devices, link)
		if (device->operations.rdev == rdev && (device->mode & S_IFMT) == (mode & S_IFMT))
			return &device->operations;
	return NULL;
}

bool device_has_major(u32 major)
{
	const struct device *device;

	list_for_each_entry (device, &devices, link)
		if ((device->mode & S_IFMT) == S_IFCHR && device->operations.rdev >> 8 == major)
			return true;
	return false;
}

void devices_init(void)
{
	list_init(&devices);
	for (u32 i = 0; i < ARRAY_SIZE(memory_devices); i++)
		device_register(&memory_devices[i]);
}
