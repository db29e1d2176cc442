#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that others wrote, and programs of the C libraries that others wrote, print the same on Linux and on Pagewright,
end the same, and leave memory as it was. `make clients` has the former, and what is not there is skipped; the long cases
run with `make clients-test`."""
import os
import pty
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import linux_oracle  # noqa: E402
import tap  # noqa: E402

LONG = os.environ.get("CLIENTS") == "long"
SOURCES = os.path.join(tap.TOP, "tests", "clients")
CLIENTS = os.path.join(tap.BUILD, "clients", "bin")
SETTINGS = {"FW": "", "MEM": "256M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": ""}
TIMEOUT = 120

# name: (programs of others that it needs, its arguments, long). The first argument is the program, else a compiled source.
CASES = {
    "threads": ([], ["threads"], False),
    "malloc": ([], ["malloc"], False),
    "sort": ([], ["sort", "300000"], False),
    "jumps": ([], ["jumps"], False),
    "ten million integers": ([], ["sort"], True),
    "2000 broken ELF files": ([], ["elf_corpus", "2000"], True),
    "musl": (["musl-gcc"], ["musl", "argument"], False),
    "busybox: the shell": (["busybox"], ["busybox", "sh", "{P}/shell.sh"], False),
    "busybox: tools": (["busybox"], ["busybox", "sh", "{P}/busybox.sh"], False),
    "mksh with musl: the shell": (["mksh-musl"], ["mksh-musl", "{P}/shell.sh"], True),
    "mksh with dietlibc: the shell": (["mksh-diet"], ["mksh-diet", "{P}/shell.sh"], True),
    "bash": (["bash"], ["bash", "{P}/bash.sh"], False),
    "1000 processes of a shell": (["busybox"], ["busybox", "sh", "{P}/thousand.sh"], False),
    "bash: the shell": (["bash"], ["bash", "{P}/shell.sh"], True),
    "lua": (["lua"], ["lua", "{P}/lua.lua"], False),
    "zsh: the shell": (["zsh"], ["zsh", "-f", "{P}/shell.sh"], True),
    "sqlite in a file": (["sqlite3"], ["sqlite3", "{T}/data.db", ".read {P}/sqlite.sql"], False),
    "sqlite in memory": (["sqlite3"], ["sqlite3", ":memory:", ".read {P}/sqlite.sql"], False),
}


def compile_case(name, to):
    """A source of tests/clients, with the C library of this machine, or with musl."""
    compiler = [os.path.join(CLIENTS, "musl-gcc")] if name == "musl" else \
        [os.environ.get("CC") or "gcc", "-m32", "-O2", "-g", "-static", "-pthread", "-Wall", "-Wextra", "-Werror"]
    return tap.run(*compiler, "-o", to, os.path.join(SOURCES, name + ".c"))


def make_tree(directory, words):
    """The folder with the program and its files; None, or what the compiler says."""
    program = os.path.join(directory, words[0])
    if os.path.exists(os.path.join(SOURCES, words[0] + ".c")):
        status, said = compile_case(words[0], program)
        if status:
            return said
    else:
        own = os.path.join(tap.BUILD, "ring3", words[0])
        shutil.copy(own if os.path.exists(own) else os.path.join(CLIENTS, words[0]), program)
    for word in words[1:]:
        name = os.path.basename(word)
        if os.path.exists(os.path.join(SOURCES, name)):
            shutil.copy(os.path.join(SOURCES, name), directory)
    return None


def environment(tree, scratch, words):
    """What both see; only the folders differ."""
    program = os.path.join(tree, words[0])
    return {"HOME": "/", "PATH": "/bin", "TERM": "dumb", "T": scratch, "S": program + " sh" * (words[0] == "busybox"), "B": program}


def placed(words, tree, scratch):
    """The arguments, with the folders of the files, and of what may be written."""
    return [word.replace("{P}", tree).replace("{T}", scratch) for word in words[1:]]


def on_linux(tree, scratch, words):
    """Runs it on a terminal of this machine; returns its status and output."""
    parent, child = pty.openpty()
    ended = None
    with subprocess.Popen([os.path.join(tree, words[0])] + placed(words, tree, scratch), cwd=tree,
                          env=environment(tree, scratch, words), stdin=subprocess.DEVNULL, stdout=child, stderr=child) as ended:
        os.close(child)
        output = b""
        while True:
            try:
                data = os.read(parent, 65536)
            except OSError:
                break
            if not data:
                break
            output += data
    os.close(parent)
    return ended.returncode % 256 if ended.returncode >= 0 else 128 - ended.returncode, output.replace(b"\r\n", b"\n")


def quoted(words):
    """Words as tools/run splits them again."""
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def here(tree, words):
    """Runs it on Pagewright; returns its status, output and what the runner says."""
    variables = environment("/programs", "/tmp", words)
    arguments = placed(words, "/programs", "/tmp")
    ended = subprocess.run(["tools/run", "--timeout", str(TIMEOUT), "--program", os.path.join(tree, words[0]), "--tree", tree,
                            "--args=" + quoted(arguments), "--env=" + quoted(f"{k}={v}" for k, v in variables.items())],
                           cwd=tap.TOP, env={**os.environ, **SETTINGS}, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return ended.returncode, ended.stdout, ended.stderr.decode(errors="replace")


def check(name, needs, words):
    """One case: the same output, the same status."""
    absent = [client for client in needs if not os.path.exists(os.path.join(CLIENTS, client))]
    if absent:
        tap.result(True, name, directive=f"SKIP no {', '.join(absent)}: make clients fetches it")
        return
    with tempfile.TemporaryDirectory(prefix="pagewright-") as tree, tempfile.TemporaryDirectory(prefix="pagewright-") as scratch:
        said = make_tree(tree, words)
        if said:
            tap.result(False, f"{name}: it is compiled", said)
            return
        status, output, errors = here(tree, words)
        wanted_status, wanted = on_linux(tree, scratch, words)
        tap.result(output == wanted and wanted, f"{name}: prints the same", differences(output, wanted) + [errors])
        tap.result(status == wanted_status, f"{name}: ends the same", [f"status {status}, on Linux {wanted_status}", errors])


def differences(output, wanted):
    """The first lines that differ."""
    left, right = (text.decode(errors="replace").splitlines() for text in (output, wanted))
    at = next((i for i, pair in enumerate(zip(left, right)) if pair[0] != pair[1]), min(len(left), len(right)))
    return [f"line {at + 1}", *(f"here: {line}" for line in left[at:at + 4]), *(f"Linux: {line}" for line in right[at:at + 4])]


if not linux_oracle.executes_i386():
    tap.skip_all("this machine's Linux runs no i386 programs")
for case, (clients, arguments, is_long) in CASES.items():
    if LONG or not is_long:
        check(case, clients, arguments)
tap.done()
