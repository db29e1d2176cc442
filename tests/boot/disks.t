#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Disks: a swap partition of Debian's tools is found at AHCI and NVMe, written and read; every other disk is byte for byte the
same after a boot; errors are retried and reported."""
import concurrent.futures
import hashlib
import os
import struct
import sys
import tempfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import kernel_log  # noqa: E402
import swap_disk  # noqa: E402
import tap  # noqa: E402

MIB = 1 << 20
SIZE = 8 * MIB
PAGES = SIZE // 4096 - 1
UUIDS = [f"{digit * 8}-{digit * 4}-{digit * 4}-{digit * 4}-{digit * 12}" for digit in "123456789abcdef"]
SWAP_AT = swap_disk.FIRST * swap_disk.SECTOR
LINUX_DATA = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"


def patch(path, offset, data):
    """Overwrites bytes; a negative offset counts from the end."""
    with open(path, "r+b") as file:
        file.seek(offset, os.SEEK_END if offset < 0 else os.SEEK_SET)
        file.write(data)


def fingerprint(path):
    """All of a disk, as a number."""
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def seal(path, header, entries):
    """Makes the checksums of a GPT header right again; header and entries are offsets."""
    with open(path, "r+b") as file:
        file.seek(entries)
        crc = zlib.crc32(file.read(128 * 128))
        file.seek(header)
        data = bytearray(file.read(92))
        struct.pack_into("<I", data, 88, crc)
        struct.pack_into("<I", data, 16, 0)
        struct.pack_into("<I", data, 16, zlib.crc32(data))
        file.seek(header)
        file.write(data)


# ---- Disks that must not be written: what is done to a good one, and the reason that the log gives ----

def other_type(path):
    swap_disk.partition(path, SIZE, LINUX_DATA)
    swap_disk.swap_space(path, SIZE, "-L", "pagewright")


def other_label(path):
    swap_disk.make(path, SIZE, label="swap")


def no_label(path):
    swap_disk.make(path, SIZE, label=None)


def no_header(path):
    swap_disk.partition(path, SIZE)
    patch(path, SWAP_AT, b"data of somebody")


def damaged_header(path):
    swap_disk.make(path, SIZE)
    patch(path, SWAP_AT + 4095, b"3")


def too_long(path):
    swap_disk.make(path, SIZE)
    patch(path, SWAP_AT + 1028, struct.pack("<I", SIZE // 4096))


def damaged_primary(path):
    swap_disk.make(path, SIZE)
    patch(path, 512 + 40, b"\xff")


def damaged_entries(path):
    swap_disk.make(path, SIZE)
    patch(path, 1024 + 60, b"x")


def no_backup(path):
    """A disk that was copied to a larger one."""
    swap_disk.make(path, SIZE)
    with open(path, "r+b") as file:
        file.truncate(SIZE + 4 * MIB)


def contradiction(path):
    """The backup has another end of the partition, and right checksums."""
    swap_disk.make(path, SIZE)
    size = os.path.getsize(path)
    patch(path, size - 33 * 512 + 40, struct.pack("<Q", swap_disk.FIRST + 4095))
    seal(path, size - 512, size - 33 * 512)


def mbr_only(path):
    swap_disk.partition(path, SIZE, "82", "dos")
    swap_disk.swap_space(path, SIZE, "-L", "pagewright")


def no_table(path):
    """Swap space on the whole disk."""
    with open(path, "wb") as file:
        file.truncate(SIZE)
    space = path + ".whole"
    swap_disk.make(space, SIZE)
    with open(space, "rb") as file:
        file.seek(SWAP_AT)
        patch(path, 0, file.read(4096))
    os.unlink(space)


BAD = [(other_type, None), (other_label, "its label is not pagewright"), (no_label, "its label is not pagewright"),
       (no_header, "it has no swap header"), (damaged_header, "it has no swap header"),
       (too_long, "its swap header does not fit the partition"), (damaged_primary, "the primary header is damaged"),
       (damaged_entries, "the entries are damaged"), (no_backup, "the last sector is no backup header"),
       (contradiction, "primary and backup contradict each other"), (mbr_only, None), (no_table, None)]


def sectors_of_4096(path):
    """A GPT with sectors of 4096 bytes, which sfdisk does not make in a file."""
    total, first, sectors = SIZE // 4096 + 512, 256, SIZE // 4096
    swap = bytes.fromhex("6dfd5706aba4c44384e50933c84b4f4f")
    entries = (swap + b"\1" * 16 + struct.pack("<QQQ", first, first + sectors - 1, 0)).ljust(128 * 128, b"\0")
    with open(path, "wb") as file:
        file.truncate(total * 4096)
    mbr = bytes(446) + b"\0\0\2\0\xee\xff\xff\xff" + struct.pack("<II", 1, total - 1)
    patch(path, 0, mbr.ljust(510, b"\0") + b"\x55\xaa")
    for own, other, table in ((1, total - 1, 2), (total - 1, 1, total - 5)):
        header = b"EFI PART" + struct.pack("<IIIIQQQQ", 0x10000, 92, 0, 0, own, other, 6, total - 6) + b"\7" * 16
        patch(path, own * 4096, header + struct.pack("<QII", table, 128, 128))
        patch(path, table * 4096, entries)
        seal(path, own * 4096, table * 4096)
    space = path + ".part"
    swap_disk.make(space, SIZE, UUIDS[2])
    with open(space, "rb") as file:
        file.seek(SWAP_AT)
        patch(path, first * 4096, file.read(4096))
    os.unlink(space)


# ---- Boots ----

def check(good, name, notes):
    """One result; the notes of a boot are shown once."""
    if not tap.result(good, name, notes):
        notes[:] = ["the log is shown above"]


def ahci(index, path, name, debug=""):
    """QEMU's words for a disk at port index % 6 of an AHCI controller of its own six."""
    controller = f"-device ich9-ahci,id=sata{index // 6} " if index % 6 == 0 else ""
    return (f"-drive if=none,id=a{index},format=raw,file={debug}{path} {controller}"
            f"-device ide-hd,bus=sata{index // 6}.{index % 6},drive=a{index},model={name}")


