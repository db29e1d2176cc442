#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/run, with a program in QEMU's place that writes a given log and ends in a given way: the runner's exit status
is 0 for a good run only, and it never waits for a machine that has nothing more to say."""
import concurrent.futures
import fcntl
import os
import re
import shlex
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools/modules"))
import kernel_log  # noqa: E402
import source_tree  # noqa: E402
import tap  # noqa: E402

LOGS = os.path.join(tap.TOP, "tests", "logs")
CAN_BOOT = os.path.isdir("/usr/share/OVMF")
ENVIRONMENT = {"FW": "ovmf-x64", "MEM": "256M", "CPU": "max", "MACHINE": "q35", "ACCEL": "tcg", "OPTIONS": ""}


class Stub:
    """A directory with a boot volume, and with a qemu-system-x86_64 that runs a shell script."""

    def __init__(self, directory):
        self.directory = directory
        self.image = os.path.join(directory, "pagewright.img")
        with open(self.image, "wb") as file:
            file.truncate(1440 * 1024)
        tap.run("mformat", "-i", self.image, "-f", "1440", "::")
        tap.run("mmd", "-i", self.image, "::/pagewright")

    def run(self, script, *arguments, **environment):
        """Runs the runner; returns its status, its output and the seconds that it took."""
        qemu = os.path.join(self.directory, "qemu-system-x86_64")
        with open(qemu, "w", encoding="utf-8") as file:
            # The process id and the arguments stay, for what is to be checked after the run.
            file.write(f"#!/bin/bash\necho $$ >{self.directory}/pid\n"
                       f"printf '%s\\n' \"$@\" >{self.directory}/arguments\n"
                       f"volume=$(grep -o 'file=.*/volume.img' {self.directory}/arguments | cut -d= -f2)\n{script}\n")
        os.chmod(qemu, 0o755)
        path = self.directory + ":" + os.environ["PATH"]
        began = time.monotonic()
        status, output = tap.run("tools/run", "--image", self.image, *arguments,
                                 env={**os.environ, **ENVIRONMENT, "PATH": path, **environment})
        return status, output, time.monotonic() - began

    def text(self, name):
        """The text that the stand-in for QEMU wrote into a file."""
        return kernel_log.read_bytes(os.path.join(self.directory, name)).decode()


def alive(pid):
    """Is there a process of this number (a zombie counts as none)?"""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def run_beside(directory, cases_of, **environment):
    """Runs cases_of(stub), a list of (label, script, arguments, ...), six at a time, because most of them wait. Returns for each its
    stub, the case, and the runner's status, output and seconds."""
    def one(number):
        stub = Stub(tempfile.mkdtemp(dir=directory))
        case = cases_of(stub)[number]
        more = {name: value.format(case[0]) for name, value in environment.items()}
        return (stub, case, *stub.run(case[1], *case[2], **more))

    count = len(cases_of(Stub(tempfile.mkdtemp(dir=directory))))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        return list(pool.map(one, range(count)))


