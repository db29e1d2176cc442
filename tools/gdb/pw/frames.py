# SPDX-License-Identifier: MIT
"""Frames and zones: pw-frames, pw-zone."""
import gdb

from . import kernel, spaces, tasks
from .kernel import constant, symbol

LETTERS = ".RKTSVACH"  # as /proc/frames, in the order of enum page_owner


class Frames:
    """mem_map as it is now, read at once."""

    def __init__(self):
        self.base, self.size = int(symbol("mem_map")), kernel.ctype("struct page").sizeof
        self.count = int(symbol("max_pfn"))
        if not self.count:
            raise gdb.GdbError("there is no mem_map yet: `break init_main`, `continue`, and try again")
        self.words = kernel.words(self.base, self.count * self.size // 4)
        self.order_mask = constant("BLOCK_ORDER")

    def word(self, pfn, member):
        """A word of a frame's struct page."""
        return self.words[(pfn * self.size + kernel.offset("struct page", member)) // 4]

    def owner(self, pfn):
        """As page_owner(): of the block that begins here."""
        if not self.word(pfn, "count"):
            return constant("OWNER_FREE")
        return self.word(pfn, "flags") >> constant("PAGE_OWNER_SHIFT") & 0xf

    def block(self, pfn):
        """The first frame of the block that a frame is in, as frame_owner() finds it; None: in none."""
        for order in range(max_order()):
            first = pfn & ~((1 << order) - 1)
            if self.word(first, "flags") & constant("PG_reserved") or self.word(first, "block"):
                return first
        return None

    def blocks(self):
        """(first frame, frames, owner) of each block, in ascending order."""
        pfn = 0
        while pfn < self.count:
            frames = 1 << (self.word(pfn, "block") & self.order_mask)
            yield pfn, frames, self.owner(pfn)
            pfn += frames

    def free_list(self, zone, order):
        """The first frames of the zone's free blocks of an order, in the list's order."""
        head = zone["free_area"][order]["free_list"]
        link, end = int(head["next"]), int(head.address)
        while link != end:
            pfn = (link - self.base) // self.size
            yield pfn
            link = self.word(pfn, "lru")


def max_order():
    """The number of free lists of a zone."""
    return kernel.ctype("struct zone")["free_area"].type.range()[1] + 1


def owner_names():
    """The owners as the kernel's log names them."""
    return [kernel.enum_name(name) for name, value in sorted(kernel.enumerators("page_owner").items(), key=lambda x: x[1])
            if name != "NR_PAGE_OWNERS"]


def show_sums(frames):
    """The line of census_print()."""
    sums = [0] * len(LETTERS)
    for _, count, owner in frames.blocks():
        sums[owner] += count
    kernel.write("census: total=%u " % frames.count + " ".join(f"{name}={sums[i]}" for i, name in enumerate(owner_names())))


def show_map(frames):
    """The lines of /proc/frames."""
    reserved = constant("PG_reserved")
    letters = "".join(LETTERS[constant("OWNER_RESERVED") if frames.word(first, "flags") & reserved else owner] * count
                      for first, count, owner in frames.blocks())
    for first in range(0, frames.count, 64):
        kernel.write(f"{first << kernel.PAGE_SHIFT:08x} {letters[first:min(first + 64, frames.count)]}")


def mappings(pfn):
    """(task, address, entry) of each page-table entry of programs that maps a frame."""
    for mm, task in tasks.address_spaces():
        for address, entry, large in spaces.entries(mm["pgd"], 0, spaces.task_size()):
            pages = 1 << spaces.large_shift() - kernel.PAGE_SHIFT if large else 1
            if spaces.present(entry) and 0 <= pfn - (spaces.physical(entry, large) >> kernel.PAGE_SHIFT) < pages:
                yield task, address, entry


def describe(frames, pfn):
    """Lines about a frame."""
    flags = frames.word(pfn, "flags")
    zone = symbol("zones")[flags >> constant("PAGE_ZONE_SHIFT")]["name"].string()
    first = frames.block(pfn)
    owner = owner_names()[constant("OWNER_RESERVED") if flags & constant("PG_reserved") else
                          frames.owner(first) if first is not None else constant("OWNER_FREE")]
    kernel.write(f"frame: pfn={pfn:#x} physical={pfn << kernel.PAGE_SHIFT:#010x} zone={zone} owner={owner} "
                 f"count={frames.word(pfn, 'count')} flags={','.join(kernel.names_of_bits(flags, 'page_flags', 'PG_')) or '-'}")
    if first is not None and frames.word(first, "block"):
        mark = frames.word(first, "block")
        kind = "free" if mark & constant("BLOCK_FREE") else "hot" if mark & constant("BLOCK_HOT") else "allocated"
        kernel.write(f"  block: first={first:#x} order={mark & frames.order_mask} {kind}")
    page = kernel.struct_at("struct page", frames.base + pfn * frames.size)
    if flags & constant("PG_slab"):
        kernel.write(f"  slab: cache={page['cache']['name'].string()} slab={int(page['slab']):#x}")
    elif owner == "pagecache" and page["mapping"]:
        mapping = page["mapping"].cast(kernel.ctype("struct address_space").pointer()).dereference()
        kernel.write(f"  page: index={int(page['index'])} of {spaces.mapping_name(mapping) or hex(int(page['mapping']))}")
    for task, address, entry in mappings(pfn):
        name = f"pid={int(task['pid'])} name={task['name'].string()}" if task is not None else "pid=- name=-"
        kernel.write(f"  mapped: {name} address={address:#010x} {spaces.entry_text(entry)}")


@kernel.command("pw-frames")
def pw_frames(argument):
    """Show frames by their owner: pw-frames [map | PFN | &PAGE]

Without an argument: the sums, as the kernel's census has them. map: one character for each frame, as /proc/frames.
A frame number, or the address of a struct page: what it is used for, and each page-table entry that maps it."""
    frames = Frames()
    if not argument:
        show_sums(frames)
    elif argument == "map":
        show_map(frames)
    else:
        value = gdb.parse_and_eval(argument)
        pfn = int(value)
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
            pfn = (pfn - frames.base) // frames.size
        if not 0 <= pfn < frames.count:
            raise gdb.GdbError(f"pw-frames: {argument}: the frames are 0 .. {frames.count - 1:#x}")
        describe(frames, pfn)


def show_zone(frames, zone):
    """The lines of zone_print()."""
    name, free = zone["name"].string(), int(zone["free_pages"])
    kernel.write(f"zone: name={name} start={int(zone['start']):#x} end={int(zone['end']):#x} "
                 f"present={int(zone['present_pages'])} free={free} min={int(zone['pages_min'])} "
                 f"low={int(zone['pages_low'])} high={int(zone['pages_high'])}")
    lower = 0
    for order in range(max_order()):
        blocks = sum(1 for _ in frames.free_list(zone, order))
        unusable = lower + int(zone["nr_hot"]) if order else 0
        kernel.write(f"buddy: zone={name} order={order} blocks={blocks} unusable={unusable * 1000 // free if free else 0}")
        lower += blocks << order


@kernel.command("pw-zone")
def pw_zone(argument):
    """Show a zone and its free lists: pw-zone [NAME [ORDER]]

The lines are those of the kernel's log. Without a name: all zones. With an order: the free blocks of that order,
in the order of the list, by their first frame."""
    frames = Frames()
    name, _, order = argument.partition(" ")
    zones = [symbol("zones")[i] for i in range(constant("NR_ZONES"))]
    chosen = [zone for zone in zones if not name or zone["name"].string().lower() == name.lower()]
    if not chosen:
        raise gdb.GdbError(f"pw-zone: {name}: there are {', '.join(zone['name'].string() for zone in zones)}")
    for zone in chosen:
        if order:
            kernel.write(" ".join(f"{pfn:#x}" for pfn in frames.free_list(zone, int(order, 0))) or "none")
        else:
            show_zone(frames, zone)
