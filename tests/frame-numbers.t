#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No address is computed from a frame number in 32 bits: with a frame number of 64 bits the compiler names each place where bits would be lost."""
import glob
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

COMPILE = ["gcc", "-m32", "-march=i686", "-O1", "-std=gnu11", "-ffreestanding", "-mregparm=3", "-mno-sse", "-msoft-float", "-fno-pic", "-I.",
           "-Wconversion", "-Wno-sign-conversion", "-DPAGING_PAE", "-DWIDE_FRAME_NUMBERS", "-S", "-o", os.devnull]
# Numbers of frames, and frame numbers in words of their own, have 32 bits. Addresses of the direct map say so by a cast.
NARROWED = re.compile(r"^(\S+?:\d+):\d+: warning: conversion from .*(?:pfn_t|phys_addr_t|long long).* to .*\n(.*)", re.M)
PLANTED = '#include "paging/layout.h"\nu32 planted(pfn_t pfn);\nu32 planted(pfn_t pfn)\n{\n\treturn pfn << PAGE_SHIFT;\n}\n'


def narrowed(path):
    """The places of a file where an address loses bits."""
    done = subprocess.run(COMPILE + [path], cwd=tap.TOP, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        return [done.stdout]
    return [place + line for place, line in NARROWED.findall(done.stdout) if re.search(r"<< *(PAGE_SHIFT|12)|\* *PAGE_SIZE|phys", line)]


os.chdir(tap.TOP)
with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
    file.write(PLANTED)
    file.flush()
    tap.result(len(narrowed(file.name)) == 1, "what is planted is found", narrowed(file.name))
files = []
for name in sorted(sum((glob.glob(f"{room}/**/*.c", recursive=True) for room in ("paging", "mm", "fs", "kernel")), [])):
    with open(name, encoding="utf-8") as file:
        if re.search(r"pfn|phys|frame", file.read()):
            files.append(name)
with ThreadPoolExecutor(os.cpu_count()) as pool:
    found = sum(pool.map(narrowed, files), [])
tap.result(not found, f"{len(files)} files that name frames", found)
tap.done()
