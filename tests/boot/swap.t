#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program of four times memory, on each kind of device for swap: every byte comes back. Then tools/swap-rate on a disk: its
figures are there, and read-ahead is of use in order. `swap.t policies` takes each replacement policy instead."""
import os
import subprocess
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


def rate():
    """The figures of a small machine. How fast it was does not matter."""
    ended = subprocess.run([os.path.join(tap.TOP, "tools/swap-rate"), "--mem", "32M", "--swap", "48M", "--size", "36", "ahci"],
                           check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = ended.stdout.decode("utf-8", errors="replace").splitlines()
    rows = {words[1]: words for words in map(str.split, output[1:]) if words}
    tap.result(ended.returncode == 0 and set(rows) == {"write", "read", "random"}, "swap-rate: there are figures", output)
    read = rows.get("read", ["0"] * 9)
    tap.result(int(read[4]) > 1000 and int(read[7]) > 80, "swap-rate: pages that are read ahead in order are used", output)


if sys.argv[1:] == ["policies"]:
    for policy in POLICIES:
        boot(f"ram {policy}", "ram", f"reclaim={policy}")
else:
    for device in ("ahci", "nvme", "ram"):
        boot(device, device)
    rate()
tap.done()
