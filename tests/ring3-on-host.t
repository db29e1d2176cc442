#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ring-3 programs are Linux programs, and Linux is the oracle: each must pass on Linux, and print the same there as
on Pagewright, line for line. tools/modules/linux_oracle.py asks this machine's Linux, or a guest's. Pagewright runs its suites too, on
the older machine, another processor and 1 GiB, of which a part is high memory; without firmware."""
import difflib
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import kernel_log  # noqa: E402
import linux_oracle  # noqa: E402
import tap  # noqa: E402

PROGRAMS = os.path.join(tap.BUILD, "ring3")


# Programs that a Linux guest cannot run, because QEMU without KVM is no real processor there.
NOT_IN_A_GUEST = {"hostile": "QEMU lets ring 3 set EFLAGS.VM, and a 64-bit Linux does not come back from that",
                  "file_copies": "the guest's /tmp is a tmpfs, where files have no last position below that of off_t",
                  "hugetlb": "the guest's Linux refuses an advice on large pages that others take"}
# Programs that find answers in which Linux has changed since the usual guest's release.
NEWER = ("alarms", "file_errors", "mremap")
# Programs that are for Pagewright only.
NOT_ON_LINUX = {"oom": "it uses up all memory, which takes Linux minutes, and this Linux may be somebody's"}


def escaped(data):
    """Control characters as Pagewright's console prints them (lib/printf.c, escape_control())."""
    return re.sub(rb"[\x00-\x08\x0b-\x1f\x7f]|(?<![\x80-\xff])[\x80-\x9f]|(?<=\xc2)[\x80-\x9f]",
                  lambda match: b"\\x%02x" % match[0][0], data)


def lines_of(data):
    """The lines of a program's output that are not blank, as the log of Pagewright has them."""
    return [line for line in escaped(data).decode("utf-8", errors="replace").split("\n") if line.strip()]


def tap_problems(name, lines):
    """The errors of a program's TAP, by the rules for the log: as if it were the only subtest of one."""
    whole = ["KTAP version 1", "1..1", f"  # Subtest: {name}"] + ["  " + line for line in lines]
    whole += [f"ok 1 {name}", "verdict: result=pass suites=1 programs=0 passed=1 failed=0 skipped=0", ""]
    return kernel_log.judge(kernel_log.Log("\n".join(whole).encode()))


def compare(name, here, log):
    """The lines of a program here and on Pagewright are the same."""
    there = log.subtest("ring3/" + name)
    if there is None:
        tap.result(False, f"{name}: ran on Pagewright", ["there is no such subtest in the log"])
        return
    difference = list(difflib.unified_diff(here, there, "Linux", "Pagewright", lineterm="", n=1))
    tap.result(not difference, f"{name}: the same on Linux and on Pagewright", difference[:40])


ACCESSES = {"read": 0, "write": 1, "fetch": 2}  # the place of the right in "rwxp"


def wrong_fault(fact):
    """What a line `segfault:` or `sigbus:` says that cannot be, or None."""
    address, eip, access, area = (fact.fields[name] for name in ("address", "eip", "access", "area"))
    fetched = 0 <= int(address, 16) - int(eip, 16) < 16  # a processor without SMEP and NX does not tell this from a read
    if access not in ACCESSES or (access == "fetch" and not fetched) or (access == "write" and fetched):
        return "access"
    if area == "none":
        return "area" if fact.prefix == "sigbus" else None
    found = re.fullmatch(r"([0-9a-f]{8})-([0-9a-f]{8}),([r-][w-][x-][ps])", area)
    if not found or not int(found[1], 16) <= int(address, 16) < int(found[2], 16):
        return "area"
    allowed = found[3][ACCESSES[access]] != "-"
    return "rights" if allowed != (fact.prefix == "sigbus") else None


def check_faults(log):
    """The lines about faults that ended programs: each agrees with itself, and all kinds are there."""
    facts = log.facts_of("segfault") + log.facts_of("sigbus")
    wrong = [f"{wrong_fault(fact)}: {fact.prefix} {fact.fields}" for fact in facts if wrong_fault(fact)]
    tap.result(len(facts) > 100 and not wrong, "segfault: and sigbus: lines name an access and the area of its address", wrong[:10])
    kinds = {(fact.prefix, fact.fields["access"], fact.fields["area"] != "none") for fact in facts}
    wanted = {("segfault", access, there) for access in ("read", "write") for there in (False, True)}
    wanted |= {("sigbus", "read", True), ("sigbus", "write", True)}
    tap.result(wanted <= kinds, "segfault: and sigbus: lines of each kind are there", sorted(map(str, wanted - kinds)))
    ends = {(fact.fields["signal"], fact.fields["code"], fact.fields["address"] == fact.fields["eip"]) for fact in log.facts_of("exception")}
    wanted = {("4", "2", True), ("5", "2", True), ("5", "128", False), ("8", "1", True), ("8", "3", True), ("11", "128", False)}
    tap.result(wanted <= ends, "exception: lines have signal, code and address", sorted(map(str, ends)))


START = ["console", "boot", "handover", "cpu", "memmap", "protection", "memory", "zone", "buddy", "acpi", "irq", "timer", "fpu"]
STEPS = ["cpu", "memory", "acpi", "interrupts", "time", "tasks", "files", "disks", "init"]


