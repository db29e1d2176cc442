# SPDX-License-Identifier: MIT
#
# For editors, analyzers and coverage: rules that read the source or measure the tests, and build
# no product.
#
#   make's own commands ──> compile_commands.json ──> clangd, clang-tidy
#   gcc -fanalyzer ───────> analyze/FILE.o ─┬─> analyze/clang-tidy.done
#                                           └─> analyze/cppcheck.done
#   host tests and the kernel, built to count ──> coverage/ ──> a table of rooms
#
# Included by the top Makefile; uses its BUILD, Q, say, flags and lists of sources.

.PHONY: evidence prove analyze analyze-gcc analyze-clang-tidy analyze-cppcheck coverage

# The order of the goals decides between several commands for one file: the kernel's come first.
$(BUILD)/compile_commands.json: Makefile $(wildcard *.mk */*.mk */*/*.mk) tools/compile-commands \
		$(BUILD)/kernel.flags $(BUILD)/kernel.list $(BUILD)/host.flags $(BUILD)/host.list
	$(call say,COMMANDS,$@)
	$(Q)tools/compile-commands $@ $(BUILD)/kernel.debug image test fuzz-targets
# Where clangd looks for it.
compile_commands.json: $(BUILD)/compile_commands.json
	$(Q)cp $< $@

# Readers of foreign bytes have no undefined behaviour, whatever the bytes: NAME=elf proves one.
prove:
	@tools/prove $(NAME)

# ---- make analyze -------------------------------------------------------------------------------
#
# Three analyzers of all code that runs on the machine, without tests. A file is analyzed again
# only when it or one of its headers has changed; gcc's objects and dependency files record that.
# Fix each finding, or suppress it with its reason: a kind here and in .clang-tidy, a single one
# beside the line.

ANALYZED_KERNEL := $(filter-out tests/%,$(filter %.c,$(KERNEL_SOURCES))) $(filter image/%.c,$(DIRECT_SOURCES))
ANALYZED_EFI := $(filter efi/%.c,$(EFI_SOURCES))
ANALYZED := $(ANALYZED_KERNEL) $(ANALYZED_EFI)
ANALYZED_OBJECTS := $(ANALYZED:%=$(BUILD)/analyze/%.o)

# False positives of gcc 14: it takes a loop over a pattern or a list for endless, the test of a
# loop for too late, and two members of one structure for overlapping.
# These objects are never debugged, and gcc needs a sixth less time without -g.
ANALYZER_FLAGS := -fanalyzer -g0 $(addprefix -Wno-analyzer-,infinite-recursion infinite-loop deref-before-check overlapping-buffers)
# And a structure that is copied in two parts, around the end of a ring, for one that is not set.
$(BUILD)/analyze/kernel/console/kmsg.c.o: ANALYZER_FLAGS += -Wno-analyzer-use-of-uninitialized-value

# $(call analyzed,FLAGS): the rule that compiles one file with gcc's analyzer.
define analyzed
	$(call say,ANALYZE,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(1) $(ANALYZER_FLAGS) $(DEPFLAGS) -c -o $@ $<
endef
$(ANALYZED_KERNEL:%=$(BUILD)/analyze/%.o): $(BUILD)/analyze/%.o: % $(BUILD)/kernel.flags tools/build.mk
	$(call analyzed,$(KERNEL_FLAGS))
$(ANALYZED_EFI:%=$(BUILD)/analyze/%.o): $(BUILD)/analyze/%.o: % $(BUILD)/efi/x64.flags tools/build.mk
	$(call analyzed,$(EFI_CFLAGS) $(EFI_CFLAGS_x64))

# Only files with new objects, or all of them with a new configuration.
$(BUILD)/analyze/clang-tidy.done: $(ANALYZED_OBJECTS) .clang-tidy | $(BUILD)/compile_commands.json
	$(call say,TIDY,$@)
	$(Q)clang-tidy -p $(BUILD) --quiet $(if $(filter-out %.o,$?),$(ANALYZED),$(?:$(BUILD)/analyze/%.o=%)) \
		>$@.log 2>&1 || { grep -v 'warnings generated' $@.log; exit 1; }
	@touch $@

# Its model of the C library defines names that the kernel defines itself, as constants of the same
# values (-U). Of the parser of 2.10: it takes some designated initializers for errors
# (internalAstError). An array that a linker script ends is two objects to C (comparePointers,
# subtractPointers). From 2.17 on it says where it does not follow every branch
# (normalCheckLevelMaxBranches).
CPPCHECK_FLAGS := --quiet --enable=warning,portability --std=c11 --inline-suppr --error-exitcode=1 \
	--template='{file}:{line}: {severity}: {message} [{id}]' -I. -D__GNUC__=12 -D__i386__ -D__cppcheck__ \
	$(addprefix -U,SEEK_SET SEEK_CUR SEEK_END SIGABRT SIGFPE SIGINT SIGKILL SIGSEGV SIGTERM) \
	$(addprefix --suppress=,\
	internalAstError comparePointers subtractPointers normalCheckLevelMaxBranches)
$(BUILD)/analyze/cppcheck.done: $(ANALYZED_OBJECTS)
	$(call say,CPPCHECK,$@)
	@mkdir -p $(@D)/cppcheck
	$(Q)cppcheck $(CPPCHECK_FLAGS) --platform=unix32 --cppcheck-build-dir=$(@D)/cppcheck $(ANALYZED)
	@touch $@

analyze-gcc: $(ANALYZED_OBJECTS)
analyze-clang-tidy: $(BUILD)/analyze/clang-tidy.done
analyze-cppcheck: $(BUILD)/analyze/cppcheck.done
analyze: analyze-gcc analyze-clang-tidy analyze-cppcheck

# ---- make coverage ------------------------------------------------------------------------------

# The host tests (with both forms of page tables) and the kernel in builds of their own, so that the
# usual build is not changed. The kernel runs the usual programs. Old counts are removed: gcov adds
# to them.
COVERED	:= $(BUILD)/coverage
coverage: export CASE_SECONDS := 300
coverage: direct
	@find $(COVERED) -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory BUILD=$(COVERED) COVERAGE=1 host-test $(COVERED)/kernel.elf
	@$(MAKE) --no-print-directory BUILD=$(COVERED)/pae PAGING=pae COVERAGE=1 host-test
	@tools/kernel-coverage $(COVERED)
	@tools/coverage $(COVERAGE_FLAGS) $(COVERED)/host-objects $(COVERED)/kernel $(COVERED)/pae

# docs/evidence.md: tests/docs.t says whether it is current.
evidence:
	@tools/evidence
