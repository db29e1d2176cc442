# SPDX-License-Identifier: MIT
#
# Pagewright. `make run` boots the image in QEMU and judges the log, `make test` runs every test;
# both install what is missing first. `make help` lists the rest. GNU make 4.3 or later.
#
# Everything is built in $(BUILD), from the files that the wildcards below find: a new source file
# needs no line here. The products:
#
#   lib paging mm fs kernel tests/kernel ──> kernel.debug ──> kernel.elf ─┐
#   tests/ring3, tests/bench ──> ring3/NAME, bench/NAME ──> initramfs.cpio ┴─> efi/BOOT*.EFI ──> *.img
#   lib paging mm fs ──> host/rooms.a ──> host/test_NAME <── tests/host
#
# Parsing this file runs no compiler and no Python: on a machine with only git and make it installs
# the rest or says how.

# ---- Variables for the user ---------------------------------------------------------------------

PAGING	?= 2
BUILD	?= build$(if $(filter pae,$(PAGING)),/pae)
MEM	?= 256M
CPU	?= max
FW	?= ovmf-x64
MACHINE	?= q35
IMAGE	?=
MEDIA	?= disk
VIDEO	?= std
SWAP	?=
TRACE	?=
SWAPDEV	?= ahci
ACCEL	?= tcg
SRC	?=
PROGRAM	?=
PROGRAMS ?=
ARGS	?=
# Shells use a variable of this name for themselves.
ifneq ($(origin ENV),command line)
ENV	:=
endif
NAME	?=
TO	?=
TREE	?=
STEP	?=
OPTIONS	?=
V	?= 0

ifneq ($(words $(BUILD)),1)
$(error BUILD=$(BUILD): a path without a blank is wanted)
endif

ifneq ($(filter 2 pae both,$(PAGING)),$(PAGING))
$(error PAGING=$(PAGING): 2, pae or both is wanted)
endif

# tools/run and the test scripts take their defaults from the environment.
export BUILD MEM CPU FW MACHINE IMAGE MEDIA VIDEO SWAP SWAPDEV TRACE ACCEL OPTIONS V
# Time stamps in the image: 2020-01-01. A FAT directory entry has no time zone, so the zone is
# fixed too.
export SOURCE_DATE_EPOCH := 1577836800
export TZ := UTC
export LC_ALL := C.UTF-8

ifeq ($(origin CC),default)
CC	:= gcc
endif
LD	:= ld
NM	:= nm
AR	:= ar
OBJCOPY	:= objcopy
export CC LD NM OBJCOPY

# ---- Set-up of make -----------------------------------------------------------------------------

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
# Read before the next line adds words that have an n too.
DRY_RUN := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
MAKEFLAGS += --no-builtin-rules
SHELL	:= /bin/bash

# All cores, unless the user said -j.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

# $(call say,VERB,WHAT) prints one progress line; V=1 prints the commands instead.
ifeq ($(V),1)
Q	:=
say	:=
else
Q	:= @
say	= @printf '  %-9s%s\n' '$(1)' '$(2)'
endif

.PHONY: all pae pae-host run program shell clients debug bench account swap-rate orders exercise hint grade exercises test host-test ring3-test oracle boot-test clients-test floors format-check dependencies clean help FORCE
FORCE:

# $(call keep,TEXT) as a recipe writes TEXT to the target if it differs. So files that depend on
# the target are rebuilt only when the flags or the list of files change.
keep	= @mkdir -p $(@D); printf '%s\n' '$(1)' | cmp -s - $@ || printf '%s\n' '$(1)' >$@

# The packages. `make run`, `make test` and `make dependencies` install what is missing; every
# other goal stops, and says what is missing and how to install it. The file is included, so make
# first checks and then restarts with all packages; its time changes only when something was
# installed.
QUIET_GOALS := help clean floors
INSTALLING_GOALS := run program shell test dependencies lab lab-dist
PACKAGES_OF_test := --analyze --gdb --lab
PACKAGES_OF_lab := --lab
PACKAGES_OF_run := $(if $(LAB),--lab)
PACKAGES_OF_lab-dist := --lab
PACKAGES_OF_lab-test := --lab
PACKAGES_OF_blame := --lab
PACKAGES_OF_blame-measure := --lab
PACKAGES_OF_analyze := --analyze
PACKAGES_OF_dependencies := --analyze --clang --gdb --lab
PACKAGES_OF_debug := --gdb
ifneq ($(if $(MAKECMDGOALS),$(filter-out $(QUIET_GOALS),$(MAKECMDGOALS)),all),)
ifeq ($(DRY_RUN),)
include $(BUILD)/dependencies.mk
endif
endif
$(BUILD)/dependencies.mk: FORCE
	@tools/install-dependencies $(if $(filter $(INSTALLING_GOALS),$(MAKECMDGOALS)),,--check) \
		$(foreach goal,$(MAKECMDGOALS),$(PACKAGES_OF_$(goal))) && mkdir -p $(@D) && \
		{ test -e $@ -a $@ -nt tools/install-dependencies || echo '# The packages are there.' >$@; }

