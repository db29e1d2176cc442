/* SPDX-License-Identifier: MIT */
/*
 * getrandom(): the processor's own numbers (RDRAND) where it has them, stirred with the time-stamp counter; without them the
 * counter's low bits are all that is not known beforehand, which is enough for hash tables and not for keys.
 */
#include "kernel/cpu.h"
#include "kernel/syscall.h"
#include "kernel/time.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"

#define GRND_KNOWN  7u
#define GRND_RANDOM 2u
#define GRND_UNSAFE 4u

#define REQUEST_MAX 0x01ffffffu /* what Linux gives at most in one call */

static u64 state;

static u32 processor_random(void)
{
	u32 value = 0;
	bool good = false;

	if (cpu_has(CPU_RDRAND))
		__asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(good));
	return good ? value : 0;
}

/* A step of a multiplicative generator whose state takes up what is new. */
static u32 random_word(void)
{
	u64 mixed;

	state += 0x9e3779b97f4a7c15ull + (cpu_has(CPU_TSC) ? rdtsc() : jiffies);
	state ^= (u64)processor_random() << 16;
	mixed = (state ^ state >> 30) * 0xbf58476d1ce4e5b9ull;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebull;
	return (u32)(mixed >> 32) ^ processor_random();
}

s32 sys_getrandom(struct pt_regs *regs)
{
	u32 bytes = min(regs->ecx, REQUEST_MAX), flags = regs->edx;

	if (flags & ~GRND_KNOWN ||
	    (flags & (GRND_RANDOM | GRND_UNSAFE)) == (GRND_RANDOM | GRND_UNSAFE))
		return -EINVAL;
	if (!access_ok(regs->ebx, bytes))
		return -EFAULT;
	for (u32 done = 0; done < bytes; done += 4) {
		u32 word = random_word();

		if (copy_to_user(regs->ebx + done, &word, min(bytes - done, 4u)))
			return done ? (s32)done : -EFAULT;
	}
	return (s32)bytes;
}
