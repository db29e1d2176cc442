# SPDX-License-Identifier: MIT
#
# The laboratory: a web page with the kernel in it (docs/lab.md).
#
#   kernel.debug ──describe-kernel──> kernel.json, source.json ─┐
#   direct.elf, kernel.elf, initramfs.cpio ──gzip───────────────┼─> lab/dist/machine/
#   lab/ ──> lab/page/ ──npm ci, vite build─────────────────────┴─> lab/dist/   served as it is
#
# The sources are copied to lab/page, so that npm writes nothing into the tree.
#
# Included by the top Makefile; uses its BUILD, Q, say, keep and lists of programs.

LAB_BUILD := $(BUILD)/lab
LAB_PAGE := $(LAB_BUILD)/page
LAB_DONE := $(LAB_BUILD)/dist.done
LAB_MADE := $(LAB_BUILD)/dist
LAB_DIST ?= $(LAB_MADE)
LAB_PORT ?= 8386
LAB_SOURCES := $(sort $(wildcard lab/*.* lab/src/*.* lab/src/*/*.*))
# Without the program of glibc, which is as large as all others together.
LAB_PROGRAMS := $(RING3_OWN) $(RING3_PIE)
LAB_MACHINE := $(addprefix $(LAB_BUILD)/machine/,direct.elf.gz kernel.elf.gz initramfs.cpio.gz kernel.json source.json)

.PHONY: lab lab-dist lab-test blame blame-measure
ifneq ($(PAGING),2)
ifneq ($(LAB)$(filter lab lab-dist lab-test blame blame-measure,$(MAKECMDGOALS)),)
$(error PAGING=$(PAGING): the laboratory's page reads page tables of two levels, PAGING=2)
endif
endif
lab: $(LAB_DONE)
	@lab/serve $(LAB_MADE) $(LAB_PORT)
lab-dist: $(LAB_DONE)
	$(if $(filter-out $(LAB_MADE),$(LAB_DIST)),$(Q)mkdir -p $(LAB_DIST) && cp -R $(LAB_MADE)/. $(LAB_DIST))
	@du -sb --apparent-size $(LAB_DIST) | sed 's/\t/ bytes: /'

# All suites and programs in v86; some minutes.
lab-test: $(LAB_DONE)
	@node tests/lab/suites.mjs $(LAB_BUILD)

# Which store broke memory, in a run that fails (docs/blame.md).
blame: $(LAB_DONE)
	@tools/blame $(OPTIONS)

# How often tools/blame --good names the guilty function of a planted bug.
blame-measure: $(LAB_DONE)
	@tools/blame --measure $(NAME)

$(LAB_BUILD)/initramfs.cpio: $(LAB_PROGRAMS) $(BENCH_PROGRAMS) $(PROMPT_PROGRAMS) $(BUILD)/ring3.list image/make-initramfs.sh
	$(call say,CPIO,$@)
	@mkdir -p $(@D)
	$(Q)image/make-initramfs.sh $@ $(LAB_PROGRAMS) -- $(BENCH_PROGRAMS) -- $(PROMPT_PROGRAMS)

$(LAB_BUILD)/machine/initramfs.cpio.gz: $(LAB_BUILD)/initramfs.cpio
$(LAB_BUILD)/machine/direct.elf.gz $(LAB_BUILD)/machine/kernel.elf.gz: $(LAB_BUILD)/machine/%.gz: $(BUILD)/%
$(LAB_BUILD)/machine/%.gz:
	$(call say,GZIP,$@)
	@mkdir -p $(@D)
	$(Q)gzip -9n <$< >$@

$(LAB_BUILD)/machine/kernel.json: $(BUILD)/kernel.debug lab/describe-kernel
	$(call say,DESCRIBE,$@)
	$(Q)lab/describe-kernel $< $(@D)
$(LAB_BUILD)/machine/source.json: $(LAB_BUILD)/machine/kernel.json ;

# --ignore-scripts: no package needs one.
$(LAB_PAGE)/node_modules/.done: lab/package.json lab/package-lock.json
	$(call say,NPM,$(@D))
	@mkdir -p $(LAB_PAGE)
	$(Q)cp $^ $(LAB_PAGE)
	$(Q)cd $(LAB_PAGE) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1 || { cat npm.log >&2; \
		echo 'lab: npm could not install the packages of lab/package-lock.json; its messages are above. It needs the network, this once; behind a proxy with a certificate of its own: NODE_EXTRA_CA_CERTS=file.pem' >&2; exit 1; }
	@touch $@

$(LAB_BUILD)/page.done: $(LAB_PAGE)/node_modules/.done $(LAB_SOURCES)
	$(call say,VITE,$(LAB_BUILD)/web)
	$(Q)rm -rf $(LAB_PAGE)/src && cp -R lab/src lab/index.html lab/vite.config.js $(LAB_PAGE)
	$(Q)cd $(LAB_PAGE) && LAB_OUT=../web npx --no-install vite build --logLevel error
	@touch $@

$(LAB_DONE): $(LAB_BUILD)/page.done $(LAB_MACHINE)
	$(Q)rm -rf $(LAB_MADE) && mkdir -p $(LAB_MADE) && cp -R $(LAB_BUILD)/web/. $(LAB_MADE) && cp -R $(LAB_BUILD)/machine $(LAB_MADE)
	@touch $@
