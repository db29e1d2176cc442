/* SPDX-License-Identifier: MIT */
/*
 * A reader on files: corpus_NAME [FILE | FOLDER]..., by default tests/fuzz/corpus/NAME
 *
 * Prints TAP, a case for each input. `make test` so replays what the fuzzer found, without clang.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#include "tests/fuzz/fuzz.h"

#define PATH_BYTES 512
#define FILES_MAX  1024u

static char *paths[FILES_MAX];
static u32 path_count, current;

static void fail(const char *what, const char *path)
{
	fprintf(stderr, "corpus: %s: %s\n", path, what);
	exit(2);
}

/* The input is bad: the process ends after this. */
void fuzz_describe(void)
{
	printf("not ok %u - %s\n", current + 1, paths[current]);
	fflush(stdout);
}

static void add(const char *path)
{
	if (path_count == FILES_MAX)
		fail("too many files", path);
	paths[path_count++] = strdup(path);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The files of a folder, sorted; or the file itself. */
static void add_files(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, visible, alphasort);
	char file[PATH_BYTES];

	if (count < 0) {
		add(path);
		return;
	}
	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		add(file);
		free(names[i]);
	}
	free(names);
}

/* In a block of its exact size, so that a sanitizer sees a read beyond it. */
static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size;
	u8 *data;

	if (!file || fseek(file, 0, SEEK_END))
		fail("cannot be read", path);
	size = (size_t)ftell(file);
	rewind(file);
	data = malloc(size ? size : 1);
	if (!data || fread(data, 1, size, file) != size)
		fail("cannot be read", path);
	fclose(file);
	fuzz_run(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	const char *name = strstr(argv[0], "corpus_");
	char folder[PATH_BYTES];

	fuzz_check_interval = 1;
	snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s", name ? name + 7 : "");
	if (argc < 2)
		add_files(folder);
	for (int i = 1; i < argc; i++)
		add_files(argv[i]);
	if (!path_count)
		fail("no inputs", folder);
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_set_death_callback(fuzz_describe);
#endif
	printf("1..%u\n", path_count);
	for (current = 0; current < path_count; current++) {
		run_file(paths[current]);
		printf("ok %u - %s\n", current + 1, paths[current]);
		free(paths[current]);
	}
	return 0;
}
