/* SPDX-License-Identifier: MIT */
/* Laboratory 9: mapped files. Every reader, writer and mapping of a page uses one frame. */
#include "lab.h"

static volatile char *map(int fd, int type)
{
	return mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, type, fd, 0);
}

int main(void)
{
	int fd = open("/tmp/lab", O_RDWR | O_CREAT | O_TRUNC, 0600), status;
	volatile char *shared, *private;
	char text[6] = "";

	if (fd < 0 || write(fd, "hello", 5) != 5 || ftruncate(fd, 2 * PAGE))
		return 1;
	shared = map(fd, MAP_SHARED);
	private = map(fd, MAP_PRIVATE);
	printf("both show %c; %s\n", shared[0] == private[0] ? shared[0] : '?',
	       frame_of(shared, NULL) == frame_of(private, NULL) ? "one frame" : "two frames");
	shared[0] = 'j';
	private[1] = 'E';
	printf("written: shared %c%c, private %c%c; %s\n", shared[0], shared[1], private[0],
	       private[1],
	       frame_of(shared, NULL) == frame_of(private, NULL) ? "one frame" : "two frames");
	if (pread(fd, text, 5, 0) != 5)
		return 1;
	printf("the file: %s\n", text);
	if (ftruncate(fd, PAGE))
		return 1;
	if (!fork())
		_exit(shared[PAGE]);
	wait(&status);
	printf("a page after the end of the file: signal =%d\n", WTERMSIG(status));
	unlink("/tmp/lab");
	return 0;
}
