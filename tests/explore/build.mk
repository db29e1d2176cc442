# SPDX-License-Identifier: MIT
#
# Exhaustive exploration (see explore.h):
#
#   lib paging mm, unchanged ─> explore/rooms.a ─┐
#   tests/explore/NAME.c ────────────────────────┴─> NAME.state.o: all data in one section ─┬─> explore/NAME
#   tests/explore/engine.c states.c ─────────────────────────────────────────────────────────┘
#
# The objects are those of the soak build. Included by the top Makefile after tests/fuzz/build.mk.

EXPLORE_PARTS := one_zone spaces space_model space_calls swap_disk swap_state
WORLDS	:= $(filter-out engine states $(EXPLORE_PARTS),$(patsubst tests/explore/%.c,%,$(sort $(wildcard tests/explore/*.c))))
EXPLORERS := $(WORLDS:%=$(BUILD)/explore/%)
EXPLORE_ROOMS := $(filter-out tests/fuzz/%,$(MODEL_SOURCES)) $(EXPLORE_PARTS:%=tests/explore/%.c)

.PHONY: explore explorers

$(BUILD)/explore.list: FORCE
	$(call keep,$(EXPLORE_ROOMS))
$(BUILD)/explore/rooms.a: $(EXPLORE_ROOMS:%=$(BUILD)/soak-objects/%.o) $(BUILD)/explore.list
	$(call say,AR,$@)
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)
$(BUILD)/explore/%.state.o: $(BUILD)/soak-objects/tests/explore/%.c.o $(BUILD)/explore/rooms.a tests/explore/image.lds
	$(call say,LD,$@)
	$(Q)$(CC) -m$(HOST_BITS) -r -nostdlib -Wl,-T,tests/explore/image.lds -o $@ $(filter %.o %.a,$^)
$(EXPLORERS): %: %.state.o $(BUILD)/soak-objects/tests/explore/engine.c.o $(BUILD)/soak-objects/tests/explore/states.c.o
	$(call say,LINK,$@)
	$(Q)$(CC) $(SOAK_FLAGS) -o $@ $^
# make would remove them as steps on the way.
.SECONDARY: $(WORLDS:%=$(BUILD)/explore/%.state.o) $(WORLDS:%=$(BUILD)/soak-objects/tests/explore/%.c.o)

explorers: $(EXPLORERS)

# Two worlds at a time, each at its usual size; swap also with a child.
explore: explorers
	@printf '%s\n' $(EXPLORERS) "$(BUILD)/explore/swap 1" | xargs -P 2 -I {} sh -c '{}'
