/* SPDX-License-Identifier: MIT */
#include "tests/host/efi/firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/tap.h"

EFI_RUNTIME_SERVICES runtime;
EFI_BOOT_SERVICES boot;
EFI_SYSTEM_TABLE system_table;

/* efi/main.c defines them too. */
__attribute__((weak)) EFI_SYSTEM_TABLE *ST;
__attribute__((weak)) EFI_BOOT_SERVICES *BS;

/* ---- Refusals ---- */

static struct {
	bool some, all;
	u32 skip;
	EFI_STATUS status;
} refusals[NR_CALLS];

static struct {
	bool on, done;
	u32 left;
	EFI_STATUS status;
} nth;

u32 firmware_calls[NR_CALLS];

void firmware_refuse(enum firmware_call call, u32 skip, EFI_STATUS status)
{
	refusals[call].some = true;
	refusals[call].skip = skip;
	refusals[call].status = status;
}

void firmware_refuse_all(enum firmware_call call, EFI_STATUS status)
{
	refusals[call].all = true;
	refusals[call].status = status;
}

void firmware_permit(void)
{
	memset(refusals, 0, sizeof(refusals));
	memset(&nth, 0, sizeof(nth));
}

void firmware_refuse_nth(u32 n, EFI_STATUS status)
{
	firmware_permit();
	nth.on = true;
	nth.left = n;
	nth.status = status;
}

bool firmware_refused(void)
{
	return nth.done;
}

EFI_STATUS firmware_asked(enum firmware_call call)
{
	bool memory = call == CALL_PAGES || call == CALL_MAP || call == CALL_EXIT;

	EXPECT(!firmware_left);
	EXPECT(!firmware_leaving || memory);
	firmware_calls[call]++;
	if (nth.on && !nth.done && nth.left-- == 0) {
		nth.done = true;
		return nth.status;
	}
	if (refusals[call].all)
		return refusals[call].status;
	if (!refusals[call].some || refusals[call].skip-- != 0)
		return EFI_SUCCESS;
	refusals[call].some = false;
	return refusals[call].status;
}

/* ---- The console ---- */

char told[8000];
u32 firmware_keys;
u64 firmware_stalled;
UINTN firmware_watchdog;
static SIMPLE_TEXT_OUTPUT_INTERFACE output;
static SIMPLE_INPUT_INTERFACE input;

static EFI_STATUS output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *console, CHAR16 *text)
{
	size_t length = strlen(told), count = 0;

	EXPECT(console == &output && !firmware_leaving);
	while (text[count])
		count++;
	/* Each call is one line. */
	EXPECT(count >= 2 && text[count - 2] == '\r' && text[count - 1] == '\n');
	for (size_t i = 0; i < count && length < sizeof(told) - 1; i++)
		if (text[i] != '\r')
			told[length++] = (char)text[i];
	told[length] = '\0';
	return EFI_SUCCESS;
}

static EFI_STATUS clear_screen(SIMPLE_TEXT_OUTPUT_INTERFACE *console)
{
	EXPECT(console == &output);
	strcpy(told, "(clear)");
	return EFI_SUCCESS;
}

const char *take_told(void)
{
	static char copy[sizeof(told)];

	strcpy(copy, told);
	told[0] = '\0';
	return copy;
}

bool has_told(const char *what)
{
	bool found = strstr(told, what);

	if (!found)
		tap_note("`%s` is not in: %s", what, told);
	return found;
}

static EFI_STATUS reset_keys(SIMPLE_INPUT_INTERFACE *console, BOOLEAN extended)
{
	EXPECT(console == &input && !extended);
	firmware_keys = 0;
	return EFI_SUCCESS;
}

static EFI_STATUS read_key(SIMPLE_INPUT_INTERFACE *console, EFI_INPUT_KEY *key)
{
	EXPECT(console == &input);
	if (!firmware_keys)
		return EFI_NOT_READY;
	firmware_keys--;
	key->UnicodeChar = ' ';
	return EFI_SUCCESS;
}

