#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A program of four times memory, on each kind of device for swap: every byte comes back. Then areas that leave, the end of
memory with and without strict overcommit, disks that fail, and tools/swap-rate: its figures are there, and read-ahead is of use in
order. Instead of these, `swap.t policies` takes each replacement policy, and `swap.t children` a disk on which 200 children of a
process of 16 MiB fit: each writes half of it."""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import swap_disk  # noqa: E402
import tap  # noqa: E402

LIMIT = 300  # seconds for the program
POLICIES = ("second_chance", "fifo", "two_lists", "aging", "refault")
PROGRAMS = {"ahci": "swap,swapoff", "nvme": "swap", "ram": "swap"}
BAD_READ, BAD_WRITE = 100, 300  # pages of the two disks


def boot(label, device, programs="swap", more="", size="256M"):
    """One boot without firmware: the suite of swap and the programs, whose cases become this script's. With less swap the program
    `swap` would not get four times the memory."""
    tap.emit_boot(label, "swap-" + label.replace(" ", "-"), "--timeout", str(LIMIT + 60), "--stall", str(LIMIT), FW="direct", MEM="64M",
                  SWAP=size, SWAPDEV=device, OPTIONS=f"suites=swap programs={programs} limit={LIMIT} {more}")


def failing(directory, kind, page):
    """A disk with swap space, of which one page can't be read or written: QEMU's words for its file."""
    path = os.path.join(directory, kind)
    swap_disk.make(path, 16 << 20)
    with open(path + ".rule", "w", encoding="ascii") as file:
        file.write(f'[inject-error]\nevent = "{kind}_aio"\niotype = "{kind}"\nerrno = "5"\n'
                   f'sector = "{swap_disk.FIRST + 8 * page}"\nonce = "off"\n')
    return f"blkdebug:{path}.rule:{path}"


def errors(directory):
    """What is not written to the first disk goes to the second; one page of that can't be read."""
    words = [f"-drive if=none,id=w,format=raw,file={failing(directory, 'write', BAD_WRITE)} "
             "-device ich9-ahci,id=sata -device ide-hd,bus=sata.0,drive=w",
             f"-drive if=none,id=r,format=raw,file={failing(directory, 'read', BAD_READ)} -device nvme,serial=r,drive=r"]
    status, output, path = tap.boot("swap-errors", *(f"--extra={word}" for word in words), FW="direct",
                                    OPTIONS="suites=none programs=swap_errors")
    log = kernel_log.read(path)
    disk = [fact.fields for fact in log.facts_of("disk") if "error" in fact.fields]
    notes = [output] + [line.text for line in log.lines[-12:]]
    tap.result(status == 0, "a page that can't be read: the machine goes on", notes)
    tap.result(len(log.facts_of("sigbus")) == 1, "a page that can't be read: one process ends", notes)
    tap.result({(fields["request"], fields["result"]) for fields in disk} == {("write", "failed"), ("read", "failed")},
               "both errors are reported", notes)
    tap.result(sum("a write failed: the area gets no more pages" in line.text for line in log.lines) == 1,
               "the area that can't be written gets no more pages", notes)


def rate():
    """The figures of a small machine. How fast it was does not matter."""
    ended = subprocess.run([os.path.join(tap.TOP, "tools/swap-rate"), "--mem", "32M", "--swap", "48M", "--size", "36", "ahci"],
                           env={**os.environ, "FW": "direct"}, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = ended.stdout.decode("utf-8", errors="replace").splitlines()
    rows = {words[1]: words for words in map(str.split, output[1:]) if words}
    tap.result(ended.returncode == 0 and set(rows) == {"write", "read", "random"}, "swap-rate: there are figures", output)
    read = rows.get("read", ["0"] * 9)
    tap.result(int(read[4]) > 1000 and int(read[7]) > 80, "swap-rate: pages that are read ahead in order are used", output)


if sys.argv[1:] == ["policies"]:
    for policy in POLICIES:
        boot(f"ram {policy}", "ram", more=f"reclaim={policy}")
elif sys.argv[1:] == ["children"]:
    boot("200 children", "nvme", size="2400M")
else:
    for device, programs in PROGRAMS.items():
        boot(device, device, programs)
    boot("a full disk", "nvme", "oom,strict", size="8M")
    with tempfile.TemporaryDirectory() as top:
        errors(top)
    rate()
tap.done()
