/* SPDX-License-Identifier: MIT */
/* Names for addresses of code. kernel/ uses its symbol table; tests/host/ defines its own. */
#ifndef LIB_SYMBOL_H
#define LIB_SYMBOL_H

#include "lib/types.h"

#define SYMBOL_SIZE 64

/*
 * Writes "function+0x12", or the number if there is no name, to a buffer of SYMBOL_SIZE bytes.
 * Returns the buffer. Any context.
 */
const char *symbol_text(const void *address, char *buffer);

#endif
