/* SPDX-License-Identifier: MIT */
/*
 * The MMU's answer to every entry, by the manual: all combinations of the bits of a page-
 * directory entry and of a page-table entry, in every environment in which the manual
 * distinguishes accesses (Intel SDM vol. 3A 4.3 and 4.4 for the reserved bits, 4.6 for the
 * rights, 4.7 for the error code, 4.8 for the accessed and dirty bits). tests/kernel/access.c
 * tries them on the processor, tests/host/paging/test_access.c on the software MMU, each in the
 * format of its build.
 *
 *   series        all bits: 12 pte: NX | 11 pde: NX | 10..6 pte: D A U W P
 *                           | 5..0 pde: D A PS U W P
 *                 reserved: 10 pte: NX | 9 pde: NX | 8 pte: R | 7 pde: R | 6..4 pte: U W P
 *                           | 3..0 pde: PS U W P;   R: a reserved bit, where the format has one
 *   environment   read, write or fetch; ring 0 or 3; CR0.WP; CR4.SMEP; CR4.SMAP; for data in
 *                 ring 0 EFLAGS.AC, which a fetch ignores, and which checks alignment in ring 3;
 *                 EFER.NXE, without which NX is a reserved bit
 */
#ifndef TESTS_KERNEL_ACCESS_CASES_H
#define TESTS_KERNEL_ACCESS_CASES_H

#include "kernel/cpu/trap.h"
#include "paging/pgtable.h"

enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

enum access_series { ACCESS_ALL_BITS, ACCESS_RESERVED };

struct access_case {
	pteval_t pde, pte; /* without the frame */
	enum access_kind kind;
	bool user, wp, smep, smap, nxe;
	bool open; /* EFLAGS.AC: SMAP lets ring 0 reach ring 3's memory */
};

struct access_outcome {
	bool faulted;
	u32 error_code;
	pteval_t pde, pte; /* afterwards */
};

/* Environments, beside NXE, which the caller chooses. */
#define ACCESS_ENVIRONMENTS (3u * 32)

/* False: AC is for other accesses. */
static inline bool access_environment(struct access_case *c, u32 number, bool nxe)
{
	*c = (struct access_case){ .user = number & 1,
				   .wp = number & 2,
				   .smep = number & 4,
				   .smap = number & 8,
				   .nxe = nxe,
				   .open = number & 16,
				   .kind = (enum access_kind)(number / 32) };
	return !c->open || (!c->user && c->kind != ACCESS_FETCH);
}

static inline u32 access_entries(enum access_series series)
{
	u32 bits = series == ACCESS_ALL_BITS ? 11 : 9;

	return 1u << (PTE_NX ? bits + 2 : bits);
}

/* The bits of `names` that the number has, from its lowest on. */
static inline pteval_t access_bits(u32 number, const pteval_t *names, u32 count)
{
	pteval_t bits = 0;

	for (u32 i = 0; i < count; i++)
		bits |= number >> i & 1 ? names[i] : 0;
	return bits;
}

/* A reserved bit of an entry for a large page, and of any other one, or 0. */
#define ACCESS_LARGE_RESERVED ((pteval_t)(LARGE_PAGE_SIZE / 2))
#define ACCESS_PLAIN_RESERVED (PTE_RESERVED & (pteval_t)1 << (sizeof(pteval_t) * 8 - 2))

static inline void access_all_bits(struct access_case *c, u32 number)
{
	static const pteval_t pde[] = { PTE_PRESENT, PTE_WRITE,	   PTE_USER,
					PTE_LARGE,   PTE_ACCESSED, PTE_DIRTY };
	static const pteval_t pte[] = { PTE_PRESENT, PTE_WRITE, PTE_USER, PTE_ACCESSED, PTE_DIRTY };
	static const pteval_t nx[] = { PTE_NX };

	c->pde = access_bits(number, pde, 6) | access_bits(number >> 11, nx, 1);
	c->pte = access_bits(number >> 6, pte, 5) | access_bits(number >> 12, nx, 1);
}

