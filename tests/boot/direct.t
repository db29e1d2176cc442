#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The direct loader: the state of the machine in which the kernel is entered; and what is missing or damaged leaves one line, and no kernel runs."""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

KERNEL, INITRAMFS = (os.path.join(tap.BUILD, name) for name in ("kernel.elf", "initramfs.cpio"))
WANTED = "two are wanted, kernel.elf and initramfs.cpio"


def refused(what, line, *arguments, **environment):
    """A boot that the loader ends, with its line, and soon."""
    status, output, path = tap.boot("direct-refused", "--timeout", "30", "--stall", "20", *arguments, FW="direct", **environment)
    lines = [text.text for text in kernel_log.read(path).lines]
    tap.result(status == 1 and lines[-1:] == [f"loader: error: {line}"] and "stopped by the runner" not in output, what,
               [output] + lines)


def field(lines, line, name):
    """A field of the line `handoff: LINE` of loader-kernel.c."""
    found = [re.search(rf"\b{name}=(\S+)", text) for text in lines if text.startswith(f"handoff: {line}")]
    return found[0][1] if found and found[0] else None


def entered():
    """What abi/boot/boot_info.h promises."""
    _, output, path = tap.boot("direct-state", "--timeout", "30", "--file", tap.BUILD + "/loader-test/kernel.elf=kernel.elf", FW="direct",
                               OPTIONS="mem=64M   panic=1")
    lines = [text.text for text in kernel_log.read(path).lines]
    for line, name, wanted in (("cpu", "cr0", "0x80010033"), ("cpu", "cr4", "0x10"), ("cpu", "efer", "0x0"), ("cpu", "eax", "0x74685750"),
                               ("image", "start", "0x100000"), ("image", "first", "0x12345678"), ("image", "last", "0x87654321"),
                               ("image", "dirty", "0"), ("initramfs", "type", "2"), ("map", "type", "2"), ("info", "type", "2"),
                               ("initramfs", "size", str(os.path.getsize(INITRAMFS))), ("firmware", "acpi", "1")):
        tap.result(field(lines, line, name) == wanted, f"at the kernel's entry: {line}: {name}={wanted}", [output] + lines)
    tap.result(int(field(lines, "cpu", "eflags") or "-1", 16) & 0x600 == 0, "at the kernel's entry: EFLAGS", lines)
    tap.result('handoff: options="exit=qemu mem=64M panic=1"' in lines, "at the kernel's entry: the options", lines)


entered()
# Everything: ring3-on-host.t.
for memory, machine, cpu in (("24M", "q35", "pentium3"), ("4G", "pc", "qemu64")):
    tap.emit_boot(f"{memory} {machine} {cpu}", f"direct-{memory}", "--timeout", "60", FW="direct", MEM=memory, MACHINE=machine,
                  CPU=cpu, OPTIONS="suites=slab,debug_pagealloc programs=cow console=ttyS0 debug_pagealloc=on")
with tempfile.TemporaryDirectory() as directory:
    damaged = os.path.join(directory, "damaged")
    with open(damaged, "wb") as file:
        data = bytearray(kernel_log.read_bytes(KERNEL))
        data[len(data) // 2] ^= 1
        file.write(data)
    refused("a damaged kernel", "the kernel, module 1: the checksum is wrong", "--file", damaged + "=kernel.elf")
    refused("an initramfs in the kernel's place", "the kernel, module 1: is not an ELF file", "--file", INITRAMFS + "=kernel.elf")
refused("no initramfs", f"1 modules: {WANTED}", f"--extra=-initrd {os.path.relpath(KERNEL, tap.TOP)}")
refused("too many options", "the options are longer than 2047 characters", OPTIONS="x" * 2048)
refused("a processor without 4 MiB pages", "the processor has no 4 MiB pages (PSE)", CPU="qemu32,-pse")
status, output, path = tap.boot("direct-initramfs", "--timeout", "30", "--file", KERNEL + "=initramfs.cpio", FW="direct")
tap.result(status == 1 and any(line.text.startswith("initramfs: error: ") for line in kernel_log.read(path).lines),
           "a kernel in the initramfs's place: the kernel's line", output)
status, output = tap.run("tools/run", "--fw", "direct", "--file", KERNEL + "=EFI/BOOT/BOOTX64.EFI")
tap.result(status == 2 and "with FW=direct there is no volume" in output, "a file for a volume is refused", output)
tap.done()
