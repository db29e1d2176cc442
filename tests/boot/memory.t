#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Everything on small machines, started by 64-bit and by 32-bit firmware, the second one with its tasks in another order
(docs/testing.md); and figures that the log states and that must hold: every frame that the firmware gives up is accounted for, also
of 4 GiB and more, and nearly all of a small machine is free for programs. How short the way to ring 3 is: bench.t, boot_to_ring3."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

FREE_PERCENT = 93  # of what the firmware gives up, less the initramfs, before the first test, on 64 MiB


def number(fact, key):
    return int(fact.fields[key], 0)


def account(log, label):
    """The sums of the frames; returns the frames that the firmware gave up."""
    memory = log.facts_of("memory")[0]
    zones = log.facts_of("zone")
    present = sum(number(zone, "present") for zone in zones)
    usable = sum(number(fact, "end") - number(fact, "start") for fact in log.facts_of("memmap")
                 if fact.fields.get("type") in ("usable", "loader")) // 4096
    tap.result(usable == number(memory, "given"), f"{label}: the map's usable ranges are what was given",
               f"{usable} and {memory.fields}")
    tap.result(present == number(memory, "zones"), f"{label}: the zones' frames add up", f"{present} and {memory.fields}")
    tap.result(number(memory, "given") == sum(number(memory, key) for key in ("beyond", "early", "zones")),
               f"{label}: given = beyond + early + zones", str(memory.fields))
    return number(memory, "given")


# 32-bit OVMF of EDK II 2025.02 (Debian 13) finds no disk in less than 72 MiB.
for memory, firmware, options in (("64M", "ovmf-x64", ""), ("80M", "ovmf-ia32", "sched=random:1")):
    label = f"{memory} {firmware[5:]}"
    log = kernel_log.read(tap.emit_boot(label, f"memory-{memory}-{firmware}", "--timeout", "300", FW=firmware, MEM=memory, OPTIONS=options))
    given = account(log, label)
    text = "\n".join(line.text for line in log.lines)
    free = int(re.search(r"free frames: before=(\d+)", text)[1])
    initramfs = -(-int(re.search(r"^loader: initramfs: .*, (\d+) KiB$", text, re.M)[1]) // 4)
    tap.result(free * 100 >= (given - initramfs) * FREE_PERCENT, f"{label}: {FREE_PERCENT} % are free",
               f"{free} of {given} frames, {initramfs} of which hold the initramfs")

# Another layout of zones, and memory out of reach of two levels; pae.t uses it.
for memory in ("4G", "8G"):
    label = f"{memory} direct" if memory == "8G" else f"{memory} x64"
    account(kernel_log.read(tap.emit_boot(label, f"memory-{memory}", FW="direct" if memory == "8G" else "ovmf-x64", MEM=memory,
                                          OPTIONS="suites=memmap,page_alloc,highmem programs=demand")), label)
tap.done()
