# SPDX-License-Identifier: MIT
#
# The images, three forms of the same files:
#
#   efi/BOOT*.EFI ─┬─> image/gpt.fat ──────> pagewright.img       a stick or disk, partition table
#   pagewright.txt ┼─> pagewright-fat.img                         a stick without one
#   image/bios.bin ├─> pagewright-4k.img                          the same for sectors of 4096 bytes
#                  └─> image/iso.fat ──────> pagewright.iso       an optical disc, or a stick
#
#   kernel.elf, initramfs.cpio, direct.elf       no image, but what QEMU loads itself (FW=direct)
#
# and in signed/ the same with signed loaders and the certificate.
#
# Included by the top Makefile; uses its BUILD, EFI_FILES, Q, say, keep and FORCE.

IMAGE_NAMES := pagewright.img pagewright-fat.img pagewright-4k.img pagewright.iso

BIOS := $(BUILD)/image/bios.bin
$(BIOS): image/bios.S
	$(call say,BIOS,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -c -o $@.o $<
	$(Q)$(LD) -m elf_i386 -Ttext 0 --oformat binary -o $@ $@.o

# $(call image_rules,DIRECTORY,FILES,MORE): images of the two loaders FILES, with MORE as
# PATH=NAME.
define image_rules
$(1)/image/gpt.fat $(1)/image/iso.fat: $(1)/image/%.fat: $(BIOS) $(2) image/pagewright.txt image/make-fat.sh
	$$(call say,FAT,$$@)
	@mkdir -p $$(@D)
	$$(Q)image/make-fat.sh $$@ $$* $(BIOS) $(2) image/pagewright.txt $(3)
$(1)/pagewright-fat.img: $(BIOS) $(2) image/pagewright.txt image/make-fat.sh
	$$(call say,FAT,$$@)
	$$(Q)image/make-fat.sh $$@ floppy $(BIOS) $(2) image/pagewright.txt $(3)
$(1)/pagewright-4k.img: $(BIOS) $(2) image/pagewright.txt image/make-fat.sh
	$$(call say,FAT,$$@)
	$$(Q)image/make-fat.sh $$@ 4k $(BIOS) $(2) image/pagewright.txt $(3)
$(1)/pagewright.img: $(1)/image/gpt.fat image/make-gpt.sh
	$$(call say,GPT,$$@)
	$$(Q)image/make-gpt.sh $$@ $$< $(BIOS)
$(1)/pagewright.iso: $(1)/image/iso.fat $(2) image/pagewright.txt image/make-iso.sh
	$$(call say,ISO,$$@)
	$$(Q)image/make-iso.sh $$@ $$< $(BIOS) $(2) image/pagewright.txt $(3)
endef

$(eval $(call image_rules,$(BUILD),$(EFI_FILES),))

.PHONY: image sign flash screenshot matrix
image: $(IMAGE_NAMES:%=$(BUILD)/%)

# ---- The direct loader, for emulators: FW=direct -------------------------------------------------

# The kernel's flags, and the code that it shares with the UEFI loader.
DIRECT_SOURCES := $(sort $(wildcard image/direct/*.c image/direct/*.S)) \
	efi/handoff/boot_directory.c efi/handoff/handoff_ia32.S efi/kernel_image.c efi/handoff/memory_map.c efi/options.c \
	kernel/devices/serial.c lib/crc32.c lib/printf.c lib/string.c lib/text.c
DIRECT_OBJECTS := $(DIRECT_SOURCES:%=$(BUILD)/kernel/%.o)

$(BUILD)/direct.elf: $(DIRECT_OBJECTS) image/direct/direct.lds image/build.mk
	$(call say,LINK,$@)
	$(Q)$(LD) -m elf_i386 -T image/direct/direct.lds --build-id=none --no-warn-rwx-segments -z noexecstack -o $@ $(DIRECT_OBJECTS)

.PHONY: direct
direct: $(BUILD)/direct.elf $(BUILD)/kernel.elf $(BUILD)/initramfs.cpio
image: direct

# ---- Secure Boot: make sign KEY= CERT= ----------------------------------------------------------

SIGNED	?= $(BUILD)/signed
SIGNED_FILES := $(EFI_FILES:$(BUILD)/efi/%=$(SIGNED)/%)
SIGNED_IMAGES := $(IMAGE_NAMES:%=$(SIGNED)/%)

$(SIGNED)/flags: FORCE
	$(call keep,$(KEY) $(CERT))
$(SIGNED_FILES): $(SIGNED)/%: $(BUILD)/efi/% $(wildcard $(KEY) $(CERT)) $(SIGNED)/flags tools/sign
	$(call say,SIGN,$@)
	$(Q)tools/sign '$(KEY)' '$(CERT)' $< $@
# The form that the menus of firmware read, to enrol the certificate.
$(SIGNED)/pagewright.cer: $(SIGNED_FILES)
	$(Q)openssl x509 -in '$(CERT)' -outform DER -out $@

$(eval $(call image_rules,$(SIGNED),$(SIGNED_FILES),$(SIGNED)/pagewright.cer=pagewright.cer))
$(SIGNED_IMAGES) $(SIGNED)/image/gpt.fat $(SIGNED)/image/iso.fat: $(SIGNED)/pagewright.cer

sign: $(SIGNED_IMAGES)

# ---- Onto a stick, a picture, and every machine -------------------------------------------------

flash: image
	@tools/flash $(DEVICE)

screenshot: image
	@tools/run --screenshot $(BUILD)/screenshot.png

# Firmware x machine x processor x memory x medium; MATRIX_FLAGS=--help tells more.
matrix: image pae
	@tools/matrix $(MATRIX_FLAGS)
