# SPDX-License-Identifier: MIT
#
# The models of tests/fuzz/ (see fuzz.h), each built twice:
#
#   lib paging mm fs, unchanged ───────┬─> fuzz-objects/rooms.a (64-bit clang, sanitizers) ──> fuzz/NAME <── fuzz_main.c
#   tests/fuzz tests/host/{mmu,user}.c ┴─> soak-objects/rooms.a (gcc -O2, HOST_BITS) ────────> soak/NAME <── soak_main.c
#
# and those that read foreign bytes a third time, from the objects of the host tests (gcc, sanitizers):
#
#   host-objects ──> host/models.a ──> host/corpus_NAME <── corpus_main.c, which replays tests/fuzz/corpus/NAME
#
# An archive, so that a model of lists need not link the slabs. A model may name more sources in its head comment:
# ` * sources: kernel/x.c`. Included by the top Makefile.

FUZZ_SECONDS ?= 3600
SOAK_OPS ?= 100000000
SOAK_SEEDS ?= 10000
SOAK_PROGRAMS ?= 1000
SOAK_CALLS ?= 1000000
SEED	?=

CLANG	:= clang
FUZZ_SANITIZERS := address,undefined
FUZZ_FLAGS := -g -O1 -std=gnu11 -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZERS) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer $(WARNINGS) -I. $(PREFIX_MAP)$(PAGING_FLAGS:%= %)
SOAK_FLAGS := -m$(HOST_BITS) -O2 -g -std=gnu11 $(WARNINGS) -I. $(PREFIX_MAP)$(PAGING_FLAGS:%= %)