def ends_of(_):
    """How the machine can end: the label, its script, arguments of the runner, the status and the output that are wanted."""
    good = shlex.quote(os.path.join(LOGS, "good.log"))
    hang = shlex.quote(os.path.join(LOGS, "hang.log"))
    loader = shlex.quote(os.path.join(LOGS, "loader-error.log"))
    limits = ("--timeout", "3", "--stall", "2")
    said = "".join(f"  {text}\\r\\n" for text in (
        "loader: error: x", "Kernel panic - not syncing: x", "failed to load Boot0001: Access Denied",
        "verdict: result=pass suites=1 programs=1 passed=2 failed=0 skipped=0", "y" * 500 + "loader: error: x"))
    return [
        ("a good log and status 33", f"cat {good}; exit 33", (), 0, r"^PASS: "),
        ("a good log, one byte at a time", f"dd if={good} bs=1 status=none; exit 33", (), 0, r"^PASS: "),
        ("a good log and status 0", f"cat {good}; exit 0", (), 1, r"^FAIL: (.|\n)*triple fault"),
        ("a good log and status 35", f"cat {good}; exit 35", (), 1, r"status is 35"),
        ("a good log and a signal", f"cat {good}; kill -SEGV $$", (), 1, r"status is -11"),
        ("no log and status 33", "exit 33", (), 1, r"log is empty"),
        ("a cut log and status 33", f"cat {hang}; exit 33", (), 1, r"ends within"),
        ("a machine that hangs", f"cat {hang}; exec sleep 60", limits, 1,
         r"stopped by the runner: nothing came for 2 s"),
        ("a machine that talks for ever", f"cat {hang}; while :; do echo again; sleep 0.2; done", limits, 1,
         r"stopped by the runner: time limit of 3 s"),
        ("a serial line that closes early", f"cat {good}; exec >&-; exec sleep 1", (), 1, r"status is 0"),
        ("a loader that gives up", f"cat {loader}; exec sleep 60", ("--timeout", "30"), 1,
         r"stopped by the runner: the loader gave up"),
        ("a program that says what the kernel, the loader and the firmware say", f"sed 's/^  ok 1 /{said}&/' {good}; exit 33",
         (), 0, r"^PASS: "),
        ("the same, and more comes late", f"sed 's/^  ok 1 /{said}&/;/^verdict/q' {good} | head -n -1; sleep 5; "
         f"tail -n 1 {good}; exit 33", (), 0, r"^PASS: "),
        ("firmware that refuses the loader", "echo 'BdsDxe: failed to load Boot0001 \"x\" from Pci(0x1): Access Denied';"
         " exec sleep 60", ("--timeout", "30"), 1, r"stopped by the runner: the firmware refused the loader"),
    ]


def check_ends(directory):
    """What the runner makes of an end of the machine."""
    for stub, (name, _, _, wanted, pattern), status, output, seconds in run_beside(directory, ends_of):
        right = status == wanted and re.search(pattern, output, re.MULTILINE) and seconds < 10
        tap.result(bool(right), f"{name}: exit status {wanted}",
                   [f"status {status} after {seconds:.1f} s; wanted {wanted} and {pattern}", output])
        tap.result(not alive(stub.text("pid").strip()), f"{name}: QEMU is gone")


def chosen_ends_of(stub):
    """The same for exit= and its value. QEMU's side of the control socket is played by the script."""
    good = shlex.quote(os.path.join(LOGS, "good.log"))
    control = (f"fd=$(sed -n 's/.*id=control,fd=//p' {stub.directory}/arguments); read -r -u $fd; "
               "echo '{\"return\": {}}' >&$fd; ")
    event = "echo '{\"event\": \"SHUTDOWN\", \"data\": {\"reason\": \"%s\"}}' >&$fd; exit 0"
    answer = " read -r -u $fd command; echo \"$command\" >%s/command; echo '%s' >&$fd; exec sleep 60"
    done, refused = '{"return": {}}', '{"error": {"desc": "no screen"}}'
    picture = ("--screenshot", os.path.join(stub.directory, "screen.png"))
    ends = [
        ("poweroff", f"cat {good}; " + event % "guest-shutdown", (), 0, r"^PASS: "),
        ("poweroff", f"cat {good}; " + event % "guest-reset", (), 1, r"exit=poweroff: .* reason guest-reset"),
        ("poweroff", f"cat {good}; exit 0", (), 1, r"exit=poweroff: .* reason None"),
        ("poweroff", f"cat {good}; exit 33", (), 1, r"status 33"),
        ("reboot", f"cat {good}; " + event % "guest-reset", (), 0, r"^PASS: "),
        ("reboot", f"cat {good}; " + event % "guest-shutdown", (), 1, r"exit=reboot: .* reason guest-shutdown"),
        ("halt", f"cat {good}; exec sleep 60", (), 0, r"^PASS: "),
        ("halt", f"head -c 500 {good}; exec sleep 60", ("--stall", "2"), 1, r"nothing came for 2 s"),
        ("qemu", f"cat {good};" + answer % (stub.directory, done), picture, 0, r"^PASS: "),
        ("qemu", f"cat {good};" + answer % (stub.directory, refused), picture, 1, r"no picture of the screen: no screen"),
    ]
    return [(end[0], control + end[1], *end[2:]) for end in ends]


