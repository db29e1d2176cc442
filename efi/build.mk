# SPDX-License-Identifier: MIT
#
# The UEFI loader, with gnu-efi: one source for $(BUILD)/efi/BOOTX64.EFI and
# $(BUILD)/efi/BOOTIA32.EFI.
#
#   efi/, handoff_ARCH.S ─────────> efi/ARCH/efi/ ────┐
#   lib/{crc32,printf,...}.c ─────> efi/ARCH/lib/*.o ─┤
#   kernel/devices/pci.c ─────────> efi/ARCH/kernel/*.o ┤
#   kernel.elf, initramfs.cpio ───> embedded.S.o ─────┴─> efi/ARCH/loader.so ──> efi/BOOTARCH.EFI
#                                                         (for gdb)              (for the firmware)
#
# It uses gnu-efi's headers, start-up code and self-relocation, but not libefi, which uses SSE.
#
# Included by the top Makefile; uses its BUILD, CC, LD, OBJCOPY, WARNINGS, PREFIX_MAP, DEPFLAGS, Q,
# say, keep and FORCE. Two builds of the same inputs are equal byte for byte: the files have no
# time stamp, path or build id.

# handoff_tail.S is included by the two others.
EFI_SOURCES := $(sort $(wildcard efi/*.c efi/*/*.c)) efi/embedded.S lib/crc32.c lib/printf.c lib/string.c lib/text.c kernel/devices/pci.c

# The folder of gnu-efi, and $(call gnu_efi,LIB,FILE): a file in its lib or lib32. Since gnu-efi 4
# the 64-bit ones are in the multi-arch folder.
GNU_EFI	?= /usr
gnu_efi = $(firstword $(wildcard $(GNU_EFI)/$(1)/$(2) $(GNU_EFI)/$(1)/x86_64-linux-gnu/$(2)) $(GNU_EFI)/$(1)/$(2))

EFI_CFLAGS := -std=gnu11 -O2 -g -ffreestanding -fpic -fshort-wchar -fno-stack-protector \
	-fcf-protection=none -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns -mgeneral-regs-only \
	$(WARNINGS) -I. -isystem $(GNU_EFI)/include/efi $(PREFIX_MAP)
EFI_CFLAGS_x64 := -m64 -mno-red-zone -maccumulate-outgoing-args -DGNU_EFI_USE_MS_ABI \
	-isystem $(GNU_EFI)/include/efi/x86_64
# i586 has no CMOV: on a processor without it the loader says so.
EFI_CFLAGS_ia32 := -m32 -march=i586 -malign-double -isystem $(GNU_EFI)/include/efi/ia32

# The start-up code calls efi_main() up to gnu-efi 3.0.15, and _entry(), which libefi has, from
# 3.0.18 on.
EFI_LDFLAGS := -nostdlib -shared -Bsymbolic -z nocombreloc -z noexecstack --no-undefined \
	--build-id=none --no-warn-rwx-segments --defsym=_entry=efi_main
EFI_LDFLAGS_x64 := -m elf_x86_64 -T $(call gnu_efi,lib,elf_x86_64_efi.lds) $(call gnu_efi,lib,crt0-efi-x86_64.o)
EFI_LDFLAGS_ia32 := -m elf_i386 -T $(call gnu_efi,lib32,elf_ia32_efi.lds) $(call gnu_efi,lib32,crt0-efi-ia32.o)
EFI_LIBRARIES_x64 := $(call gnu_efi,lib,libgnuefi.a)
EFI_LIBRARIES_ia32 := $(call gnu_efi,lib32,libgnuefi.a)

# Sections that the firmware does not use are removed; the others are not named, because gnu-efi's
# link scripts differ: up to 3.0.15 .rodata is a part of .data, from 3.0.18 on a section. An
# image that lacks a section fails without a message.
EFI_OBJCOPY := --strip-all $(addprefix --remove-section=,.hash .gnu.hash '.eh_frame*' .dynstr .comment)
EFI_OBJCOPY_x64 := --target=efi-app-x86_64
EFI_OBJCOPY_ia32 := --target=efi-app-ia32

# With PAGING=both the loader has two kernels, and the option paging= chooses.
EMBED_PAE := $(if $(filter both,$(PAGING)),-DEMBEDDED_PAE_KERNEL='"$(BUILD)/pae/kernel.elf"')

# $(call efi_rules,ARCH,FILE): the loader for one processor mode.
define efi_rules
EFI_OBJECTS_$(1) := $(patsubst %,$(BUILD)/efi/$(1)/%.o,$(EFI_SOURCES) efi/handoff/handoff_$(1).S)

$(BUILD)/efi/$(1).flags: FORCE
	$$(call keep,$$(CC) $$(EFI_CFLAGS) $$(EFI_CFLAGS_$(1)) $$(EFI_LDFLAGS_$(1)) $$(EFI_OBJECTS_$(1)) $(EMBED_PAE))

