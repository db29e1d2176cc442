#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The changes of the source that tools/mutate proposes: for each kind of line the ones that are expected, and no others."""
import fnmatch
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import mutants  # noqa: E402
import source_tree  # noqa: E402
import tap  # noqa: E402

# A line of a function, and what becomes of it.
LINES = [
    ("if (a < b)", ["if (a <= b)"]),
    ("if (p->size >= 1 << 3)", ["if (p->size > 1 << 3)"]),
    ("if (a == 0 && !b) /* a < b */", ["if (a != 0 && !b) /* a < b */", "if (a == 0 || !b) /* a < b */", "if (a == 0 && b) /* a < b */"]),
    ("for (i = 0; i < n; i++)", ["for (i = 0; i <= n; i++)"]),
    ("count++;", ["count--;"]),
    ("used -= 2;", ["used += 2;"]),
    ("end = start + 1;", ["end = start;"]),
    ("return -EINVAL;", ["return 0;"]),
    ("return err;", [";"]),
    ("goto undo;", [";"]),
    ("flush_tlb_page(mm, address);", [";"]),
    ("page->flags |= PG_dirty;", [";"]),
    ("page->flags &= ~PG_dirty;", [";"]),
    ("page->index = index;", [";"]),
    ('printk("a < b && c\\n");', [";"]),
    ("BUG_ON(a < b);", []),
    ("return index;", []),
]

with tempfile.TemporaryDirectory(dir=tap.BUILD) as folder:
    path = os.path.join(folder, "sample.c")
    for line, wanted in LINES:
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#define MACRO a < b\n\nvoid f(void)\n{{\n\t{line}\n}}\n")
        found = [mutant.new.strip() for mutant in mutants.of_file(path)]
        tap.result(found == wanted, f"{line}", [f"{found}, expected {wanted}"])
    sound = f"void f(void)\n{{\n\t{LINES[4][0]}\n}}\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(sound)
    only = next(mutants.of_file(path))
    tap.result(only.planted(sound) == sound.replace("count++", "count--"), "one line is changed in place")
for room in mutants.ROOMS:
    kinds = {mutant.kind for mutant in mutants.of_parts([room])}
    tap.result(kinds >= {"comparison", "logic", "error", "value", "call"}, f"{room}: most kinds are there", [str(kinds)])

mutate = source_tree.load("mutate")


def code(text):
    """What the tool compares: the object of a C file."""
    with tempfile.TemporaryDirectory(dir=tap.BUILD) as folder:
        source, made = os.path.join(folder, "sample.c"), os.path.join(folder, "sample.o")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        subprocess.run(["gcc", "-g", "-O2", "-c", "-o", made, source], check=True)
        return mutate.bare_code(made)


SOUND = "int f(unsigned x)\n{\n\tint y = 3;\n\tif (x > 0)\n\t\treturn y;\n\treturn 0;\n}\n"
tap.result(code(SOUND) == code(SOUND.replace("x > 0", "x != 0").replace(" y", " name")), "a change without effect is the same object")
tap.result(code(SOUND) != code(SOUND.replace("x > 0", "x >= 0")), "a change with an effect is another one")
mutate.TREE = tap.TOP
for test, file in [("process/test_jobs", "kernel/process/job.c"), ("task/test_switch", "kernel/task/sched.c"), ("process/test_fs_struct", "kernel/process/fs_struct.c"),
                   ("task/test_pid", "kernel/task/pid.c")]:
    path = f"tests/host/kernel/{test}.c"
    tap.result(mutate.near(path, mutate.text_of(path), file), f"{test} sees {file}: it names it, or its rig does")
path = "tests/host/paging/test_pgtable.c"
for file, wanted in [("paging/pae.h", True), ("paging/pgtable.h", True), ("lib/list.h", False)]:
    tap.result(mutate.near(path, mutate.text_of(path), file) == wanted, f"test_pgtable sees {file}: {wanted}")
files = [os.path.relpath(os.path.join(at, name), tap.TOP) for room in mutants.ROOMS for at, _, names in os.walk(os.path.join(tap.TOP, room))
         for name in names]
dead = [key for key in (*mutate.WORLDS, *(row[0] for row in mutate.RIGS)) if not any(path.startswith(key) for path in files)]
dead += [row[0] for row in (*mutate.RELATED, *mutate.SCRIPTS) if not fnmatch.filter(files, row[0])]
dead += [world for world in mutate.WORLDS.values() if not os.path.exists(os.path.join(tap.TOP, f"tests/explore/{world}.c"))]
tap.result(not dead, "each row that names files and worlds for a change has some", dead)
proposed = {mutant.key for mutant in mutants.of_parts(mutants.ROOMS)}
stale = [" | ".join(key) for key in mutate.equivalent() if key not in proposed]
tap.result(not stale, "tests/equivalent-mutants has only changes that are proposed", stale)
tap.done()
