/* SPDX-License-Identifier: MIT */
/* The table of disks, requests with their further tries, and the ranges that may be written. */
#include "kernel/disks/disk.h"
#include "abi/linux/errno.h"
#include "kernel/disks/driver.h"
#include "kernel/disks/gpt.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/frames/page.h"

enum verb { READ, WRITE, FLUSH };

static const char *const verb_names[] = { "read", "write", "flush" };

struct request {
	struct disk *disk;
	enum verb verb;
	u64 sector;
	const pfn_t *frames;
	u32 bytes;
};

static struct disk *disks[DISKS_MAX];
static u32 disk_count;

static struct disk_range ranges[SWAP_PARTITIONS_MAX];
static u32 range_count;

static bool busy;    /* (3): a request is under way */
static bool stopped; /* by disks_stop() */

static u32 disks_of_kind(const char *kind)
{
	size_t length = strlen(kind);
	u32 count = 0;

	for (u32 i = 0; i < disk_count; i++)
		count += !strncmp(disks[i]->name, kind, length);
	return count;
}

void disk_set_model(struct disk *disk, const char *text, u32 length)
{
	u32 end = 0;

	for (u32 i = 0; i < length && i < sizeof(disk->model) - 1; i++) {
		bool plain = text[i] >= ' ' && text[i] <= '~' && text[i] != '"';

		disk->model[i] = plain ? text[i] : '?';
		if (text[i] != ' ')
			end = i + 1;
	}
	disk->model[end] = '\0';
}

int disk_register(struct disk *disk, const char *kind)
{
	bool size_good = disk->sector_bytes == 512 || disk->sector_bytes == PAGE_SIZE;

	BUG_ON(disk->max_frames - 1 >= DISK_FRAMES_MAX);
	scnprintf(disk->name, sizeof(disk->name), "%s%u", kind, disks_of_kind(kind));
	if (!size_good || !disk->sectors || disk_count == DISKS_MAX) {
		printk("disk: name=%s model=\"%s\" sectors=%llu sector=%u unused reason=\"%s\"\n",
		       disk->name, disk->model, disk->sectors, disk->sector_bytes,
		       disk_count == DISKS_MAX ? "too many disks"
		       : size_good	       ? "no sectors"
					       : "sectors of 512 or 4096 bytes are needed");
		return -ENOSPC;
	}
	disk->failed = false;
	disk->error_lines = 0;
	disk->count = (struct disk_statistics){ 0 };
	disks[disk_count++] = disk;
	printk("disk: name=%s model=\"%s\" sectors=%llu sector=%u%s\n", disk->name, disk->model,
	       disk->sectors, disk->sector_bytes, disk->read_only ? " read-only" : "");
	return 0;
}

struct disk *disk_get(u32 index)
{
	return index < disk_count ? disks[index] : NULL;
}

static const char *try(const struct request *request)
{
	const struct disk_ops *ops = request->disk->ops;

	if (request->verb == FLUSH)
		return ops->flush(request->disk);
	return ops->transfer(request->disk, request->verb == WRITE, request->sector,
			     request->frames, request->bytes);
}

/* (5) */
static void report(const struct request *request, const char *error, u32 retries, bool done)
{
	struct disk *disk = request->disk;

	if (disk->error_lines == DISK_ERROR_LINES)
		return;
	disk->error_lines++;
	printk("disk: name=%s error=%s sector=%llu request=%s retries=%u result=%s%s\n", disk->name,
	       error, request->sector, verb_names[request->verb], retries, done ? "done" : "failed",
	       disk->error_lines == DISK_ERROR_LINES ? " (no more lines)" : "");
}

/* (4) */
static bool reset(struct disk *disk)
{
	if (disk->ops->reset(disk))
		return true;
	disk->failed = true;
	disk->ops->isolate(disk);
	return false;
}

/* (4) */
static bool try_again(const struct request *request, const char **error, u32 *retries)
{
	struct disk *disk = request->disk;

	for (*retries = 0; *retries < DISK_RETRIES; ++*retries) {
		const char *again;

		if (!reset(disk))
			return false;
		disk->count.retries++;
		again = try(request);
		if (!again) {
			++*retries;
			return true;
		}
		*error = again;
	}
	/* The last error may have left the device stopped. */
	reset(disk);
	return false;
}

