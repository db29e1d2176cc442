# SPDX-License-Identifier: MIT
"""A program of the user: compiled if it is C, checked, packed into an initramfs, and named by options.

    hello.c ──gcc -m32 -static──> hello ─┐
    program (ELF or script) ─────────────┼─> cpio archive: /programs/...    options: run=/programs/hello arg=...
    folder of files ─────────────────────┘
"""
import os
import shlex
import stat
import struct
import subprocess

import cpio

FOLDER = "programs"
SHELL = "sh"  # a link to BusyBox in /bin
FLAGS = ("-m32", "-static", "-O2", "-g", "-pthread")
OPTIONS_MAX = 2047  # characters of all options (docs/options.md)
PLAIN = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,+@-")
ENVIRONMENT = {"HOME": "/", "PATH": f"/{FOLDER}:/bin", "TERM": os.environ.get("TERM") or "linux"}

PT_INTERP = 3
EM_386 = 3
ET_NAMES = {2: "a program", 3: "a static PIE"}


class NoProgram(Exception):
    """It can't be run; the text has the reason and the remedy."""


def escape(text):
    """A word of the options: other bytes become %XX (kernel/start/command.h)."""
    return "".join(chr(byte) if byte in PLAIN else f"%{byte:02x}" for byte in os.fsencode(text))


def words(text, variable):
    """The words of ARGS= or ENV=, split as a shell does."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise NoProgram(f"{variable}={text}: {error}; quote it as for a shell") from None


def compile_source(source, directory, flags=()):
    """Compiles a C file; returns the program. The compiler's messages go to the user."""
    if not os.path.isfile(source):
        raise NoProgram(f"{source}: there is no such file; SRC= names a C file")
    program = os.path.join(directory, os.path.splitext(os.path.basename(source))[0] or "program")
    command = [os.environ.get("CC") or "gcc", *FLAGS, *flags, "-o", program, source, "-lm"]
    if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode:
        raise NoProgram(f"{source} does not compile: {shlex.join(command)}")
    return program


def check(path, name):
    """Refuses what is neither a static program for the i386 nor a script."""
    if not os.path.exists(path):
        raise NoProgram(f"{name}: there is no such file")
    if not os.path.isfile(path):
        raise NoProgram(f"{name} is not a regular file; PROGRAMS= takes a folder")
    with open(path, "rb") as file:
        head = file.read(4096)
    if head[:2] == b"#!":
        return
    remedy = f"compile it with: gcc {' '.join(FLAGS)}"
    if head[:4] != b"\x7fELF":
        hint = "; SRC= takes a C file" if name.endswith(".c") else ""
        raise NoProgram(f"{name} is neither an ELF file nor a script that begins with #!{hint}")
    if len(head) < 52 or head[4] != 1 or head[5] != 1 or struct.unpack_from("<H", head, 18)[0] != EM_386:
        bits = {1: "32", 2: "64"}.get(head[4], "?")
        raise NoProgram(f"{name} is an ELF file of {bits} bits for another processor than the i386; {remedy}")
    kind, offset, size, count = (struct.unpack_from(form, head, at)[0]
                                 for form, at in (("<H", 16), ("<I", 28), ("<H", 42), ("<H", 44)))
    if kind not in ET_NAMES:
        raise NoProgram(f"{name} is an ELF file, but no program: {remedy}")
    with open(path, "rb") as file:
        file.seek(offset)
        table = file.read(size * count)
    for at in range(0, len(table) - 3, size or len(table)):
        if struct.unpack_from("<I", table, at)[0] == PT_INTERP:
            raise NoProgram(f"{name} is linked dynamically, and there is no dynamic linker; {remedy}")


def interpreter(path):
    """The interpreter of a script; None for another file."""
    with open(path, "rb") as file:
        head = file.readline(256)
    return os.fsdecode((head[2:].split() or [b""])[0]) if head[:2] == b"#!" else None


def check_interpreter(program, wanted, tree, own):
    """Refuses a script whose interpreter would not be in the archive."""
    there = {"/bin/" + name for name, _ in own} | {f"/{FOLDER}/{name}" for name, _ in (entries(tree) if tree else ())}
    if wanted not in there:
        raise NoProgram(f"{program} is a script for {wanted or 'no interpreter'}, which is not there;"
                        " `make clients` fetches BusyBox as /bin/sh, and PROGRAMS= takes other interpreters")


def entries(folder):
    """All files of a folder, as (name, path), in a fixed order; links are not followed."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(folders + files):
            path = os.path.join(root, name)
            yield os.path.relpath(path, folder), path


def add_file(archive, name, path):
    """Adds a file, folder or link of this machine."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        archive.add(name, status.st_mode, os.fsencode(os.readlink(path)))
        return
    if stat.S_ISDIR(status.st_mode):
        archive.add(name, status.st_mode)
        return
    if not stat.S_ISREG(status.st_mode):
        raise NoProgram(f"{path} is neither a file nor a folder nor a link; leave it out of the folder")
    with open(path, "rb") as file:
        archive.add(name, status.st_mode, file.read())


