/* SPDX-License-Identifier: MIT */
/*
 * Options, kernel and initramfs. Files of the boot volume come first; the loader has an embedded
 * kernel and initramfs.
 *
 *       pagewright.txt + load options  -> options
 *       kernel.elf     or embedded     -> checked, staged in low memory
 *       kernel-pae.elf or embedded        instead, for paging=pae and a processor with PAE
 *       initramfs.cpio or embedded     -> in low memory
 *
 * Each file is looked for in \pagewright, then in the root, its place in earlier versions. In the
 * root another system may have a file of the same name: a kernel without our seal, or an initramfs
 * that is no archive, is skipped with a warning. Options of both places count, the root's later.
 *
 * Context: boot services.
 */
#include "efi/loader.h"
#include "efi/options.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

/* The places of a file, in the order of the search. */
#define PLACES 2u
#define PLACES_OF(name)                            \
	{                                          \
		OUR_DIRECTORY "\\" name, "\\" name \
	}

/* For files copied by hand, or a boot over the network: show the verdict for a minute. */
#define WITHOUT_FILE "wait=60"

#define OPTIONS_FILE_MAX   KiB(64)
#define INITRAMFS_FILE_MAX MiB(256)
#define COMMAND_LINE_MAX   KiB(64)

/* embedded.S; hidden, so that they are reached without a global offset table. */
#pragma GCC visibility push(hidden)
extern UINT8 embedded_kernel[], embedded_kernel_end[];
extern UINT8 embedded_pae_kernel[], embedded_pae_kernel_end[]; /* may be empty */
extern UINT8 embedded_initramfs[], embedded_initramfs_end[];
#pragma GCC visibility pop

/* The options of one file, if it is there. */
static EFI_STATUS options_from_file(EFI_FILE_HANDLE root, const char *path, char *options,
				    bool *found)
{
	size_t before = strlen(options);
	unsigned int bad_line;
	struct file file;
	EFI_STATUS status;
	int error;

	status = volume_read(root, path, MEMORY_ANYWHERE, OPTIONS_FILE_MAX, &file);
	if (EFI_ERROR(status))
		return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
	*found = true;
	error = options_add_file(options, BOOT_OPTIONS_SIZE, file.data, file.size, &bad_line);
	memory_free(file.data);
	if (error == -E2BIG)
		return fail(EFI_BAD_BUFFER_SIZE, "%s: more than %d characters of options",
			    file.name, BOOT_OPTIONS_SIZE - 1);
	if (file.cut)
		say("warning: %s: only its first 64 KiB are read", path);
	if (bad_line != 0)
		say("%s: line %d: not ASCII, replaced by ?", file.name, bad_line);
	say("options: %u characters from %s", (UINT32)(strlen(options) - before), path);
	return EFI_SUCCESS;
}

/* An editor that adds .txt to a name, and a file manager that does not show it. */
static void warn_of_mistakes(EFI_FILE_HANDLE root)
{
	static const char *const mistakes[PLACES] = PLACES_OF("pagewright.txt.txt");
	u8 first;

	for (UINTN i = 0; i < PLACES; i++) {
		if (!EFI_ERROR(volume_peek(root, mistakes[i], &first, sizeof(first))))
			say("warning: %s: call it pagewright.txt", mistakes[i]);
	}
}

/* From the UEFI Shell, which separates the program's name. Source: UEFI Shell 2.2, section 2.3. */
struct shell_parameters {
	CHAR16 **argv;
	UINTN argc;
};

static int options_from_shell(EFI_HANDLE image, char *options, bool *found)
{
	EFI_GUID guid = {
		0x752f3136, 0x4e16, 0x4fdc, { 0xa2, 0x2a, 0xe5, 0xf4, 0x68, 0x12, 0xf4, 0xca }
	};
	const struct shell_parameters *parameters = NULL;
	int error = 0;

	*found = !EFI_ERROR(BS->HandleProtocol(image, &guid, (void **)&parameters)) && parameters;
	for (UINTN i = 1; *found && i < parameters->argc && !error; i++)
		error = options_add_argument(options, BOOT_OPTIONS_SIZE, parameters->argv[i]);
	return error;
}

static int options_from_command_line(EFI_HANDLE image, const EFI_LOADED_IMAGE *self, char *options)
{
	bool found;
	int error = options_from_shell(image, options, &found);

	if (found || !self->LoadOptions)
		return error;
	if (self->LoadOptionsSize > COMMAND_LINE_MAX)
		return -EINVAL;
	return options_add_load_options(options, BOOT_OPTIONS_SIZE, self->LoadOptions,
					self->LoadOptionsSize);
}

EFI_STATUS gather_options(EFI_FILE_HANDLE root, EFI_HANDLE image, const EFI_LOADED_IMAGE *self,
			  char *options)
{
	static const char *const places[PLACES] = PLACES_OF("pagewright.txt");
	EFI_STATUS status = EFI_SUCCESS;
	bool found = false;
	size_t before;
	int error;

	options[0] = '\0';
	for (UINTN i = 0; i < PLACES && !EFI_ERROR(status); i++)
		status = options_from_file(root, places[i], options, &found);
	if (EFI_ERROR(status))
		return status;
	warn_of_mistakes(root);
	if (!found) {
		say("options: no pagewright.txt, so " WITHOUT_FILE);
		memcpy(options, WITHOUT_FILE, sizeof(WITHOUT_FILE));
	}
	before = strlen(options);
	error = options_from_command_line(image, self, options);
	if (error == -E2BIG)
		return fail(EFI_BAD_BUFFER_SIZE, "command line: more than %d characters of options",
			    BOOT_OPTIONS_SIZE - 1);
	if (error == -ENOEXEC)
		say("command line: is meant for Linux (it has root=), ignored");
	else if (error)
		say("command line: is not ASCII text, ignored");
	say("options: %u characters from load options", (UINT32)(strlen(options) - before));
	return EFI_SUCCESS;
}

