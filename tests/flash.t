#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/flash: each thing that it must refuse, and what it does with a good stick. A directory stands for /sys, /proc and /dev,
a regular file for the disk; no disk of this machine is touched."""
import os
import resource
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import source_tree  # noqa: E402
import tap  # noqa: E402
from kernel_log import read_bytes  # noqa: E402

IMAGE = bytes(range(256)) * 40000 + b"an odd end"  # three pieces, the last one short
SECTORS = 30000


class Machine:
    """A machine with a system disk sda (mounted), a stick sdb with one partition, and a link to the stick."""

    def __init__(self, directory):
        self.root = directory
        self.image = self.write("image", IMAGE)
        self.disk("sda", "8:0", removable=0, model="SYSTEM", size=2 * SECTORS)
        self.disk("sdb", "8:16", removable=1, vendor="ACME   ", model="Stick 3000 ", size=SECTORS)
        self.part("sdb", "sdb1", "8:17")
        os.symlink(f"{directory}/dev/sdb", f"{directory}/dev/link")
        self.write("proc/self/mountinfo", b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                                          b"30 22 0:25 / /proc rw - proc proc rw\n")
        self.write("proc/swaps", b"Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n")

    def write(self, path, data):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def fact(self, name, key, value):
        self.write(f"sys/devices/{name}/{key}", f"{value}\n".encode())

    def disk(self, name, number, removable, size, model, vendor=""):
        for key, value in (("dev", number), ("removable", removable), ("size", size), ("ro", 0),
                           ("device/model", model), ("device/vendor", vendor)):
            self.fact(name, key, value)
        os.makedirs(f"{self.root}/sys/class/block", exist_ok=True)
        os.makedirs(f"{self.root}/sys/devices/{name}/holders")
        os.symlink(f"../../devices/{name}", f"{self.root}/sys/class/block/{name}")
        os.truncate(self.write(f"dev/{name}", b""), size * 512)

    def part(self, disk, name, number):
        for key, value in (("dev", number), ("partition", 1), ("size", 1000)):
            self.fact(f"{disk}/{name}", key, value)
        os.makedirs(f"{self.root}/sys/devices/{disk}/{name}/holders")
        os.symlink(f"../../devices/{disk}/{name}", f"{self.root}/sys/class/block/{name}")
        self.write(f"dev/{name}", bytes(1000))

    def flash(self, device, typed="sdb\n", root=True, limit=None):
        """Runs the tool; returns its status and what it said. It may write `limit` bytes to a file, no more."""
        ended = subprocess.run(["tools/flash", "--image", self.image] + (["--root", self.root] if root else []) + [device],
                               cwd=tap.TOP, input=typed.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               check=False, preexec_fn=limit and (
                                   lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))
        return ended.returncode, ended.stdout.decode()


def blank(data):
    """Are all bytes zero?"""
    return not data.strip(b"\0")


def mounted(number, where, source):
    """A partition is mounted during the run."""
    def change(machine):
        path = machine.root + "/proc/self/mountinfo"
        machine.write("proc/self/mountinfo", read_bytes(path) +
                      f"40 22 {number} / {where} rw shared:2 master:1 - vfat {source} rw\n".encode())
    return change


def fact(name, key, value):
    return lambda machine: machine.fact(name, key, value)


def swapped(machine):
    machine.write("proc/swaps", b"Filename Type Size Used Priority\n/dev/sdb1 partition 1 0 -2\n")


def encrypted(machine):
    os.makedirs(f"{machine.root}/sys/devices/sdb/sdb1/holders/dm-0")


def raid(machine):
    os.makedirs(f"{machine.root}/sys/devices/sdb/holders/md0")


def fat_4k(machine):
    """An image with a FAT volume of 4096-byte sectors, without a partition table."""
    machine.write("image", b"\xeb\x3c\x90MTOO4043" + (4096).to_bytes(2, "little") + bytes(497) + b"\x55\xaa" + IMAGE[512:])


def no_image(machine):
    os.remove(machine.image)


def nothing(_):
    pass


# what, change of the machine, device, what is typed, what the tool says
REFUSALS = [
    ("no device", nothing, "", "", "which disk?"),
    ("a path elsewhere", nothing, "/etc/passwd", "", "which disk?"),
    ("a name alone", nothing, "sdb", "", "which disk?"),
    ("a device that is not there", nothing, "/dev/sdz", "", "sdz does not exist"),
    ("a file in /dev that is no disk", lambda machine: machine.write("dev/log", b"x"), "/dev/log", "",
     "not a block device that the kernel knows"),
    ("a partition", nothing, "/dev/sdb1", "sdb1\n", "is a partition; the whole disk is /dev/sdb"),
    ("a disk that is built in", nothing, "/dev/sda", "sda\n", "sda (SYSTEM) is not removable"),
    ("a reader without a card", fact("sdb", "size", 0), "/dev/sdb", "sdb\n", "has no medium"),
    ("write protection", fact("sdb", "ro", 1), "/dev/sdb", "sdb\n", "is write-protected"),
    ("a mounted partition", mounted("8:17", "/media/stick", "/dev/sdb1"), "/dev/sdb", "sdb\n",
     "/dev/sdb1 is mounted on /media/stick"),
    ("a mounted disk", mounted("8:16", "/mnt", "/dev/sdb"), "/dev/sdb", "sdb\n", "/dev/sdb is mounted on /mnt"),
    ("a mount with a number of its own", mounted("0:44", "/mnt", "/dev/sdb1"), "/dev/sdb", "sdb\n",
     "/dev/sdb1 is mounted on /mnt"),
    ("a mounted disk, by its link", mounted("8:17", "/mnt", "/dev/sdb1"), "/dev/link", "sdb\n", "is mounted on /mnt"),
    ("a partition in use as swap", swapped, "/dev/sdb", "sdb\n", "/dev/sdb1 is in use as swap"),
    ("a partition that is encrypted and open", encrypted, "/dev/sdb", "sdb\n", "/dev/sdb1 is in use by dm-0"),
    ("a member of a RAID", raid, "/dev/sdb", "sdb\n", "/dev/sdb is in use by md0"),
    ("a stick that is too small", fact("sdb", "size", len(IMAGE) // 512), "/dev/sdb", "sdb\n", "and the image 10 MB"),
    ("sectors of 4096 bytes, and an image for 512", fact("sdb", "queue/logical_block_size", 4096), "/dev/sdb", "sdb\n",
     "sdb has sectors of 4096 bytes, and image is for 512, so no firmware would boot it; IMAGE=4k is for this stick"),
    ("sectors of 512 bytes, and an image for 4096", fat_4k, "/dev/sdb", "sdb\n",
     "sdb has sectors of 512 bytes, and image is for 4096, so no firmware would boot it; IMAGE=gpt is for this stick"),
    ("sectors of 520 bytes", fact("sdb", "queue/logical_block_size", 520), "/dev/sdb", "sdb\n", "no image is for this stick"),
    ("no image", no_image, "/dev/sdb", "sdb\n", "is missing; make builds it"),
    ("another name typed", nothing, "/dev/sdb", "sda\n", "another name was typed"),
    ("the path typed", nothing, "/dev/sdb", "/dev/sdb\n", "another name was typed"),
    ("yes typed", nothing, "/dev/sdb", "yes\n", "another name was typed"),
    ("nothing typed", nothing, "/dev/sdb", "\n", "another name was typed"),
    ("no terminal", nothing, "/dev/sdb", "", "another name was typed"),
]


def case(name, change, judge, device="/dev/sdb", typed="sdb\n"):
    """One machine, one run. judge() looks at the machine, status and output."""
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(directory)
        change(machine)
        status, output = machine.flash(device, typed)
        tap.result(judge(machine, status, output), name, [f"status {status}", output])


def refused(message):
    def judge(machine, status, output):
        clean = all(blank(read_bytes(f"{machine.root}/dev/{name}")) for name in ("sda", "sdb"))
        return status == 2 and message in output and output.count("flash: ") == 1 and clean
    return judge


def written(machine, status, output):
    data = read_bytes(f"{machine.root}/dev/sdb")
    return status == 0 and data[:len(IMAGE)] == IMAGE and blank(data[len(IMAGE):]) and len(data) == SECTORS * 512 and \
        "/dev/sdb: ACME Stick 3000, 15 MB; it gets image\n" in output and "writing: 10 MB of 10 MB" in output and \
        "comparing: 10 MB of 10 MB" in output


for what, prepare, which, answer, text in REFUSALS:
    case(f"refused: {what}", prepare, refused(text), which, answer)
case("a good stick: shown, written, compared, the rest left alone", nothing, written)
for bytes_of_sector, name in ((512, "pagewright.img"), (4096, "pagewright-4k.img")):
    with tempfile.TemporaryDirectory() as scratch:
        stick = Machine(scratch)
        stick.image = ""
        fact("sdb", "queue/logical_block_size", bytes_of_sector)(stick)
        fact("sdb", "size", 10 * SECTORS)(stick)
        code, said = stick.flash("/dev/sdb", typed="no\n")
        tap.result(code == 2 and f"it gets {name}" in said, f"sectors of {bytes_of_sector} bytes: {name} is taken", [said])
case("the same by its link", nothing, written, device="/dev/link")
with tempfile.TemporaryDirectory() as scratch:
    real = Machine(scratch)
    for path, message in (("/dev/null", "is not a block device"), ("/dev/nonexistent", "does not exist")):
        code, said = real.flash(path, root=False)
        tap.result(code == 2 and message in said, f"on this machine, refused: {path}", [f"status {code}", said])
with tempfile.TemporaryDirectory() as scratch:
    real = Machine(scratch)
    with subprocess.Popen(["tools/flash", "--image", real.image, "--root", scratch, "/dev/sdb"], cwd=tap.TOP,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as tool:
        said = tool.stdout.readline() + tool.stdout.read(1)
        fact("sdb", "device/model", "Camera")(real)
        said = (said + tool.communicate(b"sdb\n")[0]).decode()
    tap.result(tool.returncode == 2 and "another disk than the one that was shown" in said and
               blank(read_bytes(f"{scratch}/dev/sdb")), "refused: another stick has the name that was typed", [said])
with tempfile.TemporaryDirectory() as scratch:
    code, said = Machine(scratch).flash("/dev/sdb", limit=5 << 20)
    tap.result(code == 1 and "File too large; what is on the stick now is not the image" in said,
               "an error of the stick under way: status 1, and it says what that means", [f"status {code}", said])
# compare() finds one changed byte, in each piece, and a stick that ends early.
flash = source_tree.load("flash")
flash.progress = lambda *_: None
with tempfile.TemporaryFile() as image, tempfile.TemporaryFile() as stick:
    image.write(IMAGE)
    for at in (0, 5 << 20, len(IMAGE) - 1):
        stick.seek(0)
        stick.write(IMAGE[:at] + bytes([IMAGE[at] ^ 1]) + IMAGE[at + 1:])
        stick.flush()
        tap.result(flash.compare(image, stick.fileno(), len(IMAGE)) == at, f"byte {at} differs: found")
    stick.truncate(1000)
    stick.seek(0)
    stick.write(IMAGE[:1000])
    stick.flush()
    tap.result(flash.compare(image, stick.fileno(), len(IMAGE)) == 1000, "a stick that ends early: found")
    stick.seek(0)
    stick.write(IMAGE)
    stick.flush()
    tap.result(flash.compare(image, stick.fileno(), len(IMAGE)) is None, "an equal stick: nothing found")
tap.done()