MODELS	:= $(filter-out main,$(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c))))
# Models that random operations reach. The others read foreign bytes, in a form that random bytes hardly ever have.
SOAK_MODELS := $(filter buddy memmap mm slab vmalloc,$(MODELS))
# Readers of foreign bytes, with what the fuzzer found in tests/fuzz/corpus/NAME. A host program replays that.
READERS	:= $(sort $(notdir $(wildcard tests/fuzz/corpus/*)))
CORPUS_TESTS := $(READERS:%=$(BUILD)/host/corpus_%)
HOST_TESTS += $(CORPUS_TESTS)
FUZZ_TARGETS := $(MODELS:%=$(BUILD)/fuzz/%)
SOAK_TARGETS := $(SOAK_MODELS:%=$(BUILD)/soak/%)

MODEL_SOURCES := $(filter-out lib/string.c,$(sort $(wildcard $(LOW_ROOMS:%=%/*.c)))) \
	tests/host/mmu.c tests/host/owner.c tests/host/resched.c tests/host/trace_clock.c tests/host/user.c tests/fuzz/support.c tests/fuzz/rig.c

.PHONY: fuzz fuzz-corpus fuzz-targets soak soak-targets clang planted-bugs mutate

clang:
	@tools/install-dependencies --check --clang

# $(call model_kind,KIND,COMMAND): the objects and the archive of one of the two builds.
define model_kind
$(BUILD)/$(1).flags: FORCE
	$$(call keep,$(2))
$(BUILD)/$(1).list: FORCE
	$$(call keep,$$(MODEL_SOURCES))
$(BUILD)/$(1)-objects/%.o: % $(BUILD)/$(1).flags
	$$(call say,$(3),$$<)
	@mkdir -p $$(@D)
	$$(Q)$(2) $$(DEPFLAGS) -c -o $$@ $$<
$(BUILD)/$(1)-objects/rooms.a: $$(MODEL_SOURCES:%=$(BUILD)/$(1)-objects/%.o) $(BUILD)/$(1).list
	$$(call say,AR,$$@)
	@rm -f $$@
	$$(Q)$$(AR) rcsD $$@ $$(filter %.o,$$^)
endef
$(eval $(call model_kind,fuzz,$$(CLANG) $$(FUZZ_FLAGS),FUZZCC))
$(eval $(call model_kind,soak,$$(CC) $$(SOAK_FLAGS),SOAKCC))
$(MODEL_SOURCES:%=$(BUILD)/fuzz-objects/%.o): | clang

# $(call model,NAME): the two programs.
model_parts = $(patsubst %,$(BUILD)/$(1)-objects/%.o,tests/fuzz/fuzz_$(2).c tests/fuzz/$(1)_main.c \
	$(call named_sources,tests/fuzz/fuzz_$(2).c)) $(BUILD)/$(1)-objects/rooms.a
define model
$(BUILD)/fuzz/$(1): $(call model_parts,fuzz,$(1))
	$$(call say,FUZZLINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CLANG) -fsanitize=fuzzer,$$(FUZZ_SANITIZERS) -o $$@ $$^
$(BUILD)/soak/$(1): $(call model_parts,soak,$(1))
	$$(call say,SOAKLINK,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(SOAK_FLAGS) -o $$@ $$^
endef
$(foreach m,$(MODELS),$(eval $(call model,$(m))))

$(BUILD)/host/models.a: $(MODEL_SOURCES:%=$(BUILD)/host-objects/%.o) $(BUILD)/host.list
	$(call say,AR,$@)
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)
define corpus_test
$(BUILD)/host/corpus_$(1): $(patsubst %,$(BUILD)/host-objects/%.o,tests/fuzz/fuzz_$(1).c tests/fuzz/corpus_main.c \
	$(call named_sources,tests/fuzz/fuzz_$(1).c)) $(BUILD)/host/models.a
	$$(call say,HOSTLINK,$$@)
	$$(Q)$$(CC) $$(HOST_FLAGS) -o $$@ $$^
endef
$(foreach r,$(READERS),$(eval $(call corpus_test,$(r))))

fuzz-targets: $(FUZZ_TARGETS)
soak-targets: $(SOAK_TARGETS)

# Random system calls: two ring-3 programs for Pagewright alone, the supervisor and the workers; and one that runs
# programs of calls, here and there (tools/call-programs).
FUZZ_RING3 := $(BUILD)/fuzz-ring3/call_rounds $(BUILD)/fuzz-ring3/calls $(BUILD)/fuzz-ring3/call_programs
$(BUILD)/ring3-objects/fuzz/%.o: tests/fuzz/% $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(DEPFLAGS) -c -o $@ $<
$(BUILD)/fuzz-ring3/calls: $(BUILD)/ring3-objects/fuzz/guarded_call.S.o
$(BUILD)/fuzz-ring3/calls $(BUILD)/fuzz-ring3/call_rounds: $(BUILD)/fuzz-ring3/%: $(BUILD)/ring3-objects/fuzz/%.c.o
$(BUILD)/fuzz-ring3/call_programs: $(patsubst tests/%,$(BUILD)/ring3-objects/%.o,$(sort $(wildcard tests/fuzz/call_programs/*.c)))
$(FUZZ_RING3): $(RING3_RUNTIME_OBJECTS)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(RING3_LINK) -o $@ $^

fuzz: $(FUZZ_TARGETS)
	@tools/run-models fuzz $(FUZZ_SECONDS) $(MODELS)

# Adds what reaches something new to the corpora that are checked in: `fuzz` keeps what it finds in $(BUILD)/fuzz-corpus.
fuzz-corpus: $(READERS:%=$(BUILD)/fuzz/%)
	@tools/run-models merge 0 $(READERS)

soak: $(SOAK_TARGETS) image $(FUZZ_RING3) $(ORACLE)
	@SEED=$(SEED) tools/run-models soak $(SOAK_OPS) $(SOAK_MODELS)
	@tools/random-programs $(or $(SEED),1) $(SOAK_SEEDS)
	@tools/call-programs $(if $(SEED)$(filter-out 1000,$(SOAK_PROGRAMS)),,--counts) $(or $(SEED),1) $(SOAK_PROGRAMS)
	@tools/fuzz-calls $(or $(SEED),1) $(SOAK_CALLS)

planted-bugs:
	@tools/planted-bugs

mutate:
	@tools/mutate --run $(ROOM) --sample $(or $(SAMPLE),40) --seed $(or $(SEED),1)