def pack(archive, tree, program, own=()):
    """Writes the archive: Pagewright's `own` programs as (name, path), the files of the folder `tree`, and the program.
    Returns the program's path there."""
    place = None
    with open(archive, "wb") as out:
        packed = cpio.Archive(out)
        for name in ("bin", FOLDER):
            packed.add(name, stat.S_IFDIR | 0o755)
        for name, path in own:
            if name == SHELL:
                packed.add("bin/" + name, stat.S_IFLNK | 0o777, os.fsencode(path))
                continue
            with open(path, "rb") as file:
                packed.add("bin/" + name, stat.S_IFREG | 0o755, file.read())
        for name, path in entries(tree) if tree else ():
            add_file(packed, f"{FOLDER}/{name}", path)
            if program and os.path.abspath(path) == os.path.abspath(program):
                place = f"/{FOLDER}/{name}"
        if program and not place:
            place = f"/{FOLDER}/{os.path.basename(program)}"
            with open(program, "rb") as file:
                packed.add(place[1:], stat.S_IFREG | 0o755, file.read())
        packed.end()
    return place


def options_for(path, arguments, environment, folder=""):
    """The options that run it."""
    variables = dict(ENVIRONMENT)
    for word in environment:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise NoProgram(f"ENV={word}: NAME=VALUE is wanted")
        variables[name] = value
    parts = ["run=" + escape(path)] + ["arg=" + escape(word) for word in arguments]
    parts += [f"env={escape(name)}={escape(value)}" for name, value in variables.items()]
    parts += ["cwd=" + escape(folder)] if folder else []
    text = " ".join(parts)
    if len(text) > OPTIONS_MAX - 200:
        raise NoProgram(f"the arguments and the environment have {len(text)} characters, at most {OPTIONS_MAX - 200} fit;"
                        " put them into a file of PROGRAMS=")
    return text


def choose(tree):
    """The program of a folder, if it has only one."""
    found = [path for _, path in entries(tree) if os.path.isfile(path) and os.access(path, os.X_OK)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(found[:10]) or "none is executable"
    raise NoProgram(f"PROGRAMS={tree}: which one? Name it with PROGRAM=: {listed}")


def own_programs(build):
    """The programs of the prompt, stripped, and BusyBox, which is `sh` too, if it was fetched: (name, path)."""
    found = [(name, path) for name, path in entries(os.path.join(build, "initramfs", "bin"))]
    busybox = os.path.join(build, "clients", "bin", "busybox")
    return found + ([("busybox", busybox), (SHELL, "busybox")] if os.path.exists(busybox) else [])


def size_option():
    """The size of the user's terminal."""
    if not os.isatty(1):
        return ""
    size = os.get_terminal_size(1)
    return f" tty={size.columns}x{size.lines}"


def prepare_shell(settings, directory):
    """The prompt, with the files of `tree`. Returns the archive and the options."""
    if settings.tree and not os.path.isdir(settings.tree):
        raise NoProgram(f"PROGRAMS={settings.tree}: there is no such folder")
    archive = os.path.join(directory, "program.cpio")
    pack(archive, settings.tree, None, own_programs(settings.build))
    environment = ["PS1=\\w # "] + words(settings.env, "ENV")
    return archive, options_for("/bin/shell", [], environment, settings.cwd) + size_option()


def prepare(settings, directory):
    """settings: source, program, tree, args, env, cwd, as the user gave them. Returns the archive and the options."""
    source, program, tree = settings.source, settings.program, settings.tree
    if tree and not os.path.isdir(tree):
        raise NoProgram(f"PROGRAMS={tree}: there is no such folder")
    if source and program:
        raise NoProgram("SRC= and PROGRAM= exclude each other")
    if source:
        # gdb looks for the program there (tools/gdb/pw/programs.py).
        place = os.path.join(settings.build, "own") if settings.gdb else directory
        os.makedirs(place, exist_ok=True)
        program = compile_source(source, place, words(os.environ.get("PROGRAM_FLAGS", ""), "PROGRAM_FLAGS"))
    elif not program:
        program = choose(tree)
    elif tree and not os.path.exists(program) and os.path.exists(os.path.join(tree, program)):
        program = os.path.join(tree, program)
    check(program, program)
    wanted, own = interpreter(program), ()
    if wanted is not None:
        own = own_programs(settings.build)
        check_interpreter(program, wanted, tree, own)
    archive = os.path.join(directory, "program.cpio")
    place = pack(archive, tree, program, own)
    return archive, options_for(place, words(settings.args, "ARGS"), words(settings.env, "ENV"), settings.cwd) + size_option()
