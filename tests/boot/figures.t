#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Figures that the log states and that must hold: every frame that the firmware gives up is accounted for, and nearly all of a
small machine is free for programs. How short the way to ring 3 is: bench.t, boot_to_ring3."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

FREE_PERCENT = 93           # of what the firmware gives up, less the initramfs, when the first program starts, on 64 MiB


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
for firmware, memory in (("ovmf-x64", "64M"), ("ovmf-ia32", "80M")):
    status, output, path = tap.boot(f"figures-{firmware}", FW=firmware, MEM=memory, OPTIONS="suites=none programs=demand")
    tap.result(status == 0, f"{firmware}, {memory}: the run is good", output)
    log = kernel_log.read(path)
    given = account(log, f"{firmware}, {memory}")
    text = "\n".join(line.text for line in log.lines)
    free = int(re.search(r"free frames: before=(\d+)", text)[1])
    initramfs = -(-int(re.search(r"^loader: initramfs: .*, (\d+) KiB$", text, re.M)[1]) // 4)
    tap.result(free * 100 >= (given - initramfs) * FREE_PERCENT,
               f"{firmware}, {memory}: {FREE_PERCENT} % are free for the first program",
               f"{free} of {given} frames, {initramfs} of which hold the initramfs")

for memory in ("4G", "8G"):
    firmware = "direct" if memory == "8G" else "ovmf-x64"
    status, output, path = tap.boot(f"figures-{memory}", FW=firmware, MEM=memory, OPTIONS="suites=none programs=demand")
    tap.result(status == 0, f"{memory}: the run is good", output)
    account(kernel_log.read(path), memory)
tap.done()