def nvme(index, path, more="", debug=""):
    """The same for NVMe."""
    return f"-drive if=none,id=n{index},format=raw,file={debug}{path}{more} -device nvme,serial=n{index},drive=n{index}"


def boot(name, words, options="", suites="disks,slab", **machine):
    """Boots with these disks, without firmware unless it is named. Returns the status, the log, and notes for a failure."""
    machine.setdefault("FW", "direct")
    status, output, path = tap.boot(f"disks-{name}", "--timeout", "200", "--stall", "90", *(f"--extra={word}" for word in words),
                                    OPTIONS=f"suites={suites} programs=none {options}", **machine)
    log = kernel_log.read(path)
    notes = [output] + [line.text for line in log.lines if line.text.startswith(("disk:", "swap:", "gpt:"))]
    return status, log, notes + [line.text for line in log.lines[-8:]]


def facts(log, prefix, key):
    """The facts of a prefix that have a key."""
    return [fact.fields for fact in log.facts_of(prefix) if key in fact.fields]


def good_disks(directory):
    """One at each kind of controller; they are written and read, and get their bytes back."""
    paths = [os.path.join(directory, name) for name in ("ahci", "nvme", "nvme-4096", "nvme-mdts")]
    swap_disk.make(paths[0], SIZE, UUIDS[0])
    swap_disk.make(paths[1], SIZE, UUIDS[1])
    sectors_of_4096(paths[2])
    swap_disk.make(paths[3], SIZE, UUIDS[5])
    uuids = UUIDS[:3] + UUIDS[5:6]
    before = list(map(fingerprint, paths))
    words = [ahci(0, paths[0], "good"), nvme(0, paths[1]), nvme(1, paths[2]).replace("serial", "logical_block_size=4096,physical_block_size=4096,serial"),
             nvme(2, paths[3]).replace("serial", "mdts=1,serial")]
    for index, place in enumerate(("AHCI", "NVMe", "NVMe with sectors of 4096 bytes", "NVMe with two pages in a command")):
        # The suite takes the first partition; so this disk alone, then all of them.
        status, log, notes = boot(f"good-{index}", [words[index]], "highmem=64M")
        found = facts(log, "swap", "uuid")
        check(status == 0, f"{place}: the run is good", notes)
        check(len(found) == 1 and found[0]["uuid"] == uuids[index] and found[0]["label"] == "pagewright"
                   and found[0]["pages"] == str(PAGES), f"{place}: the partition is found", notes)
        suite = [case for path, case in (kernel_log.cases(log.top) if log.top else ()) if "disks" in path]
        check(len(suite) == 6 and all(case.ok and not case.directive for case in suite), f"{place}: pages are written and read", notes)
    _, log, notes = boot("good-all", words, FW="ovmf-x64")
    check(sorted(fields["uuid"] for fields in facts(log, "swap", "uuid")) == sorted(uuids), "all of them at once", notes)
    check(list(map(fingerprint, paths)) == before, "the suite restores what it writes", notes)
    _, log, notes = boot("off", words, "disk=off")
    check(not log.facts_of("disk") and not log.facts_of("swap"), "disk=off: no disk is looked at", notes)


