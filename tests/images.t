#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The three images, as independent programs see them (fsck.fat, sgdisk, xorriso, mtools), and as the
specification has them: UEFI 2.10, 5.3 (GPT), 13.3 (file system), and PE/COFF for the loaders."""
import os
import re
import struct
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402
from kernel_log import read_bytes  # noqa: E402
from qemu_machine import volume_offset  # noqa: E402

SECTOR = 512
MIB = 1 << 20
SYSTEM_PARTITION = bytes.fromhex("28732ac11ff8d211ba4b00a0c93ec93b")
GPT, FAT, ISO = (os.path.join(tap.BUILD, name) for name in ("pagewright.img", "pagewright-fat.img", "pagewright.iso"))
LARGE = 16 << 30
# Where sgdisk and fsck.fat are, which not every user's PATH has.
os.environ["PATH"] += ":/usr/sbin:/sbin"


def read_at(path, sector, count):
    """Sectors of a file."""
    with open(path, "rb") as file:
        file.seek(sector * SECTOR)
        return file.read(count * SECTOR)


def check_header(path, sector, bad):
    """One GPT header and its entries; returns its fields and the entries. Adds errors to bad."""
    block = read_at(path, sector, 1)
    if block[:8] != b"EFI PART":
        bad.append(f"no GPT header in sector {sector}")
        return {}, b""
    size, crc = struct.unpack_from("<II", block, 12)
    names = ("own", "other", "first", "last", "guid", "entries", "count", "size", "crc")
    header = dict(zip(names, struct.unpack_from("<QQQQ16sQIII", block, 24)))
    if zlib.crc32(block[:16] + bytes(4) + block[20:size]) != crc:
        bad.append(f"the checksum of the header in sector {sector}")
    if header["own"] != sector:
        bad.append(f"the header in sector {sector} says it is in {header['own']}")
    entries = read_at(path, header["entries"], header["count"] * header["size"] // SECTOR)
    if zlib.crc32(entries) != header["crc"]:
        bad.append(f"the checksum of the entries of sector {sector}")
    return header, entries


def check_gpt(path):
    """The errors of a partition table."""
    bad = []
    kinds = [read_at(path, 0, 1)[at + 4] for at in range(446, 510, 16)]
    if read_at(path, 0, 1)[510:] != b"\x55\xaa" or kinds.count(0xee) != 1 or sum(kinds) != 0xee:
        bad.append(f"no protective MBR: partitions of type {kinds}")
    header, entries = check_header(path, 1, bad)
    if bad:
        return bad
    copy, others = check_header(path, header["other"], bad)
    if not bad and (others != entries or copy["other"] != 1 or copy["guid"] != header["guid"]):
        bad.append("the backup is not that of this table")
    for at in range(0, len(entries), header["size"]):
        start, end = struct.unpack_from("<QQ", entries, at + 32)
        if entries[at:at + 16] != bytes(16) and not header["first"] <= start <= end <= header["last"]:
            bad.append(f"a partition at {start}..{end}, beyond {header['first']}..{header['last']}")
    if [entries[at:at + 16] for at in range(0, len(entries), header["size"])].count(SYSTEM_PARTITION) != 1:
        bad.append("not one EFI system partition")
    return bad


def check_fat(label, image, scratch):
    """The volume of an image: clean, and with the right files on it."""
    offset = volume_offset(image)
    volume = os.path.join(scratch, "volume")
    with open(image, "rb") as file:
        file.seek(offset)
        head = file.read(SECTOR)
        sectors = struct.unpack_from("<H", head, 19)[0] or struct.unpack_from("<I", head, 32)[0]
        file.seek(offset)
        data = file.read(sectors * SECTOR)
    with open(volume, "wb") as file:
        file.write(data)
    status, output = tap.run("fsck.fat", "-n", volume)
    tap.result(status == 0 and len(data) == sectors * SECTOR, f"{label}: fsck.fat -n", output)
    for name in ("BOOTX64.EFI", "BOOTIA32.EFI"):
        tap.run("mcopy", "-o", "-i", f"{image}@@{offset}", f"::/EFI/BOOT/{name}", os.path.join(scratch, name))
        tap.result(read_bytes(os.path.join(scratch, name)) == read_bytes(os.path.join(tap.BUILD, "efi", name)),
                   f"{label}: {name} is on it")
    _, label_text = tap.run("mlabel", "-s", "-i", f"{image}@@{offset}", "::")
    tap.result("PAGEWRIGHT" in label_text, f"{label}: its name is PAGEWRIGHT", label_text)
    check_options(label, image, offset, scratch)
    return head


def check_options(label, image, offset, scratch):
    """The options file: what the source says, with line ends that every editor shows."""
    path = os.path.join(scratch, "pagewright.txt")
    tap.run("mcopy", "-o", "-i", f"{image}@@{offset}", "::/pagewright/pagewright.txt", path)
    text = read_bytes(path)
    source = read_bytes(os.path.join(tap.TOP, "image", "pagewright.txt"))
    tap.result(text and text == source.replace(b"\n", b"\r\n"), f"{label}: pagewright.txt, with CR LF", text.decode())


def sgdisk(path):
    """Whether sgdisk finds nothing wrong, and what it says."""
    status, output = tap.run("sgdisk", "-v", path)
    return status == 0 and "No problems found" in output, output


def check_gpt_image(scratch):
    """The image with a partition table, as it is and on a larger stick."""
    head = check_fat("GPT", GPT, scratch)
    good, output = sgdisk(GPT)
    tap.result(good, "GPT: sgdisk -v", output)
    tap.result(not check_gpt(GPT), "GPT: both tables are whole", check_gpt(GPT))
    tap.result(volume_offset(GPT) == MIB and struct.unpack_from("<I", head, 28)[0] == MIB // SECTOR,
               "GPT: the volume is at 1 MiB and knows it")
    tap.result(head[82:90] == b"FAT32   ", "GPT: the volume is FAT32", str(head[82:90]))
    large = os.path.join(scratch, "large.img")
    tap.run("cp", "--sparse=always", GPT, large)
    os.truncate(large, LARGE)
    tap.result(not check_gpt(large), "GPT on 16 GiB: both tables are whole", check_gpt(large))
    good, output = sgdisk(large)
    # sgdisk of Debian 13 says of the same that there is a gap after the secondary table.
    problems = re.findall(r"^(?:Problem|Caution|Warning(?!: There is a gap between the secondary))[^\n]*", output, re.MULTILINE)
    tap.result(len(problems) == 1 and "doesn't reside at the end of the disk" in " ".join(output.split()),
               "GPT on 16 GiB: sgdisk -v names the place of the backup, and nothing else", output)
    tap.run("sgdisk", "-e", large)
    good, output = sgdisk(large)
    tap.result(good and not check_gpt(large), "GPT on 16 GiB: sgdisk -e moves the backup, and nothing is left to say",
               output)
    os.remove(large)


def check_planted(scratch):
    """A check that finds nothing would pass everything: one byte of each part changed."""
    with open(GPT, "rb") as file:
        data = file.read()
    last = len(data) // SECTOR - 1
    for what, at in (("the MBR", 450), ("the header", SECTOR + 40), ("an entry", 2 * SECTOR + 20),
                     ("the backup", last * SECTOR + 24), ("the backup's entries", (last - 32) * SECTOR + 20)):
        path = os.path.join(scratch, "broken.img")
        with open(path, "wb") as file:
            file.write(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        tap.result(check_gpt(path), f"planted: a bit of {what} flipped")
        os.remove(path)


def check_iso(scratch):
    """The image that is a disc and a stick."""
    check_fat("ISO", ISO, scratch)
    good, output = sgdisk(ISO)
    tap.result(good and not check_gpt(ISO), "ISO: sgdisk -v, and both tables are whole", [output] + check_gpt(ISO))
    _, output = tap.run("xorriso", "-indev", ISO, "-report_el_torito", "plain", "-report_system_area", "plain")
    image = re.search(r"El Torito boot img : +\d+ +UEFI +y +none +\S+ +\S+ +(\d+) +(\d+)", output)
    tap.result(image and int(image[1]) * SECTOR == 16 * MIB and int(image[2]) * 2048 == volume_offset(ISO),
               "ISO: El Torito starts EFI from the partition", output)
    tree = os.path.join(scratch, "tree")
    status, output = tap.run("xorriso", "-osirrox", "on", "-indev", ISO, "-extract", "/", tree)
    for name, source in (("EFI/BOOT/BOOTX64.EFI", "efi/BOOTX64.EFI"), ("EFI/BOOT/BOOTIA32.EFI", "efi/BOOTIA32.EFI")):
        tap.result(status == 0 and read_bytes(os.path.join(tree, name)) == read_bytes(os.path.join(tap.BUILD, source)),
                   f"ISO: {name} is on the disc too", output)


def check_sections(name):
    """No section of a loader is both written to and executed: firmware that enforces this starts it."""
    data = read_bytes(os.path.join(tap.BUILD, "efi", name))
    pe = struct.unpack_from("<I", data, 60)[0]
    count, optional = struct.unpack_from("<H", data, pe + 6)[0], struct.unpack_from("<H", data, pe + 20)[0]
    alignment = struct.unpack_from("<I", data, pe + 24 + 32)[0]
    rights = {}
    for at in range(pe + 24 + optional, pe + 24 + optional + 40 * count, 40):
        flags = struct.unpack_from("<I", data, at + 36)[0]
        rights[data[at:at + 8].rstrip(b"\0").decode()] = (bool(flags >> 29 & 1), bool(flags >> 31 & 1))
    tap.result(rights.get(".text") == (True, False) and rights.get(".data") == (False, True) and
               (True, True) not in rights.values(), f"{name}: no section is writable and executable", str(rights))
    tap.result(struct.unpack_from("<H", data, pe + 24 + 70)[0] & 0x100, f"{name}: says so (NX_COMPAT)")
    tap.result(alignment == 4096, f"{name}: sections do not share pages", str(alignment))


with tempfile.TemporaryDirectory() as directory:
    check_gpt_image(directory)
    check_planted(directory)
    check_fat("FAT", FAT, directory)
    tap.result(volume_offset(FAT) == 0, "FAT: the volume is the image")
    check_iso(directory)
for loader in ("BOOTX64.EFI", "BOOTIA32.EFI"):
    check_sections(loader)
tap.done()