dependencies:
	@echo 'Everything that is needed to build, run and test is installed.'

all: image

# ---- The kernel ---------------------------------------------------------------------------------

# The same source gives the same bytes in any checkout and build directory. The shell inserts the
# path, which may have a blank. BUILD is a word of make's lists and must not have one.
PREFIX_MAP := -ffile-prefix-map="$$PWD"=. -ffile-prefix-map=$(BUILD)=build
WERROR	?= -Werror
# Only in the tree of an exercise (tools/modules/exercises.py).
-include exercise.mk
WARNINGS := -Wall -Wextra $(WERROR) $(EXERCISE_WARNINGS)
DEPFLAGS = -MMD -MP

# The description of page-table entries: paging/pgtable.h.
PAGING_FLAGS := $(if $(filter pae,$(PAGING)),-DPAGING_PAE)

KERNEL_FLAGS := -m32 -march=i686 -mtune=core2 -O2 -g -std=gnu11 -ffreestanding \
	-mregparm=3 -mpreferred-stack-boundary=2 -fno-pic -fno-pie -fno-stack-protector -fcf-protection=none \
	-mno-sse -mno-mmx -mno-80387 -msoft-float \
	-fno-strict-aliasing -fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	$(WARNINGS) -I. $(PREFIX_MAP)$(PAGING_FLAGS:%= %)
# Without optimization each line and branch of the source is there: tools/kernel-coverage.
ifdef COVERAGE
KERNEL_FLAGS := $(filter-out -O2,$(KERNEL_FLAGS)) -O0 -fprofile-arcs -ftest-coverage -fprofile-info-section -DCOVERAGE
endif

