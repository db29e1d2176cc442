# SPDX-License-Identifier: MIT
"""A machine in QEMU that resets as a PC does: memory keeps its contents."""
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from types import SimpleNamespace

import tap
from qemu_machine import command_line, volume_offset

SECONDS = 240
os.environ["PATH"] += ":/usr/sbin:/sbin"
LEAVING = b"loader: leaving the firmware"
IMAGE = os.path.join(tap.BUILD, "pagewright.img")


class Machine:
    """A machine that resets, with a copy of the image and a variable store of its own."""

    def __init__(self, directory, firmware, memory, options, media="disk", machine="q35", cpu="max"):
        self.volume = os.path.join(directory, "volume.img")
        self.store = os.path.join(directory, "vars.fd")
        arguments = SimpleNamespace(fw=firmware, machine=machine, cpu=cpu, mem=memory, accel="tcg", media=media, video="std",
                                    swap="", swapdev="ahci", gdb=False, icount=False, extra=[], terminal=False)
        self.command = [word for word in command_line(arguments, directory) if word != "-no-reboot"]
        subprocess.run(["cp", "--sparse=always", IMAGE, self.volume], check=True)
        self.at = f"{self.volume}@@{volume_offset(self.volume)}"
        self.put("pagewright/pagewright.txt", options)

    def put(self, name, text):
        subprocess.run(["mcopy", "-o", "-i", self.at, "-", "::/" + name], input=text.encode(), check=True)

    def get(self, name):
        """A file of the volume, as bytes; None: there is none."""
        ended = subprocess.run(["mcopy", "-i", self.at, "::/" + name, "-"], stdin=subprocess.DEVNULL, check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return ended.stdout if ended.returncode == 0 else None

    def listing(self):
        """Every file and directory of the volume, with sizes, and how much is free."""
        return tap.run("mdir", "-/", "-a", "-i", self.at, "::/")[1]

    def fill(self, rest):
        """Writes a file that leaves so many bytes free; returns the listing then."""
        free = int(re.findall(r"([\d ]+) bytes free", self.listing())[-1].replace(" ", ""))
        self.put("filler", "x" * (free - rest))
        return self.listing()

    def damage(self):
        """The errors that fsck.fat finds on the volume; "": none."""
        start = volume_offset(self.volume)
        with tempfile.NamedTemporaryFile() as copy:
            subprocess.run(["dd", f"if={self.volume}", f"of={copy.name}", f"skip={start}", "iflag=skip_bytes", "bs=1M", "status=none"],
                           check=True)
            status, output = tap.run("fsck.fat", "-n", copy.name)
        return output if status else ""

    def boot(self, loaders, last=LEAVING, each=None):
        """Runs until the loader has printed `last` so many times, or for SECONDS for each two.

        Returns the serial line's bytes. each(n) is called when `last` came the n-th time; meanwhile the
        machine is stopped, so that each() may change the volume for the start after the reset.
        """
        data = b""
        end = time.monotonic() + SECONDS * max(1, loaders / 2)
        with subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as qemu:
            while data.count(last) < loaders and time.monotonic() < end:
                if select.select([qemu.stdout], [], [], 1)[0]:
                    new = os.read(qemu.stdout.fileno(), 65536)
                    if not new:
                        break
                    said = data.count(last)
                    data += new
                    for number in range(said + 1, data.count(last) + 1) if each else ():
                        qemu.send_signal(signal.SIGSTOP)
                        each(number)
                        qemu.send_signal(signal.SIGCONT)
            qemu.kill()
        return data
