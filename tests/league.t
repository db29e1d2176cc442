#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The league of replacement policies: Belady's optimum, the same figures twice, and a student's file."""
import itertools
import os
import random
import re
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TOP, "tools/modules"))
import linux_peer  # noqa: E402
import source_tree  # noqa: E402
import tap  # noqa: E402

SAMPLE = "tests/league/policies/lifo.c"
MEMORY = 1024
ACCESSES = 7 * MEMORY  # of the loop, that count
LENGTH = 9  # of the strings of which every order of evictions is tried

belady = source_tree.load("belady")


def least_faults(pages, frames, resident=frozenset()):
    """The faults of the best of all orders of evictions: tries each."""
    if not pages:
        return 0
    page, rest = pages[0], pages[1:]
    if page in resident:
        return least_faults(rest, frames, resident)
    if len(resident) < frames:
        return 1 + least_faults(rest, frames, resident | {page})
    return 1 + min(least_faults(rest, frames, resident - {victim} | {page}) for victim in resident)


def optimum():
    """Belady's policy is the best one, also in the number of reads."""
    generator = random.Random(1)
    wrong = []
    for frames, _ in itertools.product((1, 2, 3), range(60)):
        pages = [generator.randrange(5) for _ in range(LENGTH)]
        written = [generator.randrange(2) == 1 for _ in pages]
        faults, reads, writes = belady.optimum(list(zip(pages, written)), 0, frames)
        if faults != least_faults(pages, frames) or reads != faults - len(set(pages)) or writes > faults:
            wrong.append(f"{pages} in {frames} frames: faults={faults} reads={reads} writes={writes}")
    tap.result(not wrong, "tools/belady is the best of all orders of evictions", wrong)
    string = [(int(page), False) for page in "123412512345"]
    got = [belady.optimum(string, 0, frames)[0] for frames in (3, 4)]
    tap.result(got == [7, 6], "the string of the textbooks: 7 faults with three frames, 6 with four", [f"{got}"])
    # 1 is written to swap for 3, and so is 2; 1 comes back and goes unchanged.
    got = belady.optimum([(1, True), (2, True), (3, True), (1, False), (2, False)], 0, 1)
    tap.result(got == (5, 2, 3), "a page that was not changed is not written again", [f"{got}"])
    accesses, first = belady.parse(["w 1\n", "count\n", "r 1\n"])
    tap.result((accesses, first) == ([(1, True), (1, False)], 1), "a reference string is read", [f"{accesses} {first}"])


def table(output):
    """The output without the lines that show how far it is."""
    return [line for line in output.splitlines() if not re.match(r"  +\d+ s  ", line)]


def figures(output, row):
    """The figures of a pattern in the first table."""
    found = re.search(rf"^{row} +(.*)$", output, re.MULTILINE)
    return [int(word) for word in found[1].split() if word.isdigit()] if found else []


def league(*arguments):
    return tap.run("tools/league", "--mem", "64M", "--memory", str(MEMORY), "--peer", "none", *arguments)


def repeats():
    """The figures of the real kernel are the same each time."""
    first, second = [league("--policies", "refault", "--only", "loop,scan,family") for _ in range(2)]
    good = first[0] == second[0] == 0 and table(first[1]) == table(second[1])
    tap.result(good, "two runs give the same table", [first[1], second[1]])
    loop = figures(first[1], "loop")
    tap.result(len(loop) == 2 and loop[1] <= loop[0] < ACCESSES / 2,
               "the default policy keeps half of a loop at least; the optimum is lower", [first[1]])
    hot = re.search(r"^hot set +(\d+\.\d+)", first[1], re.MULTILINE)
    tap.result(hot and float(hot[1]) < 10, "and it loses less than 10 % of the accesses to a hot set beside a scan", [first[1]])


def linux_column():
    """The column of Linux: its modules in their order; left out with a reason where there is no kernel."""
    with tempfile.TemporaryDirectory() as directory:
        for name, needs in (("nvme", "nvme-core"), ("nvme_core", "t10-pi,crc64"), ("t10_pi", "crc64"), ("crc64", "")):
            with open(os.path.join(directory, name + ".ko"), "wb") as file:
                file.write(b"\0license=GPL\0depends=" + needs.encode() + b"\0name=x\0")
        order = linux_peer.module_order(directory, ["nvme"])
    tap.result(order == ["crc64", "t10_pi", "nvme_core", "nvme"], "a module comes after those that it needs", [f"{order}"])
    status, output = tap.run("tools/league", "--policies", "", "--memory", "64", "--only", "loop", "--peer", "/nowhere/vmlinuz")
    tap.result(status == 0 and "SKIP: Linux: /nowhere/vmlinuz" in output and "PEER=none" in output,
               "without a kernel Linux is left out, with the reason", [output])


def students():
    """POLICY=FILE: compiled into a kernel of its own; a bad one is refused with a reason."""
    flags = f"LEAGUE_FLAGS=--memory {MEMORY} --policies fifo --only loop"
    status, output = tap.make("league", "PEER=none", f"POLICY={SAMPLE}", flags)
    loop = figures(output, "loop")
    tap.result(status == 0 and len(loop) == 3 and loop[1] < loop[0] / 2, f"POLICY={SAMPLE} is a column, and better at a loop than FIFO",
               [output])
    with open(os.path.join(TOP, SAMPLE), encoding="utf-8") as file:
        sample = file.read()
    bad = {
        "does not compile": (sample.replace("list_del(&page->lru);", "list_del(&pages->lru);"), "it does not compile"),
        "is too long": (sample + "\n" * 120, "a policy has at most 120"),
        "has a name that is there": (sample.replace('"lifo"', '"fifo"'), "there is a policy `fifo` already"),
        "has no policy": ("int x;\n", "it defines no `const struct reclaim_policy student_policy`"),
        "returns no page": (sample.replace("if (list_empty(&stack))", "if (!list_empty(&stack))").replace('"lifo"', '"none"'),
                            "victim() found no page, or always the same ones: rule (2)"),
    }
    with tempfile.TemporaryDirectory() as directory:
        for name, (text, reason) in bad.items():
            path = os.path.join(directory, "policy.c")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            status, output = tap.make("league", "PEER=none", f"POLICY={path}", flags)
            tap.result(status != 0 and reason in output, f"a policy that {name} is refused with its reason", [output])
    status, output = tap.make("league", "POLICY=/missing.c")
    tap.result(status != 0 and "POLICY=/missing.c: there is no such file" in output, "so is a file that is not there", [output])


optimum()
linux_column()
repeats()
students()
tap.done()
