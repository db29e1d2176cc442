# SPDX-License-Identifier: MIT
"""The kernel's checkers: pw-check."""
import gdb

from . import calls, kernel, spaces
from .kernel import symbol


def verdict(name, text, where=None):
    """A line for one checker; raises an error if it found something."""
    if not text:
        kernel.write(f"{name}: good")
        return
    place = f" at {where}" if where else ""
    kernel.write(f"{name}: VIOLATED: {text.string()}{place}")


def check_census():
    """mm_census(): everything."""
    with calls.Frame():
        scratch = calls.Scratch(kernel.ctype("struct census").sizeof)
        calls.call("mm_census", scratch.address)
        census = scratch.value("struct census")
        place = census["place"].string() if census["violated"] else ""
        verdict("census", census["violated"], f"{place + ' ' if place else ''}{int(census['where']):#x}")


def check_zone(name):
    """zone_validate()."""
    with calls.Frame():
        for i in range(kernel.constant("NR_ZONES")):
            zone = symbol("zones")[i]
            if not name or zone["name"].string().lower() == name.lower():
                verdict("zone " + zone["name"].string(), calls.call("zone_validate", zone.address))


def check_slabs(_):
    """kmem_cache_validate_all()."""
    with calls.Frame():
        scratch = calls.Scratch(4)
        found = calls.call("kmem_cache_validate_all", scratch.address)
        name = gdb.Value(scratch.address).cast(kernel.ctype("char").pointer().pointer()).dereference()
        verdict("slabs", found, name.string() if found else None)


def check_mm(text):
    """mm_validate()."""
    mm, _ = spaces.find(text)
    with calls.Frame():
        scratch = calls.Scratch(4)
        found = calls.call("mm_validate", mm.address, scratch.address)
        verdict("mm", found, hex(int(kernel.words(scratch.address, 1)[0])))


def check_vmalloc(_):
    """vmalloc_validate()."""
    with calls.Frame():
        verdict("vmalloc", calls.call("vmalloc_validate", symbol("vmalloc_space").address))


CHECKS = {"census": lambda _: check_census(), "zone": check_zone, "slabs": check_slabs, "mm": check_mm, "vmalloc": check_vmalloc}


@kernel.command("pw-check")
def pw_check(argument):
    """Call a checker of the kernel: pw-check [census | zone [NAME] | slabs | mm [PID | MM] | vmalloc]

Without an argument: the census, which checks every frame and structure. It calls functions of the kernel (see pw-call),
which change nothing and allocate nothing. In the middle of an operation, such as between the lines of buddy_alloc(),
an invariant may be violated for good reasons."""
    name, _, rest = argument.partition(" ")
    if (name or "census") not in CHECKS:
        raise gdb.GdbError(f"pw-check: {name}: there are {', '.join(CHECKS)}")
    CHECKS[name or "census"](rest.strip())
