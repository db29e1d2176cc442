#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same source gives the same bytes: the build at hand, and a fresh one of a copy of the source in another
directory, with another build directory and other file times. The path of the copy has what a shell, make and QEMU
take for something else, and it boots there."""
import filecmp
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

PRODUCTS = ["kernel.elf", "initramfs.cpio", "direct.elf", "efi/BOOTX64.EFI", "efi/BOOTIA32.EFI", "pagewright.img",
            "pagewright-fat.img", "pagewright.iso"]

with tempfile.TemporaryDirectory() as scratch:
    copy = os.path.join(scratch, "another directory", "it's here, too")
    ignored = shutil.ignore_patterns(".git", os.path.basename(tap.BUILD), "build")
    shutil.copytree(tap.TOP, copy, ignore=ignored, copy_function=shutil.copyfile)
    for directory, _, names in os.walk(copy):
        for name in names:
            # copyfile() copies no modes, on purpose: git keeps only the executable bit.
            source = os.path.join(tap.TOP, os.path.relpath(os.path.join(directory, name), copy))
            os.chmod(os.path.join(directory, name), 0o700 if os.access(source, os.X_OK) else 0o600)
    status, output = tap.make("-C", copy, "BUILD=out", "image")
    tap.result(status == 0, "a copy of the source builds elsewhere", output.splitlines()[-20:])
    for product in PRODUCTS:
        here, there = os.path.join(tap.BUILD, product), os.path.join(copy, "out", product)
        both = os.path.exists(here) and os.path.exists(there)
        tap.result(both and filecmp.cmp(here, there, shallow=False), f"{product} is the same")
    status, output = tap.run(os.path.join(copy, "tools", "run"), "--quiet", "--log", os.path.join(copy, "out", "a log"), env={
        **os.environ, "BUILD": "out", "FW": "ovmf-x64", "MEM": "256M", "CPU": "max", "MACHINE": "q35",
        "OPTIONS": "suites=none programs=exec"})
    tap.result(status == 0, "the copy boots where it is", output.splitlines()[-20:])
status, output = tap.make("BUILD=a b", "clean")
tap.result(status != 0 and "without a blank" in output, "a build directory with a blank is refused", output.splitlines())
tap.done()
