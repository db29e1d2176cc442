/* SPDX-License-Identifier: MIT */
/*
 * Out of a handler of SIGSEGV by siglongjmp(), 10000 times; a handler that maps the page that was
 * missing; and a jump out of a handler on an alternate stack, after the stack has overflowed.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096

static sigjmp_buf back;
static char *place;
static unsigned long mapped, code_maperr, code_accerr;

static void jump(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	code_maperr += info->si_code == SEGV_MAPERR;
	code_accerr += info->si_code == SEGV_ACCERR;
	siglongjmp(back, 1);
}

static void map(int number, siginfo_t *info, void *context)
{
	char *page = (char *)((unsigned long)info->si_addr & ~(PAGE - 1ul));

	(void)number;
	(void)context;
	mapped++;
	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE))
		_Exit(1);
}

static void handle(void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	sigaction(SIGSEGV, &action, NULL);
}

static volatile int depth;

static int overflow(volatile char *above)
{
	volatile char here[1024];

	here[0] = above[0];
	return depth < 0 ? 0 : overflow(here) + here[0];
}

int main(void)
{
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
	volatile unsigned int jumps = 0;
	char top = 0;

	place = mmap(NULL, 64 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	handle(jump, 0);
	for (volatile unsigned int i = 0; i < 10000; i++) {
		if (sigsetjmp(back, 1))
			jumps++;
		else
			*(volatile char *)(i % 2 ? place : NULL) = 1;
	}
	printf("jumps %u maperr %lu accerr %lu\n", jumps, code_maperr, code_accerr);
	handle(map, 0);
	for (unsigned int i = 0; i < 64; i++)
		place[i * PAGE + i] = (char)i;
	printf("mapped %lu last %d\n", mapped, place[63 * PAGE + 63]);
	sigaltstack(&stack, NULL);
	handle(jump, SA_ONSTACK);
	for (volatile unsigned int i = 0; i < 3; i++)
		if (!sigsetjmp(back, 1))
			overflow(&top);
	printf("overflows survived\n");
	return 0;
}
