# SPDX-License-Identifier: MIT
"""How gdb prints areas, pages and entries. print/r shows the members instead."""
import gdb
import gdb.printing

from . import frames, kernel, spaces


class Area:
    """struct vm_area_struct: its line in /proc/PID/maps."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """The text."""
        return spaces.area_text(self.value)


class Page:
    """struct page: its frame number, owner, count and flags."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """The text."""
        flags = int(self.value["flags"])
        pfn = "?"
        if self.value.address is not None:
            pfn = hex((int(self.value.address) - int(kernel.symbol("mem_map"))) // self.value.type.sizeof)
        owner = frames.owner_names()[flags >> kernel.constant("PAGE_OWNER_SHIFT") & 0xf] if int(self.value["count"]) else "free"
        names = ",".join(kernel.names_of_bits(flags, "page_flags", "PG_")) or "-"
        return f"pfn={pfn} owner={owner} count={int(self.value['count'])} flags={names}"


class Entry:
    """pte_t, pgd_t, pmd_t."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        """The text."""
        value = self.value
        while value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
            value = value[value.type.strip_typedefs().fields()[0].name]
        return spaces.entry_text(int(value))


def lookup(value):
    """gdb calls it for each value that it prints."""
    name = value.type.name or value.type.strip_typedefs().tag or ""
    printer = {"vm_area_struct": Area, "page": Page, "pte_t": Entry, "pgd_t": Entry, "pmd_t": Entry}.get(name)
    return printer(value) if printer else None


lookup.name = "pagewright"
lookup.enabled = True
gdb.printing.register_pretty_printer(None, lookup, replace=True)
