#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/install-dependencies on machines that lack one program, with stand-ins for apt-get, sudo and id; and the
Makefile on a machine with little more than make. Nothing is installed."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import tap  # noqa: E402

TOOLS = ["bash", "sh", "env", "cut", "uniq", "tr", "sed", "uname", "cat", "ln", "true", "cksum"]
NEEDED = ["gcc", "ld", "make", "qemu-system-x86_64", "cpio", "python3", "prove", "xorriso", "sbsign", "openssl"]  # all but mcopy
INTERNAL_TARGETS = {"FORCE", "help", "image", "direct", "clang", "fuzz-targets", "soak-targets", "explorers", "league-policy", "pae-host"}
LOG = 'echo "apt-get $*" >>"$MACHINE_LOG"'


class Machine:
    """A PATH of our own choice: what it holds is what the machine has."""

    def __init__(self, directory):
        self.path = directory
        self.log = os.path.join(directory, "log")
        self.link(*TOOLS, *NEEDED)

    def link(self, *names):
        """Adds programs of this machine."""
        for name in names:
            os.symlink(shutil.which(name) or "/bin/true", os.path.join(self.path, name))

    def write(self, name, script):
        """Adds a program of our own."""
        file = os.path.join(self.path, name)
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(f"#!/bin/bash\n{script}\n")
        os.chmod(file, 0o755)

    def run(self, *command):
        """Runs a command with that PATH, without a terminal; returns its status, its output and apt-get's calls."""
        ended = subprocess.run(command, cwd=tap.TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, check=False, start_new_session=True,
                               env={"PATH": self.path, "MACHINE_LOG": self.log, "MAKEFLAGS": ""})
        calls = ""
        if os.path.exists(self.log):
            with open(self.log, encoding="utf-8") as file:
                calls = file.read()
        return ended.returncode, ended.stdout.decode(), calls


def case(name, prepare, judge, *options):
    """One machine, one run: judge() looks at status, output and apt-get's calls."""
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(directory)
        prepare(machine)
        status, output, calls = machine.run("tools/install-dependencies", *options)
    tap.result(judge(status, output, calls), name, [f"status {status}", output, calls])


def complete(machine):
    machine.link("mcopy")
    machine.write("apt-get", LOG)


def elsewhere(machine):
    machine.write("id", "echo 0")


def elsewhere_with_podman(machine):
    elsewhere(machine)
    machine.write("podman", "exit 1")


def check_container():
    """The printed line makes a container at the first call, and starts the same one at each: what is installed in it stays."""
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine(directory)
        elsewhere(machine)
        machine.write("docker", 'echo "$1" >>"$MACHINE_LOG"\nname=$(grep -o "pagewright-[0-9]*" <<<"$*")\ncase $1 in\n'
                                'create) ln -s x "$MACHINE_LOG.$name" ;;\n'
                                '*) [ -L "$MACHINE_LOG.$name" ] ;;\nesac')
        machine.link("grep")
        line = next((x for x in machine.run("tools/install-dependencies")[1].splitlines() if x.startswith("  docker ")), "")
        ends = [machine.run("bash", "-c", line)[0] for _ in range(2)]
        calls = machine.run("true")[2].split()
    tap.result(ends == [0, 0] and calls == ["container", "create", "start", "container", "start"],
               "the container is made once and started each time", [line, f"{ends}", f"{calls}"])


def user(machine):
    machine.write("id", "echo 1000")
    machine.write("apt-get", LOG)


def root(machine):
    machine.write("id", "echo 0")
    machine.write("apt-get", LOG + '\n[[ "$*" != *install* ]] || ln -s /bin/true "${0%/*}/mcopy"')


def sudo(machine):
    root(machine)
    machine.write("id", "echo 1000")
    machine.write("sudo", '[ "$1" != -n ] || shift\nexec "$@"')


def no_network(machine):
    machine.write("id", "echo 0")
    machine.write("apt-get", LOG + "\nexit 100")


def liar(machine):
    machine.write("id", "echo 0")
    machine.write("apt-get", LOG)


def check_goals():
    """`make run`, `make test` and `make dependencies` install; other goals say what is missing and how to install it."""
    for goals, installs in (([], False), (["image"], False), (["host-test"], False), (["analyze"], False), (["run"], True),
                            (["program"], True), (["test"], True), (["dependencies"], True)):
        with tempfile.TemporaryDirectory() as directory:
            machine = Machine(directory)
            machine.link("mkdir", "nproc", "grep")
            liar(machine)
            status, output, calls = machine.run("make", f"BUILD={directory}/build", *goals)
            said = "make dependencies" in output and "install -y --no-install-recommends mtools" in output
            tap.result(status == 2 and (calls.rstrip().split("\n")[-1].count(" mtools") if installs else said and not calls),
                       f"{' '.join(['make', *goals])} {'installs' if installs else 'says what is missing, and installs nothing'}",
                       [f"status {status}", output, calls])


