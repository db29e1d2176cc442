/* SPDX-License-Identifier: MIT */
/* What a namespace says of itself: NVMe 1.4, figure 245. */
#include "kernel/disks/driver.h"
#include "kernel/disks/nvme.h"
#include "lib/string.h"

/* Offsets in the answer of identify. */
#define NS_SECTORS	   0u
#define NS_FORMAT	   26u
#define NS_FORMAT_MASK	   15u
#define NS_ATTRIBUTES	   99u
#define NS_WRITE_PROTECTED 1u
#define NS_FORMATS	   128u
#define FORMAT_METADATA	   0xffffu
#define FORMAT_SHIFT(f)	   ((f) >> 16 & 0xff) /* sectors of 2^this bytes */

bool nvme_describe_namespace(const u8 *id, struct disk *disk, u32 *shift)
{
	u32 format;

	memcpy(&disk->sectors, id + NS_SECTORS, sizeof(disk->sectors));
	memcpy(&format, id + NS_FORMATS + 4 * (id[NS_FORMAT] & NS_FORMAT_MASK), sizeof(format));
	if (!disk->sectors || format & FORMAT_METADATA || FORMAT_SHIFT(format) > 16)
		return false;
	*shift = FORMAT_SHIFT(format);
	disk->sector_bytes = 1u << *shift;
	disk->read_only = id[NS_ATTRIBUTES] & NS_WRITE_PROTECTED;
	return true;
}