def check_zone(zone, buddy):
    """What does not fit in a zone's line and those of its free blocks."""
    fields = {name: int(zone.fields[name], 0) for name in ("start", "end", "present", "free", "min", "low", "high")}
    blocks = [int(fact.fields["blocks"]) for fact in buddy]
    hot = fields["free"] - sum(count << order for order, count in enumerate(blocks))  # the zone's hot frames
    below, wrong = hot, []
    for order, fact in enumerate(buddy):
        if int(fact.fields["order"]) != order or int(fact.fields["unusable"]) != 1000 * below // max(fields["free"], 1):
            wrong.append(str(fact.fields))
        below += blocks[order] << order
    if not 0 <= hot <= 64 or not fields["free"] <= fields["present"] <= fields["end"] - fields["start"]:
        wrong.append(f"free: {below}, {fields}")
    if not (fields["low"], fields["high"]) == (2 * fields["min"], 3 * fields["min"]) or (fields["present"] > 0) != (fields["min"] > 0):
        wrong.append(f"marks: {fields}")
    return wrong


def check_start(log):
    """The lines before the first test: all are there, in order, and agree with each other."""
    # `smi:` comes wherever the machine was in system management mode.
    order = list(dict.fromkeys(fact.prefix for fact in log.facts if fact.prefix != "smi"))[:len(START)]
    tap.result(order == START, "the start's lines come in order", [str(order)])
    steps = re.findall(r"boot: step=(\d+) name=(\w+)", "\n".join(line.text for line in log.lines))
    tap.result(steps == [(str(11 + i), name) for i, name in enumerate(STEPS)], "boot: each step has a line", [str(steps)])
    memory = {name: int(value) for name, value in log.facts_of("memory")[0].fields.items() if name != "unit"}
    zones, buddy = log.facts_of("zone"), log.facts_of("buddy")
    tap.result(memory["given"] == memory["early"] + memory["zones"] and memory["zones"] == sum(int(fact.fields["present"]) for fact in zones),
               "memory: the zones have what is given, without what was taken early", [str(memory)])
    wrong = [text for zone in zones for text in check_zone(zone, [fact for fact in buddy if fact.fields["zone"] == zone.fields["name"]])]
    tap.result([fact.fields["name"] for fact in zones] == ["DMA", "Normal", "HighMem"] and not wrong, "zone: free blocks are the free frames", wrong)
    ranges = [fact.fields for fact in log.facts_of("memmap") if "start" in fact.fields]
    ascending = all(int(a["end"], 16) <= int(b["start"], 16) for a, b in zip(ranges, ranges[1:]))
    tap.result(ascending and {"usable", "reserved"} <= {fields["type"] for fields in ranges}, "memmap: ranges ascend", [str(ranges)])
    rights = {name: int(value) for name, value in log.facts_of("protection")[0].fields.items()}
    tap.result(rights["wp"] == 1 and not rights["user"] and min(rights["read_only"], rights["writable"]) > 100, "protection: the kernel's pages are its own", [str(rights)])
    acpi, timer, irq = (log.facts_of(name)[0].fields for name in ("acpi", "timer", "irq"))
    tap.result(int(acpi["rsdp"], 16) and (acpi["s5"], timer["hz"], irq["pic"]) == ("yes", "1000", "0x20") and timer["reference"] == "pit"
               and int(timer["tsc_khz"]) > 100000, "acpi:, timer: and irq: name what was found", [str(acpi), str(timer), str(irq)])


names = sorted(name for name in os.listdir(PROGRAMS)) if os.path.isdir(PROGRAMS) else []
excluded = NOT_ON_LINUX | ({} if linux_oracle.executes_i386() else NOT_IN_A_GUEST)
tap.result(bool(names), "there are ring-3 programs")
pagewright = kernel_log.read(tap.emit_boot("Nehalem pc 1G", "ring3-on-host", "--timeout", "300", FW="direct", CPU="Nehalem", MACHINE="pc", MEM="1G"))
told = pagewright.facts_of("wx")
enforced = pagewright.facts_of("protection")[0].fields["nx"]
tap.result({fact.fields["name"] for fact in told} >= {"nx", "read_exec"} and all(fact.fields["nx"] == enforced for fact in told),
           "wx: lines name programs that get memory to write and to execute, and say whether the rest cannot be executed", str(told))
spaces = [(fact.fields["pid"], fact.fields["name"]) for fact in told]
tap.result(len(set(spaces)) == len(spaces) and all(int(fact.fields["bytes"]) > 0 for fact in told),
           "wx: one line for each program, of memory that is there", [str(fact.fields) for fact in told])
check_faults(pagewright)
check_start(pagewright)
try:
    linux = linux_oracle.run(PROGRAMS, [(name,) for name in names if name not in excluded],
                             os.path.join(tap.BUILD, "logs", "linux-oracle.log"), NEWER)
except linux_oracle.OracleError as problem:
    tap.result(False, "Linux can be asked", str(problem))
    tap.done()
for program in names:
    if program in excluded:
        tap.result(True, program, directive=f"SKIP {excluded[program]}")
        continue
    code, output = linux[(program,)]
    printed = lines_of(output)
    problems = tap_problems(program, printed)
    tap.result(code == 0 and not problems, f"{program}: passes on Linux", [f"exit status {code}"] + problems + printed)
    compare(program, printed, pagewright)
tap.done()
