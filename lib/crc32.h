/* SPDX-License-Identifier: MIT */
/* CRC-32 as in zlib and UEFI 2.10, section 7.5 (CalculateCrc32). Pure function; any context. */
#ifndef LIB_CRC32_H
#define LIB_CRC32_H

#include "lib/types.h"

/* Continues the checksum `crc` (0: a new one) with `bytes` more bytes. Returns the result. */
u32 crc32(u32 crc, const void *data, size_t bytes);

#endif
