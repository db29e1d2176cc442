#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The direct loader: the kernel, started without firmware; and what is missing or damaged leaves one line, and no kernel runs."""
import os
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
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


# memory.t has everything.
for memory, machine, cpu in (("24M", "q35", "pentium3"), ("4G", "pc", "qemu64")):
    tap.emit_boot(f"{memory} {machine} {cpu}", f"direct-{memory}", "--timeout", "60", FW="direct", MEM=memory, MACHINE=machine,
                  CPU=cpu, OPTIONS="suites=slab programs=cow console=ttyS0")
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
