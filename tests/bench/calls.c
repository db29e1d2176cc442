/* SPDX-License-Identifier: MIT */
/*
 * System calls that change the address space and touch no page, or one; and the way through a
 * signal handler.
 */
#include "tests/bench/bench.h"
#include "tests/ring3/runtime/signal_calls.h"

#define RESIDENT_PAGES 256u /* of munmap_per_page */

static int null_syscall(void)
{
	while (samples_wanted())
		samples_add(SAMPLE(call0(NR_getppid)));
	return 0;
}

static int mmap_munmap_1p(void)
{
	while (samples_wanted()) {
		u32 address;

		samples_add(SAMPLE({
			address = map_anonymous(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
			call2(NR_munmap, (long)address, PAGE_SIZE);
		}));
		if (is_error(address))
			return (int)address;
	}
	return 0;
}

static int munmap_per_page(void)
{
	while (samples_wanted()) {
		u32 area = map_pages(RESIDENT_PAGES);
		long err;

		if (is_error(area))
			return (int)area;
		for (u32 i = 0; i < RESIDENT_PAGES; i++)
			touch((u8 *)area + i * PAGE_SIZE);
		samples_add(SAMPLE(err = call2(NR_munmap, (long)area, RESIDENT_PAGES * PAGE_SIZE)));
		if (err)
			return (int)err;
	}
	return 0;
}

/*
 * The break one page up, and down again. Both ends are page-aligned, so nothing is resident that
 * stays.
 */
static int brk_pair(bool touched)
{
	u32 start = (sys_brk(0) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);

	if (sys_brk(start) != start)
		return -ENOMEM;
	while (samples_wanted()) {
		u32 up, down;

		if (touched)
			samples_add(SAMPLE({
				up = (u32)call1(NR_brk, (long)(start + PAGE_SIZE));
				touch((u8 *)start);
				down = (u32)call1(NR_brk, (long)start);
			}));
		else
			samples_add(SAMPLE({
				up = (u32)call1(NR_brk, (long)(start + PAGE_SIZE));
				down = (u32)call1(NR_brk, (long)start);
			}));
		if (up != start + PAGE_SIZE || down != start)
			return -ENOMEM;
	}
	return 0;
}

static int brk_untouched(void)
{
	return brk_pair(false);
}

static int brk_touched(void)
{
	return brk_pair(true);
}

/* The middle page of three: one area becomes three, and one again. All three are resident. */
static int mprotect_pair(void)
{
	u32 area = map_pages(3);

	if (is_error(area))
		return (int)area;
	for (u32 i = 0; i < 3; i++)
		touch((u8 *)area + i * PAGE_SIZE);
	while (samples_wanted()) {
		long err, back;

		samples_add(SAMPLE({
			err = call3(NR_mprotect, (long)(area + PAGE_SIZE), PAGE_SIZE, PROT_READ);
			back = call3(NR_mprotect, (long)(area + PAGE_SIZE), PAGE_SIZE,
				     PROT_READ | PROT_WRITE);
		}));
		if (err || back)
			return (int)(err ? err : back);
	}
	return 0;
}

/* ---- A signal ---- */

#define FAULT_LENGTH 3u /* of the instruction in fault(), in bytes */

void signal_return(void);
asm("signal_return: movl $173, %eax; int $0x80"); /* rt_sigreturn */

static void step_over(int signal, struct siginfo *info, struct ucontext *at)
{
	(void)signal;
	(void)info;
	at->context.eip += FAULT_LENGTH;
}

/* movb $1, (%eax), in the one encoding of known length. */
static inline void fault(u32 address)
{
	asm volatile(".byte 0xc6, 0x00, 0x01" : : "a"(address) : "memory");
}

static int sigsegv_return(void)
{
	struct sigaction action = { .handler = (u32)step_over,
				    .flags = SA_SIGINFO | SA_RESTORER,
				    .restorer = (u32)signal_return };
	u32 area = map_anonymous(0, PAGE_SIZE, PROT_NONE, MAP_PRIVATE);
	long err;

	if (is_error(area))
		return (int)area;
	err = sys_rt_sigaction(SIGSEGV, &action, NULL);
	if (err)
		return (int)err;
	while (samples_wanted())
		samples_add(SAMPLE(fault(area)));
	return 0;
}

const struct operation call_operations[] = {
	{ "null_syscall", null_syscall, 200, 1 },
	{ "mmap_munmap_1p", mmap_munmap_1p, 200, 1 },
	{ "munmap_per_page", munmap_per_page, 50, RESIDENT_PAGES },
	{ "brk_untouched", brk_untouched, 200, 1 },
	{ "brk_touched", brk_touched, 200, 1 },
	{ "mprotect_pair", mprotect_pair, 200, 1 },
	{ "sigsegv_return", sigsegv_return, 200, 1 },
	{},
};
