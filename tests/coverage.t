#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/coverage counts the lines and branches that ran, that did not, and that have an excuse; gcov_image.py finds counts in memory."""
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import gcov_image  # noqa: E402
import tap  # noqa: E402

GCC = os.environ.get("CC", "gcc")
SOURCES = {
    # Four lines with code, one of them is not reached.
    "lib/a.c": "int main(int argc, char **argv)\n{\n\tif (argc > 1)\n\t\targc = !argv;\n\treturn argc != 1;\n}\n",
    # Two lines, and no program has them.
    "mm/slab/b.c": "int unused(int a)\n{\n\treturn a + 1;\n}\n",
    "tests/c.c": "int test(void)\n{\n\treturn 0;\n}\n",
}

# A program without a C library: it counts, writes its memory from _text to _end to standard output, and ends.
IMAGE_SOURCE = """
extern char _text[], _end[];
static int call(int number, int a, const void *b, int c)
{
	int result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}
static int odd(int n)
{
	if (n & 1)
		return 1;
	return 0;
}
void _start(void)
{
	volatile int sum = 0;
	for (int i = 0; i < 1000; i++)
		sum += odd(2 * i + 1);
	call(4, 1, _text, _end - _text);
	call(1, sum != 1000, 0, 0);
}
"""
IMAGE_SCRIPT = """ENTRY(_start)
SECTIONS {
	. = 0x8048000;
	.text : { _text = .; *(.text*) *(.rodata*) }
	.gcov_info : { __start_gcov_info = .; KEEP(*(.gcov_info)) __stop_gcov_info = .; PROVIDE(__gcov_merge_add = .); }
	.data : { *(.data*) *(.bss*) _end = .; }
	/DISCARD/ : { *(.eh_frame) *(.note*) *(.comment) }
}
"""
# Of the lines of main() three do not run: a panic, one with an excuse, and one without. All of other() has an
# excuse. Of the branches without one only that of the last `if` is open.
EXCUSES = """#define panic() __builtin_abort()
#define BUG_ON(c) do { if (c) panic(); } while (0)
int main(int argc, char **argv)
{
	BUG_ON(!argv ||
	       argc > 3);
	if (argc > 4)
		panic();
	/* not reached: tests pass no argument */
	if (argc > 1)
		argc = 0; /* not reached: the same */
	if (argc > 2)
		argc = 3;
	return argc - 1;
}
/* not reached: tests call main() alone */
int other(int a)
{
	return a ? 1 : 2;
}
"""


def row(output, name):
    """The row of a room or file, without the number of files in this checkout."""
    found = re.search(rf"^{re.escape(name)} +(.*)$", output, re.MULTILINE)
    return re.sub(r"/\d+", "", found[1]).split() if found else None


def write(top, path, text):
    """A file below the folder `top`."""
    os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
    with open(os.path.join(top, path), "w", encoding="utf-8") as file:
        file.write(text)


def build(top, *arguments):
    """The compiler, in the folder `top`."""
    subprocess.run([GCC, *arguments], cwd=top, check=True)


def host_program(top):
    """Counts that a program's C library wrote."""
    for path, text in SOURCES.items():
        write(top, path, text)
        build(top, "--coverage", "-c", "-o", path + ".o", path)
    status, output = tap.run("tools/coverage", top)
    tap.result(status == 0 and row(output, "lib") == ["1", "4", "0", "0", "0.0", "2", "0", "0", "0.0"], "nothing ran", [output])
    build(top, "--coverage", "-o", "a", "lib/a.c.o")
    subprocess.run(["./a"], cwd=top, check=True)
    status, output = tap.run("tools/coverage", top)
    tap.result(row(output, "lib") == ["1", "4", "3", "0", "75.0", "2", "1", "0", "50.0"], "a program ran", [output])
    tap.result(row(output, "mm/slab") == ["1", "2", "0", "0", "0.0", "0", "0", "0", "-"], "no program has the object", [output])
    tap.result(row(output, "kernel/process") == ["0", "0", "0", "0", "-", "0", "0", "0", "-"], "no object of the room", [output])
    tap.result(row(output, "all")[:5] == ["2", "6", "3", "0", "50.0"] and "tests" not in output, "all, without tests", [output])
    status, output = tap.run("tools/coverage", "--files", top)
    tap.result(row(output, "lib/a.c") == ["4", "3", "0", "75.0", "2", "1", "0", "50.0"], "by file", [output])
    status, output = tap.run("tools/coverage", "--missing", "lib", top)
    tap.result(status == 1 and [line.split(": ")[:2] for line in output.splitlines()] ==
               [["lib/a.c:3", "1 of 2 branches"], ["lib/a.c:4", "no run"]], "what is missing", [output])


