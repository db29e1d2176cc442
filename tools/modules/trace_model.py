# SPDX-License-Identifier: MIT
"""What memory looks like after each event of a trace: frames by owner, free blocks by order, slabs, areas.

    model = Model()
    for event in trace.events(): model.take(event); model.owned, model.free_blocks(), ...

Only events that were recorded count: a trace without the group `buddy` knows no free blocks.
"""
from collections import Counter
from dataclasses import dataclass

ORDERS = 10


class Zone:
    """The free blocks of a zone, by their first frame."""

    def __init__(self, name, start, end):
        self.name, self.start, self.end = name, start, end
        self.free = {}               # first frame -> order
        self.blocks = [0] * ORDERS
        self.wrong = []              # what the events say that can't be

    def put(self, pfn, order):
        self.free[pfn] = order
        self.blocks[order] += 1

    def take(self, pfn, order):
        if self.free.pop(pfn, None) != order:
            self.wrong.append(f"no free block of order {order} begins at frame {pfn:#x}")
            return
        self.blocks[order] -= 1

    def alloc(self, pfn, order, split_from):
        """The lower halves are split further; each upper half becomes free."""
        self.take(pfn, split_from)
        for upper in range(order, split_from):
            self.put(pfn + (1 << upper), upper)

    def release(self, pfn, order, merged, merged_to):
        """A block merges with its buddy, order by order."""
        offset = pfn - self.start
        for step in range(order, merged_to):
            self.take(self.start + (offset ^ 1 << step), step)
            offset &= ~(1 << step)
        if self.start + offset != merged:
            self.wrong.append(f"frame {pfn:#x} merges to {merged:#x}, not {self.start + offset:#x}")
        self.put(merged, merged_to)


@dataclass
class Cache:
    """A slab cache."""
    name: str
    objects: int = 0    # in a slab
    slabs: int = 0
    most: int = 0       # slabs at once
    made: int = 0       # slabs
    in_use: int = 0     # objects
    allocated: int = 0  # objects, in all


class Model:
    """The state after the events so far."""

    def __init__(self):
        self.owned = Counter()       # owner -> frames
        self.owner_of = {}           # first frame -> (owner, order, event)
        self.zones = {}              # index -> Zone
        self.caches = {}             # address -> Cache
        self.faults = Counter()      # (process, kind) -> number
        self.areas = {}              # mm -> {start: end}
        self.changes = Counter()     # (event of areas, process) -> number
        self.names = {}              # tid -> name
        self.takers = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith("on_")}

    def take(self, event):
        """The next event."""
        taker = self.takers.get(event.type.name)
        if taker:
            taker(event, **event.fields)

    def free_blocks(self):
        """The free blocks of each order, in the machine's zones."""
        return [sum(zone.blocks[order] for zone in self.zones.values()) for order in range(ORDERS)]

    def on_mm_page_alloc(self, event, pfn, order, owner, **_):
        self.owner_of[pfn] = (owner, order, event)
        self.owned[owner] += 1 << order

    def on_mm_filemap_add_to_page_cache(self, _, pfn, **__):
        """A page of shared memory comes back from swap: its frame was allocated for anonymous memory."""
        if pfn in self.owner_of and self.owner_of[pfn][0] == "anon":
            self.owned["anon"] -= 1
            self.owned["pagecache"] += 1
            self.owner_of[pfn] = ("pagecache", *self.owner_of[pfn][1:])

    def on_mm_page_free(self, _, pfn, order, **__):
        owner = self.owner_of.pop(pfn, None)
        if owner:
            self.owned[owner[0]] -= 1 << owner[1]

    def on_zone_create(self, _, zone, name, start, end):
        self.zones[zone] = Zone(name, start, end)

    def on_block_alloc(self, _, zone, pfn, order, split_from):
        if zone in self.zones:
            self.zones[zone].alloc(pfn, order, split_from)

    def on_block_free(self, _, zone, pfn, order, merged, merged_to):
        if zone in self.zones:
            self.zones[zone].release(pfn, order, merged, merged_to)

    def on_slab_create(self, _, cache, name, objects, **__):
        entry = self.caches.setdefault(cache, Cache(name))
        entry.name, entry.objects = name, objects
        entry.slabs += 1
        entry.most = max(entry.most, entry.slabs)
        entry.made += 1

    def on_slab_destroy(self, _, cache, **__):
        if cache in self.caches:
            self.caches[cache].slabs -= 1

    def on_kmem_cache_alloc(self, _, cache, ptr, **__):
        if ptr:
            entry = self.caches.setdefault(cache, Cache(f"{cache:#x}"))
            entry.in_use += 1
            entry.allocated += 1

    def on_kmem_cache_free(self, _, cache, **__):
        if cache in self.caches:
            self.caches[cache].in_use -= 1

    def on_fault(self, event, kind, **_):
        self.faults[self.name(event.pid), kind] += 1

    def name(self, pid):
        """The name of a process, as far as the scheduler's events told it."""
        return self.names.get(pid, f"pid {pid}")

    def on_sched_switch(self, _, prev_comm, prev_pid, next_comm, next_pid, **__):
        self.names[prev_pid], self.names[next_pid] = prev_comm or "idle", next_comm or "idle"

    def on_sched_process_fork(self, _, child_comm, child_pid, **__):
        self.names[child_pid] = child_comm

    def on_sched_process_exec(self, _, comm, pid):
        self.names[pid] = comm

    def on_mm_create(self, event, mm, **_):
        self.areas[mm] = {}
        self.changes["mm_create", self.name(event.pid)] += 1

    def on_mm_destroy(self, _, mm):
        self.areas.pop(mm, None)

    def _area(self, event, mm):
        """The areas of a space: start -> end. Counts the change."""
        self.changes[event.type.name, self.name(event.pid)] += 1
        return self.areas.setdefault(mm, {})

    def on_area_insert(self, event, mm, start, end, **_):
        self._area(event, mm)[start] = end

    def on_area_remove(self, event, mm, start, **_):
        self._area(event, mm).pop(start, None)

    def on_area_split(self, event, mm, start, at, end):
        self._area(event, mm).update({start: at, at: end})

    def on_area_merge(self, event, mm, start, next, end):  # pylint: disable=redefined-builtin
        areas = self._area(event, mm)
        areas.pop(next, None)
        areas[start] = end

    def on_area_set_start(self, event, mm, start, end, to):
        areas = self._area(event, mm)
        areas.pop(start, None)
        areas[to] = end

    def on_area_set_end(self, event, mm, start, to, **_):
        self._area(event, mm)[start] = to


def unusable(blocks, order):
    """The part of the free frames in blocks that are too small for this order: 0 to 1."""
    free = sum(count << i for i, count in enumerate(blocks))
    return sum(count << i for i, count in enumerate(blocks[:order])) / free if free else 0.0