static inline void access_reserved_bits(struct access_case *c, u32 number)
{
	static const pteval_t pde[] = { PTE_PRESENT, PTE_WRITE, PTE_USER, PTE_LARGE };
	static const pteval_t pte[] = { PTE_PRESENT, PTE_WRITE, PTE_USER, 0,
					ACCESS_PLAIN_RESERVED };
	static const pteval_t nx[] = { PTE_NX };

	c->pde = access_bits(number, pde, 4) | access_bits(number >> 9, nx, 1);
	c->pte = access_bits(number >> 4, pte, 5) | access_bits(number >> 10, nx, 1);
	if (number >> 7 & 1)
		c->pde |= c->pde & PTE_LARGE ? ACCESS_LARGE_RESERVED : ACCESS_PLAIN_RESERVED;
}

static inline void access_choose(struct access_case *c, enum access_series series, u32 number)
{
	if (series == ACCESS_ALL_BITS)
		access_all_bits(c, number);
	else
		access_reserved_bits(c, number);
}

/* The page is present by its entries. */
static inline bool access_mapped(const struct access_case *c)
{
	return c->pde & PTE_PRESENT && (c->pde & PTE_LARGE || c->pte & PTE_PRESENT);
}

/* A right that every level must grant; a level that takes the right to execute. */
static inline bool access_granted(const struct access_case *c, u32 right)
{
	return c->pde & right && (c->pde & PTE_LARGE || c->pte & right);
}

static inline bool access_no_execute(const struct access_case *c)
{
	return c->pde & PTE_NX || (!(c->pde & PTE_LARGE) && c->pte & PTE_NX);
}

/* The walk meets a reserved bit before an entry that is not present. */
static inline bool access_meets_reserved(const struct access_case *c)
{
	const pteval_t plain = PTE_RESERVED | (c->nxe ? 0 : PTE_NX);

	if (!(c->pde & PTE_PRESENT))
		return false;
	if (c->pde & (plain | (c->pde & PTE_LARGE ? ACCESS_LARGE_RESERVED : 0)))
		return true;
	return !(c->pde & PTE_LARGE) && c->pte & PTE_PRESENT && c->pte & plain;
}

static inline bool access_allowed(const struct access_case *c)
{
	bool write = c->kind == ACCESS_WRITE, fetch = c->kind == ACCESS_FETCH;

	if (!access_mapped(c) || access_meets_reserved(c) || (fetch && access_no_execute(c)))
		return false;
	if (c->user)
		return access_granted(c, PTE_USER) && (!write || access_granted(c, PTE_WRITE));
	if (access_granted(c, PTE_USER) && (fetch ? c->smep : c->smap && !c->open))
		return false;
	return !write || access_granted(c, PTE_WRITE) || !c->wp;
}

static inline u32 access_error_code(const struct access_case *c)
{
	u32 code = access_meets_reserved(c) ? ERROR_PRESENT | ERROR_RESERVED
		   : access_mapped(c)	    ? ERROR_PRESENT
					    : 0;

	return code | (c->kind == ACCESS_WRITE ? ERROR_WRITE : 0) | (c->user ? ERROR_USER : 0) |
	       (c->kind == ACCESS_FETCH && (c->smep || c->nxe) ? ERROR_FETCH : 0);
}

static inline struct access_outcome access_expected(const struct access_case *c)
{
	struct access_outcome e = { .faulted = !access_allowed(c), .pde = c->pde, .pte = c->pte };
	pteval_t *last = c->pde & PTE_LARGE ? &e.pde : &e.pte;

	if (e.faulted) {
		e.error_code = access_error_code(c);
		return e;
	}
	e.pde |= PTE_ACCESSED;
	*last |= PTE_ACCESSED | (c->kind == ACCESS_WRITE ? PTE_DIRTY : 0);
	return e;
}

/* After a fault below the directory entry, its accessed bit is the processor's choice. */
static inline bool access_agrees(const struct access_outcome *seen, const struct access_outcome *e)
{
	u32 choice = e->faulted && e->pde & PTE_PRESENT ? PTE_ACCESSED : 0;

	return seen->faulted == e->faulted && seen->error_code == e->error_code &&
	       !((seen->pde ^ e->pde) & ~(pteval_t)choice) && seen->pte == e->pte;
}

#endif