static EFI_STATUS stall(UINTN microseconds)
{
	EXPECT(!firmware_leaving);
	firmware_stalled += microseconds;
	return EFI_SUCCESS;
}

static EFI_STATUS set_watchdog(UINTN timeout, UINT64 code, UINTN size, CHAR16 *data)
{
	EXPECT(!code && !size && !data);
	firmware_watchdog = timeout;
	return EFI_SUCCESS;
}

static EFI_TPL level = 4;

static EFI_TPL raise_level(EFI_TPL wanted)
{
	EFI_TPL before = level;

	EXPECT(wanted >= level);
	level = wanted;
	return before;
}

static void restore_level(EFI_TPL wanted)
{
	EXPECT(wanted <= level);
	level = wanted;
}

/* ---- Protocols and tables ---- */

static struct protocol {
	EFI_HANDLE handle;
	u32 first;
	void *interface;
} protocols[16];

EFI_HANDLE firmware_image = &loaded_image, firmware_device = &volume;
EFI_LOADED_IMAGE loaded_image;
static EFI_CONFIGURATION_TABLE tables[8];
static u32 pools;

void firmware_install(EFI_HANDLE handle, u32 first, void *interface)
{
	struct protocol *unused = NULL;

	for (u32 i = 0; i < ARRAY_SIZE(protocols); i++) {
		struct protocol *protocol = &protocols[i];

		if (protocol->handle == handle && protocol->first == first) {
			protocol->handle = interface ? handle : NULL;
			protocol->interface = interface;
			return;
		}
		if (!unused && !protocol->handle)
			unused = protocol;
	}
	if (unused && interface)
		*unused = (struct protocol){ handle, first, interface };
}

static EFI_STATUS find_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface)
{
	EFI_STATUS status = firmware_asked(CALL_PROTOCOL);

	if (EFI_ERROR(status))
		return status;
	for (u32 i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (!protocols[i].handle || protocols[i].first != guid->first ||
		    (handle && protocols[i].handle != handle))
			continue;
		*interface = protocols[i].interface;
		return EFI_SUCCESS;
	}
	return handle ? EFI_UNSUPPORTED : EFI_NOT_FOUND;
}

static EFI_STATUS handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface)
{
	EXPECT(handle);
	return find_protocol(handle, guid, interface);
}

static EFI_STATUS locate_protocol(EFI_GUID *guid, void *registration, void **interface)
{
	EXPECT(!registration);
	return find_protocol(NULL, guid, interface);
}

static EFI_STATUS locate_handles(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, void *key,
				 UINTN *count, EFI_HANDLE **handles)
{
	EFI_STATUS status = firmware_asked(CALL_PROTOCOL);

	EXPECT(type == ByProtocol && !key);
	*count = 0;
	if (EFI_ERROR(status))
		return status;
	*handles = malloc(sizeof(protocols));
	for (u32 i = 0; i < ARRAY_SIZE(protocols); i++)
		if (protocols[i].handle && protocols[i].first == guid->first)
			(*handles)[(*count)++] = protocols[i].handle;
	if (*count) {
		pools++;
		return EFI_SUCCESS;
	}
	free(*handles);
	return EFI_NOT_FOUND;
}

static EFI_STATUS free_pool(void *memory)
{
	pools--;
	free(memory);
	return EFI_SUCCESS;
}

void firmware_table(EFI_GUID guid, void *table)
{
	EXPECT(system_table.NumberOfTableEntries < ARRAY_SIZE(tables));
	tables[system_table.NumberOfTableEntries++] = (EFI_CONFIGURATION_TABLE){ guid, table };
	system_table.ConfigurationTable = tables;
}

/* ---- Variables and time ---- */

static struct variable {
	char name[40];
	char value[300];
	size_t bytes;
} variables[6];

static struct variable *find_variable(const CHAR16 *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(variables); i++) {
		size_t at = 0;

