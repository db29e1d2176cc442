/* SPDX-License-Identifier: MIT */
#include "tests/host/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

char did[4000];

void note(const char *format, ...)
{
	size_t length = strlen(did);
	va_list list;

	va_start(list, format);
	vsnprintf(did + length, sizeof(did) - length, format, list);
	va_end(list);
}
