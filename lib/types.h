/* SPDX-License-Identifier: MIT */
/*
 * The integer types, and types for the kinds of address.
 *
 * The same code is compiled for the 32-bit kernel and for a 64-bit host. So a kernel pointer is
 * always a C pointer (or a uintptr_t), never a u32.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/types.h"

typedef u64 phys_addr_t;  /* a physical address, bytes; 64 bits as in the firmware's map */
#ifdef WIDE_FRAME_NUMBERS /* tests/frame-numbers.t looks for shifts that lose bits */
typedef u64 pfn_t;
#else
typedef u32 pfn_t; /* a frame number: physical address / 4096 */
#endif
typedef u32 vaddr_t; /* a virtual address that page tables map: user half or vmalloc window */
typedef unsigned int gfp_t;

#define KiB(n) ((n)*1024u)
#define MiB(n) ((n)*1024u * 1024u)
#define GiB(n) ((n)*1024ull * 1024u * 1024u)

#define ARRAY_SIZE(a)		      (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a)		      (((x) + ((__typeof__(x))(a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a)	      ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a)	      (((x) & ((__typeof__(x))(a)-1)) == 0)
#define DIV_ROUND_UP(n, d)	      (((n) + (d)-1) / (d))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

#define min(a, b)                       \
	({                              \
		__typeof__(a) _a = (a); \
		__typeof__(b) _b = (b); \
		_a < _b ? _a : _b;      \
	})
#define max(a, b)                       \
	({                              \
		__typeof__(a) _a = (a); \
		__typeof__(b) _b = (b); \
		_a > _b ? _a : _b;      \
	})

#define likely(x)      __builtin_expect(!!(x), 1)
#define unlikely(x)    __builtin_expect(!!(x), 0)
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __noreturn     __attribute__((noreturn))
#define noinline       __attribute__((noinline))

#endif
