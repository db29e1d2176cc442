#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes cpio archives, as fs/tmpfs/initramfs.h reads them: "newc", or "crc" with the sum of each file's bytes.

A file that is not smaller than a page begins at a page of the archive, so that the kernel can map the archive's own
frames as the file's pages: NULs behind its name fill the gap, as gen_init_cpio of Linux does it for its option -a.
Linux takes names of up to PATH_MAX bytes; a larger gap gets an entry for "." besides, which changes nothing.
"""
import os
import stat
import sys

PAGE_SIZE = 4096
PATH_MAX = 4096
HEADER = 110  # bytes


class Archive:
    """An archive that is written to an open file. Source of the format: cpio(5)."""

    def __init__(self, out, sums=False, time=0):
        self.out, self.sums, self.time = out, sums, time
        self.place = self.count = 0

    def _write(self, name, size, mode, data, device):
        """One entry. `size`: of the name with all its NULs."""
        self.count += 1
        links = 2 if stat.S_ISDIR(mode) else 1
        total = sum(data) & 0xffffffff if self.sums and stat.S_ISREG(mode) else 0
        fields = (self.count, mode, 0, 0, links, self.time, len(data), 0, 0, device >> 8, device & 255, size, total)
        head = (b"070702" if self.sums else b"070701") + b"".join(b"%08x" % field for field in fields)
        head += name + bytes(size - len(name))
        entry = head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
        self.out.write(entry)
        self.place += len(entry)

    def add(self, name, mode, data=b"", device=0):
        """Adds a file, folder, link (`data`: its target) or device, owned by root."""
        name = os.fsencode(name)
        size = len(name) + 1
        if stat.S_ISREG(mode) and len(data) >= PAGE_SIZE:
            # Of the first sizes that do for the name, the one that ends at a page.
            size += -(self.place + HEADER + size) % PAGE_SIZE
            if size > PATH_MAX:
                self._write(b".", 2, stat.S_IFDIR | 0o755, b"", 0)
                self.add(name, mode, data, device)
                return
        self._write(name, size, mode, data, device)

    def end(self):
        """Writes the last entry."""
        self._write(b"TRAILER!!!", 11, 0, b"", 0)


def names(folder):
    """All files and folders below this one, sorted by bytes."""
    found = [os.path.relpath(os.path.join(root, name), folder)
             for root, folders, files in os.walk(folder) for name in folders + files]
    return sorted(found, key=os.fsencode)


def main():
    """cpio.py FOLDER TIME: writes an archive with sums to the standard output."""
    folder, time = sys.argv[1:]
    archive = Archive(sys.stdout.buffer, sums=True, time=int(time))
    for name in names(folder):
        path = os.path.join(folder, name)
        mode = os.lstat(path).st_mode
        with open(os.devnull if stat.S_ISDIR(mode) else path, "rb") as file:
            archive.add(name, mode, file.read())
    archive.end()


if __name__ == "__main__":
    main()