def check_help():
    """`make help` names every target that is meant for people, and no other."""
    _, text = tap.run("make", "help")
    named = {line.split()[0] for line in text.splitlines() if re.match(r"  \S", line) and "=" not in line.split()[0]}
    for target in sorted(named):
        # The laboratory reads page tables of two levels, and says so.
        status, output = tap.make("-n", target, "PAGING=2")
        tap.result(status == 0, f"make {target} is a target", output.splitlines()[-5:])
    makefiles = ""
    for path in ("Makefile", *glob.glob("*/*.mk", root_dir=tap.TOP), *glob.glob("*/*/*.mk", root_dir=tap.TOP)):
        with open(os.path.join(tap.TOP, path), encoding="utf-8") as file:
            makefiles += file.read()
    targets = set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefiles, re.MULTILINE)).split()) | {"compile_commands.json"}
    tap.result(len(named) > 20 and targets - INTERNAL_TARGETS == named, "make help names every target that is meant for people",
               sorted(targets - INTERNAL_TARGETS ^ named))


def check_make():
    """With make, a shell, sed and rm alone the Makefile parses, helps and cleans; with all a second build does nothing."""
    with tempfile.TemporaryDirectory() as directory:
        machine = Machine.__new__(Machine)
        machine.path, machine.log = directory, os.path.join(directory, "log")
        machine.link("bash", "sh", "make", "rm", "sed")
        status, output, _ = machine.run("make", "help")
        tap.result(status == 0 and "make [TARGET]" in output and "not found" not in output,
                   "make help needs no compiler and no Python", [output])
        status, output, _ = machine.run("make", "clean", f"BUILD={directory}/none")
        tap.result(status == 0, "make clean needs no compiler and no Python", [output])
    status, output = tap.make("--no-print-directory", "image")
    tap.result(status == 0 and output.strip() in ("", "make: Nothing to be done for 'image'."),
               "a second build does nothing", [output])


def check_gnu_efi():
    """gnu-efi 4 keeps its 64-bit files in the multi-arch folder, gnu-efi 3 above it. The rules find both."""
    for folder in ("lib", "lib/x86_64-linux-gnu"):
        with tempfile.TemporaryDirectory() as tree:
            os.makedirs(os.path.join(tree, folder))
            for name in ("crt0-efi-x86_64.o", "elf_x86_64_efi.lds", "libgnuefi.a"):
                with open(os.path.join(tree, folder, name), "w", encoding="utf-8"):
                    pass
            _, output = tap.make("-n", f"GNU_EFI={tree}", f"BUILD={tree}/build", f"{tree}/build/efi/x64/loader.so")
            used = set(re.findall(rf"{tree}/(lib\S*)/[\w-]+\.(?:o|lds|a)\b", output))
            tap.result(used == {folder}, f"gnu-efi's files are found in {folder}", sorted(used))


case("everything is there: silent, status 0", complete, lambda s, o, calls: (s, o, calls) == (0, "", ""))
case("another distribution: one command, status 2", elsewhere,
     lambda s, o, calls: s == 2 and "mtools" in o and len(re.findall(r"^  docker .*", o, re.M)) == 1 and not calls)
case("another distribution with podman alone: its command", elsewhere_with_podman,
     lambda s, o, calls: s == 2 and re.search(r"^  podman container inspect", o, re.M) and "docker" not in o)
case("--list: all packages, here or not", complete,
     lambda s, o, calls: s == 0 and {"gcc", "mtools", "cppcheck", "clang-format", "clang"} < set(o.split()) and not calls, "--list")
check_container()
if os.path.exists("/etc/debian_version"):
    case("neither root nor sudo: one command, status 2", user,
         lambda s, o, calls: s == 2 and "install -y --no-install-recommends mtools\n" in o and not calls)
    case("root: updates, then installs what is missing", root,
         lambda s, o, calls: s == 0 and " update\n" in calls and calls.rstrip().endswith(" mtools")
         and "--no-install-recommends" in calls)
    case("sudo: installs through it", sudo, lambda s, o, calls: s == 0 and calls.rstrip().endswith(" mtools"))
    case("apt-get fails: says what to do, status 2", no_network,
         lambda s, o, calls: s == 2 and "could not install" in o and "apt-get update && apt-get install" in o)
    case("apt-get succeeds but brings nothing: status 2", liar, lambda s, o, calls: s == 2 and "mtools" in o)
    case("--check: says what is missing and how to install it, and installs nothing", root,
         lambda s, o, calls: s == 2 and not calls and "make dependencies" in o
         and "install -y --no-install-recommends mtools\n" in o, "--check")
    case("--analyze: more packages", root, lambda s, o, calls: s == 2 and calls.rstrip().endswith(" mtools cppcheck clang-tidy clang-format babeltrace2"),
         "--analyze")
    case("--prove: a package that only Debian 12 has, and that --list leaves out", root,
         lambda s, o, calls: s == 2 and calls.rstrip().endswith(" mtools frama-c-base"), "--prove")
    check_goals()
check_help()
check_make()
check_gnu_efi()
tap.done()
