# SPDX-License-Identifier: MIT
"""What memory looks like after each event of a trace: frames by owner, free blocks by order, slabs, areas.

    model = Model()
    for event in trace.events(): model.take(event); model.owned, model.free_blocks(), ...

Only events that were recorded count: a trace without the group `buddy` knows no free blocks.
"""
from collections import Counter

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


class Model:
    """The state after the events so far."""

    def __init__(self):
        self.owned = Counter()       # owner -> frames
        self.owner_of = {}           # first frame -> (owner, order, event)
        self.zones = {}              # index -> Zone
        self.caches = {}             # address -> [name, slabs, objects of a slab, objects in use]
        self.faults = Counter()      # (pid, kind) -> number
        self.areas = {}              # mm -> areas
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

    def on_mm_page_free(self, _, pfn, order, **__):
        owner = self.owner_of.pop(pfn, None)
        if owner:
            self.owned[owner[0]] -= 1 << order

    def on_zone_create(self, _, zone, name, start, end):
        self.zones[zone] = Zone(name, start, end)

    def on_block_alloc(self, _, zone, pfn, order, split_from):
        if zone in self.zones:
            self.zones[zone].alloc(pfn, order, split_from)

    def on_block_free(self, _, zone, pfn, order, merged, merged_to):
        if zone in self.zones:
            self.zones[zone].release(pfn, order, merged, merged_to)

    def on_slab_create(self, _, cache, name, objects, **__):
        entry = self.caches.setdefault(cache, [name, 0, objects, 0])
        entry[0], entry[2] = name, objects
        entry[1] += 1

    def on_slab_destroy(self, _, cache, **__):
        if cache in self.caches:
            self.caches[cache][1] -= 1