def bad_disks(directory):
    """All of them in one boot. Without firmware, because OVMF mends a table with one good copy before the loader runs (EDK II,
    MdeModulePkg/Universal/Disk/PartitionDxe/Gpt.c)."""
    paths = {}
    for make, _ in BAD:
        paths[make.__name__] = os.path.join(directory, make.__name__)
        make(paths[make.__name__])
    before = {name: fingerprint(path) for name, path in paths.items()}
    words = [ahci(index, paths[make.__name__], make.__name__) for index, (make, _) in enumerate(BAD)]
    status, log, notes = boot("bad", words)
    names = {fields["model"]: fields["name"] for fields in facts(log, "disk", "model")}
    reasons = {}
    for fields in facts(log, "gpt", "reason") + facts(log, "swap", "reason"):
        reasons[fields.get("disk") or fields["partition"].rpartition("p")[0]] = fields["reason"]
    check(status == 0, "disks that are not ours: the run is good", notes)
    check(not facts(log, "swap", "uuid"), "disks that are not ours: none is used", notes)
    for make, reason in BAD:
        name = make.__name__
        check(name in names and reasons.get(names[name]) == reason, f"{name}: {reason or 'no line'}", notes)
    for name, path in paths.items():
        check(fingerprint(path) == before[name], f"{name}: not a byte is changed", notes)


def read_only(directory):
    """A device that refuses writes, and does not say so before: QEMU's NVMe."""
    path = os.path.join(directory, "read-only")
    swap_disk.make(path, SIZE, UUIDS[4])
    before = fingerprint(path)
    status, log, notes = boot("read-only", [nvme(0, path, ",readonly=on")], suites="disks")
    lines = [fields for fields in facts(log, "disk", "error") if fields.get("request") == "write"]
    check(lines and all(fields["result"] == "failed" for fields in lines), "a read-only device: the lines", notes)
    check(status != 0 and any(line.text.startswith("verdict:") for line in log.lines), "a read-only device: the run goes on to its end",
               notes)
    check(fingerprint(path) == before, "a read-only device: not a byte is changed", notes)


def rule(directory, event, once, page):
    """QEMU's words for an error at a page of the swap space, once or always."""
    path = os.path.join(directory, f"{event}-{once}-{page}")
    with open(path, "w", encoding="ascii") as file:
        # The event makes the rule active; the type is that of the requests that fail from then on.
        file.write(f'[inject-error]\nevent = "{event}"\niotype = "{event.partition("_")[0]}"\nerrno = "5"\n'
                   f'sector = "{swap_disk.FIRST + 8 * page}"\nonce = "{once}"\n')
    return f"blkdebug:{path}:"


def errors(directory):
    """Errors of the medium, once and always: at page 1, with which requests of several lengths begin, and at page 17, which is
    in the middle of one of 32 pages and in no other. The log names the first sector of the request in both."""
    path = os.path.join(directory, "errors")
    swap_disk.make(path, SIZE, UUIDS[3])
    for controller, place, code in (("ahci", lambda debug: ahci(0, path, "errors", debug), ("task-file",)),
                                    ("nvme", lambda debug: nvme(0, path, debug=debug), ("status-0x280", "status-0x281"))):
        for event, once, page in (("read_aio", "on", 1), ("write_aio", "on", 1), ("write_aio", "off", 1),
                                  ("write_aio", "on", 17), ("read_aio", "off", 17), ("write_aio", "off", 17)):
            status, log, notes = boot(f"{controller}-{event}-{once}-{page}", [place(rule(directory, event, once, page))],
                                      suites="disks")
            lines = [fields for fields in facts(log, "disk", "error") if fields.get("request") == event.partition("_")[0]]
            what = f"{controller}: {event} fails {'once' if once == 'on' else 'always'} at page {page}"
            check(bool(lines) and all(fields["error"] in code and fields["sector"] == str(swap_disk.FIRST + 8)
                                      and fields["result"] == ("done" if once == "on" else "failed")
                                      and fields["retries"] == ("1" if once == "on" else "2") for fields in lines),
                  f"{what}: the line", notes)
            check((status == 0) == (once == "on"), f"{what}: the verdict", notes)
            check(any(line.text.startswith("verdict:") for line in log.lines), f"{what}: the run goes on to its end", notes)


def slow_boot():
    """A boot with devices that answer after 7 s. Without firmware, which would read them."""
    slow = [f"-blockdev driver=null-co,size=67108864,latency-ns=7000000000,node-name=slow{index}" for index in range(2)]
    return boot("timeouts", [slow[0] + " -device ich9-ahci,id=sata -device ide-hd,bus=sata.0,drive=slow0",
                             slow[1] + " -device nvme,serial=slow,drive=slow1"],
                suites="slab")


def timeouts(log, notes):
    """What the log of slow_boot() says."""
    for name in ("ahci0", "nvme0"):
        lines = [fields for fields in facts(log, "disk", "error") if fields["name"] == name]
        check([(fields["error"], fields["retries"], fields["result"]) for fields in lines] == [("timeout", "2", "failed")],
              f"{name}: a device that does not answer", notes)
    check(log.top and not kernel_log.judge(log), "devices that do not answer: the run is good", notes)


# The slow devices only wait.
with tempfile.TemporaryDirectory() as top, concurrent.futures.ThreadPoolExecutor(1) as beside:
    waiting = beside.submit(slow_boot)
    good_disks(top)
    bad_disks(top)
    read_only(top)
    errors(top)
timeouts(*waiting.result()[1:])
tap.done()
