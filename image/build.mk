# SPDX-License-Identifier: MIT
#
# The images, three forms of the same files:
#
#   efi/BOOT*.EFI ─┬─> image/gpt.fat ──────> pagewright.img       a stick or a disk, with a partition table
#   pagewright.txt ┼─> pagewright-fat.img                         a stick without one
#                  └─> image/iso.fat ──────> pagewright.iso       an optical disc, or a stick
#
# Included by the top Makefile, whose BUILD, EFI_FILES, Q, say and keep it uses.

IMAGES := $(addprefix $(BUILD)/,pagewright.img pagewright-fat.img pagewright.iso)

# $(call image_rules,SUFFIX,FILES,MORE): images of the two loaders FILES; MORE are files to add, as PATH=NAME.
define image_rules
$(BUILD)/image/gpt$(1).fat $(BUILD)/image/iso$(1).fat: $(BUILD)/image/%$(1).fat: $(2) image/pagewright.txt image/make-fat.sh
	$$(call say,FAT,$$@)
	@mkdir -p $$(@D)
	$$(Q)image/make-fat.sh $$@ $$* $(2) image/pagewright.txt $(3)
$(BUILD)/pagewright-fat$(1).img: $(2) image/pagewright.txt image/make-fat.sh
	$$(call say,FAT,$$@)
	$$(Q)image/make-fat.sh $$@ floppy $(2) image/pagewright.txt $(3)
$(BUILD)/pagewright$(1).img: $(BUILD)/image/gpt$(1).fat image/make-gpt.sh
	$$(call say,GPT,$$@)
	$$(Q)image/make-gpt.sh $$@ $$<
$(BUILD)/pagewright$(1).iso: $(BUILD)/image/iso$(1).fat $(2) image/pagewright.txt image/make-iso.sh
	$$(call say,ISO,$$@)
	$$(Q)image/make-iso.sh $$@ $$< $(2) image/pagewright.txt $(3)
endef

$(eval $(call image_rules,,$(EFI_FILES),))

.PHONY: image
image: $(IMAGES)
