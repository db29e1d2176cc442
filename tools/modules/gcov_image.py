# SPDX-License-Identifier: MIT
"""Counts of gcov in the memory of a program without a C library, for tools/kernel-coverage.

gcc -fprofile-arcs -fprofile-info-section leaves no code to call: only counters, and in the section
.gcov_info one pointer for each object to a description of them. So the counts are read from a copy of
memory, and the program needs no part that writes them. Words are of 32 bits, as on the i386:

    __start_gcov_info ─> gcov_info ─> functions[] ─> gcov_fn_info ─> counters[], 64 bits each

Sources: gcc's gcov-io.h (the form of a .gcda file), libgcov.h and the manual's options; gcc 12 to 14.
"""
import os
import struct
import subprocess

DATA_MAGIC = 0x67636461
TAG_FUNCTION = 0x01000000
TAG_COUNTERS = 0x01a10000  # of arcs
# A slot for each kind of counter: 8 in gcc 12, 9 in gcc 14. Only that of arcs is in use.
MOST_KINDS = 16


def symbols(path):
    """Addresses by name, of an ELF file."""
    lines = subprocess.run([os.environ.get("NM", "nm"), path], stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")
    return {words[2]: int(words[0], 16) for words in map(str.split, lines) if len(words) == 3}


class Image:
    """Memory from the address `base` on."""

    def __init__(self, memory, base):
        self.memory = memory
        self.base = base

    def words(self, address, number):
        return struct.unpack_from(f"<{number}I", self.memory, address - self.base)

    def text(self, address):
        start = address - self.base
        return self.memory[start:self.memory.index(b"\0", start)].decode()

    def functions(self, address):
        """The functions of one gcov_info: (ident, lineno_checksum, cfg_checksum, counters)."""
        slots = self.words(address + 20, MOST_KINDS + 2)
        # merge[], of which the first is not 0; then the number of functions, and their addresses.
        at = next(i for i in range(1, len(slots)) if slots[i])
        for place in self.words(slots[at + 1], slots[at]):
            key, *ids, number, values = self.words(place, 6) if place else (0,) * 6
            # A function that several objects have is described in one of them.
            if key == address:
                yield (*ids, struct.unpack_from(f"<{number}Q", self.memory, values - self.base))

    def objects(self, first, end):
        """(path of the .gcda file, (version, stamp, checksum), functions) of each object."""
        for address in self.words(first, (end - first) // 4):
            version, _, stamp, checksum, name = self.words(address, 5)
            yield self.text(name), (version, stamp, checksum), list(self.functions(address))


def data_file(identity, functions):
    """The bytes of a .gcda file."""
    parts = [struct.pack("<4I", DATA_MAGIC, *identity)]
    for *ids, counters in functions:
        parts.append(struct.pack("<5I", TAG_FUNCTION, 12, *ids))
        parts.append(struct.pack(f"<2I{len(counters)}Q", TAG_COUNTERS, 8 * len(counters), *counters))
    return b"".join(parts) + struct.pack("<I", 0)


class Counts:
    """The sum of several images of the same program."""

    def __init__(self):
        self.files = {}

    def add(self, memory, elf, base_symbol):
        names = symbols(elf)
        image = Image(memory, names[base_symbol])
        for path, identity, functions in image.objects(names["__start_gcov_info"], names["__stop_gcov_info"]):
            known = self.files.get(path)
            if known:
                functions = [(*new[:3], tuple(map(sum, zip(old[3], new[3])))) for old, new in zip(known[1], functions)]
            self.files[path] = identity, functions

    def write(self, rename=lambda path: path):
        for path, (identity, functions) in self.files.items():
            with open(rename(path), "wb") as file:
                file.write(data_file(identity, functions))
