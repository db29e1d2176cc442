#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The kernel with PAE: all suites and programs; and memory above 4 GiB, all of which programs can use, and where
a use after free is seen. `make test PAGING=pae` runs all tests with it."""
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

KERNEL = ["--file", os.path.join(tap.BUILD, "pae/kernel.elf") + "=kernel.elf"]
FREE_PERCENT = 94  # of what the firmware gives, before the first program

tap.emit_boot("256 MiB", "pae-256M", *KERNEL, FW="direct", OPTIONS="highmem=64M")
told = kernel_log.read(os.path.join(tap.BUILD, "logs", "pae-256M.log")).facts_of("wx")
tap.result(told and all(fact.fields["nx"] == "1" for fact in told), "256 MiB: wx: lines say that other memory cannot be executed", str(told))
for memory in ("8G", "16G"):
    # Without NX that bit of an entry is reserved, and all that can be read can be executed.
    nx = "on" if memory == "8G" else "off"
    more = {"on": "debug_pagealloc programs=demand", "off": "debug_pagealloc,access,protection programs=demand,nx,read_exec"}[nx]
    status, output, path = tap.boot("pae-" + memory, *KERNEL, FW="direct", MEM=memory, CPU="max,nx=" + nx,
                                    OPTIONS=f"suites={more} debug_pagealloc={nx}")
    tap.result(status == 0, f"{memory}: the run is good", output)
    log = kernel_log.read(path)
    told = {fact.fields["nx"] for fact in log.facts_of("wx")}
    tap.result(told == ({"0"} if nx == "off" else set()), f"{memory}: wx: lines without NX say so", str(told))
    account = log.facts_of("memory")[0].fields
    tap.result(account["beyond"] == "0", f"{memory}: no frame is left out", str(account))
    free = int(re.search(r"free frames: before=(\d+)", "\n".join(line.text for line in log.lines))[1])
    tap.result(free * 100 >= int(account["given"]) * FREE_PERCENT, f"{memory}: {FREE_PERCENT} % are free for the first program",
               f"{free} of {account['given']}")
# Which kernel paging= chooses: of files on the volume, and of a loader for 32-bit firmware that holds both.
FILE = ["--file", KERNEL[1].replace("kernel.elf=kernel.elf", "kernel.elf=kernel-pae.elf")]
BOTH = ["--file", os.path.join(tap.BUILD, "loader-test/both-ia32.efi") + "=EFI/BOOT/BOOTIA32.EFI"]
MANY = "suites=memmap,page_alloc,highmem,faults,vmalloc programs=cow,exec,mremap,hugetlb,swap,shared,files,shm"
FEW = "suites=control_registers programs=cow"
for name, kernel, firmware, machine, options, levels, line in (
        ("file", FILE, "ovmf-x64", "max", "paging=pae " + MANY, 3, ""),
        ("missing", [], "ovmf-x64", "max", "paging=pae " + FEW, 2, "loader: warning: paging=pae: kernel-pae.elf is not there: two levels"),
        ("both", BOTH, "ovmf-ia32", "max", "paging=pae " + FEW, 3, ""),
        ("wrong", BOTH, "ovmf-ia32", "max", "paging=3 " + FEW, 2, "option: bad value name=paging value=3 (ignored)"),
        # 32-bit OVMF needs PAE itself.
        ("no-pae", [*BOTH, "--machine", "pc", "--image", "fat", "--video", "none", "--mem", "1G"], "uboot-ia32", "max,pae=off,lm=off",
         "paging=pae " + FEW, 2, "loader: warning: paging=pae: the processor has no PAE: two levels")):
    if tap.three_levels() and levels == 2:
        continue  # there is no such kernel
    status, output, path = tap.boot("pae-choice-" + name, *kernel, FW=firmware, MEM="5G", CPU=machine, OPTIONS=options)
    log = kernel_log.read(path)
    account = log.facts_of("memory")[0].fields
    chosen = [text.text for text in log.lines if text.text.startswith("loader: kernel: ")]
    tap.result(status == 0 and (account["beyond"] == "0") == (levels == 3 or firmware == "uboot-ia32") and
               [bool(re.search("PAE|-pae", text)) for text in chosen] == [levels == 3], f"{name}: {levels} levels", [output, str(account), *chosen])
    told = [text.text.strip() for text in log.lines if "paging=" in text.text or "name=paging" in text.text]
    tap.result([text for text in told if "warning" in text or "bad value" in text] == [line] * bool(line), f"{name}: {line or 'no warning'}", told)
status, output, path = tap.boot("pae-old", *KERNEL, FW="direct", CPU="max,pae=off,lm=off", OPTIONS="suites=none programs=cow")
tap.result(status != 0 and any(line.text.startswith("cpu: error: no PAE") for line in kernel_log.read(path).lines),
           "a processor without PAE: one line, and the end", output)
tap.done()
