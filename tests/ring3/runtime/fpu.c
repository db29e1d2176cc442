/* SPDX-License-Identifier: MIT */
/* Filling the registers and comparing them. See the header. */
#include "tests/ring3/runtime/fpu.h"
#include "tests/ring3/runtime/string.h"

#define CPUID_FXSR (1u << 24)
#define CPUID_SSE  (1u << 25)

bool fpu_has_sse;

void fpu_make(struct fpu_registers *r, u32 number)
{
	memset(r, 0, sizeof(*r));
	for (u32 i = 0; i < 8; i++) {
		r->st[i] = (s32)(number * 1000003 + i);
		for (u32 j = 0; j < 4; j++)
			r->xmm[i][j] = fpu_has_sse ? number * 0x01010101 + i * 16 + j : 0;
	}
	r->cwd = (u16)(CWD_INITIAL & ~0xc00) | (number & 3) << 10;
	r->mxcsr = fpu_has_sse ? MXCSR_INITIAL | (number & 3) << 13 : 0;
}

void fpu_load(const struct fpu_registers *r)
{
	asm volatile("fninit; fldcw %0" : : "m"(r->cwd));
	for (u32 i = 0; i < 8; i++)
		asm volatile("fildl %0" : : "m"(r->st[7 - i]));
	if (!fpu_has_sse)
		return;
	asm volatile("ldmxcsr %0" : : "m"(r->mxcsr));
	asm volatile("movaps (%0), %%xmm0; movaps 16(%0), %%xmm1; movaps 32(%0), %%xmm2; "
		     "movaps 48(%0), %%xmm3; movaps 64(%0), %%xmm4; movaps 80(%0), %%xmm5; "
		     "movaps 96(%0), %%xmm6; movaps 112(%0), %%xmm7"
		     :
		     : "r"(r->xmm), "m"(r->xmm));
}

/* Each number goes to memory and is pushed again at the end. */
void fpu_store(struct fpu_registers *r)
{
	memset(r, 0, sizeof(*r));
	asm volatile("fnstcw %0" : "=m"(r->cwd));
	for (u32 i = 0; i < 8; i++)
		asm volatile("fistpl %0" : "=m"(r->st[i]));
	for (u32 i = 0; i < 8; i++)
		asm volatile("fildl %0" : : "m"(r->st[7 - i]));
	if (!fpu_has_sse)
		return;
	asm volatile("stmxcsr %0" : "=m"(r->mxcsr));
	asm volatile("movaps %%xmm0, (%1); movaps %%xmm1, 16(%1); movaps %%xmm2, 32(%1); "
		     "movaps %%xmm3, 48(%1); movaps %%xmm4, 64(%1); movaps %%xmm5, 80(%1); "
		     "movaps %%xmm6, 96(%1); movaps %%xmm7, 112(%1)"
		     : "=m"(r->xmm)
		     : "r"(r->xmm));
}

bool fpu_holds(u32 number)
{
	struct fpu_registers expected, seen;

	fpu_make(&expected, number);
	fpu_store(&seen);
	return !memcmp(&expected, &seen, sizeof(seen));
}

void fpu_set(u32 number)
{
	struct fpu_registers r;

	fpu_make(&r, number);
	fpu_load(&r);
}

bool fpu_initial(void)
{
	struct {
		u32 cwd, swd, twd, rest[4];
	} env;
	u32 mxcsr = MXCSR_INITIAL;
	u32 word[4] = { 0 };

	/* Masks all exceptions, which does no harm where they are masked. */
	asm volatile("fnstenv %0" : "=m"(env));
	if (fpu_has_sse)
		asm volatile("stmxcsr %0; movups %%xmm5, %1" : "=m"(mxcsr), "=m"(word));
	return (env.cwd & 0xffff) == CWD_INITIAL && !(env.swd & 0xffff) &&
	       (env.twd & 0xffff) == 0xffff && mxcsr == MXCSR_INITIAL &&
	       !(word[0] | word[1] | word[2] | word[3]);
}

u32 fpu_cpuid_edx(void)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return edx;
}

void fpu_look(void)
{
	fpu_has_sse = fpu_cpuid_edx() & CPUID_FXSR && fpu_cpuid_edx() & CPUID_SSE;
}
