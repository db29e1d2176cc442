/* SPDX-License-Identifier: MIT */
/*
 * A small compressor for pages: repeated strings become references to where they were before.
 *
 * Swap in memory (mm/swap/swap_ram.h) needs a compressor that is fast, needs no memory of its own,
 * and reads what it wrote. How well it compresses comes after that. So: no entropy coding, one
 * candidate for each match, found by a hash of the next four bytes (the idea of LZ77, Ziv and
 * Lempel 1977).
 *
 *   0nnnnnnn  literals...               the next n + 1 bytes as they are
 *   1LLLdddd  dddddddd                  copy L + 4 bytes from d bytes before (1 .. 4095)
 *   1111dddd  dddddddd  nnnnnnnn        copy n + 11 bytes
 *
 * What becomes of a page of tests/host/mm/swap/test_swap_ram.c, and the instructions (gcc -O2,
 * callgrind):
 *
 *   page                  bytes   compress   decompress
 *   zeros                    50      42000        29400
 *   English text           1780      77000        51500
 *   words of a heap        1940
 *   random, limit 2048   (none)       8500
 */
#ifndef LIB_LZ_H
#define LIB_LZ_H

#include "lib/types.h"

#define LZ_BLOCK 4096u /* at most so many bytes at once: distances have twelve bits */

/*
 * Compresses from[0 .. bytes), bytes <= LZ_BLOCK. Returns the length, or 0 if it would be more
 * than `limit`. Not from interrupt handlers: it has one table for all callers.
 */
u32 lz_compress(const u8 *from, u32 bytes, u8 *to, u32 limit);

/*
 * Writes exactly `size` bytes to to[]. False if `from` is not the compression of so many bytes;
 * then to[] has any contents, but nothing outside of either array was touched.
 */
bool lz_decompress(const u8 *from, u32 bytes, u8 *to, u32 size);

#endif
