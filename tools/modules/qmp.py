# SPDX-License-Identifier: MIT
"""QEMU's machine protocol (QMP), the part for the runner: pictures, and how the machine ended.

    runner ──socketpair──> QEMU: -chardev socket,fd=N -mon mode=control

A pair of sockets and no path: paths of sockets may have 107 characters, and build directories have more.
"""
import json
import os
import socket

SECONDS = 20  # limit for an answer


class Control:
    """One connection. Before QEMU starts: arguments(); after it: begun()."""

    def __init__(self):
        self.ours, self.theirs = socket.socketpair()
        self.ours.settimeout(SECONDS)
        self.pending = b""
        self.unanswered = 0  # commands that were posted, and whose answer has not been read
        self.events = []

    def arguments(self):
        return ["-chardev", f"socket,id=control,fd={self.theirs.fileno()}", "-mon", "chardev=control,mode=control"]

    def begun(self):
        """QEMU has its end now; close ours, or the end of QEMU would not be seen."""
        self.theirs.close()

    def close(self):
        self.ours.close()

    def _message(self):
        """The next message of QEMU; None when it has gone."""
        while b"\n" not in self.pending:
            data = self.ours.recv(65536)
            if not data:
                return None
            self.pending += data
        line, _, self.pending = self.pending.partition(b"\n")
        return json.loads(line)

    def post(self, command, **arguments):
        """Gives one command and does not wait: QEMU may be the one that hangs."""
        self.unanswered += 1
        try:
            self.ours.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        except OSError:
            pass  # QEMU has ended

    def execute(self, command, **arguments):
        """One command. Returns None, or the error."""
        self.post(command, **arguments)
        try:
            while True:
                message = self._message()
                if message is None:
                    return "QEMU has ended"
                if "event" in message:
                    self.events.append(message)
                elif "return" in message or "error" in message:
                    self.unanswered -= 1
                    if not self.unanswered:
                        return message.get("error", {}).get("desc")
        except OSError as error:
            return str(error)

    def screenshot(self, path):
        """Writes the screen, as PPM if the path ends in .ppm, else as PNG. Returns None, or the error."""
        kind = "ppm" if path.endswith(".ppm") else "png"
        return self.execute("screendump", filename=os.path.abspath(path), format=kind)

    def end(self):
        """Why QEMU ended: "guest-shutdown", "guest-reset", ...; None: unknown."""
        try:
            message = self._message()
            while message is not None:
                if "event" in message:
                    self.events.append(message)
                message = self._message()
        except OSError:
            pass
        reasons = [event["data"].get("reason") for event in self.events if event["event"] == "SHUTDOWN"]
        return reasons[0] if reasons else None
