# SPDX-License-Identifier: MIT
"""The oracle: ring-3 programs on this machine's Linux, or on a guest's if that runs no i386 programs.

    run(directory, orders) ──> this Linux executes them             {order: (status, output in bytes)}
                          └──> QEMU: Debian's kernel (linux_peer.py) + BUILD/oracle/init, tests/oracle/init.c

An order is (NAME, ARGUMENT...); each program gets its path as argument 0, no environment and /dev/null
as its input. on_guest() always asks a guest, which the caller may choose, and takes files for the programs
with it.
"""
import errno
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections import namedtuple

import linux_peer
import tap

SECONDS = 60         # for one program here
GUEST_SECONDS = 900  # for all of them in an emulated machine
Guest = namedtuple("Guest", "suite package folder cpu")  # the package's kernel is kept in this folder of the build
# A 64-bit kernel, as on machines that run the programs themselves: the i386 kernel differs in
# selectors and some error codes. The cloud kernel is the smallest.
USUAL = Guest("trixie", "linux-image-cloud-amd64", "oracle-kernel", "max")
# A release of today: older ones answer some calls in another way. The one for clouds refuses segments of 16 bits.
NEWEST = Guest("trixie-backports", "linux-image-amd64", "oracle-newest", "max")
# As Pagewright. But there Linux never ends a program that overflows its alternate signal stack.
WITHOUT_KEYS = NEWEST._replace(cpu="max,-pku")
# Linux's defaults, but without its console messages and the mitigations, which cost time.
COMMAND_LINE = "console=ttyS0 quiet loglevel=0 panic=-1 rdinit=/init mitigations=off"


class OracleError(Exception):
    """Linux could not run; the text says why."""


def executes_i386():
    """Does this machine's Linux execute i386 programs? tools/host-bits has the test."""
    return tap.run("tools/host-bits")[1].strip() == "32"


def on_this_linux(directory, order):
    """(status, output) of one program; the status is "timeout" if it did not end. What this process may ignore, such as
    SIGQUIT in the background of a script, the program does not inherit."""
    try:
        ended = subprocess.run(["/usr/bin/env", "-i", "--default-signal", os.path.join(directory, order[0]), *order[1:]],
                               timeout=SECONDS, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               check=False)
    except subprocess.TimeoutExpired:
        return "timeout", b""
    except OSError as error:
        raise OracleError(f"{order[0]}: {errno.errorcode.get(error.errno, error)}") from error
    return ended.returncode, ended.stdout


def make_initramfs(directory, orders, files, path):
    """An archive of the guest's process 1, the programs, and files for them: {name in /tests: bytes}."""
    with tempfile.TemporaryDirectory() as stage:
        os.mkdir(os.path.join(stage, "tests"))
        shutil.copy(os.path.join(tap.BUILD, "oracle", "init"), os.path.join(stage, "init"))
        with open(os.path.join(stage, "orders"), "w", encoding="ascii") as file:
            file.writelines(" ".join(order) + "\n" for order in orders)
        names = ["init", "orders", "tests"]
        for name in sorted({order[0] for order in orders}):
            shutil.copy(os.path.join(directory, name), os.path.join(stage, "tests", name))
            names.append("tests/" + name)
        for name, data in files.items():
            with open(os.path.join(stage, "tests", name), "wb") as file:
                file.write(data)
            names.append("tests/" + name)
        with open(path, "wb") as out:
            subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=stage, input="\n".join(names).encode(),
                           stdout=out, check=True)


def parse(data):
    """{line of the orders: (status, output)} of a guest's log."""
    ran, name, lines = {}, None, []
    for line in data.split(b"\n"):
        begin = re.fullmatch(rb"oracle: begin (.*)", line)
        end = re.fullmatch(rb"oracle: end (\d+)", line)
        if begin:
            name, lines = begin[1].decode(), []
        elif end and name is not None:
            ran[name], name = (int(end[1]), b"\n".join(lines)), None
        elif line.startswith(b"| "):
            lines.append(line[2:])
    return ran


def on_guest(directory, orders, log, files=None, guest=USUAL):
    """{order: (status, output)}, of one boot. files: for the programs, {name in /tests: bytes}; guest: one of those above."""
    init = os.path.join(tap.BUILD, "oracle", "init")
    if not os.path.exists(init):
        raise OracleError(f"{os.path.relpath(init, tap.TOP)} is missing; type: make oracle")
    try:
        kernel = linux_peer.fetch(tap.BUILD, guest.package, "amd64", guest.suite, guest.folder)
    except linux_peer.PeerError as error:
        raise OracleError(str(error)) from error
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(log + ".lock", "a", encoding="ascii") as lock:  # another run may want the same log
        fcntl.flock(lock, fcntl.LOCK_EX)
        boot(kernel, guest.cpu, directory, orders, files or {}, log)
        with open(log, "rb") as file:
            ran = parse(file.read())
    return {order: ran.get(" ".join(order), ("timeout", b"")) for order in orders}


def boot(kernel, cpu, directory, orders, files, log):
    """Lets the guest run until its end, or the end of its time."""
    archive = log + ".cpio"
    make_initramfs(directory, orders, files, archive)
    command = ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-cpu", cpu, "-m", "512", "-display", "none",
               "-monitor", "none", "-no-reboot", "-net", "none", "-serial", f"file:{log}", "-kernel", kernel,
               "-initrd", archive, "-append", COMMAND_LINE]
    try:
        subprocess.run(command, check=True, timeout=GUEST_SECONDS, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        pass  # its output until then counts; a missing program has no status
    except (subprocess.CalledProcessError, OSError) as error:
        raise OracleError(f"the Linux guest: {error}") from error
    finally:
        os.remove(archive)


def run(directory, orders, log, newer=()):
    """{order: (status, output)}. `log`: the path of a guest's log; `newer`: the programs that need the newest guest."""
    if executes_i386():
        return {order: on_this_linux(directory, order) for order in orders}
    of_today = [order for order in orders if order[0] in newer]
    ran = on_guest(directory, [order for order in orders if order[0] not in newer], log)
    return ran | on_guest(directory, of_today, log, guest=NEWEST) if of_today else ran
