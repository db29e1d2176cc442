/* SPDX-License-Identifier: MIT */
/* Runs the programs of the laboratories, all of them in one boot; for tests/course.t. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int bad = 0;

	for (int i = 1; i < argc; i++) {
		int status;

		printf("== %s\n", argv[i]);
		fflush(stdout);
		if (!fork()) {
			execl(argv[i], argv[i], NULL);
			_exit(127);
		}
		wait(&status);
		bad += status != 0;
	}
	return bad;
}