def check_chosen_ends(directory):
    """exit= says how the machine has to end."""
    asked = []
    for stub, (option, _, arguments, wanted, pattern), status, output, seconds in run_beside(directory, chosen_ends_of,
                                                                                             OPTIONS="mem=64M exit={}"):
        if option == "qemu":
            asked.append(stub.text("command"))
        right = status == wanted and re.search(pattern, output, re.MULTILINE) and seconds < 10
        tap.result(bool(right), f"exit={option} {' '.join(arguments[:1])}: exit status {wanted}, {pattern}",
                   [f"status {status} after {seconds:.1f} s", output])
        tap.result(not alive(stub.text("pid").strip()), f"exit={option}: QEMU is gone")
    tap.result(all('"screendump"' in text and '"png"' in text for text in asked), "--screenshot asks for a PNG", asked)


def check_farewell():
    """wait= lengthens the time that the machine has for its end. Asked of the runner itself: the time is longer than a test."""
    run = source_tree.load("run")
    for options, wanted in (("mem=64M", 0), ("wait=30", 30), ("wait=30 exit=halt wait=7", 7), ("await=30", 0), ("wait=x", 0)):
        sys.argv = ["run", "--options", options]
        tap.result(run.arguments().farewell == run.FAREWELL + wanted, f"{options}: {wanted} s more for the end")


def check_volume(stub):
    """The files that the runner puts on the volume, and that the image stays as it was."""
    before = kernel_log.read_bytes(stub.image)
    script = (f'mtype -i "$volume" ::/pagewright/pagewright.txt >{stub.directory}/options;'
              f' mtype -i "$volume" ::/pagewright/initramfs.cpio >{stub.directory}/extra; exit 33')
    stub.run(script, "--file", os.path.join(LOGS, "hang.log") + "=pagewright/initramfs.cpio", OPTIONS="mem=64M init='a b'")
    options = stub.text("options").split("\n")
    tap.result("exit=qemu" in [line.strip() for line in options] and "mem=64M init='a b'" in
               [line.strip() for line in options], "the options are in pagewright.txt, after exit=qemu", options)
    tap.result(stub.text("extra") == kernel_log.read_bytes(os.path.join(LOGS, "hang.log")).decode(),
               "--file puts a file on the volume")
    tap.result(kernel_log.read_bytes(stub.image) == before, "the image itself does not change")
    left = os.listdir(os.path.join(stub.directory, "run"))
    tap.result(all(name.endswith(".log") for name in left), "only logs are left", left)


def check_logs(stub):
    """A log that another run writes to is left alone."""
    def named():
        return re.search(r"\(log: (.*)\.log\)", stub.run("exit 33")[1])[1]
    first = named()
    with open(os.path.join(tap.TOP, first + ".log"), "rb") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        beside = named()
    after = named()
    tap.result([beside, after] == [first + "-2", first], "a log that another run writes to is left alone", [first, beside, after])


def check_refusals(stub):
    """A program that cannot be started ends the runner with status 2 and a line that names it."""
    for environment, arguments, pattern in (
            ({"FW": "bios"}, (), r"FW=bios: unknown; there are ovmf-x64, ovmf-ia32"),
            ({"MEM": "lots"}, (), r"MEM=lots"),
            ({"FW": "ovmf-ia32", "MACHINE": "pc"}, (), r"FW=ovmf-ia32 runs on MACHINE=q35 only"),
            ({"FW": "uboot-x64", "MEDIA": "tape"}, (), r"MEDIA=tape: unknown"),
            ({"VIDEO": "hercules"}, (), r"VIDEO=hercules: unknown"),
            ({}, ("--file", "/nonexistent=kernel.elf"), r"--file /nonexistent=kernel.elf"),
            ({}, ("--image", "/nonexistent.img"), r"/nonexistent.img is missing")):
        status, output, _ = stub.run("exit 33", *arguments, **environment)
        tap.result(status == 2 and re.search("^run: .*" + pattern, output, re.MULTILINE),
                   f"refused: {environment or arguments}", [f"status {status}", output])


if not CAN_BOOT:
    tap.skip_all("no firmware is installed")
with tempfile.TemporaryDirectory() as scratch:
    check_ends(scratch)
    check_farewell()
    check_chosen_ends(scratch)
    check_volume(Stub(scratch))
    check_logs(Stub(tempfile.mkdtemp(dir=scratch)))
    check_refusals(Stub(scratch))
tap.done()
