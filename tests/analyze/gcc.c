/* SPDX-License-Identifier: MIT */
/* A bug that gcc's analyzer has to find: tests/analyze.t. It is in no build. */
#include "lib/types.h"

int planted(const int *place, bool given);

int planted(const int *place, bool given)
{
	const int *chosen = NULL;

	if (given)
		chosen = place;
	return *chosen;
}
