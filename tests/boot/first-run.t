#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A run that hangs on the way from the firmware to the first program: where it stood can be told from the screen alone, and from the
file alone that the next loader writes after a reset. And what machine it was, from the file that was written before. Arguments: only
these places.

One machine is stopped by crash=step-NAME at a place, looked at, gets the option for the next place, and is reset.
"""
import os
import select
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402
from qemu_resets import LEAVING, Machine  # noqa: E402
from qmp import Control  # noqa: E402

SECONDS = 150
# The numbers of abi/boot/boot_step.h. Up to SQUARES the screen has squares, then lines.
STEPS = {"left": 1, "processors": 2, "usb": 3, "pci": 4, "ioapics": 5, "iommus": 6, "screen": 7, "jump": 8, "console": 10, "memory": 12,
         "interrupts": 14, "files": 17}
SQUARES = 10


class Watched:
    """A machine that runs, its serial line, and QEMU's monitor."""

    def __init__(self, machine):
        self.control, self.data, self.machine = Control(), b"", machine
        self.qemu = subprocess.Popen(machine.command + self.control.arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     pass_fds=(self.control.theirs.fileno(),))
        self.control.begun()
        self.control.execute("qmp_capabilities")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.qemu.kill()
        self.qemu.wait()
        self.control.close()

    def wait(self, wanted):
        """Reads until wanted(), which is asked twice a second. Returns whether it came."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if select.select([self.qemu.stdout], [], [], 0.5)[0]:
                new = os.read(self.qemu.stdout.fileno(), 65536)
                self.data += new
                if not new:
                    return False
            elif wanted():
                return True
        return False

    def screen(self, *options, device=None):
        """The lines that tools/read-screen finds in the picture."""
        picture = self.machine.volume + ".ppm"
        error = self.control.execute("screendump", filename=picture, **({"device": device} if device else {}))
        if error:
            return [error]
        return tap.run("tools/read-screen", *options, picture)[1].splitlines()


def newest(rows):
    """The newest line of the log: until ticks come rows are written round and round, and a blank one follows the newest."""
    return next((row for row, below in zip(rows, rows[1:] + [""]) if row and not below), None)


def shows(run, name):
    """Does the screen tell that this start stands at the place?"""
    if LEAVING not in run.data:
        return False
    if STEPS[name] <= SQUARES:
        return run.screen("--squares") == [str(STEPS[name])]
    return newest(run.screen()) == step_line(name)


def step_line(name):
    return f"boot: step={STEPS[name]} name={name}"


def options(name):
    return f"crash=step-{name} suites=none programs=none exit=reboot"


def check_places(names):
    """Each place: what the screen shows, and what the next loader writes; the last one only writes. Returns what the first wrote before."""
    with tempfile.TemporaryDirectory(dir=tap.BUILD) as directory:
        machine = Machine(directory, "ovmf-x64", "256M", options(names[0]))
        with Watched(machine) as run:
            for number, (name, following) in enumerate(zip(names, names[1:] + [None]), 1):
                good = run.wait(lambda: shows(run, name))
                tap.result(good, f"{name}: the screen tells", good or run.screen() + run.data.decode(errors="replace").splitlines()[-5:])
                machine.put("pagewright/pagewright.txt", options(following) if following else options(name) + " log=stop")
                run.data = b""
                run.control.execute("system_reset")
                run.wait(lambda: (LEAVING if following else b"log: log=stop") in run.data)
                kept = (machine.get(f"pagewright/LOGS/RUN{number:04}.TXT") or b"").decode().splitlines()
                tap.result([line for line in kept if line][-1:] == [step_line(name)], f"{name}: the file tells",
                           kept[-5:] + [machine.listing()])
        return (machine.get("pagewright/LOGS/PRE0001.TXT") or b"").decode().splitlines()


def has(text, start, *parts):
    """A line that begins so and has these parts."""
    return any(line.startswith(start) and all(part in line for part in parts) for line in text)


places = sys.argv[1:] or list(STEPS)
told = check_places(places)
for start, parts in ((f"options: crash=step-{places[0]}", ()), ("before: nothing", ()), ("firmware: vendor=\"", ("EDK II\" ",)),
                     ("firmware: secure_boot=off", ()), ("smbios: system manufacturer=\"QEMU\"", ()), ("display: gop=0", ("chosen",)),
                     ("processor: cr0=0x8", ()), ("mtrr: range=0", ()), ("cpuid: 00000001.0", ()), ("memory: type=7", ("attribute=0x",)),
                     ("acpi: FACP", ("oem=\"BOCHS ",)), ("fadt: flags=", ()), ("madt: io_apic=0 address=0xfec00000", ()),
                     ("hpet: ", ("address=0xfed00000",)), ("pci: 00:1f.2 id=8086:2922", ()), ("end: all of it", ())):
    tap.result(has(told, start, *parts), f"PRE0001.TXT: {start}", told[:20])
tap.result(not has(told, "smbios: ", "uuid="), "PRE0001.TXT: no UUID", told)

# Two displays: the console's is taken, and the other is black. The firmware writes to both.
with tempfile.TemporaryDirectory(dir=tap.BUILD) as scratch:
    pc = Machine(scratch, "ovmf-x64", "256M", "crash=step-memory gop=9")
    pc.command += ["-device", "secondary-vga,id=second", "-device", "usb-ehci", "-device", "qemu-xhci", "-device", "piix3-usb-uhci", "-device", "pci-ohci"]
    with Watched(pc) as both:
        both.wait(lambda: b"name=memory" in both.data)
        said = both.data.decode(errors="replace").splitlines()
        tap.result("loader: framebuffer: gop= names none that can be used" in said, "gop= names none: it is said", said)
        tap.result(sum(line.startswith("loader: display: gop=") for line in said) >= 2 and
                   sum(line.endswith(" console chosen") for line in said) == 1, "two displays: both are listed, the console's is taken", said)
        tap.result("boot: step=12 name=memory" in both.screen(), "the log is on it", both.screen())
        tap.result(not any(both.screen(device="second")), "the other is black", both.screen(device="second"))
        tap.result("handover: usb=4 owned=0 forced=0" in said, "the USB controllers are looked at", said)

# The end, for a photograph.
with tempfile.TemporaryDirectory(dir=tap.BUILD) as scratch:
    PICTURE = os.path.join(scratch, "end.ppm")
    status, output, _ = tap.boot("first-run-end", "--screenshot", PICTURE, OPTIONS="suites=none programs=abi")
    rows = [line for line in tap.run("tools/read-screen", PICTURE)[1].splitlines() if line]
    at = next((i for i, line in enumerate(rows) if line.startswith("machine: ")), 0)
    tap.result(status == 0 and [line.split(":")[0] for line in rows[at:at + 4]] == ["machine", "timer", "failed", "verdict"] and
               rows[at + 2] == "failed: none", "the end of the screen: machine, timer, failures, verdict", output.splitlines() + rows)
tap.done()