static int make_request(const struct request *request)
{
	struct disk *disk = request->disk;
	const char *error;
	u32 retries;
	bool done;

	if (stopped || disk->failed)
		return -EIO;
	BUG_ON(busy); /* (3) */
	busy = true;
	error = try(request);
	if (error) {
		done = try_again(request, &error, &retries);
		disk->count.errors += !done;
		report(request, error, retries, done);
		busy = false;
		return done ? 0 : -EIO;
	}
	busy = false;
	return 0;
}

static bool has_sectors(const struct disk *disk, u64 first, u64 count)
{
	return count && first < disk->sectors && count <= disk->sectors - first;
}

/* (2) Returns the number of sectors. */
static u32 check_frames(const struct disk *disk, const pfn_t *frames, u32 bytes)
{
	BUG_ON(!bytes || bytes > DISK_FRAMES_MAX * PAGE_SIZE || bytes % disk->sector_bytes);
	for (u32 i = 0; i < DIV_ROUND_UP(bytes, PAGE_SIZE); i++)
		BUG_ON(!pfn_valid(frames[i]));
	return bytes / disk->sector_bytes;
}

static void count_request(const struct request *request)
{
	struct disk_statistics *count = &request->disk->count;
	u32 frames = DIV_ROUND_UP(request->bytes, PAGE_SIZE);

	if (request->verb == WRITE) {
		count->writes++;
		count->frames_written += frames;
	} else {
		count->reads++;
		count->frames_read += frames;
	}
}

/* (2) In parts that the device takes. The first one that fails is the last one. */
static int move(struct request whole)
{
	u32 most = whole.disk->max_frames * PAGE_SIZE;
	int err = 0;

	for (u32 done = 0; done < whole.bytes && !err; done += most) {
		struct request part = whole;

		part.sector += done / whole.disk->sector_bytes;
		part.frames += done / PAGE_SIZE;
		part.bytes = min(whole.bytes - done, most);
		count_request(&part);
		err = make_request(&part);
	}
	return err;
}

int disk_read(struct disk *disk, u64 sector, const pfn_t *frames, u32 bytes)
{
	if (!has_sectors(disk, sector, check_frames(disk, frames, bytes)))
		return -EINVAL;
	return move((struct request){ disk, READ, sector, frames, bytes });
}

const struct disk_range *disk_allow_writes(struct disk *disk, u64 first, u64 sectors)
{
	struct disk_range *range = &ranges[range_count];

	if (range_count == ARRAY_SIZE(ranges) || disk->read_only ||
	    !has_sectors(disk, first, sectors))
		return NULL;
	*range = (struct disk_range){ disk, first, sectors };
	range_count++;
	return range;
}

/* (1) By the place in the table, so that no other structure can take part. */
static void check_range(const struct disk_range *range, u64 sector, u32 count)
{
	u32 index = range_count;

	for (u32 i = 0; i < range_count; i++)
		if (range == &ranges[i])
			index = i;
	BUG_ON(index == range_count);
	BUG_ON(range->disk->read_only);
	BUG_ON(!has_sectors(range->disk, range->first, range->sectors));
	BUG_ON(sector >= range->sectors || count > range->sectors - sector);
}

int disk_write(const struct disk_range *range, u64 sector, const pfn_t *frames, u32 bytes)
{
	struct disk *disk = range->disk;

	check_range(range, sector, check_frames(disk, frames, bytes));
	return move((struct request){ disk, WRITE, range->first + sector, frames, bytes });
}

int disk_flush(struct disk *disk)
{
	struct request request = { .disk = disk, .verb = FLUSH };

	disk->count.flushes++;
	return make_request(&request);
}

void disks_stop(void)
{
	bool interrupted = busy;

	if (stopped)
		return;
	for (u32 i = 0; i < disk_count && !interrupted; i++)
		if (disks[i]->count.writes)
			disk_flush(disks[i]);
	stopped = true;
	for (u32 i = 0; i < disk_count; i++)
		disks[i]->ops->stop(disks[i]);
}
