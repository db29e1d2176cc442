#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each room includes only the rooms below it; and the checker finds each kind of violation where it is planted."""
import glob
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

# file, its one include, what the checker must say (None: nothing)
PLANTED = [
    ("mm/a.c", '#include "lib/types.h"', None),
    ("mm/a.c", '#include "mm/frames/page.h"', None),
    ("mm/slab/a.c", '#include "mm/frames/page.h"', None),
    ("mm/frames/a.c", '#include "mm/slab/slab.h"', "mm/slab/ lies above it"),
    ("mm/slab/a.c", '#include "mm/a.h"', "mm/ lies above it"),
    ("mm/a.c", '#include "kernel/cpu/trap.h"', "kernel/cpu/ lies above it"),
    ("lib/a.c", '#include "paging/pgtable.h"', "paging/ lies above it"),
    ("paging/a.c", '#include "mm/frames/page.h"', "mm/frames/ lies above it"),
    ("fs/a.c", '  #  include "kernel/cpu/trap.h"', "kernel/cpu/ lies above it"),
    ("kernel/start/a.c", '#include "kernel/cpu/trap.h"', None),
    ("kernel/cpu/a.c", '#include "kernel/start/a.h"', "kernel/start/ lies above it"),
    ("kernel/cpu/a.c", '#include "abi/boot/boot_info.h"', None),
    ("mm/a.c", '#include "abi/boot/boot_info.h"', None),
    ("abi/a.h", '#include "mm/frames/page.h"', "mm/frames/ lies above it"),
    ("kernel/a.c", '#include "lib/types.h"', "lies in no room"),
    ("kernel/start/a.c", '#include "efi/loader.h"', "efi/ lies above it"),
    ("kernel/start/a.S", '#include "tests/kernel/suite.h"', "tests/kernel/ lies above it"),
    ("tests/kernel/a.c", '#include "kernel/cpu/trap.h"', None),
    ("efi/a.c", '#include "kernel/cpu/trap.h"', None),
    ("mm/a.c", '#include "page.h"', "does not begin with a room"),
    ("mm/a.c", '#include "mm/../kernel/cpu/trap.h"', "does not begin with a room"),
    ("mm/a.c", '#include "mm/none.h"', "is not there"),
    ("mm/a.c", "#include HEADER", "cannot be checked"),
    ("mm/a.c", "#include <stdint.h>", None),
    ("mm/a.c", "#include <stdio.h>", "is not there in a kernel"),
    ("tests/host/a.c", "#include <stdio.h>", None),
    ("tests/host/a.c", '#include "efi/loader.h"', None),
    ("kernel/disks/a.c", '#include "kernel/disks/driver.h"', None),
    ("tests/host/a.c", '#include "kernel/disks/driver.h"', None),
    ("kernel/start/a.c", '#include "kernel/disks/driver.h"', "is private"),
    ("tests/kernel/a.c", '#include "kernel/disks/driver.h"', "is private"),
    ("tests/kernel/a.c", '#include "efi/loader.h"', "efi/ lies above it"),
]
HEADERS = ["lib/types.h", "paging/pgtable.h", "mm/a.h", "mm/frames/page.h", "mm/slab/slab.h", "kernel/cpu/trap.h", "kernel/start/a.h", "kernel/disks/driver.h",
           "abi/boot/boot_info.h", "efi/loader.h", "tests/kernel/suite.h"]


def plant(path, include, wanted):
    """Runs the checker on a small tree with one include in it."""
    with tempfile.TemporaryDirectory() as top:
        for name in HEADERS + [path]:
            os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
            with open(os.path.join(top, name), "w", encoding="utf-8") as file:
                file.write("/* a file */\n")
        with open(os.path.join(top, path), "a", encoding="utf-8") as file:
            file.write(include + "\n")
        status, output = tap.run("tools/check-floors", top)
    if wanted:
        good = status == 1 and f"{path}:2: " in output and wanted in output
    else:
        good = status == 0
    tap.result(good, f"{path}: {include}: {wanted or 'allowed'}", [f"status {status}", output])


# tools/added-lines: what it counts, of this file and of one that is the part's own and has one line.
ADDED = """/* PAE */
int a;

/* Two lines. */
static void enter_pae(int a)
{

}

#ifdef PAGING_PAE
int b;
#endif
	if (PMD_FOLDED) {
		a = 1;
	}
	if (a)
		b = 1;
	if (pte_nx &&
	    a)
		b = 2;
	onyx = paella;
"""


def added(part, own, text):
    """The exit status and the numbers of lines, and of those with code, for a small tree."""
    with tempfile.TemporaryDirectory() as top:
        for name, text in ((own, "/**/\n"), ("mm/a.c", text)):
            os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
            with open(os.path.join(top, name), "w", encoding="utf-8") as file:
                file.write(text)
        status, output = tap.run("tools/added-lines", part, top)
        return status, int(re.search(r" lines=(\d+)", output)[1]), int(re.search(r" code=(\d+)", output)[1])


def added_pae(more):
    return added("pae", "paging/pae.h", ADDED + more)


def added_huge(code, comments):
    return added("huge", "mm/frames/huge_pool.c", "int huge; /* huge */\n" * code + "/*\n * huge\n */\n" * comments)


tap.result(added_pae("") == (0, 16, 12), "added-lines: what PAE adds is counted", str(added_pae("")))
tap.result(added_pae("/* NX */\n" * 434) == (0, 450, 12), "added-lines: 450 lines are allowed")
tap.result(added_pae("int a; /* NX */\n" * 435) == (1, 451, 447), "added-lines: 451 lines are not")
tap.result(added_huge(400, 100) == (0, 501, 400), "added-lines: 400 lines of code for large pages are allowed")
tap.result(added_huge(401, 0) == (1, 402, 401), "added-lines: 401 are not")
status_here, output_here = tap.run("tools/check-floors")
# Only the reader of swap headers decides what may be written.
callers = sorted(os.path.basename(path) for path in glob.glob(os.path.join(tap.TOP, "kernel/disks/*.c"))
                 if "disk_allow_writes(" in open(path, encoding="utf-8").read())
tap.result(callers == ["disk.c", "swap_header.c"], "only swap_header.c allows writes", [str(callers)])
tap.result(status_here == 0, "this checkout keeps the floors", [output_here])
for row in PLANTED:
    plant(*row)
tap.done()
