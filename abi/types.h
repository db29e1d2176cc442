/* SPDX-License-Identifier: MIT */
/* The integers of which the structures of the ABI and all else are made. */
#ifndef ABI_TYPES_H
#define ABI_TYPES_H

#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64; /* printed by %llu on every host */
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

#define __packed     __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))

#endif
