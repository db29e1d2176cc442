# SPDX-License-Identifier: MIT
#
# The league of replacement policies: docs/reclaim.md.
#
#   patterns.c ─┬─ league.c, programs.c, ... ──> league/league, for the machines
#               └─ trace.c ────────────────────> league/trace, for this host
#
# Included by the top Makefile; uses its BUILD, Q, say, flags and runtime.

.PHONY: league

LEAGUE_OBJECTS := $(patsubst tests/%,$(BUILD)/ring3-objects/%.o,$(filter-out %/trace.c,$(sort $(wildcard tests/league/*.c))))
LEAGUE_PROGRAMS := $(BUILD)/league/league $(BUILD)/league/trace

$(BUILD)/ring3-objects/league/%.o: tests/league/% $(BUILD)/ring3.flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(DEPFLAGS) -c -o $@ $<
$(BUILD)/league/league: $(LEAGUE_OBJECTS) $(RING3_RUNTIME_OBJECTS) $(BUILD)/ring3.list
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(RING3_FLAGS) $(RING3_LINK) -o $@ $(filter %.o,$^)
$(BUILD)/league/trace: tests/league/trace.c tests/league/patterns.c tests/league/patterns.h $(BUILD)/ring3.flags
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu11 $(WARNINGS) -I. $(PREFIX_MAP) -o $@ $(filter %.c,$^)

# ---- A student's policy: POLICY=FILE.c, compiled into a kernel of its own ------------------------

POLICY	?=

.PHONY: league-policy
ifneq ($(POLICY),)
LEAGUE_KERNEL := $(BUILD)/league/kernel.elf
LEAGUE_KERNEL_OBJECTS := $(KERNEL_OBJECTS) $(BUILD)/league/student_policy.o
endif

# What can be seen without a compiler: the file is there, it is short, it has a new name.
league-policy:
	@tools/league --policy "$(POLICY)" --check
# Always: the next POLICY may be an older file.
$(BUILD)/league/student_policy.o: $(BUILD)/kernel.flags league-policy FORCE
	$(call say,CC,$(POLICY))
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_FLAGS) -c -o $@ "$(POLICY)" || \
		{ echo 'league: POLICY=$(POLICY): it does not compile; the reasons are above' >&2; exit 1; }
$(BUILD)/league/kernel.debug: $(LEAGUE_KERNEL_OBJECTS) $(BUILD)/kernel.list image/kernel.lds tools/link-kernel tools/ksyms
	$(call say,LINK,$@)
	$(Q)tools/link-kernel $@ image/kernel.lds $(LEAGUE_KERNEL_OBJECTS)
$(BUILD)/league/kernel.elf: $(BUILD)/league/kernel.debug tools/seal
	$(call say,SEAL,$@)
	$(Q)$(OBJCOPY) --strip-debug $< $@.tmp
	$(Q)tools/seal $@.tmp && mv $@.tmp $@

# A machine of 64 MiB, unless the user named another one: the figures hardly depend on the size,
# the time does.
league: direct $(LEAGUE_PROGRAMS) $(LEAGUE_KERNEL)
	@tools/league --mem $(if $(filter file,$(origin MEM)),64M,$(MEM)) $(if $(PEER),--peer "$(PEER)") \
		$(if $(POLICY),--policy "$(POLICY)" --kernel $(LEAGUE_KERNEL)) $(LEAGUE_FLAGS)
