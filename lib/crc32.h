/* SPDX-License-Identifier: MIT */
/* CRC-32 as zlib and UEFI 2.10, section 7.5 (CalculateCrc32), have it. Pure; any context. */
#ifndef LIB_CRC32_H
#define LIB_CRC32_H

#include "lib/types.h"

/* The sum of what `crc` is the sum of and of `bytes` more bytes; a `crc` of 0 begins a new one. */
u32 crc32(u32 crc, const void *data, size_t bytes);

#endif
