#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The loader under conditions that firmware seldom shows, and the state that it hands to a kernel.

The volume boots loader-chain.c, which takes 1 MiB, breaks up the map, makes ExitBootServices fail and so on, and then
starts the loader with a kernel (loader-kernel.c) that tells what it got.
"""
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import tap  # noqa: E402

SIDES = {"ovmf-x64": ("BOOTX64.EFI", "chain-x64.efi"), "ovmf-ia32": ("BOOTIA32.EFI", "chain-ia32.efi")}
KERNEL = os.path.join(tap.BUILD, "loader-test", "kernel.elf")
INITRAMFS = b"070702" + bytes(range(256)) * 41 + b"the end"
OPTIONS = b"\xef\xbb\xbfmem=64M # \xff\r\n  panic=1\r\n"
HOME = 0x100000


def boot(firmware, actions, kernel=None, options=OPTIONS, cpu="max", memory="256M", devices=()):
    """Boots the chain with the letters of loader-chain.c; returns the lines of the log."""
    loader, chain = SIDES[firmware]
    with tempfile.TemporaryDirectory() as directory:
        more = [f"{tap.BUILD}/efi/{loader}=loader.efi", f"{tap.BUILD}/loader-test/{chain}=EFI/BOOT/{loader}"]
        for name, data in (("chain.txt", actions.encode()), ("pagewright/initramfs.cpio", INITRAMFS),
                           ("pagewright/pagewright.txt", options), ("pagewright/kernel.elf", kernel)):
            path = os.path.join(directory, os.path.basename(name))
            if data is not None:
                with open(path, "wb") as file:
                    file.write(data)
            more.append(f"{path if data is not None else KERNEL}={name}")
        arguments = [word for pair in more for word in ("--file", pair)] + [word for x in devices for word in ("--extra", x)]
        name = f"loader-{firmware}-{actions or 'plain'}-{'bad' if kernel else 'good'}-{cpu}-{memory}"
        # Firmware with system management mode is slow on two processors.
        limits = ("--timeout", "180", "--stall", "120") if devices else ("--timeout", "90", "--stall", "45")
        _, _, log = tap.boot(name, *limits, *arguments, FW=firmware, CPU=cpu, MEM=memory)
    return [line.text.strip() for line in kernel_log.read(log).lines if line.text.strip()]


def fields(lines, prefix):
    """The key=value fields of the one line with a prefix."""
    found = [line for line in lines if line.startswith(prefix)]
    return dict(re.findall(r'(\w+)=("[^"]*"|\S+)', found[0])) if len(found) == 1 else {}


def check(label, lines, expected):
    """expected: name -> whether it holds."""
    for name, good in expected.items():
        tap.result(good, f"{label}: {name}", ["the log ends:"] + lines[-16:])


def check_handoff(label, lines, place, options):
    """The state that abi/boot/boot_info.h promises."""
    cpu, image = fields(lines, "handoff: cpu"), fields(lines, "handoff: image")
    initramfs, table = fields(lines, "handoff: initramfs"), fields(lines, "handoff: map")
    info = fields(lines, "handoff: info")
    linked, start = int(image.get("linked", "0"), 16), int(image.get("start", "0"), 16)
    check(label, lines, {
        "CR0, CR4, EFER": [cpu.get(name) for name in ("cr0", "cr4", "efer")] == ["0x80010033", "0x10", "0x0"],
        "interrupts off, direction flag clear": int(cpu.get("eflags", "-1"), 16) & 0x600 == 0,
        "the magic": cpu.get("eax") == info.get("magic") == "0x74685750",
        "the kernel's place": place(start) and start % 0x10000 == 0 and
                              0 <= linked - 0xc0000000 - start < int(image["size"], 16),
        "its data is whole, relocated, and its bss is clear":
            [image.get(name) for name in ("first", "last", "dirty")] == ["0x12345678", "0x87654321", "0"],
        "the initramfs is whole": initramfs.get("size") == str(len(INITRAMFS)) and
                                  initramfs.get("sum") == str(sum(INITRAMFS)),
        "all of it in loader memory": [part.get("type") for part in (initramfs, table, info)] == ["2"] * 3,
        "the options": fields(lines, "handoff: options").get("options", "") == f'"{options}"',
        "the ACPI root pointer": fields(lines, "handoff: firmware").get("acpi") == "1",
    })


for fw in SIDES:
    log_lines = boot(fw, "")
    check_handoff(f"{fw}, plain", log_lines, lambda start: start == HOME, "mem=64M panic=1")

    log_lines = boot(fw, "hfsl", cpu="qemu64")
    text = f"{fw}, 1 MiB taken, map broken up, stale keys"
    check_handoff(text, log_lines, lambda start: start > HOME, "mem=64M panic=1 first=1 second=2")
    check(text, log_lines, {
        "more than 1000 entries": int(fields(log_lines, "handoff: map").get("count", "0")) > 1000,
        "three stale keys": log_lines.count("chain: stale key") == 3,
        "only memory services after the first": "chain: stale key" in log_lines and
                                                "chain: forbidden call" not in log_lines,
    })

    # Strict firmware: nothing is both writable and executable, not even what is allocated for code.
    log_lines = boot(fw, "x")
    told = [re.findall(r"(set|clear) start=(\w+) bytes=(\w+) mask=(\w+)", line)[0] for line in log_lines
            if line.startswith("chain: attributes ")]
    check(f"{fw}, strict", log_lines, {
        "the kernel is started": bool(fields(log_lines, "handoff: cpu")),
        "the trampoline is made read-only, then executable": len(told) == 2 and told[0][1:3] == told[1][1:3] and
            [call[::3] for call in told] == [("set", "0x20000"), ("clear", "0x4000")],
        "it is low memory, in whole pages": int(told[0][1], 16) < 0x38000000 and not int(told[0][2], 16) % 4096,
    })
    log_lines = boot(fw, "xyk")
    told = re.findall(r"chain: attributes (set|clear) .*mask=(\w+)", "\n".join(log_lines))
    check(f"{fw}, strict and refusing", log_lines, {
        "one line, twice": log_lines.count("loader: error: the trampoline cannot be made executable: Unsupported") == 2,
        "the rights go back with the memory": told == 2 * [("set", "0x20000"), ("clear", "0x4000"), ("set", "0x4000"),
                                                           ("clear", "0x20000")],
        "no page is lost": "chain: leaked=0" in log_lines,
    })

    # All goes on that the firmware should have stopped.
    log_lines = boot(fw, "potc", devices=("-smp 2", "-device intel-iommu"))
    text = f"{fw}, all goes on when the firmware has left"
    check_handoff(text, log_lines, lambda start: start == HOME, "mem=64M panic=1")
    found, now = fields(log_lines, "handoff: found"), fields(log_lines, "handoff: now")
    check(text, log_lines, {
        "there is something to stop": all(f"chain: {x}" in log_lines for x in ("counting", "translating")) and
                                      int(found.get("masters", "0")) >= 1,
        "CR4 was full": int(fields(log_lines, "chain: cr4").get("cr4", "0"), 16) & 0x300880 == 0x300880,
        "EFER had SCE and NXE": int(fields(log_lines, "chain: efer").get("efer", "0"), 16) & 0x801 == 0x801,
        "no device is a bus master": now.get("masters") == "0",
        "the other processors are stopped": found.get("processors") == "2" and found.get("init") == "1" and
                                            now.get("counting") == "0",
        "they halt in a page of reserved memory": found.get("parked") == "1" and found.get("parking") == "0",
        "the open entry of the I/O APIC is masked, that for an SMI is not":
            found.get("io_apics") == "1" and now.get("entry4") == "0x10044" and now.get("entry5") == "0x200",
        "the IOMMU does not translate": [found.get(name) for name in ("iommus", "active", "left")] == ["1", "1", "0"] and
                                        now.get("translating") == "0",
    })

    log_lines = boot(fw, "k", kernel=b"\x7fELF" + b"\1" * 3000000)
    check(f"{fw}, bad kernel", log_lines, {
        "one line, twice": log_lines.count(r"loader: error: \pagewright\kernel.elf: the checksum is wrong") == 2,
        "each waits for a key": [x for x in log_lines if "key" in x] ==
            2 * ["loader: a key, or 30 seconds, and the firmware goes on", "chain: a key is pressed"],
        "no page is lost": "chain: leaked=0" in log_lines,
    })

log_lines = boot("ovmf-x64", "g", memory="8G")
check_handoff("8 GiB", log_lines, lambda start: start == HOME, "mem=64M panic=1")
check("8 GiB", log_lines, {"the loader lies above 4 GiB": int(fields(log_lines, "chain: image").get("image", "0"), 16) >> 32})

log_lines = boot("ovmf-x64", "ak")
check("no memory", log_lines, {
    "one line, twice": len([x for x in log_lines if x.startswith("loader: error: no memory for ")]) == 2,
    "no page is lost": "chain: leaked=0" in log_lines,
})
# The runner gives it some seconds from the first error on; the second start has looked for STARTED.TXT by then.
log_lines = boot("ovmf-x64", "mk")
check("the firmware cannot be left", log_lines, {
    "a line": "loader: error: the memory map cannot be had: Device Error" in log_lines,
    "STARTED.TXT tells of no run that has not begun": log_lines.count("loader: options: 0 characters from load options") == 2 and
                                                      "loader: log: the run before left none:" not in log_lines,
})
log_lines = boot("ovmf-x64", "k", options=b"a" * 2048)
check("too many options", log_lines, {
    "one line, twice": log_lines.count(r"loader: error: \pagewright\pagewright.txt: more than 2047 characters of options") == 2,
    "no page is lost": "chain: leaked=0" in log_lines,
})
tap.done()
