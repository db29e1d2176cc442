#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make program`: a program of the user sees its arguments, environment, files and a terminal; its bytes come as it wrote them, as it
writes them; its status is the runner's. What can't run is refused with the remedy."""
import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402

SETTINGS = {"FW": "", "MEM": "128M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": ""}
HELLO = r"""#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct stat at;
	char cwd[80];

	for (int i = 0; i < argc; i++)
		printf("argv[%d]=%s\n", i, argv[i]);
	for (char **e = environ; *e; e++)
		printf("env %s\n", *e);
	printf("tty %d\n", isatty(1));
	printf("in %s\n", getcwd(cwd, sizeof(cwd)));
	if (argc > 1 && argv[1][0] == 'r') {
		kill(1, SIGTERM);
		pause();
	}
	if (!stat("/programs/sub/data", &at))
		printf("mode %o size %d\n", at.st_mode & 07777, (int)at.st_size);
	printf("first line\n");
	usleep(1500000);
	printf("bytes \001 \033[1m \377\tno line end");
	fflush(stdout);
	if (argc > 1 && argv[1][0] == 'k')
		raise(9);
	return 7;
}
""".replace("#include <stdlib.h>", "#include <signal.h>\n#include <stdlib.h>")


def run(*arguments, **options):
    """tools/run: status, output, error text."""
    ended = subprocess.run(["tools/run", "--timeout", "100", *arguments], cwd=tap.TOP, env={**os.environ, **SETTINGS, "TERM": "dumb"},
                           stdin=subprocess.DEVNULL, capture_output=True, check=False, **options)
    return ended.returncode, ended.stdout, ended.stderr.decode(errors="replace")


def check_run(source, tree):
    """One boot: everything that a program sees."""
    status, output, errors = run("--source", source, "--tree", tree, "--args=k '#two words%20' --x=\"'\"", "--env=X=1 Y='a b'", "--cwd=/programs/sub")
    wanted = [b"argv[0]=/programs/hello", b"argv[1]=k", b"argv[2]=#two words%20", b"argv[3]=--x='", b"env HOME=/",
              b"env PATH=/programs:/bin", b"env TERM=dumb", b"env X=1", b"env Y=a b", b"tty 1", b"in /programs/sub", b"mode 640 size 3",
              b"first line", b"bytes \001 \033[1m \377\tno line end"]
    tap.result(output.split(b"\n") == wanted, "arguments, environment, terminal, files, every byte", [repr(output), errors])
    tap.result(status == 128 + 9 and "signal 9" in errors, "a signal is 128 + its number", [str(status), errors])


def check_as_it_comes(directory):
    """The first line is there a second before the last, and make tells the status."""
    program = os.path.join(directory, "hello")
    tap.run("gcc", "-m32", "-static", "-o", program, os.path.join(directory, "hello.c"))
    command = ["tools/run", "--timeout", "100", "--program", program]
    with subprocess.Popen(command, cwd=tap.TOP, env={**os.environ, **SETTINGS}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as ended:
        times = {}
        data = b""
        while True:
            new = os.read(ended.stdout.fileno(), 65536)
            if not new:
                break
            data += new
            for text in (b"first line\n", b"no line end"):
                if text in data:
                    times.setdefault(text, time.monotonic())
    tap.result(len(times) == 2 and times[b"no line end"] - times[b"first line\n"] > 0.7, "output comes as it is written", repr(data))
    tap.result(ended.returncode == 7, "the status is the program's", str(ended.returncode))


def check_restart(directory):
    """A signal to init, as `reboot` sends it, ends the run: a good end, with status 0."""
    status, output, errors = run("--program", os.path.join(directory, "hello"), "--args", "r")
    tap.result(status == 0 and output.endswith(b"\nin /\n") and not errors, "a program ends the run by a signal to init",
               [str(status), repr(output), errors])


def check_refused(directory):
    """What can't run: status 2, the thing and the remedy, and no boot."""
    tree = os.path.join(directory, "tree")
    dynamic, wide, text = (os.path.join(directory, name) for name in ("dynamic", "wide", "text"))
    tap.run("gcc", "-m32", "-o", dynamic, os.path.join(directory, "hello.c"))
    tap.run("gcc", "-static", "-o", wide, os.path.join(directory, "hello.c"))
    with open(text, "w", encoding="ascii") as file:
        file.write("hello\n")
    script = os.path.join(directory, "script")
    with open(script, "w", encoding="ascii") as file:
        file.write("#!/bin/nosuch\n")
    broken = os.path.join(directory, "broken.c")
    with open(broken, "w", encoding="ascii") as file:
        file.write("int main(void) { return none; }\n")
    remedy = "gcc -m32 -static"
    for what, arguments, words in (
            ("a dynamic program", ["--program", dynamic], ["linked dynamically", remedy]),
            ("a program of 64 bits", ["--program", wide], ["64 bits", remedy]),
            ("a text", ["--program", text], ["neither an ELF file nor a script"]),
            ("a script without its interpreter", ["--program", script], ["a script for /bin/nosuch", "make clients"]),
            ("a C file as a program", ["--program", os.path.join(directory, "hello.c")], ["SRC="]),
            ("no such program", ["--program", directory + "/none"], ["there is no such file"]),
            ("no such source", ["--source", directory + "/none.c"], ["there is no such file"]),
            ("a source with an error", ["--source", broken], ["does not compile", remedy, "none"]),
            ("no such folder", ["--tree", directory + "/none"], ["there is no such folder"]),
            ("a folder without a program", ["--tree", tree], ["PROGRAM="]),
            ("arguments with an open quote", ["--source", broken[:-8] + "hello.c", "--args", "'a"], ["quote"]),
            ("a variable without a name", ["--program", dynamic.replace("dynamic", "hello"), "--env", "=1"], ["NAME=VALUE"]),
            ("too many arguments", ["--program", dynamic.replace("dynamic", "hello"), "--args", "x" * 3000], ["at most"])):
        status, output, errors = run(*arguments)
        tap.result(status == 2 and not output and all(word in errors for word in words), f"refused: {what}", [str(status), errors])


