/* SPDX-License-Identifier: MIT */
/*
 * getrandom(): the processor's random numbers (RDRAND), if it has them, mixed with the time-stamp
 * counter. Without RDRAND only the low bits of the counter are unpredictable: enough for hash
 * tables, not for keys.
 */
#include "fs/device.h"
#include "kernel/cpu/cpu.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/devices/time.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"

#define GRND_KNOWN  7u
#define GRND_RANDOM 2u
#define GRND_UNSAFE 4u

#define BLOCK	    256u	/* bytes at a time */
#define REQUEST_MAX 0x01ffffffu /* Linux's limit for one call */

static u64 state;

static u32 processor_random(void)
{
	u32 value = 0;
	bool good = false;

	if (cpu_has(CPU_RDRAND))
		__asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(good));
	return good ? value : 0;
}

/* One step of SplitMix64, with new entropy mixed into the state. */
static u32 random_word(void)
{
	u64 mixed;

	state += 0x9e3779b97f4a7c15ull + (cpu_has(CPU_TSC) ? rdtsc() : jiffies);
	state ^= (u64)processor_random() << 16;
	mixed = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ull;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebull;
	return (u32)(mixed >> 32) ^ processor_random();
}

static void fill(u32 words[BLOCK / sizeof(u32)], u32 bytes)
{
	for (u32 i = 0; i < DIV_ROUND_UP(bytes, sizeof(u32)); i++)
		words[i] = random_word();
}

/* /dev/random and /dev/urandom never wait, like getrandom(). */
static s32 random_read(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
		       void *context)
{
	u32 words[BLOCK / sizeof(u32)], done = 0, left = 0;

	(void)file;
	(void)position;
	while (done < bytes && !left && !(done && signal_pending(current))) {
		u32 part = min(bytes - done, BLOCK);

		fill(words, part);
		left = copy(words, part, context);
		done += part - left;
		cond_resched();
	}
	return left && !done ? -EFAULT : (s32)done;
}

/* What programs write is mixed into the state. */
static s32 random_write(struct file *file, u64 position, u32 bytes, mapping_copy_t copy,
			void *context)
{
	u32 words[BLOCK / sizeof(u32)] = { 0 };
	u32 part = min(bytes, BLOCK), left = copy(words, part, context);

	(void)file;
	(void)position;
	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		state = (state ^ words[i]) * 0x9e3779b97f4a7c15ull;
	return part && left == part ? -EFAULT : (s32)bytes;
}

static struct device random_devices[] = {
	{ .name = "random",
	  .mode = S_IFCHR | 0666,
	  .operations = { .read = random_read,
			  .write = random_write,
			  .rdev = 0x108,
			  .seekable = true } },
	{ .name = "urandom",
	  .mode = S_IFCHR | 0666,
	  .operations = { .read = random_read,
			  .write = random_write,
			  .rdev = 0x109,
			  .seekable = true } },
};

void random_init(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(random_devices); i++)
		device_register(&random_devices[i]);
}

s32 sys_getrandom(struct pt_regs *regs)
{
	u32 bytes = min(regs->ecx, REQUEST_MAX), flags = regs->edx, done = 0;

	if (flags & ~GRND_KNOWN ||
	    (flags & (GRND_RANDOM | GRND_UNSAFE)) == (GRND_RANDOM | GRND_UNSAFE))
		return -EINVAL;
	if (!access_ok(regs->ebx, bytes))
		return -EFAULT;
	while (done < bytes) {
		u32 words[BLOCK / sizeof(u32)], part = min(bytes - done, BLOCK), left;

		fill(words, part);
		left = copy_to_user(regs->ebx + done, words, part);
		done += part - left;
		/* As on Linux, a signal ends the call, but not before the first 256 bytes. */
		if (left || signal_pending(current))
			break;
		cond_resched();
	}
	return done || !bytes ? (s32)done : -EFAULT;
}
