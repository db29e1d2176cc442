/* SPDX-License-Identifier: MIT */
/*
 * The places of events in the code: a 5-byte instruction that does nothing becomes a jump;
 * a call goes to another function.
 *
 *  (1) Only trace_patch() changes text, once, on the loader's page directory: there it can be
 *      written. From kernel_pgd on it is read-only.
 */
#include "kernel/cpu/trap.h"
#include "kernel/trace/trace.h"
#include "lib/assert.h"
#include "lib/trace/trace.h"

#define SITE_BYTES 5
#define NOP_FIRST  0x3e
#define JMP_REL32  0xe9
#define CALL_REL32 0xe8

/* image/kernel.lds */
extern const struct trace_site __start___trace_sites[], __stop___trace_sites[];

/* Is an event on that this place has? */
static bool wanted(u32 event)
{
	if (event == TRACE_CALL_TRAP)
		return trace_chosen(TRACE_page_fault_user) || trace_chosen(TRACE_page_fault_kernel);
	if (event == TRACE_CALL_SYSCALL)
		return trace_chosen(TRACE_sys_enter) || trace_chosen(TRACE_sys_exit);
	return trace_chosen(event & ~(u32)TRACE_REPLACED);
}

static void patch(const struct trace_site *site)
{
	volatile u8 *nop = (volatile u8 *)((uintptr_t)&site->nop + (uintptr_t)site->nop);
	uintptr_t target = (uintptr_t)&site->target + (uintptr_t)site->target;
	u32 distance = (u32)(target - (uintptr_t)(nop + SITE_BYTES));

	if (site->event == TRACE_CALL_TRAP || site->event == TRACE_CALL_SYSCALL)
		BUG_ON(*nop != CALL_REL32);
	else if (!(site->event & TRACE_REPLACED))
		BUG_ON(*nop != NOP_FIRST);
	for (u32 i = 0; i < 4; i++)
		nop[1 + i] = (u8)(distance >> 8 * i);
	if (*nop != CALL_REL32)
		*nop = JMP_REL32;
}

void trace_patch(void)
{
	for (const struct trace_site *s = __start___trace_sites; s < __stop___trace_sites; s++)
		if (wanted(s->event))
			patch(s);
}
