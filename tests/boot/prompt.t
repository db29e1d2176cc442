#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`make shell`: the prompt comes soon, the lines of docs/prompt.md have the outputs that the page shows, and ^C, ^Z and job control
work on a terminal. Without BusyBox the monitor does the same for the programs of this project."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402

SETTINGS = {"FW": "", "MEM": "256M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": ""}
PROMPT_SECONDS = 15
SECONDS = 60
BUSYBOX = os.path.join(tap.BUILD, "clients", "bin", "busybox")


class Prompt:
    """A machine with a prompt, on a terminal of 100 columns and 30 rows."""

    def __init__(self, build, prompt):
        self.prompt = prompt
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.runner = subprocess.Popen(["tools/run", "--shell", "--env", "PS1='/ # '"], cwd=tap.TOP, stdin=slave, stdout=slave, stderr=slave,
                                       env={**os.environ, **SETTINGS, "BUILD": build, "TERM": "dumb"}, start_new_session=True)
        os.close(slave)
        began = time.monotonic()
        self.read()
        self.seconds = time.monotonic() - began

    def read(self, until=None, seconds=SECONDS):
        """The output up to a text, by default the prompt; CR and the question for the cursor removed."""
        until, text, end = until or self.prompt, "", time.monotonic() + seconds
        while time.monotonic() < end and not text.endswith(until):
            if select.select([self.master], [], [], 0.5)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    break
                text = (text + data.decode(errors="replace")).replace("\r", "").replace("\x1b[6n", "")
        return text

    def type(self, text):
        os.write(self.master, text.encode())

    def command(self, line):
        """The lines that a command prints."""
        self.type(line + "\n")
        text = self.read().removesuffix(self.prompt.lstrip("\n"))
        return text.split("\n", 1)[1].split("\n")[:-1] if "\n" in text else [text]

    def leave(self, word="exit"):
        """Ends the run by a word of the shell; returns the runner's status."""
        self.type(word + "\n")
        self.read("nothing that comes", 10)
        try:
            return self.runner.wait(timeout=20)
        except subprocess.TimeoutExpired:
            return self.stop()

    def stop(self):
        """Ends the runner, and with it QEMU."""
        self.runner.terminate()
        self.runner.wait(timeout=20)
        return "stopped"