/* The first bytes of a file; they identify Pagewright's files. */
typedef bool (*head_check)(const u8 head[KERNEL_HEAD_SIZE]);

static bool is_archive(const u8 head[KERNEL_HEAD_SIZE])
{
	return memcmp(head, "07070", 5) == 0;
}

/* Pagewright's file from the volume, or the embedded one. */
static EFI_STATUS find_file(EFI_FILE_HANDLE root, const char *const places[PLACES],
			    head_check is_ours, enum memory_place place, UINTN limit,
			    const struct file *embedded, struct file *file)
{
	for (UINTN i = 0; i < PLACES; i++) {
		u8 head[KERNEL_HEAD_SIZE];
		EFI_STATUS status = volume_peek(root, places[i], head, sizeof(head));

		if (status == EFI_NOT_FOUND)
			continue;
		if (EFI_ERROR(status) || is_ours(head)) {
			status = volume_read(root, places[i], place, limit, file);
			if (!EFI_ERROR(status) && file->cut)
				return fail(EFI_BAD_BUFFER_SIZE, "%s: is larger than %zu MiB",
					    places[i], (size_t)limit / MiB(1));
			return status;
		}
		say("warning: %s: is not Pagewright's, left out", places[i]);
	}
	*file = *embedded;
	return EFI_SUCCESS;
}

/* The kernel's file, before it is checked. Without a kernel for paging=pae it has two levels. */
static EFI_STATUS find_kernel(EFI_FILE_HANDLE root, const char *options, struct file *file)
{
	static const char *const places[PLACES] = PLACES_OF("kernel.elf");
	static const char *const pae_places[PLACES] = PLACES_OF("kernel-pae.elf");
	struct file embedded = { "embedded kernel", embedded_kernel,
				 embedded_kernel_end - embedded_kernel, false };
	struct file embedded_pae = { "embedded kernel with PAE", embedded_pae_kernel,
				     embedded_pae_kernel_end - embedded_pae_kernel, false };
	EFI_STATUS status;

	if (options_say(options, "paging", "pae")) {
		if (!processor_has(CPU_PAE)) {
			say("warning: paging=pae: the processor has no PAE: two levels");
		} else {
			status =
				find_file(root, pae_places, kernel_image_is_sealed, MEMORY_ANYWHERE,
					  KERNEL_FILE_SIZE_MAX, &embedded_pae, file);
			if (EFI_ERROR(status) || file->size)
				return status;
			say("warning: paging=pae: kernel-pae.elf is not there: two levels");
		}
	}
	return find_file(root, places, kernel_image_is_sealed, MEMORY_ANYWHERE,
			 KERNEL_FILE_SIZE_MAX, &embedded, file);
}

EFI_STATUS gather_kernel(EFI_FILE_HANDLE root, const char *options, struct kernel_image *image,
			 void **staging)
{
	const char *reason;
	struct file file;
	EFI_STATUS status;

	status = find_kernel(root, options, &file);
	if (EFI_ERROR(status))
		return status;
	if (file.data != embedded_kernel && file.data != embedded_pae_kernel &&
	    secure_boot_enforced())
		return fail(EFI_SECURITY_VIOLATION,
			    "%s: is not signed, and Secure Boot is on: remove it", file.name);
	reason = kernel_image_check(image, file.data, file.size);
	if (reason)
		return fail(EFI_LOAD_ERROR, "%s: %s", file.name, reason);
	*staging = memory_alloc(MEMORY_LOW, EfiLoaderData, image->loaded, "the kernel");
	if (!*staging)
		return EFI_OUT_OF_RESOURCES;
	kernel_image_load(image, *staging);
	memory_free(file.data);
	say("kernel: %s, %d KiB in memory, %d relocations", file.name, image->size / 1024,
	    image->relocation_count);
	return EFI_SUCCESS;
}

EFI_STATUS gather_initramfs(EFI_FILE_HANDLE root, struct boot_range *initramfs)
{
	static const char *const places[PLACES] = PLACES_OF("initramfs.cpio");
	struct file embedded = { "embedded initramfs", embedded_initramfs,
				 embedded_initramfs_end - embedded_initramfs, false };
	struct file file;
	EFI_STATUS status;

	status = find_file(root, places, is_archive, MEMORY_LOW, INITRAMFS_FILE_MAX, &embedded,
			   &file);
	if (EFI_ERROR(status))
		return status;
	if (file.data == embedded.data) {
		file.data = memory_alloc(MEMORY_LOW, EfiLoaderData, file.size, "the initramfs");
		if (!file.data)
			return EFI_OUT_OF_RESOURCES;
		memcpy(file.data, embedded.data, file.size);
	}
	initramfs->start = (UINTN)file.data;
	initramfs->size = file.size;
	say("initramfs: %s, %d KiB", file.name, (UINT32)(file.size / 1024));
	return EFI_SUCCESS;
}