$(BUILD)/efi/$(1)/%.c.o: %.c $(BUILD)/efi/$(1).flags
	$$(call say,EFICC,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(EFI_CFLAGS) $$(EFI_CFLAGS_$(1)) $$(DEPFLAGS) -c -o $$@ $$<
$(BUILD)/efi/$(1)/%.S.o: %.S $(BUILD)/efi/$(1).flags
	$$(call say,EFIAS,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(EFI_CFLAGS) $$(EFI_CFLAGS_$(1)) $$(DEPFLAGS) \
		-DEMBEDDED_KERNEL='"$(BUILD)/kernel.elf"' \
		-DEMBEDDED_INITRAMFS='"$(BUILD)/initramfs.cpio"' $(EMBED_PAE) -c -o $$@ $$<
$(BUILD)/efi/$(1)/efi/embedded.S.o: $(BUILD)/kernel.elf $(BUILD)/initramfs.cpio $(if $(EMBED_PAE),pae)

$(BUILD)/efi/$(1)/loader.so: $$(EFI_OBJECTS_$(1)) efi/build.mk
	$$(call say,EFILINK,$$@)
	$$(Q)$$(LD) $$(EFI_LDFLAGS) $$(EFI_LDFLAGS_$(1)) -o $$@ \
		$$(EFI_OBJECTS_$(1)) $$(EFI_LIBRARIES_$(1))
$(BUILD)/efi/$(2): $(BUILD)/efi/$(1)/loader.so tools/nx-compat
	$$(call say,EFI,$$@)
	$$(Q)$$(OBJCOPY) $$(EFI_OBJCOPY) $$(EFI_OBJCOPY_$(1)) $$< $$@.tmp
	$$(Q)tools/nx-compat $$@.tmp && mv $$@.tmp $$@
endef

$(eval $(call efi_rules,x64,BOOTX64.EFI))
$(eval $(call efi_rules,ia32,BOOTIA32.EFI))

# For tests/boot/loader-chain.t: an application that starts the loader, and a kernel that prints
# its entry state. For tests/boot/pae.t: the loader with both kernels, as PAGING=both makes it.

LOADER_TEST_FILES := $(addprefix $(BUILD)/loader-test/,chain-x64.efi chain-ia32.efi kernel.elf both-ia32.efi)
LOADER_TEST_KERNEL := $(addprefix $(BUILD)/kernel/,tests/boot/loader-kernel.S.o \
	tests/boot/loader-kernel.c.o kernel/devices/pci.c.o lib/printf.c.o lib/string.c.o)

# $(call loader_test_rules,ARCH)
define loader_test_rules
LOADER_TEST_OBJECTS_$(1) := $(addprefix $(BUILD)/efi/$(1)/,tests/boot/loader-chain.c.o \
	tests/boot/loader-busy.c.o tests/boot/loader-fadt.c.o lib/string.c.o lib/printf.c.o)

$(BUILD)/loader-test/chain-$(1).efi: $$(LOADER_TEST_OBJECTS_$(1)) efi/build.mk
	$$(call say,EFI,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(LD) $$(EFI_LDFLAGS) $$(EFI_LDFLAGS_$(1)) -o $$(@:.efi=.so) \
		$$(LOADER_TEST_OBJECTS_$(1)) $$(EFI_LIBRARIES_$(1))
	$$(Q)$$(OBJCOPY) $$(EFI_OBJCOPY) $$(EFI_OBJCOPY_$(1)) $$(@:.efi=.so) $$@
endef
$(eval $(call loader_test_rules,x64))
$(eval $(call loader_test_rules,ia32))

# Without a link script: the loader must not depend on the kernel's own.
$(BUILD)/loader-test/kernel.elf: $(LOADER_TEST_KERNEL) tools/seal efi/build.mk
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LD) -m elf_i386 -pie -z notext --no-dynamic-linker -z norelro -z noexecstack \
		--build-id=none -Ttext-segment=0xc0100000 -e _start -o $@.tmp $(LOADER_TEST_KERNEL)
	$(Q)tools/seal $@.tmp && mv $@.tmp $@

$(BUILD)/loader-test/both.o: efi/embedded.S $(BUILD)/kernel.elf $(BUILD)/initramfs.cpio pae
	@mkdir -p $(@D)
	$(Q)$(CC) $(EFI_CFLAGS) $(EFI_CFLAGS_ia32) -DEMBEDDED_KERNEL='"$(BUILD)/kernel.elf"' \
		-DEMBEDDED_INITRAMFS='"$(BUILD)/initramfs.cpio"' -DEMBEDDED_PAE_KERNEL='"$(BUILD)/pae/kernel.elf"' -c -o $@ $<
$(BUILD)/loader-test/both-ia32.efi: $(BUILD)/loader-test/both.o $(EFI_OBJECTS_ia32) efi/build.mk
	$(call say,EFI,$@)
	$(Q)$(LD) $(EFI_LDFLAGS) $(EFI_LDFLAGS_ia32) -o $(@:.efi=.so) \
		$(patsubst %/embedded.S.o,$(BUILD)/loader-test/both.o,$(EFI_OBJECTS_ia32)) $(EFI_LIBRARIES_ia32)
	$(Q)$(OBJCOPY) $(EFI_OBJCOPY) $(EFI_OBJCOPY_ia32) $(@:.efi=.so) $@

test boot-test: $(LOADER_TEST_FILES)
