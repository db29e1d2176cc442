# SPDX-License-Identifier: MIT
"""Runs a folder of programs that others wrote on Pagewright and on a Linux guest, and tells how each ended.

    folder of static i386 programs + tests/conformance/driver.c ─┬─> tools/run --tree       one boot of Pagewright
                                                                 └─> QEMU: Debian's kernel  one boot of Linux

Both run as process trees of root in an emulated machine: what a program does wrong stays there. The head comment
of the driver has the form of its output.
"""
import os
import re
import shutil
import stat
import subprocess
import tempfile

import cpio
import linux_oracle
import linux_peer
import own_program
import tap

DRIVER = os.path.join(tap.TOP, "tests", "conformance", "driver.c")
ORDER = 8  # programs for one line of orders of the Linux guest: tests/oracle/init.c limits the time of a line


def compile_driver(build):
    """The driver, as a static program."""
    to = os.path.join(build, "driver")
    os.makedirs(build, exist_ok=True)
    subprocess.run([os.environ.get("CC") or "gcc", "-m32", "-static", "-O2", "-Wall", "-Wextra", "-Werror", "-o", to, DRIVER], check=True)
    return to


def parse(text):
    """{name: (how it ended, the last lines of its output)}; a program that never ended is "the machine stopped"."""
    ended, name, lines = {}, None, []
    for line in text.splitlines():
        line = line.removeprefix("| ") if line.startswith("| @@ ") else line
        begin, end = re.match(r"@@ begin (\S+)", line), re.match(r"@@ end (\S+) (.*)", line)
        if begin:
            name, lines = begin[1], []
            ended[name] = ("the machine stopped", lines)
        elif end and end[1] == name:
            ended[name], name = (end[2], lines), None
        elif name:
            lines.append(re.sub(r"^(\| )+", "", line))
    return ended


def here(tree, orders, seconds, driver, memory="512M", environment="", timeout=1800, swap=""):
    """Runs the orders (name, with arguments) of the folder on Pagewright. Returns parse() of it, and the whole text."""
    with tempfile.TemporaryDirectory(prefix="pagewright-") as stage:
        packed = os.path.join(stage, "tree")
        shutil.copytree(tree, packed, copy_function=os.link, symlinks=True)
        shutil.copy(driver, os.path.join(packed, "driver"))
        with open(os.path.join(packed, "list"), "w", encoding="ascii") as file:
            file.writelines(order + "\n" for order in orders)
        command = ["tools/run", "--timeout", str(timeout), "--mem", memory, "--program", os.path.join(packed, "driver"), "--tree", packed,
                   f"--args={seconds} /programs/list", f"--env={environment}"] + (["--swap", swap] if swap else [])
        settings = {"FW": "direct", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": os.environ.get("CONFORMANCE_OPTIONS", "")}
        ended = subprocess.run(command, cwd=tap.TOP, env={**os.environ, **settings}, stdin=subprocess.DEVNULL, check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = ended.stdout.decode(errors="replace").replace("\r", "")
    return parse(text), text


def guest_archive(tree, orders, seconds, driver, environment, path):
    """The initramfs of the Linux guest."""
    init = os.path.join(tap.BUILD, "oracle", "init")
    if not os.path.exists(init):
        raise linux_oracle.OracleError(f"{os.path.relpath(init, tap.TOP)} is missing; type: make oracle")
    lists = [orders[at:at + ORDER] for at in range(0, len(orders), ORDER)]
    variables = "".join(" " + word for word in environment.split())
    with open(path, "wb") as out:
        archive = cpio.Archive(out)
        for folder in ("tests", "programs", "bin", "etc"):
            archive.add(folder, stat.S_IFDIR | 0o755)
        own_program.add_file(archive, "init", init)
        own_program.add_file(archive, "tests/driver", driver)
        for name, file in own_program.entries(tree):
            own_program.add_file(archive, "programs/" + name, file)
        text = ""
        for at, part in enumerate(lists):
            archive.add(f"programs/list{at}", stat.S_IFREG | 0o644, "".join(order + "\n" for order in part).encode())
            text += f"driver {seconds} /programs/list{at} /programs{variables}\n"
        archive.add("orders", stat.S_IFREG | 0o644, text.encode())
        archive.end()


def on_linux(tree, orders, seconds, driver, memory="1G", environment="", timeout=1800):
    """The same on a Linux guest."""
    kernel = linux_peer.fetch(tap.BUILD, linux_oracle.USUAL.package, "amd64", linux_oracle.USUAL.suite, linux_oracle.USUAL.folder)
    with tempfile.TemporaryDirectory(prefix="pagewright-") as stage:
        archive, log = os.path.join(stage, "guest.cpio"), os.path.join(stage, "log")
        guest_archive(tree, orders, seconds, driver, environment, archive)
        command = ["qemu-system-x86_64", "-accel", "tcg", "-M", "q35", "-cpu", "max", "-m", memory, "-display", "none", "-monitor", "none",
                   "-no-reboot", "-net", "none", "-serial", f"file:{log}", "-kernel", kernel, "-initrd", archive,
                   "-append", linux_oracle.COMMAND_LINE]
        try:
            subprocess.run(command, check=False, timeout=timeout, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            pass  # its output until then counts
        with open(log, encoding="utf-8", errors="replace") as file:
            text = file.read().replace("\r", "")
    return parse(text), text
