# SPDX-License-Identifier: MIT
"""The slab allocator: pw-slabs."""
import gdb

from . import kernel
from .kernel import symbol

HEAD = ("slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : "
        "tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>")


def caches():
    """All caches."""
    return kernel.members(symbol("cache_list"), "struct kmem_cache", "link")


def free_objects(slab, objects):
    """The indexes of the chain of free objects."""
    index = int(slab["free"])
    chain = kernel.read(int(slab["next"].address), objects)
    found = []
    while index < objects and len(found) < objects:
        found.append(index)
        index = chain[index]
    return found


def show_slabs(cache):
    """A line for each slab of a cache: . is a free object, # one in use."""
    objects = int(cache["objects"])
    for name in ("full", "partial", "free"):
        for slab in kernel.members(cache[name], "struct slab", "link"):
            free = set(free_objects(slab, objects))
            kernel.write(f"slab: list={name} slab={int(slab.address):#x} objects={int(slab['objects']):#x} "
                         f"inuse={int(slab['inuse'])} {''.join('.' if i in free else '#' for i in range(objects))}")


@kernel.command("pw-slabs")
def pw_slabs(argument):
    """Show the slab caches: pw-slabs [NAME]

The lines are those of /proc/slabinfo. With a name: that cache and its slabs, a character for each object."""
    found = [cache for cache in caches() if not argument or cache["name"].string() == argument]
    if not found:
        raise gdb.GdbError(f"pw-slabs: no cache has the name {argument}")
    if not argument:
        kernel.write(HEAD)
    for cache in found:
        slabs, objects = int(cache["slabs"]), int(cache["objects"])
        kernel.write(f"{cache['name'].string():<17} {int(cache['inuse']):6} {slabs * objects:6} {int(cache['size']):6} "
                     f"{objects:4} {1 << int(cache['order']):4} : tunables    0    0    0 : slabdata {slabs:6} {slabs:6}      0")
        if argument:
            show_slabs(cache)
