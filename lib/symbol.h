/* SPDX-License-Identifier: MIT */
/*
 * Names for addresses of code. kernel/ answers from its own symbol table, tests/host/ as well as it can.
 */
#ifndef LIB_SYMBOL_H
#define LIB_SYMBOL_H

#include "lib/types.h"

#define SYMBOL_SIZE 64

/* "function+0x12", or the number where no name is known, in a buffer of SYMBOL_SIZE; returns the buffer. Any context. */
const char *symbol_text(const void *address, char *buffer);

#endif
