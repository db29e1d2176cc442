/* SPDX-License-Identifier: MIT */
/* The record: what models did, in the order of the calls, as a text that a case compares. */
#ifndef TESTS_HOST_RECORD_H
#define TESTS_HOST_RECORD_H

#include "lib/types.h"

/* A case that begins a new record sets the first byte to 0. */
extern char did[4000];

/* Adds to the record. What does not fit is left out. */
void note(const char *format, ...) __printf(1, 2);

#endif
