#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The terminal of programs: the same keys, typed at the same program on a terminal of this machine's Linux and on Pagewright, show the
same: lines and their editing, signals, jobs in the background, single characters, the end."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/modules"))
import tap  # noqa: E402

SETTINGS = {"FW": "", "MEM": "128M", "CPU": "max", "MACHINE": "q35", "SWAP": "", "OPTIONS": "", "TERM": "dumb"}
TIMEOUT = 60
SIZE = (33, 99)
# What is waited for, and what is typed then.
KEYS = [
    (b"line\r", b"abx\x7fc d\x17e\r"),
    (b"interrupt\r", b"half"),
    (b"half", b"\x03"),  # at once, Linux would drop the echo before it is shown
    (b"job waits\r", b"\x1a"),
    (b"again\r", b"\x03"),
    (b"stopped by 21\r", b"for the job\r"),
    (b"raw\r", b"a\x03\r"),
    (b"end\r", b"\x04"),
]


def converse(command, **environment):
    """Runs the command on a terminal of its own, and types; returns its status and what was shown, or why there is none."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(tap.TOP)
        os.execvpe(command[0], command, {**os.environ, **SETTINGS, **environment})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    shown, seen, end = b"", 0, time.monotonic() + TIMEOUT
    keys = list(KEYS)
    while True:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            os.kill(pid, signal.SIGKILL)
            break
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
        while keys and keys[0][0] in shown[seen:]:
            wanted, typed = keys.pop(0)
            seen = shown.index(wanted, seen) + len(wanted)
            time.sleep(0.05)  # so that the program waits for it
            os.write(terminal, typed)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return status, shown


def lines(shown):
    """Without the returns: QEMU's terminal adds some."""
    return shown.replace(b"\r", b"").decode(errors="replace").split("\n")


with tempfile.TemporaryDirectory(prefix="terminal-") as directory:
    native, program = os.path.join(directory, "native"), os.path.join(directory, "program")
    tap.run("gcc", "-O1", "-o", native, "tests/boot/terminal-program.c")
    tap.run("gcc", "-m32", "-O1", "-static", "-o", program, "tests/boot/terminal-program.c")
    status, shown = converse([native])
    linux = lines(shown)
    tap.result(status == 5 and "end" in linux, "on Linux the program comes to its end", [str(status), repr(shown)])
    status, shown = converse(["tools/run", "--timeout", str(TIMEOUT), "--program", program], OPTIONS=f"tty={SIZE[1]}x{SIZE[0]}")
    here = lines(shown)
    tap.result(here == linux, "the same keys show the same on Pagewright",
               [f"{a!r}: on Linux {b!r}" for a, b in zip(here + [""] * len(linux), linux + [""] * len(here)) if a != b] + [repr(shown)])
    tap.result(status == 5, "its status is the program's", str(status))
tap.done()
