#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The first moments of the kernel, before there are memory management, interrupts and time: what it says is on the screen at once, an
exception, an NMI and a machine check are reports and no resets, and a machine check of the run before is told."""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

COLUMNS = 160  # of 1280 pixels
WAITING = "crash: waiting"
# Bank 2: valid, corrected, ADDR valid: it is there when the kernel looks for what the run before left.
STALE_CHECK = "mce 0 2 0x8400000000000135 0 0x1234000 0"
STALE_LINE = "machine check: bank=2 status=0x8400000000000135 address=0x1234000 stale=yes"
# Bank 1: valid, uncorrected, enabled, ADDR and MISC valid, context corrupt.
MACHINE_CHECK = "mce 0 1 0xbe00000000000135 0x4 0x12345678 0x8c"


def boot(name, options, *commands, **machine):
    """Boots with the monitor's commands at the moment when the kernel waits. Returns the status, and the lines of the log."""
    at = [word for command in commands for word in ("--at", f"{WAITING}={command}")]
    status, output, path = tap.boot(f"early-{name}", "--timeout", "150", "--stall", "120", *at, OPTIONS=options, **machine)
    return status, [line.text.rstrip() for line in kernel_log.read(path).lines], output


def screen_text(picture):
    """The text of the picture, by tools/read-screen; [] without a picture."""
    shown = subprocess.run([os.path.join(tap.TOP, "tools/read-screen"), picture], check=False, stdout=subprocess.PIPE)
    return shown.stdout.decode().splitlines()


with tempfile.TemporaryDirectory() as directory:
    for machine in ("q35", "pc"):
        PICTURE = os.path.join(directory, machine + ".ppm")
        status, log, output = boot(machine, "crash=early-wait suites=none programs=cow", f"screendump {PICTURE}", STALE_CHECK,
                                   "nmi", MACHINE=machine)
        tap.result(status == 0, f"{machine}: an NMI before memory is there is survived", output)
        tap.result(any(re.match(r"nmi: reason=0x[0-9a-f]{2} pid=0 name=boot eip=0xc01[0-9a-f]{5} count=1$", line) for line in log),
                   f"{machine}: and leaves a line", log[-30:])
        tap.result(log.count(STALE_LINE) == 1, f"{machine}: a machine check of the time before is told once", log[-30:])
        begin = next((i for i, line in enumerate(log) if line.startswith("console: ")), 0)
        end = next((i for i, line in enumerate(log) if line.startswith(WAITING)), 0)
        said = [line[at:at + COLUMNS] for line in log[begin:end] for at in range(0, max(len(line), 1), COLUMNS)]
        shown = screen_text(PICTURE)
        tap.result(len(said) > 5 and shown[:len(said)] == said, f"{machine}: all that was said until then is on the screen",
                   said + ["the screen:"] + shown)
        # The picture is taken while the last line comes.
        tap.result(not any(line and not line.startswith(WAITING) for line in shown[len(said):]), f"{machine}: and nothing else", shown)

status, log, output = boot("exception", "crash=early", FW="direct")
text = "\n".join(log)
tap.result(status == 1 and kernel_log.PANIC + " invalid opcode" in text and "crash_early+" in text,
           "an exception is a report, and the run ends", output + text[-2000:])
status, log, output = boot("machine-check", "crash=early-wait", MACHINE_CHECK, FW="direct")
text = "\n".join(log)
tap.result(status == 1 and kernel_log.PANIC + " machine check" in text, "a machine check is a report, and the run ends", output + text[-2000:])
tap.result("machine check: bank=1 status=0xbe00000000000135 address=0x12345678 misc=0x8c" in text, "it shows the bank", text[-2000:])
tap.done()
