#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program of four times memory, on each kind of device for swap: every byte comes back. `swap.t policies` takes each
replacement policy instead."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
import tap  # noqa: E402

LIMIT = 300  # seconds for the program
POLICIES = ("second_chance", "fifo", "two_lists", "aging", "refault")


def boot(label, device, more=""):
    """One boot without firmware: the suite of swap and the program, whose cases become this script's."""
    tap.emit_boot(label, "swap-" + label.replace(" ", "-"), "--timeout", str(LIMIT + 60), "--stall", str(LIMIT), FW="direct", MEM="64M",
                  SWAP="192M", SWAPDEV=device, OPTIONS=f"suites=swap programs=swap limit={LIMIT} {more}")


if sys.argv[1:] == ["policies"]:
    for policy in POLICIES:
        boot(f"ram {policy}", "ram", f"reclaim={policy}")
else:
    for device in ("ahci", "nvme", "ram"):
        boot(device, device)
tap.done()
