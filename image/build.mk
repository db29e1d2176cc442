# SPDX-License-Identifier: MIT
#
# The images, three forms of the same files:
#
#   efi/BOOT*.EFI ─┬─> image/gpt.fat ──────> pagewright.img       a stick or a disk, with a partition table
#   pagewright.txt ┼─> pagewright-fat.img                         a stick without one
#                  └─> image/iso.fat ──────> pagewright.iso       an optical disc, or a stick
#
# and the same with signed loaders and the certificate: pagewright-signed.img, pagewright-fat-signed.img, ...
#
# Included by the top Makefile, whose BUILD, EFI_FILES, Q, say, keep and FORCE it uses.

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

.PHONY: image sign flash screenshot
image: $(IMAGES)

# ---- Secure Boot: make sign KEY= CERT= --------------------------------------------------------------

SIGNED_FILES := $(EFI_FILES:$(BUILD)/efi/%=$(BUILD)/signed/%)
SIGNED_IMAGES := $(addprefix $(BUILD)/,pagewright-signed.img pagewright-fat-signed.img pagewright-signed.iso)

$(BUILD)/signed.flags: FORCE
	$(call keep,$(KEY) $(CERT))
$(SIGNED_FILES): $(BUILD)/signed/%: $(BUILD)/efi/% $(wildcard $(KEY) $(CERT)) $(BUILD)/signed.flags tools/sign
	$(call say,SIGN,$@)
	$(Q)tools/sign '$(KEY)' '$(CERT)' $< $@
# In the form that the menus of firmware read, for the owner of a machine to enrol.
$(BUILD)/signed/pagewright.cer: $(SIGNED_FILES)
	$(Q)openssl x509 -in '$(CERT)' -outform DER -out $@

$(eval $(call image_rules,-signed,$(SIGNED_FILES),$(BUILD)/signed/pagewright.cer=pagewright.cer))
$(SIGNED_IMAGES) $(BUILD)/image/gpt-signed.fat $(BUILD)/image/iso-signed.fat: $(BUILD)/signed/pagewright.cer

sign: $(SIGNED_IMAGES)

# ---- Onto a stick, and the picture ------------------------------------------------------------------

flash: image
	@tools/flash $(DEVICE)

screenshot: image
	@tools/run --screenshot $(BUILD)/screenshot.png