def excuses(top):
    """Lines with a reason. The tool reads them in its own checkout, so this is a copy of it."""
    write(top, "lib/a.c", EXCUSES)
    tool = os.path.join(top, "tools/coverage")
    os.mkdir(os.path.dirname(tool))
    subprocess.run(["cp", os.path.join(tap.TOP, "tools/coverage"), tool], check=True)
    build(top, "--coverage", "-o", "a", "lib/a.c")
    subprocess.run(["./a"], cwd=top, check=True)
    _, output = tap.run(tool, top)
    tap.result(row(output, "lib") == ["1", "11", "6", "4", "85.7", "12", "5", "6", "83.3"], "an excuse, and a BUG_ON", [output])
    status, output = tap.run(tool, "--missing", "lib", top)
    tap.result(status == 1 and re.findall(r"\S+:(\d+):", output) == ["12", "13"], "no excuse", [output])
    subprocess.run(["./a", "1"], cwd=top, check=False)
    status, output = tap.run(tool, "--missing", "lib", top)
    tap.result(output.count("excused, but it ran") == 2, "an excuse that is no longer true", [output])


def image(top):
    """Counts that are in memory. Two images of a program are one sum."""
    write(top, "lib/image.c", IMAGE_SOURCE)
    write(top, "image.lds", IMAGE_SCRIPT)
    build(top, "-m32", "-O0", "-ffreestanding", "-fno-pic", "-fno-stack-protector", "-fprofile-arcs", "-ftest-coverage",
          "-fprofile-info-section", "-c", "-o", "lib/image.o", "lib/image.c")
    build(top, "-m32", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-Wl,-T,image.lds",
          "-o", "program", "lib/image.o")
    memory = subprocess.run(["./program"], cwd=top, stdout=subprocess.PIPE, check=True).stdout
    counts = gcov_image.Counts()
    for _ in range(2):
        counts.add(memory, os.path.join(top, "program"), "_text")
    counts.write()
    _, output = tap.run("tools/coverage", "--missing", "lib", top)
    missing = re.findall(r"lib/image.c:(\d+): (.*?):", output)
    tap.result({("11", "1 of 2 branches"), ("13", "no run")} < set(missing) and "image.c:12:" not in output, "counts in memory", [output])
    shown = subprocess.run(["gcov", "--stdout", "lib/image.gcda"], cwd=top, stdout=subprocess.PIPE, check=True).stdout.decode()
    tap.result(re.search(r"^ +2000\*?: +12:", shown, re.MULTILINE), "two images are added", [shown])


with tempfile.TemporaryDirectory() as directory:
    host_program(directory)
with tempfile.TemporaryDirectory() as directory:
    excuses(directory)
if subprocess.run([os.path.join(tap.TOP, "tools/host-bits")], stdout=subprocess.PIPE, check=True).stdout.strip() == b"32":
    with tempfile.TemporaryDirectory() as directory:
        image(directory)
else:
    tap.result(True, "counts in memory", directive="SKIP this Linux runs no i386 programs")
with tempfile.TemporaryDirectory() as directory:
    status, output = tap.run("tools/coverage", directory)
    tap.result(status == 1 and "no counts" in output, "no counts", [output])
tap.done()