# A room may have rooms of its own.
LOW_ROOMS := lib lib/* paging mm mm/* fs fs/*
KERNEL_ROOMS := $(LOW_ROOMS) kernel/* kernel/*/* tests/kernel
KERNEL_SOURCES := $(sort $(wildcard $(KERNEL_ROOMS:%=%/*.c) $(KERNEL_ROOMS:%=%/*.S)))
KERNEL_OBJECTS := $(KERNEL_SOURCES:%=$(BUILD)/kernel/%.o)

$(BUILD)/kernel.flags: FORCE
	$(call keep,$(CC) $(KERNEL_FLAGS))
$(BUILD)/kernel.list: FORCE
	$(call keep,$(KERNEL_OBJECTS))

$(BUILD)/kernel/%.c.o: %.c $(BUILD)/kernel.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_FLAGS) $(DEPFLAGS) -c -o $@ $<
$(BUILD)/kernel/%.S.o: %.S $(BUILD)/kernel.flags
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_FLAGS) $(DEPFLAGS) -c -o $@ $<
# The loaders' page directory has two levels, whatever the kernel's has.
$(BUILD)/kernel/efi/%.o $(BUILD)/kernel/image/%.o: private KERNEL_FLAGS := $(filter-out $(PAGING_FLAGS),$(KERNEL_FLAGS))

# The screen's font: unchanged glyphs, from a package.
FONT	?= /usr/share/consolefonts/Unifont-APL8x16.psf.gz

$(BUILD)/font.bin: $(FONT) tools/make-font
	$(call say,FONT,$@)
	@mkdir -p $(@D)
	$(Q)tools/make-font $< $@
$(BUILD)/kernel/kernel/console/font.S.o: $(BUILD)/font.bin
$(BUILD)/kernel/kernel/console/font.S.o: KERNEL_FLAGS += -DFONT_FILE='"$(BUILD)/font.bin"'

# Linked until its own symbol table names the right addresses; for gdb.
$(BUILD)/kernel.debug: $(KERNEL_OBJECTS) $(BUILD)/kernel.list image/kernel.lds tools/link-kernel tools/ksyms
	$(call say,LINK,$@)
	$(Q)tools/link-kernel $@ image/kernel.lds $(KERNEL_OBJECTS)

# The same without debug information, and with its checksum; embedded in the loader.
$(BUILD)/kernel.elf: $(BUILD)/kernel.debug tools/seal
	$(call say,SEAL,$@)
	$(Q)$(OBJCOPY) --strip-debug $< $@.tmp
	$(Q)tools/seal $@.tmp && mv $@.tmp $@

# The kernel with PAE. A build with PAGING=pae has it already.
ifeq ($(PAGING),pae)
pae: $(BUILD)/kernel.elf
	@mkdir -p $(BUILD)/pae && cp $< $(BUILD)/pae/kernel.elf
else
MAKE_PAE = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(MAKE_COMMAND) $(if $(findstring s,$(firstword -$(MAKEFLAGS))),-s) \
	PAGING=pae BUILD=$(BUILD)/pae
pae: $(BUILD)/dependencies.mk
	@$(MAKE_PAE) $(BUILD)/pae/kernel.elf
endif

# ---- Ring-3 programs and the initramfs ----------------------------------------------------------

RING3_FLAGS := -m32 -march=i686 -O2 -g -std=gnu11 -ffreestanding -nostdlib -static -no-pie -fno-pic \
	-fno-pie -fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fno-builtin \
	-ffunction-sections -fdata-sections $(WARNINGS) -I. $(PREFIX_MAP)
# One segment for code and constants: 80 programs are 570 KiB smaller, and firmware reads less.
RING3_LINK := -Wl,--gc-sections -Wl,-z,noexecstack -Wl,-z,noseparate-code -Wl,-z,max-page-size=4096 \
	-Wl,--build-id=none

RING3_RUNTIME := $(sort $(wildcard tests/ring3/runtime/*.c tests/ring3/runtime/*.S))
RING3_RUNTIME_OBJECTS := $(RING3_RUNTIME:tests/ring3/%=$(BUILD)/ring3-objects/%.o)
RING3_SOURCES := $(filter-out tests/ring3/runtime/% tests/ring3/glibc/%, \
	$(wildcard tests/ring3/*.c tests/ring3/*/*.c))
# On the runtime of tests/ring3/runtime, and on the host's C library.
RING3_OWN := $(sort $(patsubst %.c,$(BUILD)/ring3/%,$(notdir $(RING3_SOURCES))))
RING3_GLIBC := $(patsubst tests/ring3/glibc/%.c,$(BUILD)/ring3/%,$(sort $(wildcard tests/ring3/glibc/*.c)))
# A program that runs where it is loaded.
RING3_PIE := $(BUILD)/ring3/pie
RING3_PROGRAMS := $(RING3_OWN) $(RING3_GLIBC) $(RING3_PIE)
GLIBC_FLAGS := -m32 -O2 -g -std=gnu11 -static -pthread $(WARNINGS) $(PREFIX_MAP)

$(BUILD)/ring3.flags: FORCE
	$(call keep,$(CC) $(RING3_FLAGS) $(RING3_LINK) $(GLIBC_FLAGS))
$(BUILD)/ring3.list: FORCE
	$(call keep,$(RING3_PROGRAMS) $(RING3_RUNTIME_OBJECTS) $(BENCH_OBJECTS) $(LOOPS_OBJECTS) $(PROMPT_PROGRAMS))

$(BUILD)/ring3-objects/%.o: tests/ring3/% $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(DEPFLAGS) -c -o $@ $<
$(foreach s,$(RING3_SOURCES),$(eval \
	$(BUILD)/ring3/$(basename $(notdir $s)): $(s:tests/ring3/%=$(BUILD)/ring3-objects/%.o)))
$(RING3_OWN): $(RING3_RUNTIME_OBJECTS) $(BUILD)/ring3.list
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(RING3_LINK) -o $@ $(filter %.o,$^)
$(RING3_GLIBC): $(BUILD)/ring3/%: tests/ring3/glibc/%.c $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GLIBC_FLAGS) -o $@ $< -lm
$(RING3_PIE): tests/ring3/pie/pie.S $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -nostdlib -static-pie $(RING3_LINK) -o $@ $<

# Process 1 of the Linux guest, the oracle where this machine's Linux runs no i386 programs.
ORACLE	:= $(BUILD)/oracle/init
$(ORACLE): tests/oracle/init.c $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GLIBC_FLAGS) -o $@ $<
oracle: $(ORACLE) $(RING3_PROGRAMS)

# The benchmarks: one program of all the C files of tests/bench, one that measures another way, and
# an empty one, for execve.
BENCH_OBJECTS := $(patsubst %,$(BUILD)/ring3-objects/bench/%.o,$(notdir $(sort $(wildcard tests/bench/*.c))))
LOOPS_OBJECTS := $(patsubst %,$(BUILD)/ring3-objects/bench/%.c.o,loops/loops shared)
BENCH_PROGRAMS := $(patsubst %,$(BUILD)/bench/%,operations loops tiny)

$(BUILD)/ring3-objects/bench/%.o: tests/bench/% $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(DEPFLAGS) -c -o $@ $<
$(BUILD)/bench/operations: $(BENCH_OBJECTS) $(RING3_RUNTIME_OBJECTS)
$(BUILD)/bench/loops: $(LOOPS_OBJECTS) $(RING3_RUNTIME_OBJECTS)
$(BUILD)/bench/tiny: $(BUILD)/ring3-objects/bench/tiny.S.o
$(BENCH_PROGRAMS): $(BUILD)/ring3.list
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(RING3_LINK) -o $@ $(filter %.o,$^)

include tests/league/build.mk

# The programs of the prompt: without a C library, on the kernel's own lib/.
PROMPT_PROGRAMS := $(patsubst programs/%.c,$(BUILD)/programs/%,$(sort $(wildcard programs/*.c)))
PROMPT_OBJECTS := $(BUILD)/ring3-objects/runtime/start.S.o $(patsubst %,$(BUILD)/program-objects/%.o,\
	$(sort $(wildcard programs/runtime/*.c)) lib/printf.c lib/string.c lib/text.c)

$(BUILD)/program-objects/%.c.o: %.c $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(DEPFLAGS) -c -o $@ $<
$(PROMPT_PROGRAMS): $(BUILD)/programs/%: $(BUILD)/program-objects/programs/%.c.o $(PROMPT_OBJECTS) $(BUILD)/ring3.list
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(RING3_LINK) -o $@ $(filter %.o,$^) -lgcc

$(BUILD)/initramfs.cpio: $(RING3_PROGRAMS) $(BENCH_PROGRAMS) $(PROMPT_PROGRAMS) $(BUILD)/ring3.list \
		image/make-initramfs.sh tools/modules/cpio.py
	$(call say,CPIO,$@)
	$(Q)image/make-initramfs.sh $@ $(RING3_PROGRAMS) -- $(BENCH_PROGRAMS) -- $(PROMPT_PROGRAMS)

# ---- The loader and the images ------------------------------------------------------------------

EFI_FILES := $(BUILD)/efi/BOOTX64.EFI $(BUILD)/efi/BOOTIA32.EFI
-include efi/build.mk

# The images, signing them, writing them to a stick.
include image/build.mk

# ---- Tests on the host --------------------------------------------------------------------------

# lib/, paging/, mm/ and fs/ unchanged, without functions of the host's C library; support for the
# tests (RAM as an array, a software MMU) is every other file of tests/host/. An archive, so that a
# test of lists does not link the buddy system. A test lies where its source does:
# mm/frames/buddy.c, tests/host/mm/frames/test_buddy.c. It may name more sources in its head
# comment: ` * sources: kernel/x.c`, one or more such lines. A rig that is named there is not in the
# archive, so it may define functions of the kernel that other rigs define too.
#
# As on the target, 32 bits, so that sizes and wraps are the kernel's; 64 where this Linux runs no
# i386 programs.
ifndef HOST_BITS
HOST_BITS := $(shell tools/host-bits)
endif
HOST_CHECKS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
# The branches of the source, without those of the sanitizers' checks.
ifdef COVERAGE
HOST_CHECKS := -O0 --coverage -DCOVERAGE
endif
HOST_FLAGS := -m$(HOST_BITS) -g $(HOST_CHECKS) -std=gnu11 -fno-omit-frame-pointer $(WARNINGS) -I. $(PREFIX_MAP)$(PAGING_FLAGS:%= %)

# The harness tests itself with the sanitizers' report.
HOST_FILES := $(sort $(wildcard tests/host/*.c tests/host/*/*.c tests/host/*/*/*.c))
HOST_TEST_SOURCES := $(filter-out $(if $(COVERAGE),tests/host/test_tap.c), \
	$(foreach f,$(HOST_FILES),$(if $(filter test_%,$(notdir $f)),$f)))
# The names in these comments, a word FILE:SOURCE:SOURCE... for each line, by one shell for all
# files; and $(call named_sources,FILE).
NAMED_SOURCES := $(shell sed -sn '/^ \* sources: */{F;s///p}' $(HOST_TEST_SOURCES) tests/fuzz/fuzz_*.c | sed 'N;s/[ \n]\+/:/g')
named_sources = $(filter-out $(1),$(subst :, ,$(filter $(1):%,$(NAMED_SOURCES))))
host_extra = $(patsubst %,$(BUILD)/host-objects/%.o,$(call named_sources,$(1)))
HOST_SOURCES := $(filter-out $(HOST_TEST_SOURCES) tests/host/test_tap.c lib/string.c \
	$(filter tests/host/%,$(subst :, ,$(NAMED_SOURCES))), \
	$(sort $(wildcard $(LOW_ROOMS:%=%/*.c))) $(HOST_FILES))
HOST_OBJECTS := $(HOST_SOURCES:%=$(BUILD)/host-objects/%.o)
HOST_TESTS := $(patsubst %.c,$(BUILD)/host/%,$(notdir $(HOST_TEST_SOURCES)))
# Those that see entries of page tables are run in both formats.
PAE_HOST_TESTS := $(if $(filter pae,$(PAGING)),,$(patsubst %.c,$(BUILD)/pae/host/%,$(notdir \
	$(sort $(shell sed -sn '/"\(paging\/\|tests\/host\/\(mmu\|user\|space\|mm\/swap\/swap_rig\|kernel\/exec\/exec_stack_rig\)\.h\)/F' $(HOST_TEST_SOURCES))))))

$(BUILD)/host.flags: FORCE
	$(call keep,$(CC) $(HOST_FLAGS))
$(BUILD)/host.list: FORCE
	$(call keep,$(HOST_OBJECTS))

$(BUILD)/host-objects/%.o: % $(BUILD)/host.flags
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_FLAGS) $(DEPFLAGS) -c -o $@ $<
# The loader and its tests: tests/host/efi/uefi/efi.h in place of gnu-efi's.
UEFI_FLAGS := $(filter-out $(PAGING_FLAGS),$(HOST_FLAGS)) -fshort-wchar -Itests/host/efi/uefi
# For tools/mutate.
$(BUILD)/uefi.flags: FORCE
	$(call keep,$(CC) $(UEFI_FLAGS))
$(BUILD)/host-objects/efi/%.o: private HOST_FLAGS := $(UEFI_FLAGS)
$(BUILD)/host-objects/tests/host/efi/%.o: private HOST_FLAGS := $(UEFI_FLAGS)
$(BUILD)/host/rooms.a: $(HOST_OBJECTS) $(BUILD)/host.list
	$(call say,AR,$@)
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcsD $@ $(HOST_OBJECTS)

define host_test
$(BUILD)/host/$(basename $(notdir $(1))): $(BUILD)/host-objects/$(1).o $(call host_extra,$(1)) $(BUILD)/host/rooms.a
	$$(call say,HOSTLINK,$$@)
	$$(Q)$$(CC) $$(HOST_FLAGS) -o $$@ $$^
endef
$(foreach t,$(HOST_TEST_SOURCES),$(eval $(call host_test,$(t))))

# The models: fuzz, soak, planted-bugs.
include tests/fuzz/build.mk

# The worlds that are explored whole: explore.
include tests/explore/build.mk

# lab, lab-dist: the page with the kernel in it.
include lab/build.mk

# compile_commands.json, analyze, coverage.
include tools/build.mk

# ---- Running ------------------------------------------------------------------------------------

# Without firmware no image is needed, and a small change is seen sooner.
run: $(if $(filter direct,$(FW))$(LAB),direct,image) $(if $(LAB),$(LAB_DONE))
	@$(if $(LAB),lab/live $(LAB_MADE),tools/run) --report $(BUILD)/report.html

# A word of the shell: any text.
quote	= '$(subst ','\'',$(1))'
# $(call argument,NAME,TEXT): an argument of tools/run, if there is a text.
argument = $(if $(strip $(2)),$(1)=$(call quote,$(2)))

# A program of the user, without firmware unless FW= says so: then only the kernel has to be built.
OWN_PROGRAM = $(call argument,--source,$(SRC)) $(call argument,--program,$(PROGRAM)) \
	$(call argument,--tree,$(PROGRAMS)) $(call argument,--args,$(ARGS)) $(call argument,--env,$(ENV)) \
	$(call argument,--cwd,$(CWD))
PROGRAM_FW := $(if $(filter file,$(origin FW)),direct,$(FW))
program: FW := $(PROGRAM_FW)
program: $(if $(filter direct,$(PROGRAM_FW)),$(BUILD)/direct.elf $(BUILD)/kernel.elf,image)
ifeq ($(strip $(SRC)$(PROGRAM)$(PROGRAMS)),)
	@echo 'make program: which one? SRC=hello.c compiles a program, PROGRAM= and PROGRAMS= take one' >&2; exit 2
else
	@tools/run $(OWN_PROGRAM)
endif

# A prompt, with BusyBox if it can be had.
shell: FW := $(PROGRAM_FW)
shell: $(if $(filter direct,$(PROGRAM_FW)),direct,image)
	@tools/clients busybox || echo 'clients: a small monitor takes its place' >&2
	@tools/run --shell $(call argument,--tree,$(PROGRAMS)) $(call argument,--env,$(ENV)) $(call argument,--cwd,$(CWD))

# Programs that others wrote, from Debian's packages, into $(BUILD)/clients/bin.
clients:
	@tools/clients

# Without firmware unless FW= says so: the kernel is where its symbols say, and the processor does
# not change its mode, which gdb handles badly. With SRC= or PROGRAM= that program runs.
debug: FW := $(PROGRAM_FW)
debug: $(if $(filter direct,$(PROGRAM_FW)),direct,image) $(BUILD)/kernel.debug
	@tools/run --gdb $(OWN_PROGRAM)

# The cost of operations in guest instructions, beside their limits, and beside Linux with
# PEER=linux; with UNIT=ns in time, by KVM unless ACCEL= says otherwise: docs/benchmarks.md.
# PAGING=both: what the third level of page tables costs.
bench: $(if $(filter both,$(PAGING)),direct pae,image) $(LEAGUE_PROGRAMS)
ifeq ($(UNIT),ns)
	@tools/bench --unit ns $(if $(filter file,$(origin ACCEL)),,--accel $(ACCEL)) $(BENCH_FLAGS)
else ifeq ($(PAGING),both)
	@tools/bench --levels $(if $(PEER),--peer $(PEER)) $(BENCH_FLAGS)
else
	@tools/bench $(if $(PEER),--peer $(PEER:linux=linux$(if $(filter pae,$(PAGING)),-pae))) $(if $(UNIT),--unit $(UNIT)) $(BENCH_FLAGS)
	@tools/league --mem 64M --memory 1024 --policies refault --only loop,zipf,scan --peer $(or $(PEER),none)
endif

# Memory rebuilt from the events of a trace, and compared with the kernel's own at 1,000 checkpoints.
account: direct
	@mkdir -p $(BUILD)/trace
	@FW=direct tools/run --quiet --trace $(ACCOUNT_EVENTS) --trace-file $(BUILD)/trace/account.raw \
		--options 'trace_books=30 suites=none programs=$(ACCOUNT_PROGRAMS)'
	@tools/account --least 1000 $(BUILD)/trace/account.raw
ACCOUNT_EVENTS	:= kmem,buddy,filemap,slab,areas,entries,raw_syscalls,exceptions
ACCOUNT_PROGRAMS := cow,shared,mremap,protect,threads,vfork,exec,shm,brk,madvise,forktree

# Pages each second to and from each kind of device for swap: times of this host.
swap-rate: direct
	@tools/swap-rate

orders: direct
	@tests/boot/orders.t --whole

# ---- The course ---------------------------------------------------------------------------------

# Trees without an answer, hints, points: docs/course/README.md.
exercise:
	@tools/exercise $(if $(NAME),$(call argument,--to,$(TO)) $(NAME),--list)

hint:
	@tools/exercise --hint $(or $(STEP),1) $(NAME)

grade:
	@tools/exercise --grade $(call argument,--tree,$(TREE)) $(NAME)

# Each starter is red where it says, and each solution green: some minutes.
exercises:
	@tools/exercise --try $(NAME)

# ---- Testing ------------------------------------------------------------------------------------

# Long ones first: the short ones fill the gaps.
LONG_TESTS := $(wildcard $(addprefix tests/,boot/persistent-log.t boot/stick.t boot/pae.t analyze.t boot/loader-chain.t boot/memory.t \
	boot/first-run.t boot/swap.t ring3-on-host.t fuzz.t lab.t reproducible.t boot/disks.t boot/bad-input.t boot/secure-boot.t \
	boot/ovmf-x64.t explore.t boot/matrix.t boot/bench.t boot/trace.t boot/hazards.t boot/long-calls.t boot/fuzz-calls.t)) \
	$(BUILD)/pae/host/test_fault_model
BOOT_TESTS := $(sort $(wildcard tests/boot/*.t))
OTHER_TESTS := $(sort $(wildcard tests/*.t))
# $(call long_first,TESTS)
long_first = $(filter $(1),$(LONG_TESTS)) $(filter-out $(LONG_TESTS),$(1))
# One more than two processors run: machines wait for their clocks for an eighth of the time.
PROVE	:= prove --exec '' --timer --failures --comments --directives -j3
# A sanitizer's finding ends the test with the report and a status.
export UBSAN_OPTIONS := print_stacktrace=1:halt_on_error=1
export PYTHONDONTWRITEBYTECODE := 1

# After `pae`, because both build in its directory.
pae-host: pae
	$(if $(PAE_HOST_TESTS),@$(MAKE_PAE) $(PAE_HOST_TESTS))

test: image direct pae pae-host explorers $(HOST_TESTS) $(RING3_PROGRAMS) $(ORACLE) $(FUZZ_RING3) $(LEAGUE_PROGRAMS)
	@$(PROVE) $(call long_first,$(BOOT_TESTS) $(OTHER_TESTS) $(HOST_TESTS) $(PAE_HOST_TESTS))

host-test: $(HOST_TESTS)
	@$(PROVE) $(HOST_TESTS)

ring3-test: image $(RING3_PROGRAMS) $(ORACLE)
	@$(PROVE) tests/ring3-on-host.t

# The long cases of tests/clients.t, with all that can be fetched.
clients-test: direct
	@tools/clients || true
	@CLIENTS=long $(PROVE) tests/clients.t

boot-test: image pae $(FUZZ_RING3)
	@$(PROVE) $(call long_first,$(BOOT_TESTS))

floors:
	@tools/check-floors

format-check:
	@tools/check-format

clean:
	rm -rf $(BUILD) compile_commands.json

define HELP
make [TARGET] [NAME=VALUE]

Build
  all           the images, $(BUILD)/pagewright.img and others (default)
  pae           the kernel with three levels of page tables, $(BUILD)/pae/kernel.elf, which `test` boots too;
                all else with PAGING=pae, such as `make run PAGING=pae MEM=8G` or `make test PAGING=pae`
  sign          images with loaders signed for Secure Boot, KEY=key.pem CERT=cert.pem
  clean         remove $(BUILD)/
  dependencies  install the packages that building, running and testing need; `run` and `test` do so too

Run
  run           boot the image in QEMU and judge the log; the exit status is the verdict
  program       compile a program of yours, SRC=hello.c, and run it in QEMU with ARGS="a b" ENV="X=1";
                or PROGRAM=path, static for the i386, or one of PROGRAMS=folder; its status is told
  shell         boot to a prompt: BusyBox's sh, or a small monitor, with commands that show memory;
                docs/prompt.md. PROGRAMS=folder is there as /programs; Control-A X leaves
  clients       fetch or build programs of others for it: BusyBox, bash, zsh, mksh, Lua, SQLite, musl;
                from Debian's packages, into $(BUILD)/clients/bin: once, about two minutes; nothing is installed
  debug         wait for gdb, without firmware; prints the line to type, which loads commands that show the
                kernel's frames, areas, page tables and more: docs/debugger.md. SRC= or PROGRAM= runs yours
  lab           the laboratory: build a web page with the kernel in it, serve it on this machine, and
                print its address; LAB_PORT=8386; docs/lab.md
  lab-dist      the same page as a folder for any web server, LAB_DIST=folder
  screenshot    boot, and leave a picture of the screen at the end: $(BUILD)/screenshot.png
  flash         write the image to a stick, DEVICE=/dev/sdX, after asking; IMAGE= as below

Test
  test          every test, with a summary
  host-test     only the unit tests of lib/, paging/, mm/ and fs/, as programs of this Linux
  ring3-test    only the ring-3 programs, on Linux and on Pagewright, compared
  clients-test  programs of others (`make clients`), on Linux and on Pagewright, compared; long ones too
  lab-test      all suites and programs in the laboratory's emulator, some minutes
  blame         the first store after which an invariant stays false, of a run with OPTIONS= that fails
                (docs/blame.md)
  evidence      write docs/evidence.md: what would show that an invariant is false
  boot-test     only the boots: firmware, memory sizes, CPUs, bad input
  floors        check that each room includes only headers of rooms below it
  format-check  check the formatting of the C files (clang-format 14)
  analyze       gcc -fanalyzer, clang-tidy and cppcheck find nothing in what runs on the machine
  analyze-gcc         only gcc -fanalyzer
  analyze-clang-tidy  only clang-tidy
  analyze-cppcheck    only cppcheck
  coverage      how many lines and branches of each room unit tests, suites and programs reach: some
                minutes; COVERAGE_FLAGS='--files' or '--missing mm' tell more

Learn
  exercise      the exercises of the course, docs/course/; NAME=cow writes a tree without the answer, TO=folder
  hint          a hint, NAME=cow STEP=1
  grade         run the tests of an exercise and print points, NAME=cow TREE=folder

Longer work
  bench         count what operations cost, in guest instructions; BENCH_FLAGS=--help tells more,
                PEER=linux fetches a Linux kernel and has its figures beside them; UNIT=ns: in time,
                where KVM runs this guest; PAGING=both: what the third level costs (docs/benchmarks.md)
  league        every policy of reclaim on the same programs, beside the optimum and Linux; POLICY=FILE.c
                compiles a policy of yours into the kernel (docs/reclaim.md)
  swap-rate     how many pages a second go to and from swap, on each kind of device
  orders        the programs in many more orders of their tasks (docs/testing.md)
  matrix        boot on every firmware, machine, processor, medium that can be emulated; about 12 minutes
  fuzz          each model of an allocator or a reader under libFuzzer, FUZZ_SECONDS=3600 each
  fuzz-corpus   add what fuzzing found of readers to the corpora that are checked in (docs/testing.md)
  soak          each model of an allocator on SOAK_OPS=100000000 random operations, then SOAK_SEEDS=10000
                random programs of calls on memory and SOAK_PROGRAMS=1000 of all calls, compared with
                Linux line by line, and SOAK_CALLS=1000000 random calls; SEED=n
  explore       every state of small worlds of mm/ and lib/ (docs/testing.md); about half an hour
  account       rebuild memory from the events of a trace, and compare it with the kernel's own at 1,000
                checkpoints (docs/trace.md)
  prove         prove that readers of foreign bytes have no undefined behaviour, by Frama-C, where it is
                installed: some minutes; NAME=elf proves one (docs/testing.md)
  planted-bugs  plant bugs in copies of the source and check that the tests find each of them
  blame-measure plant each bug that a run of the kernel shows, and see which function `tools/blame --good`
                names: hours; a stopped one goes on (docs/blame.md)
  mutate        change the source in SAMPLE=40 small ways, chosen by SEED=1 from ROOM=fs (or a file), and
                see which changes no test notices; an hour or less (docs/testing.md)
  exercises     try every exercise: its starter fails where it says, its solution passes; NAME=cow tries one
  oracle        the Linux guest, the oracle where this machine's Linux runs no i386 programs

Edit
  compile_commands.json  the compile command of each C file, for clangd

Variables
  MEM=256M          memory of the machine
  CPU=max           QEMU's name of the CPU: qemu64, Nehalem, max, ...
  FW=ovmf-x64       firmware: ovmf-x64, ovmf-ia32, uboot-x64, uboot-ia32, or direct: none, and a
                    start in a second; neither a screen nor a volume
  MACHINE=q35       QEMU's name of the machine: q35 or pc (pc not with ovmf-ia32)
  IMAGE=gpt         form of the image: gpt, fat, 4k or iso (iso is the default for MEDIA=cd, 4k for xhci4k)
  MEDIA=disk        what holds the image: disk, xhci, ehci, xhci4k (USB sticks), ahci, nvme, virtio, cd
  VIDEO=std         the screen: std, ramfb, virtio or none
  SRC=hello.c       the program of `make program`, in C, or
  PROGRAM=path      compiled, or a script
  PROGRAMS=folder   files for it, in /programs
  ARGS="a b"        its arguments, quoted as for a shell
  ENV="X=1 Y=2"     its environment
  CWD=/tmp          the folder in which it starts, by default /
  NAME=cow          an exercise of the course
  TO=folder         where its tree is written
  TREE=folder       where the tree is that is graded
  STEP=1            the number of a hint
  TRACE=all         record events: groups or names of events (docs/trace.md); the trace is in build/trace/
  SWAP=128M         attach a disk with a swap partition of this size, made for the run
  SWAPDEV=ahci      its controller: ahci or nvme; ram: no disk, Pagewright keeps swap in its own memory
  ACCEL=tcg         QEMU's accelerator: tcg or kvm
  LAB=1             with `run`: serve the laboratory's page, connected to QEMU; without firmware
  OPTIONS="..."     options for Pagewright, as in pagewright.txt: mem=, init=, suites=, ...
  PAGING=2          levels of page tables of the kernel: 2, or pae: three, with entries of 64 bits;
                    both: images with two kernels, of which the option paging=pae chooses the second
  BUILD=build       where everything is built; build/pae with PAGING=pae
  V=1               show the commands
  WERROR=           warnings of the compiler are no errors, for a compiler newer than this tree
endef
help:
	$(info $(HELP))@:

-include $(shell find $(BUILD) \( -path '$(BUILD)/clients' -o -path '$(BUILD)/pae' \) -prune -o -name '*.d' -type f -print 2>/dev/null)