def page():
    """The commands of docs/prompt.md, each with the lines that it prints."""
    with open(os.path.join(tap.TOP, "docs", "prompt.md"), encoding="utf-8") as file:
        text = file.read().split("## Twelve ideas")[1]
    found = []
    for line in re.findall(r"^    (.*)$", text, re.MULTILINE):
        if line.startswith("# "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found, len(re.findall(r"^### \d+\. ", text, re.MULTILINE))


def same(lines):
    """Lines without what differs from boot to boot: numbers of more than one digit, and blanks. Addresses below the kernel stay."""
    plain = [re.sub(r"\b(?!0x0+\b|0xbf|0xc0)(0x[0-9a-f]+|\d{2,})%?", "N", re.sub(r"\b\d%", "N", line)) for line in lines]
    return [re.sub(r"\s+", " ", re.sub(r"(?<=\s)\d+(?=\s|$)", "N", line)).strip() for line in plain]


def check_page(prompt):
    """Each line of the page prints what the page shows."""
    commands, ideas = page()
    tap.result(ideas == 12 and len(commands) >= 12, "the page has twelve ideas", str((ideas, len(commands))))
    for line, wanted in commands:
        printed = prompt.command(line)
        tap.result(same(printed) == same(wanted), f"docs/prompt.md: {line}", ["here:"] + printed + ["page:"] + wanted)


def check_terminal(prompt):
    """The terminal's size, ^C, ^Z, jobs, ^D, scripts, history."""
    tap.result(prompt.command("stty size") == ["30 100"], "the size of the terminal")
    prompt.type("sleep 1000\n")
    time.sleep(0.5)
    prompt.type("\x03")
    prompt.read()
    tap.result(prompt.command("echo $?") == ["130"], "^C ends a program")
    prompt.type("sleep 1000\n")
    time.sleep(0.5)
    prompt.type("\x1a")
    stopped = prompt.read()
    tap.result("Stopped" in stopped, "^Z stops a program", stopped)
    jobs = prompt.command("jobs")
    tap.result(len(jobs) == 1 and "Stopped" in jobs[0] and "sleep 1000" in jobs[0], "jobs lists it", jobs)
    prompt.command("kill -9 %1")
    prompt.command("sleep 1000 & sleep 1; kill $!; wait $!; result=$?")
    tap.result(prompt.command("echo result $result")[-1:] == ["result 143"], "a job in the background is ended")
    prompt.type("cat >/tmp/typed\n")
    time.sleep(0.3)
    prompt.type("typed text\n\x04")
    prompt.read()
    tap.result(prompt.command("cat /tmp/typed") == ["typed text"], "^D ends the input")
    prompt.command("printf '#!/bin/sh\\necho script $1\\n' >/tmp/script; chmod +x /tmp/script")
    tap.result(prompt.command("/tmp/script one") == ["script one"], "/bin/sh runs scripts")
    tap.result(prompt.command("df / /dev/shm | awk '{ print $6 }'") == ["Mounted", "/", "/dev/shm"], "df shows what is mounted")
    printed = prompt.command("uptime; cat /proc/loadavg")
    # uptime, which asks sysinfo(2), rounds down; the other rounds to the nearest.
    loads = [[float(load) for load in re.findall(r"\d+\.\d\d", line)] for line in printed]
    tap.result(len(loads) == 2 and len(loads[0]) == len(loads[1]) == 3 and all(abs(a - b) < 0.015 for a, b in zip(*loads)),
               "uptime and /proc/loadavg tell the same load", printed)
    prompt.command("echo kept")
    prompt.type("\x1b[A\n")
    history = prompt.read()
    tap.result("echo kept" in history and "\nkept\n" in history, "the arrow brings the last line", history)


def check_busybox():
    """The shell of BusyBox, if it was fetched."""
    if not os.path.exists(BUSYBOX):
        tap.result(True, "the prompt of BusyBox", directive="SKIP no busybox: make clients fetches it")
        return
    prompt = Prompt(tap.BUILD, "/ # ")
    tap.result(prompt.seconds < PROMPT_SECONDS, f"the prompt comes within {PROMPT_SECONDS} s", f"{prompt.seconds:.1f} s")
    try:
        check_page(prompt)
        check_terminal(prompt)
        tap.result(prompt.command("echo marked >/dev/kmsg; dmesg | tail -n 1 | sed 's/.*] //'") == ["marked"],
                   "dmesg shows the log", prompt.command("dmesg | tail -n 3"))
        prompt.command("sleep 1000 &")
        status = prompt.leave("poweroff -f; sleep 10; exit 3")
        tap.result(status == 0, "poweroff -f ends the machine, and memory is as before", str(status))
    finally:
        prompt.stop()


def check_monitor(directory):
    """The same build without BusyBox."""
    for name in ("direct.elf", "kernel.elf", "initramfs.cpio", "initramfs"):
        os.symlink(os.path.join(tap.BUILD, name), os.path.join(directory, name))
    prompt = Prompt(directory, "\n> ")
    try:
        tap.result("frames" in "".join(prompt.command("help")), "the monitor has help")
        for line, last in (("cow", "parent, after its write"), ("frames", "H large pages"), ("areas", "sum"), ("buddy", "HighMem"),
                           ("pagetable self 0", "-> not present"), ("show /proc/meminfo", ""), ("hog 4 1", "touched")):
            printed = prompt.command(line)
            tap.result(printed and last in printed[-1], f"the monitor: {line}", printed)
        pid = next(n for n in range(1, 30) if "shell" in prompt.command(f"show /proc/{n}/status")[0])
        printed = prompt.command(f"areas {pid}")
        tap.result(any("/bin/shell" in line for line in printed), "the monitor: areas of another process", printed)
        printed = prompt.command(f"pagetable {pid} 0xbfffff00")
        tap.result("-> frame" in printed[-1], "the monitor: pagetable of another process", printed)
        tap.result("error 2" in prompt.command("nothing")[0], "the monitor: no such program")
        status = prompt.leave()
        tap.result(status == 0, "exit ends the machine, and memory is as before", str(status))
    finally:
        prompt.stop()


check_busybox()
with tempfile.TemporaryDirectory(prefix="pagewright-") as scratch:
    check_monitor(scratch)
tap.done()