def check_volume(directory):
    """The folder of a boot volume: its files, at any depth and with any name, are in /programs."""
    program, data = os.path.join(directory, "hello"), os.path.join(directory, "tree", "sub", "data")
    log = os.path.join(tap.BUILD, "logs", "program-volume.log")
    status, output, errors = run(*[f"--file={path}=pagewright/programs/{name}" for path, name in
                                   ((program, "hello"), (data, "sub/data"), (data, "sub/two/A long name, \u00e4.txt"))],
                                 "--quiet", "--fw=ovmf-x64", "--log", log, "--options",
                                 "run=/programs/hello arg=volume suites=none programs=none")
    with open(log, "rb") as file:
        text = file.read().decode(errors="replace")
    for line in ("  argv[0]=/programs/hello", "  argv[1]=volume", "  mode 755 size 3", "run: path=/programs/hello status=7",
                 "loader: programs: \\pagewright\\programs, 3 files"):
        tap.result(line in text, f"\\pagewright\\programs of a volume: {line.strip()}", [errors, output.decode(), text[-800:]])
    tap.result(status == 0, "the run is good", [output.decode()])


with tempfile.TemporaryDirectory(prefix="pagewright-") as scratch:
    with open(os.path.join(scratch, "hello.c"), "w", encoding="ascii") as out:
        out.write(HELLO)
    os.makedirs(os.path.join(scratch, "tree", "sub"))
    with open(os.path.join(scratch, "tree", "sub", "data"), "w", encoding="ascii") as out:
        out.write("abc")
    os.chmod(os.path.join(scratch, "tree", "sub", "data"), 0o640)
    check_run(os.path.join(scratch, "hello.c"), os.path.join(scratch, "tree"))
    check_as_it_comes(scratch)
    check_restart(scratch)
    check_refused(scratch)
    check_volume(scratch)
tap.done()
