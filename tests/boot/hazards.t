#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Machines that lack what a PC used to have, or have more than we use: docs/hardware.md.
tests/boot/loader-chain.t shows the devices that the loader stops; its application gives tables to the loader that no
emulator has."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

# label, machine, options, letters of loader-chain.c, more arguments of tools/run, facts that must be in the log: prefix, field, value
MACHINES = [
    ("no PIT, the PM timer by the newer field alone, no keyboard controller, no screen", {"MACHINE": "q35", "VIDEO": "none"}, "exit=reboot",
     "q", ["--extra", "-machine pit=off,i8042=off"],
     [("timer", "source", "lapic"), ("timer", "reference", "acpi"), ("acpi", "pm_timer", "0x608"), ("acpi", "reset", "yes"),
      ("power", "by", "acpi")]),
    ("hardware-reduced ACPI, neither PM timer nor PIT", {"MACHINE": "q35"}, "exit=reboot", "nr", ["--extra", "-machine pit=off"],
     [("timer", "source", "lapic"), ("timer", "reference", "hpet"), ("acpi", "pm_timer", "0x0"), ("acpi", "pm1a", "0x0"),
      ("acpi", "sleep_control", "0x505"), ("power", "by", "acpi")]),
    ("three more processors, FADT without a reset register, no CLFLUSH", {"MACHINE": "pc", "CPU": "qemu64,-clflush"}, "exit=reboot",
     "", ["--extra", "-smp 4"], [("handover", "processors", "4"), ("handover", "init", "sent"), ("handover", "parked", "3"),
     ("acpi", "reset", "no"), ("power", "by", "port")]),
    ("IOMMU, USB stick, network card", {"MACHINE": "q35", "MEDIA": "xhci", "CPU": "Nehalem"}, "timer=hpet",
     "", ["--extra", "-device intel-iommu -device e1000"], [("timer", "reference", "hpet"), ("smi", "at", "start"), ("smi", "at", "end"),
      ("handover", "iommus", "1"), ("handover", "translating", "0")]),
]

for label, machine, options, letters, more, facts in MACHINES:
    with tempfile.NamedTemporaryFile("w") as chain:
        chain.write(letters)
        chain.flush()
        if letters:
            more = more + [word for pair in (f"{tap.BUILD}/efi/BOOTX64.EFI=loader.efi", f"{chain.name}=chain.txt",
                                             f"{tap.BUILD}/loader-test/chain-x64.efi=EFI/BOOT/BOOTX64.EFI") for word in ("--file", pair)]
        status, output, path = tap.boot(f"hazards-{machine['MACHINE']}-{letters}-{machine.get('MEDIA', 'disk')}", "--timeout", "240",
                                        "--stall", "120", *more, OPTIONS=f"suites=vmalloc,slab programs=cow,demand {options}", **machine)
    log = kernel_log.read(path)
    tap.result(status == 0, f"{label}: the run is good", [output] + [line.text for line in log.lines[-12:]])
    for prefix, key, value in facts:
        found = [fact.fields for fact in log.facts_of(prefix)]
        tap.result(any(fields.get(key) == value for fields in found), f"{label}: {prefix}: {key}={value}", str(found))
    masters = [int(fact.fields["bus_masters"]) for fact in log.facts_of("handover") if "bus_masters" in fact.fields]
    tap.result(masters and masters[0] >= 1, f"{label}: a bus master was stopped", str(masters))

# A tick that does not come is said, what needs it is skipped, and what only sleeps goes on.
status, output, path = tap.boot("hazards-no-tick", "--timeout", "240", "--stall", "120", FW="direct",
                                OPTIONS="timer=none suites=interrupts,slab programs=forktree,demand,glibc")
lines = [line.text for line in kernel_log.read(path).lines]
tap.result(status == 0, "no tick: the run ends, and is good", [output] + lines[-12:])
tap.result(lines.count("timer: error: no tick") == 1, "no tick: it is said once", lines[-30:])
for skipped in ("ok 1 interrupts # SKIP no tick", "ok 4 ring3/forktree # SKIP no tick"):
    tap.result(skipped in lines, f"no tick: {skipped}", lines[-30:])
tap.done()
