#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where the log goes: a machine with only COM2, one with a PCI card only, one with none, and ACPI's SPCR.

tools/run reads what QEMU calls the first serial port. Its I/O ports are moved where the machine is to be without a COM1:
at an unused address it counts as absent. Other lines go to files.
"""
import os
import struct
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

OPTIONS = "suites=slab programs=none"
HIDDEN = "-global isa-serial.iobase=0x5000"
COM1, COM2 = 0x3f8, 0x2f8
# how the runner says that the machine did not leave by the debug exit with the status of a good run
BAD_END = ("QEMU's status", "stopped by the runner", "time-out")


def spcr(port):
    """The body of an SPCR of revision 2: a 16550 at an I/O port, 115200 baud."""
    address = struct.pack("<BBBBQ", 1, 8, 0, 1, port)
    line = struct.pack("<BBIBBBBBx", 1, 4, 0, 7, 0, 1, 0, 3)  # interrupts, rate, format, kind of terminal
    return b"\0\0\0\0" + address + line + struct.pack("<HH", 0xffff, 0xffff) + bytes(12)


def boot(name, extra, options=OPTIONS, **files):
    """Boots without firmware; files: their contents, which `extra` names as {name}. Returns the runner's status, its output, its log, and the
    bytes in the file {line}."""
    with tempfile.TemporaryDirectory() as directory:
        paths = {key: os.path.join(directory, key) for key in (*files, "line")}
        for key, data in files.items():
            with open(paths[key], "wb") as file:
                file.write(data)
        status, output, log = tap.boot(f"serial-{name}", "--timeout", "100", "--stall", "60",
                                       f"--extra={extra.format(**paths)}", FW="direct", OPTIONS=options)
        return status, output, kernel_log.read(log), kernel_log.read_bytes(paths["line"])


def texts(log):
    """The text of the kernel, from its first line."""
    lines = [line.text for line in log.lines if line.text.strip()]
    first = next((i for i, line in enumerate(lines) if line.startswith("console: ")), len(lines))
    return lines[first:]


def places(log):
    """The lines about the console, without their prefix."""
    return [line[len("console: "):] for line in texts(log) if line.startswith("console: ")]


def tail(log):
    """The end of a log, for the notes of a failure."""
    return ["the log ends:"] + ["  " + line.text for line in log.lines[-8:]]


def ends_well(output):
    """Did the machine leave with the status of a good run, whatever the log was?"""
    return not any(words in output for words in BAD_END)


status, text, first, _ = boot("com2", "-global isa-serial.iobase=0x2f8 -global isa-serial.irq=3")
tap.result(status == 0, "COM2 only: the run is good", [text] + tail(first))
tap.result(places(first) == ["port=0x2f8 baud=115200 source=probe"], "COM2 only: found by the probe", places(first))
tap.result(any(line.startswith("boot: firmware=") for line in texts(first)[1:2]), "COM2 only: from the first line",
           texts(first)[:3])

# The card is beyond a bridge: the buses are searched, not the first one only.
_, text, first, data = boot("pci", HIDDEN + " -device pci-bridge,id=bridge,chassis_nr=1 -chardev file,id=card,path={line} "
                            "-device pci-serial,bus=bridge,addr=3,chardev=card")
card = kernel_log.Log(data)
tap.result(not texts(first), "a PCI card only: there is no COM port", texts(first)[:3])
tap.result(ends_well(text) and not kernel_log.judge(card), "a PCI card only: the run is good",
           [text, *kernel_log.judge(card)] + tail(card))
tap.result(len(places(card)) == 1 and places(card)[0].endswith("source=pci"), "a PCI card only: found", places(card))
said = [line.text for line in card.lines if line.text.startswith(("boot: firmware=", "boot: options="))]
tap.result(len(said) == 2 and len(card.facts_of("memory")) == 1, "a PCI card only: from the first line, once", said)

status, text, first, _ = boot("none", HIDDEN)
tap.result(not texts(first), "no serial line: nothing is written", texts(first)[:3])
tap.result(ends_well(text), "no serial line: the run ends, and is good", [text])

two = " -device isa-serial,iobase=0x2f8,irq=3,chardev=two -chardev file,id=two,path={line}"
table = " -acpitable sig=SPCR,rev=2,data={table}"
_, text, first, data = boot("spcr", two + table, table=spcr(COM2))
second = kernel_log.Log(data)
tap.result(ends_well(text) and not kernel_log.judge(second), "SPCR names COM2: the run is good, and COM2 has its log",
           [text, *kernel_log.judge(second)] + tail(second))
both = texts(first)
tap.result(places(second) == ["port=0x3f8 baud=115200 source=probe", "port=0x2f8 baud=115200 source=spcr"],
           "SPCR names COM2: COM1 at first, then it", places(second))
tap.result(len(both) > 30 and both == texts(second)[:len(both)] and both[-1].endswith("source=spcr"),
           "SPCR names COM2: what COM1 got is repeated, and nothing more goes there", both[-3:] + texts(second)[:3])

status, text, first, _ = boot("spcr-same", table, table=spcr(COM1))
tap.result(status == 0, "SPCR names COM1: the run is good", [text] + tail(first))
tap.result(places(first)[1:] == ["port=0x3f8 baud=115200 source=spcr"] and len(first.facts_of("memory")) == 1,
           "SPCR names COM1: nothing is repeated", places(first))

status, text, first, _ = boot("spcr-absent", table, table=spcr(COM2))
tap.result(status == 0, "SPCR names a port that is not there: the run is good", [text] + tail(first))
tap.result(places(first)[1:] == ["absent=0x2f8"], "SPCR names a port that is not there: one line", places(first))

status, text, first, _ = boot("memory", "", OPTIONS + " console=uart,mmio32,0x1000000")
tap.result(status == 0, "a UART in RAM: the run is good", [text] + tail(first))
tap.result(places(first) == ["absent=0x1000000"], "a UART in RAM: refused", places(first))
tap.done()