		while (name[at] && (CHAR16)variables[i].name[at] == name[at])
			at++;
		if (at && !name[at] && !variables[i].name[at])
			return &variables[i];
	}
	return NULL;
}

void firmware_variable(const char *name, const void *value, size_t bytes)
{
	struct variable *found = NULL;

	for (u32 i = ARRAY_SIZE(variables); i-- != 0;)
		if (!variables[i].name[0] || !strcmp(variables[i].name, name))
			found = !found || !strcmp(variables[i].name, name) ? &variables[i] : found;
	EXPECT(found && bytes < sizeof(found->value));
	memset(found, 0, sizeof(*found));
	if (!value)
		return;
	strcpy(found->name, name);
	memcpy(found->value, value, bytes);
	found->bytes = bytes;
}

const char *firmware_variable_text(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(variables); i++)
		if (!strcmp(variables[i].name, name))
			return variables[i].value;
	return NULL;
}

static EFI_STATUS get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes, UINTN *size,
			       void *data)
{
	EFI_STATUS status = firmware_asked(CALL_VARIABLE_GET);
	const struct variable *found = find_variable(name);
	UINTN room = *size;

	EXPECT(guid->first && !attributes);
	if (EFI_ERROR(status))
		return status;
	if (!found)
		return EFI_NOT_FOUND;
	*size = found->bytes;
	if (room < found->bytes)
		return EFI_BUFFER_TOO_SMALL;
	memcpy(data, found->value, found->bytes);
	return EFI_SUCCESS;
}

static EFI_STATUS set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, UINTN size,
			       void *data)
{
	EFI_STATUS status = firmware_asked(CALL_VARIABLE_SET);
	char narrow[40] = "";

	/* A system that is started later reads it. */
	EXPECT(guid->first == 0x8f3d6c1e && attributes == 7);
	for (u32 i = 0; name[i] && i < sizeof(narrow) - 1; i++)
		narrow[i] = (char)name[i];
	if (!EFI_ERROR(status))
		firmware_variable(narrow, data, size);
	return status;
}

static EFI_STATUS get_time(EFI_TIME *time, void *capabilities)
{
	EFI_STATUS status = firmware_asked(CALL_TIME);

	EXPECT(!capabilities);
	if (!EFI_ERROR(status))
		*time = (EFI_TIME){ 2026, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0 };
	return status;
}

/* ---- The start, and the end ---- */

void firmware_start(void)
{
	ST = &system_table;
	BS = &boot;
	boot.Stall = stall;
	boot.SetWatchdogTimer = set_watchdog;
	boot.RaiseTPL = raise_level;
	boot.RestoreTPL = restore_level;
	boot.HandleProtocol = handle_protocol;
	boot.LocateProtocol = locate_protocol;
	boot.LocateHandleBuffer = locate_handles;
	boot.FreePool = free_pool;
	runtime = (EFI_RUNTIME_SERVICES){ get_time, get_variable, set_variable };
	output = (SIMPLE_TEXT_OUTPUT_INTERFACE){ output_string, clear_screen };
	input = (SIMPLE_INPUT_INTERFACE){ reset_keys, read_key };
	system_table = (EFI_SYSTEM_TABLE){
		.Hdr.Revision = 2 << 16 | 70,
		.FirmwareVendor = L"Model",
		.FirmwareRevision = 0x10,
		.ConIn = &input,
		.ConOut = &output,
		.RuntimeServices = &runtime,
		.BootServices = &boot,
	};
	loaded_image = (EFI_LOADED_IMAGE){ .DeviceHandle = firmware_device };
	firmware_install(firmware_image, 0x5b1b31a1, &loaded_image);
	firmware_watchdog = 300;
	firmware_memory_start();
	firmware_volume_start();
}

void firmware_clean(void)
{
	EXPECT_EQ(firmware_pages(), 0);
	EXPECT_EQ(volume_open_files, 0);
	EXPECT_EQ(pools, 0);
	EXPECT_EQ(level, 4);
}
