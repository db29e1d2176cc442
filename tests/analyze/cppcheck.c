/* SPDX-License-Identifier: MIT */
/* A bug that cppcheck has to find: tests/analyze.t. It is in no build. */
int planted(int value);

int planted(int value)
{
	return value != 1 || value != 3;
}
